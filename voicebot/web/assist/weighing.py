"""Likeness to the examples of a script's steps, weighed in a thread, so that nobody's sound waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from voicebot.assist.matching.meaning import Embedding, Meaning
from voicebot.assist.model import CardSet
from voicebot.nlu.encoders import Float32


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
