"""One agent's part of one contact, made from the events of its conversation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from voicebot.assist.analysis.measures import Measures, Moment, Span, spoken, written
from voicebot.assist.analysis.outcomes import Outcome, Talked
from voicebot.domain import (
    AgentSaid,
    CardEnded,
    CardShown,
    ContactChanged,
    Event,
    Heard,
    HoldChanged,
    Language,
    Recorded,
    ScriptMoved,
    Source,
    TranscriptCorrected,
    WrappedUp,
)

READ = (
    AgentSaid,
    CardEnded,
    CardShown,
    ContactChanged,
    Heard,
    HoldChanged,
    ScriptMoved,
    TranscriptCorrected,
    WrappedUp,
)
"""Events that analysis looks at; others need not be read."""
TAKEN_UP = ("used", "copied", "useful")
_DONE_WITH = ("transferred", "returned", "wrapup", "closed", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Codes:
    """What the company's disposition codes mean. ``resolved``: where the agent did not say it."""

    sold: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    escalated: frozenset[str] = frozenset()
    resolved: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handled:
    """A contact as the desk keeps it: what the log of its conversation does not say."""

    id: str
    conversation: str
    channel: str
    language: Language
    intent: str
    queue: str
    spoken: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Words of a talk. ``ours``: the agent's; times in milliseconds since the conversation began."""

    ours: bool
    text: str
    from_ms: int
    to_ms: int
    utterance: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A row of the analysis. ``judged``: outcomes that can be told of it, with or without having happened.

    ``talked`` is what the statistics need; ``lines`` and ``moments`` are only there when asked for.
    """

    talked: Talked
    contact: str
    at: datetime
    channel: str
    language: Language
    code: str
    measures: Measures
    judged: frozenset[Outcome]
    lines: tuple[Line, ...] = ()
    moments: tuple[Moment, ...] = ()


@dataclass(slots=True)
class _Part:
    """An agent's part while it is being read."""

    contact: Handled
    agent: str
    began: datetime
    ended: datetime | None = None
    last: bool = True
    passed_on: bool = False
    lost: bool = False
    wrapped: WrappedUp | None = None
    lines: dict[str, Line] = field(default_factory=dict)
    texts: bool = False
    holds: list[Span] = field(default_factory=list)
    held_since: int | None = None
    marks: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)
    begun_anew: bool = False
    went_on: set[str] = field(default_factory=set)


def talks_of(
    log: Iterable[Recorded],
    began: datetime,
    contacts: Collection[Handled],
    codes: Codes,
    *,
    keep: bool = False,
    said: Callable[[str, Language, str], Collection[str]] | None = None,
) -> list[Talk]:
    """The talks in one conversation's log.

    Args:
        log: its events in order.
        began: when the conversation began.
        contacts: the contacts in it that count.
        codes: what dispositions mean.
        keep: also give the words and the moments.
        said: marks for words of an agent: text, language, agent's name.
    """
    known = {contact.id: contact for contact in contacts}
    parts: list[_Part] = []
    now: _Part | None = None
    for item in log:
        at_ms = max(0, round((item.at - began).total_seconds() * 1000))
        if isinstance(item.event, ScriptMoved):
            _goes_on([part for part in parts if part is not now], item.event)
        match item.event:
            case ContactChanged(change="active", handoff=handoff, agent=agent) if handoff in known:
                for before in parts:
                    before.last = before.last and before.contact.id != handoff
                now = _Part(known[handoff], agent, item.at)
                parts.append(now)
            case ContactChanged(handoff=handoff, change=change) if now is not None and handoff == now.contact.id:
                now = _moved(now, change, item.at)
            case WrappedUp(handoff=handoff) as wrapped:
                mine = next((part for part in reversed(parts) if part.contact.id == handoff), None)
                if mine is not None:
                    mine.wrapped = wrapped
            case event if now is not None:
                _heard(now, event, at_ms, said)
    return [_talk(part, began, codes, keep) for part in parts if not part.lost and part.ended is not None]


def _moved(part: _Part, change: str, at: datetime) -> _Part | None:
    if change in _DONE_WITH or change == "lost":
        part.ended = part.ended or at
    if change == "transferred":
        part.passed_on, part.last = True, False
    if change == "returned":
        part.last = False
    part.lost = part.lost or change == "lost"
    return None if change in ("transferred", "returned", "closed", "failed", "cancelled", "lost") else part


def _goes_on(before: Iterable[_Part], moved: ScriptMoved) -> None:
    """A contact takes its script along: whoever comes next goes on with it, unless one is begun anew."""
    for part in before:
        if moved.change == "started":
            part.begun_anew = True
        elif moved.change in ("entered", "done", "skipped") and not part.begun_anew:
            part.went_on.add(moved.script)


def _heard(part: _Part, event: Event, at_ms: int, said: Callable[[str, Language, str], Collection[str]] | None) -> None:
    match event:
        case AgentSaid(private=False, agent=agent) as words if agent == part.agent:
            _line(part, words, at_ms, ours=True)
            if said is not None:
                part.marks |= {f"phrase:{phrase}" for phrase in said(words.text, words.language, words.name)}
        case Heard() as words if words.source is not Source.KEYPAD:
            _line(part, words, at_ms, ours=False)
        case TranscriptCorrected(utterance=utterance, text=text) if utterance in part.lines:
            old = part.lines[utterance]
            part.lines[utterance] = Line(old.ours, text, old.from_ms, old.to_ms, old.utterance)
        case HoldChanged(on=True):
            part.held_since = at_ms if part.held_since is None else part.held_since
        case HoldChanged(on=False) if part.held_since is not None:
            part.holds.append((part.held_since, at_ms))
            part.held_since = None
        case CardShown(card=card):
            part.marks.add(f"card:{card}")
        case CardEnded(card=card, how=how):
            _card_over(part, card, how)
        case ScriptMoved(script=script, step=step, change=change) if step or change == "started":
            _script_moved(part, script, step, change)
        case _:
            pass


def _line(part: _Part, words: AgentSaid | Heard, at_ms: int, *, ours: bool) -> None:
    typed = words.source is Source.TEXT
    part.texts = part.texts or typed
    known = not typed and words.ended_ms > words.started_ms
    start, end = (words.started_ms, words.ended_ms) if known else (at_ms, at_ms)
    part.lines[words.utterance] = Line(ours, words.text, start, end, words.utterance)


def _card_over(part: _Part, card: str, how: str) -> None:
    if how in TAKEN_UP:
        part.marks.add(f"used:{card}")
        part.marks |= {f"at:{script}/{step}:{card}" for script, step in part.places.items()}
    elif how == "dismissed":
        part.marks.add(f"dismissed:{card}")


def _script_moved(part: _Part, script: str, step: str, change: str) -> None:
    match change:
        case "started" if not step:
            part.marks.add(f"script:{script}")
        case "started" | "entered":
            part.marks |= {f"script:{script}", f"step:{script}/{step}"}
            part.places[script] = step
        case "done":
            part.marks |= {f"script:{script}", f"step:{script}/{step}", f"done:{script}/{step}"}
            part.places.setdefault(script, step)
        case "undone":
            part.marks.discard(f"done:{script}/{step}")
        case "skipped":
            part.marks |= {f"script:{script}", f"skipped:{script}/{step}"}


def _talk(part: _Part, began: datetime, codes: Codes, keep: bool) -> Talk:
    assert part.ended is not None
    until_ms = round((part.ended - began).total_seconds() * 1000)
    length_ms = max(0, round((part.ended - part.began).total_seconds() * 1000))
    if part.held_since is not None:
        part.holds.append((part.held_since, max(until_ms, part.held_since)))
    lines = tuple(sorted(part.lines.values(), key=lambda line: (line.from_ms, line.to_ms)))
    measures, moments = _measured(part, lines, length_ms)
    outcomes, judged = _outcomes(part, codes)
    left = {
        f"{'passed' if script in part.went_on else 'last'}:{script}/{step}"
        for script, step in part.places.items()
        if f"done:{script}/{step}" not in part.marks
    }
    wrapped = part.wrapped if part.last else None
    contact = part.contact
    return Talk(
        Talked(
            contact.conversation,
            part.agent or (wrapped.agent if wrapped else ""),
            contact.intent or f"queue:{contact.queue}",
            outcomes,
            frozenset(part.marks | left),
        ),
        contact.id,
        part.began,
        contact.channel,
        contact.language,
        wrapped.code if wrapped else "",
        measures,
        judged,
        lines if keep else (),
        moments if keep else (),
    )


def _measured(part: _Part, lines: tuple[Line, ...], length_ms: int) -> tuple[Measures, tuple[Moment, ...]]:
    if part.texts or not part.contact.spoken:
        ours = [line.from_ms for line in lines if line.ours]
        return written(ours, [line.from_ms for line in lines if not line.ours], length_ms), ()
    sides = [[(line.from_ms, line.to_ms) for line in lines if line.ours is ours] for ours in (True, False)]
    if not any(end > start for side in sides for start, end in side):
        return Measures(length_ms=length_ms, hold_ms=sum(end - start for start, end in part.holds)), ()
    return spoken(sides[0], sides[1], part.holds, length_ms)


def _outcomes(part: _Part, codes: Codes) -> tuple[frozenset[Outcome], frozenset[Outcome]]:
    """What happened, and what can be told at all; repeat contacts are found later, from the history."""
    if part.passed_on:
        return frozenset({Outcome.ESCALATED}), frozenset({Outcome.ESCALATED})
    if not part.last or part.wrapped is None:
        return frozenset(), frozenset()
    code = part.wrapped.code
    resolved = part.wrapped.resolved if part.wrapped.resolved is not None else codes.resolved.get(code)
    means = ((Outcome.SOLD, codes.sold), (Outcome.KEPT, codes.kept), (Outcome.ESCALATED, codes.escalated))
    happened = {outcome for outcome, named in means if code in named}
    judged = {Outcome.SOLD, Outcome.KEPT, Outcome.ESCALATED}
    if resolved is not None:
        judged.add(Outcome.RESOLVED)
        happened |= {Outcome.RESOLVED} if resolved else set()
    return frozenset(happened), frozenset(judged)
