"""What an agent does with a contact, from taking it to closing it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

from voicebot.desk.attendance import Attendance
from voicebot.desk.dialling import Dialling
from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_work import Work
from voicebot.desk.model import Agent, Contact, Medium
from voicebot.desk.offers import note_of
from voicebot.desk.relax import Demand, full_demand, meets, serves
from voicebot.domain import (
    AgentId,
    Alerted,
    ContactState,
    ConversationId,
    Event,
    HandoffId,
    HandoffReason,
    HoldChanged,
    Owner,
    QueueId,
    WrappedUp,
)
from voicebot.errors import BadMessage, Conflict, NotFound
from voicebot.store import desk as rows
from voicebot.store.desk_tables import OPEN_PROMISES, OPEN_STATES, desk_callbacks, desk_contacts

_MINE = (ContactState.ACCEPTED, ContactState.ACTIVE)
_HARD = frozenset({"angry"})
"""Alerts after which an agent is given a pause."""


class Handling:
    """Moves contacts for the agent who has them. Every method raises Conflict when the contact is not theirs.

    A callback stays with its agent while the customer's phone rings: what ends or moves it raises Conflict until then.
    """

    def __init__(self, core: DeskCore, attendance: Attendance, dialling: Dialling) -> None:
        self._core, self._attendance, self._dialling = core, attendance, dialling

    async def accept(self, contact: HandoffId, agent: AgentId) -> Contact:
        """Take the offer; ownership goes from the queue to the agent. A callback is rung from here.

        Raises:
            Conflict: the offer is gone: too late, the customer left, or it is somebody else's.
        """
        async with self._core.work() as work:
            found = await work.contact(contact)
            if found.state is ContactState.ACCEPTED and found.agent == agent:
                return found
            if found.state is not ContactState.OFFERED or found.agent != agent:
                raise Conflict("This offer is gone")
            taken: dict[str, Any] = {"state": ContactState.ACCEPTED, "accepted_at": work.now, "lease_until": None}
            after = await work.move(found, "accepted", **taken)
            await work.lead(after, (Owner.QUEUE, Owner.BOT) if after.callback else (Owner.QUEUE,), Owner.AGENT)
        if after.callback:
            self._dialling.start(after)
        return after

    async def active(self, contact: HandoffId, agent: AgentId) -> Contact:
        """Sound is joined, or the chat has begun; asked twice it is the same."""
        async with self._core.work() as work:
            found = await self._mine(work, contact, agent, (*_MINE, ContactState.WRAPUP))
            if found.state is not ContactState.ACCEPTED:
                return found
            return await work.move(found, "active", state=ContactState.ACTIVE, active_at=work.now, answered_at=work.now)

    async def wrap_up(self, contact: HandoffId, agent: AgentId) -> Contact:
        """The talk is over and the form is to be filled in; asked twice it is the same."""
        async with self._core.work() as work:
            found = await self._quiet(work, contact, agent, (*_MINE, ContactState.WRAPUP))
            if found.state is ContactState.WRAPUP:
                return found
            return await work.move(found, "wrapup", state=ContactState.WRAPUP, wrapup_at=work.now)

    async def close(
        self, contact: HandoffId, agent: AgentId, code: str, resolved: bool | None = None, note: str = ""
    ) -> None:
        """Finish with a disposition of the company's list; the agent has room again.

        Raises:
            BadMessage: the code is not in the list.
        """
        async with self._core.work() as work:
            held = await work.agent(agent)
            found = await self._quiet(work, contact, agent, (*_MINE, ContactState.WRAPUP))
            if self._core.content(found.tenant).disposition(code) is None:
                raise BadMessage("Choose a disposition of the company's list")
            events = await self._core.events_of(found.conversation)
            wrapped = self._wrapped(found, agent, code, resolved, [(at, e) for at, e in events], work.now)
            over: dict[str, Any] = {
                "state": ContactState.CLOSED,
                "closed_at": work.now,
                "wrapup_at": found.wrapup_at or work.now,
            }
            await work.move(found, "closed", *note_of(agent, note), wrapped, detail=code, outcome=code, **over)
            await self._freed(work, held, found, hard=any(_hard(event) for _, event in events))

    async def transfer(
        self,
        contact: HandoffId,
        agent: AgentId,
        *,
        queue: QueueId | None = None,
        to_agent: AgentId | None = None,
        note: str = "",
    ) -> Contact:
        """Pass the customer on, with the time they first asked; not back to this agent for a while.

        Raises:
            NotFound: no such queue or agent.
            Conflict: the agent named does not speak the customer's language, or names nobody else.
        """
        async with self._core.work() as work:
            held = await work.agent(agent)
            found = await self._quiet(work, contact, agent, _MINE)
            content = self._core.content(found.tenant)
            target = content.queues.get(queue or found.queue)
            if target is None:
                raise NotFound(f"There is no queue {queue}")
            required = content.required_by(target, found.language) if queue is not None else found.required
            if to_agent is not None:
                other = await self._other(found, agent, to_agent)
                if not meets(other, Demand(full_demand(replace(found, required=required), target))):
                    target = content.queues[content.general]
                    required = content.required_by(target, found.language)
                if not meets(other, Demand(required)):
                    raise Conflict("That agent does not speak the customer's language well enough")
            hold_until = work.now + timedelta(seconds=content.times.hold_s) if to_agent is not None else None
            excluded = {**found.excluded, agent: work.now + timedelta(seconds=content.times.exclude_s)}
            excluded.pop(to_agent or AgentId(""), None)
            after = await work.move(
                found,
                "transferred",
                *note_of(agent, note),
                detail=str(to_agent or target.id),
                who=agent,
                state=ContactState.QUEUED,
                queue=target.id,
                required=required,
                agent=None,
                preferred_agent=to_agent,
                hold_until=hold_until,
                excluded=excluded,
                accepted_at=None,
                active_at=None,
                offered_at=None,
                callback=False,
                attempt=found.attempt + 1,
            )
            await work.lead(after, (Owner.AGENT,), Owner.QUEUE)
            await self._freed(work, held, found, hard=False)
            return after

    async def give_back(self, contact: HandoffId, agent: AgentId) -> Contact:
        """The bot goes on with the customer."""
        async with self._core.work() as work:
            held = await work.agent(agent)
            found = await self._quiet(work, contact, agent, _MINE)
            over: dict[str, Any] = {"state": ContactState.CLOSED, "closed_at": work.now, "outcome": "returned"}
            after = await work.move(found, "returned", **over)
            await work.lead(after, (Owner.AGENT,), Owner.BOT)
            await self._freed(work, held, found, hard=False)
            return after

    async def take_over(self, name: HandoffId | ConversationId, supervisor: AgentId) -> Contact:
        """A leader takes a customer from another agent, from the queue, or from the bot.

        Raises:
            NotFound: neither a contact nor a conversation of this name.
            Conflict: the leader is on the phone already, or somebody else was faster.
        """
        async with self._core.work() as work:
            row = await rows.one(work.connection, desk_contacts, id=name)
            if row is None:
                row = await rows.one(work.connection, desk_contacts, conversation=name, state=OPEN_STATES)
            holder = row["agent"] if row is not None else None
            held = {who: await work.agent(AgentId(who)) for who in sorted({supervisor, holder or supervisor})}
            if row is None:
                return await self._from_bot(work, ConversationId(name), held[supervisor])
            found = await work.contact(row["id"])
            if found.agent != holder or found.state not in (ContactState.QUEUED, ContactState.OFFERED, *_MINE):
                raise Conflict("This contact has moved on")
            _room(held[supervisor], found.medium)
            taken: dict[str, Any] = {
                "state": ContactState.ACCEPTED,
                "agent": supervisor,
                "accepted_at": work.now,
                "active_at": None,
            }
            after = await work.move(found, "accepted", detail=f"from {holder or 'queue'}", lease_until=None, **taken)
            await work.lead(after, (Owner.AGENT, Owner.QUEUE), Owner.AGENT)
            if holder is not None and found.state in _MINE:
                await self._freed(work, held[holder], found, hard=False)
            return after

    async def _from_bot(self, work: Work, conversation: ConversationId, supervisor: Agent) -> Contact:
        row = await self._core.store.conversation(conversation)
        content = self._core.content(row.tenant)
        route = content.route((), 1, row.language)
        contact = Contact(
            HandoffId(f"ho-{conversation}-over-{uuid4().hex[:8]}"),
            row.tenant,
            conversation,
            row.channel,
            row.language,
            route.queue.id,
            route.required,
            route.queue.priority,
            work.now,
            state=ContactState.ACCEPTED,
            reason=HandoffReason.SUPERVISOR_TAKEOVER,
            agent=supervisor.id,
            accepted_at=work.now,
        )
        if not serves(supervisor, contact) and row.tenant not in (supervisor.tenant, *supervisor.grants):
            raise NotFound(f"There is no conversation {conversation}")
        _room(supervisor, contact.medium)
        queued, accepted = work.told(contact, "queued"), work.told(contact, "accepted", detail="from bot")
        await work.put(contact, queued, accepted)
        await work.lead(contact, (Owner.BOT,), Owner.AGENT)
        return contact

    async def _mine(self, work: Work, contact: HandoffId, agent: AgentId, states: tuple[ContactState, ...]) -> Contact:
        found = await work.contact(contact)
        if found.agent != agent or found.state not in states:
            raise Conflict("This contact is not yours any more")
        return found

    async def _quiet(self, work: Work, contact: HandoffId, agent: AgentId, states: tuple[ContactState, ...]) -> Contact:
        """A contact of theirs whose customer is not being rung: who is may answer at any moment, to nobody."""
        found = await self._mine(work, contact, agent, states)
        if found.callback and found.state is ContactState.ACCEPTED:
            still = {"contact": contact, "state": OPEN_PROMISES}
            if await rows.one(work.connection, desk_callbacks, **still) is not None:
                raise Conflict("The customer's phone is ringing. Wait until somebody answers or it stops")
        return found

    async def _other(self, contact: Contact, agent: AgentId, to_agent: AgentId) -> Agent:
        other = await self._attendance.agent(to_agent)
        if other.id == agent or not serves(other, contact):
            raise Conflict("That agent cannot take this contact")
        return other

    async def _freed(self, work: Work, agent: Agent, contact: Contact, *, hard: bool) -> None:
        idle: dict[str, Any] = {"last_contact_end": work.now}
        if agent.available_since is not None:
            idle["available_since"] = work.now
        after = await work.change_agent(agent, **idle)
        if hard:
            await self._attendance.rest(work, after, self._core.content(contact.tenant).times.rest_s)

    def _wrapped(
        self,
        contact: Contact,
        agent: AgentId,
        code: str,
        resolved: bool | None,
        events: list[tuple[datetime, Event]],
        now: datetime,
    ) -> WrappedUp:
        started = contact.active_at or contact.accepted_at or now
        ended = contact.wrapup_at or now
        hold_s = held_s(events, started, ended)
        talk_s = (ended - started).total_seconds() - hold_s
        return WrappedUp(
            handoff=contact.id,
            agent=agent,
            code=code,
            resolved=resolved,
            talk_s=max(0.0, talk_s),
            hold_s=hold_s,
            wrapup_s=(now - ended).total_seconds(),
        )


def held_s(events: list[tuple[datetime, Event]], started: datetime, ended: datetime) -> float:
    """Seconds the customer was on hold between two moments."""
    turns = [(at, event.on) for at, event in events if isinstance(event, HoldChanged)]
    turns = [(min(max(at, started), ended), on) for at, on in turns] + [(ended, False)]
    return sum((after - at).total_seconds() for (at, on), (after, _) in pairwise(turns) if on)


def _hard(event: Event) -> bool:
    return isinstance(event, Alerted) and event.alert in _HARD


def _room(agent: Agent, medium: Medium) -> None:
    if medium is Medium.VOICE and agent.load.get(Medium.VOICE, 0) > 0:
        raise Conflict("You are on the phone already")
