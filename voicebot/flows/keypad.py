"""Keys: an equal way through every question. A lone 0 is a person, always."""

from __future__ import annotations

from voicebot.domain import KeysPressed, SlotStatus, Source, Understood, UtteranceId
from voicebot.flows.asking import ask_again, pending_collect
from voicebot.flows.collecting import go_on, reject, store, valid
from voicebot.flows.content import Collect
from voicebot.flows.emergency import cleared, script
from voicebot.flows.handoff import person_asked
from voicebot.flows.interpreter import run_flows, start_flow
from voicebot.flows.queueing import keys_in_line
from voicebot.flows.repair import back, fail
from voicebot.flows.run import Run
from voicebot.flows.state import LINE_WAITS, Waiting

YES, NO, PERSON = "1", "2", "0"


def keys(run: Run, digits: str) -> None:
    """The customer pressed keys."""
    collect = pending_collect(run)
    hidden = collect is not None and collect.sensitive
    run.emit(KeysPressed(digits="" if hidden else digits))
    run.set(silences=0, holding=False)
    waiting = run.state.waiting
    if waiting in LINE_WAITS and run.state.line is not None and keys_in_line(run, digits):
        return
    if digits == PERSON:
        person_asked(run, urgent=waiting is Waiting.MENU)
        return
    if run.state.awaiting is not None:
        return
    if digits.strip("#*") == "" and waiting is not Waiting.REASON:
        ask_again(run)
        return
    match waiting:
        case Waiting.DANGER:
            _danger(run, digits)
        case Waiting.REASON:
            fail(run)
        case Waiting.CHOICE if digits in (YES, NO):
            chosen = run.state.choices[0 if digits == YES else 1]
            pick(run, chosen)
        case Waiting.ANYTHING_ELSE if digits == NO:
            run.say("utter_goodbye")
            run.end()
        case Waiting.READBACK | Waiting.SLOT if collect is not None:
            _answer(run, collect, digits)
        case _:
            _menu(run, digits)


def _danger(run: Run, digits: str) -> None:
    if digits == NO:
        cleared(run)
        back(run)
    else:
        script(run)


def _menu(run: Run, digits: str) -> None:
    item = next((item for item in run.content.tenant.menu if item.key == digits), None)
    if item is None or item.flow not in run.content.flows:
        fail(run)
        return
    run.set(by_keys=True)
    pick(run, item.flow, item.labels.get(run.state.language))


def pick(run: Run, flow_id: str, label: str | None = None) -> None:
    """A flow was chosen by keys; the choice is logged as understanding that came from the keypad."""
    flow = run.content.flows[flow_id]
    intent = flow.intents[0][0] if flow.intents else flow.id
    run.set(presses=run.state.presses + 1, choices=(), before=Waiting.NOTHING)
    run.emit(
        Understood(
            utterance=UtteranceId(f"keys-{run.state.presses}"),
            intent=intent,
            confidence=1.0,
            in_scope=1.0,
            source=Source.KEYPAD,
        )
    )
    named = label or flow.label(run.state.language)
    run.say("utter_ack_value", {"value": (named, named)})
    start_flow(run, flow)
    run_flows(run)


def _answer(run: Run, collect: Collect, digits: str) -> None:
    if run.state.waiting is Waiting.READBACK or collect.yes_no:
        if digits not in (YES, NO):
            fail(run)
        elif run.state.waiting is Waiting.SLOT:
            run.set_slot(collect.slot, digits == YES, SlotStatus.CONFIRMED, Source.KEYPAD, collect=collect)
            go_on(run)
        elif digits == YES:
            run.confirm_slot(collect.slot)
            go_on(run)
        else:
            run.put(collect.slot, None)
            run.set(waiting=Waiting.SLOT)
            fail(run, "readback")
        return
    spec = collect.keypad
    value = (spec.prefix if spec is not None else "") + digits
    too_long = spec is not None and len(digits) > spec.max_digits
    if too_long or collect.free_text or (spec is None and collect.validate is None) or not valid(collect, value):
        fail(run)
        return
    store(run, collect, value, Source.KEYPAD, verbatim=True)
    if not reject(run, collect):
        go_on(run)
