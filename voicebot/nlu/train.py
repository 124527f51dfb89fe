"""From training lines to a model folder, in seconds and reproducibly.

The version is the hash of everything that shapes the model (lines, terms, FAQ questions, encoders, recipe), so the same
data is the same version, and a live model is stale exactly when its version differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from voicebot.domain import TenantId
from voicebot.errors import ContentError
from voicebot.nlu import releases
from voicebot.nlu.corpus import RECIPE, Corpus, read_corpus, version_of
from voicebot.nlu.data import ASK_FAQ, OUT_OF_SCOPE
from voicebot.nlu.encoders import EmbeddingCache, Encoder, Progress, standard_encoders
from voicebot.nlu.faq import Sounded, build_faq
from voicebot.nlu.features import joined
from voicebot.nlu.fit import FOLDS, SEED, Lines, calibrated, cross_validate, fit_heads, probabilities_of, summary
from voicebot.nlu.model import FORMAT, Model
from voicebot.nlu.text import normalise
from voicebot.nlu.vectorizer import Vectorizer


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


__all__ = ["build", "train"]
