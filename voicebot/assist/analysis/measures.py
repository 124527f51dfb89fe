"""How the time of a talk was shared: talk and listen, monologues, silences, interruptions, answer times in chat.

Everything comes from times of the log, in milliseconds since the conversation began. Nothing is taken from how a voice
sounds, and nobody's mood is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

SILENCE_MS = 3000
"""A pause this long counts as silence; shorter ones belong to talking."""
BREATH_MS = 2000
"""A speaker who goes on after a pause up to this long has not stopped."""
BACKCHANNEL_MS = 1000
"""Shorter words ("yes", はい) neither interrupt nor end a monologue."""
OVERLAP_MS = 500
"""Who begins while the other has spoken this long and goes on this long is interrupting; closer is taking turns."""

Span = tuple[int, int]
"""From, to, in milliseconds; to is larger."""


@dataclass(frozen=True, slots=True)
class Measures:
    """One talk. The spoken measures are None in chats and where no times are known, ``answer_ms`` on the phone."""

    talk_ms: int | None = None
    listen_ms: int | None = None
    monologue_ms: int | None = None
    silence_ms: int | None = None
    silences: int | None = None
    interruptions_by_agent: int | None = None
    interruptions_by_customer: int | None = None
    hold_ms: int = 0
    answer_ms: int | None = None
    length_ms: int = 0

    @property
    def talk_share(self) -> float | None:
        """The agent's part of what was spoken, 0..1; None when nothing was."""
        if self.talk_ms is None or self.listen_ms is None or not self.talk_ms + self.listen_ms:
            return None
        return self.talk_ms / (self.talk_ms + self.listen_ms)

    @property
    def silence_share(self) -> float | None:
        """Silence in the whole talk, 0..1."""
        return None if self.silence_ms is None or not self.length_ms else min(1.0, self.silence_ms / self.length_ms)


@dataclass(frozen=True, slots=True)
class Moment:
    """Something worth listening to: ``kind`` is monologue, silence, by_agent or by_customer (interruptions)."""

    kind: str
    from_ms: int
    to_ms: int


def spoken(
    agent: Iterable[Span], customer: Iterable[Span], hold: Iterable[Span] = (), length_ms: int = 0
) -> tuple[Measures, tuple[Moment, ...]]:
    """The measures of a call, and the moments behind them. Spans may overlap and come in any order."""
    ours, theirs, held = _joined(agent), _joined(customer), _joined(hold)
    monologue = _monologue(ours, theirs)
    silences = _silences(ours, theirs, held)
    by_agent, by_customer = _interruptions(ours, theirs), _interruptions(theirs, ours)
    measures = Measures(
        talk_ms=_total(ours),
        listen_ms=_total(theirs),
        monologue_ms=monologue[1] - monologue[0],
        silence_ms=_total(silences),
        silences=len(silences),
        interruptions_by_agent=len(by_agent),
        interruptions_by_customer=len(by_customer),
        hold_ms=_total(held),
        length_ms=length_ms,
    )
    named = (("monologue", [monologue]), ("silence", silences), ("by_agent", by_agent), ("by_customer", by_customer))
    moments = [Moment(kind, *span) for kind, spans in named for span in spans if span[1] > span[0]]
    return measures, tuple(sorted(moments, key=lambda one: one.from_ms))


def written(agent_at_ms: Sequence[int], customer_at_ms: Sequence[int], length_ms: int = 0) -> Measures:
    """The measures of a chat: the median time from a customer's message to the agent's next one."""
    answers: list[int] = []
    waiting: int | None = None
    turns = [(at, False) for at in customer_at_ms] + [(at, True) for at in agent_at_ms]
    for at, ours in sorted(turns):
        if ours and waiting is not None:
            answers.append(at - waiting)
            waiting = None
        elif not ours and waiting is None:
            waiting = at
    return Measures(answer_ms=round(median(answers)) if answers else None, length_ms=length_ms)


@dataclass(frozen=True, slots=True)
class Average:
    """A mean over ``of`` talks that have the measure, with the middle half of them (quartiles)."""

    of: int
    mean: float
    low: float
    high: float


def average(values: Iterable[float | None]) -> Average | None:
    """None of nothing."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    last = len(known) - 1
    return Average(len(known), fmean(known), known[round(last * 0.25)], known[round(last * 0.75)])


MEASURED = (
    "talk_share", "monologue_ms", "silence_share", "interruptions_by_agent", "interruptions_by_customer", "hold_ms",
    "answer_ms", "length_ms",
)  # fmt: skip
"""What is averaged and shown, in this order."""


def averages(measures: Sequence[Measures]) -> dict[str, Average | None]:
    """Every measure of :data:`MEASURED` over these talks."""
    return {name: average(getattr(one, name) for one in measures) for name in MEASURED}


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _total(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def _monologue(ours: Sequence[Span], theirs: Sequence[Span]) -> Span:
    """The longest stretch of one speaker: pauses up to a breath and short words of the other do not end it."""
    real = [span for span in theirs if span[1] - span[0] >= BACKCHANNEL_MS]
    longest, begun, last, place = (0, 0), 0, None, 0
    for start, end in ours:
        while place < len(real) and real[place][1] <= (start if last is None else last):
            place += 1
        cut = place < len(real) and real[place][0] < start
        if last is None or start - last > BREATH_MS or cut:
            begun = start
        last = end
        if end - begun > longest[1] - longest[0]:
            longest = (begun, end)
    return longest


def _silences(ours: Sequence[Span], theirs: Sequence[Span], held: Sequence[Span]) -> list[Span]:
    busy = _joined([*ours, *theirs])
    if not busy:
        return []
    first, last = busy[0][0], busy[-1][1]
    taken = _joined([*busy, *((max(start, first), min(end, last)) for start, end in held)])
    gaps = pairwise(taken)
    return [(end, start) for (_, end), (start, _) in gaps if start - end >= SILENCE_MS]


def _interruptions(whose: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    place = 0
    for start, end in whose:
        if end - start < BACKCHANNEL_MS:
            continue
        while place < len(other) and other[place][1] <= start:
            place += 1
        if place == len(other):
            break
        since, until = other[place]
        if start - since >= OVERLAP_MS and until - start >= OVERLAP_MS:
            found.append((start, min(end, until)))
    return found
