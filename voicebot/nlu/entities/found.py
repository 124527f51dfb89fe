"""What a finder returns, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from voicebot.domain import JA, Entity, Language
from voicebot.spelled import Chain, Folded, find_chains, fold


@dataclass(frozen=True, slots=True)
class Found:
    """A value at ``start``..``end`` of the folded text; ``rank`` settles overlaps (higher wins)."""

    name: str
    value: str
    start: int
    end: int
    confidence: float = 1.0
    rank: int = 0
    alternatives: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """One text to search, with everything the finders may use."""

    folded: Folded
    language: Language
    today: date
    country: str
    expects: tuple[str, ...] = ()
    chains: tuple[Chain, ...] = field(default=())

    @classmethod
    def of(cls, text: str, language: Language, today: date, country: str, expects: tuple[str, ...]) -> Search:
        """Fold the text and read its spelled characters once for all finders."""
        folded = fold(text)
        return cls(folded, language, today, country, expects, find_chains(folded))

    @property
    def text(self) -> str:
        """Folded text, katakana kept."""
        return self.folded.text

    @property
    def kana(self) -> str:
        """Folded text with katakana as hiragana."""
        return self.folded.kana

    @property
    def japanese(self) -> bool:
        """Whether the conversation is in Japanese; both languages are searched either way."""
        return self.language == JA

    def wants(self, name: str) -> bool:
        """Whether the pending question asks for ``name``."""
        return name in self.expects

    def before(self, start: int, reach: int = 24) -> str:
        """Folded kana text just before ``start``."""
        return self.kana[max(0, start - reach) : start]

    def after(self, end: int, reach: int = 24) -> str:
        """Folded kana text just after ``end``."""
        return self.kana[end : end + reach]

    def entity(self, found: Found) -> Entity:
        """The public form, placed in the original text."""
        start, end = self.folded.span(found.start, found.end)
        text = self.folded.original[start:end]
        return Entity(
            found.name, found.value, text, start, end, found.confidence, found.negated, text == found.value,
            found.alternatives,
        )  # fmt: skip
