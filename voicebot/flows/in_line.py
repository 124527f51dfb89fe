"""Words of a customer who waits: call me back, how long, never mind, a question, or more about the matter."""

from __future__ import annotations

from voicebot.domain import (
    Answer,
    Channel,
    Disposition,
    LeaveQueue,
    NoticeGiven,
    RecordingChanged,
    SetRecording,
    Texts,
    Understanding,
)
from voicebot.flows import language as languages
from voicebot.flows.callbacks import callback_answer, wants_callback
from voicebot.flows.collecting import answer_in
from voicebot.flows.emergency import suspected
from voicebot.flows.handoff import end_of_line, put_down
from voicebot.flows.intents import faq_answer
from voicebot.flows.queueing import do_alone
from voicebot.flows.run import Run
from voicebot.flows.standing import InLine
from voicebot.flows.state import Waiting
from voicebot.flows.telling import (
    ask_callback_number,
    can_text,
    change_line,
    line_again,
    line_of,
    send_chat_link,
    tell_place,
    told_now,
)
from voicebot.flows.words import privacy_kind, says

_NOTES_ACKNOWLEDGED = 2
_NO_LINK = {Texts.LANDLINE: "utter_chat_landline", Texts.OFF: "utter_chat_no_texts"}


def in_line(run: Run, u: Understanding) -> bool:
    """Words of somebody who waits, or was told that nobody is there; False when they go the ordinary way."""
    if suspected(run, u):
        return True
    line = line_of(run)
    if u.intent == "pii_card":
        run.say("utter_pii_warning")
        return True
    if _other_language(run, u):
        return True
    if callback_answer(run, u):
        return True
    if run.state.waiting is Waiting.AFTER_HOURS and _after_hours(run, u, line):
        return True
    if not line.waiting:
        run.set(waiting=Waiting.OPEN, question="open", fails=0)
        return False
    _wish(run, u)
    return True


def _wish(run: Run, u: Understanding) -> None:
    sure = u.confidence >= run.policy.control
    if wants_callback(run, u):
        ask_callback_number(run)
    elif says(run, "queue_leave", u.text) or (u.intent in ("nevermind", "start_over") and sure):
        leave(run)
    elif u.intent == "goodbye" and u.confidence >= run.policy.leave:
        run.effects.append(LeaveQueue())
        run.say("utter_goodbye")
        run.end(end_of_line(run, Disposition.ABANDONED_IN_QUEUE))
    elif says(run, "queue_how_long", u.text) or (u.intent == "ask_wait_time" and sure):
        change_line(run, told_position=None)
        tell_place(run)
    elif says(run, "queue_chat", u.text) or (u.intent == "continue_on_chat" and sure):
        by_chat(run)
    elif u.intent == "request_human" and u.confidence >= run.policy.human:
        tell_place(run, opening="utter_queue_already")
    elif u.intent == "privacy_request" and privacy_kind(run, u.text) == "stop_recording":
        _stop_recording(run)
    elif u.intent == "ask_repeat" and sure:
        run.say_again(run.state.last_prompts)
    elif u.intent == "bot_challenge" and sure:
        run.emit(NoticeGiven(notice="ai"))
        run.say("utter_bot_answer")
    elif (answer := faq_answer(run, u)) is not None:
        run.say_text(answer, "utter_faq_answer")
        run.set(answers_given=run.state.answers_given + 1)
        run.say("utter_queue_keep_place")
    elif answer_in(u, run.policy.act) is None:
        _noted(run)
    if run.effects:
        told_now(run)


def _noted(run: Run) -> None:
    """Anything else goes into the log for whoever answers; acknowledged shortly, and not every time."""
    noted = line_of(run).noted + 1
    change_line(run, noted=noted)
    if noted <= _NOTES_ACKNOWLEDGED:
        run.say("utter_queue_noted")


def leave(run: Run) -> None:
    """The customer does not want to wait any more; the bot goes on."""
    run.effects.append(LeaveQueue())
    put_down(run)
    run.set(line=None)
    run.say("utter_queue_left")
    run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")


def by_chat(run: Run) -> None:
    """Go on by chat: a link to the phone, if one can be sent."""
    if can_text(run) and not line_of(run).emergency:
        send_chat_link(run, "utter_queue_chat_link")
        run.set(waiting=Waiting.QUEUE, question="queue")
    elif run.state.channel is Channel.VOICE:
        run.say(_NO_LINK.get(run.state.texts, "utter_chat_no_link"))
        run.set(waiting=Waiting.QUEUE, question="queue")
    else:
        run.say("utter_queue_keep_place")


def _stop_recording(run: Run) -> None:
    run.put("recording_refused", True)
    run.set(recording=False)
    run.effects.append(SetRecording(False, True, "off_by_request"))
    run.emit(RecordingChanged(on=False, reason="off_by_request"))
    run.say("utter_queue_recording_stopped")


def _other_language(run: Run, u: Understanding) -> bool:
    """The language may change while waiting; the contact keeps its place and the skill it was queued for."""
    if u.intent != languages.INTENT or u.confidence < run.policy.control:
        other = languages.drifted(run, u)
        if other is not None:
            languages.change(run, other)
        return False
    code = languages.wanted(run, u)
    known = next((spoken for spoken in run.content.tenant.languages if spoken == code), None)
    if known is None:
        return False
    languages.change(run, known)
    line_again(run)
    return True


def _after_hours(run: Run, u: Understanding, line: InLine) -> bool:
    answer = answer_in(u, run.policy.act)
    flow = run.content.flow_of(u.intent)
    wanted = flow.id if flow is not None and u.confidence >= run.policy.act else ""
    if line.callback_offered and wants_callback(run, u):
        ask_callback_number(run)
    elif line.flow in run.content.flows and (wanted == line.flow or (answer is Answer.YES and not wanted)):
        do_alone(run, line)
    elif answer in (Answer.NO, Answer.AMBIGUOUS) and not wanted:
        run.set(line=None)
        run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")
    else:
        return False
    return True
