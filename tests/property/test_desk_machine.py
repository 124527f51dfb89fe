"""Whatever happens at the desk, in whatever order: nobody is lost, nobody is offered twice, and the order is kept.

The store and the desk are the real ones; time is virtual. Rules act; after every turn of the router all properties are
checked against what the store holds and what the logs tell.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.property.desk_at_work import CONTENTS, DeskAtWork
from tests.support.desk import EN, JA, SHOP, TELECOM
from voicebot.desk import Agent, Contact, Medium
from voicebot.desk.choose import best_agent
from voicebot.desk.figures import by_queue, from_rows, replay
from voicebot.desk.relax import Demand, meets, serves
from voicebot.desk.rules import excluded, held_for, order_key, requirement
from voicebot.domain import (
    AgentId,
    CallbackTried,
    CallbackWish,
    Channel,
    ContactChanged,
    ContactState,
    HandoffId,
    Owner,
    Presence,
    QueueId,
    Recorded,
)
from voicebot.errors import Conflict

PEOPLE = ("S01", "S02", "S03", "S04", "S07", "H02", "H06")
TAKEN = (ContactState.OFFERED, ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)
ENDS = {"closed", "cancelled", "returned", "failed"}


class DeskMachine(DeskAtWork):
    """A floor of seven people of two companies, and customers."""

    template: Path | None = None

    @initialize()
    def begin(self) -> None:
        file = self.folder / "desk.db"
        if DeskMachine.template is None:
            made = Path(tempfile.mkdtemp(prefix="voicebot-desk-")) / "desk.db"
            self.do(self._open(made))
            self.do(self.store.close())
            DeskMachine.template = made
        shutil.copy(DeskMachine.template, file)
        self.do(self._open(file))
        for name in ("S01", "S03", "S04", "H02"):
            self.sign_in(name)
        self.arrive((SHOP, JA, ("orders",), 5), Channel.VOICE)
        self.arrive((SHOP, JA, ("tech",), 4), Channel.WEB_CHAT)
        self.arrive((SHOP, EN, ("returns",), 5), Channel.VOICE)
        self.arrive((TELECOM, EN, ("safety",), 1), Channel.VOICE)
        self.arrive((SHOP, JA, ("orders",), 5), Channel.VOICE)
        self.turn()
        for contact in self.contacts():
            if contact.state is ContactState.OFFERED and contact.medium is Medium.VOICE and contact.agent is not None:
                self.do(self.floor.desk.accept(contact.id, contact.agent))
        waiting = next(c for c in self.contacts() if c.state is ContactState.QUEUED and c.medium is Medium.VOICE)
        self.do(self.floor.desk.keep_place(self.back(waiting, "+81312345678")))
        for name in ("S02", "S07"):
            self.sign_in(name)
        self.turn()

    # --- what may happen ----------------------------------------------------------------------------------------------

    @rule(
        ask=st.sampled_from(
            [
                (SHOP, JA, ("orders",), 5),
                (SHOP, JA, ("tech",), 4),
                (SHOP, EN, ("returns",), 5),
                (SHOP, JA, ("complaints",), 2),
                (SHOP, JA, ("safety",), 1),
                (TELECOM, EN, ("safety",), 1),
                (TELECOM, JA, ("fraud",), 2),
            ]
        ),
        channel=st.sampled_from([Channel.VOICE, Channel.WEB_CHAT]),
    )
    def arrive(self, ask: tuple[Any, Any, tuple[str, ...], int], channel: Channel) -> None:
        tenant, language, skills, priority = ask
        wish = self.do(self.floor.wish(*skills, channel=channel, tenant=tenant, language=language, priority=priority))
        reply = self.do(self.floor.desk.request(wish))
        if reply.contact is not None:
            self.wishes[wish.handoff_id] = wish
            self.tq[wish.handoff_id] = self.clock.now()

    @precondition(lambda self: self.wishes)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        wish = self.wishes[data.draw(st.sampled_from(sorted(self.wishes)))]
        assert self.do(self.floor.desk.request(wish)).contact == wish.handoff_id

    @rule(seconds=st.sampled_from([1, 3, 8, 21, 61]))
    def time_passes(self, seconds: int) -> None:
        for _ in range(turns := min(seconds, 8)):
            self.do(self.clock.advance(seconds / turns))
            self.turn()

    @rule(name=st.sampled_from(PEOPLE))
    def sign_in(self, name: str) -> None:
        self.do(self.floor.present(name))
        self.alive.add(name)

    @rule(
        name=st.sampled_from(PEOPLE), presence=st.sampled_from([Presence.BREAK, Presence.AVAILABLE, Presence.OFFLINE])
    )
    def change_presence(self, name: str, presence: Presence) -> None:
        try:
            self.do(self.floor.desk.set_presence(AgentId(name), presence))
        except Conflict:
            return
        if presence is Presence.OFFLINE:
            self.alive.discard(name)

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def fall_silent(self, data: st.DataObject) -> None:
        self.alive.discard(data.draw(st.sampled_from(sorted(self.alive))))

    @rule(act=st.sampled_from(["accept", "accept", "accept", "decline"]), data=st.data())
    def answer(self, act: str, data: st.DataObject) -> None:
        contact = self.pick(data, ContactState.OFFERED)
        if contact is None or contact.agent is None:
            return
        if act == "accept":
            self.do(self.floor.desk.accept(contact.id, contact.agent))
            self.do(self.settled())
        else:
            self.do(self.floor.desk.decline(contact.id, contact.agent))

    @rule(data=st.data())
    def somebody_else_accepts(self, data: st.DataObject) -> None:
        contact = self.pick(data, ContactState.OFFERED, ContactState.ACTIVE)
        other = data.draw(st.sampled_from(PEOPLE))
        if contact is None or contact.agent == other:
            return
        try:
            self.do(self.floor.desk.accept(contact.id, AgentId(other)))
        except Conflict:
            return
        raise AssertionError("an offer was taken by somebody it was not made to")

    @rule(act=st.sampled_from(["active", "wrap_up", "close", "give_back", "transfer"]), data=st.data())
    def handle(self, act: str, data: st.DataObject) -> None:
        contact = self.pick(data, ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)
        if contact is None or contact.agent is None:
            return
        over = contact.state is ContactState.WRAPUP
        if (act == "give_back" and over) or (act == "transfer" and (over or contact.tenant != SHOP)):
            return
        self.do(self.step(act, contact, contact.agent))

    async def step(self, act: str, contact: Contact, agent: AgentId) -> None:
        desk = self.floor.desk
        match act:
            case "active":
                await desk.active(contact.id, agent)
            case "wrap_up":
                await desk.wrap_up(contact.id, agent)
            case "close":
                code = CONTENTS[contact.tenant].dispositions[0].code
                await desk.close(contact.id, agent, code, True)
            case "give_back":
                await desk.give_back(contact.id, agent)
            case "transfer":
                await desk.transfer(contact.id, agent, queue=QueueId("q_tech"))

    @precondition(lambda self: self.offered_back())
    @rule(act=st.sampled_from(["wrap_up", "close", "give_back", "transfer"]), data=st.data())
    def in_a_hurry(self, act: str, data: st.DataObject) -> None:
        """The agent will not wait until the customer of a callback answers."""
        contact = data.draw(st.sampled_from(self.offered_back()))
        assert contact.agent is not None
        self.dialler.patient = True
        self.do(self.floor.desk.accept(contact.id, contact.agent))
        rings = self.do(self.rings(contact.id))
        try:
            self.do(self.step(act, contact, contact.agent))
        except Conflict:
            pass
        else:
            raise AssertionError("a contact left its agent while its customer was rung" if rings else "it was nobody's")
        finally:
            self.dialler.patient = False
            self.do(self.settled())

    @rule(data=st.data())
    def hang_up(self, data: st.DataObject) -> None:
        contact = self.pick(data, *(state for state in ContactState if state.open))
        if contact is not None:
            left = self.do(self.floor.desk.cancel(contact.id, "hung_up"))
            assert left == (contact.state is not ContactState.WRAPUP)

    @rule(data=st.data())
    def ring_me_back(self, data: st.DataObject) -> None:
        contact = self.pick(data, ContactState.QUEUED, ContactState.OFFERED)
        if contact is None:
            return
        number = data.draw(st.sampled_from(["+81312345678", "+81398765432", "+442079460123"]))
        wish = self.back(contact, number)
        booked = [self.do(self.floor.desk.keep_place(wish)) for _ in range(2)]
        assert booked[0].reference == booked[1].reference

    def offered_back(self) -> list[Contact]:
        offered = (c for c in self.contacts() if c.callback and c.state is ContactState.OFFERED)
        return sorted(offered, key=lambda c: c.id)

    def back(self, contact: Contact, number: str) -> CallbackWish:
        named = contact.tenant, contact.conversation, contact.language
        return CallbackWish(contact.id, *named, number, ("orders",))

    @rule()
    def restart(self) -> None:
        self.floor = self.do(self._started())

    # --- what is always so --------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """The router's turn, and everything that must be so after it."""
        for name in sorted(self.alive):
            try:
                self.do(self.floor.beat(name))
            except Conflict:
                self.alive.discard(name)
        before = {contact.id: contact for contact in self.contacts()}
        self.do(self.floor.desk.tick())
        agents = {a.id: a for tenant in (SHOP, TELECOM) for a in self.do(self.floor.desk.agents(tenant))}
        contacts = self.contacts()
        self.no_one_is_overloaded(agents, contacts)
        self.offers_are_right(before, agents, contacts)
        self.nobody_idle_is_needed(agents, contacts)
        self.nothing_is_lost(contacts)

    def no_one_is_overloaded(self, agents: dict[AgentId, Agent], contacts: list[Contact]) -> None:
        for contact in contacts:
            assert (contact.agent is not None) == (contact.state in TAKEN)
            if contact.agent is not None:
                agent = agents[contact.agent]
                assert serves(agent, contact), "the wall between companies"
                assert agent.signed_in, "held by somebody who is gone"
        for agent in agents.values():
            for medium, most in agent.capacity.items():
                held = sum(1 for item in contacts if item.agent == agent.id and item.medium is medium)
                assert held <= most and agent.load.get(medium, 0) == held

    def offers_are_right(
        self, before: dict[HandoffId, Contact], agents: dict[AgentId, Agent], contacts: list[Contact]
    ) -> None:
        now = self.clock.now()
        made = [c for c in contacts if c.state is ContactState.OFFERED and c.offered_at == now and c.agent is not None]
        for contact in made:
            assert contact.agent is not None
            agent, queue = agents[contact.agent], CONTENTS[contact.tenant].queues[contact.queue]
            assert meets(agent, Demand(*requirement(contact, queue, now, from_step=len(queue.relax))))
            full, _ = requirement(contact, queue, now)
            assert all(agent.skills.get(s, 0) >= n for s, n in full.items() if s in ("safety", "fraud") or ":" in s)
            for other in contacts:
                passed_over = (
                    other.state is ContactState.QUEUED
                    and other.id in before
                    and other.medium is contact.medium
                    and (other.not_before is None or other.not_before <= now)
                    and order_key(other, now) < order_key(contact, now)
                    and serves(agent, other)
                    and not excluded(other, agent.id, now)
                    and held_for(other, now) in (None, agent.id)
                    and meets(agent, Demand(*requirement(other, CONTENTS[other.tenant].queues[other.queue], now)))
                )
                assert not passed_over, f"{other.id} was before {contact.id}"

    def nobody_idle_is_needed(self, agents: dict[AgentId, Agent], contacts: list[Contact]) -> None:
        for contact in contacts:
            if contact.state is ContactState.QUEUED:
                queue = CONTENTS[contact.tenant].queues[contact.queue]
                assert best_agent(contact, list(agents.values()), queue, self.clock.now()) is None

    def nothing_is_lost(self, contacts: list[Contact]) -> None:
        open_now = {contact.id: contact for contact in contacts}
        for name, tq in self.tq.items():
            contact = open_now.get(name) or self.do(self.floor.desk.contact(name))
            assert contact.enqueued_at == tq, "the time of the first wish never changes"
        assert self.do(self.promises_left()) == [], "a promise is open and its contact is over"

    # --- the books ----------------------------------------------------------------------------------------------------

    @rule()
    def the_books_agree(self) -> None:
        for tenant in (SHOP, TELECOM):
            log = self.do(self.log_of(tenant))
            content = CONTENTS[tenant]
            rows = self.do(self.rows_of(tenant))
            live = from_rows(rows, content.queues, content.times.short_abandon_s)
            assert by_queue(replay(log).values(), content.queues, content.times.short_abandon_s) == live
            all_of_it = live[None]
            assert len(rows) == all_of_it.offered + all_of_it.short_abandons
            assert all_of_it.offered == (
                all_of_it.answered + all_of_it.abandoned + all_of_it.callbacks + all_of_it.waiting + all_of_it.failed
            )
            self.ends_are_ends(log)
        for contact in self.contacts():
            owner = self.do(self.store.conversation(contact.conversation)).owner
            led_by_agent = contact.state in (ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)
            assert owner is (Owner.AGENT if led_by_agent else Owner.BOT if contact.callback else Owner.QUEUE)

    def ends_are_ends(self, log: list[Recorded]) -> None:
        over: set[str] = set()
        tried: dict[str, int] = {}
        for item in log:
            match item.event:
                case ContactChanged(handoff=name, change=change):
                    assert name not in over, f"{change} after the end"
                    if change in ENDS:
                        over.add(name)
                case CallbackTried(reference=reference, attempt=attempt, outcome=outcome):
                    tried[reference] = tried.get(reference, 0) + 1
                    assert attempt == tried[reference]
                    assert outcome == "cancelled" or attempt <= 3
                case _:
                    pass
        hours = CONTENTS[SHOP].callback
        assert all(
            any(hours.may_ring(at, ZoneInfo(zone)) for zone in ("Asia/Tokyo", "Europe/London"))
            for at in self.dialler.at
        )


DeskMachine.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestDesk = DeskMachine.TestCase
