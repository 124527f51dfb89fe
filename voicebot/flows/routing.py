"""From an utterance to what happens: safety, people and language first, then the open question, then intents."""

from __future__ import annotations

from voicebot.domain import Answer, HandoffReason, SlotStatus, Understanding
from voicebot.flows import anger
from voicebot.flows import language as languages
from voicebot.flows.asking import ask_again, pending_collect
from voicebot.flows.collecting import answer_in, take_answer, take_correction
from voicebot.flows.content import FlowKind
from voicebot.flows.control import close_or_go_on, control_of, steer
from voicebot.flows.emergency import cleared, danger, script, suspected
from voicebot.flows.handoff import hand_off, person_asked
from voicebot.flows.in_line import in_line
from voicebot.flows.intents import by_intent, choose, faq_answer
from voicebot.flows.keypad import keys
from voicebot.flows.repair import back
from voicebot.flows.run import Run
from voicebot.flows.state import LINE_WAITS, Waiting
from voicebot.flows.words import is_just, is_question, normal, says


def utterance(run: Run, u: Understanding) -> None:
    """Handle what the customer said."""
    run.understanding = u
    if run.state.waiting is Waiting.DANGER:
        _danger_answer(run, u)
        return
    if u.safety is not None and (u.safety.certain or u.safety.hazard.value not in run.state.danger_cleared):
        danger(run, u.safety.hazard, u.safety.phrase, certain=u.safety.certain)
        return
    run.set(silences=0, holding=False)
    if run.state.waiting in LINE_WAITS and run.state.line is not None:
        anger.waiting_in_anger(run, u)
        if in_line(run, u):
            return
    urgent = is_just(run, "urgent", u.text) or (run.state.waiting is Waiting.REASON and says(run, "urgent", u.text))
    if _wants_person(run, u):
        anger.overheard(run, u)
        person_asked(run, urgent=urgent or says(run, "urgent", u.text))
        return
    if run.state.waiting is Waiting.REASON:
        anger.overheard(run, u)
        _reason(run, u)
        return
    if run.state.awaiting is not None:
        run.set(deferred=u)
        return
    if u.intent == "pii_card":
        run.say("utter_pii_warning")
        ask_again(run)
        return
    if _language(run, u):
        return
    _meaning(run, u)


def _meaning(run: Run, u: Understanding) -> None:
    upset = anger.overheard(run, u)
    if run.state.waiting is Waiting.MENU and normal(u.text).isdigit() and len(normal(u.text)) == 1:
        keys(run, normal(u.text))
        return
    if run.state.waiting is Waiting.CHOICE and choose(run, u):
        return
    if run.state.waiting is Waiting.WHICH:
        if take_correction(run, u):
            return
        run.set(waiting=run.state.before, before=Waiting.NOTHING)
    if suspected(run, u):
        return
    control = control_of(run, u)
    collect = pending_collect(run)
    story = collect is not None and collect.free_text
    anything = control is not None or u.answer is not None or bool(u.entities) or faq_answer(run, u) is not None
    if upset and not story and anger.beside(run, u, anything=anything):
        return
    interrupting = control is not None and (collect is None or not _answers(run, u))
    if control is not None and interrupting:
        steer(run, u, control)
        return
    if collect is not None and not _asks(run, u) and take_answer(run, u):
        return
    if run.state.waiting is Waiting.ANYTHING_ELSE and close_or_go_on(run, u):
        return
    by_intent(run, u)


def _answers(run: Run, u: Understanding) -> bool:
    """The utterance answers the open question, so a control intent is only an echo of its words."""
    collect = pending_collect(run)
    if collect is None:
        return False
    if (collect.yes_no or run.state.waiting is Waiting.READBACK) and u.answer is not None:
        return True
    names = (*collect.entities, *collect.values)
    return any(e.name in names and not e.negated for e in u.entities)


def _asks(run: Run, u: Understanding) -> bool:
    """An open free-text question gets a question of general knowledge instead of an answer."""
    collect = pending_collect(run)
    return collect is not None and collect.free_text and faq_answer(run, u) is not None and is_question(run, u.text)


def _wants_person(run: Run, u: Understanding) -> bool:
    if is_just(run, "person", u.text) or normal(u.text) == "0":
        return normal(u.text) != "0" or not _answers(run, u)
    return u.intent == "request_human" and u.confidence >= run.policy.human


def _reason(run: Run, u: Understanding) -> None:
    """Whatever comes is the reason; only "never mind" takes the request back."""
    if u.intent in ("nevermind", "start_over") and u.confidence >= run.policy.act:
        run.say("utter_nevermind_ack")
        run.set(waiting=Waiting.OPEN)
        ask_again(run)
        return
    run.set_slot("handoff_reason", u.text.strip(), SlotStatus.HEARD, u.source)
    flow = run.content.flow_of(u.intent)
    known = flow is not None and flow.kind in (FlowKind.TASK, FlowKind.INFO) and u.confidence >= run.policy.act
    hand_off(run, HandoffReason.CUSTOMER_ASKED, flow=flow if known else None)


def _danger_answer(run: Run, u: Understanding) -> None:
    """Yes, silence or anything unclear is danger; a clear no leads back."""
    run.set(silences=0, holding=False)
    if u.safety is not None and u.safety.certain:
        danger(run, u.safety.hazard, u.safety.phrase, certain=True)
        return
    if answer_in(u, run.policy.act) is Answer.NO or answer_in(u, run.policy.act) is Answer.AMBIGUOUS:
        cleared(run)
        back(run)
        return
    if _wants_person(run, u):
        person_asked(run, urgent=True)
        return
    script(run)


def _language(run: Run, u: Understanding) -> bool:
    """Follow the customer's language; True when that was all there was to do."""
    if u.intent == languages.INTENT and u.confidence >= run.policy.control:
        code = languages.wanted(run, u)
        if code is None:
            return False
        if code not in run.content.tenant.languages:
            languages.unsupported(run, code)
            return True
        languages.change(run, next(lang for lang in run.content.tenant.languages if lang == code))
        ask_again(run)
        return True
    other = languages.drifted(run, u)
    if other is not None:
        languages.change(run, other)
    return False
