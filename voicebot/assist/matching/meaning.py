"""How like a card's examples the words are, so calibrated that one threshold means the same for every card.

Raw similarity will not do: an encoder finds any two complaints alike, and some cards' examples lie closer together than
others'. So each card is measured against what must *not* call for it: other cards' examples and the neutral sentences.
Three features (distance from these in standard deviations, lead over the best of them, nearest example) go through one
logistic regression over all cards, fitted on every example with itself left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voicebot.assist.model import CardSet, Speaker
from voicebot.domain import JA, Language
from voicebot.nlu.encoders import Float32
from voicebot.nlu.features import joined, mean_of_best

_BEST = 2
"""So many examples are averaged: one alone may be near by a chance word."""
_NEGATIVE_WEIGHT = 0.15
"""A pair of a line and a foreign card weighs so much against one with its own: calls are rarer than quiet."""
_LEAST_SPREAD = 0.02
_MOST_PIECES = 3
_SENTENCE = re.compile(r"[^。？！?!.]+[。？！?!.]*")
_LEAST_CHARS = {JA: 8}
_LEAST_CHARS_ELSE = 18

Matrix = NDArray[np.float64]


class Embedding(Protocol):
    """What turns texts into vectors: :class:`voicebot.nlu.engine.UnderstandingService`."""

    async def embed(self, texts: Sequence[str], *, cache_file: Path | None = None) -> list[Float32]:
        """One (n, dim) array per encoder."""
        ...


@dataclass(frozen=True, slots=True)
class Likeness:
    """The cards that one party's words in one language may call for."""

    cards: tuple[str, ...]
    owners: NDArray[np.int64]
    """Card of each row, -1 for neutral sentences."""
    rows: Float32
    means: tuple[Float32, ...]
    centre: Matrix
    spread: Matrix
    weights: Matrix
    bias: float

    def of(self, parts: Sequence[Float32]) -> Mapping[str, float]:
        """Likeness 0..1 by card of the likeliest of some pieces; ``parts``: (n, dim) of each encoder."""
        similarities = joined(parts, self.means) @ self.rows.T
        features = _features(similarities, self.owners, len(self.cards), self.centre, self.spread)
        chances = 1 / (1 + np.exp(-(features @ self.weights + self.bias)))
        return {card: float(chance) for card, chance in zip(self.cards, chances.max(axis=0), strict=True)}


class Meaning:
    """Likeness for every party and language of one version of the cards."""

    def __init__(self, indexes: Mapping[tuple[Speaker, Language], Likeness], embedding: Embedding) -> None:
        self._indexes, self._embedding = indexes, embedding

    @classmethod
    async def prepared(cls, cards: CardSet, embedding: Embedding, cache_file: Path | None = None) -> Meaning:
        """Embed all examples (about ten milliseconds each, once per text with a ``cache_file``) and calibrate."""
        texts = list(dict.fromkeys(texts_of(cards)))
        parts = await embedding.embed(texts, cache_file=cache_file)
        places = {text: place for place, text in enumerate(texts)}
        indexes = {
            (party, language): found
            for party in (Speaker.CUSTOMER, Speaker.AGENT)
            for language in dict.fromkeys(language for card in cards.cards.values() for language in card.text)
            if (found := _likeness(cards, party, language, parts, places)) is not None
        }
        return cls(indexes, embedding)

    async def scores(self, text: str, language: Language, party: Speaker) -> Mapping[str, float]:
        """Likeness 0..1 by card; a long turn is as like a card as its likest sentence.

        Raises:
            UnderstandingError: the encoder failed.
        """
        index = self._indexes.get((party, language))
        return {} if index is None else index.of(await self._embedding.embed(pieces(text, language)))


def pieces(text: str, language: Language) -> list[str]:
    """The whole, and its longest sentences if there are several."""
    least = _LEAST_CHARS.get(language, _LEAST_CHARS_ELSE)
    sentences = [found.group().strip() for found in _SENTENCE.finditer(text)]
    sentences = [sentence for sentence in sentences if len(sentence) >= least]
    if len(sentences) < 2:
        return [text]
    return [text, *sorted(sentences, key=len, reverse=True)[: _MOST_PIECES - 1]]


def texts_of(cards: CardSet) -> list[str]:
    """Every text that :meth:`Meaning.prepared` embeds, some twice."""
    found = [text for texts in cards.neutral.values() for text in texts]
    return found + [
        text for card in cards.cards.values() for texts in card.triggers.examples.values() for text in texts
    ]


def _likeness(
    cards: CardSet, party: Speaker, language: Language, parts: Sequence[Float32], places: Mapping[str, int]
) -> Likeness | None:
    mine = [
        card
        for card in cards.cards.values()
        if card.speaker in (party, Speaker.ANY) and card.triggers.examples.get(language)
    ]
    if not mine:
        return None
    lines = [(number, text) for number, card in enumerate(mine) for text in card.triggers.examples[language]]
    foreign = [
        text for card in cards.cards.values() if card not in mine for text in card.triggers.examples.get(language, ())
    ]
    lines += [(-1, text) for text in (*cards.neutral.get(language, ()), *foreign)]
    chosen = [places[text] for _, text in lines]
    own = [part[chosen] for part in parts]
    means = tuple(np.asarray(part.mean(axis=0), np.float32) for part in own)
    rows = joined(own, means)
    owners = np.array([number for number, _ in lines], np.int64)
    similarities = rows @ rows.T
    np.fill_diagonal(similarities, -1.0)
    near = _near(similarities, owners, len(mine))
    strangers = owners[:, None] != np.arange(len(mine))[None, :]
    centre = np.array([near[strangers[:, card], card].mean() for card in range(len(mine))])
    spread = np.array([near[strangers[:, card], card].std() for card in range(len(mine))]).clip(_LEAST_SPREAD)
    features = _features(similarities, owners, len(mine), centre, spread)
    weights, bias = _fitted(features.reshape(-1, features.shape[-1]), (~strangers).reshape(-1))
    return Likeness(tuple(card.id for card in mine), owners, rows, means, centre, spread, weights, bias)


def _near(similarities: Float32, owners: NDArray[np.int64], cards: int) -> Matrix:
    columns = [mean_of_best(similarities[:, owners == card], _BEST) for card in range(cards)]
    return np.stack(columns, axis=1).astype(np.float64)


def _features(similarities: Float32, owners: NDArray[np.int64], cards: int, centre: Matrix, spread: Matrix) -> Matrix:
    """(lines, cards, 3)."""
    near = _near(similarities, owners, cards)
    nearest = np.stack([similarities[:, owners == card].max(axis=1) for card in range(cards)], axis=1)
    others = np.stack([similarities[:, owners != card].max(axis=1) for card in range(cards)], axis=1)
    return np.stack([(near - centre) / spread, (nearest - others) * 10, nearest * 10], axis=-1).astype(np.float64)


def _fitted(features: Matrix, truth: NDArray[np.bool_]) -> tuple[Matrix, float]:
    from sklearn.linear_model import LogisticRegression

    weight = np.where(truth, 1.0, _NEGATIVE_WEIGHT)
    fitted = LogisticRegression(C=1.0, max_iter=500).fit(features, truth, sample_weight=weight)
    return np.asarray(fitted.coef_[0], np.float64), float(fitted.intercept_[0])
