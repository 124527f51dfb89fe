"""Word and character n-gram features (TF-IDF) that need nothing but numpy to apply and JSON to keep.

Latin script: words 1-2 and characters 2-5 inside word borders. Japanese: characters 1-4. Besides, ``regex`` and
``lookup`` entries of the training data are features of their own, as in Rasa's RegexFeaturizer. Weights are
``(1 + ln tf) * idf`` with ``idf = ln((1 + n) / (1 + df)) + 1``, each vector scaled to length 1.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voicebot.nlu.data import Term
from voicebot.nlu.text import is_japanese

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Vectorizer:
    """``vocabulary`` maps a feature to its column; ``patterns`` and ``lookups`` are named extra features."""

    vocabulary: dict[str, int]
    idf: Float32
    patterns: tuple[tuple[str, re.Pattern[str]], ...] = ()
    lookups: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self.vocabulary)

    @classmethod
    def fit(cls, texts: Sequence[str], terms: Iterable[Term] = (), min_count: int = 2) -> Vectorizer:
        """Learn columns from normalised texts; a feature must occur in ``min_count`` of them."""
        return cls.fit_with(texts, cls({}, np.zeros(0, np.float32), *_compile(terms)), min_count)

    @classmethod
    def fit_with(cls, texts: Sequence[str], shell: Vectorizer, min_count: int = 2) -> Vectorizer:
        """Learn columns anew, keeping the patterns and lookups of another vectoriser."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(set(shell.features(text)))
        kept = sorted(feature for feature, count in counts.items() if count >= min_count)
        idf = [math.log((1 + len(texts)) / (1 + counts[feature])) + 1 for feature in kept]
        return cls({f: i for i, f in enumerate(kept)}, np.array(idf, np.float32), shell.patterns, shell.lookups)

    def features(self, text: str) -> list[str]:
        """Every feature of a normalised text, repeated as often as it occurs."""
        found = [f"re:{name}" for name, pattern in self.patterns if pattern.search(text)]
        found += [f"lk:{name}" for name, phrases in self.lookups if any(phrase in text for phrase in phrases)]
        text = _DIGITS.sub("0", text)
        return found + (_characters(text) if is_japanese(text) else _words(text))

    def transform(self, text: str) -> tuple[Int32, Float32]:
        """Columns (ascending) and weights of one normalised text."""
        columns = Counter(c for f in self.features(text) if (c := self.vocabulary.get(f)) is not None)
        if not columns:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        order = sorted(columns)
        at = np.array(order, np.int32)
        counts = np.array([columns[column] for column in order], np.float32)
        weights = (1 + np.log(counts)) * self.idf[at]
        return at, (weights / np.linalg.norm(weights)).astype(np.float32)

    def to_json(self) -> dict[str, object]:
        """All but ``idf``, which goes with the other arrays."""
        return {
            "vocabulary": sorted(self.vocabulary, key=self.vocabulary.__getitem__),
            "patterns": [[name, pattern.pattern] for name, pattern in self.patterns],
            "lookups": [[name, list(phrases)] for name, phrases in self.lookups],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any], idf: Float32) -> Vectorizer:
        """The reverse of :meth:`to_json`."""
        return cls(
            {feature: column for column, feature in enumerate(data["vocabulary"])},
            idf,
            tuple((name, re.compile(pattern, re.I)) for name, pattern in data["patterns"]),
            tuple((name, tuple(phrases)) for name, phrases in data["lookups"]),
        )


def _compile(
    terms: Iterable[Term],
) -> tuple[tuple[tuple[str, re.Pattern[str]], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Regexes and lookups that compile; the linter reports the others."""
    patterns: list[tuple[str, re.Pattern[str]]] = []
    lookups: dict[str, set[str]] = {}
    for term in terms:
        if term.kind == "regex":
            try:
                patterns.append((term.name, re.compile(term.text, re.I)))
            except re.error:
                continue
        elif term.kind == "lookup":
            lookups.setdefault(term.name, set()).add(term.text.lower())
    unique = {(name, pattern.pattern): (name, pattern) for name, pattern in patterns}
    return (
        tuple(unique[key] for key in sorted(unique)),
        tuple((name, tuple(sorted(lookups[name]))) for name in sorted(lookups)),
    )


def _characters(text: str) -> list[str]:
    joined = text.replace(" ", "")
    return [joined[i : i + n] for n in range(1, 5) for i in range(len(joined) - n + 1)]


def _words(text: str) -> list[str]:
    words = text.split()
    found = [f"w:{word}" for word in words] + [f"w:{a} {b}" for a, b in pairwise(words)]
    for word in words:
        padded = f" {word} "
        for n in range(2, 6):
            found += [padded[i : i + n] for i in range(len(padded) - n + 1)]
            if n >= len(padded):
                break
    return found
