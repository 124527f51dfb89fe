"""From training lines to a model folder, in seconds and reproducibly.

The version is the hash of everything that shapes the model (lines, terms, FAQ questions, encoders, recipe), so the same
data is the same version, and a live model is stale exactly when its version differs.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from voicebot.domain import Language, TenantId
from voicebot.errors import ContentError
from voicebot.nlu import releases
from voicebot.nlu.data import ASK_FAQ, CORE, OUT_OF_SCOPE, TrainingData, read_tenant
from voicebot.nlu.encoders import EmbeddingCache, Encoder, Progress, standard_encoders
from voicebot.nlu.faq import Question, Sounded, build_faq, read_faq
from voicebot.nlu.features import joined
from voicebot.nlu.fit import FOLDS, SEED, Lines, calibrated, cross_validate, fit_heads, probabilities_of, summary
from voicebot.nlu.model import FORMAT, Model
from voicebot.nlu.text import normalise
from voicebot.nlu.vectorizer import Vectorizer

RECIPE = 4
"""Raised whenever the same data would give another model."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything a tenant's model is made of."""

    tenant: TenantId
    data: TrainingData
    questions: tuple[Question, ...] = ()

    @property
    def hash(self) -> str:
        """sha256 over what is written, whatever file or line it stands in."""
        rows = sorted(
            [["intent", e.intent, e.language, e.text] for e in self.data.examples]
            + [[t.kind, t.name, t.language, t.text] for t in self.data.terms]
            + [["faq", q.id, q.language, q.text] for q in self.questions]
        )
        return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def read_corpus(tenant: TenantId | str, data_dir: Path, flows_dir: Path | None = None) -> Corpus:
    """Read a tenant's lines (with the shared core's) and FAQ questions.

    Raises:
        ContentError: for the first thing that is broken.
    """
    data = read_tenant(data_dir, tenant).checked()
    questions: list[Question] = []
    if flows_dir is not None:
        for owner in dict.fromkeys((CORE, str(tenant))):
            for file in sorted((flows_dir / owner).glob("*/faq.yml")):
                questions += read_faq(file, Language(file.parent.name))
    return Corpus(TenantId(str(tenant)), data, tuple(questions))


def version_of(corpus: Corpus, encoders: Sequence[Encoder]) -> str:
    """Name of the model this corpus gives with these encoders."""
    made_of = [FORMAT, RECIPE, corpus.hash, [encoder.identity for encoder in encoders]]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]


def build(
    corpus: Corpus, encoders: Sequence[Encoder], cache: EmbeddingCache, progress: Progress | None = None
) -> Model:
    """Fit and calibrate a model.

    Raises:
        ContentError: fewer than two intents.
    """
    examples = sorted(corpus.data.examples, key=lambda e: (e.intent, e.language, e.text))
    intents = tuple(sorted({example.intent for example in examples}))
    if len(intents) < 2:
        raise ContentError(
            f"nlu_data/{corpus.tenant}", None, f"{len(intents)} intent(s) found.", "Give lines for at least two."
        )
    outside = intents.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in intents else None
    texts = [normalise(example.text) for example in examples]
    asked = [normalise(question.text) for question in corpus.questions]
    every = cache.embed_all(encoders, texts + asked, progress)
    parts = [part[: len(texts)] for part in every]
    means = tuple(part.astype(np.float64).mean(axis=0).astype(np.float32) for part in parts)
    intent = np.array([intents.index(example.intent) for example in examples], np.int16)
    languages = [str(example.language) for example in examples]

    def done(fold: int) -> None:
        if progress is not None:
            progress("fitting", fold, FOLDS + 1)

    with threadpool_limits(1):
        lines = Lines(texts, joined(parts, means), intent)
        extras = Vectorizer.fit((), corpus.data.terms)
        done(0)
        held = cross_validate(lines, extras, len(intents), outside, done)
        vectorizer = Vectorizer.fit_with(texts, extras)
        heads = calibrated(fit_heads(lines, vectorizer, len(intents)), held, intent, outside)
        vectors = joined([part[len(texts) :] for part in every], means)
        asks = np.array([intents[name] == ASK_FAQ for name in intent])
        seen = held.probabilities(heads.temperature)
        faq, rates = build_faq(
            corpus.questions,
            Sounded(vectors, probabilities_of(heads, vectorizer, asked, vectors)),
            Sounded(lines.dense[asks], seen[asks]),
            Sounded(lines.dense[~asks], seen[~asks]),
            intents.index(ASK_FAQ) if ASK_FAQ in intents else None,
            outside,
        )
        done(FOLDS + 1)
    counts = Counter((example.intent, str(example.language)) for example in examples)
    manifest = {
        "format": FORMAT,
        "recipe": RECIPE,
        "tenant": str(corpus.tenant),
        "version": version_of(corpus, encoders),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": SEED,
        "data": corpus.hash,
        "encoders": [{"name": e.name, "identity": e.identity, "dim": e.dim} for e in encoders],
        "languages": dict(sorted(Counter(language for language in languages if language).items())),
        "intents": {
            name: {language: n for (owner, language), n in sorted(counts.items()) if owner == name} for name in intents
        },
        "faq_questions": len(corpus.questions),
        "scores": summary(held, heads, intent, languages, outside),
        "temperature": round(heads.temperature, 6),
        "faq_border": [round(value, 6) for value in faq.border],
        "faq_rates": rates,
    }
    return Model(manifest, intents, means, vectorizer, heads, faq)


def train(
    tenant: TenantId | str,
    data_dir: Path,
    out_dir: Path,
    *,
    flows_dir: Path | None = None,
    cache_file: Path | None = None,
    encoders: Sequence[Encoder] | None = None,
    progress: Progress | None = None,
    release: bool = True,
) -> Path:
    """Train a tenant's model, write it under ``out_dir/<tenant>/<version>`` and, unless told not to, make it live.

    Nothing is fitted when that version is there already.
    """
    corpus = read_corpus(tenant, data_dir, flows_dir)
    encoders = standard_encoders() if encoders is None else encoders
    version = version_of(corpus, encoders)
    folder = out_dir / str(tenant) / version
    if not (folder / "manifest.json").is_file():
        with EmbeddingCache(cache_file) as cache:
            folder = releases.save(build(corpus, encoders, cache, progress), out_dir, tenant)
    if release:
        releases.release(out_dir, tenant, version)
    return folder


def is_stale(
    tenant: TenantId | str, data_dir: Path, models: Path, flows_dir: Path | None, encoders: Sequence[Encoder]
) -> bool:
    """True when no model is live or the live one was made of other data."""
    live = releases.current(models, tenant)
    if live is None or not (models / str(tenant) / live / "manifest.json").is_file():
        return True
    return live != version_of(read_corpus(tenant, data_dir, flows_dir), encoders)


__all__ = ["Corpus", "build", "is_stale", "read_corpus", "train", "version_of"]
