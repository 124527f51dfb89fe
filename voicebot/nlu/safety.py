"""The safety screen: hears danger in the words alone, before any model, on half-heard sentences too.

The rules are data (``nlu_data/core/safety.yml``). Harmless figures of speech are cut out first, then every hazard's
patterns are tried, denied hits ("no smoke") are dropped, and what is past, hearsay or "what if" becomes a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from voicebot.domain import Hazard, Language, SafetyHit
from voicebot.errors import ContentError
from voicebot.spelled import fold
from voicebot.spelled.fold import to_hiragana

_LANGUAGES = ("ja", "en")
_DROPPED = re.compile(
    r"[ー~'`´]"
    r"|(?<=[ぁ-ゖ一-鿿、。])\s{1,3}(?=[ぁ-ゖ一-鿿])"
    r"|(?:えっと|ええと|えーと|(?<![ぁ-ゖァ-ヺ一-鿿])えと|あのう|あのー?(?=、)|なんか(?!い))、?"
    r"|(?<![a-z])(?:um{1,3}|uh{1,3}|erm?|like(?= (?:smoking|burning|melting|sparking|on fire)))(?![a-z]),? "
    r"|(?<=\s)\s"
)
_NEAR, _FAR = 32, 120
"""Characters around a hit: in which a supposition would hold it itself, and in which the story is told."""
_UNBOUNDED = re.compile(r"(?<!\\)[*+]|\{\d*,\}")


@dataclass(frozen=True, slots=True)
class _Rule:
    hazard: Hazard
    certain: bool
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class SafetyScreen:
    """Pure and thread-safe; both languages' rules are always applied, as callers mix them."""

    _harmless: re.Pattern[str]
    _rules: tuple[_Rule, ...]
    _denied_ja: tuple[re.Pattern[str], re.Pattern[str]]
    _denied_en: tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]
    _unlikely: re.Pattern[str]
    _past: re.Pattern[str]
    _happening: tuple[re.Pattern[str], re.Pattern[str]]
    _happened: tuple[re.Pattern[str], re.Pattern[str]]

    @classmethod
    def load(cls, path: Path) -> SafetyScreen:
        """Compile the rules of ``path``.

        Raises:
            ContentError: the file is not valid; names file, line and mend.
        """
        try:
            content = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark is not None else None
            raise ContentError(path, line, "not valid YAML.", "Put each pattern in single quotes.") from error
        return _Compiler(path).screen(content)

    def screen(self, text: str, language: Language) -> SafetyHit | None:
        """The gravest danger in ``text``: certain before uncertain, self-harm before all.

        ``phrase`` is what was heard, as written. Time grows linearly with the text.
        """
        folded = fold(text)
        words, places = _squeezed(folded.kana)
        if not places:
            return None
        words = self._harmless.sub(lambda match: "\x00" * len(match.group()), words)
        doubt: SafetyHit | None = None
        for rule in self._rules:
            for match in rule.pattern.finditer(words):
                if rule.hazard is not Hazard.SELF_HARM and self._denied(words, match.start(), match.end()):
                    continue
                start, end = folded.span(places[match.start()], places[match.end() - 1] + 1)
                phrase = folded.original[start:end].strip()
                if rule.hazard is Hazard.SELF_HARM:
                    return SafetyHit(rule.hazard, phrase, True)
                if rule.certain and not self._doubted(words, match.start(), match.end()):
                    return SafetyHit(rule.hazard, phrase, True)
                doubt = doubt or SafetyHit(rule.hazard, phrase, False)
        return doubt

    def _doubted(self, words: str, start: int, end: int) -> bool:
        """True for what is only supposed, heard of or long past; what is happening now is never doubted."""
        said = words[max(0, start - _NEAR) : end + _NEAR]
        at = min(start, _NEAR)
        if any(at - 4 <= each.end() and each.start() <= at + end - start for each in self._unlikely.finditer(said)):
            return True
        ja, en = words[start : end + 16], words[max(0, start - 24) : end + 16]
        if self._happening[0].search(ja) or self._happening[1].search(en):
            return False
        if self._past.search(words, max(0, start - _FAR), end + _FAR):
            return True
        happened = self._happened[0].search(ja) or self._happened[1].search(en)
        return not happened and self._unlikely.search(words, max(0, start - _FAR), end + _FAR) is not None

    def _denied(self, words: str, start: int, end: int) -> bool:
        after = words[end : end + 40]
        negation, unless = self._denied_ja
        if (hit := negation.match(after)) and not unless.search(words[start : end + hit.end() + 4]):
            return True
        before, not_really, answered = self._denied_en
        said = words[max(0, start - 60) : start]
        if before.search(said) and not not_really.search(said + words[start:end]):
            return True
        return answered.match(after) is not None


def _squeezed(words: str) -> tuple[str, list[int]]:
    """Words without what speech and spelling put in freely, and the place each remaining character had."""
    places: list[int] = []
    at = 0
    for match in _DROPPED.finditer(words):
        places.extend(range(at, match.start()))
        at = match.end()
    places.extend(range(at, len(words)))
    return "".join(words[place] for place in places), places


class _Compiler:
    """Turns the YAML into patterns, naming the line of what cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def screen(self, content: Any) -> SafetyScreen:
        sections = ("harmless", "hazards", "denied", "unlikely", "past", "happening", "happened")
        if not isinstance(content, dict) or any(not isinstance(content.get(key), dict) for key in sections):
            raise ContentError(self.path, 1, "a section is missing.", f"It needs {', '.join(sections)}.")
        harmless, unlikely, past = (self._everywhere(content[key]) for key in ("harmless", "unlikely", "past"))
        denied = content["denied"]
        ja, en = denied.get("ja") or {}, denied.get("en") or {}
        return SafetyScreen(
            harmless,
            tuple(self._rules(content["hazards"])),
            (self._one(ja, "after"), self._one(ja, "unless")),
            (self._one(en, "before"), self._one(en, "unless"), self._one(en, "after")),
            unlikely,
            past,
            (self._one(content["happening"], "ja"), self._one(content["happening"], "en")),
            (self._one(content["happened"], "ja"), self._one(content["happened"], "en")),
        )

    def _everywhere(self, section: Any) -> re.Pattern[str]:
        return self._joined(pattern for language in _LANGUAGES for pattern in self._list(section, language))

    def _rules(self, hazards: Any) -> list[_Rule]:
        certain: list[_Rule] = []
        doubtful: list[_Rule] = []
        for name, levels in hazards.items():
            line = hazards.lc.key(name)[0] + 1
            if name not in {hazard.value for hazard in Hazard}:
                known = ", ".join(hazard.value for hazard in Hazard)
                raise ContentError(self.path, line, f"unknown hazard `{name}`.", f"Use one of {known}.")
            for level, into in (("certain", certain), ("ask", doubtful)):
                for language in _LANGUAGES:
                    patterns = list(self._list(levels.get(level) or {}, language))
                    if patterns:
                        into.append(_Rule(Hazard(name), level == "certain", self._joined(patterns)))
        return certain + doubtful

    def _list(self, section: Any, language: str) -> list[str]:
        patterns: Any = section.get(language) or []
        for index, pattern in enumerate(patterns):
            self._check(pattern, patterns.lc.item(index)[0] + 1)
        return [str(pattern) for pattern in patterns]

    def _one(self, section: Any, key: str) -> re.Pattern[str]:
        pattern = section.get(key)
        if not isinstance(pattern, str):
            raise ContentError(self.path, None, f"a section has no `{key}`.", "Give it one pattern in single quotes.")
        return self._check(pattern, section.lc.key(key)[0] + 1)

    def _check(self, pattern: object, line: int) -> re.Pattern[str]:
        if _UNBOUNDED.search(str(pattern)):
            raise ContentError(self.path, line, "a pattern repeats without end.", "Write {0,4} instead of * or +.")
        try:
            return re.compile(_plain(str(pattern)))
        except re.error as error:
            raise ContentError(
                self.path, line, f"not a regular expression: {error}.", "Close brackets, escape `?`."
            ) from error

    def _joined(self, patterns: Any) -> re.Pattern[str]:
        parts = []
        for pattern in patterns:
            latin = re.search(r"[a-z]{3}", pattern) and not re.search(r"[ぁ-んァ-ヶ一-鿿]", pattern)
            body = _plain(pattern)
            parts.append(rf"(?:(?<![a-z])(?:{body}))" if latin else f"(?:{body})")
        return re.compile("|".join(parts) or r"(?!)")


def _plain(pattern: str) -> str:
    """A pattern in the spelling of squeezed words."""
    return to_hiragana(pattern).replace("ー?", "").replace("ー", "").lower()
