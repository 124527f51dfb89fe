"""A conversation as what comes after it needs it: lines with their numbers, intents, actions. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from voicebot.domain import (
    ActionCalled,
    AgentSaid,
    Ended,
    Heard,
    Json,
    Language,
    Played,
    Recorded,
    ScriptMoved,
    SlotSet,
    TranscriptCorrected,
    Understood,
)

_NO_MATTER = frozenset(
    "greet affirm deny ambiguous_ok ask_repeat ask_slower cant_hear hold_on correct_info start_over nevermind goodbye"
    " bot_challenge switch_language prefer_keypad ask_wait_time out_of_scope request_human express_frustration"
    " request_callback continue_on_chat ask_faq".split()
)


class Claim(Protocol):
    """A sentence with its evidence; the packet's sentences are some."""

    @property
    def text(self) -> str:
        """What is claimed."""
        ...

    @property
    def turns(self) -> tuple[int, ...]:
        """Numbers of the events that say so."""
        ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """A claim of our own."""

    text: str
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody said; ``who``: customer, agent or bot."""

    seq: int
    who: str
    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class Story:
    """What the log says, gathered once. Of sensitive slots only the names are in it: ``hidden``."""

    lines: tuple[Line, ...] = ()
    intents: tuple[str, ...] = ()
    actions: tuple[tuple[int, str, str], ...] = ()
    """Event, action, outcome."""
    slots: Mapping[str, Json] = field(default_factory=dict)
    done: tuple[tuple[int, str, str], ...] = ()
    """Event, script and step of everything that stays done."""
    ended: str = ""
    hidden: frozenset[str] = frozenset()

    def line(self, seq: int) -> Line | None:
        """The line of an event."""
        return next((one for one in self.lines if one.seq == seq), None)


def story(events: Iterable[Recorded]) -> Story:
    """Fold a log; corrections of the transcript take the place of what was heard."""
    listed = list(events)
    corrected = {one.event.utterance: one.event.text for one in listed if isinstance(one.event, TranscriptCorrected)}
    lines: list[Line] = []
    intents: list[str] = []
    actions: list[tuple[int, str, str]] = []
    slots: dict[str, Json] = {}
    done: dict[tuple[str, str], int] = {}
    hidden: set[str] = set()
    ended = ""
    for recorded in listed:
        match recorded.event:
            case Heard(utterance=utterance, text=text, language=language):
                lines.append(Line(recorded.seq, "customer", corrected.get(utterance, text), language))
            case AgentSaid(private=False, utterance=utterance, text=text, language=language):
                lines.append(Line(recorded.seq, "agent", corrected.get(utterance, text), language))
            case Played(text=text) if text:
                lines.append(Line(recorded.seq, "bot", text, lines[-1].language if lines else Language("en")))
            case Understood(intent=intent) if intent and intent not in _NO_MATTER:
                intents.append(intent)
            case ActionCalled(action=action, outcome=outcome):
                actions.append((recorded.seq, action, outcome))
            case SlotSet(slot=slot, value=value, sensitive=False):
                slots[slot] = value
            case SlotSet(slot=slot, sensitive=True):
                hidden.add(slot)
            case ScriptMoved(change="done", script=script, step=step):
                done[script, step] = recorded.seq
            case ScriptMoved(change="undone", script=script, step=step):
                done.pop((script, step), None)
            case Ended(disposition=disposition):
                ended = disposition.value
            case _:
                pass
    return Story(
        tuple(lines),
        tuple(intents),
        tuple(actions),
        slots,
        tuple((seq, *key) for key, seq in done.items()),
        ended,
        frozenset(hidden),
    )
