"""What a model is made of, and whether the live one was made of it; light enough for the server to ask."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voicebot.domain import Language, TenantId
from voicebot.nlu import releases
from voicebot.nlu.data import CORE, TrainingData, read_tenant
from voicebot.nlu.encoders import Encoder, standard_identities
from voicebot.nlu.faq import Question, read_faq
from voicebot.nlu.model import FORMAT

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


def version_of(corpus: Corpus, encoders: Sequence[Encoder] | None = None) -> str:
    """Name of the model this corpus gives with these encoders; None: the standard ones, which need not be loaded."""
    identities = standard_identities() if encoders is None else [encoder.identity for encoder in encoders]
    made_of = [FORMAT, RECIPE, corpus.hash, list(identities)]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]


def is_stale(
    tenant: TenantId | str,
    data_dir: Path,
    models: Path,
    flows_dir: Path | None,
    encoders: Sequence[Encoder] | None = None,
) -> bool:
    """True when no model is live or the live one was made of other data, or with other encoders than the standard."""
    live = releases.current(models, tenant)
    if live is None or not (models / str(tenant) / live / "manifest.json").is_file():
        return True
    return live != version_of(read_corpus(tenant, data_dir, flows_dir), encoders)


__all__ = ["RECIPE", "Corpus", "is_stale", "read_corpus", "version_of"]
