"""The embedded desk on SQLite and PostgreSQL: while a promised call rings, and promises whose contact is over."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from tests.support.desk import JA, SHOP, Floor, Patient, companies
from tests.support.desk_steps import changes
from voicebot.desk import DialOutcome, PromiseState
from voicebot.domain import AgentId, CallbackBooked, CallbackWish, ContactState, HandoffId, QueueId
from voicebot.errors import Conflict
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.desk_tables import desk_callbacks, desk_contacts
from voicebot.web.desk_parts import customer_left

NUMBER = "+81312345678"
AGENT = AgentId("S01")


async def promised(floor: Floor) -> CallbackBooked:
    wish = CallbackWish(None, SHOP, await floor.conversation(), JA, NUMBER, ("orders",))
    return await floor.desk.keep_place(wish)


async def ringing(floor: Floor, dialler: Patient) -> HandoffId:
    """The promised contact, once its agent has it and the customer's phone rings."""
    await floor.present(AGENT)
    await promised(floor)
    (contact,) = await floor.desk.contacts(SHOP)
    await floor.desk.tick()
    await floor.desk.accept(contact.id, AGENT)
    async with asyncio.timeout(20):
        await dialler.rings.wait()
    return contact.id


async def until(floor: Floor, contact: HandoffId, state: ContactState) -> None:
    async with asyncio.timeout(20):
        while (await floor.desk.contact(contact)).state is not state:  # noqa: ASYNC110 - the dial runs by itself
            await asyncio.sleep(0.01)


async def ticks(floor: Floor) -> None:
    for _ in range(11):
        await floor.desk.tick()


async def over(floor: Floor, contact: HandoffId, attempts: int) -> None:
    """The contact ended beside its promise, as data of an earlier version may say."""
    async with floor.store.writing() as connection:
        gone = update(desk_contacts).where(desk_contacts.c.id == contact)
        await connection.execute(gone.values(state=ContactState.CLOSED.value, closed_at=floor.clock.now()))
        await connection.execute(update(desk_callbacks).values(attempts=attempts))


@pytest.mark.parametrize("step", ["wrap_up", "close", "give_back", "transfer"])
async def test_a_ringing_callback_stays_with_its_agent(store: SqlStore, clock: VirtualClock, step: str) -> None:
    dialler = Patient(DialOutcome.NO_ANSWER)
    floor = await Floor(store, clock, companies(), dialler=dialler).open()
    name = await ringing(floor, dialler)
    desk = floor.desk
    with pytest.raises(Conflict, match="ringing"):
        match step:
            case "wrap_up":
                await desk.wrap_up(name, AGENT)
            case "close":
                await desk.close(name, AGENT, floor.contents[SHOP].dispositions[0].code, True)
            case "give_back":
                await desk.give_back(name, AGENT)
            case "transfer":
                await desk.transfer(name, AGENT, queue=QueueId("q_tech"))
    assert (await desk.contact(name)).state is ContactState.ACCEPTED
    dialler.stop.set()
    await until(floor, name, ContactState.QUEUED)
    found = await desk.callback_of(SHOP, NUMBER)
    assert found is not None and (found.contact, found.state) == (name, PromiseState.WAITING)
    assert (await desk.agent(AGENT)).load == {}
    assert (await changes(floor, name))[-1] == "withdrawn"


async def test_who_answered_may_be_wrapped_up(store: SqlStore, clock: VirtualClock) -> None:
    dialler = Patient(DialOutcome.ANSWERED)
    floor = await Floor(store, clock, companies(), dialler=dialler).open()
    name = await ringing(floor, dialler)
    leaving = asyncio.create_task(customer_left(floor.desk, name))
    await asyncio.sleep(0.05)
    dialler.stop.set()
    await leaving
    assert (await floor.desk.contact(name)).state is ContactState.WRAPUP, "also who hangs up in that very moment"
    assert await floor.desk.callback_of(SHOP, NUMBER) is None


async def test_a_customer_who_is_talked_to_meanwhile_is_not_rung_again(store: SqlStore, clock: VirtualClock) -> None:
    """They were still on the line they had asked by, so the number was busy."""
    dialler = Patient(DialOutcome.BUSY)
    floor = await Floor(store, clock, companies(), dialler=dialler).open()
    name = await ringing(floor, dialler)
    await floor.desk.active(name, AGENT)
    dials = {task for task in asyncio.all_tasks() if task.get_name() == f"dial {name}"}
    dialler.stop.set()
    async with asyncio.timeout(20):
        while asyncio.all_tasks() & dials:  # noqa: ASYNC110 - the dial runs by itself
            await asyncio.sleep(0.01)
    found = await floor.desk.callback_of(SHOP, NUMBER)
    assert found is not None and found.state is PromiseState.UNREACHED
    await floor.desk.wrap_up(name, AGENT)


async def test_a_dial_that_was_lost_has_failed(store: SqlStore, clock: VirtualClock) -> None:
    """A process that is started anew at once, under its name, rings nobody of before."""
    dialler = Patient()
    floor = await Floor(store, clock, companies(), dialler=dialler).open()
    name = await ringing(floor, dialler)
    floor = await Floor(store, clock, companies()).open()
    await floor.pass_s(80, AGENT)
    assert (await floor.desk.contact(name)).state is ContactState.ACCEPTED
    await floor.pass_s(21, AGENT)
    contact = await floor.desk.contact(name)
    assert (contact.state, contact.agent) == (ContactState.QUEUED, None)
    dialler.stop.set()


@pytest.mark.parametrize("attempts", [0, 1])
async def test_a_promise_whose_contact_is_over_ends_with_it(floor: Floor, clock: VirtualClock, attempts: int) -> None:
    await promised(floor)
    (contact,) = await floor.desk.contacts(SHOP)
    await over(floor, contact.id, attempts)
    await ticks(floor)
    found = await floor.desk.callback_of(SHOP, NUMBER)
    if attempts == 0:
        assert found is None, "nobody tried: the number is forgotten at once"
        return
    assert found is not None and found.state is PromiseState.UNREACHED
    await clock.advance(25 * 3600)
    await ticks(floor)
    assert await floor.desk.callback_of(SHOP, NUMBER) is None


@pytest.mark.parametrize("attempts", [0, 1])
async def test_a_wish_joins_no_promise_whose_contact_is_over(floor: Floor, attempts: int) -> None:
    dead = await promised(floor)
    (contact,) = await floor.desk.contacts(SHOP)
    await over(floor, contact.id, attempts)
    booked = await promised(floor)
    assert booked.reference != dead.reference
    found = await floor.desk.callback_of(SHOP, NUMBER)
    assert found is not None and (found.reference, found.state) == (booked.reference, PromiseState.WAITING)
    assert (await floor.desk.contact(found.contact)).state is ContactState.QUEUED
