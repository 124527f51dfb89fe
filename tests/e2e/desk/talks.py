"""What these tests have in common: lines of both languages, and looking for things in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playwright.async_api import expect

from tests.e2e.phone import voices
from tests.e2e.phone.clients import Phone, loud_ms, loud_spans, until
from tests.support.agent_browser import Agent, hears_more
from tests.support.product import RunningProduct
from voicebot.audio import Pcm

SAY: dict[str, Callable[[str], Pcm]] = {"en": voices.english, "ja": voices.japanese}


class Case:
    """One customer's conversation in the product's log."""

    def __init__(self, product: RunningProduct, tenant: str) -> None:
        self.product, self.tenant = product, tenant
        self.known = {row["id"] for row in product.conversations(tenant)}

    @property
    def row(self) -> dict[str, Any]:
        """The conversation that began since."""
        (row,) = [row for row in self.product.conversations(self.tenant) if row["id"] not in self.known]
        return row

    @property
    def id(self) -> str:
        return str(self.row["id"])

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        return [event for event in self.product.events(self.id) if not kind or event["type"] == kind]

    @property
    def contact(self) -> str:
        """The contact at the desk."""
        return str(self.events("ContactChanged")[-1]["handoff"])

    def changes(self) -> list[str]:
        """What became of the contact, in order."""
        return [str(event["change"]) for event in self.events("ContactChanged")]

    def said(self, who: str = "Said") -> list[str]:
        return [str(event["text"]) for event in self.events(who)]

    async def until(self, true: Callable[[Case], object], what: str, timeout_s: float = 30) -> None:
        """Wait until something is so in the log."""

        def look() -> object:
            try:
                return true(self)
            except (ValueError, IndexError, KeyError):
                return False

        await until(look, what, timeout_s)


def in_short(events: Sequence[Mapping[str, Any]]) -> str:
    """A conversation's log, a line an event."""
    lines = []
    for event in events:
        rest = {key: value for key, value in event.items() if key not in ("type", "seq", "at")}
        lines.append(f"{event['seq']} {event['at'][11:23]} {event['type']} {rest}"[:300])
    return "\n".join(lines)


async def spoken_until_handled(seat: Agent, caller: Phone, case: Case, more: Pcm) -> None:
    """Accept what is offered; customer and agent hear each other and both are written down."""
    await seat.accept()
    await seat.talking()
    await seat.active()
    await caller.say(more)
    await hears_more(seat)
    at_ms = caller.heard().ms
    await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 1000, "the caller hears the agent")
    await case.until(lambda one: one.said("AgentSaid") and after(one, "PartyJoined", "Heard"), "both are written down")
    await expect(seat.page.locator(".talk .log .turn.agent").first).to_be_visible()


def after(case: Case, first: str, then: str) -> bool:
    """Whether an event of the second kind follows one of the first."""
    kinds = [event["type"] for event in case.events()]
    return first in kinds and then in kinds[kinds.index(first) :]


async def asks_for_a_person(caller: Phone, product: RunningProduct, did: str, case: Case) -> None:
    """Call and press 0 until in the queue: the wish, and "now" to the one question that may come."""
    await caller.dial(f"sip:{did}@{product.sip}")
    await case.until(lambda one: one.events("Played"), "the bot speaks")
    await caller.keys("0")
    await case.until(lambda one: one.events("KeysPressed") and asked(one), "the wish is understood")
    if not case.changes():
        await caller.keys("0")
    await case.until(lambda one: "queued" in one.changes(), "the caller is queued")


def asked(case: Case) -> bool:
    """The bot has answered the first key."""
    kinds = [event["type"] for event in case.events()]
    return "Said" in kinds[kinds.index("KeysPressed") :]


def longest_silence_ms(sound: Pcm) -> float:
    """The longest stretch in which nothing is heard."""
    edges = [0.0, *[edge for span in loud_spans(sound) for edge in span], sound.ms]
    return max(edges[at + 1] - edges[at] for at in range(0, len(edges), 2))
