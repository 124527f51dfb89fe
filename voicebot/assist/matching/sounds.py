"""Phrases found by almost the same sound: what a recogniser makes of a phone call in Japanese.

Pairs of neighbouring sounds sieve out all but a few phrases; only for these the edit distance is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

_LEAST = 7
"""Phrases of fewer sounds are found exactly or not at all."""
_SOUNDS_PER_ERROR = 7
_MOST_ERRORS = 2


class SoundIndex:
    """Phrases by their sounds (katakana)."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._phrases = phrases
        self._by_pair: dict[str, list[int]] = defaultdict(list)
        self._needed: dict[int, int] = {}
        for number, sounds in enumerate(phrases):
            if len(sounds) < _LEAST:
                continue
            pairs = _pairs(sounds)
            for pair in pairs:
                self._by_pair[pair].append(number)
            self._needed[number] = len(pairs) - 2 * _errors(sounds)

    def find(self, sounds: str) -> Iterator[tuple[int, int, int]]:
        """Number of each phrase that is there with at most one error in seven sounds, where it starts and ends."""
        shared: Counter[int] = Counter()
        for pair in _pairs(sounds):
            shared.update(self._by_pair.get(pair, ()))
        for number, count in shared.items():
            if count >= self._needed[number]:
                span = _nearest(self._phrases[number], sounds, _errors(self._phrases[number]))
                if span is not None:
                    yield number, *span


def _pairs(sounds: str) -> set[str]:
    return {sounds[place : place + 2] for place in range(len(sounds) - 1)}


def _errors(sounds: str) -> int:
    return min(len(sounds) // _SOUNDS_PER_ERROR, _MOST_ERRORS)


def _nearest(phrase: str, sounds: str, most: int) -> tuple[int, int] | None:
    """The stretch of ``sounds`` with the fewest edits to ``phrase`` (Sellers), if there are at most ``most``.

    First and last sound must be right: most false finds begin or end in the middle of another word.
    """
    row = list(range(len(phrase) + 1))
    starts = [0] * (len(phrase) + 1)
    best: tuple[int, int, int] | None = None
    for at, sound in enumerate(sounds):
        new, new_starts = [0], [at + 1]
        for place, wanted in enumerate(phrase, 1):
            options = (
                (row[place - 1] + (wanted != sound), starts[place - 1]),
                (row[place] + 1, starts[place]),
                (new[place - 1] + 1, new_starts[place - 1]),
            )
            cost, start = min(options)
            new.append(cost)
            new_starts.append(start)
        row, starts = new, new_starts
        fits = row[-1] <= most and sound == phrase[-1]
        if fits and starts[-1] <= at and sounds[starts[-1]] == phrase[0] and (best is None or row[-1] < best[0]):
            best = (row[-1], starts[-1], at + 1)
    return None if best is None else best[1:]
