"""What words mean to the assist: the customer's intent, and likeness to the examples of cards.

Examples of a version are embedded and weighed beside the talk, in a thread and in the understanding worker; until that
is done, cards are called for by phrases and intents alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from voicebot.assist.live_session import Edition, Insight
from voicebot.assist.matching.meaning import Embedding, Meaning
from voicebot.assist.model import CardSet, Speaker
from voicebot.assist.sources import Spoken
from voicebot.domain import Expectation, Party, Source
from voicebot.errors import UnderstandingError
from voicebot.nlu.encoders import Float32
from voicebot.nlu.engine import UnderstandingService

_log = logging.getLogger(__name__)
_AGAIN_S = 30.0


class Insights:
    """A :class:`voicebot.assist.live.Understanding`. ``cache_file``: where vectors of examples are kept."""

    def __init__(self, understanding: UnderstandingService, cache_file: Path) -> None:
        self._understanding, self._cache_file = understanding, cache_file
        self._meanings: dict[tuple[str, str], Meaning] = {}
        self._preparing: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def insight(self, edition: Edition, spoken: Spoken) -> Insight:
        """See :meth:`voicebot.assist.live.Understanding.insight`."""
        customer = spoken.party is Party.CUSTOMER
        intent, confidence = "", 0.0
        if customer:
            meant = await self._understanding.understand(
                spoken.text,
                tenant=edition.cards.tenant,
                language=spoken.language,
                expects=Expectation(),
                source=Source.TEXT if spoken.written else Source.SPEECH,
            )
            intent, confidence = meant.intent, meant.confidence
        meaning = self._meaning(edition.cards)
        if meaning is None:
            return Insight(intent, confidence)
        party = Speaker.CUSTOMER if customer else Speaker.AGENT
        return Insight(intent, confidence, dict(await meaning.scores(spoken.text, spoken.language, party)))

    async def ready(self, edition: Edition) -> None:
        """Wait until a version's examples are weighed, or could not be."""
        self._meaning(edition.cards)
        task = self._preparing.get((str(edition.cards.tenant), edition.cards.version))
        if task is not None:
            await asyncio.wait({task})

    async def close(self) -> None:
        """Stop preparing."""
        for task in (tasks := tuple(self._preparing.values())):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _meaning(self, cards: CardSet) -> Meaning | None:
        """The version's meaning if it is ready; otherwise it is begun."""
        key = (str(cards.tenant), cards.version)
        if key not in self._meanings and key not in self._preparing:
            self._preparing[key] = asyncio.create_task(self._prepare(key, cards), name="assist weighs examples")
        return self._meanings.get(key)

    async def _prepare(self, key: tuple[str, str], cards: CardSet) -> None:
        try:
            self._meanings[key] = await prepared(cards, self._understanding, self._cache_file)
        except (UnderstandingError, OSError) as error:
            _log.warning("cards are matched without meaning for now: %s", type(error).__name__)
            await asyncio.sleep(_AGAIN_S)
        finally:
            self._preparing.pop(key, None)


async def prepared(cards: CardSet, embedding: Embedding, cache_file: Path | None) -> Meaning:
    """As :meth:`Meaning.prepared`, with the arithmetic in a thread, so that nobody's sound waits for it."""
    texts = [text for some in cards.neutral.values() for text in some]
    texts += [text for card in cards.cards.values() for some in card.triggers.examples.values() for text in some]
    unique = list(dict.fromkeys(texts))
    rows = await embedding.embed(unique, cache_file=cache_file)
    known = _Known({text: place for place, text in enumerate(unique)}, rows, embedding)
    return await asyncio.to_thread(lambda: asyncio.run(Meaning.prepared(cards, known)))


class _Known:
    """Vectors of texts that were embedded before; of any other text, when it comes."""

    def __init__(self, places: dict[str, int], rows: Sequence[Float32], embedding: Embedding) -> None:
        self._places, self._rows, self._embedding = places, rows, embedding

    async def embed(self, texts: Sequence[str], *, cache_file: Path | None = None) -> list[Float32]:
        """See :class:`Embedding`."""
        if all(text in self._places for text in texts):
            chosen = [self._places[text] for text in texts]
            return [part[chosen] for part in self._rows]
        return await self._embedding.embed(texts, cache_file=cache_file)
