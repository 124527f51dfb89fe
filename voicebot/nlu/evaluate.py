"""How well a model does on held-out lines: per intent, what it confuses, and what it lets in that is out of scope."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.domain import IntentScore, TenantId
from voicebot.errors import ContentError
from voicebot.nlu.data import OUT_OF_SCOPE, Example, read_tenant
from voicebot.nlu.encoders import EmbeddingCache, Encoder, Progress
from voicebot.nlu.fit import calibration_error
from voicebot.nlu.model import Model
from voicebot.nlu.text import normalise

SCOPE_LIMIT = 0.05
"""In-scope percentile below which an utterance counts as rejected in the report."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One held-out line and what the model made of it."""

    example: Example
    ranking: tuple[IntentScore, ...]
    in_scope: float

    @property
    def guess(self) -> str:
        """The model's intent."""
        return self.ranking[0].name

    @property
    def right(self) -> bool:
        """True when that is the line's."""
        return self.guess == self.example.intent

    @property
    def rejected(self) -> bool:
        """True when the model would not act on it."""
        return self.guess == OUT_OF_SCOPE or self.in_scope < SCOPE_LIMIT


@dataclass(frozen=True, slots=True)
class IntentReport:
    """Scores of one intent, 0..1; ``support`` lines were tested."""

    intent: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Lines of ``truth`` taken for ``guess``."""

    truth: str
    guess: str
    lines: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Scores over a set of lines. Out-of-scope figures are None without such lines.

    ``accuracy`` and ``within_two`` are over in-scope lines; ``false_accepts`` is the share of out-of-scope lines acted
    on, ``false_rejects`` the share of in-scope lines not acted on.
    """

    lines: int
    accuracy: float
    within_two: float
    macro_f1: float
    calibration_error: float
    false_rejects: float
    out_of_scope: int
    false_accepts: float | None
    auroc: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything the report shows."""

    tenant: TenantId
    model: str
    overall: Summary
    by_language: dict[str, Summary]
    intents: tuple[IntentReport, ...]
    confusions: tuple[Confusion, ...]

    def to_json(self) -> dict[str, Any]:
        """For machines: the same figures, confusions with file and line."""
        return {
            "tenant": self.tenant,
            "model": self.model,
            "overall": asdict(self.overall),
            "by_language": {language: asdict(summary) for language, summary in self.by_language.items()},
            "intents": [asdict(intent) for intent in self.intents],
            "confusions": [
                {
                    "truth": confusion.truth,
                    "guess": confusion.guess,
                    "lines": [
                        {
                            "file": str(judged.example.file),
                            "line": judged.example.line,
                            "text": judged.example.text,
                            "confidence": judged.ranking[0].confidence,
                        }
                        for judged in confusion.lines
                    ],
                }
                for confusion in self.confusions
            ],
        }


def evaluate(
    tenant: TenantId | str,
    data_dir: Path,
    folder: Path,
    encoders: Sequence[Encoder],
    cache: EmbeddingCache,
    progress: Progress | None = None,
) -> Evaluation:
    """Test a model on ``test_*.yml`` of core and tenant.

    Raises:
        ContentError: there is no held-out line, or one is broken.
    """
    data = read_tenant(data_dir, tenant, held_out=True).checked()
    if not data.examples:
        where = data_dir / str(tenant)
        raise ContentError(where, None, "no held-out lines.", "Add <language>/test_nlu.yml in the format of nlu.yml.")
    model = Model.load(folder, tuple(encoders))
    return report(tenant, model.version, judge(model, data.examples, encoders, cache, progress))


def judge(
    model: Model,
    examples: Sequence[Example],
    encoders: Sequence[Encoder],
    cache: EmbeddingCache,
    progress: Progress | None = None,
) -> list[Judged]:
    """Ask the model about every line."""
    texts = [normalise(example.text) for example in examples]
    parts = [cache.embed(encoder, texts, progress) for encoder in encoders]
    judged = []
    for row, example in enumerate(examples):
        scores = model.score(texts[row], model.joined(tuple(part[row] for part in parts)), example.language)
        judged.append(Judged(example, scores.ranking, scores.in_scope))
    return judged


def report(tenant: TenantId | str, model: str, judged: Sequence[Judged]) -> Evaluation:
    """Count everything up."""
    languages = sorted({str(one.example.language) for one in judged})
    return Evaluation(
        TenantId(str(tenant)),
        model,
        summarise(judged),
        {language: summarise([one for one in judged if one.example.language == language]) for language in languages},
        per_intent(judged),
        _confusions(judged),
    )


def per_intent(judged: Iterable[Judged]) -> tuple[IntentReport, ...]:
    """Precision, recall and F1 of every intent that occurs, worst F1 first."""
    hits: Counter[str] = Counter()
    truths: Counter[str] = Counter()
    guesses: Counter[str] = Counter()
    for one in judged:
        truths[one.example.intent] += 1
        guesses[one.guess] += 1
        hits[one.example.intent] += one.right
    rows = []
    for intent in truths:
        precision = hits[intent] / guesses[intent] if guesses[intent] else 0.0
        recall = hits[intent] / truths[intent]
        f1 = 2 * precision * recall / (precision + recall) if hits[intent] else 0.0
        rows.append(IntentReport(intent, round(precision, 4), round(recall, 4), round(f1, 4), truths[intent]))
    return tuple(sorted(rows, key=lambda row: (row.f1, row.intent)))


def summarise(judged: Sequence[Judged]) -> Summary:
    """The figures over some lines."""
    inside = [one for one in judged if one.example.intent != OUT_OF_SCOPE]
    outside = [one for one in judged if one.example.intent == OUT_OF_SCOPE]
    return Summary(
        lines=len(judged),
        accuracy=_share([one.right for one in inside]),
        within_two=_share([one.example.intent in [score.name for score in one.ranking[:2]] for one in inside]),
        macro_f1=_share([row.f1 for row in per_intent(judged)]),
        calibration_error=round(
            calibration_error(
                np.array([one.ranking[0].confidence for one in judged]), np.array([one.right for one in judged], bool)
            ),
            4,
        ),
        false_rejects=_share([one.rejected for one in inside]),
        out_of_scope=len(outside),
        false_accepts=_share([not one.rejected for one in outside]) if outside else None,
        auroc=auroc([one.in_scope for one in inside], [one.in_scope for one in outside]),
    )


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Chance that an in-scope line scores above an out-of-scope one; ties count half."""
    if not inside or not outside:
        return None
    ordered = np.sort(np.array(outside))
    values = np.array(inside)
    below = np.searchsorted(ordered, values, "left")
    ties = np.searchsorted(ordered, values, "right") - below
    return round(float((below + ties / 2).mean() / len(ordered)), 4)


def _confusions(judged: Iterable[Judged]) -> tuple[Confusion, ...]:
    pairs: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        if not one.right:
            pairs[one.example.intent, one.guess].append(one)
    found = [Confusion(truth, guess, tuple(lines)) for (truth, guess), lines in pairs.items()]
    return tuple(sorted(found, key=lambda confusion: (-len(confusion.lines), confusion.truth, confusion.guess)))


def _share(values: Sequence[float | bool]) -> float:
    return round(float(np.mean(values)), 4) if values else 0.0
