"""Phrases of cards, found in what was said whatever its form: inflected, in kana or kanji, slightly misheard.

How authors write a phrase:

- plain words: ``高い``, ``too expensive``. Any inflection counts; particles, "really", "a" and the like may differ;
- ``...`` between words lets up to five others stand there: ``高い...解約``, ``can't ... paying``;
- a leading ``=`` takes words of the same sound away: ``=亡くなる`` is not なくなる;
- quotes mean exactly these letters: ``「死ね」`` is not 死ぬ, ``"stupid idiot"`` is not "stupid idiots".

A phrase without a negation does not match where it is denied ("not too expensive"), one with it only where it is
(届かない matches 届いておりません and not 届きました).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from voicebot.assist.matching import english, japanese
from voicebot.assist.matching.sounds import SoundIndex
from voicebot.assist.matching.words import Kind, Line, Word
from voicebot.domain import JA, Language

EXACT, SAME_SOUND, WRITTEN, MISHEARD = 1.0, 0.95, 0.9, 0.75
"""Strengths: same words, same sound, same letters, almost the same sound or letters."""
_WIDE_GAP, _NARROW_GAP = 5, 4
_LEAST_SOUND = 3
"""Words of fewer sounds have too many homophones."""
_GAP = re.compile(r"\.{3}|…|\*")
_LEAST_WRITTEN = 3
_QUOTES = frozenset((("「", "」"), ('"', '"')))
_NOISY_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase ready for matching. ``gaps[i]``: a wide gap may stand before word ``i``."""

    text: str
    words: tuple[Word, ...]
    gaps: tuple[bool, ...]
    negative: bool
    by_sound: bool
    written: str
    sounds: str
    literal: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase was found: whose (``owner``), which, how surely, and up to which place of the folded text."""

    owner: str
    phrase: str
    strength: float
    end: int


def line(text: str, language: Language) -> Line:
    """What was said, as words."""
    return japanese.line(text) if language == JA else english.line(text)


@lru_cache(maxsize=8192)
def compiled(text: str, language: Language) -> Phrase:
    """Read a phrase as an author wrote it."""
    literal = len(text) > 2 and (text[0], text[-1]) in _QUOTES
    bare = text[1:-1] if literal else text.lstrip("=")
    parts = [part for part in _GAP.split(bare) if part.strip()]
    words: list[Word] = []
    gaps: list[bool] = []
    sounds: list[str] = []
    negative = False
    for part in parts:
        said = line(part, language)
        sounds.append(said.sounds)
        kept = japanese.phrase_words(said) if language == JA else english.phrase_words(said)
        if language == JA:
            content = [place for place, word in enumerate(said.words) if word.kind is Kind.CONTENT]
            negative = bool(content) and japanese.denied(said, content[-1])
        else:
            negative = negative or any(word.kind is Kind.NEGATOR for word in kept)
        gaps.extend([bool(words), *([False] * (len(kept) - 1))] if kept else [])
        words.extend(kept)
    whole = len(parts) == 1
    return Phrase(
        text,
        tuple(words),
        tuple(gaps),
        negative,
        by_sound=not literal and not text.startswith("="),
        written=line(bare, language).text if whole and (literal or language == JA) else "",
        sounds="".join(sounds) if whole else "",
        literal=literal,
    )


class PhraseIndex:
    """All phrases of one kind and language, ready for lines.

    ``owned``: phrases by whom they belong to. ``even_denied``: a phrase counts where it is denied too (vetoes).
    """

    def __init__(self, owned: Mapping[str, Sequence[str]], language: Language, *, even_denied: bool = False) -> None:
        self._language, self._even_denied = language, even_denied
        self._by_first: dict[str, list[tuple[str, Phrase]]] = defaultdict(list)
        self._written: list[tuple[str, Phrase]] = []
        noisy: list[tuple[str, Phrase]] = []
        self._vocabulary: dict[str, list[str]] = defaultdict(list)
        seen: set[str] = set()
        for owner, texts in owned.items():
            for text in texts:
                phrase = compiled(text, language)
                if not phrase.words:
                    continue
                if phrase.literal:
                    self._written.append((owner, phrase))
                    continue
                first = phrase.words[0]
                self._by_first[first.lemma].append((owner, phrase))
                if language != JA:
                    seen.update(word.lemma for word in phrase.words)
                    continue
                if phrase.by_sound and len(first.sound) >= _LEAST_SOUND:
                    self._by_first["/" + first.sound].append((owner, phrase))
                if len(phrase.written) >= _LEAST_WRITTEN:
                    self._written.append((owner, phrase))
                if phrase.by_sound and phrase.sounds:
                    noisy.append((owner, phrase))
        self._sounds = SoundIndex([phrase.sounds for _, phrase in noisy])
        self._noisy = noisy
        for lemma in seen:
            if len(lemma) >= _NOISY_LETTERS:
                self._vocabulary[lemma[0]].append(lemma)

    def find(self, said: Line, *, more_may_come: bool = False) -> tuple[Match, ...]:
        """The best match of each owner. ``more_may_come``: the sentence goes on and what follows may deny it."""
        best: dict[str, Match] = {}
        for match in self._found(said):
            if more_may_come and self._language == JA and match.end >= len(said.text):
                continue
            held = best.get(match.owner)
            if held is None or match.strength > held.strength:
                best[match.owner] = match
        return tuple(best.values())

    def _found(self, said: Line) -> Iterable[Match]:
        words, mended = self._mended(said)
        for place, word in enumerate(words.words):
            for owner, phrase in self._starting(word):
                found = _walk(phrase, words, place)
                if found is not None:
                    last, strength = found
                    if not self._contradicted(phrase, words, place, last):
                        weak = MISHEARD if mended & set(range(place, last + 1)) else strength
                        yield Match(owner, phrase.text, weak, words.words[last].end)
        yield from self._by_writing(said)
        if self._language == JA:
            yield from self._by_noise(said)

    def _starting(self, word: Word) -> Iterable[tuple[str, Phrase]]:
        yield from self._by_first.get(word.lemma, ())
        if word.sound:
            yield from self._by_first.get("/" + word.sound, ())

    def _contradicted(self, phrase: Phrase, said: Line, first: int, last: int) -> bool:
        if self._even_denied and not phrase.negative:
            return False
        if self._language == JA:
            return not (japanese.denied(said, last) if phrase.negative else japanese.agreed(said, last))
        return not phrase.negative and english.denied(said, first)

    def _by_writing(self, said: Line) -> Iterable[Match]:
        starts = {word.start for word in said.words}
        ends = {word.end for word in said.words}
        for owner, phrase in self._written:
            at = said.text.find(phrase.written)
            if at < 0 or at not in starts:
                continue
            end = at + len(phrase.written)
            last = max(place for place, word in enumerate(said.words) if word.start < end)
            if phrase.literal:
                if end in ends:
                    yield Match(owner, phrase.text, EXACT, end)
                continue
            if said.words[last].kind is Kind.CONTENT and said.words[last].end > end + 3:
                continue
            if phrase.negative or self._even_denied or japanese.agreed(said, last):
                yield Match(owner, phrase.text, WRITTEN, end)

    def _by_noise(self, said: Line) -> Iterable[Match]:
        for number, start, end in self._sounds.find(said.sounds):
            owner, phrase = self._noisy[number]
            first, last = said.sound_words[start], said.sound_words[end - 1]
            if start and said.sound_words[start - 1] == first:
                continue
            if said.words[first].kind is not Kind.CONTENT and len(phrase.sounds) < 8:
                continue
            if phrase.negative or self._even_denied or japanese.agreed(said, last):
                yield Match(owner, phrase.text, MISHEARD, said.words[last].end)

    def _mended(self, said: Line) -> tuple[Line, set[int]]:
        """English words that are one letter away from a word of a phrase stand for it."""
        if self._language == JA:
            return said, set()
        changed: dict[int, Word] = {}
        for place, word in enumerate(said.words):
            near = self._near(word.lemma)
            if near is not None:
                changed[place] = Word(near, "", word.kind, word.start, word.end, word.tag, word.surface)
        if not changed:
            return said, set()
        words = tuple(changed.get(place, word) for place, word in enumerate(said.words))
        return Line(said.text, words), set(changed)

    def _near(self, lemma: str) -> str | None:
        if len(lemma) < _NOISY_LETTERS:
            return None
        known = self._vocabulary.get(lemma[0], ())
        if lemma in known:
            return None
        return next((other for other in known if abs(len(other) - len(lemma)) <= 1 and one_apart(lemma, other)), None)


def _walk(phrase: Phrase, said: Line, place: int) -> tuple[int, float] | None:
    """Where the phrase that begins at ``place`` ends, and how surely it is this one; None if it is not."""
    strength = _same(phrase.words[0], said.words[place], phrase.by_sound)
    if strength is None:
        return None
    for wanted, wide in zip(phrase.words[1:], phrase.gaps[1:], strict=True):
        budget = _WIDE_GAP if wide else _NARROW_GAP
        place += 1
        while place < len(said.words):
            word = said.words[place]
            same = _same(wanted, word, phrase.by_sound)
            if same is not None:
                strength = min(strength, same)
                break
            if word.kind is Kind.STOP or (not wide and word.kind is not Kind.LOOSE):
                return None
            if word.kind is not Kind.LOOSE or not wide:
                budget -= 1
            if budget < 0:
                return None
            place += 1
        else:
            return None
    return place, strength


def _same(wanted: Word, word: Word, by_sound: bool) -> float | None:
    if wanted.lemma == word.lemma:
        return EXACT
    if by_sound and wanted.sound and wanted.sound == word.sound and len(word.sound) >= _LEAST_SOUND:
        return SAME_SOUND
    return None


def one_apart(one: str, other: str) -> bool:
    """True when one letter was changed, added, left out, or two neighbours changed places."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    head = 0
    while head < len(short) and short[head] == long[head]:
        head += 1
    if len(short) == len(long):
        swapped = short[head : head + 2] == long[head : head + 2][::-1] and short[head + 2 :] == long[head + 2 :]
        return swapped or short[head + 1 :] == long[head + 1 :]
    return len(long) - len(short) == 1 and short[head:] == long[head + 1 :]
