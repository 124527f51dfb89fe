"""A trained model: plain arrays in a folder, evaluated with numpy alone.

Folder: ``manifest.json`` (what it was made of, scores, thresholds), ``heads.npz``, ``vectorizer.json``,
``intents.json``, ``faq.npz``. Nothing in it is code, so loading a model never runs any.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voicebot.domain import FaqScore, IntentScore, Language
from voicebot.errors import ModelError
from voicebot.nlu.data import OUT_OF_SCOPE
from voicebot.nlu.encoders import Encoder
from voicebot.nlu.faq import FaqIndex
from voicebot.nlu.features import NGRAM_WEIGHT, Float32, joined, mean_of_best, softmax
from voicebot.nlu.vectorizer import Vectorizer

FORMAT = 1
_MEND = "Train again with 'voicebot train'."
NEIGHBOURS = 5
VOTE_SHARPNESS, VOTE_WEIGHT = np.float32(20.0), np.float32(0.4)
"""The neighbours' vote helps with wording by another hand than the training lines' (see bench/nlu)."""
MARGIN_SCALE = 5.0
"""Turns SVM margins into logits of the same sharpness as the logistic regression's."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Linear heads over joined features. Shapes: d embedding columns, v n-gram columns, k intents, n lines.

    ``margin_dense`` (d, k), ``margin_ngram`` (v, k), ``margin_bias`` (k): SVM; ``logit_dense`` (d, k) and
    ``logit_bias`` (k): logistic regression on the embedding alone; ``lines`` (n, d) and ``line_intent`` (n): training
    lines, searched for nearest neighbours; ``spread`` (4): mean and deviation of margin and of neighbour score over
    cross-validated in-scope lines; ``quantiles``: sorted cross-validated in-scope scores; ``temperature``: of the
    probabilities.
    """

    margin_dense: Float32
    margin_ngram: Float32
    margin_bias: Float32
    logit_dense: Float32
    logit_bias: Float32
    lines: NDArray[np.float16]
    line_intent: NDArray[np.int16]
    spread: NDArray[np.float64]
    quantiles: NDArray[np.float64]
    temperature: float

    def margins(self, dense: Float32, columns: NDArray[np.int32], weights: Float32) -> Float32:
        """SVM margins of one text, shape (k,)."""
        ngram = (weights * NGRAM_WEIGHT) @ self.margin_ngram[columns]
        return np.asarray(dense @ self.margin_dense + ngram + self.margin_bias, np.float32)

    def logits(self, dense: Float32) -> Float32:
        """Logistic regression of one text, shape (k,)."""
        return np.asarray(dense @ self.logit_dense + self.logit_bias, np.float32)


def vote(similarities: Float32, line_intent: NDArray[np.int16], intents: int) -> Float32:
    """What the nearest lines of each intent say: (n, lines) similarities -> (n, k) logits.

    Log of the mean of exp(:data:`VOTE_SHARPNESS` times cosine) over an intent's :data:`NEIGHBOURS` nearest lines.
    """
    votes = np.full((len(similarities), intents), -VOTE_SHARPNESS, np.float32)
    for intent in np.unique(line_intent):
        powers = np.exp(VOTE_SHARPNESS * similarities[:, line_intent == intent])
        votes[:, intent] = np.log(mean_of_best(powers, NEIGHBOURS))
    return votes


def mixed(margins: Float32, logits: Float32, votes: Float32) -> NDArray[np.float64]:
    """Log of the mean probability of both linear heads plus the neighbours' vote, before the temperature."""
    mean = (softmax(margins * MARGIN_SCALE) + softmax(logits)) / 2
    return np.asarray(np.log(np.maximum(mean, 1e-12)) + VOTE_WEIGHT * votes)


def belonging(
    margins: Float32, similarities: Float32, line_intent: NDArray[np.int16], outside: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far each text is inside the known intents: by margin and by its nearest lines.

    Each less the pull of the out-of-scope lines. ``margins`` (n, k), ``similarities`` (n, lines); ``outside`` is the
    out-of-scope column, if any.
    """
    if outside is None:
        return margins.max(axis=1).astype(np.float64), mean_of_best(similarities, NEIGHBOURS).astype(np.float64)
    inside = np.delete(margins, outside, axis=1).max(axis=1) - margins[:, outside]
    known = line_intent != outside
    near = mean_of_best(similarities[:, known], NEIGHBOURS) - mean_of_best(similarities[:, ~known], NEIGHBOURS)
    return inside.astype(np.float64), near.astype(np.float64)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model alone says of a text."""

    ranking: tuple[IntentScore, ...]
    in_scope: float
    faq: tuple[FaqScore, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """One trained model of one tenant."""

    manifest: Mapping[str, Any]
    intents: tuple[str, ...]
    means: tuple[Float32, ...]
    vectorizer: Vectorizer
    heads: Heads
    faq: FaqIndex

    @property
    def version(self) -> str:
        """Name of the folder it lives in."""
        return str(self.manifest["version"])

    def joined(self, vectors: tuple[Float32, ...]) -> Float32:
        """Raw embeddings of one text (one per encoder) in the joined space, shape (d,)."""
        return np.asarray(joined([vector[None, :] for vector in vectors], self.means)[0], np.float32)

    def score(self, text: str, dense: Float32, language: Language, best: int = 5) -> Scores:
        """Rank the intents of a normalised text; n-grams are left out for a language without training lines."""
        columns, weights = self.vectorizer.transform(text)
        trained = self.manifest["languages"]
        if trained and language not in trained:
            columns, weights = columns[:0], weights[:0]
        margins = self.heads.margins(dense, columns, weights)
        similarities = (self.heads.lines.astype(np.float32) @ dense)[None, :]
        votes = vote(similarities, self.heads.line_intent, len(self.intents))[0]
        probabilities = softmax(mixed(margins, self.heads.logits(dense), votes) / self.heads.temperature)
        order = np.argsort(-probabilities, kind="stable")[:best]
        ranking = tuple(IntentScore(self.intents[i], round(float(probabilities[i]), 4)) for i in order)
        outside = self.intents.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in self.intents else None
        inside, near = belonging(margins[None, :], similarities, self.heads.line_intent, outside)
        score = scope_score(inside, near, self.heads.spread)[0]
        in_scope = round(percentile(self.heads.quantiles, float(score)), 4)
        return Scores(ranking, in_scope, self.faq.search(dense, probabilities))

    def save(self, folder: Path) -> None:
        """Write every file; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, NDArray[Any]] = {name: getattr(self.heads, name) for name in _ARRAYS}
        arrays["temperature"] = np.array([self.heads.temperature])
        arrays["idf"] = self.vectorizer.idf
        arrays |= {f"mean_{i}": mean for i, mean in enumerate(self.means)}
        (folder / "heads.npz").write_bytes(packed(arrays))
        (folder / "faq.npz").write_bytes(packed(self.faq.arrays()))
        _write_json(folder / "vectorizer.json", self.vectorizer.to_json())
        _write_json(folder / "intents.json", list(self.intents))
        files = {name: _sha256(folder / name) for name in FILES}
        _write_json(folder / "manifest.json", {**self.manifest, "files": files}, indent=1)

    @classmethod
    def load(cls, folder: Path, encoders: tuple[Encoder, ...] = ()) -> Model:
        """Read a model, checking that its files and the encoders are the ones it was trained with."""
        manifest = read_manifest(folder)
        for name in FILES:
            wanted, found = manifest["files"].get(name), _sha256(folder / name)
            if wanted != found:
                raise ModelError(f"{folder / name}: sha256 is {found}, expected {wanted}. {_MEND}")
        wanted_encoders = {row["name"]: row["identity"] for row in manifest["encoders"]}
        for encoder in encoders:
            if wanted_encoders.get(encoder.name) != encoder.identity:
                raise ModelError(
                    f"{folder}: trained with another encoder {encoder.name} "
                    f"({wanted_encoders.get(encoder.name)}, here {encoder.identity}). {_MEND}"
                )
        try:
            with np.load(folder / "heads.npz", allow_pickle=False) as arrays:
                heads = Heads(**{n: arrays[n] for n in _ARRAYS}, temperature=float(arrays["temperature"][0]))
                means = tuple(arrays[f"mean_{i}"] for i in range(len(manifest["encoders"])))
                idf = arrays["idf"]
            with np.load(folder / "faq.npz", allow_pickle=False) as arrays:
                faq = FaqIndex.from_arrays(dict(arrays))
            vectorizer = Vectorizer.from_json(json.loads((folder / "vectorizer.json").read_text("utf-8")), idf)
            intents = tuple(json.loads((folder / "intents.json").read_text("utf-8")))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise ModelError(f"{folder}: the model cannot be read ({error}). {_MEND}") from error
        return cls(manifest, intents, means, vectorizer, heads, faq)


FILES = ("heads.npz", "faq.npz", "vectorizer.json", "intents.json")
_ARRAYS = (
    "margin_dense",
    "margin_ngram",
    "margin_bias",
    "logit_dense",
    "logit_bias",
    "lines",
    "line_intent",
    "spread",
    "quantiles",
)


def scope_score(
    inside: NDArray[np.float64], near: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum of the two standardised scores; ``spread`` is (mean, deviation, mean, deviation)."""
    return np.asarray((inside - spread[0]) / spread[1] + (near - spread[2]) / spread[3])


def percentile(quantiles: NDArray[np.float64], score: float) -> float:
    """Share of cross-validated in-scope lines that score lower, interpolated, 0..1."""
    return float(np.interp(score, quantiles, np.linspace(0.0, 1.0, len(quantiles))))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a model folder."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: no readable manifest.json. Train with 'voicebot train'.") from error
    if manifest.get("format") != FORMAT:
        raise ModelError(f"{folder}: model format {manifest.get('format')}, wanted {FORMAT}. Train again.")
    return manifest


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """An uncompressed npz whose bytes depend on the arrays alone."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            entry = BytesIO()
            np.lib.format.write_array(entry, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), entry.getvalue())
    return buffer.getvalue()


def _write_json(path: Path, value: object, indent: int | None = None) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=True) + "\n", "utf-8")


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"{path} is missing. Train again with 'voicebot train'.") from error
