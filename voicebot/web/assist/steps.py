"""How like the steps of scripts the words of a talk are: the likeness of :mod:`insight`, script by script.

A script's examples are weighed when it first runs; until that is done, its steps are heard by phrases and values.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from voicebot.assist.matching.meaning import Embedding, Meaning
from voicebot.assist.model import Speaker
from voicebot.assist.scripts import Guide
from voicebot.assist.scripts.likeness import as_cards
from voicebot.assist.sources import Spoken
from voicebot.domain import Party
from voicebot.errors import UnderstandingError
from voicebot.web.assist.weighing import prepared

_log = logging.getLogger(__name__)
_AGAIN_S = 30.0
_KEPT = 40
_Key = tuple[str, str, str]


class StepLikeness:
    """A :class:`voicebot.assist.live.Likening`. ``cache_file``: where vectors of examples are kept."""

    def __init__(self, embedding: Embedding, cache_file: Path | None = None) -> None:
        self._embedding, self._cache_file = embedding, cache_file
        self._ready: dict[_Key, Meaning | None] = {}
        self._preparing: dict[_Key, asyncio.Task[None]] = {}

    async def similar(self, guide: Guide, script: str, spoken: Spoken) -> Mapping[str, float] | None:
        """See :meth:`voicebot.assist.live.Likening.similar`."""
        key = (str(guide.scripts.tenant), guide.scripts.version, script)
        if key not in self._ready:
            self._begin(key, guide, script)
            return None
        meaning = self._ready[key]
        party = Speaker.CUSTOMER if spoken.party is Party.CUSTOMER else Speaker.AGENT
        return None if meaning is None else await meaning.scores(spoken.text, spoken.language, party)

    async def ready(self, guide: Guide, script: str) -> None:
        """Wait until a script's examples are weighed, or could not be."""
        key = (str(guide.scripts.tenant), guide.scripts.version, script)
        if key not in self._ready:
            self._begin(key, guide, script)
            await asyncio.wait({self._preparing[key]})

    async def close(self) -> None:
        """Stop preparing."""
        for task in (tasks := tuple(self._preparing.values())):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, key: _Key, guide: Guide, script: str) -> None:
        if key not in self._preparing:
            self._preparing[key] = asyncio.create_task(self._prepare(key, guide, script), name="assist weighs steps")

    async def _prepare(self, key: _Key, guide: Guide, script: str) -> None:
        cards = as_cards(guide.scripts, guide.scripts.scripts[script])
        try:
            self._ready[key] = await prepared(cards, self._embedding, self._cache_file) if cards.cards else None
            while len(self._ready) > _KEPT:
                del self._ready[next(iter(self._ready))]
        except (UnderstandingError, OSError) as error:
            _log.warning("steps are heard without meaning for now: %s", type(error).__name__)
            await asyncio.sleep(_AGAIN_S)
        finally:
            self._preparing.pop(key, None)
