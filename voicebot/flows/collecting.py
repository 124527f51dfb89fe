"""Taking an utterance as the answer to the open question: values, corrections, yes and no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from voicebot.domain import Answer, Entity, HandoffReason, Json, SlotStatus, Source, Understanding
from voicebot.flows.asking import ask_slot, mentions, pending_collect, shown_value, slot_label
from voicebot.flows.conditions import holds
from voicebot.flows.content import Collect, Confirm, Confirmation, Flow
from voicebot.flows.handoff import hand_off
from voicebot.flows.interpreter import run_flows
from voicebot.flows.repair import fail
from voicebot.flows.run import Run
from voicebot.flows.state import SlotValue, Waiting
from voicebot.flows.words import is_just, normal, says

_VAGUE = frozenset({"number"})
"""Entities too common to correct a slot that is not asked for."""


def take_answer(run: Run, u: Understanding) -> bool:
    """Use the utterance for the open question of the running flow; False when it does not answer it."""
    collect, top = pending_collect(run), run.state.top
    if collect is None or top is None:
        return False
    found = values_in(run, u, run.flow_of(top), collect)
    if run.state.waiting is Waiting.READBACK:
        return _readback(run, u, collect, found)
    if collect.yes_no:
        return _yes_no(run, u, collect, found)
    return _value(run, u, collect, found)


def prefill(run: Run, u: Understanding, flow: Flow) -> None:
    """Fill the starting flow's slots from the words that started it."""
    for collect, entity in values_in(run, u, flow, None).items():
        store(run, collect, entity.value, u.source, verbatim=entity.verbatim, others=entity.alternatives)


def values_in(run: Run, u: Understanding, flow: Flow, pending: Collect | None) -> dict[Collect, Entity]:
    """New values in the utterance, by question; each value is used once, for the open question first."""
    order = [*([pending] if pending else []), *(c for c in flow.collects if c is not pending)]
    left = [entity for entity in u.entities if not entity.negated]
    found: dict[Collect, Entity] = {}
    locked = run.state.top.changed if run.state.top is not None and pending is not None else False
    for collect in order:
        if collect.yes_no or (pending is not None and pending.free_text and collect is not pending):
            continue
        entity = _best(left, collect)
        if entity is None or collect.slot in (other.slot for other in found):
            continue
        held = run.state.slot(collect.slot)
        if held is not None and held.value == entity.value:
            if collect is not pending:
                left.remove(entity)
                continue
        elif (
            held is not None
            and collect is not pending
            and (locked or entity.name in _VAGUE)
            and u.intent != "correct_info"
        ):
            continue
        left.remove(entity)
        found[collect] = entity
    return found


def _best(entities: list[Entity], collect: Collect) -> Entity | None:
    for name in (*collect.entities, *collect.values):
        fitting = [e for e in entities if e.name == name and valid(collect, e.value)]
        if fitting:
            return max(fitting, key=lambda e: (e.confidence, e.start))
    return None


def valid(collect: Collect, value: str) -> bool:
    """The author's pattern, if any, accepts the value."""
    return collect.validate is None or re.fullmatch(collect.validate, value) is not None


def answer_in(u: Understanding, act: float) -> Answer | None:
    """Yes, no or neither here nor there: the words decide, the classifier helps only where they are silent."""
    if u.answer is not None:
        return u.answer
    by_intent = {"affirm": Answer.YES, "deny": Answer.NO, "ambiguous_ok": Answer.AMBIGUOUS}
    return by_intent.get(u.intent) if u.confidence >= act else None


def store(
    run: Run, collect: Collect, value: Json, source: Source, *, verbatim: bool, others: tuple[str, ...] = ()
) -> None:
    """Keep a value; one that was keyed in or typed exactly counts as agreed.

    ``others`` are further readings of the same sound. The back end gets them as ``<slot>_alternatives``, to be checked
    against the customer's own record, which knows better than any recogniser.
    """
    exact = source is Source.KEYPAD or (source is Source.TEXT and verbatim)
    status = SlotStatus.CONFIRMED if exact and collect.confirm is Confirm.READBACK else SlotStatus.HEARD
    run.set_slot(collect.slot, value, status, source, collect=collect, verbatim=verbatim)
    run.put(f"{collect.slot}_alternatives", list(others) or None)


def go_on(run: Run) -> None:
    """The question was answered: the flow continues."""
    run.set(waiting=Waiting.NOTHING)
    run_flows(run)


def reject(run: Run, collect: Collect) -> bool:
    """The author's rejections: a value that fits the pattern and still cannot be used."""
    for condition, utter in collect.rejections:
        if holds(condition, run.lookup):
            run.put(collect.slot, None)
            run.set(waiting=Waiting.SLOT)
            if utter:
                run.say(utter)
            fail(run)
            return True
    return False


# --- the three kinds of open question ---


def _readback(run: Run, u: Understanding, collect: Collect, found: dict[Collect, Entity]) -> bool:
    held = run.state.slot(collect.slot)
    new = found.get(collect)
    answer = answer_in(u, run.policy.act)
    old_refused = any(e.negated and held is not None and e.value == held.value for e in u.entities)
    if new is not None and held is not None and new.value != held.value:
        return _corrected(run, u, found)
    if answer is Answer.NO or old_refused:
        _fill(run, u, {c: e for c, e in found.items() if c is not collect})
        run.put(collect.slot, None)
        run.set(waiting=Waiting.SLOT)
        run.repaired("correction")
        fail(run, "readback")
        return True
    if answer is not None or found:
        run.confirm_slot(collect.slot)
        _fill(run, u, {c: e for c, e in found.items() if c is not collect})
        go_on(run)
        return True
    return False


def _yes_no(run: Run, u: Understanding, collect: Collect, found: dict[Collect, Entity]) -> bool:
    answer = answer_in(u, run.policy.control if collect.confirmation is Confirmation.EXPLICIT else run.policy.act)
    changes = {c: e for c, e in found.items() if run.state.slot(c.slot) is not None}
    if changes:
        return _corrected(run, u, found)
    _fill(run, u, found)
    if answer is Answer.AMBIGUOUS and collect.confirmation is Confirmation.OFFER:
        answer = Answer.NO
    if answer is Answer.AMBIGUOUS and collect.confirmation is Confirmation.EXPLICIT:
        fail(run, "ambiguous")
        return True
    if answer is Answer.NO and collect.confirmation is Confirmation.EXPLICIT and u.intent == "correct_info":
        which(run)
        return True
    if answer in (Answer.YES, Answer.NO):
        run.set_slot(collect.slot, answer is Answer.YES, SlotStatus.CONFIRMED, u.source, collect=collect)
        _settle(run)
        go_on(run)
        return True
    if found:
        go_on(run)
        return True
    return False


def _value(run: Run, u: Understanding, collect: Collect, found: dict[Collect, Entity]) -> bool:
    if collect in found:
        if any(run.state.slot(c.slot) is not None for c in found):
            return _corrected(run, u, found)
        _settle(run)
        _fill(run, u, found)
        if not reject(run, collect):
            go_on(run)
        return True
    if found:
        if any(run.state.slot(c.slot) is not None for c in found):
            return _corrected(run, u, found)
        _fill(run, u, found)
        go_on(run)
        return True
    if collect.free_text and u.text.strip():
        declined = answer_in(u, run.policy.act) in (Answer.NO, Answer.AMBIGUOUS)
        if collect.optional and (declined or _unknown(run, u)):
            return _leave_empty(run, collect)
        run.set_slot(collect.slot, u.text.strip(), SlotStatus.HEARD, u.source, collect=collect, verbatim=True)
        go_on(run)
        return True
    typed = _typed(u, collect)
    if typed is not None:
        store(run, collect, typed, u.source, verbatim=True)
        if not reject(run, collect):
            go_on(run)
        return True
    if collect.optional and (answer_in(u, run.policy.act) is not None or _unknown(run, u)):
        return _leave_empty(run, collect)
    if _unknown(run, u) and collect.handoff_when_unknown:
        run.say("utter_unknown_value")
        hand_off(run, HandoffReason.FLOW_REQUIRES_HUMAN)
        return True
    return False


def _typed(u: Understanding, collect: Collect) -> str | None:
    """Exactly what the question's pattern wants, or the digits its keypad would take, typed on their own."""
    if collect.validate is None or u.source is not Source.TEXT:
        return None
    plain = normal(u.text).upper()
    prefix = collect.keypad.prefix if collect.keypad is not None else ""
    return next((value for value in (plain, prefix + plain) if valid(collect, value)), None)


def _unknown(run: Run, u: Understanding) -> bool:
    return is_just(run, "unknown", u.text) or says(run, "unknown", u.text)


def _leave_empty(run: Run, collect: Collect) -> bool:
    _settle(run)
    run.state = run.state.with_slot(collect.slot, SlotValue(None, SlotStatus.REFUSED))
    go_on(run)
    return True


# --- corrections ---


def _corrected(run: Run, u: Understanding, found: dict[Collect, Entity]) -> bool:
    """Replace values, go back as far as needed, and say so once."""
    changed = [c for c in found if run.state.slot(c.slot) is not None and run.state.value(c.slot) != found[c].value]
    _settle(run, but=tuple(c.slot for c in found))
    _fill(run, u, found)
    at = len(run.effects)
    fails = run.state.fails
    question = run.state.question
    _rewind(run, changed)
    run.apologised = bool(changed)
    go_on(run)
    if run.state.question == question:
        run.set(fails=fails + 1)
    if changed:
        _apologise(run, at, changed)
    return True


def _apologise(run: Run, at: int, changed: list[Collect]) -> None:
    """Apologise once, with the new value unless the following sentence names it anyway."""
    following = [getattr(effect, "response", "") for effect in run.effects[at:]]
    repeated = run.state.waiting is Waiting.READBACK or all(
        any(mentions(run, key, c.slot) for key in following) for c in changed
    )
    collect = changed[0]
    label, value = slot_label(run, collect), shown_value(run, collect.slot, run.state.value(collect.slot))
    extra = {"slot_label": (label, label), "value": value}
    run.insert(at, "utter_correction_sorry" if repeated else "utter_correction_ack", extra)


def _rewind(run: Run, changed: list[Collect]) -> None:
    """Go back to the question of a changed value when something was already looked up with the old one."""
    top = run.state.top
    if top is None or not changed:
        return
    flow = run.flow_of(top)
    steps = list(flow.steps)
    first = min(changed, key=lambda c: steps.index(c.id) if c.id in steps else 0)
    readback = any(c.confirm is Confirm.READBACK for c in changed)
    if (top.ran or readback) and not top.changed and first.id in steps:
        run.change_top(at=first.id, ran=())
        for collect in flow.collects:
            if collect.ask_before_filling:
                run.put(collect.slot, None)


def _fill(run: Run, u: Understanding, found: dict[Collect, Entity]) -> None:
    for collect, entity in found.items():
        store(run, collect, entity.value, u.source, verbatim=entity.verbatim, others=entity.alternatives)


def _settle(run: Run, but: tuple[str, ...] = ()) -> None:
    """Values that were named to the customer and not objected to count as agreed."""
    top = run.state.top
    if top is None:
        return
    for collect in run.flow_of(top).collects:
        held = run.state.slot(collect.slot)
        if held is None or not held.asked or held.status is not SlotStatus.HEARD or collect.default_from_caller:
            continue
        if collect.confirm is Confirm.IMPLICIT and collect.slot not in but:
            run.confirm_slot(collect.slot)


def which(run: Run) -> None:
    """Something is wrong and we do not know what: ask once."""
    run.overlay()
    run.ask("which", Waiting.WHICH, "utter_correction_which")


def take_correction(run: Run, u: Understanding) -> bool:
    """A correction that names a value of the running flow or of the flow that waits below a verification."""
    for index in _correctable_frames(run):
        frame = run.state.stack[index]
        flow = run.flow_of(frame)
        found = {
            c: e
            for c, e in values_in(run, u, flow, None).items()
            if run.state.slot(c.slot) is not None and not frame.changed
        }
        if not found:
            continue
        if index == len(run.state.stack) - 1:
            run.set(waiting=run.state.before if run.state.waiting is Waiting.WHICH else run.state.waiting)
            return _corrected(run, u, found)
        changed = [c for c in found if run.state.value(c.slot) != found[c].value]
        _fill(run, u, found)
        first = changed[0] if changed else next(iter(found))
        stack = list(run.state.stack)
        stack[index] = replace(frame, at=first.id, ran=())
        run.set(stack=tuple(stack))
        at = len(run.effects)
        collect = pending_collect(run)
        if collect is not None:
            ask_slot(run, collect)
        _apologise(run, at, [first])
        return True
    return False


def _correctable_frames(run: Run) -> Iterator[int]:
    for index in range(len(run.state.stack) - 1, -1, -1):
        yield index
        if not run.state.stack[index].quiet:
            return
