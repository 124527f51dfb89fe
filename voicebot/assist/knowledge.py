"""What a company knows: its FAQ and documents in passages, found by words and meaning, always with their source."""

# ruff: noqa: E501 - patterns and word lists read better on one line

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from voicebot.assist.knowledge_files import Passage
from voicebot.assist.matching.phrases import line
from voicebot.assist.matching.words import Kind
from voicebot.domain import JA, KnowledgeShown, Language
from voicebot.nlu.encoders import Float32
from voicebot.nlu.features import joined

AUTOMATIC_FLOOR = 0.6
"""Below this nothing is shown unasked; what the agent searches for is shown from the next on."""
SEARCH_FLOOR = 0.15
_NEAR, _WORDS, _OFFSET = 9.0, 2.5, -5.0
"""Weights of similarity and of shared words, and an offset: a score is the logistic of their sum."""
_LEAST_WORDS = 2
_QUESTION = {
    "en": re.compile(
        r"\?|\b(?:what|when|where|who|which|why|how|whose|can i|could i|do i|do you|does it|does the|is there|are there|is it"
        r"|am i|will i|will you|would it|should i|may i|is the|are you|wondering|want to know|tell me|need to know)\b"
    ),
    "ja": re.compile(
        r"[?？]|(?:です|ます|でしょう|ました|ません|たい|ない|る|た)(?:の)?か(?:ね|な|しら)?(?:[。、]|$)|何|いつ|どこ|どう|どれ|いくら|なぜ|どちら"
        r"|教えて|知りたい|聞きたい|伺いたい|かな[。?？]?$|って(?:何|どう|いつ|いくら)"
    ),
}


class Embedding(Protocol):
    """What turns texts into vectors: the understanding worker."""

    async def embed(self, texts: Sequence[str], *, cache_file: Path | None = None) -> list[Float32]:
        """One (n, dim) array per encoder."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that answers. ``score`` 0..1 reads as "worth showing"; ``source`` says where it stands."""

    entry: str
    title: str
    text: str
    source: str
    score: float
    updated: str = ""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """One language. Every row of ``rows`` is a wording of the passage in ``owners``."""

    passages: tuple[Passage, ...]
    owners: tuple[int, ...]
    words: tuple[frozenset[str], ...]
    weight: Mapping[str, float]
    rows: Float32
    means: tuple[Float32, ...]


class Knowledge:
    """One version of a company's knowledge, ready to be asked."""

    def __init__(self, shelves: Mapping[Language, _Shelf], embedding: Embedding) -> None:
        self._shelves, self._embedding = shelves, embedding

    @classmethod
    async def prepared(
        cls, passages: Sequence[Passage], embedding: Embedding, cache_file: Path | None = None
    ) -> Knowledge:
        """Embed every wording, about ten milliseconds each, once per text with a ``cache_file``."""
        shelves: dict[Language, _Shelf] = {}
        for language in dict.fromkeys(passage.language for passage in passages):
            mine = tuple(passage for passage in passages if passage.language == language)
            wordings = [(number, text) for number, one in enumerate(mine) for text in one.wordings]
            parts = await embedding.embed([text for _, text in wordings], cache_file=cache_file)
            owners = tuple(number for number, _ in wordings)
            shelves[language] = await asyncio.to_thread(_shelf, mine, owners, parts, language)
        return cls(shelves, embedding)

    def passage(self, entry: str, language: Language) -> Passage | None:
        """The passage of an id that was shown."""
        shelf = self._shelves.get(language)
        return None if shelf is None else next((one for one in shelf.passages if one.entry == entry), None)

    async def search(self, text: str, language: Language, limit: int = 5) -> tuple[Found, ...]:
        """What fits best, best first; nothing for words that have no content.

        Raises:
            UnderstandingError: the encoder failed.
        """
        shelf = self._shelves.get(language)
        asked = _words(text, language)
        if shelf is None or not asked or not shelf.passages:
            return ()
        shared = [_shared(asked, words, shelf.weight) for words in shelf.words]
        similar = (joined(await self._embedding.embed([text]), shelf.means) @ shelf.rows.T)[0]
        best: dict[int, float] = defaultdict(lambda: -1.0)
        for owner, likeness in zip(shelf.owners, similar, strict=True):
            best[owner] = max(best[owner], float(likeness))
        scored = [
            (1 / (1 + math.exp(-(_NEAR * best[number] + _WORDS * shared[number] + _OFFSET))), number)
            for number in range(len(shelf.passages))
        ]
        return tuple(
            Found(one.entry, one.title, one.text, one.source, round(score, 4), one.updated)
            for score, number in sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:limit]
            if score >= SEARCH_FLOOR
            for one in (shelf.passages[number],)
        )

    async def unasked(self, text: str, language: Language, limit: int = 1) -> tuple[Found, ...]:
        """What to show for words of the customer: only for a question, and only what very likely answers it.

        Raises:
            UnderstandingError: the encoder failed.
        """
        if not asks(text, language) or len(_words(text, language)) < _LEAST_WORDS:
            return ()
        return tuple(one for one in await self.search(text, language, limit) if one.score >= AUTOMATIC_FLOOR)


def shown(found: Found, *, agent: str, asked: bool, utterance: str = "") -> KnowledgeShown:
    """What the log keeps of a passage that came on an agent's screen."""
    return KnowledgeShown(
        entry=found.entry, source=found.source, agent=agent, score=found.score, asked=asked, utterance=utterance
    )


def asks(text: str, language: Language) -> bool:
    """Whether the words are a question."""
    pattern = _QUESTION.get(language)
    plain = "".join(text.split()) if language == JA else text.lower()
    return pattern is not None and pattern.search(plain) is not None


def _shelf(
    passages: tuple[Passage, ...], owners: tuple[int, ...], parts: Sequence[Float32], language: Language
) -> _Shelf:
    means = tuple(np.asarray(part.mean(axis=0), np.float32) for part in parts)
    words = tuple(frozenset(_words(" ".join((*one.wordings, one.text)), language)) for one in passages)
    return _Shelf(passages, owners, words, _weights(words), joined(parts, means), means)


def _words(text: str, language: Language) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.lemma for word in line(text, language).words if word.kind is Kind.CONTENT))


def _weights(words: Sequence[frozenset[str]]) -> Mapping[str, float]:
    """Rare words weigh more (inverse document frequency)."""
    counts = Counter(word for one in words for word in one)
    return {word: math.log(1 + (len(words) - count + 0.5) / (count + 0.5)) for word, count in counts.items()}


def _shared(asked: Sequence[str], words: frozenset[str], weight: Mapping[str, float]) -> float:
    """The share, 0..1, of what was asked that a passage has; unknown words weigh as the rarest."""
    rarest = max(weight.values(), default=1.0)
    whole = sum(weight.get(word, rarest) for word in asked)
    return sum(weight.get(word, rarest) for word in asked if word in words) / whole if whole else 0.0
