"""FAQ retrieval: the entry whose questions lie nearest, with a score that reads as 'worth answering' from 0.5 up.

Files ``flows/<tenant>/<language>/faq.yml``: ``faq: [{id, q: [question, ...], a: answer}]``. Questions of every language
serve every language, because the encoders put translations next to each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from voicebot.domain import FaqScore, Language
from voicebot.errors import ContentError

Float32 = NDArray[np.float32]
Border = tuple[float, float, float]
"""Weights of similarity and of the log of agreement, and an offset: a score is the logistic of their sum."""
_BORDER_WHEN_UNKNOWN: Border = (12.0, 0.0, -6.6)
"""Used when there are too few questions to calibrate with: the border lies at a cosine of 0.55."""
_NEAR_ENOUGH = 0.5
"""A line that asks for general knowledge counts as answerable from this cosine to an entry's question."""
_LEAST_AGREEMENT = 0.02


@dataclass(frozen=True, slots=True)
class Question:
    """One way to ask an FAQ entry."""

    id: str
    text: str
    language: Language
    file: Path
    line: int


def read_faq(file: Path, language: Language) -> tuple[Question, ...]:
    """Every question of a file.

    Raises:
        ContentError: naming file, line and mend.
    """
    try:
        node = YAML(typ="rt", pure=True).compose(file.read_text(encoding="utf-8-sig"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ContentError(file, line, f"this is not valid YAML ({error.problem}).", "Check this line.") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ContentError(file, None, "this is not valid YAML in UTF-8.", "Check the file's syntax.") from error
    questions: list[Question] = []
    for entry in _items(_get(node, "faq")):
        name, asked = _get(entry, "id"), _items(_get(entry, "q"))
        line = int(entry.start_mark.line) + 1
        if not isinstance(name, ScalarNode) or not asked:
            mend = "Write {id: name, q: [question], a: answer}."
            raise ContentError(file, line, "this FAQ entry lacks 'id' or 'q'.", mend)
        for item in asked:
            if isinstance(item, ScalarNode) and str(item.value).strip():
                where = int(item.start_mark.line) + 1
                questions.append(Question(str(name.value), str(item.value).strip(), language, file, where))
    return tuple(questions)


def _get(node: Node | None, key: str) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    return None


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, SequenceNode) else []


@dataclass(frozen=True, slots=True)
class FaqIndex:
    """What is searched.

    ``questions`` (n, d) in the joined space; ``entry`` (n) an index into ``ids``; ``border``: see :data:`Border`;
    ``kin`` (entries, k): how much each intent wants what an entry answers, 0..1, empty for a model made without.
    """

    ids: tuple[str, ...]
    questions: Float32
    entry: NDArray[np.int16]
    border: Border
    kin: Float32

    def search(self, dense: Float32, probabilities: NDArray[np.float64], best: int = 3) -> tuple[FaqScore, ...]:
        """The best entries for a text of which the intents are as probable as given, shape (k,)."""
        if not self.ids:
            return ()
        similarity = best_per_entry((self.questions @ dense)[None, :], self.entry, len(self.ids))[0]
        near, agreeing, offset = self.border
        logits = near * similarity + offset
        if self.kin.size:
            logits = logits + agreeing * agreement(probabilities @ self.kin.T)
        order = np.argsort(-logits, kind="stable")[:best]
        return tuple(FaqScore(self.ids[i], round(float(1 / (1 + np.exp(-logits[i]))), 4)) for i in order)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What goes into faq.npz."""
        return {
            "ids": np.array(self.ids, dtype=np.str_),
            "questions": self.questions.astype(np.float16),
            "entry": self.entry,
            "border": np.array(self.border),
            "kin": self.kin,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> FaqIndex:
        """The reverse of :meth:`arrays`."""
        near, *agreeing, offset = (float(weight) for weight in arrays["border"])
        return cls(
            tuple(str(name) for name in arrays["ids"]),
            arrays["questions"].astype(np.float32),
            arrays["entry"],
            (near, agreeing[0] if agreeing else 0.0, offset),
            arrays.get("kin", np.zeros((0, 0), np.float32)),
        )


def best_per_entry(similarities: Float32, entry: NDArray[np.int16], count: int) -> Float32:
    """Best similarity to any question of each entry: (n, questions) -> (n, count)."""
    best = np.full((len(similarities), count), -1.0, np.float32)
    for column, index in enumerate(entry):
        np.maximum(best[:, index], similarities[:, column], out=best[:, index])
    return best


def agreement(shares: NDArray[np.floating]) -> NDArray[np.float64]:
    """Log of how much a text wants what an entry answers (0..1), never below a floor."""
    return np.log(np.maximum(shares.astype(np.float64), _LEAST_AGREEMENT))


@dataclass(frozen=True, slots=True)
class Sounded:
    """Texts with joined embeddings (n, d) and intents' probabilities (n, k), by a model that saw none of them."""

    dense: Float32
    probabilities: NDArray[np.float64]


def build_faq(
    questions: Sequence[Question],
    own: Sounded,
    asked: Sounded,
    strangers: Sounded,
    ask: int | None,
    outside: int | None,
) -> tuple[FaqIndex, dict[str, float]]:
    """Make the index and calibrate its border; also returns the shares answered and wrongly answered at the border.

    An entry's kin are the intent ``ask`` of general questions and whatever its own questions are taken for (``own``,
    one row a question), never ``outside``: "where is my rice cooker" is near the rice cooker's questions but wants
    something else. What must find an entry: each question among the others (leave one out; its likely translation,
    the nearest question of another language, is left out too) if it finds its own, and lines ``asked`` of general
    knowledge, if an entry is at all near. ``strangers``, lines that want something else, must find none. A weighted
    logistic regression over similarity and agreement gives the border.
    """
    ids = tuple(dict.fromkeys(question.id for question in questions))
    entry = np.array([ids.index(question.id) for question in questions], np.int16)
    width = own.probabilities.shape[1]
    if not ids:
        empty = np.zeros((0, own.dense.shape[1]), np.float32)
        return FaqIndex((), empty, entry, _BORDER_WHEN_UNKNOWN, np.zeros((0, width), np.float32)), {}

    def kin_of(rows: NDArray[np.intp]) -> Float32:
        kin = own.probabilities[rows].mean(axis=0) if len(rows) else np.zeros(width)
        kin = kin / max(float(kin.max()), 1e-9)
        if outside is not None:
            kin[outside] = 0.0
        if ask is not None:
            kin[ask] = 1.0
        return kin.astype(np.float32)

    kin = np.stack([kin_of(np.flatnonzero(entry == e)) for e in range(len(ids))])
    alone = _left_out(questions, own.dense, entry, len(ids))
    mine = [
        (near, float(own.probabilities[i] @ kin_of(np.flatnonzero((entry == entry[i]) & (np.arange(len(entry)) != i)))))
        for i, near in alone
    ]

    def nearest(texts: Sounded) -> NDArray[np.float64]:
        similarity = best_per_entry(texts.dense @ own.dense.T, entry, len(ids))
        best = similarity.argmax(axis=1)
        shares = (texts.probabilities * kin[best]).sum(axis=1)
        return np.stack([similarity.max(axis=1).astype(np.float64), shares], axis=1)

    general, wrong = nearest(asked), nearest(strangers)
    right = np.concatenate([np.array(mine).reshape(-1, 2), general[general[:, 0] >= _NEAR_ENOUGH]])
    for pairs in (right, wrong):
        pairs[:, 1] = agreement(pairs[:, 1])
    border = _border(right, wrong)
    rates = {"answered": right, "answered_wrongly": wrong}
    shares = {name: round(_share(pairs, border), 4) for name, pairs in rates.items() if len(pairs)}
    return FaqIndex(ids, own.dense, entry, border, kin), shares


def _left_out(
    questions: Sequence[Question], vectors: Float32, entry: NDArray[np.int16], count: int
) -> list[tuple[int, float]]:
    """Number and best similarity of each question that finds its own entry among the others."""
    similarity = vectors @ vectors.T
    found: list[tuple[int, float]] = []
    for i, question in enumerate(questions):
        row = similarity[i].copy()
        row[i] = -1.0
        abroad = [j for j, other in enumerate(questions) if other.language != question.language]
        if abroad:
            row[max(abroad, key=row.__getitem__)] = -1.0
        best = best_per_entry(row[None, :], entry, count)[0]
        if best.argmax() == entry[i] and best.max() > -1.0:
            found.append((i, float(best.max())))
    return found


def _share(pairs: NDArray[np.float64], border: Border) -> float:
    return float((pairs @ np.array(border[:2]) + border[2] >= 0).mean())


def _border(right: NDArray[np.float64], wrong: NDArray[np.float64]) -> Border:
    if len(right) < 8 or len(wrong) < 8:
        return _BORDER_WHEN_UNKNOWN
    from sklearn.linear_model import LogisticRegression

    values = np.concatenate([right, wrong])
    truth = np.concatenate([np.ones(len(right)), np.zeros(len(wrong))])
    fitted = LogisticRegression(C=1000.0, class_weight="balanced").fit(values, truth)
    near, agreeing = (float(weight) for weight in fitted.coef_[0])
    return (near, max(agreeing, 0.0), float(fitted.intercept_[0])) if near > 0 else _BORDER_WHEN_UNKNOWN
