"""Learning from lines which card a turn calls for: one head a card over sentence vectors and n-grams.

All heads of a party are one kernel ridge regression: with the kernel ``K`` of the lines (a Gaussian of their sentence
vectors' distance, plus their n-grams' dot product) and targets ``Y`` (1 where a line is due, 0 elsewhere),
``A = (K + penalty I)^-1 Y``. What a line scores when it is left out itself comes without fitting again:
``Y - A / diag((K + penalty I)^-1)`` (Rifkin & Lippert 2007, "Notes on regularized least squares", section 3). On these
scores and on likeness to the nearest lines, one logistic regression over all cards decides how likely a card is due, so
that one threshold means the same for every card, also for one with few lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from threadpoolctl import threadpool_limits

from voicebot.domain import Language
from voicebot.nlu.features import Float32, joined, mean_of_best
from voicebot.nlu.text import normalise
from voicebot.nlu.vectorizer import Vectorizer

NGRAMS = 0.8
"""Length of the n-gram part of a line against 1 for its sentence vector."""
WIDTH = 1.0
"""The kernel of two sentence vectors at distance d is exp(-WIDTH d^2)."""
PENALTY = 0.1
_BEST = 2
_FOREIGN_WEIGHT = 0.15
"""A line against a card that is not its own weighs so much against one with its own: calls are rarer than quiet."""
_LEAST_SPREAD = 0.02
_SURELY_ANOTHERS = 0.5
"""A line that scores so much, left out itself, for a card that its author was not asked about is taken to be due."""
_BLOCK = 1024

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A line to learn from. ``card``: the card it is due for, "" for none; ``also``: others that it is due for.

    ``near``: the one card it is surely not due for; whether it is due for another was not asked of its author.
    ``asked``: False where its author was asked for no card at all.
    """

    text: str
    language: Language
    card: str = ""
    near: str = ""
    also: tuple[str, ...] = ()
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Heads:
    """Cards that one party's words may call for, learnt. Arrays are plain numpy, so a fit can come from any process."""

    cards: tuple[str, ...]
    means: Mapping[Language, tuple[Float32, ...]]
    vectorizer: Vectorizer
    rows: Float32
    """(lines, dim)."""
    owners: NDArray[np.int16]
    """(lines): the place of each line's card, -1 for none."""
    dual: Float32
    """(lines, cards): the weight of each line for each card."""
    ngrams: Float32
    """(n-grams, cards)."""
    centre: Float32
    spread: Float32
    """(cards, 2): of score and of likeness, over lines that are not due for the card."""
    weights: Matrix
    bias: float

    def of(self, texts: Sequence[str], language: Language, parts: Sequence[Float32]) -> Matrix:
        """How likely each card is due, (texts, cards). ``parts``: (texts, dim) of each encoder."""
        means = self.means.get(language) or next(iter(self.means.values()))
        vectors = joined(parts, means)
        similar = vectors @ self.rows.T
        scores = _gaussian(similar) @ self.dual + self._ngrams(texts)
        features = _features(scores, similar, self.owners, self.centre, self.spread)
        return 1 / (1 + np.exp(-(features @ self.weights + self.bias)))

    def _ngrams(self, texts: Sequence[str]) -> Float32:
        found = np.zeros((len(texts), len(self.cards)), np.float32)
        for place, text in enumerate(texts):
            columns, values = self.vectorizer.transform(normalise(text))
            found[place] = values * NGRAMS @ self.ngrams[columns]
        return found


def fitted(cards: Sequence[str], rows: Sequence[Row], parts: Sequence[Float32]) -> Heads:
    """Learn; pure, and the same on every machine up to rounding. A few seconds for five thousand lines.

    ``cards``: each has at least one line; ``parts``: (lines, dim) of each encoder, in the order of ``rows``.
    """
    with threadpool_limits(1):
        return _fitted(tuple(cards), rows, parts)


def _fitted(cards: tuple[str, ...], rows: Sequence[Row], parts: Sequence[Float32]) -> Heads:
    means, dense = _centred(rows, parts)
    texts = [normalise(row.text) for row in rows]
    vectorizer = Vectorizer.fit(texts)
    ngrams = _matrix(texts, vectorizer)
    place = {card: number for number, card in enumerate(cards)}
    owners = np.array([place.get(row.card, -1) for row in rows], np.int16)
    due = np.array([[card == row.card or card in row.also for card in cards] for row in rows])
    similar = dense @ dense.T
    inverse = _inverted(_kernel(similar, ngrams))
    dual, left_out = _solved(inverse, due)
    unasked = np.array([[_unasked(row, card) for card in cards] for row in rows])
    found = unasked & (left_out >= _SURELY_ANOTHERS)
    due = due | found
    owners = np.where((owners < 0) & found.any(axis=1), np.where(found, left_out, -1).argmax(axis=1), owners).astype(
        np.int16
    )
    dual, left_out = _solved(inverse, due)
    del inverse
    np.fill_diagonal(similar, -1.0)
    near = _near(similar, owners, len(cards))
    centre, spread = _spread(np.stack([left_out, near], axis=-1), due)
    features = _features(left_out.astype(np.float32), similar, owners, centre, spread)
    weights, bias = _calibrated(features.reshape(-1, features.shape[-1]), due.reshape(-1))
    return Heads(
        cards=cards,
        means=means,
        vectorizer=vectorizer,
        rows=dense,
        owners=owners,
        dual=dual.astype(np.float32),
        ngrams=(ngrams.T @ dual * NGRAMS).astype(np.float32),
        centre=centre,
        spread=spread,
        weights=weights,
        bias=bias,
    )


def _unasked(row: Row, card: str) -> bool:
    """Whether nobody said if a line is due for a card."""
    return not row.asked or (bool(row.near) and row.near != card)


def _kernel(similar: Float32, ngrams: sparse.csr_matrix) -> Float32:
    """(lines, lines), with the penalty on its diagonal, in the order that LAPACK works on in place.

    Made in place: for 14,000 lines each such matrix has 0.8 GB.
    """
    kernel = _gaussian(similar, similar.copy()).T
    for start in range(0, len(kernel), _BLOCK):
        some = slice(start, start + _BLOCK)
        kernel[:, some] += NGRAMS**2 * np.asarray((ngrams @ ngrams[some].T).todense(), np.float32)
    kernel[np.diag_indices_from(kernel)] += PENALTY
    return kernel


def _inverted(kernel: Float32) -> Float32:
    """The lower half of the kernel's inverse, in the kernel's place.

    Single precision is enough: the condition is 1,200 for 2,000 lines and grows with their number.
    """
    factor, _ = linalg.cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
    inverse, _ = linalg.lapack.spotri(factor, lower=True, overwrite_c=True)
    return np.asarray(inverse, np.float32)


def _solved(inverse: Float32, due: NDArray[np.bool_]) -> tuple[Matrix, Matrix]:
    """The dual weights and what each line scores when it is left out, both (lines, cards)."""
    targets = np.asfortranarray(due, np.float32)
    dual = np.asarray(linalg.blas.ssymm(1.0, inverse, targets, lower=True), np.float64)
    return dual, due - dual / np.diag(inverse).astype(np.float64)[:, None]


def _centred(rows: Sequence[Row], parts: Sequence[Float32]) -> tuple[dict[Language, tuple[Float32, ...]], Float32]:
    """Vectors less the mean of their language: an encoder puts languages apart, which says nothing about cards."""
    means: dict[Language, tuple[Float32, ...]] = {}
    dense: Float32 | None = None
    languages = [row.language for row in rows]
    for language in dict.fromkeys(languages):
        at = np.flatnonzero([one == language for one in languages])
        own = [part[at] for part in parts]
        means[language] = tuple(np.asarray(part.mean(axis=0), np.float32) for part in own)
        vectors = joined(own, means[language])
        if dense is None:
            dense = np.zeros((len(rows), vectors.shape[1]), np.float32)
        dense[at] = vectors
    assert dense is not None
    return means, dense


def _matrix(texts: Sequence[str], vectorizer: Vectorizer) -> sparse.csr_matrix:
    found = [vectorizer.transform(text) for text in texts]
    starts = np.cumsum([0, *(len(columns) for columns, _ in found)])
    columns = np.concatenate([columns for columns, _ in found])
    values = np.concatenate([values for _, values in found])
    return sparse.csr_matrix((values, columns, starts), (len(texts), vectorizer.size))


def _gaussian(similar: Float32, out: Float32 | None = None) -> Float32:
    """Of vectors of length 1, by their dot products."""
    found = np.subtract(similar, np.float32(1), out=out)
    found *= np.float32(2 * WIDTH)
    return np.exp(found, out=found)


def _near(similar: Float32, owners: NDArray[np.int16], cards: int) -> Float32:
    return np.stack([mean_of_best(similar[:, owners == card], _BEST) for card in range(cards)], axis=1)


def _spread(values: Matrix, due: NDArray[np.bool_]) -> tuple[Float32, Float32]:
    """Mean and deviation of each card's score and likeness over the lines that are not due for it."""
    foreign = [values[~due[:, card], card] for card in range(due.shape[1])]
    centre = np.stack([some.mean(axis=0) for some in foreign])
    spread = np.stack([some.std(axis=0).clip(_LEAST_SPREAD) for some in foreign])
    return centre.astype(np.float32), spread.astype(np.float32)


def _features(scores: Float32, similar: Float32, owners: NDArray[np.int16], centre: Float32, spread: Float32) -> Matrix:
    """(lines, cards, 5): score and likeness in deviations, lead over the other cards in both, score as it is."""
    near = _near(similar, owners, len(centre))
    own = (np.stack([scores, near], axis=-1) - centre) / spread
    lead = np.stack([scores - _best_other(scores), near - _best_other(near)], axis=-1) * 10
    return np.concatenate([own, lead, scores[..., None] * 10], axis=-1).astype(np.float64)


def _best_other(values: Float32) -> Float32:
    """The best of the other cards, or 0 where that is less: no card at all."""
    if values.shape[1] < 2:
        return np.zeros_like(values)
    order = np.sort(values, axis=1)
    best, second = order[:, -1:], order[:, -2:-1]
    return np.maximum(np.where(values >= best, second, best), 0.0)


def _calibrated(features: Matrix, due: NDArray[np.bool_]) -> tuple[Matrix, float]:
    from sklearn.linear_model import LogisticRegression

    weight = np.where(due, 1.0, _FOREIGN_WEIGHT)
    found = LogisticRegression(C=1.0, max_iter=1000).fit(features, due, sample_weight=weight)
    return np.asarray(found.coef_[0], np.float64), float(found.intercept_[0])
