"""Closed lists (products, kinds of damage, countries …) from ``entities.yml``, and how their words are found.

Latin words match whole words and their usual endings; Japanese stems match anywhere, katakana and hiragana alike,
but for short katakana, which stand alone and in katakana.
The longest match wins. ``weak`` phrases (別の, "short") count only when the pending question asks for that list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from voicebot.domain import Language
from voicebot.errors import ContentError
from voicebot.nlu.entities.found import Found, Search
from voicebot.spelled import fold

_ENDINGS = r"(?:'s|s'|s|es|ed|d|ing|ting|ping|ging)?"
_SHORTEST_FREE_KATAKANA = 3
"""A katakana phrase shorter than this counts only in katakana and on its own: タイで is a country, したいで is not."""


@dataclass(frozen=True, slots=True)
class _Words:
    """The phrases of one list in one script, and what each stands for."""

    pattern: re.Pattern[str]
    values: Mapping[str, tuple[str, bool]]
    katakana_kept: bool = False


@dataclass(frozen=True, slots=True)
class ClosedValues:
    """The closed lists of one tenant: ``labels[name][value][language]`` and what finds them."""

    labels: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    _words: Mapping[str, tuple[_Words, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, flows: Path, tenant: str) -> ClosedValues:
        """Lists of ``flows/core/entities.yml`` with those of the tenant over them, list by list.

        Raises:
            ContentError: a file is not valid; names file, line and mend.
        """
        lists: dict[str, Any] = {}
        for owner in dict.fromkeys(("core", tenant)):
            path = flows / owner / "entities.yml"
            if path.exists():
                lists.update(_read(path))
        return cls.of(lists)

    @classmethod
    def of(cls, lists: Mapping[str, Mapping[str, Any]]) -> ClosedValues:
        """From ``{list: {value: {ja: [...], en: [...], label: {...}, weak: {...}}}}``."""
        labels: dict[str, dict[str, dict[str, str]]] = {}
        words: dict[str, tuple[_Words, ...]] = {}
        for name, values in lists.items():
            phrases: dict[str, tuple[str, bool]] = {}
            for value, entry in values.items():
                named = labels.setdefault(name, {}).setdefault(str(value), {})
                named.update({str(language): str(text) for language, text in (entry.get("label") or {}).items()})
                for weak, source in ((False, entry), (True, entry.get("weak") or {})):
                    for language, listed in source.items():
                        if language in ("label", "weak"):
                            continue
                        for phrase in listed:
                            if not weak:
                                named.setdefault(str(language), str(phrase))
                            phrases.setdefault(str(phrase), (str(value), weak))
            words[str(name)] = tuple(_index(phrases))
        return cls(labels, words)

    def names(self) -> tuple[str, ...]:
        """Names of all lists."""
        return tuple(self.labels)

    def values(self, name: str) -> tuple[str, ...]:
        """Canonical values of one list."""
        return tuple(self.labels.get(name, ()))

    def label(self, name: str, value: str, language: Language) -> str | None:
        """How ``value`` is called in ``language``; None when it is not of this list."""
        named = self.labels.get(name, {}).get(value)
        return None if not named else named.get(language) or next(iter(named.values()), None)

    def find(self, search: Search) -> Iterator[Found]:
        """All matches; of one list the longest at each place, of different lists contained ones only when asked for."""
        hits: list[Found] = []
        for name, scripts in self._words.items():
            wanted = search.wants(name)
            for words in scripts:
                for match in words.pattern.finditer(search.text if words.katakana_kept else search.kana):
                    value, weak = words.values[match["word"]]
                    if wanted or not weak:
                        hits.append(Found(name, value, match.start(), match.end(), 0.8 if weak else 1.0, 35))
        hits.sort(key=lambda hit: (hit.start, -(hit.end - hit.start)))
        last: dict[str, int] = {}
        widest = -1
        for hit in hits:
            if hit.end <= last.get(hit.name, -1) or (hit.end < widest and not search.wants(hit.name)):
                continue
            if (
                hit.end == widest
                and hit.start > hits[0].start
                and self._inside(hits, hit)
                and not search.wants(hit.name)
            ):
                continue
            last[hit.name] = max(hit.end, last.get(hit.name, -1))
            widest = max(widest, hit.end)
            yield hit

    @staticmethod
    def _inside(hits: list[Found], hit: Found) -> bool:
        return any(other.start < hit.start and other.end == hit.end for other in hits)


def _index(phrases: Mapping[str, tuple[str, bool]]) -> Iterator[_Words]:
    latin: dict[str, tuple[str, bool]] = {}
    free: dict[str, tuple[str, bool]] = {}
    strict: dict[str, tuple[str, bool]] = {}
    for phrase, value in phrases.items():
        folded = fold(phrase)
        if folded.text.isascii() and re.search("[a-z]", folded.text):
            latin.setdefault(folded.text, value)
            if folded.text.endswith("e"):
                latin.setdefault(folded.text[:-1] + "ing", value)
            elif folded.text.endswith("y"):
                latin.setdefault(folded.text[:-1] + "ies", value)
        elif folded.text != folded.kana and len(folded.text) < _SHORTEST_FREE_KATAKANA:
            strict.setdefault(folded.text, value)
        else:
            free.setdefault(folded.kana, value)
    for group, before, after, kept in (
        (latin, "(?<![a-z0-9])", rf"{_ENDINGS}(?![a-z0-9])", False),
        (free, "", "", False),
        (strict, "(?<![ァ-ヶー])", "(?![ァ-ヶー])", True),
    ):
        if group:
            body = "|".join(re.escape(word) for word in sorted(group, key=len, reverse=True))
            yield _Words(re.compile(f"{before}(?P<word>{body}){after}"), group, kept)


def _line(mapping: Any, key: object) -> int:
    return int(mapping.lc.key(key)[0]) + 1


def _read(path: Path) -> dict[str, Any]:
    try:
        loaded = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        raise ContentError(path, line, "not valid YAML.", "Check indentation, quotes and brackets there.") from error
    lists: Any = (loaded or {}).get("closed_values") if isinstance(loaded, dict) else None
    if not isinstance(lists, dict):
        raise ContentError(path, 1, "`closed_values:` is missing.", "Put the lists under a top-level `closed_values:`.")
    for name, values in lists.items():
        if not isinstance(values, dict):
            raise ContentError(
                path,
                _line(lists, name),
                f"list `{name}` has no values.",
                "Write `value: {ja: [...], en: [...]}` below it.",
            )
        for value, entry in values.items():
            line = _line(values, value)
            if not isinstance(entry, dict) or not any(isinstance(entry.get(key), list) for key in ("ja", "en")):
                raise ContentError(
                    path, line, f"`{name}.{value}` has no phrases.", "Give it `ja: [...]` and `en: [...]`."
                )
            for key, phrases in entry.items():
                if key not in ("label", "weak") and not (
                    isinstance(phrases, list) and all(isinstance(p, str | int) for p in phrases)
                ):
                    raise ContentError(
                        path,
                        line,
                        f"`{name}.{value}.{key}` is not a list of phrases.",
                        "Quote words such as 'off' and write `[a, b]`.",
                    )
    return {str(name): values for name, values in lists.items()}
