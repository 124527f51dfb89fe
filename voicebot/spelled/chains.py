"""Reads runs of spoken characters as strings such as ``A20481137``, in every way they can fairly be read.

"nine hundred one two three" is 900123 in a phone number, "double 137" is a recogniser's spelling of 1137, and the
「に」 after a number is a particle: a :class:`Chain` offers these as further readings, best first, and the caller takes
the first that has the shape it looks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from voicebot.spelled.fold import Folded
from voicebot.spelled.scan import Gap, Piece, Sound, find_runs


class Join(Enum):
    """What is added to a hundred before it: "nine hundred twenty" is 920, "nine hundred one two" stays 900 1 2."""

    NOTHING = "nothing"
    TENS = "tens"
    UNITS = "units"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character and the part of the folded text it was read from."""

    char: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a chain: the characters and where each comes from."""

    text: str
    glyphs: tuple[Glyph, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Folded-text span of ``text[start:end]``."""
        return self.glyphs[start].start, max(glyph.end for glyph in self.glyphs[start:end])


@dataclass(frozen=True, slots=True)
class Chain:
    """A run of spoken characters with its readings, most literal first."""

    start: int
    end: int
    readings: tuple[Reading, ...]
    sure: int
    """How many pieces cannot be anything but characters of a number or code."""


@lru_cache(maxsize=128)
def find_chains(folded: Folded) -> tuple[Chain, ...]:
    """All chains of ``folded``; time is linear in the length of the text."""
    chains = []
    for pieces in find_runs(folded):
        readings: dict[str, Reading] = {}
        for glyphs in _ways(pieces):
            text = "".join(glyph.char for glyph in glyphs)
            if text and text not in readings:
                readings[text] = Reading(text, tuple(glyphs))
            if "O" in text and (zeros := text.replace("O", "0")) not in readings:
                readings[zeros] = Reading(
                    zeros, tuple(Glyph(c, g.start, g.end) for c, g in zip(zeros, glyphs, strict=True))
                )
        if readings:
            sure = sum(len(piece.chars) or 1 for piece in pieces if not piece.weak)
            chains.append(Chain(pieces[0].start, pieces[-1].end, tuple(readings.values()), sure))
    return tuple(chains)


def _ways(pieces: Sequence[Piece]) -> Iterator[list[Glyph]]:
    yield _read(pieces)
    trimmed = _trim(pieces)
    if len(trimmed) != len(pieces):
        yield _read(trimmed)
    firm = [piece for piece in pieces if not (piece.weak and piece.sound is Sound.DIGITS)]
    if len(firm) != len(pieces):
        yield _read(firm)
    if any(piece.sound is Sound.REPEAT for piece in pieces):
        yield _read(pieces, collapse=True)
    if any(piece.sound is Sound.SCALE for piece in pieces):
        yield _read(pieces, join=Join.UNITS)
        yield _read(pieces, join=Join.NOTHING)
    for gaps in ((Gap.HARD,), (Gap.HARD, Gap.SOFT)):
        segments = _split(pieces, gaps)
        if len(segments) > 1:
            for segment in segments:
                yield _read(segment)
                shorter = _trim(segment)
                if len(shorter) != len(segment):
                    yield _read(shorter)


def _trim(pieces: Sequence[Piece]) -> Sequence[Piece]:
    first, last = 0, len(pieces)
    while first < last and pieces[first].weak:
        first += 1
    while last > first and pieces[last - 1].weak:
        last -= 1
    return pieces[first:last]


def _split(pieces: Sequence[Piece], gaps: tuple[Gap, ...]) -> list[list[Piece]]:
    segments: list[list[Piece]] = []
    for piece in pieces:
        parts = piece.gap is Gap.HARD or (
            Gap.SOFT in gaps
            and piece.gap is Gap.SOFT
            and bool(segments)
            and (_block(piece) or _block(segments[-1][-1]))
        )
        if not segments or parts:
            segments.append([])
        segments[-1].append(piece)
    return segments


def _block(piece: Piece) -> bool:
    """Digits that were written as one number, which a blank may well part from the next."""
    return piece.written and len(piece.chars) > 1


def _read(pieces: Sequence[Piece], *, collapse: bool = False, join: Join = Join.TENS) -> list[Glyph]:
    out: list[Glyph] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        value, after = _english_value(pieces, at, join)
        if after > at:
            out.extend(Glyph(char, piece.start, pieces[after - 1].end) for char in str(value))
            at = after
            continue
        group, scaled = _japanese_group(pieces, at)
        if group > at:
            if scaled:
                out.extend(_read_japanese(pieces[at:group]))
            else:
                for digits in pieces[at:group]:
                    out.extend(_glyphs(digits))
            at = group
            continue
        at += 1
        match piece.sound:
            case Sound.DIGITS | Sound.LETTERS | Sound.PLUS:
                out.extend(_glyphs(piece))
            case Sound.REPEAT if at < len(pieces) and pieces[at].chars:
                following = _glyphs(pieces[at])
                first = following[0]
                at += 1
                already = [glyph.char for glyph in following[: piece.value]] == [first.char] * piece.value
                if not (collapse and already):
                    out.extend(Glyph(first.char, piece.start, first.end) for _ in range(piece.value - 1))
                out.extend(following)
            case _:
                pass
    return out


def _glyphs(piece: Piece) -> list[Glyph]:
    if piece.written or len(piece.chars) == piece.end - piece.start:
        return [Glyph(char, piece.start + i, piece.start + i + 1) for i, char in enumerate(piece.chars)]
    return [Glyph(char, piece.start, piece.end) for char in piece.chars]


def _small(pieces: Sequence[Piece], at: int) -> tuple[int, int]:
    """A number below a hundred that starts at ``at``, and the place after it; the same place when there is none."""
    if at >= len(pieces):
        return 0, at
    piece = pieces[at]
    if piece.sound is Sound.TENS:
        if piece.value >= 20 and at + 1 < len(pieces):
            unit = pieces[at + 1]
            if unit.sound is Sound.DIGITS and not unit.weak and not unit.written and unit.chars != "0":
                if len(unit.chars) == 1 and unit.gap is not Gap.HARD:
                    return piece.value + int(unit.chars), at + 2
        return piece.value, at + 1
    if piece.sound is Sound.DIGITS and len(piece.chars) <= 2 and not piece.weak:
        return int(piece.chars), at + 1
    if piece.sound is Sound.LETTERS and piece.chars == "A" and at + 1 < len(pieces):
        return (1, at + 1) if pieces[at + 1].sound is Sound.SCALE else (0, at)
    return 0, at


def _scaled(pieces: Sequence[Piece], at: int, scale: int) -> bool:
    return at < len(pieces) and pieces[at].sound is Sound.SCALE and pieces[at].value == scale


def _rest(pieces: Sequence[Piece], at: int, join: Join) -> tuple[int, int]:
    """What may follow "hundred" or "thousand" as part of the same number."""
    if at >= len(pieces):
        return 0, at
    if pieces[at].sound is Sound.AND and join is not Join.NOTHING:
        value, after = _small(pieces, at + 1)
        return (value, after) if after > at + 1 else (0, at)
    if pieces[at].gap is Gap.HARD or join is Join.NOTHING:
        return 0, at
    if pieces[at].sound is Sound.TENS or (join is Join.UNITS and at + 1 == len(pieces)):
        return _small(pieces, at)
    return 0, at


def _english_value(pieces: Sequence[Piece], at: int, join: Join) -> tuple[int, int]:
    """Reads tens, hundreds and thousands ("two thousand and forty eight"); ``after == at`` when there are none."""
    value, after = _small(pieces, at)
    if after == at:
        return 0, at
    if _scaled(pieces, after, 100):
        rest, after = _rest(pieces, after + 1, join)
        value = value * 100 + rest
    elif not _scaled(pieces, after, 1000):
        return (value, after) if pieces[at].sound is Sound.TENS else (0, at)
    if _scaled(pieces, after, 1000):
        after += 1
        hundreds, further = _small(pieces, after)
        if further > after and _scaled(pieces, further, 100):
            rest, after = _rest(pieces, further + 1, join)
            return value * 1000 + hundreds * 100 + rest, after
        rest, after = _rest(pieces, after, join)
        value = value * 1000 + rest
    return value, after


def _japanese_group(pieces: Sequence[Piece], at: int) -> tuple[int, bool]:
    """End of a run of digits and 十百千 written without gaps that starts at ``at``, and whether it has a scale."""
    end, scales = at, 0
    while end < len(pieces) and pieces[end].sound in (Sound.DIGITS, Sound.JA_SCALE):
        if end > at and pieces[end].gap is not Gap.NONE:
            break
        scales += pieces[end].sound is Sound.JA_SCALE
        end += 1
    return end, scales > 0


def _read_japanese(group: Sequence[Piece]) -> list[Glyph]:
    """二千四十八 as 2048, 九百一二三 as 900123, 二十四十八 as 2048: a scale out of order starts a new number."""
    out: list[Glyph] = []
    pending: list[Piece] = []
    value, opened, closed = 0, -1, -1
    section, last = 0, 10_000

    def flush_value() -> None:
        nonlocal value, section, opened, last
        if opened >= 0:
            out.extend(Glyph(char, opened, closed) for char in str(value + section))
        value, section, opened, last = 0, 0, -1, 10_000

    def flush_digits(upto: int) -> None:
        for piece in pending[:upto]:
            out.extend(_glyphs(piece))
        del pending[:upto]

    for piece in group:
        if piece.sound is Sound.DIGITS:
            if pending and opened >= 0:
                flush_value()
            pending.append(piece)
            continue
        big = piece.value >= 10_000
        if opened >= 0 and (len(pending) > 1 or (not big and piece.value >= last)):
            flush_value()
        if len(pending) > 1:
            flush_digits(len(pending) - 1)
        factor = int(pending[0].chars) if pending else None
        if opened < 0:
            opened = pending[0].start if pending else piece.start
        pending.clear()
        closed = piece.end
        if big:
            value = (value + section + (factor or 0) or 1) * piece.value
            section, last = 0, 10_000
        else:
            section += (1 if factor is None else factor) * piece.value
            last = piece.value
    if opened >= 0 and len(pending) == 1 and len(pending[0].chars) == 1 and pending[0].chars != "0":
        section += int(pending[0].chars)
        closed = pending[0].end
        pending.clear()
    flush_value()
    flush_digits(len(pending))
    return out
