"""The dialogue: a pure function from a state and what happened to a new state and what is to be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from voicebot.domain import (
    ActionDone,
    Begun,
    BookCallback,
    CallbackBooked,
    Channel,
    DeskNews,
    DeskReply,
    Expectation,
    Given,
    HandoffReason,
    HungUp,
    Json,
    Keys,
    NoticeGiven,
    SafetyHit,
    Say,
    SetPace,
    Silence,
    Unintelligible,
    Utterance,
    Verification,
    Verified,
)
from voicebot.flows.asking import ask_open, expectation
from voicebot.flows.callbacks import booked
from voicebot.flows.content import END, Act, TenantFlows
from voicebot.flows.emergency import danger
from voicebot.flows.handoff import CALLBACK, DESK, hand_off, requested_again
from voicebot.flows.interpreter import advance, run_flows, tests_for_error
from voicebot.flows.keypad import keys
from voicebot.flows.queueing import desk_news, desk_replied, hang_up
from voicebot.flows.reopening import go_on, unfinished
from voicebot.flows.repair import silence, unintelligible
from voicebot.flows.responses import Readout, render
from voicebot.flows.routing import utterance
from voicebot.flows.run import Run, Step
from voicebot.flows.state import DialogueState, LateAnswer, Moved, Waiting

Today = Callable[[], date]
_LEVELS = {level.value: level for level in Verification}
_RANK = {Verification.NONE: 0, Verification.FAILED: 0, Verification.LIGHT: 1, Verification.STRONG: 2}


class Dialogue:
    """One tenant's dialogue. Holds content only; every conversation's state is passed in and out."""

    def __init__(self, content: TenantFlows, readout: Readout, today: Today) -> None:
        self.content, self.readout, self.today = content, readout, today

    def opening_state(self, given: Begun) -> DialogueState:
        """The state before anything was said. A language the tenant does not speak becomes its default."""
        contact = given.contact
        tenant = self.content.tenant
        language = contact.language if contact.language in tenant.languages else tenant.default_language
        return DialogueState(
            tenant=contact.tenant,
            language=language,
            channel=contact.channel,
            caller_number=contact.caller_number,
            customer=tuple(sorted(given.customer.items())),
            recording=tenant.recording_default,
            texts=given.texts,
        )

    def begin(self, state: DialogueState, given: Begun, now: datetime) -> Step:
        """Greet: who we are, that we are a machine, that the call is recorded, and then the first question."""
        run = Run(self.content, self.readout, state, now)
        if state.begun or state.ended is not None:
            return self._done(run)
        run.set(begun=True)
        if given.customer.get("slow_pace") is True:
            run.set(slow=True)
            run.effects.append(SetPace(self.content.policy.pace_slow))
        voice = state.channel is Channel.VOICE
        run.say("utter_welcome" if voice else "utter_welcome_chat")
        run.emit(NoticeGiven(notice="ai"))
        if voice and self.content.tenant.recording_notice:
            run.say("utter_recording_notice")
            run.emit(NoticeGiven(notice="recording"))
        ask_open(run)
        return self._done(run)

    def step(self, state: DialogueState, given: Given, now: datetime) -> Step:
        """Work out one thing that happened. After the end nothing has an effect any more."""
        if isinstance(given, Begun):
            return self.begin(state, given, now)
        run = Run(self.content, self.readout, state, now)
        if state.ended is None:
            self._given(run, given)
        return self._done(run)

    def asks_desk(self, state: DialogueState) -> Step | None:
        """The question to the desk that was cut off before its answer came, to be put again; None if there is none."""
        line = state.line
        if state.ended is not None or line is None:
            return None
        if state.awaiting == DESK:
            return Step(state, (requested_again(line),), (), Expectation(), DESK)
        if state.awaiting == CALLBACK and line.number:
            return Step(state, (BookCallback(line.number),), (), Expectation(), CALLBACK)
        return None

    def unfinished(self, state: DialogueState) -> bool:
        """See :func:`voicebot.flows.reopening.unfinished`."""
        return unfinished(self.content, state)

    def answered_late(self, state: DialogueState, done: ActionDone) -> DialogueState:
        """Keep the answer to an action whose customer has left, as far as it is known what came of it."""
        if done.unanswered or state.awaiting != done.action:
            return state
        return replace(state, late=LateAnswer(tuple(done.slots.items()), done.responses, done.failed))

    def go_on(self, state: DialogueState, now: datetime) -> Step | None:
        """The first words after a move to another channel, see :mod:`voicebot.flows.reopening`; None without one."""
        if state.moved is Moved.NO or state.ended is not None:
            return None
        run = Run(self.content, self.readout, state, now)
        go_on(run, self._action_done)
        return self._done(run)

    def farewell(self, state: DialogueState) -> Say:
        """The last words on a line whose conversation goes on in the chat."""
        return render(self.content, self.readout, state, "utter_moved_to_chat", {}, interruptible=False)

    def expects(self, state: DialogueState, now: datetime) -> Expectation:
        """What a conversation that is taken up again waits for."""
        return expectation(Run(self.content, self.readout, state, now))

    def _given(self, run: Run, given: Given) -> None:
        if run.state.waiting is Waiting.AGENT and not isinstance(given, DeskNews | HungUp):
            return  # a person leads: the bot hears nothing
        match given:
            case Utterance(understanding):
                utterance(run, understanding)
            case Keys(digits):
                keys(run, digits)
            case Silence():
                silence(run)
            case Unintelligible(noisy):
                unintelligible(run, noisy=noisy)
            case SafetyHit(hazard, phrase, certain):
                danger(run, hazard, phrase, certain=certain, partial=True)
            case ActionDone():
                self._action_done(run, given)
            case DeskReply():
                desk_replied(run, given)
                _later(run)
            case DeskNews():
                desk_news(run, given)
                _later(run)
            case CallbackBooked():
                booked(run, given)
            case HungUp():
                hang_up(run)
            case Begun():
                pass

    def _action_done(self, run: Run, done: ActionDone) -> None:
        """Take the result of an action over; one that nobody waits for any more is ignored."""
        before = run.state
        top = before.top
        if before.awaiting != done.action or top is None or done.action in (DESK, CALLBACK):
            return
        flow = run.flow_of(top)
        act = flow.steps.get(top.at)
        run.set(awaiting=None)
        if not done.failed:
            run.put("outcome", "ok")
        for name, value in done.slots.items():
            if name != "verification":
                run.put(name, value)
        if done.failed:
            run.put("outcome", "error")
        for text in done.responses:
            run.say_text(text, done.action)
        _verified(run, done.action, done.slots.get("verification"))
        if not isinstance(act, Act) or act.action != done.action:
            run.change_top(at=END)
        else:
            run.change_top(ran=(*top.ran, act.id), changed=top.changed or (act.changes and not done.failed))
            advance(run, act.next)
        if done.failed and not tests_for_error(flow):
            run.say("utter_error_backend")
            hand_off(run, HandoffReason.BACKEND_ERROR)
            return
        if run.state.waiting is not Waiting.NOTHING:
            return
        run_flows(run)
        _later(run)

    def _done(self, run: Run) -> Step:
        step = run.finish()
        return replace(step, expects=expectation(run))


def _later(run: Run) -> None:
    """What the customer said while something was awaited."""
    later = run.state.deferred
    if later is not None and not run.state.halted:
        run.set(deferred=None)
        utterance(run, later)


def _verified(run: Run, method: str, level: Json) -> None:
    found = _LEVELS.get(str(level), Verification.NONE) if level is not None else Verification.NONE
    if found is Verification.NONE:
        return
    if _RANK[found] > _RANK[run.state.verification]:
        run.set(verification=found)
    run.emit(Verified(level=found, method=method.removeprefix("action_")))
