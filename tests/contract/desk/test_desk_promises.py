"""The embedded desk on SQLite and PostgreSQL: callbacks, tasks, figures."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.support.desk import JA, MIDDAY, SHOP, Floor, Ringing, companies
from tests.support.desk_steps import talking
from voicebot.desk import DialOutcome, PromiseState, Task
from voicebot.desk.figures import by_queue, replay
from voicebot.domain import (
    AgentId,
    CallbackTried,
    CallbackWish,
    ContactChanged,
    ContactState,
    HandoffId,
    NewsKind,
    Owner,
    Presence,
    Recorded,
    WaitTold,
)
from voicebot.errors import BadMessage, NotFound
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore, event_from_json
from voicebot.store.desk import changes_since
from voicebot.store.desk_tables import desk_contacts

NUMBER = "+81312345678"


async def wish_back(floor: Floor, contact: HandoffId | None, number: str = NUMBER, **more: object) -> CallbackWish:
    conversation = (
        (await floor.desk.contact(contact)).conversation if contact is not None else await floor.conversation()
    )
    return CallbackWish(contact, SHOP, conversation, JA, number, ("orders",), **more)  # type: ignore[arg-type]


async def rung(floor: Floor, contact: HandoffId, state: ContactState) -> None:
    """Until the dial in the background has been settled."""
    async with asyncio.timeout(20):
        while (await floor.desk.contact(contact)).state is not state:  # noqa: ASYNC110 - the dial runs by itself
            await asyncio.sleep(0.01)


async def test_a_place_is_kept_and_the_customer_rung_once_an_agent_has_it(store: SqlStore, clock: VirtualClock) -> None:
    dialler = Ringing(DialOutcome.ANSWERED)
    floor = await Floor(store, clock, companies(), dialler=dialler).open()
    await floor.present("S01")
    ahead, wish = await floor.wish(), await floor.wish()
    for one in (ahead, wish):
        await floor.desk.request(one)
        await clock.advance(1)
    tq = (await floor.desk.contact(wish.handoff_id)).enqueued_at
    booked = await floor.desk.keep_place(await wish_back(floor, wish.handoff_id))
    again = await floor.desk.keep_place(await wish_back(floor, wish.handoff_id, "03-1234-5678"))
    assert booked.reference == again.reference and booked.reference.startswith("T-")
    assert booked.number_shown == "03-1234-5***"
    assert (await floor.store.conversation(wish.conversation)).owner is Owner.BOT
    assert (await floor.desk.standing(wish.handoff_id)).kind is NewsKind.CALLBACK
    found = await floor.desk.callback_of(SHOP, "0312345678")
    assert found is not None and (found.reference, found.state) == (booked.reference, PromiseState.WAITING)
    await floor.desk.tick()
    await floor.desk.cancel(ahead.handoff_id, "hung_up")
    await floor.desk.tick()
    waiting = await floor.desk.contact(wish.handoff_id)
    assert (waiting.state, waiting.enqueued_at, waiting.callback) == (ContactState.OFFERED, tq, True)
    assert dialler.rung == [], "the agent sees it first"
    await floor.desk.accept(wish.handoff_id, AgentId("S01"))
    await rung(floor, wish.handoff_id, ContactState.ACTIVE)
    assert dialler.rung == [(wish.handoff_id, NUMBER)]
    assert await floor.desk.callback_of(SHOP, NUMBER) is None, "the number is forgotten"
    log = await floor.store.events(wish.conversation)
    assert [e.event for e in log if isinstance(e.event, CallbackTried)] == [
        CallbackTried(reference=booked.reference, attempt=1, outcome="answered")
    ]
    assert "12345678" not in repr(log)


async def test_three_attempts_apart_and_then_a_person_is_asked(store: SqlStore, clock: VirtualClock) -> None:
    dialler = Ringing(DialOutcome.BUSY, DialOutcome.VOICEMAIL, DialOutcome.NO_ANSWER)
    floor = await Floor(store, clock, companies(), dialler=dialler).open()
    await floor.present("S01")
    booked = await floor.desk.keep_place(await wish_back(floor, None))
    (contact,) = await floor.desk.contacts(SHOP)
    rules = floor.contents[SHOP].callback
    for attempt in range(1, 4):
        await floor.desk.tick()
        await floor.desk.accept(contact.id, AgentId("S01"))
        await rung(floor, contact.id, ContactState.QUEUED if attempt < 3 else ContactState.FAILED)
        assert (await floor.desk.agent(AgentId("S01"))).load == {}
        if (pause_s := rules.pause_s(attempt)) is not None:
            waits = await floor.desk.contact(contact.id)
            assert waits.not_before == clock.now() + timedelta(seconds=pause_s)
            await clock.advance(pause_s)
            await floor.beat("S01")
    assert len(dialler.rung) == 3
    (task,) = await floor.desk.tasks(SHOP)
    assert (task.kind, task.contact) == ("callback", contact.id) and booked.reference in task.text
    found = await floor.desk.callback_of(SHOP, NUMBER)
    assert found is not None and found.state is PromiseState.UNREACHED, "who calls back is recognised"
    await clock.advance(25 * 3600)
    for _ in range(11):
        await floor.desk.tick()
    assert await floor.desk.callback_of(SHOP, NUMBER) is None


async def test_a_number_has_one_promise(floor: Floor) -> None:
    await floor.present("S01")
    first, second = await floor.wish(), await floor.wish()
    for wish in (first, second):
        await floor.desk.request(wish)
    booked = [await floor.desk.keep_place(await wish_back(floor, wish.handoff_id)) for wish in (first, second)]
    assert booked[0].reference == booked[1].reference
    assert (await floor.desk.contact(second.handoff_id)).state is ContactState.CANCELLED
    wishes = [await wish_back(floor, None, "+81399998888") for _ in range(2)]
    both = await asyncio.gather(*(floor.desk.keep_place(wish) for wish in wishes))
    assert both[0].reference == both[1].reference
    assert len(await floor.desk.contacts(SHOP)) == 2
    with pytest.raises(BadMessage):
        await floor.desk.keep_place(await wish_back(floor, None, "ring me"))


async def test_a_promise_of_another_conversation_is_in_this_ones_log_too(floor: Floor) -> None:
    """Whoever calls again, by another line or after closing time, is promised the same call; the log says which."""
    await floor.clock.advance(11 * 3600)
    first, second = await wish_back(floor, None), await wish_back(floor, None)
    booked = await floor.desk.keep_place(first)
    for _ in range(2):
        assert (await floor.desk.keep_place(second)).reference == booked.reference
    for wish in (first, second):
        log = [item.event for item in await floor.store.events(wish.conversation)]
        assert [(e.change, e.detail) for e in log if isinstance(e, ContactChanged)] == [
            ("callback_booked", booked.reference)
        ]
        assert (await floor.desk.open_contact(wish.conversation) is None) is (wish is second)
    assert len(await floor.desk.contacts(SHOP)) == 1, "one call for one number"


async def test_another_number_for_the_same_contact_is_the_same_promise(floor: Floor) -> None:
    await floor.present("S01")
    wish = await floor.wish()
    await floor.desk.request(wish)
    first = await floor.desk.keep_place(await wish_back(floor, wish.handoff_id))
    second = await floor.desk.keep_place(await wish_back(floor, wish.handoff_id, "+81355556666"))
    assert first.reference == second.reference
    assert await floor.desk.callback_of(SHOP, NUMBER) is None
    found = await floor.desk.callback_of(SHOP, "+81355556666")
    assert found is not None and found.contact == wish.handoff_id


async def test_a_callback_rings_at_a_decent_time_where_the_customer_is(floor: Floor) -> None:
    await floor.present("S01")
    booked = await floor.desk.keep_place(await wish_back(floor, None, "+442079460123"))
    (contact,) = await floor.desk.contacts(SHOP)
    assert contact.not_before is not None and contact.not_before.isoformat() == "2026-11-18T09:00:00+00:00"
    assert booked.from_at == contact.not_before and booked.abroad
    again = await floor.desk.keep_place(await wish_back(floor, None, "00442079460123"))
    for told in (booked, again):
        assert told.from_at is not None and told.from_at.isoformat() == "2026-11-18T09:00:00+00:00"
        assert told.number_shown == "+44 20 7946 0***"
    await floor.desk.tick()
    assert (await floor.desk.contact(contact.id)).state is ContactState.QUEUED


async def test_what_the_customer_is_told_is_in_their_own_time(floor: Floor) -> None:
    await floor.present("S01")
    await floor.clock.advance(11 * 3600)
    at_home = [await floor.desk.keep_place(await wish_back(floor, None, "09012345678")) for _ in range(2)]
    for told in at_home:
        assert told.from_at is not None and not told.abroad
        assert told.from_at.isoformat() == "2026-11-19T09:00:00+09:00", "also when it is asked for again"
    new = await floor.desk.keep_place(await wish_back(floor, None, "+447700900123"))
    assert new.from_at is not None and new.abroad
    assert new.from_at.isoformat() == "2026-11-19T09:00:00+00:00", "a number the plan does not know is at its prefix"


async def test_tasks_are_kept_by_due_time(floor: Floor) -> None:
    now = floor.clock.now()
    late, soon = [
        await floor.desk.add_task(
            Task("", SHOP, "follow_up", words, AgentId("S01"), now + timedelta(hours=hours), "open", now)
        )
        for words, hours in (("late", 5), ("soon", 1))
    ]
    assert [task.text for task in await floor.desk.tasks(SHOP, owner=AgentId("S01"))] == ["soon", "late"]
    done = await floor.desk.finish_task(soon.id, AgentId("S01"), "called")
    assert (done.state, done.done_at, done.outcome) == ("done", now, "called")
    assert [task.id for task in await floor.desk.tasks(SHOP)] == [late.id]
    with pytest.raises(NotFound):
        await floor.desk.task("none")


async def test_the_floor_is_counted(floor: Floor) -> None:
    await floor.present("S01")
    await talking(floor)
    await floor.desk.request(await floor.wish())
    await floor.clock.advance(11)
    orders = next(queue for queue in await floor.desk.queues(SHOP) if queue.id == "q_orders")
    assert (orders.waiting, orders.longest_wait_s, orders.agents_free + orders.agents_busy) == (1, 11.0, 1)
    assert orders.service_level == 0.5


async def test_time_with_customers_over_time_at_work(floor: Floor) -> None:
    agent = AgentId("S01")
    await floor.present("S01")
    await floor.pass_s(30, "S01")
    name = await talking(floor)
    await floor.pass_s(45, "S01")
    await floor.desk.wrap_up(name, agent)
    await floor.pass_s(15, "S01")
    await floor.desk.close(name, agent, floor.contents[SHOP].dispositions[0].code, True)
    await floor.desk.set_presence(agent, Presence.BREAK, "lunch")
    await floor.pass_s(40, "S01")
    assert (await floor.desk.occupancy(SHOP))[agent] == pytest.approx(60 / 90)


async def test_the_days_figures_are_those_of_the_log(floor: Floor) -> None:
    await floor.present("S01")
    await talking(floor)
    for seconds in (2, 40):
        wish = await floor.wish()
        await floor.desk.request(wish)
        await floor.clock.advance(seconds)
        await floor.desk.cancel(wish.handoff_id, "hung_up")
    await floor.desk.request(await floor.wish())
    await floor.desk.keep_place(await wish_back(floor, None))
    day = (await floor.desk.figures(SHOP))[None]
    assert (day.offered, day.answered, day.abandoned, day.short_abandons, day.callbacks, day.waiting) == (
        4,
        1,
        1,
        1,
        1,
        1,
    )
    async with floor.store.reading() as connection:
        log = await changes_since(connection, SHOP, MIDDAY)
    recorded = [Recorded(row["conversation"], row["seq"], row["at"], event_from_json(row["body"])) for row in log]
    again = by_queue(replay(recorded).values(), floor.contents[SHOP].queues)
    assert again == await floor.desk.figures(SHOP)


async def test_what_is_told_next_week_learns_from_what_came_this_week(floor: Floor, clock: VirtualClock) -> None:
    """Every wait was twice what had been told, so the next week's estimates double; the same for other processes."""
    await floor.present("S01")
    await floor.desk.tick()
    await clock.advance(3000)
    wishes = [await floor.wish("orders") for _ in range(20)]
    for wish in wishes:
        await floor.desk.request(wish)
        told = WaitTold(handoff=wish.handoff_id, position=2, low_min=10, high_min=20)
        await floor.store.append(wish.conversation, [told], clock.now())
    await clock.advance(2 * (10 + 20) * 30 / 1.1)
    async with floor.store.writing() as connection:
        await connection.execute(update(desk_contacts).values(active_at=clock.now()))
    assert floor.desk._core.scales.get(SHOP, 1.0) == 1.0
    await clock.advance(7 * 24 * 3600 - 3000)
    await floor.desk.tick()
    assert floor.desk._core.scales[SHOP] == pytest.approx(2.0)
    other = await Floor(floor.store, clock, companies()).open()
    await other.desk.tick()
    assert other.desk._core.scales[SHOP] == pytest.approx(2.0)


async def test_since_when_somebody_is_what_they_are(floor: Floor, clock: VirtualClock) -> None:
    await floor.present("S01")
    began = clock.now()
    await clock.advance(60)
    on_break = await floor.desk.set_presence(AgentId("S01"), Presence.BREAK, "lunch")
    assert on_break.presence_since == clock.now() and clock.now() != began
    await clock.advance(60)
    again = await floor.desk.set_presence(AgentId("S01"), Presence.BREAK, "lunch")
    assert again.presence_since == on_break.presence_since
