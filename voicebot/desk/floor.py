"""The floor as a supervisor sees it: queues, agents, contacts, and what changes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Literal, cast

from voicebot.desk.agent_port import DeskChange, QueueNow
from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_rows import contact_from
from voicebot.desk.embedded_work import topic_of
from voicebot.desk.figures import Figures, from_rows
from voicebot.desk.model import Agent, Contact, Medium, QueueSpec
from voicebot.desk.occupancy import available, busy, occupancy
from voicebot.desk.wait import spoken
from voicebot.domain import (
    AgentId,
    Channel,
    ContactState,
    ConversationId,
    HandoffId,
    Language,
    Presence,
    QueueId,
    Recorded,
    TenantId,
)
from voicebot.errors import NotFound
from voicebot.store import desk as rows
from voicebot.store import event_from_json
from voicebot.store.desk_tables import desk_contacts

_FIGURES_KEPT_S = 10.0
_SHIFT = timedelta(hours=12)
_WAITING = (ContactState.QUEUED, ContactState.OFFERED)


class Floor:
    """Reads; changes nothing."""

    def __init__(self, core: DeskCore) -> None:
        self._core = core
        self._figures: dict[TenantId, tuple[float, dict[QueueId | None, Figures]]] = {}

    async def agents(self, tenant: TenantId) -> tuple[Agent, ...]:
        """Everybody who takes a company's contacts."""
        await self._core.fresh()
        return tuple(sorted(self._core.board.agents(tenant), key=lambda agent: agent.id))

    def glance(self, contact: HandoffId) -> Contact | None:
        """An open contact as the board has it; None when it has none, or is not kept current."""
        return self._core.glance(contact)

    async def contact(self, contact: HandoffId) -> Contact:
        """One contact, open or over. Raises NotFound."""
        found = await self._core.find(contact)
        if found is None:
            raise NotFound(f"There is no contact {contact}")
        return found

    async def contacts(self, tenant: TenantId, *, states: Sequence[ContactState] = ()) -> tuple[Contact, ...]:
        """A company's contacts in these states, in the order they came; without any: the open ones."""
        if states and not all(state.open for state in states):
            async with self._core.store.reading() as connection:
                found = await rows.many(connection, desk_contacts, tenant=tenant, state=[s.value for s in states])
            return tuple(sorted(map(contact_from, found), key=lambda item: (item.enqueued_at, item.id)))
        await self._core.fresh()
        wanted = tuple(states) or tuple(state for state in ContactState if state.open)
        found_open = (item for item in self._core.board.contacts(tenant) if item.state in wanted)
        return tuple(sorted(found_open, key=lambda item: (item.enqueued_at, item.id)))

    async def queues(self, tenant: TenantId) -> tuple[QueueNow, ...]:
        """How every queue of a company stands."""
        await self._core.fresh()
        figures = await self.figures(tenant)
        return tuple([await self._queue(queue, figures) for queue in self._core.content(tenant).queues.values()])

    async def _queue(self, queue: QueueSpec, figures: dict[QueueId | None, Figures]) -> QueueNow:
        now = self._core.clock.now()
        waiting = [
            contact
            for contact in self._core.board.contacts(queue.tenant)
            if contact.queue == queue.id and contact.state in _WAITING and (contact.not_before or now) <= now
        ]
        content = self._core.content(queue.tenant)
        newcomers = [_newcomer(queue, now, content.languages[0], one) for one in (Channel.VOICE, Channel.WEB_CHAT)]
        expected = [wait_s for one in newcomers if (wait_s := await self._core.expected_s(one)) is not None]
        told = spoken(max(expected)) if expected else None
        staff = [
            agent
            for agent in self._core.board.agents(queue.tenant)
            if agent.presence is Presence.AVAILABLE and _serves(agent, queue)
        ]
        free = [agent for agent in staff if any(agent.capacity.get(m, 0) > agent.load.get(m, 0) for m in Medium)]
        today = figures.get(queue.id)
        return QueueNow(
            queue.id,
            queue.label,
            len(waiting),
            max(((now - contact.enqueued_at).total_seconds() for contact in waiting), default=0.0),
            told.low_min if told else None,
            told.high_min if told else None,
            len(free),
            len(staff) - len(free),
            today.service_level if today else None,
            queue.target,
            queue.target_s,
            queue.cap,
        )

    async def figures(self, tenant: TenantId) -> dict[QueueId | None, Figures]:
        """Today's figures by queue, and of the company under None; reckoned anew every ten seconds."""
        kept = self._figures.get(tenant)
        if kept is not None and self._core.clock.monotonic() - kept[0] < _FIGURES_KEPT_S:
            return kept[1]
        content = self._core.content(tenant)
        async with self._core.store.reading() as connection:
            found = await rows.contacts_since(connection, tenant, self._midnight(tenant))
        made = from_rows([dict(row) for row in found], content.queues, content.times.short_abandon_s)
        self._figures[tenant] = self._core.clock.monotonic(), made
        return made

    async def occupancy(self, tenant: TenantId) -> dict[AgentId, float]:
        """How much of today's time at work each agent spent with customers (0..1)."""
        now, midnight = self._core.clock.now(), self._midnight(tenant)
        async with self._core.store.reading() as connection:
            log = await rows.changes_since(connection, tenant, midnight - _SHIFT)
            noted = await rows.presence_log(connection, tenant, midnight - _SHIFT)
        recorded = [Recorded(row["conversation"], row["seq"], row["at"], event_from_json(row["body"])) for row in log]
        with_customers = busy(recorded, now)
        at_work = available([(row["agent"], row["at"], Presence(row["presence"])) for row in noted], now)
        shares = {
            agent: occupancy(at_work.get(agent, ()), with_customers.get(agent, ()), midnight, now)
            for agent in {*at_work, *with_customers}
        }
        return {agent: share for agent, share in shares.items() if share is not None}

    def _midnight(self, tenant: TenantId) -> datetime:
        local = self._core.clock.now().astimezone(self._core.content(tenant).hours.timezone)
        return local.replace(hour=0, minute=0, second=0, microsecond=0)

    async def changes(self, tenant: TenantId) -> AsyncGenerator[DeskChange, None]:
        """Every change from now on, from every process; should some have been missed, everything is named again."""
        async with aclosing(self._core.store.changes(topic_of(tenant))) as notices:
            async for notice in notices:
                kind, _, rest = notice.partition(":")
                version, _, name = rest.partition(":")
                if kind in ("agent", "contact") and not self._core.board.knows(kind, int(version), name):
                    await self._core.look_at(
                        {AgentId(name)} if kind == "agent" else set(),
                        {HandoffId(name)} if kind == "contact" else set(),
                    )
                if kind in ("agent", "contact", "task", "alert"):
                    yield DeskChange(cast(Literal["agent", "contact", "task", "alert"], kind), name)
                    continue
                await self._core.load()
                for agent in self._core.board.agents(tenant):
                    yield DeskChange("agent", agent.id)
                for contact in self._core.board.contacts(tenant):
                    yield DeskChange("contact", contact.id)


def _serves(agent: Agent, queue: QueueSpec) -> bool:
    return all(agent.skills.get(skill, 0) >= level for skill, level in queue.skills.items())


def _newcomer(queue: QueueSpec, now: datetime, language: Language, channel: Channel) -> Contact:
    """Somebody who comes now, by telephone or by chat: leaders see the longer wait of the two."""
    return Contact(
        HandoffId("\uffff"),
        queue.tenant,
        ConversationId(""),
        channel,
        language,
        queue.id,
        {},
        queue.priority,
        now,
    )
