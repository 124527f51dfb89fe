"""How likely words call for each card, by heads learnt from lines (:mod:`voicebot.assist.matching.heads`)."""

from __future__ import annotations

from collections.abc import Mapping

from voicebot.assist.matching.heads import Heads
from voicebot.assist.matching.meaning import Embedding, pieces
from voicebot.assist.model import Speaker
from voicebot.domain import Language


class Learnt:
    """The heads of one version of a company's cards, with the encoder they were learnt with."""

    def __init__(self, heads: Mapping[Speaker, Heads], embedding: Embedding) -> None:
        self._heads, self._embedding = dict(heads), embedding

    async def scores(self, text: str, language: Language, party: Speaker) -> Mapping[str, float]:
        """Likelihood 0..1 by card; a long turn is as likely as its likeliest sentence.

        Raises:
            UnderstandingError: the encoder failed.
        """
        heads = self._heads.get(party)
        if heads is None:
            return {}
        texts = pieces(text, language)
        chances = heads.of(texts, language, await self._embedding.embed(texts))
        return {card: float(chance) for card, chance in zip(heads.cards, chances.max(axis=0), strict=True)}
