"""The consoles that are connected now, and how soon offers reach them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, Histogram

from voicebot.web.desk.frames import Offer

_log = logging.getLogger(__name__)
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)


class OpenConsoles:
    """Keeps a farewell per connection; after :meth:`drain` no new one stays."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._farewells: set[Callable[[], Awaitable[None]]] = set()
        self.draining = False
        self._gauge = Gauge("voicebot_desk_consoles", "Consoles connected now", registry=registry)
        self._offers = Histogram(
            "voicebot_desk_offer_to_screen_seconds",
            "From the offer of a contact to the frame that shows it",
            buckets=_BUCKETS,
            registry=registry,
        )

    def __len__(self) -> int:
        return len(self._farewells)

    def add(self, farewell: Callable[[], Awaitable[None]]) -> None:
        """A console connected; ``farewell`` closes it because we restart."""
        self._farewells.add(farewell)
        self._gauge.set(len(self._farewells))

    def remove(self, farewell: Callable[[], Awaitable[None]]) -> None:
        """A console is gone."""
        self._farewells.discard(farewell)
        self._gauge.set(len(self._farewells))

    def offered(self, offer: Offer, sent_at: datetime) -> None:
        """An offer has left for the screen."""
        if offer.contact.offered_at is not None:
            took_s = max(0.0, (sent_at - offer.contact.offered_at).total_seconds())
            self._offers.observe(took_s)
            _log.info("offer of %s was sent %d ms after it was made", offer.contact.id, round(took_s * 1000))

    async def drain(self, within_s: float = 5.0) -> None:
        """Close every console with 1012; they come back by themselves."""
        self.draining = True
        tasks = [asyncio.ensure_future(farewell()) for farewell in tuple(self._farewells)]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
