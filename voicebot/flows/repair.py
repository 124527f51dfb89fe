"""When it does not work: not understood, silence, noise. Every ladder ends with a person or a goodbye."""

from __future__ import annotations

from voicebot.domain import Channel, Disposition, HandoffReason, SilenceNoted, SlotStatus
from voicebot.flows.asking import ask_again, ask_anything_else, keypad_prompt, pending_collect
from voicebot.flows.content import Collect, Confirmation
from voicebot.flows.emergency import script
from voicebot.flows.handoff import hand_off
from voicebot.flows.interpreter import run_flows
from voicebot.flows.run import Run
from voicebot.flows.state import LINE_WAITS, SlotValue, Waiting
from voicebot.flows.telling import quiet_in_line

_ASK_PERSON = 3


def fail(run: Run, kind: str = "no_match") -> None:
    """One failure on the open question: rephrase, then keypad, then a person; three in a conversation are a person too.

    ``kind`` is ``no_match``, ``noise``, ``readback`` (a read-back was refused) or ``ambiguous``.
    """
    state = run.state
    if state.waiting is Waiting.REASON:
        hand_off(run, HandoffReason.CUSTOMER_ASKED)
        return
    if state.waiting is Waiting.DANGER:
        script(run)
        return
    fails, total = state.fails + 1, state.bot_failures + 1
    run.set(fails=fails, bot_failures=total)
    run.repaired(kind, fails)
    collect = pending_collect(run)
    retries = collect.retries if collect is not None else 2
    if collect is not None and collect.optional and not collect.yes_no and fails >= max(1, retries):
        run.state = run.state.with_slot(collect.slot, SlotValue(None, SlotStatus.REFUSED))
        run.set(waiting=Waiting.NOTHING, bot_failures=total - 1)
        run_flows(run)
        return
    if fails > retries or fails >= _ASK_PERSON or total >= run.policy.bot_failures_max:
        hand_off(run, HandoffReason.NO_MATCH, say="utter_no_match_3")
    elif fails == retries:
        _keypad(run, collect, kind)
    else:
        _rephrase(run, collect, kind)


def _rephrase(run: Run, collect: Collect | None, kind: str) -> None:
    if kind == "ambiguous" and collect is not None:
        run.ask(run.state.question, Waiting.SLOT, "utter_ambiguous_check")
    elif run.state.waiting in (Waiting.OPEN, Waiting.MENU):
        run.ask(run.state.question, run.state.waiting, "utter_no_match_1")
    else:
        run.say("utter_readback_wrong" if kind == "readback" else "utter_not_caught")
        ask_again(run)


def _keypad(run: Run, collect: Collect | None, kind: str) -> None:
    """Offer the keys. A chat has none: there the same questions say how to type the answer."""
    run.repaired("keypad_offered")
    if kind == "noise":
        run.say("utter_noise_1")
    question = run.state.question
    if collect is None:
        if run.content.tenant.menu and run.state.waiting is not Waiting.WHICH and run.state.top is None:
            run.ask(question, Waiting.MENU, "utter_menu_keypad")
        else:
            run.say("utter_keypad_none")
            ask_again(run)
        return
    if collect.yes_no or run.state.waiting is Waiting.READBACK:
        explicit = collect.confirmation is Confirmation.EXPLICIT
        run.ask(question, run.state.waiting, "utter_keypad_explicit" if explicit else "utter_keypad_yes_no")
    elif collect.keypad is not None and run.state.channel is Channel.VOICE:
        key, extra = keypad_prompt(collect.keypad)
        run.ask(question, Waiting.SLOT, key, extra)
    else:
        run.say("utter_spell_ask")
        ask_again(run)


def unintelligible(run: Run, *, noisy: bool) -> None:
    """Speech without words."""
    run.set(silences=0, holding=False)
    if run.state.awaiting is None and not (run.state.line is not None and run.state.line.waiting and _in_line(run)):
        fail(run, "noise" if noisy else "no_match")


def _in_line(run: Run) -> bool:
    return run.state.waiting in LINE_WAITS


def silence(run: Run) -> None:
    """A no-input timer ran out: three different prompts, then goodbye. Waiting for a person is no failure."""
    state = run.state
    if state.awaiting is not None or (state.line is not None and _in_line(run) and quiet_in_line(run)):
        return
    count = state.silences + 1
    run.emit(SilenceNoted(count=count))
    if state.waiting is Waiting.DANGER:
        script(run)
        return
    if state.waiting is Waiting.REASON:
        hand_off(run, HandoffReason.CUSTOMER_ASKED)
        return
    if state.holding:
        run.set(holding=False)
        run.say("utter_hold_check")
        return
    run.set(silences=count)
    run.repaired("no_input", count)
    last = state.last_question
    short = (last[-1].text, last[-1].spoken) if last else ("", "")
    if state.waiting is Waiting.ANYTHING_ELSE and count >= 2:
        run.say("utter_goodbye")
        run.end()
    elif count == 1:
        run.say("utter_no_input_1", {"last_prompt_short": short})
    elif count == 2:
        run.say("utter_no_input_2")
    else:
        run.say("utter_no_input_3")
        run.set(left=state.waiting)
        run.end(Disposition.NO_INPUT)


def back(run: Run) -> None:
    """An interruption is over: return to the question that was open, or go on with the flow."""
    before = run.state.before
    run.set(waiting=before, before=Waiting.NOTHING)
    if before is not Waiting.NOTHING:
        ask_again(run)
    elif run.state.awaiting is None and run.state.top is not None:
        run_flows(run)
    elif run.state.awaiting is None:
        ask_anything_else(run) if run.state.tasks_done else ask_again(run)
