"""A call that breaks while the back end changes something: the change comes to its end, and the log says to which."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.conversation.calls import PhoneCall
from tests.unit.conversation.conftest import KNOWN, Ring
from voicebot.conversation.snapshot import from_snapshot
from voicebot.domain import ActionCalled, Disposition, Ended, Entity, Faulted
from voicebot.errors import BackendError, Unanswered

KNOWN["the desk one on the 25th in the morning"] = {
    "entities": (
        Entity("lamp", "desk", "desk"),
        Entity("date", "2026-11-25", "the 25th"),
        Entity("time_window", "morning", "morning"),
    )
}
KNOWN["it is l one two three four"] = {"entities": (Entity("serial", "L1234", "l one two three four"),)}


async def until_the_change(ring: Ring, action: str) -> PhoneCall:
    """A caller who has said yes to a visit, while the back end is busy with ``action``."""
    call = await ring(prepare=lambda call: call.back_end.holds.update({action: asyncio.Event()}))
    words = ["my lamp is broken", "the desk one on the 25th in the morning", "it is l one two three four", "yes", "yes"]
    for sentence in words:
        if call.back_end.called and call.back_end.called[-1].action == action:
            break
        await call.say(sentence)
        await call.wait(2500)
    assert call.back_end.called[-1].action == action
    return call


async def breaks_then(call: PhoneCall, action: str) -> None:
    """The line is lost; the back end answers afterwards."""
    call.line.end("system", "RTP stream timed out")
    await call.wait(1000)
    assert call.holding is not None and not call.holding.done(), "the change is awaited"
    call.back_end.holds[action].set()
    await call.over(5000)


@pytest.mark.parametrize(
    ("problem", "outcome", "known"),
    [(None, "ok", True), (BackendError("down"), "error", True), (Unanswered("too slow"), "timeout", False)],
)
async def test_a_change_is_awaited_and_its_end_is_in_the_log(
    ring: Ring, problem: Exception | None, outcome: str, known: bool
) -> None:
    action = "action_book_visit"
    call = await until_the_change(ring, action)
    if problem is not None:
        call.back_end.answers[action] = problem
    await breaks_then(call, action)
    last = (await call.logged(ActionCalled))[-1]
    assert (last.action, last.outcome, last.unheard) == (action, outcome, True)
    assert bool(await call.logged(Faulted)) is (problem is not None)
    assert (await call.log())[-1] == Ended(disposition=Disposition.ABANDONED_IN_FLOW, by="system")
    state, _ = from_snapshot(await call.store.load_state(call.call.conversation))
    assert state is not None and state.cut_off == action
    assert (state.late is not None) is known, "whoever comes back is told what is known"


async def test_a_look_up_is_not_waited_for(ring: Ring) -> None:
    action = "action_check_visit"
    call = await until_the_change(ring, action)
    call.line.end("system", "RTP stream timed out")
    await call.over(2000)
    assert action not in [event.action for event in await call.logged(ActionCalled)]
