"""One step being worked out: the state so far, what is to be said and done, and what goes into the log.

The only mutable object of the package; it lives for one call of :meth:`Dialogue.step` and is never shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from voicebot.domain import (
    BookCallback,
    CallAction,
    Disposition,
    Effect,
    End,
    Event,
    Expectation,
    FlowChanged,
    HandOff,
    Json,
    RecordingChanged,
    Repaired,
    Say,
    SetRecording,
    SlotSet,
    SlotStatus,
    Source,
    Understanding,
)
from voicebot.flows import closing
from voicebot.flows.content import Collect, Flow, Policy, TenantFlows
from voicebot.flows.responses import Readout, render
from voicebot.flows.state import DialogueState, Frame, Prompt, SlotValue, Waiting

Today = Callable[[datetime], date]


@dataclass(frozen=True, slots=True)
class Step:
    """What one :data:`~voicebot.domain.Given` led to.

    ``awaiting`` names what is needed next before anything else may be given: the action whose
    :class:`~voicebot.domain.ActionDone` it is, or the desk's answer. The ``CallAction``, ``HandOff`` or
    ``BookCallback`` that asks for it is the last effect. ``expects`` describes the question that is open.
    """

    state: DialogueState
    effects: tuple[Effect, ...]
    events: tuple[Event, ...]
    expects: Expectation
    awaiting: str | None = None


class Run:
    """The working copy of a dialogue during one step."""

    def __init__(self, content: TenantFlows, readout: Readout, state: DialogueState, now: datetime) -> None:
        self.content, self.readout, self.now = content, readout, now
        self.state = state
        self.effects: list[Effect] = []
        self.events: list[Event] = []
        self.understanding: Understanding | None = None
        self.returning: Flow | None = None
        self.apologised = False
        self._said: list[Prompt] = []

    @property
    def policy(self) -> Policy:
        """The numbers and words in force."""
        return self.content.policy

    def set(self, **changes: Any) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **changes)

    def emit(self, event: Event) -> None:
        """Log something."""
        self.events.append(event)

    def repaired(self, pattern: str, count: int = 1) -> None:
        """Log a repair."""
        self.emit(Repaired(pattern=pattern, count=count))

    # --- saying ---

    def say(self, key: str, extra: Mapping[str, tuple[str, str]] | None = None, *, interruptible: bool = True) -> Say:
        """Say a response; an empty one is left out."""
        say = render(self.content, self.readout, self.state, key, extra or {}, interruptible=interruptible)
        if say.text:
            self._push(say)
        return say

    def say_again(self, prompts: tuple[Prompt, ...]) -> None:
        """Say earlier prompts once more, word for word."""
        for prompt in prompts:
            self._push(Say(prompt.text, prompt.spoken, prompt.response, self.state.language))

    def say_text(self, text: str, response: str) -> None:
        """Say a finished text that came from the back end or the FAQ."""
        if text.strip():
            self._push(Say(text, text, response, self.state.language))

    def _push(self, say: Say) -> None:
        self.effects.append(say)
        self._said.append(Prompt(say.response, say.text, say.spoken))

    def ask(
        self, question: str, waiting: Waiting, key: str, extra: Mapping[str, tuple[str, str]] | None = None
    ) -> None:
        """Ask a question and wait. ``question`` identifies it: failures are counted per question."""
        if question != self.state.question:
            self.set(question=question, fails=0)
        shown = render(self.content, self.readout, self.state, key, extra or {})
        if self.returning is not None and waiting in (Waiting.SLOT, Waiting.READBACK):
            label = self.returning.label(self.state.language)
            self.returning = None
            inner = {"flow_label": (label, label), "last_prompt_short": (shown.text, shown.spoken)}
            back = render(self.content, self.readout, self.state, "utter_digression_return", inner)
            self._push(replace(back, buttons=shown.buttons))
        else:
            self._push(shown)
        self.set(waiting=waiting, last_question=(Prompt(key, shown.text, shown.spoken),))

    def insert(self, at: int, key: str, extra: Mapping[str, tuple[str, str]]) -> None:
        """Say a response before effects that are already planned."""
        say = render(self.content, self.readout, self.state, key, extra)
        earlier = sum(isinstance(effect, Say) for effect in self.effects[:at])
        self.effects.insert(at, say)
        self._said.insert(earlier, Prompt(say.response, say.text, say.spoken))

    def overlay(self) -> None:
        """Remember which question an interruption sets aside."""
        if self.state.waiting not in (Waiting.DANGER, Waiting.REASON, Waiting.CHOICE, Waiting.WHICH):
            self.set(before=self.state.waiting)

    # --- slots ---

    def set_slot(
        self,
        name: str,
        value: Json,
        status: SlotStatus,
        source: Source,
        *,
        collect: Collect | None = None,
        verbatim: bool = False,
        asked: bool = False,
    ) -> None:
        """Give a slot a value heard from the customer; a different earlier value is logged as corrected."""
        flow = self.state.top.flow if self.state.top else ""
        before = self.state.slot(name)
        sensitive = collect is not None and collect.sensitive
        held = SlotValue(cast(Any, value), status, source, verbatim, flow, asked, sensitive)
        if before is not None and before.value != value and not sensitive:
            self.emit(SlotSet(flow=flow, slot=name, value=value, status=SlotStatus.CORRECTED, previous=before.value))
            self.repaired("correction")
            if status is SlotStatus.CONFIRMED:
                self.emit(SlotSet(flow=flow, slot=name, value=value, status=status))
        elif before is None or before.status != status or before.value != value:
            self.emit(
                SlotSet(flow=flow, slot=name, value="" if sensitive else value, status=status, sensitive=sensitive)
            )
        self.state = self.state.with_slot(name, held)
        top = self.state.top
        if top is not None and name not in top.filled:
            self.change_top(filled=(*top.filled, name))

    def confirm_slot(self, name: str) -> None:
        """The customer agreed to a value: it is never asked again."""
        held = self.state.slot(name)
        if held is not None and held.status is not SlotStatus.CONFIRMED:
            self.state = self.state.with_slot(name, replace(held, status=SlotStatus.CONFIRMED))
            self.emit(
                SlotSet(
                    flow=held.flow,
                    slot=name,
                    value="" if held.sensitive else held.value,
                    status=SlotStatus.CONFIRMED,
                    sensitive=held.sensitive,
                )
            )

    def put(self, name: str, value: Json) -> None:
        """Set a slot that is not the customer's word: outcomes, values from the back end."""
        held = None if value is None else SlotValue(cast(Any, value), SlotStatus.HEARD, Source.TEXT, asked=True)
        self.state = self.state.with_slot(name, held)

    def lookup(self, scope: str, name: str) -> Json:
        """A variable of a flow condition."""
        if scope == "slots":
            value = self.state.value(name)
            return self.content.slot_initial.get(name) if value is None else value
        facts: dict[str, Json] = {
            "language": str(self.state.language),
            "channel": str(self.state.channel),
            "caller_known": bool(self.state.customer),
            "verification": str(self.state.verification),
            "crisis_line": bool(self.content.tenant.crisis_line.get(self.state.language)),
            "hours": bool(self.content.tenant.hours.get(self.state.language)),
            "caller_number": self.state.caller_number,
            "digression": bool(self.state.top and self.state.top.digression),
            "slow": self.state.slow,
            "texts": str(self.state.texts),
        }
        return facts.get(name)

    # --- the stack ---

    def flow_of(self, frame: Frame) -> Flow:
        """The flow of a frame."""
        return self.content.flows[frame.flow]

    def change_top(self, **changes: Any) -> None:
        """Replace fields of the running frame."""
        stack = self.state.stack
        self.set(stack=(*stack[:-1], replace(stack[-1], **changes)))

    def push(self, frame: Frame) -> None:
        """Start a flow on top."""
        self.set(stack=(*self.state.stack, frame))
        self.emit(FlowChanged(flow=frame.flow, change="started"))

    def pop(self, change: str) -> Frame:
        """Take the running flow off."""
        frame = self.state.stack[-1]
        self.set(stack=self.state.stack[:-1])
        self.emit(FlowChanged(flow=frame.flow, change=cast(Any, change)))
        if change == "cancelled" and self.state.recording_paused:
            self.resume_recording()
        return frame

    def resume_recording(self) -> None:
        """Recording goes on after a pause; never after the customer refused it."""
        self.set(recording_paused=False)
        if self.state.value("recording_refused") is not True:
            self.set(recording=True)
            self.effects.append(SetRecording(True, False, "resumed"))
            self.emit(RecordingChanged(on=True, reason="resumed"))

    def emit_resumed(self, flow: str) -> None:
        """A flow goes on after a digression."""
        self.emit(FlowChanged(flow=flow, change="resumed"))

    def end(self, disposition: Disposition | None = None) -> None:
        """Close the conversation, once."""
        if self.state.ended is not None:
            return
        chosen = disposition or closing.disposition_of(self.state, self.content)
        self.set(ended=chosen, waiting=Waiting.NOTHING, awaiting=None, deferred=None)
        self.effects.append(End(chosen))

    def finish(self) -> Step:
        """The result of the step."""
        if self._said:
            self.set(last_prompts=tuple(self._said))
        calls = bool(self.effects) and isinstance(self.effects[-1], CallAction | HandOff | BookCallback)
        awaiting = self.state.awaiting if calls else None
        return Step(self.state, tuple(self.effects), tuple(self.events), Expectation(), awaiting)
