"""Putting questions: each thing the bot can wait for has one way of being asked, and of being asked again."""

from __future__ import annotations

from voicebot.domain import Channel, Expectation, Json, KeypadSpec, SlotStatus, Source
from voicebot.flows.content import Collect, Confirm, Flow
from voicebot.flows.responses import PLACEHOLDER
from voicebot.flows.run import Run
from voicebot.flows.state import LINE_WAITS, DialogueState, SlotValue, Waiting
from voicebot.flows.telling import line_again

_DIGITS = frozenset("order_number member_number account_number phone_number phone_last4 one_time_code number".split())
_SINGLE_KEY = KeypadSpec(1)
_CALLBACK_WAITS = LINE_WAITS - {Waiting.QUEUE}


def pending_collect(run: Run) -> Collect | None:
    """The question step of the running flow, if that is what is open."""
    top = run.state.top
    if top is None or run.state.waiting not in (Waiting.SLOT, Waiting.READBACK):
        return None
    step = run.flow_of(top).steps.get(top.at) if top.flow in run.content.flows else None
    return step if isinstance(step, Collect) else None


def ask_again(run: Run) -> None:
    """Put the open question once more, in the language of now."""
    state = run.state
    collect = pending_collect(run)
    match state.waiting:
        case Waiting.SLOT if collect is not None:
            ask_slot(run, collect)
        case Waiting.READBACK if collect is not None:
            ask_readback(run, collect)
        case Waiting.ANYTHING_ELSE:
            ask_anything_else(run)
        case Waiting.DANGER:
            ask_danger(run)
        case Waiting.REASON:
            run.ask("reason", Waiting.REASON, "utter_handoff_reason_ask")
        case Waiting.MENU:
            run.ask(state.question, Waiting.MENU, "utter_menu_keypad")
        case Waiting.CHOICE:
            ask_choice(run, state.choices)
        case Waiting.WHICH:
            run.ask("which", Waiting.WHICH, "utter_correction_which")
        case waiting if waiting in LINE_WAITS:
            line_again(run)
        case _:
            ask_open(run)


def ask_open(run: Run, key: str = "utter_ask_need") -> None:
    """The open question."""
    run.ask("open", Waiting.OPEN, key)


def ask_anything_else(run: Run) -> None:
    """After something was finished."""
    run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")


def ask_danger(run: Run) -> None:
    """One question about the danger at hand; somebody in despair is never asked about smoke."""
    hazard = run.state.hazard
    key = f"utter_danger_check_{hazard}" if hazard is not None else "utter_danger_check"
    known = run.content.responses[run.state.language]
    run.ask("danger", Waiting.DANGER, key if key in known else "utter_danger_check")


def ask_choice(run: Run, flows: tuple[str, ...]) -> None:
    """Which of two flows is meant."""
    labels = [run.content.flows[name].label(run.state.language) for name in flows]
    run.set(choices=flows)
    run.ask(
        "choice:" + "/".join(flows),
        Waiting.CHOICE,
        "utter_disambiguate",
        {"label_1": (labels[0], labels[0]), "label_2": (labels[1], labels[1])},
    )


def slot_label(run: Run, collect: Collect) -> str:
    """What a slot is called in a sentence: ``utter_label_<slot>``, else the slot's own name in words."""
    response = run.content.responses[run.state.language].get(f"utter_label_{collect.slot}")
    return response.variants[0].text if response else collect.slot.replace("_", " ")


def shown_value(run: Run, name: str, value: Json) -> tuple[str, str]:
    """A slot value as written and as spoken."""
    return run.readout(run.content.slot_entities.get(name, name), value, run.state.language)


def ask_slot(run: Run, collect: Collect) -> None:
    """Ask for a slot; values taken over silently so far are named first, so that they can be corrected."""
    top = run.state.top
    assert top is not None
    _acknowledge(run, run.flow_of(top), collect)
    run.ask(f"{top.flow}/{collect.id}", Waiting.SLOT, collect.utter)
    if run.state.by_keys and collect.keypad is not None and run.state.channel is Channel.VOICE:
        key, extra = keypad_prompt(collect.keypad)
        run.say(key, extra)


def keypad_prompt(spec: KeypadSpec) -> tuple[str, dict[str, tuple[str, str]]]:
    """How to key a value in."""
    digits = str(spec.max_digits)
    key = "utter_keypad_prefixed" if spec.prefix else "utter_keypad_digits"
    return key, {"digits": (digits, digits), "prefix": (spec.prefix, spec.prefix)}


def ask_readback(run: Run, collect: Collect) -> None:
    """Read a value back."""
    top = run.state.top
    assert top is not None
    label = slot_label(run, collect)
    own = f"utter_readback_{collect.slot}"
    key = own if own in run.content.responses[run.state.language] else "utter_confirm_slot"
    value = shown_value(run, collect.slot, run.state.value(collect.slot))
    run.ask(f"{top.flow}/{collect.id}", Waiting.READBACK, key, {"slot_label": (label, label), "value": value})


def mentions(run: Run, key: str, slot: str) -> bool:
    """A response names this slot's value."""
    response = run.content.responses[run.state.language].get(key)
    return response is not None and any(slot in PLACEHOLDER.findall(v.text) for v in response.variants)


def _acknowledge(run: Run, flow: Flow, asking: Collect) -> None:
    named: list[tuple[str, str]] = []
    for collect in flow.collects:
        held = run.state.slot(collect.slot)
        if collect.confirm is not Confirm.IMPLICIT or held is None or held.asked or held.value is None:
            continue
        if held.status is SlotStatus.CONFIRMED or collect.slot == asking.slot:
            continue
        _mark_asked(run, collect.slot, held)
        if not mentions(run, asking.utter, collect.slot):
            named.append(shown_value(run, collect.slot, run.state.value(collect.slot)))
    if named and not run.apologised:
        comma = "、" if run.state.language == "ja" else ", "
        run.say("utter_ack_value", {"value": (comma.join(n[0] for n in named), comma.join(n[1] for n in named))})


def _mark_asked(run: Run, name: str, held: SlotValue) -> None:
    run.state = run.state.with_slot(
        name, SlotValue(held.value, held.status, held.source, held.verbatim, held.flow, True, held.sensitive)
    )


def needs_readback(held: SlotValue, collect: Collect) -> bool:
    """A value is read back once, unless the customer typed it exactly, keyed it in, or it came from our own records."""
    return (
        collect.confirm is Confirm.READBACK
        and held.status not in (SlotStatus.CONFIRMED, SlotStatus.REFUSED)
        and not (held.source is Source.KEYPAD or held.asked)
        and (held.source is Source.SPEECH or not held.verbatim)
    )


def expectation(run: Run) -> Expectation:
    """What recognition, entity search, timers and keypad should be ready for."""
    state, policy = run.state, run.policy
    no_input = policy.hold_ms if state.holding else policy.silences[min(state.silences, len(policy.silences) - 1)]
    if state.slow and not state.holding:
        no_input = int(no_input * policy.slow_factor)
    keypad = None if state.channel is not Channel.VOICE else _SINGLE_KEY
    if state.ended is not None or state.waiting is Waiting.NOTHING:
        return Expectation(no_input_ms=no_input, slow=state.slow, keypad=keypad)
    if state.waiting in _CALLBACK_WAITS and state.line is not None:
        return _callback_expectation(run, no_input)
    if state.line is not None and state.waiting in (Waiting.QUEUE, Waiting.AGENT):
        return Expectation(free_text=True, keypad=keypad, no_input_ms=policy.comfort_ms, slow=state.slow)
    collect = pending_collect(run)
    if collect is None:
        yes_no = state.waiting in (Waiting.ANYTHING_ELSE, Waiting.DANGER)
        return Expectation(
            answer=yes_no,
            free_text=state.waiting is Waiting.REASON,
            keypad=keypad,
            entities=_correctable(run),
            no_input_ms=no_input,
            slow=state.slow,
        )
    own = tuple(dict.fromkeys((*collect.entities, *collect.values)))
    digits = collect.keypad is not None or any(name in _DIGITS for name in own)
    return Expectation(
        slot=collect.slot,
        entities=tuple(name for name in own if name != "yes_no"),
        answer=collect.yes_no or state.waiting is Waiting.READBACK,
        digits=digits,
        free_text=collect.free_text,
        keypad=_own_keypad(run, collect) or keypad,
        no_input_ms=no_input,
        sensitive=collect.sensitive,
        slow=state.slow,
    )


def _callback_expectation(run: Run, no_input_ms: int) -> Expectation:
    """A yes or no, or a number by voice or keys."""
    waiting = run.state.waiting
    spoken = waiting in (Waiting.CALLBACK_OWN, Waiting.CALLBACK_NUMBER, Waiting.CALLBACK_CHECK)
    number = waiting is Waiting.CALLBACK_NUMBER
    keypad = None if run.state.channel is not Channel.VOICE else KeypadSpec(15) if number else _SINGLE_KEY
    return Expectation(
        slot="callback_number" if number else None,
        entities=("phone_number",) if spoken else (),
        answer=not number,
        digits=number,
        keypad=keypad,
        no_input_ms=no_input_ms,
        slow=run.state.slow,
    )


def _own_keypad(run: Run, collect: Collect) -> KeypadSpec | None:
    """The question's keys: on a phone, and for secrets on every channel, because they must not pass as words."""
    usable = run.state.channel is Channel.VOICE or collect.sensitive
    return collect.keypad if usable and run.state.waiting is Waiting.SLOT else None


def _correctable(run: Run) -> tuple[str, ...]:
    if run.state.waiting is not Waiting.WHICH or run.state.top is None:
        return ()
    return tuple(dict.fromkeys(name for c in run.flow_of(run.state.top).collects for name in c.entities))


def label_of(state: DialogueState, flow: Flow) -> str:
    """A flow's name in the language of now."""
    return flow.label(state.language)
