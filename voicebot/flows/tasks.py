"""Actions that the engine does itself; every other ``action_*`` name goes to the action server."""

from __future__ import annotations

from collections.abc import Callable

from voicebot.domain import (
    Alerted,
    HandoffReason,
    NoticeGiven,
    RecordingChanged,
    SetPace,
    SetRecording,
)
from voicebot.flows.anger import anger, is_strong
from voicebot.flows.asking import ask_open, keypad_prompt, pending_collect
from voicebot.flows.content import Act, Flow, HandoffSpec
from voicebot.flows.handoff import EMERGENCY_FLOW, hand_off
from voicebot.flows.run import Run
from voicebot.flows.state import Waiting
from voicebot.flows.telling import send_chat_link
from voicebot.flows.words import privacy_kind, says


def builtin(run: Run, act: Act, flow: Flow) -> None:
    """Do a built-in action."""
    TASKS[act.action](run, act, flow)


def _handoff(run: Run, act: Act, flow: Flow) -> None:
    if flow.id == EMERGENCY_FLOW:
        hand_off(run, HandoffReason.EMERGENCY, flow=flow, say=None, spec=flow.handoff)
        return
    given = act.metadata.get("reason")
    if isinstance(given, str) and given in {reason.value for reason in HandoffReason}:
        reason = HandoffReason(given)
    elif run.state.value("outcome") == "error":
        reason = HandoffReason.BACKEND_ERROR
    elif flow.id.startswith("pattern_verify"):
        reason = HandoffReason.AUTH_FAILED
    else:
        reason = HandoffReason.FLOW_REQUIRES_HUMAN
    hand_off(run, reason, spec=_spec(act))


def _spec(act: Act) -> HandoffSpec | None:
    own = act.metadata.get("handoff")
    if not isinstance(own, dict):
        return None
    skills, level, priority = own.get("skills"), own.get("min_level", 1), own.get("priority", 5)
    listed = tuple(str(item) for item in skills) if isinstance(skills, list) else ()
    return HandoffSpec(listed, int(str(level)), int(str(priority))) if listed else None


def _faq_answer(run: Run, act: Act, flow: Flow) -> None:
    found = run.understanding.faq if run.understanding is not None else ()
    entries = run.content.faq.get(run.state.language, {})
    best = next((score for score in found if score.id in entries), None)
    if best is None or best.score < run.policy.faq:
        run.put("outcome", "low_confidence")
        run.put("faq_answer", None)
        return
    run.put("outcome", "ok")
    run.put("faq_answer", entries[best.id].answer)


def _repeat(run: Run, act: Act, flow: Flow) -> None:
    run.say_again(run.state.last_prompts)


def _repeat_short(run: Run, act: Act, flow: Flow) -> None:
    run.say_again(run.state.last_question)


def _slow_down(run: Run, act: Act, flow: Flow) -> None:
    if not run.state.slow:
        deaf = run.understanding is not None and says(run, "hard_of_hearing", run.understanding.text)
        run.emit(Alerted(alert="hard_of_hearing" if deaf else "slow_speaker"))
    run.set(slow=True)
    run.effects.append(SetPace(run.policy.pace_slow))


def _extend_wait(run: Run, act: Act, flow: Flow) -> None:
    run.set(holding=True)


def _use_keypad(run: Run, act: Act, flow: Flow) -> None:
    run.repaired("keypad_offered")
    collect = pending_collect(run)
    if collect is not None and collect.keypad is not None and run.state.waiting is Waiting.SLOT:
        run.say(*keypad_prompt(collect.keypad))
    elif collect is not None and (collect.yes_no or run.state.waiting is Waiting.READBACK):
        run.say("utter_keypad_yes_no")
    elif run.state.top is None and run.content.tenant.menu:
        run.ask(run.state.question or "open", Waiting.MENU, "utter_menu_keypad")
    else:
        run.say("utter_keypad_none")


def _frustration(run: Run, act: Act, flow: Flow) -> None:
    anger(run, strong=is_strong(run))


def _pause_recording(run: Run, act: Act, flow: Flow) -> None:
    run.set(recording=False, recording_paused=True)
    run.effects.append(SetRecording(False, False, "paused"))
    run.emit(RecordingChanged(on=False, reason="paused"))


def _resume_recording(run: Run, act: Act, flow: Flow) -> None:
    if run.state.recording_paused:
        run.resume_recording()


def _stop_recording(run: Run, act: Act, flow: Flow) -> None:
    run.put("recording_refused", True)
    run.set(recording=False)
    run.effects.append(SetRecording(False, True, "off_by_request"))
    run.emit(RecordingChanged(on=False, reason="off_by_request"))


def _privacy_kind(run: Run, act: Act, flow: Flow) -> None:
    text = run.understanding.text if run.understanding is not None else ""
    run.put("privacy_kind", privacy_kind(run, text))


def _offer_chat(run: Run, act: Act, flow: Flow) -> None:
    send_chat_link(run, "utter_chat_link_sent")


def _callback(run: Run, act: Act, flow: Flow) -> None:
    run.set(callback=True)


def _end(run: Run, act: Act, flow: Flow) -> None:
    run.end()


def _restart(run: Run, act: Act, flow: Flow) -> None:
    while run.state.top is not None:
        frame = run.pop("cancelled")
        for collect in run.flow_of(frame).collects:
            if not any(name in run.policy.keep_entities for name in collect.entities):
                run.put(collect.slot, None)
    ask_open(run)


def _notice(run: Run, act: Act, flow: Flow) -> None:
    run.emit(NoticeGiven(notice="ai"))


def _nothing(run: Run, act: Act, flow: Flow) -> None:
    return


TASKS: dict[str, Callable[[Run, Act, Flow], None]] = {
    "action_handoff": _handoff,
    "action_faq_answer": _faq_answer,
    "action_repeat": _repeat,
    "action_repeat_short": _repeat_short,
    "action_slow_down": _slow_down,
    "action_extend_wait": _extend_wait,
    "action_use_keypad": _use_keypad,
    "action_raise_frustration": _frustration,
    "action_stop_recording": _stop_recording,
    "action_pause_recording": _pause_recording,
    "action_resume_recording": _resume_recording,
    "action_privacy_kind": _privacy_kind,
    "action_note_callback": _callback,
    "action_offer_chat": _offer_chat,
    "action_say_ai": _notice,
    "action_end": _end,
    "action_restart": _restart,
    "action_listen": _nothing,
    # done by the dialogue before the control flow runs, because they need the whole utterance:
    "action_apply_correction": _nothing,
    "action_cancel_flow": _nothing,
    "action_resolve_ambiguous": _nothing,
    "action_switch_language": _nothing,
    "action_request_person": _nothing,
}
"""Built-in actions by name."""
