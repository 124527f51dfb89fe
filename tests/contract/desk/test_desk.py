"""The embedded desk on SQLite and PostgreSQL: requests, offers, handling, losses."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from tests.support.desk import EN, SHOP, TELECOM, Floor
from tests.support.desk_steps import changes, talking
from voicebot.desk import Medium
from voicebot.domain import (
    AgentId,
    Alerted,
    Channel,
    ContactState,
    DeskAnswer,
    HandoffId,
    NewsKind,
    Owner,
    Presence,
    QueueId,
    WrappedUp,
)
from voicebot.errors import BadMessage, Conflict, NotFound
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore


async def test_a_contact_from_wish_to_close(floor: Floor) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    reply = await floor.desk.request(wish)
    assert (reply.answer, reply.contact, reply.queue, reply.position) == (
        DeskAnswer.QUEUED,
        wish.handoff_id,
        "q_orders",
        1,
    )
    assert (await floor.store.conversation(wish.conversation)).owner is Owner.QUEUE
    await floor.desk.tick()
    offered = await floor.desk.contact(wish.handoff_id)
    assert (offered.state, offered.agent) == (ContactState.OFFERED, "S01")
    await floor.desk.accept(wish.handoff_id, AgentId("S01"))
    assert (await floor.store.conversation(wish.conversation)).owner is Owner.AGENT
    await floor.desk.active(wish.handoff_id, AgentId("S01"))
    assert (await floor.desk.agent(AgentId("S01"))).load == {Medium.VOICE: 1}
    await floor.pass_s(30, "S01")
    await floor.desk.wrap_up(wish.handoff_id, AgentId("S01"))
    await floor.pass_s(10, "S01")
    with pytest.raises(BadMessage):
        await floor.desk.close(wish.handoff_id, AgentId("S01"), "no such code", True)
    code = floor.contents[SHOP].dispositions[0].code
    await floor.desk.close(wish.handoff_id, AgentId("S01"), code, True, "done")
    assert await changes(floor, wish.handoff_id) == ["queued", "offered", "accepted", "active", "wrapup", "closed"]
    log = await floor.store.events(wish.conversation)
    wrapped = next(item.event for item in log if isinstance(item.event, WrappedUp))
    assert (wrapped.talk_s, wrapped.wrapup_s, wrapped.resolved) == (30.0, 10.0, True)
    agent = await floor.desk.agent(AgentId("S01"))
    assert agent.load == {} and agent.available_since == floor.clock.now()


async def test_the_same_wish_twice_is_one_contact(floor: Floor) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    replies = await asyncio.gather(*(floor.desk.request(wish) for _ in range(5)))
    assert {reply.contact for reply in replies} == {wish.handoff_id}
    assert {reply.answer for reply in replies} == {DeskAnswer.QUEUED}
    assert await changes(floor, wish.handoff_id) == ["queued"]
    assert len(await floor.desk.contacts(SHOP)) == 1


async def test_nobody_is_queued_where_nobody_works(floor: Floor, clock: VirtualClock) -> None:
    reply = await floor.desk.request(await floor.wish())
    assert (reply.answer, reply.callback_offered) == (DeskAnswer.UNSTAFFED, True)
    assert await floor.desk.contacts(SHOP) == ()
    await clock.advance(10 * 3600)
    await floor.present("S01", "S04")
    wish = await floor.wish()
    reply = await floor.desk.request(wish)
    assert reply.answer is DeskAnswer.CLOSED and reply.opens_at is not None
    assert reply.opens_at.isoformat() == "2026-11-19T09:00:00+09:00"
    assert (await floor.store.conversation(wish.conversation)).owner is Owner.BOT
    danger = await floor.desk.request(await floor.wish("safety", priority=1, bypass_caps=True))
    assert (danger.answer, danger.callback_offered) == (DeskAnswer.QUEUED, False)


async def test_a_wish_without_a_customer_on_the_line_is_a_follow_up(floor: Floor) -> None:
    wish = await floor.wish(channel=Channel.REST, waiting=False)
    assert (await floor.desk.request(wish)).answer is DeskAnswer.RECORDED
    assert (await floor.desk.request(wish)).answer is DeskAnswer.RECORDED
    (task,) = await floor.desk.tasks(SHOP)
    assert (task.kind, task.conversation, task.contact) == ("follow_up", wish.conversation, wish.handoff_id)
    assert await floor.desk.contacts(SHOP) == ()


async def test_a_full_queue_offers_to_keep_the_place(floor: Floor) -> None:
    await floor.present("S01")
    cap = floor.contents[SHOP].queues[QueueId("q_orders")].cap
    assert cap is not None
    replies = []
    for _ in range(cap + 1):
        replies.append(await floor.desk.request(await floor.wish()))
        await floor.clock.advance(0.01)
    assert {reply.answer for reply in replies[:cap]} == {DeskAnswer.QUEUED}
    last = replies[-1]
    assert (last.answer, last.callback_offered, last.chat_offered, last.position) == (
        DeskAnswer.LONG,
        True,
        True,
        cap + 1,
    )


async def test_a_lease_that_ends_keeps_the_place_and_silences_the_agent(floor: Floor) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    await floor.desk.request(wish)
    tq = (await floor.desk.contact(wish.handoff_id)).enqueued_at
    await floor.pass_s(21, "S01")
    contact, agent = await floor.desk.contact(wish.handoff_id), await floor.desk.agent(AgentId("S01"))
    assert (contact.state, contact.enqueued_at, contact.attempt) == (ContactState.QUEUED, tq, 2)
    assert (agent.presence, agent.load) == (Presence.NO_ANSWER, {})
    with pytest.raises(Conflict):
        await floor.desk.accept(wish.handoff_id, AgentId("S01"))
    await floor.desk.set_presence(AgentId("S01"), Presence.AVAILABLE)
    await floor.pass_s(30, "S01")
    assert (await floor.desk.contact(wish.handoff_id)).state is ContactState.QUEUED, "not to the same agent yet"
    await floor.pass_s(40, "S01")
    assert (await floor.desk.contact(wish.handoff_id)).state is ContactState.OFFERED
    assert await changes(floor, wish.handoff_id) == ["queued", "offered", "timed_out", "offered"]


async def test_a_declined_contact_goes_to_the_next_one_at_once(floor: Floor) -> None:
    await floor.present("S01", "S03")
    wish = await floor.wish()
    await floor.desk.request(wish)
    await floor.desk.tick()
    first = (await floor.desk.contact(wish.handoff_id)).agent
    assert first is not None
    await floor.desk.decline(wish.handoff_id, first, "busy")
    await floor.desk.tick()
    second = await floor.desk.contact(wish.handoff_id)
    assert second.state is ContactState.OFFERED and second.agent not in (None, first)
    assert (await floor.desk.agent(first)).presence is Presence.AVAILABLE


async def test_a_hang_up_during_an_offer_frees_the_agent(floor: Floor) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    await floor.desk.request(wish)
    await floor.desk.tick()
    assert await floor.desk.cancel(wish.handoff_id, "hung_up")
    assert not await floor.desk.cancel(wish.handoff_id, "hung_up")
    assert (await floor.desk.agent(AgentId("S01"))).load == {}
    with pytest.raises(Conflict):
        await floor.desk.accept(wish.handoff_id, AgentId("S01"))
    assert (await floor.store.conversation(wish.conversation)).owner is Owner.BOT
    assert await changes(floor, wish.handoff_id) == ["queued", "offered", "cancelled"]


async def test_accepting_and_hanging_up_at_once_has_one_winner(floor: Floor) -> None:
    await floor.present("S01")
    for _ in range(8):
        wish = await floor.wish()
        await floor.desk.request(wish)
        await floor.desk.tick()
        taken, left = await asyncio.gather(
            floor.desk.accept(wish.handoff_id, AgentId("S01")),
            floor.desk.cancel(wish.handoff_id, "hung_up"),
            return_exceptions=True,
        )
        happened = await changes(floor, wish.handoff_id)
        assert left is True
        assert happened.count("cancelled") == 1
        assert isinstance(taken, Conflict) == ("accepted" not in happened)
        assert (await floor.desk.agent(AgentId("S01"))).load == {}


@pytest.mark.parametrize("stage", ["offered", "accepted", "active", "wrapup"])
async def test_a_console_that_falls_silent_gives_everything_back(floor: Floor, stage: str) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    await floor.desk.request(wish)
    await floor.desk.tick()
    name, agent = wish.handoff_id, AgentId("S01")
    for step in ("accepted", "active", "wrapup"):
        if stage == "offered":
            break
        await {"accepted": floor.desk.accept, "active": floor.desk.active, "wrapup": floor.desk.wrap_up}[step](
            name, agent
        )
        if step == stage:
            break
    tq = (await floor.desk.contact(name)).enqueued_at
    await floor.pass_s(17)
    contact = await floor.desk.contact(name)
    assert (await floor.desk.agent(agent)).presence is Presence.OFFLINE
    if stage == "wrapup":
        assert (contact.state, contact.outcome) == (ContactState.CLOSED, "wrapup_lost")
        return
    assert (contact.state, contact.agent, contact.enqueued_at) == (ContactState.QUEUED, None, tq)
    assert contact.priority == (5 if stage == "offered" else 3)
    assert (await floor.store.conversation(wish.conversation)).owner is Owner.QUEUE
    assert (await changes(floor, name)).count("withdrawn" if stage == "offered" else "lost") == 1
    with pytest.raises(Conflict):
        await floor.desk.heartbeat(agent, "s-S01")


async def test_a_second_session_takes_over_with_its_contacts(floor: Floor) -> None:
    await floor.present("S01")
    name = await talking(floor)
    moved = await floor.desk.sign_in(AgentId("S01"), "another", "n1")
    assert (moved.session, moved.presence) == ("another", Presence.BREAK)
    with pytest.raises(Conflict):
        await floor.desk.heartbeat(AgentId("S01"), "s-S01")
    await floor.desk.sign_out(AgentId("S01"), "s-S01")
    assert (await floor.desk.contact(name)).state is ContactState.ACTIVE


async def test_a_process_that_dies_takes_its_lines_with_it_and_no_chats(floor: Floor, store: SqlStore) -> None:
    other = Floor(store, floor.clock, floor.contents, node="n2")
    await other.desk.tick()
    await floor.present("S01", "S04")
    call, chat = await floor.wish(node="n2"), await floor.wish(channel=Channel.WEB_CHAT, node="n2")
    for wish in (call, chat):
        await floor.desk.request(wish)
    await floor.pass_s(18, "S01", "S04")
    assert (await floor.desk.contact(call.handoff_id)).outcome == "line_lost"
    assert (await floor.desk.contact(chat.handoff_id)).state is ContactState.OFFERED


async def test_a_desk_started_anew_goes_on_where_the_old_one_stopped(floor: Floor, store: SqlStore) -> None:
    await floor.present("S01")
    first, second = await floor.wish(), await floor.wish()
    for wish in (first, second):
        await floor.desk.request(wish)
    await floor.desk.tick()
    again = Floor(store, floor.clock, floor.contents, node="n9")
    await again.desk.tick()
    assert [c.state for c in await again.desk.contacts(SHOP)] == [ContactState.OFFERED, ContactState.QUEUED]
    await again.desk.accept(first.handoff_id, AgentId("S01"))
    assert await again.desk.open_contact(second.conversation) == second.handoff_id


async def test_a_transfer_keeps_the_time_and_goes_to_the_one_named(floor: Floor) -> None:
    await floor.present("S01")
    name = await talking(floor)
    tq = (await floor.desk.contact(name)).enqueued_at
    await floor.present("S04", "S05")
    moved = await floor.desk.transfer(name, AgentId("S01"), queue=QueueId("q_tech"), to_agent=AgentId("S04"), note="n")
    assert (moved.enqueued_at, moved.queue, moved.preferred_agent) == (tq, "q_tech", "S04")
    assert (await floor.store.conversation(moved.conversation)).owner is Owner.QUEUE
    await floor.desk.tick()
    assert (await floor.desk.contact(name)).agent == "S04"
    with pytest.raises(Conflict):
        await floor.desk.transfer(name, AgentId("S01"), queue=QueueId("q_tech"))
    with pytest.raises(NotFound):
        await floor.desk.accept(name, AgentId("S04"))
        await floor.desk.transfer(name, AgentId("S04"), queue=QueueId("nowhere"))


async def test_the_bot_gets_the_customer_back(floor: Floor) -> None:
    await floor.present("S01")
    name = await talking(floor)
    closed = await floor.desk.give_back(name, AgentId("S01"))
    assert (closed.state, closed.outcome) == (ContactState.CLOSED, "returned")
    assert (await floor.store.conversation(closed.conversation)).owner is Owner.BOT
    assert (await floor.desk.standing(name)).kind is NewsKind.RETURNED


async def test_a_leader_takes_over_from_agent_and_bot(floor: Floor) -> None:
    await floor.present("S01")
    name = await talking(floor)
    await floor.present("L01")
    taken = await floor.desk.take_over(name, AgentId("L01"))
    assert (taken.agent, taken.state) == ("L01", ContactState.ACCEPTED)
    assert (await floor.desk.agent(AgentId("S01"))).load == {}
    with pytest.raises(Conflict):
        await floor.desk.wrap_up(name, AgentId("S01"))
    conversation = await floor.conversation(Channel.WEB_CHAT)
    from_bot = await floor.desk.take_over(conversation, AgentId("L01"))
    assert (await floor.store.conversation(conversation)).owner is Owner.AGENT
    assert await floor.desk.open_contact(conversation) == from_bot.id
    with pytest.raises(NotFound):
        await floor.desk.take_over(HandoffId("nothing"), AgentId("L01"))


async def test_the_customers_side_hears_all_of_it(floor: Floor) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    await floor.desk.request(wish)
    heard: list[tuple[NewsKind, str]] = []

    async def listen() -> None:
        async with aclosing(floor.desk.follow(wish.handoff_id)) as news:
            async for item in news:
                heard.append((item.kind, item.agent_name))

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(20):
        while not heard:  # noqa: ASYNC110 - the listener has no event to wait for
            await asyncio.sleep(0.01)
        await floor.desk.tick()
        await floor.desk.accept(wish.handoff_id, AgentId("S01"))
        await floor.desk.active(wish.handoff_id, AgentId("S01"))
        await floor.desk.wrap_up(wish.handoff_id, AgentId("S01"))
        await listening
    name = floor.contents[SHOP].agents[AgentId("S01")].name
    assert heard == [(NewsKind.WAITING, ""), (NewsKind.TAKEN, name), (NewsKind.OVER, name)]


async def test_whoever_loses_their_agent_hears_which_place_they_have(floor: Floor) -> None:
    await floor.present("S01")
    taken, ahead = await floor.wish(), await floor.wish(priority=1)
    heard: list[tuple[NewsKind, int | None]] = []

    async def listen() -> None:
        async with aclosing(floor.desk.follow(taken.handoff_id)) as news:
            async for item in news:
                heard.append((item.kind, item.position))

    await floor.desk.request(taken)
    listening = asyncio.create_task(listen())
    async with asyncio.timeout(20):
        for place, lose in ((1, "S01"), (2, "L01")):
            await floor.present(lose)
            await floor.desk.tick()
            await floor.desk.accept(taken.handoff_id, AgentId(lose))
            if place == 2:
                await floor.desk.request(ahead)
            await floor.desk.sign_out(AgentId(lose), f"s-{lose}")
            while (NewsKind.LOST, place) not in heard:  # noqa: ASYNC110 - the listener has no event to wait for
                await asyncio.sleep(0.01)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_companies_are_walled_off(floor: Floor) -> None:
    await floor.present("H02", "L02", "S04")
    wish = await floor.wish("safety", tenant=TELECOM, language=EN, priority=1)
    await floor.desk.request(wish)
    await floor.desk.sign_out(AgentId("H02"), "s-H02")
    await floor.desk.tick()
    assert (await floor.desk.contact(wish.handoff_id)).state is ContactState.QUEUED
    assert [agent.id for agent in await floor.desk.agents(TELECOM) if agent.tenant != TELECOM] == []


async def test_a_hard_contact_is_followed_by_a_rest(floor: Floor) -> None:
    await floor.present("S01")
    name = await talking(floor)
    row = await floor.desk.contact(name)
    await floor.store.append(row.conversation, [Alerted(alert="angry")], floor.clock.now())
    await floor.desk.close(name, AgentId("S01"), floor.contents[SHOP].dispositions[0].code, True)
    assert (await floor.desk.agent(AgentId("S01"))).presence is Presence.RESTING
    await floor.pass_s(floor.contents[SHOP].times.rest_s + 2, "S01")
    assert (await floor.desk.agent(AgentId("S01"))).presence is Presence.AVAILABLE


# --- callbacks --------------------------------------------------------------------------------------------------------

NUMBER = "+81312345678"
