"""What a log says, gathered once: turns, slots, attempts, alerts. Every fact keeps the number of its event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from voicebot.domain import (
    EN,
    ActionCalled,
    AgentSaid,
    Alerted,
    Channel,
    ChannelChanged,
    ContactChanged,
    DangerSeen,
    Ended,
    FlowChanged,
    HandoffReason,
    HandoffRequested,
    Heard,
    KeysPressed,
    Language,
    LanguageChanged,
    NoticeGiven,
    Played,
    Recorded,
    RecordingChanged,
    Repaired,
    Said,
    SlotSet,
    Source,
    Started,
    Understood,
    Verification,
    Verified,
    WaitTold,
)

_NO_MATTER = frozenset(
    """greet affirm deny ambiguous_ok ask_repeat ask_slower cant_hear hold_on correct_info start_over nevermind goodbye
    bot_challenge switch_language prefer_keypad ask_wait_time out_of_scope request_human express_frustration
    request_callback continue_on_chat ask_faq""".split()
)
"""Intents that steer the talk and do not say what it is about."""


@dataclass(slots=True)
class Turn:
    """One line of the transcript; ``seq`` is the event it came from."""

    seq: int
    at: datetime
    who: str
    text: str
    language: str = ""
    channel: str = ""
    offset_ms: int | None = None
    input: str | None = None
    confidence: float | None = None
    intent: str | None = None
    interrupted: bool = False
    event: str | None = None


@dataclass(frozen=True, slots=True)
class SlotFact:
    """The latest value of a slot."""

    name: str
    value: Any
    status: str
    sensitive: bool
    turn: int | None
    flow: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One action of the back end and what came of it; ``unheard``: the customer had gone and was not told."""

    seq: int
    at: datetime
    action: str
    outcome: str
    flow: str
    unheard: bool = False


@dataclass(slots=True)
class Facts:
    """Everything a packet is made of."""

    started: datetime | None = None
    channel: Channel = Channel.VOICE
    language: Language = EN
    first_language: Language = EN
    entry_point: str = ""
    turns: list[Turn] = field(default_factory=list)
    bot_turns: int = 0
    slots: dict[str, SlotFact] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    intents: list[str] = field(default_factory=list)
    understood: Understood | None = None
    matter_turn: int | None = None
    flow: str = ""
    alerts: dict[str, int] = field(default_factory=dict)
    verification: Verification = Verification.NONE
    methods: list[str] = field(default_factory=list)
    verified_at: datetime | None = None
    verify_tries: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    notice_at: datetime | None = None
    ai_disclosed: bool = False
    recording: str = "on"
    redacted: dict[str, None] = field(default_factory=dict)
    requested: HandoffRequested | None = None
    requested_seq: int = 0
    promised: WaitTold | None = None
    resumed_from: list[tuple[str, datetime, str]] = field(default_factory=list)
    ended: tuple[datetime, str] | None = None
    upset: list[int] = field(default_factory=list)
    last_agent: str = ""

    @property
    def reason(self) -> HandoffReason | None:
        """Why a person takes over."""
        return None if self.requested is None else self.requested.reason

    def turn_of(self, seq: int) -> Turn | None:
        """The line that came from an event."""
        return next((turn for turn in self.turns if turn.seq == seq), None)


def gather(events: Iterable[Recorded]) -> Facts:
    """Fold a conversation's log."""
    facts = Facts()
    said: dict[str, Said] = {}
    heard: dict[str, int] = {}
    for recorded in events:
        _take(facts, recorded, said, heard)
    return facts


def _take(facts: Facts, recorded: Recorded, said: dict[str, Said], heard: dict[str, int]) -> None:
    seq, at = recorded.seq, recorded.at
    channel = facts.channel.value
    match recorded.event:
        case Started(channel=by, language=language, entry_point=entry):
            facts.started, facts.channel, facts.entry_point = at, by, entry
            facts.language = facts.first_language = language
        case Heard() as event:
            heard[event.utterance] = seq
            facts.redacted |= dict.fromkeys(event.redacted)
            facts.turns.append(
                Turn(
                    seq, at, "customer", event.text, event.language, channel,
                    event.started_ms if event.source is Source.SPEECH else None,
                    {Source.SPEECH: "speech", Source.TEXT: "text", Source.KEYPAD: "dtmf"}[event.source],
                    round(event.confidence, 3) if event.source is Source.SPEECH else None,
                )
            )  # fmt: skip
        case Understood() as event:
            _understood(facts, event, heard.get(event.utterance))
        case KeysPressed(digits=digits):
            facts.turns.append(Turn(seq, at, "customer", digits, facts.language, channel, input="dtmf"))
        case Said() as event:
            said[event.utterance] = event
        case Played() as event:
            words = said.get(event.utterance)
            facts.bot_turns += 1
            language = words.language if words is not None else facts.language
            line = Turn(seq, at, "bot", event.text, language, channel, event.first_audio_ms)
            line.interrupted = not event.complete
            facts.turns.append(line)
        case AgentSaid(private=False) as event:
            facts.turns.append(Turn(seq, at, "agent", event.text, event.language, channel, event.started_ms or None))
        case SlotSet() as event:
            turn = next((turn.seq for turn in reversed(facts.turns) if turn.who == "customer"), None)
            facts.slots[event.slot] = SlotFact(
                event.slot, event.value, event.status.value, event.sensitive, turn, event.flow
            )
        case ActionCalled(action=action, outcome=outcome, unheard=unheard):
            facts.attempts.append(Attempt(seq, at, action, outcome, facts.flow, unheard))
            if "verify" in action or "check_code" in action:
                facts.verify_tries += 1
        case FlowChanged(flow=flow, change=change):
            facts.flow = flow if change in ("started", "resumed") else facts.flow
        case Verified(level=level, method=method):
            facts.verification, facts.verified_at = level, at
            facts.methods.append(method)
        case _:
            _take_sign(facts, recorded)


def _understood(facts: Facts, event: Understood, turn: int | None) -> None:
    facts.intents.append(event.intent)
    line = facts.turn_of(turn) if turn is not None else None
    if line is not None:
        line.intent = event.intent
    if event.intent not in _NO_MATTER:
        facts.understood, facts.matter_turn = event, turn
    if event.intent == "express_frustration" and turn is not None:
        facts.upset.append(turn)


def _take_sign(facts: Facts, recorded: Recorded) -> None:
    seq, at = recorded.seq, recorded.at
    match recorded.event:
        case Alerted(alert=alert):
            facts.alerts.setdefault(alert, seq)
        case DangerSeen():
            facts.alerts.setdefault("emergency", seq)
        case Repaired(pattern=pattern):
            facts.failures[pattern] = facts.failures.get(pattern, 0) + 1
        case NoticeGiven(notice="ai"):
            facts.ai_disclosed = True
        case NoticeGiven(notice="recording"):
            facts.notice_at = at
        case RecordingChanged(on=on, reason=reason):
            _recording(facts, on, reason, seq)
        case LanguageChanged(language=language):
            facts.language = language
            _mark(facts, recorded, "language_changed")
        case ChannelChanged(channel=channel):
            ended_at, reason = facts.ended or (at, "moved")
            facts.resumed_from.append((facts.channel.value, ended_at, reason))
            facts.ended = None
            facts.channel = channel
            _mark(facts, recorded, "channel_changed")
        case HandoffRequested() as event:
            facts.requested, facts.requested_seq = event, seq
            _mark(facts, recorded, f"handoff_requested:{event.reason.value}")
        case ContactChanged(change=change, agent=agent):
            facts.last_agent = agent if change == "accepted" else facts.last_agent
            if change in ("accepted", "lost", "transferred", "returned", "callback_booked"):
                _mark(facts, recorded, change)
        case WaitTold() as event:
            facts.promised = event
        case Ended(disposition=disposition, by=by):
            facts.ended = at, "dropped" if by == "system" else "left"
            _mark(facts, recorded, f"ended:{disposition.value}")
        case _:
            pass


def _recording(facts: Facts, on: bool, reason: str, seq: int) -> None:
    if on:
        facts.recording = "on"
    elif reason == "off_by_request":
        facts.recording = "off_by_request"
        facts.alerts.setdefault("no_recording", seq)
    else:
        facts.recording = "paused_sensitive" if reason == "paused" else "off"


def _mark(facts: Facts, recorded: Recorded, what: str) -> None:
    facts.turns.append(
        Turn(recorded.seq, recorded.at, "system", "", facts.language, facts.channel.value, input="event", event=what)
    )
