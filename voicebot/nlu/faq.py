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
_BORDER_WHEN_UNKNOWN = (12.0, -6.6)
"""Slope and offset used when there are too few questions to calibrate with: the border lies at a cosine of 0.55."""


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
    """``questions`` (n, d) in the joined space, ``entry`` (n) an index into ``ids``; ``border`` slope and offset."""

    ids: tuple[str, ...]
    questions: Float32
    entry: NDArray[np.int16]
    border: tuple[float, float]

    def search(self, dense: Float32, best: int = 3) -> tuple[FaqScore, ...]:
        """The nearest entries, best first."""
        if not self.ids:
            return ()
        similarity = best_per_entry((self.questions @ dense)[None, :], self.entry, len(self.ids))[0]
        order = np.argsort(-similarity, kind="stable")[:best]
        slope, offset = self.border
        return tuple(
            FaqScore(self.ids[i], round(float(1 / (1 + np.exp(-(slope * similarity[i] + offset)))), 4)) for i in order
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What goes into faq.npz."""
        return {
            "ids": np.array(self.ids, dtype=np.str_),
            "questions": self.questions.astype(np.float16),
            "entry": self.entry,
            "border": np.array(self.border),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> FaqIndex:
        """The reverse of :meth:`arrays`."""
        border = arrays["border"]
        return cls(
            tuple(str(name) for name in arrays["ids"]),
            arrays["questions"].astype(np.float32),
            arrays["entry"],
            (float(border[0]), float(border[1])),
        )


def best_per_entry(similarities: Float32, entry: NDArray[np.int16], count: int) -> Float32:
    """Best similarity to any question of each entry: (n, questions) -> (n, count)."""
    best = np.full((len(similarities), count), -1.0, np.float32)
    for column, index in enumerate(entry):
        np.maximum(best[:, index], similarities[:, column], out=best[:, index])
    return best


def build_faq(questions: Sequence[Question], vectors: Float32, strangers: Float32, dim: int) -> FaqIndex:
    """Make the index and calibrate its border.

    Each question is searched among the others (leave one out; its likely translation, the nearest question of another
    language, is left out too) and must find its own entry; ``strangers`` (m, d) are lines that want something else and
    must find nothing. A weighted logistic regression over the two sets of best similarities gives slope and offset.
    """
    ids = tuple(dict.fromkeys(question.id for question in questions))
    entry = np.array([ids.index(question.id) for question in questions], np.int16)
    if not ids:
        return FaqIndex((), np.zeros((0, dim), np.float32), entry, _BORDER_WHEN_UNKNOWN)
    own = _left_out(questions, vectors, entry, len(ids))
    stranger = best_per_entry(strangers @ vectors.T, entry, len(ids)).max(axis=1)
    return FaqIndex(ids, vectors, entry, _border(own, stranger))


def _left_out(questions: Sequence[Question], vectors: Float32, entry: NDArray[np.int16], count: int) -> Float32:
    similarity = vectors @ vectors.T
    found: list[float] = []
    for i, question in enumerate(questions):
        row = similarity[i].copy()
        row[i] = -1.0
        abroad = [j for j, other in enumerate(questions) if other.language != question.language]
        if abroad:
            row[max(abroad, key=row.__getitem__)] = -1.0
        best = best_per_entry(row[None, :], entry, count)[0]
        if best.argmax() == entry[i] and best.max() > -1.0:
            found.append(float(best.max()))
    return np.array(found, np.float32)


def _border(own: Float32, stranger: Float32) -> tuple[float, float]:
    if len(own) < 8 or len(stranger) < 8:
        return _BORDER_WHEN_UNKNOWN
    from sklearn.linear_model import LogisticRegression

    values = np.concatenate([own, stranger]).astype(np.float64)[:, None]
    truth = np.concatenate([np.ones(len(own)), np.zeros(len(stranger))])
    fitted = LogisticRegression(C=1000.0, class_weight="balanced").fit(values, truth)
    slope = float(fitted.coef_[0, 0])
    return (slope, float(fitted.intercept_[0])) if slope > 0 else _BORDER_WHEN_UNKNOWN
