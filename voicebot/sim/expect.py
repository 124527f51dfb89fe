"""What a finished play must show; each kind of expectation is one small function over the log.

An expectation is ``{kind: argument}``; :func:`failures` returns a sentence for each one that does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from voicebot.domain import (
    ActionCalled,
    Alerted,
    BookCallback,
    CallAction,
    ChannelChanged,
    DangerSeen,
    End,
    FlowChanged,
    HandOff,
    HandoffRequested,
    Heard,
    LeaveQueue,
    NoticeGiven,
    Said,
    Say,
    SilenceNoted,
    SlotSet,
    SlotStatus,
    Understood,
    Verified,
    WaitTold,
)
from voicebot.flows import TenantFlows
from voicebot.sim.scenario import Played


def failures(played: Played, content: TenantFlows) -> list[str]:
    """Everything that was expected and is not so."""
    found = []
    for expectation in played.play.expect:
        for kind, argument in expectation.items():
            check = _CHECKS.get(str(kind))
            if check is None:
                found.append(f"there is no expectation called {kind!r}")
            elif (problem := check(played, content, argument)) is not None:
                found.append(f"{kind}: {problem}")
    return found


def _of(played: Played, kind: type[Any]) -> Iterator[Any]:
    return (event for event in played.events if isinstance(event, kind))


def _notices_first(played: Played, content: TenantFlows, wanted: list[str]) -> str | None:
    given = [event.notice for event in played.turns[0].events if isinstance(event, NoticeGiven)]
    if given != wanted:
        return f"notices {given}, expected {wanted}"
    says = [effect for effect in played.turns[0].effects if isinstance(effect, Say)]
    question = next((i for i, say in enumerate(says) if say.response == "utter_ask_need"), -1)
    return None if question == len(says) - 1 >= len(wanted) - 1 else "the first question does not come last"


def _slot(played: Played, content: TenantFlows, wanted: dict[str, str]) -> str | None:
    for name, pattern in wanted.items():
        values = [event.value for event in _of(played, SlotSet) if event.slot == name]
        if not values or re.fullmatch(str(pattern), str(values[-1])) is None:
            return f"{name} was set to {values}, expected {pattern} last"
    return None


def _corrected(played: Played, content: TenantFlows, wanted: dict[str, Any]) -> str | None:
    for event in _of(played, SlotSet):
        if event.status is SlotStatus.CORRECTED and event.slot == wanted["slot"]:
            return None if re.search(str(wanted["previous"]), str(event.previous)) else f"previous was {event.previous}"
    return "nothing was marked corrected"


def _same_turn(played: Played, content: TenantFlows, slots: list[str]) -> str | None:
    """The last values of these slots come from one sentence."""
    turns = []
    for name in slots:
        heard = [
            i
            for i, turn in enumerate(played.turns)
            for e in turn.events
            if isinstance(e, SlotSet) and e.slot == name and e.status is not SlotStatus.CONFIRMED
        ]
        turns.append(heard[-1] if heard else None)
    return None if len(set(turns)) == 1 and turns[0] is not None else f"set in turns {turns}"


def _verification(played: Played, content: TenantFlows, wanted: str) -> str | None:
    levels = [str(event.level) for event in _of(played, Verified)]
    if wanted == "none":
        return None if not levels else f"levels {levels}"
    return None if levels == [wanted] and played.state.verification == wanted else f"levels {levels}"


def _disposition(played: Played, content: TenantFlows, wanted: str) -> str | None:
    ends = [str(effect.disposition) for effect in played.effects if isinstance(effect, End)]
    return None if ends == [wanted] else f"ended with {ends or 'nothing'}, expected {wanted}"


def _handoff(played: Played, content: TenantFlows, wanted: Any) -> str | None:
    found = [effect for effect in played.effects if isinstance(effect, HandOff)]
    logged = list(_of(played, HandoffRequested))
    if wanted is False:
        return None if not found and not logged else f"handed off: {found}"
    if len(found) != 1 or len(logged) != 1:
        return f"{len(found)} handoffs, expected one"
    one = found[0]
    for key, value in wanted.items():
        have = getattr(one, key)
        have = list(have) if isinstance(have, tuple) else have
        if have != value and str(have) != str(value):
            return f"{key} is {have}, expected {value}"
    return None


def _wait_told(played: Played, content: TenantFlows, wanted: list[Any]) -> str | None:
    """Every position and range that was told, in order."""
    told = [[event.position, event.low_min, event.high_min] for event in _of(played, WaitTold)]
    return None if told == wanted else f"told {told}"


def _priority_raised(played: Played, content: TenantFlows, wanted: bool) -> str | None:
    """The contact is more urgent than its matter alone would be, and never as urgent as danger."""
    one = next(effect for effect in played.effects if isinstance(effect, HandOff))
    flow = content.flow_of(one.intent)
    own = flow.handoff if flow is not None and flow.handoff.skills else content.policy.default_handoff
    raised = 2 <= one.priority < own.priority
    return None if raised is wanted else f"priority {one.priority}, the matter's own is {own.priority}"


def _callback_to(played: Played, content: TenantFlows, wanted: list[str]) -> str | None:
    """Numbers the desk was asked to ring, each once."""
    numbers = [effect.number for effect in played.effects if isinstance(effect, BookCallback)]
    return None if numbers == wanted else f"call backs to {numbers}"


def _left_line(played: Played, content: TenantFlows, wanted: bool) -> str | None:
    left = any(isinstance(effect, LeaveQueue) for effect in played.effects)
    return None if left is wanted else f"left the line: {left}"


def _asked_once(played: Played, content: TenantFlows, wanted: list[str]) -> str | None:
    """These prompts came at most once."""
    said = [event.response for event in _of(played, Said)]
    twice = [key for key in wanted if said.count(key) > 1]
    return None if not twice else f"asked again: {twice}"


def _explicit_questions(played: Played, content: TenantFlows, wanted: dict[str, Any]) -> str | None:
    """How many yes/no questions were put before a changing action, and that it ran after them."""
    asked = 0
    for turn in played.turns:
        for effect in turn.effects:
            if isinstance(effect, Say) and re.search(str(wanted["question"]), effect.response):
                asked += 1
            if isinstance(effect, CallAction) and effect.action == wanted["action"]:
                return None if asked == wanted["count"] else f"{asked} confirmations before {wanted['action']}"
    return f"{wanted['action']} was never called"


def _flow_path(played: Played, content: TenantFlows, wanted: list[str]) -> str | None:
    path = [f"{event.flow} {event.change}" for event in _of(played, FlowChanged)]
    rest = iter(path)
    return None if all(any(step == item for item in rest) for step in wanted) else f"the flows went {path}"


def _no_task(played: Played, content: TenantFlows, wanted: bool) -> str | None:
    started = [e.flow for e in _of(played, FlowChanged) if e.change == "started"]
    tasks = [name for name in started if content.flows[name].kind.value == "task"]
    return None if not tasks else f"started {tasks}"


def _faq(played: Played, content: TenantFlows, wanted: str) -> str | None:
    answer = content.faq[played.state.language][wanted].answer
    return None if any(event.text == answer for event in _of(played, Said)) else f"the answer of {wanted} was not given"


def _said_times(played: Played, content: TenantFlows, wanted: dict[str, Any]) -> str | None:
    count = sum(re.search(str(wanted["text"]), event.text) is not None for event in _of(played, Said))
    return None if count == wanted["count"] else f"said {count} times"


def _different_silence_prompts(played: Played, content: TenantFlows, wanted: int) -> str | None:
    prompts = [turn.said for turn in played.turns if turn.given == "(silence)"]
    counts = [event.count for event in _of(played, SilenceNoted)]
    return None if len(set(prompts)) == len(prompts) == wanted == len(counts) else f"prompts {prompts}"


def _no_words_heard(played: Played, content: TenantFlows, wanted: bool) -> str | None:
    return None if not any(_of(played, Heard)) else "words were heard"


def _never_said(played: Played, content: TenantFlows, wanted: str) -> str | None:
    found = [event.text for event in _of(played, Said) if re.search(str(wanted), event.text, re.IGNORECASE)]
    return None if not found else f"said {found}"


def _understood(played: Played, content: TenantFlows, wanted: dict[str, str]) -> str | None:
    for event in _of(played, Understood):
        if all(str(getattr(event, key)) == value for key, value in wanted.items()):
            return None
    return f"understood {[(e.intent, str(e.source)) for e in _of(played, Understood)]}"


def _keypad_offered_at(played: Played, content: TenantFlows, wanted: int) -> str | None:
    """The keypad is offered on this failure, and not before."""
    noisy = [turn for turn in played.turns if turn.given == "(noise)"]
    offered = [
        i for i, turn in enumerate(noisy, 1) if any(getattr(e, "pattern", "") == "keypad_offered" for e in turn.events)
    ]
    return None if offered[:1] == [wanted] else f"offered on {offered}"


def _questions_between(played: Played, content: TenantFlows, wanted: dict[str, Any]) -> str | None:
    """Questions asked from the first wish for a person until the handoff."""
    asked = 0
    started = False
    for turn in played.turns:
        started = started or re.search(str(wanted["from"]), turn.given) is not None
        if not started:
            continue
        if any(isinstance(effect, HandOff) for effect in turn.effects):
            return None if asked <= wanted["at_most"] else f"{asked} questions"
        asked += 1
    return "no handoff came"


def _actions(played: Played, content: TenantFlows, wanted: list[str]) -> str | None:
    called = [event.action for event in _of(played, ActionCalled)]
    return None if called == wanted else f"actions {called}"


def _not_called(played: Played, content: TenantFlows, wanted: list[str]) -> str | None:
    called = [e.action for e in _of(played, ActionCalled) if any(re.fullmatch(p, e.action) for p in wanted)]
    return None if not called else f"called {called}"


def _nowhere(played: Played, content: TenantFlows, wanted: list[str]) -> str | None:
    """These characters are in no event, no prompt and no stored state."""
    everything = repr(played.events) + repr(played.effects) + repr(played.state.to_json())
    found = [text for text in wanted if text in everything]
    return None if not found else f"found {found}"


def _heard_text(played: Played, content: TenantFlows, wanted: str) -> str | None:
    return None if any(wanted in event.text for event in _of(played, Heard)) else "the text is not in the log"


def _danger(played: Played, content: TenantFlows, wanted: Any) -> str | None:
    seen = list(_of(played, DangerSeen))
    if wanted is False:
        return None if not any(event.certain for event in seen) else f"seen {seen}"
    if not seen:
        return "no danger was seen"
    return next(
        (
            f"{key} is {getattr(seen[0], key)}"
            for key, value in wanted.items()
            if str(getattr(seen[0], key)) != str(value)
        ),
        None,
    )


def _alert(played: Played, content: TenantFlows, wanted: str) -> str | None:
    alerts = [event.alert for event in _of(played, Alerted)]
    return None if wanted in alerts else f"alerts {alerts}"


def _channels(played: Played, content: TenantFlows, wanted: list[str]) -> str | None:
    """The channels the one conversation went through, in order."""
    went = [str(played.play.channel), *(str(event.channel) for event in _of(played, ChannelChanged))]
    return None if went == wanted else f"it went by {went}"


def _slots_before_move(played: Played, content: TenantFlows, wanted: list[str]) -> str | None:
    """These slots were given before the conversation moved, and never again."""
    moved = next((i for i, event in enumerate(played.events) if isinstance(event, ChannelChanged)), 0)
    late = {e.slot for e in played.events[moved:] if isinstance(e, SlotSet) and e.status is not SlotStatus.CONFIRMED}
    early = {e.slot for e in played.events[:moved] if isinstance(e, SlotSet)}
    missing = [name for name in wanted if name not in early or name in late]
    return None if not missing else f"{missing} were not carried over"


def _state(played: Played, content: TenantFlows, wanted: dict[str, Any]) -> str | None:
    """The state that was stored last."""
    stored = played.state.to_json()
    assert isinstance(stored, dict)
    flows = (
        [frame["flow"] for frame in stored["stack"] if isinstance(frame, dict)]
        if isinstance(stored["stack"], list)
        else []
    )
    return None if flows == wanted["stack"] else f"the stack is {flows}"


_CHECKS: dict[str, Callable[[Played, TenantFlows, Any], str | None]] = {
    "notices_first": _notices_first,
    "slot": _slot,
    "corrected": _corrected,
    "same_sentence": _same_turn,
    "verification": _verification,
    "disposition": _disposition,
    "handoff": _handoff,
    "wait_told": _wait_told,
    "priority_raised": _priority_raised,
    "callback_to": _callback_to,
    "left_line": _left_line,
    "asked_once": _asked_once,
    "confirmations": _explicit_questions,
    "flows": _flow_path,
    "no_task": _no_task,
    "faq": _faq,
    "said_times": _said_times,
    "silence_prompts": _different_silence_prompts,
    "no_words_heard": _no_words_heard,
    "never_said": _never_said,
    "understood": _understood,
    "keypad_offered_at": _keypad_offered_at,
    "questions_before_person": _questions_between,
    "actions": _actions,
    "not_called": _not_called,
    "nowhere": _nowhere,
    "heard": _heard_text,
    "danger": _danger,
    "alert": _alert,
    "state": _state,
    "channels": _channels,
    "carried": _slots_before_move,
    "unchanged": lambda played, content, wanted: None,  # tables of the back end: the test compares them
}
