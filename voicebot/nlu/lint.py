"""What is wrong or weak in training data, each finding with its place and how to mend it.

Checked per company, together with the shared core: unreadable lines, the same line under two intents or twice under
one, lines that differ only in values or punctuation, thin intents, intents that lack a language, unknown entity names,
regexes that do not compile, and held-out lines that are also trained on.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voicebot.domain import Language
from voicebot.nlu.data import CORE, Example, TrainingData, read_file
from voicebot.nlu.text import normalise, tidy

THIN = 10
"""Lines an intent should have in each language."""
NEAR = 0.9
"""Cosine from which two lines mean the same to the encoders."""
_LANGUAGE = re.compile(r"^[a-z]{2,3}$")
_DIGITS = re.compile(r"\d+")

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Unit vectors (n, d) of normalised texts."""


class Severity(StrEnum):
    """``error``: training or service suffers; ``warning``: worth a look; ``info``: may be meant so."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend; ``line`` is None when it concerns the whole file."""

    file: Path
    line: int | None
    severity: Severity
    code: str
    message: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else str(self.file)
        return f"{place}: {self.severity}: {self.message} {self.mend} [{self.code}]"


def lint(paths: Iterable[Path], *, entities: frozenset[str] | None = None, embed: Embed | None = None) -> list[Finding]:
    """Findings for files and folders, sorted by file and line.

    ``entities``: known entity names, None to accept any; ``embed``: also look for lines of two intents that mean the
    same (slower).
    """
    owners = _read(paths)
    findings: set[Finding] = set()
    core = owners.get(CORE, _Owned())
    for name, owned in owners.items():
        findings.update(_broken(owned))
        findings.update(_entities(owned, entities))
        findings.update(_regexes(owned))
        if name != CORE or len(owners) == 1:
            together = owned.trained if name == CORE else core.trained + owned.trained
            held_out = owned.held_out if name == CORE else core.held_out + owned.held_out
            findings.update(_company(together, held_out, embed))
    order = {severity: place for place, severity in enumerate(Severity)}
    return sorted(findings, key=lambda f: (str(f.file), f.line or 0, order[f.severity], f.code, f.message))


@dataclass(slots=True)
class _Owned:
    trained: TrainingData
    held_out: TrainingData

    def __init__(self) -> None:
        self.trained, self.held_out = TrainingData(), TrainingData()


def _read(paths: Iterable[Path]) -> dict[str, _Owned]:
    """Data by owner: the folder above the language folder, or the file's own folder."""
    owners: dict[str, _Owned] = defaultdict(_Owned)
    for path in paths:
        files = sorted([*path.rglob("*.yml"), *path.rglob("*.yaml")]) if path.is_dir() else [path]
        for file in files:
            folder = file.resolve().parent
            spoken = bool(_LANGUAGE.match(folder.name))
            owner = folder.parent.name if spoken else folder.name
            data = read_file(file, Language(folder.name if spoken else ""))
            owned = owners[owner]
            if file.name.startswith("test_"):
                owned.held_out += data
            else:
                owned.trained += data
    return dict(owners)


def _broken(owned: _Owned) -> Iterator[Finding]:
    for error in owned.trained.problems + owned.held_out.problems:
        yield Finding(Path(error.file), error.line, Severity.ERROR, "broken", _sentence(error.problem), error.mend)


def _entities(owned: _Owned, known: frozenset[str] | None) -> Iterator[Finding]:
    if known is None:
        return
    for example in owned.trained.examples + owned.held_out.examples:
        for mark in example.marks:
            if mark.entity not in known:
                near = difflib.get_close_matches(mark.entity, sorted(known), 1)
                mend = f"Did you mean '{near[0]}'?" if near else "Declare it in domain.yml or entities.yml."
                message = f"Unknown entity '{mark.entity}'."
                yield _at(example, Severity.ERROR, "unknown_entity", message, mend)


def _regexes(owned: _Owned) -> Iterator[Finding]:
    for term in owned.trained.terms:
        if term.kind == "regex":
            try:
                re.compile(term.text)
            except re.error as error:
                message = f"The regex '{term.name}' does not compile ({error.msg})."
                yield Finding(term.file, term.line, Severity.ERROR, "bad_regex", message, "Correct the pattern.")


def _company(data: TrainingData, held_out: TrainingData, embed: Embed | None) -> Iterator[Finding]:
    yield from _same(data.examples)
    yield from _alike(data.examples)
    yield from _coverage(data.examples)
    yield from _leaks(data.examples, held_out.examples)
    if embed is not None:
        yield from _near(data.examples, embed)


def _same(examples: Sequence[Example]) -> Iterator[Finding]:
    """The same words after normalisation."""
    for group in _groups(examples, lambda example: normalise(example.text)):
        for number, later in enumerate(group[1:], 1):
            earlier = group[:number]
            other = next((e for e in earlier if e.intent != later.intent), None)
            twin = next((e for e in earlier if (e.intent, e.language) == (later.intent, later.language)), None)
            if other is not None:
                message = f"The line is under '{later.intent}' here and under '{other.intent}' at {_place(other)}."
                yield _at(later, Severity.ERROR, "conflict", message, "Keep it under one intent.")
            elif twin is not None and _plain(twin) == _plain(later):
                message = f"The line is under '{later.intent}' twice, first at {_place(twin)}."
                yield _at(later, Severity.WARNING, "duplicate", message, "Remove one.")
            elif twin is not None:
                message = f"Only fillers differ from {_place(twin)}."
                yield _at(later, Severity.INFO, "near_duplicate", message, "Word it differently or remove it.")


def _plain(example: Example) -> str:
    return tidy(unicodedata.normalize("NFKC", example.text))


def _alike(examples: Sequence[Example]) -> Iterator[Finding]:
    """The same but for marked values, digits, blanks."""
    for group in _groups(examples, _skeleton):
        first_by_text = {normalise(example.text): example for example in reversed(group)}
        unlike = sorted(first_by_text.values(), key=lambda e: (str(e.file), e.line))
        for later in unlike[1:]:
            first = next((e for e in unlike if e.intent != later.intent), unlike[0])
            if first.intent != later.intent:
                message = f"Only values differ from a line of '{first.intent}' at {_place(first)}."
                yield _at(
                    later, Severity.WARNING, "near_conflict", message, "Say in words what sets the intents apart."
                )
            else:
                message = f"Only values differ from {_place(first)}."
                yield _at(later, Severity.INFO, "near_duplicate", message, "Word it differently or remove it.")


def _skeleton(example: Example) -> str:
    text = example.text
    for mark in sorted(example.marks, key=lambda mark: -mark.start):
        text = f"{text[: mark.start]} 0{mark.entity} {text[mark.end :]}"
    return _DIGITS.sub("0", normalise(text)).replace(" ", "")


def _coverage(examples: Sequence[Example]) -> Iterator[Finding]:
    counts = Counter((example.intent, example.language) for example in examples)
    languages = sorted({example.language for example in examples})
    first: dict[str, Example] = {}
    for example in examples:
        first.setdefault(example.intent, example)
    for intent, example in first.items():
        for language in languages:
            count = counts[intent, language]
            if count == 0:
                message = f"The intent '{intent}' has no line in '{language}'."
                yield _at(example, Severity.ERROR, "language_gap", message, f"Write {THIN} or more in '{language}'.")
            elif count < THIN:
                where = next(e for e in examples if e.intent == intent and e.language == language)
                noun = "line" if count == 1 else "lines"
                message = f"The intent '{intent}' has {count} {noun}" + (f" in '{language}'." if language else ".")
                yield _at(where, Severity.WARNING, "thin_intent", message, f"Write {THIN} or more, worded differently.")


def _leaks(examples: Sequence[Example], held_out: Sequence[Example]) -> Iterator[Finding]:
    trained = {normalise(example.text): example for example in examples}
    for example in held_out:
        twin = trained.get(normalise(example.text))
        if twin is not None:
            message = f"This held-out line is also trained on, at {_place(twin)}."
            yield _at(example, Severity.WARNING, "leak", message, "Remove one of them; scores flatter otherwise.")


def _near(examples: Sequence[Example], embed: Embed) -> Iterator[Finding]:
    texts = [normalise(example.text) for example in examples]
    if not texts:
        return
    vectors = embed(texts)
    for place, example in enumerate(examples):
        similarity = vectors[:place] @ vectors[place]
        for other in np.flatnonzero(similarity >= NEAR):
            earlier = examples[int(other)]
            if earlier.intent != example.intent and texts[int(other)] != texts[place]:
                message = f"Means nearly the same as a line of '{earlier.intent}' at {_place(earlier)}."
                yield _at(example, Severity.INFO, "near_meaning", message, "Check that both are where they belong.")


def _groups(examples: Sequence[Example], key: Callable[[Example], str]) -> Iterator[list[Example]]:
    found: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        found[key(example)].append(example)
    yield from (group for group in found.values() if len(group) > 1)


def _at(example: Example, severity: Severity, code: str, message: str, mend: str) -> Finding:
    return Finding(example.file, example.line, severity, code, message, mend)


def _place(example: Example) -> str:
    return f"{example.file}:{example.line}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
