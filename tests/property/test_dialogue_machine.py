"""Whatever happens in whatever order, the engine keeps its promises."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.support.talk import Talk, day, lamp, lamps, serial, window
from voicebot.domain import (
    EN,
    JA,
    NOT_DIALLED,
    ActionDone,
    AgentId,
    Answer,
    BookCallback,
    CallAction,
    CallbackBooked,
    Channel,
    DeskAnswer,
    DeskNews,
    DeskReply,
    End,
    Entity,
    FaqScore,
    FlowChanged,
    HandOff,
    HandoffId,
    HandoffRequested,
    Hazard,
    HungUp,
    IntentScore,
    NewsKind,
    SafetyHit,
    Say,
    SlotSet,
    SlotStatus,
    Source,
    Unintelligible,
    Wait,
    WaitTold,
)
from voicebot.flows import LinePhase, Waiting
from voicebot.flows.handoff import CALLBACK, DESK

INTENTS = [*sorted(lamps().by_intent), "affirm", "deny", "pii_card", "nobody_knows_this_intent"]
ENTITIES = [
    lamp(),
    lamp("floor"),
    lamp(negated=True),
    day("2026-11-25"),
    day("2026-12-01"),
    window(),
    window("afternoon"),
    serial(),
    serial("L9999", verbatim=True),
    serial("nonsense"),
    Entity("phone_last4", "1111"),
    Entity("number", "2"),
    Entity("phone_number", "07700900123"),
]
TEXTS = ["hm", "now", "agent", "0", "1", "2", "I don't know", "英語で", "in Portuguese", "my lamp is broken again", ""]


class Conversation(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.talk = Talk()
        self.person_wanted = False
        self.last_silence = ""
        self.agreed: dict[str, str] = {}

    def after(self, *, wanted: bool = False, silence: bool = False, customer: bool = True) -> None:
        talk = self.talk
        assert len(talk.effects) <= 12
        assert sum(isinstance(e, End) for e in talk.effects) <= 1
        assert sum(isinstance(e, HandOff) for e in talk.effects) <= 1
        calls = [e for e in talk.effects if isinstance(e, CallAction)]
        assert len(calls) <= 1
        if calls:
            assert talk.effects[-1] is calls[0]
            assert talk.step.awaiting == calls[0].action
        for said in (e for e in talk.effects if isinstance(e, Say)):
            assert said.text.strip() and "{" not in said.text
        if not customer:
            return
        assert not self.person_wanted or talk.state.ended is not None, "a person was asked for and did not come"
        self.person_wanted = wanted and talk.state.ended is None
        if silence and talk.said:
            assert talk.said != self.last_silence
        self.last_silence = talk.said if silence else ""

    @rule(
        text=st.sampled_from(TEXTS),
        intent=st.sampled_from(INTENTS),
        confidence=st.sampled_from([0.05, 0.45, 0.6, 0.95]),
        entities=st.lists(st.sampled_from(ENTITIES), max_size=3),
        answer=st.sampled_from([None, None, None, *Answer]),
        faq=st.booleans(),
        second=st.sampled_from(INTENTS),
        language=st.sampled_from([EN, EN, EN, JA]),
        source=st.sampled_from([Source.SPEECH, Source.TEXT]),
    )
    def utterance(self, text, intent, confidence, entities, answer, faq, second, language, source):
        self.talk.source = source
        taken_back = intent in ("nevermind", "start_over")
        self.talk.say(
            text,
            intent,
            confidence,
            entities=tuple(entities),
            answer=answer,
            faq=(FaqScore("postage", 0.8),) if faq else (),
            ranking=(IntentScore(intent, confidence), IntentScore(second, min(confidence, 0.4))),
            language=language,
        )
        if self.person_wanted and taken_back:
            self.person_wanted = False
        self.after()

    @rule(intent=st.just("request_human"))
    def person(self, intent):
        self.talk.say("let me talk to somebody", intent)
        self.after(wanted=True)

    @rule(digits=st.sampled_from(["0", "1", "2", "9", "", "#", "1234", "12345678", "07700900123"]))
    def keys(self, digits):
        self.talk.keys(digits)
        self.after(wanted=digits == "0")

    @rule()
    def silence(self):
        self.talk.silence()
        self.after(silence=True)

    @rule(noisy=st.booleans())
    def noise(self, noisy):
        self.talk.take(Unintelligible(noisy=noisy))
        self.after()

    @rule(answer=st.sampled_from([Answer.YES, Answer.NO, Answer.AMBIGUOUS]))
    def answer(self, answer):
        intent = {Answer.YES: "affirm", Answer.NO: "deny", Answer.AMBIGUOUS: "ambiguous_ok"}[answer]
        self.talk.say("hm", intent, answer=answer)
        self.after()

    @precondition(lambda self: self.talk.state.waiting is Waiting.SLOT)
    @rule(entity=st.sampled_from(ENTITIES))
    def expected_value(self, entity):
        wanted = [e for e in ENTITIES if e.name in self.talk.step.expects.entities and not e.negated]
        self.talk.values("here it is", wanted[0] if wanted else entity)
        self.after()

    @precondition(lambda self: self.talk.state.awaiting is not None)
    @rule(outcome=st.sampled_from(["ok", "ok", "ok", "mismatch", "error", "whatever"]), failed=st.booleans())
    def action_answers(self, outcome, failed):
        level = {"ok": "light", "mismatch": "failed"}.get(outcome)
        slots = (
            {"outcome": outcome, "verification": level}
            if "verify" in self.talk.state.awaiting
            else {"outcome": outcome}
        )
        self.talk.take(ActionDone(self.talk.state.awaiting, slots, failed=failed and outcome == "error"))
        self.after(customer=False)

    @rule()
    def stale_action_answer(self):
        self.talk.take(ActionDone("action_nobody_waits_for", {"outcome": "ok"}))
        self.after(customer=False)

    @rule(hazard=st.sampled_from(list(Hazard)), certain=st.booleans())
    def danger(self, hazard, certain):
        alive = self.talk.state.ended is None
        self.talk.take(SafetyHit(hazard, "x", certain))
        if certain and alive:
            assert self.talk.handoff is not None and self.talk.handoff.priority == 1
        self.person_wanted = False
        self.after()

    @rule()
    def hang_up(self):
        self.talk.take(HungUp())
        assert self.talk.state.ended is not None
        self.after()

    @invariant()
    def never_stuck(self):
        state = self.talk.state
        assert state.ended is not None or state.awaiting is not None or state.waiting is not Waiting.NOTHING

    @invariant()
    def ended_means_silent(self):
        if self.talk.state.ended is not None:
            assert self.talk.state.awaiting is None

    @invariant()
    def changes_only_after_an_explicit_yes(self):
        call = self.talk.called
        if call is not None and call.action == "action_book_visit":
            assert call.slots["confirm_visit"] is True
            assert self.talk.state.top is not None and "confirm_visit" in self.talk.state.top.agreed

    @invariant()
    def confirmed_is_not_asked_again(self):
        state = self.talk.state
        for event in self.talk.events:
            if isinstance(event, SlotSet) and event.slot == "serial" and event.status is SlotStatus.CONFIRMED:
                self.agreed[event.slot] = str(event.value)
            elif isinstance(event, SlotSet) and event.slot == "serial":
                self.agreed.pop(event.slot, None)
            elif isinstance(event, FlowChanged) and event.change in ("cancelled", "completed"):
                self.agreed.clear()
        if state.waiting in (Waiting.SLOT, Waiting.READBACK) and self.talk.step.expects.slot in self.agreed:
            raise AssertionError("a confirmed value is asked for again")


Conversation.TestCase.settings = settings(
    max_examples=150, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestConversation = Conversation.TestCase


class WithADesk(Conversation):
    """The same, with a desk that answers in its own time and has news of the contact."""

    def __init__(self) -> None:
        super().__init__()
        self.talk = Talk(desk=None)
        self.told = 99

    def after(self, *, wanted: bool = False, silence: bool = False, customer: bool = True) -> None:
        talk, line = self.talk, self.talk.state.line
        if line is not None and line.phase is not LinePhase.OUT:
            self.person_wanted = False
        asking = [e for e in talk.effects if isinstance(e, HandOff | BookCallback)]
        assert len(asking) <= 1
        if asking:
            assert talk.effects[-1] is asking[0]
            assert talk.step.awaiting in (DESK, CALLBACK)
        for event in talk.events:
            if isinstance(event, HandoffRequested):
                self.told = 99
            if isinstance(event, WaitTold) and event.position is not None:
                assert event.position <= self.told or self.worse_allowed, "a worse place was told without a reason"
                self.told, self.worse_allowed = event.position, False
        if line is not None and line.phase is LinePhase.AGENT and talk.state.ended is None:
            assert talk.state.waiting is Waiting.AGENT
        self.person_wanted = self.person_wanted and not wanted
        super().after(customer=False)

    worse_allowed = False

    @precondition(lambda self: self.talk.state.awaiting == DESK)
    @rule(
        answer=st.sampled_from(list(DeskAnswer)),
        position=st.sampled_from([None, 1, 2, 14]),
        wait=st.sampled_from([None, Wait(0, 1), Wait(1, 3), Wait(18, 25)]),
        callback=st.booleans(),
        chat=st.booleans(),
    )
    def desk_answers(self, answer, position, wait, callback, chat):
        held = answer in (DeskAnswer.QUEUED, DeskAnswer.LONG, DeskAnswer.ELSEWHERE)
        contact = HandoffId(f"ho-{self.talk.state.handoffs}") if held else None
        self.talk.take(
            DeskReply(answer, contact, position=position, wait=wait, callback_offered=callback, chat_offered=chat)
        )
        line = self.talk.state.line
        if answer is DeskAnswer.RECORDED:
            assert self.talk.state.ended is not None
        elif held:
            assert line is not None and line.phase is LinePhase.QUEUED
        else:
            assert line is None or line.phase is LinePhase.OUT, "nobody waits in a line that is not there"
        self.after()

    @precondition(lambda self: self.talk.state.awaiting is None)
    @rule(
        kind=st.sampled_from(list(NewsKind)),
        position=st.sampled_from([None, 1, 3, 20]),
        stale=st.booleans(),
        agent=st.sampled_from(["mina", "joe"]),
    )
    def news(self, kind, position, stale, agent):
        line = self.talk.state.line
        held = line is not None and line.held
        if kind is NewsKind.TAKEN and not held:
            return  # a supervisor who steps in is tried by itself
        before = self.talk.state
        if kind in (NewsKind.LOST, NewsKind.MOVED):
            self.worse_allowed = True
        contact = "ho-none" if stale or not held else (line.contact or "")
        self.talk.take(DeskNews(HandoffId(contact), kind, agent=AgentId(agent), agent_name=agent, position=position))
        if stale or not held:
            assert self.talk.state == before
        elif kind is NewsKind.OVER:
            assert self.talk.state.ended is not None
        self.after()

    @precondition(lambda self: self.talk.state.awaiting == CALLBACK)
    @rule(works=st.booleans(), why=st.sampled_from(["", NOT_DIALLED]))
    def callback_answers(self, works, why):
        before = self.talk.state.line
        given = CallbackBooked("T-1", "0770***") if works else DeskNews(HandoffId(""), NewsKind.FAILED, detail=why)
        self.talk.take(given)
        assert (self.talk.ended is not None) is works
        if not works and why and before is not None and before.refused < 2:
            assert self.talk.state.waiting is Waiting.CALLBACK_NUMBER
        elif not works and before is not None and before.held:
            assert self.talk.state.waiting is Waiting.QUEUE
        self.after()

    @rule(seconds=st.sampled_from([1, 30, 60]))
    def time_passes(self, seconds):
        self.talk.now += timedelta(seconds=seconds)

    @rule(hazard=st.sampled_from(list(Hazard)), certain=st.booleans())
    def danger(self, hazard, certain):
        before = self.talk.state
        self.talk.take(SafetyHit(hazard, "x", certain))
        line = self.talk.state.line
        if certain and before.ended is None and before.waiting is not Waiting.AGENT:
            assert line is not None and line.emergency and line.priority == 1
        self.after()

    @invariant()
    def waiting_is_no_failure(self):
        line = self.talk.state.line
        if line is not None and line.phase is LinePhase.QUEUED:
            assert not any(isinstance(e, Say) and "no_input" in e.response for e in self.talk.effects)

    @invariant()
    def with_an_agent_the_bot_is_silent(self):
        state = self.talk.state
        if state.waiting is Waiting.AGENT and self.was_with_agent:
            assert not self.talk.effects or isinstance(self.talk.effects[-1], End), self.talk.effects
        self.was_with_agent = state.waiting is Waiting.AGENT

    was_with_agent = False


WithADesk.TestCase.settings = settings(
    max_examples=80, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestWithADesk = WithADesk.TestCase


class ChatConversation(Conversation):
    def __init__(self) -> None:
        super().__init__()
        self.talk = Talk(channel=Channel.WEB_CHAT, source=Source.TEXT, language=JA)


ChatConversation.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestChatConversation = ChatConversation.TestCase
