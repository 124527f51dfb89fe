"""A call while people talk: who hears whom, who leads it, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from tests.unit.conversation.people_on_a_call import (
    CUSTOMER_SAYS,
    KATO,
    LEADER,
    OTHER_SAYS,
    SATO,
    SATO_SAYS,
    Scene,
    call_with_people,
)
from tests.unit.conversation.scripted import ScriptedLine
from voicebot.conversation.live import CallControl, LiveCalls
from voicebot.domain import (
    AgentSaid,
    ConversationId,
    Heard,
    HoldChanged,
    PartyJoined,
    PartyLeft,
)
from voicebot.errors import ChannelError, NotFound
from voicebot.media import Role


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with call_with_people(tmp_path) as made:
        yield made


async def test_on_hold_the_customer_hears_music_and_is_not_written_down(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.wait(200)
    await scene.phase.hold(True)
    assert scene.phase.on_hold
    scene.customer.utter(CUSTOMER_SAYS, 1000)
    await scene.say(sato, SATO_SAYS)
    assert scene.log.of(Heard) == []
    assert scene.log.of(AgentSaid)[0].private
    assert 0 < scene.level(scene.customer, 1000) < 8000
    kato = await scene.join(KATO, Role.EXPERT)
    await scene.wait(200)
    kato.utter(OTHER_SAYS, 400)
    await scene.wait(200)
    assert scene.level(sato) == pytest.approx(OTHER_SAYS, rel=0.05)
    await scene.wait(1000)
    await scene.phase.hold(False)
    await scene.say(scene.customer, CUSTOMER_SAYS)
    assert len(scene.log.of(Heard)) == 1
    assert scene.log.of(HoldChanged) == [HoldChanged(on=True), HoldChanged(on=False)]
    assert all(said.private for said in scene.log.of(AgentSaid))


async def test_a_whisper_is_heard_by_the_lead_and_private(scene: Scene) -> None:
    sato, leader = await scene.join(SATO), await scene.join(LEADER, Role.WHISPERER)
    await scene.wait(200)
    leader.utter(OTHER_SAYS, 1000)
    await scene.wait(400)
    assert scene.level(sato) > 14_000 and scene.level(scene.customer) == 0
    await scene.wait(1500)
    (said,) = scene.log.of(AgentSaid)
    assert said.private and said.agent == LEADER
    await scene.phase.role(LEADER, Role.SPEAKER)
    await scene.wait(200)
    leader.utter(OTHER_SAYS, 1000)
    await scene.wait(400)
    assert scene.level(scene.customer) > 14_000
    await scene.wait(1500)
    assert [said.private for said in scene.log.of(AgentSaid)] == [True, False]
    assert [joined.role for joined in scene.log.of(PartyJoined)] == ["lead", "whisperer", "speaker"]


async def test_who_listens_in_is_silent_and_leaves_the_bot_its_line(scene: Scene) -> None:
    leader = await scene.join(LEADER, Role.LISTENER)
    assert scene.told == [] and not scene.phase.led and not scene.phase.owns_line
    scene.customer.play(np.full(4000, 77, np.int16))
    for _ in range(20):
        scene.phase.feed_bot(np.full(160, 6000, np.int16))
        await scene.wait(20)
    assert scene.level(leader) == pytest.approx(6000, rel=0.05)
    assert scene.level(scene.customer, 200) == 77
    leader.utter(OTHER_SAYS, 1000)
    await scene.wait(2000)
    assert scene.log.of(AgentSaid) == []
    await scene.join(SATO)
    await scene.wait(200)
    assert scene.told == ["lead"]


async def test_the_last_to_leave_is_told_and_the_customer_hears_music_until_the_bot_takes_over(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.wait(300)
    await scene.phase.hold(True)
    sato.end("caller", "connection lost")
    await scene.wait(1000)
    assert scene.told == ["lead", "empty: connection lost"]
    assert scene.log.of(PartyLeft) == [PartyLeft(agent=SATO, role="lead", reason="connection lost")]
    assert scene.log.of(HoldChanged) == [HoldChanged(on=True), HoldChanged(on=False)]
    assert scene.level(scene.customer, 1000) > 0 and scene.phase.parties() == ()
    await scene.phase.music(False)
    assert scene.customer.queued_samples == 0 and not scene.phase.owns_line
    await scene.join(KATO)
    await scene.wait(200)
    assert scene.told[-1] == "lead"
    await scene.say(scene.customer, CUSTOMER_SAYS)
    assert len(scene.log.of(Heard)) == 1


async def test_music_while_waiting_in_the_queue(scene: Scene) -> None:
    await scene.phase.music(True)
    await scene.wait(1000)
    assert scene.level(scene.customer, 600) > 100
    await scene.phase.music(False)
    await scene.wait(200)
    assert scene.level(scene.customer) == 0
    assert scene.told == []


async def test_music_that_is_not_wanted_any_more_never_begins(scene: Scene) -> None:
    await asyncio.gather(scene.phase.music(True), scene.phase.music(False))
    await scene.wait(400)
    assert scene.level(scene.customer, 400) == 0 and not scene.phase.owns_line


async def test_while_people_talk_the_bot_cannot_have_the_line(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.phase.music(False)
    assert scene.phase.owns_line
    sato.end()
    await scene.wait(600)
    assert scene.phase.owns_line and scene.level(scene.customer, 400) > 0


async def test_a_warm_transfer(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.phase.hold(True)
    await scene.join(KATO, Role.EXPERT)
    await scene.wait(500)
    await scene.phase.hold(False)
    await scene.phase.role(KATO, Role.LEAD)
    await scene.phase.leave(SATO, "transferred")
    await scene.wait(200)
    assert sato.ended is not None and scene.told == ["lead"]
    assert [(view.agent, view.role) for view in scene.phase.parties()] == [(KATO, Role.LEAD)]
    await scene.say(scene.lines[KATO], OTHER_SAYS)
    assert not scene.log.of(AgentSaid)[-1].private


async def test_another_window_takes_the_place_of_the_first(scene: Scene) -> None:
    first = await scene.join(SATO)
    await scene.wait(200)
    second = await scene.join(SATO)
    await scene.wait(200)
    del scene.lines[SATO]
    assert first.ended is not None and second.ended is None
    assert scene.told == ["lead"] and len(scene.phase.parties()) == 1
    assert scene.log.of(PartyLeft) == []


async def test_dismissing_gives_the_line_back_to_the_bot(scene: Scene) -> None:
    sato, leader = await scene.join(SATO), await scene.join(LEADER, Role.LISTENER)
    await scene.wait(200)
    await scene.phase.dismiss("returned to the bot")
    assert sato.ended is not None and leader.ended is None
    assert not scene.phase.owns_line and scene.customer.queued_samples == 0


async def test_the_end_of_the_call_lets_everybody_go_and_keeps_the_last_words(scene: Scene) -> None:
    sato = await scene.join(SATO)
    sato.utter(SATO_SAYS, 800)
    await scene.wait(900)
    await scene.phase.close()
    assert sato.ended is not None and scene.told == ["lead"]
    assert len(scene.log.of(AgentSaid)) == 1
    assert scene.log.of(PartyLeft)[0].reason == "the customer left"
    late = ScriptedLine()
    with pytest.raises(ChannelError):
        await scene.phase.join(KATO, "Kato", late, Role.EXPERT)
    assert late.ended is not None


async def test_what_cannot_be_done_is_said(scene: Scene) -> None:
    with pytest.raises(ChannelError, match="hold"):
        await scene.phase.hold(True)
    for work in (scene.phase.leave(SATO), scene.phase.mute(SATO, True), scene.phase.role(SATO, Role.LEAD)):
        with pytest.raises(ChannelError, match="not on the call"):
            await work
    with pytest.raises(ChannelError, match="telephone"):
        await scene.phase.refer("sip:pbx@example.com", {})


async def test_hanging_up_is_known_to_be_the_desks_doing(scene: Scene) -> None:
    await scene.join(SATO)
    assert not scene.phase.ended_by_desk
    await scene.phase.hang_up()
    assert scene.customer.ended is not None and scene.phase.ended_by_desk


def test_live_calls_are_found_by_conversation(tmp_path: Path) -> None:
    class Call:
        conversation = ConversationId("c-9")

    calls, call = LiveCalls(), cast(CallControl, Call())
    calls.add(call)
    assert calls.find(ConversationId("c-9")) is call and len(calls) == 1
    calls.remove(ConversationId("c-9"))
    with pytest.raises(NotFound):
        calls.find(ConversationId("c-9"))
