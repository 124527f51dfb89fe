"""What every part of the embedded desk shares: the store, the board, the companies, and how a change is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from voicebot.clock import Clock
from voicebot.desk.board import Board
from voicebot.desk.choose import Queues, by_company
from voicebot.desk.company import DeskContent
from voicebot.desk.embedded_rows import agent_from, contact_from
from voicebot.desk.embedded_work import Work
from voicebot.desk.model import Contact, Medium, QueueSpec, medium_of
from voicebot.desk.wait import (
    RECENT,
    Pace,
    effective_servers,
    expected_wait_s,
    idle_places,
    paces_of,
    position,
    spoken,
    steady,
)
from voicebot.domain import AgentId, Channel, ConversationId, Event, HandoffId, QueueId, TenantId, Wait
from voicebot.errors import Conflict, NotFound
from voicebot.store import SqlStore, whole_log
from voicebot.store import desk as rows
from voicebot.store.desk_tables import LOAD_STATES, desk_agents, desk_contacts

_PACE_KEPT_S = 30.0


class DeskCore:
    """Shared by the parts of one process's desk. ``node`` names the process."""

    def __init__(self, store: SqlStore, clock: Clock, contents: Mapping[TenantId, DeskContent], node: str) -> None:
        self.store, self.clock, self.node = store, clock, node
        self.contents = contents
        self.queues: Queues = by_company(queue for content in contents.values() for queue in content.queues.values())
        self.board = Board()
        self.woken = asyncio.Event()
        self.following = False
        self.scales: dict[TenantId, float] = {}
        self._paces: dict[TenantId, tuple[float, Mapping[tuple[QueueId, Medium], Pace]]] = {}

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """One transaction; once it is committed the board has seen it and the router is woken."""
        async with self.store.writing() as connection:
            work = Work(self.store, connection, self.clock.now())
            yield work
        for agent in work.agents.values():
            self.board.see_agent(agent)
        for contact in work.contacts.values():
            self.board.see_contact(contact)
        self.woken.set()

    def content(self, tenant: TenantId) -> DeskContent:
        """A company's desk. Raises NotFound."""
        content = self.contents.get(tenant)
        if content is None:
            raise NotFound(f"There is no desk for {tenant}: give it flows/{tenant}/desk.yml")
        return content

    def queue(self, contact: Contact) -> QueueSpec:
        """The queue a contact is in. Raises NotFound."""
        queue = self.queues.get((contact.tenant, contact.queue))
        if queue is None:
            raise NotFound(f"There is no queue {contact.queue} in {contact.tenant}")
        return queue

    async def fresh(self) -> None:
        """Make the board current; nothing to do while the router keeps it so."""
        if not self.following:
            await self.load()

    def glance(self, contact: HandoffId) -> Contact | None:
        """An open contact as the board has it; None when it has none, or is not kept current."""
        return self.board.contact(contact) if self.following else None

    async def load(self) -> None:
        """Read everything that is open from the store."""
        before = self.board.mark()
        async with self.store.reading() as connection:
            agents = await rows.many(connection, desk_agents)
            contacts = await rows.open_contacts(connection, self.contents)
        self.board.replace_all([agent_from(row, {}) for row in agents], [contact_from(row) for row in contacts], before)

    async def look_at(self, agents: set[AgentId], contacts: set[HandoffId]) -> None:
        """Read these again, and what the agents have in hand; another process has changed them."""
        async with self.store.reading() as connection:
            for row in await rows.many(connection, desk_agents, id=agents) if agents else ():
                self.board.see_agent(agent_from(row, {}))
            for row in await rows.many(connection, desk_contacts, id=contacts) if contacts else ():
                self.board.see_contact(contact_from(row))
            if agents:
                for row in await rows.many(connection, desk_contacts, agent=agents, state=LOAD_STATES):
                    self.board.see_contact(contact_from(row))
        self.woken.set()

    async def paces(self, tenant: TenantId) -> Mapping[tuple[QueueId, Medium], Pace]:
        """How fast each queue of a company finishes calls and chats of late; reckoned anew every half minute."""
        kept = self._paces.get(tenant)
        if kept is not None and self.clock.monotonic() - kept[0] < _PACE_KEPT_S:
            return kept[1]
        now = self.clock.now()
        async with self.store.reading() as connection:
            done = await rows.completions(connection, tenant, now - RECENT)
        paces = paces_of((_finished(row) for row in done), now)
        self._paces[tenant] = self.clock.monotonic(), paces
        return paces

    def place(self, contact: Contact) -> int:
        """The contact's place in line, from 1."""
        agents = self.board.agents(contact.tenant)
        waiting = self.board.contacts(contact.tenant)
        return position(contact, waiting, self.queue(contact), agents, self.clock.now())

    async def expected_s(self, contact: Contact) -> float | None:
        """Seconds until an agent has time, None when nothing honest can be said."""
        queue, agents = self.queue(contact), self.board.agents(contact.tenant)
        known = (await self.paces(contact.tenant)).get((contact.queue, contact.medium), Pace())
        served = [item for item in self.queues.values() if item.tenant == contact.tenant]
        return expected_wait_s(
            self.place(contact),
            idle_places(contact, queue, agents),
            effective_servers(contact, queue, agents, served),
            known,
            scale=self.scales.get(contact.tenant, 1.0),
        )

    async def promise(self, contact: Contact, expected_s: float | None) -> Wait | None:
        """The range to tell this customer now, never longer than what they were told before; it is kept."""
        before = told_before(contact)
        told = steady(before, None if expected_s is None else spoken(expected_s))
        if told is None or told == before:
            return told
        try:
            async with self.work() as work:
                now = await work.contact(contact.id)
                if now.state.open:
                    await work.touch(now, promised_low_min=told.low_min, promised_high_min=told.high_min)
        except Conflict:
            pass  # it moved on just now; the next telling keeps its own range
        return told

    async def events_of(self, conversation: ConversationId) -> Sequence[tuple[datetime, Event]]:
        """Everything in a conversation's log, with its moment."""
        return [(item.at, item.event) for item in await whole_log(self.store, conversation)]

    async def find(self, contact: HandoffId) -> Contact | None:
        """A contact from the store, open or over; None when there is none."""
        async with self.store.reading() as connection:
            row = await rows.one(connection, desk_contacts, id=contact)
        return None if row is None else contact_from(row)


def told_before(contact: Contact) -> Wait | None:
    """What the customer was told last."""
    if contact.promised_low_min is None or contact.promised_high_min is None:
        return None
    return Wait(contact.promised_low_min, contact.promised_high_min)


def _finished(row: RowMapping) -> tuple[QueueId, Medium, datetime, float]:
    took_s = (row["closed_at"] - row["active_at"]) / timedelta(seconds=1)
    return row["queue"], medium_of(Channel(row["channel"])), row["closed_at"], took_s
