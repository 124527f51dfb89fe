"""Fitting the linear heads with scikit-learn and calibrating both confidences by cross-validation.

Deterministic: folds depend on the lines' text alone, solvers have a fixed seed, and one BLAS thread each keeps sums in
one order whatever the machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from voicebot.nlu.features import NGRAM_WEIGHT, Float32, softmax
from voicebot.nlu.model import Heads, belonging, mixed, scope_score, vote
from voicebot.nlu.vectorizer import Vectorizer

FOLDS = 3
SEED = 20261122
_LIBLINEAR = Lock()
"""liblinear draws from one random state per process: two fits at once would not be reproducible."""
_ABSENT = np.float32(-2.0)
_TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(3.0), 47))


@dataclass(frozen=True, slots=True)
class Lines:
    """Normalised training lines with their joined embeddings (n, d) and intent columns (n)."""

    texts: Sequence[str]
    dense: Float32
    intent: NDArray[np.int16]

    def pick(self, rows: NDArray[np.intp]) -> Lines:
        """Some of the lines."""
        return Lines([self.texts[int(i)] for i in rows], self.dense[rows], self.intent[rows])


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """What lines scored when held out: each head (n, k), belonging by margin and by neighbours (n)."""

    margins: Float32
    logits: Float32
    votes: Float32
    inside: NDArray[np.float64]
    near: NDArray[np.float64]

    def probabilities(self, temperature: float) -> NDArray[np.float64]:
        """Of every intent for every line, shape (n, k)."""
        return softmax(mixed(self.margins, self.logits, self.votes) / temperature)


def fold_of(texts: Sequence[str], intent: NDArray[np.int16], folds: int = FOLDS) -> NDArray[np.int16]:
    """A fold for each line: even over intents, equal texts together, the same whatever the order of the lines."""
    keyed = sorted(
        {(int(i), text) for text, i in zip(texts, intent, strict=True)},
        key=lambda pair: (pair[0], hashlib.sha256(pair[1].encode()).digest()),
    )
    fold: dict[str, int] = {}
    for place, (_, text) in enumerate(keyed):
        fold.setdefault(text, place % folds)
    return np.array([fold[text] for text in texts], np.int16)


def fit_heads(lines: Lines, vectorizer: Vectorizer, intents: int) -> Heads:
    """Both linear heads on all lines; calibration is left neutral."""
    ngrams = _ngrams(lines.texts, vectorizer)
    features = sparse.hstack([sparse.csr_matrix(lines.dense), ngrams * NGRAM_WEIGHT]).tocsr()
    with _LIBLINEAR:
        svm = LinearSVC(C=1.0, tol=0.01, random_state=SEED).fit(features, lines.intent)
    logistic = LogisticRegression(C=10.0, max_iter=150, tol=1e-3).fit(lines.dense, lines.intent)
    weights, bias = _spread_out(svm.coef_, svm.intercept_, svm.classes_, intents, 1.0)
    logit, logit_bias = _spread_out(logistic.coef_, logistic.intercept_, logistic.classes_, intents, 0.5)
    width = lines.dense.shape[1]
    return Heads(
        margin_dense=weights[:width],
        margin_ngram=weights[width:],
        margin_bias=bias,
        logit_dense=logit,
        logit_bias=logit_bias,
        lines=lines.dense.astype(np.float16),
        line_intent=lines.intent.astype(np.int16),
        spread=np.array([0.0, 1.0, 0.0, 1.0]),
        quantiles=np.array([0.0, 1.0]),
        temperature=1.0,
    )


def cross_validate(
    lines: Lines, extras: Vectorizer, intents: int, outside: int | None, done: Callable[[int], None]
) -> CrossValidated:
    """Hold out each fold once. Folds run side by side; every one uses a single BLAS thread."""
    fold = fold_of(lines.texts, lines.intent)
    count = len(lines.texts)
    margins = np.zeros((count, intents), np.float32)
    logits = np.zeros((count, intents), np.float32)
    votes = np.zeros((count, intents), np.float32)
    inside, near = np.zeros(count), np.zeros(count)

    def one(number: int) -> None:
        held, kept = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if not len(held) or len(set(lines.intent[kept].tolist())) < 2:
            return
        part = lines.pick(kept)
        vectorizer = Vectorizer.fit_with(part.texts, extras)
        heads = fit_heads(part, vectorizer, intents)
        ngrams = _ngrams(lines.pick(held).texts, vectorizer) * NGRAM_WEIGHT
        margins[held] = lines.dense[held] @ heads.margin_dense + ngrams @ heads.margin_ngram + heads.margin_bias
        logits[held] = lines.dense[held] @ heads.logit_dense + heads.logit_bias
        similarities = lines.dense[held] @ part.dense.T
        votes[held] = vote(similarities, part.intent, intents)
        inside[held], near[held] = belonging(margins[held], similarities, part.intent, outside)

    with threadpool_limits(1), ThreadPoolExecutor(2) as pool:
        for number, _ in enumerate(pool.map(one, range(FOLDS))):
            done(number + 1)
    return CrossValidated(margins, logits, votes, inside, near)


def probabilities_of(heads: Heads, vectorizer: Vectorizer, texts: Sequence[str], dense: Float32) -> NDArray[np.float64]:
    """What the model says of normalised texts with joined embeddings (n, d): (n, k)."""
    ngrams = _ngrams(texts, vectorizer) * NGRAM_WEIGHT
    margins = dense @ heads.margin_dense + ngrams @ heads.margin_ngram + heads.margin_bias
    votes = vote(dense @ heads.lines.astype(np.float32).T, heads.line_intent, heads.margin_bias.shape[0])
    logits = dense @ heads.logit_dense + heads.logit_bias
    return softmax(mixed(margins, logits, votes) / heads.temperature)


def calibrated(heads: Heads, held: CrossValidated, intent: NDArray[np.int16], outside: int | None) -> Heads:
    """The heads with temperature, spread and quantiles taken from held-out scores."""
    known = np.ones(len(intent), bool) if outside is None else intent != outside
    logs = mixed(held.margins, held.logits, held.votes)
    losses = [_log_loss(softmax(logs / t), intent) for t in _TEMPERATURES]
    inside, near = held.inside[known], held.near[known]
    spread = np.array([inside.mean(), max(inside.std(), 1e-6), near.mean(), max(near.std(), 1e-6)])
    score = np.sort(scope_score(inside, near, spread))
    quantiles = np.quantile(score, np.linspace(0, 1, 201)) if len(score) else np.array([0.0, 1.0])
    temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    return replace(heads, spread=spread, quantiles=quantiles, temperature=temperature)


def summary(
    held: CrossValidated, heads: Heads, intent: NDArray[np.int16], languages: Sequence[str], outside: int | None
) -> dict[str, float]:
    """Cross-validated scores for the manifest."""
    probabilities = held.probabilities(heads.temperature)
    guess = probabilities.argmax(axis=1)
    right = guess == intent
    scores = {
        "accuracy": float(right.mean()),
        "macro_f1": float(f1_score(intent, guess, average="macro", zero_division=0.0)),
        "calibration_error": calibration_error(probabilities.max(axis=1), right),
    }
    tags = np.array(languages)
    for language in sorted(set(languages)):
        scores[f"accuracy_{language or 'any'}"] = float(right[tags == language].mean())
    if outside is not None and 0 < int((intent == outside).sum()) < len(intent):
        score = scope_score(held.inside, held.near, heads.spread)
        scores["out_of_scope_auroc"] = float(roc_auc_score(intent != outside, score))
    return {name: round(value, 4) for name, value in scores.items()}


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over equal-width bins."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for number in range(bins):
        chosen = place == number
        if chosen.any():
            total += float(chosen.mean()) * abs(float(confidence[chosen].mean()) - float(right[chosen].mean()))
    return total


def _log_loss(probabilities: NDArray[np.float64], intent: NDArray[np.int16]) -> float:
    return float(-np.log(np.maximum(probabilities[np.arange(len(intent)), intent], 1e-12)).mean())


def _ngrams(texts: Sequence[str], vectorizer: Vectorizer) -> sparse.csr_matrix:
    rows = [vectorizer.transform(text) for text in texts]
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([columns for columns, _ in rows]) if rows else np.zeros(0, np.int32)
    weights = np.concatenate([weights for _, weights in rows]) if rows else np.zeros(0, np.float32)
    return sparse.csr_matrix((weights, columns, ends), shape=(len(texts), vectorizer.size))


def _spread_out(
    coefficients: NDArray[np.float64],
    intercept: NDArray[np.float64],
    classes: NDArray[np.int16],
    intents: int,
    two_class_share: float,
) -> tuple[Float32, Float32]:
    """One column per intent, also for two classes (one row in scikit-learn) and for intents absent from a fold."""
    if len(classes) == 2:
        coefficients = np.vstack([-coefficients, coefficients]) * two_class_share
        intercept = np.concatenate([-intercept, intercept]) * two_class_share
    weights = np.zeros((coefficients.shape[1], intents), np.float32)
    bias = np.full(intents, _ABSENT, np.float32)
    weights[:, classes] = coefficients.T
    bias[classes] = intercept
    return weights, bias
