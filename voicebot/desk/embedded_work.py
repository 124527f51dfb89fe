"""One transaction on the desk: what changed, and the events it leaves, are kept together or not at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.desk.embedded_rows import agent_from, contact_from, load_from, values_of
from voicebot.desk.model import Agent, Contact
from voicebot.domain import (
    AgentId,
    ContactChanged,
    ContactState,
    ConversationId,
    Event,
    HandoffId,
    Owner,
    Presence,
    TenantId,
)
from voicebot.errors import Conflict, NotFound
from voicebot.store import SqlStore
from voicebot.store import desk as rows
from voicebot.store.desk_tables import desk_agents, desk_contacts, desk_presence

Moved = Literal[
    "queued",
    "offered",
    "declined",
    "timed_out",
    "withdrawn",
    "accepted",
    "active",
    "lost",
    "transferred",
    "returned",
    "cancelled",
    "callback_booked",
    "wrapup",
    "closed",
    "failed",
]


def topic_of(tenant: TenantId) -> str:
    """Where changes of a company's desk are announced."""
    return f"desk.{tenant}"


class Work:
    """A transaction. Lock agents before contacts, contacts before anything of the conversation."""

    def __init__(self, store: SqlStore, connection: AsyncConnection, now: datetime) -> None:
        self.connection, self.now = connection, now
        self._store = store
        self.agents: dict[AgentId, Agent] = {}
        self.contacts: dict[HandoffId, Contact] = {}

    async def agent(self, agent: AgentId) -> Agent:
        """The agent with the present load, held until the end. Raises NotFound."""
        row = await rows.lock_agent(self.connection, agent)
        if row is None:
            raise NotFound(f"There is no agent {agent} at the desk")
        counted = await rows.loads(self.connection, (agent,))
        return await self._saw(agent_from(row, load_from(counted.get(agent, {}))))

    async def contact(self, contact: HandoffId) -> Contact:
        """The contact as it is now, not held: :meth:`move` finds out when it has changed. Raises NotFound."""
        row = await rows.one(self.connection, desk_contacts, id=contact)
        if row is None:
            raise NotFound(f"There is no contact {contact}")
        return contact_from(row)

    async def open_of(self, agent: AgentId, states: Collection[ContactState]) -> tuple[Contact, ...]:
        """The agent's contacts in these states."""
        found = await rows.many(self.connection, desk_contacts, agent=agent, state=[state.value for state in states])
        return tuple(contact_from(row) for row in found)

    async def put(self, contact: Contact, *events: Event) -> Contact:
        """Keep a new contact; IntegrityError when the id is taken."""
        fields = {name: getattr(contact, name) for name in Contact.__dataclass_fields__}
        await rows.add(self.connection, desk_contacts, values_of(**fields))
        return await self._changed(contact, events)

    async def move(
        self, contact: Contact, moved: Moved, *events: Event, detail: str = "", who: AgentId | None = None, **to: Any
    ) -> Contact:
        """Change a contact that is still as it was read, and write what happened. ``who``: the agent it concerns.

        Raises:
            Conflict: somebody else changed it first.
        """
        after = await self.touch(contact, **to)
        event = self.told(after, moved, detail=detail, who=who)
        return await self._changed(after, (event, *events))

    async def touch(self, contact: Contact, **to: Any) -> Contact:
        """Change a contact that is still as it was read, leaving no event. Raises Conflict."""
        after = replace(contact, **{name: value for name, value in to.items() if name in Contact.__dataclass_fields__})
        after = replace(after, version=contact.version + 1)
        still = {"id": contact.id, "state": contact.state.value, "version": contact.version}
        values = {**values_of(**to), "version": after.version}
        if await rows.change(self.connection, desk_contacts, still, values) is None:
            raise Conflict(f"Contact {contact.id} has moved on")
        return await self._changed(after, ())

    def told(self, contact: Contact, moved: Moved, *, detail: str = "", who: AgentId | None = None) -> ContactChanged:
        """The event of a change."""
        return ContactChanged(
            handoff=contact.id,
            change=moved,
            queue=contact.queue,
            agent=who or contact.agent or "",
            priority=contact.priority,
            enqueued_at=contact.enqueued_at.isoformat(),
            detail=detail,
        )

    async def log(self, conversation: ConversationId, *events: Event) -> None:
        """Write events into the conversation's log."""
        await self._store.append_within(self.connection, conversation, events, self.now)

    async def change_agent(self, agent: Agent, **to: Any) -> Agent:
        """Change an agent who was read with :meth:`agent` in this transaction; presence is noted for the figures."""
        stands = (to.get("presence", agent.presence), to.get("presence_reason", agent.presence_reason))
        changed = stands != (agent.presence, agent.presence_reason)
        if changed:
            to = {**to, "presence_since": self.now}
        values = {**values_of(**to), "version": desk_agents.c.version + 1}
        row = await rows.change(self.connection, desk_agents, {"id": agent.id}, values)
        if row is None:
            raise NotFound(f"There is no agent {agent.id} at the desk")
        after = agent_from(row, agent.load)
        if changed:
            await self.note_presence(after)
        return await self._saw(after)

    async def note_presence(self, agent: Agent) -> None:
        """Keep when the agent was what; the occupancy is reckoned from it."""
        noted = {"agent": agent.id, "tenant": agent.tenant, "at": self.now, "presence": agent.presence.value}
        await rows.add(self.connection, desk_presence, {**noted, "reason": agent.presence_reason})

    async def silent(self, agent: Agent) -> Agent:
        """Did not answer: no more offers until they say so."""
        if agent.presence is not Presence.AVAILABLE:
            return agent
        return await self.change_agent(agent, presence=Presence.NO_ANSWER, presence_reason="", available_since=None)

    async def lead(self, contact: Contact, expected: Collection[Owner], new: Owner) -> None:
        """Who leads the conversation goes from one to the other. Raises Conflict when somebody else leads it."""
        if not await rows.owner_to(self.connection, contact.conversation, [who.value for who in expected], new.value):
            raise Conflict(f"Conversation {contact.conversation} is led by somebody else")

    async def announce(self, tenant: TenantId, kind: str, name: str, version: int = 0) -> None:
        """Tell every process what to look at."""
        await self._store.announce_within(self.connection, topic_of(tenant), f"{kind}:{version}:{name}")

    async def _changed(self, contact: Contact, events: Collection[Event]) -> Contact:
        self.contacts[contact.id] = contact
        if events:
            await self.log(contact.conversation, *events)
        await self.announce(contact.tenant, "contact", contact.id, contact.version)
        return contact

    async def _saw(self, agent: Agent) -> Agent:
        self.agents[agent.id] = agent
        for tenant in (agent.tenant, *agent.grants):
            await self.announce(tenant, "agent", agent.id, agent.version)
        return agent
