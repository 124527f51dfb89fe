"""One agent's console: what it knows, what it is told, and what it follows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Literal

from voicebot.desk import QueueNow, Task
from voicebot.desk.model import Agent, Contact
from voicebot.domain import (
    AgentId,
    ContactState,
    HandoffId,
    Presence,
    TenantId,
)
from voicebot.errors import NotFound, VoicebotError
from voicebot.people import Capability, SignedIn, may
from voicebot.web.desk.access import agent_id, tenants_of
from voicebot.web.desk.frames import (
    AgentNews,
    Alert,
    ContactNews,
    Hello,
    Invite,
    InviteOver,
    Offer,
    OfferOver,
    QueuesNews,
    TaskNews,
    Trouble,
)
from voicebot.web.desk.leaving import SIGNED_OUT, console_session
from voicebot.web.desk.listening import Listening
from voicebot.web.desk.opening import look, state_frame
from voicebot.web.desk.outbox import Outbox
from voicebot.web.desk.parts import DeskParts
from voicebot.web.desk.showing import (
    agent_view,
    bare_headline,
    contact_view,
    headline_view,
    names_of,
    packet_address,
    queue_view,
    task_view,
)
from voicebot.web.desk.signs import InviteOverSign, InviteSign, Sign, TakenOver, Troubled
from voicebot.web.desk.views import ContactView

_log = logging.getLogger(__name__)
_PACKET_S = 0.7
_MINE = (ContactState.OFFERED, ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)
_FOLLOWED = _MINE[1:]
_OVERFLOW = 1000


class Replaced(Exception):
    """Another window of the same agent is the one that counts."""


class Console:
    """A :class:`~voicebot.web.desk.floors.Watcher`. Changes wait in an inbox and are dealt with one after the other."""

    def __init__(self, desk: DeskParts, signed: SignedIn, outbox: Outbox, group: asyncio.TaskGroup) -> None:
        self._desk, self._ports, self.signed, self._outbox, self._group = desk, desk.ports, signed, outbox, group
        self.session = console_session(signed)
        self.agent: AgentId | None = None
        self.tenants: Sequence[TenantId] = tenants_of(signed.person, tuple(desk.ports.companies))
        self._leads = {tenant for tenant in self.tenants if may(signed.person, Capability.SEE_FLOOR, tenant)}
        self._mine: dict[HandoffId, Contact] = {}
        self.listening = Listening(
            desk.ports, desk.signs, outbox, group, self._accompany if desk.ports.assist is not None else None
        )
        self._inbox: asyncio.Queue[Contact | None] = asyncio.Queue(_OVERFLOW)
        self._presence: Presence | None = None
        self._names: dict[AgentId, str] = {}
        self._shown = False
        """Before the state was sent, only changes of contacts are kept; the state holds everything else."""

    @property
    def mine(self) -> Sequence[Contact]:
        """Contacts of this agent, as last heard of."""
        return tuple(self._mine.values())

    # --- beginning ----------------------------------------------------------------------------------------------------

    async def begin(self, hello: Hello) -> None:
        """Sign the agent in and show everything."""
        self.listening.begin(hello.seen)
        if hello.takes_contacts:
            await self._sign_in(hello)
        await self.show_state()
        if self.agent is not None:
            self._group.create_task(self._hear_signs(self.agent))
        self._group.create_task(self._work())

    async def wake(self) -> None:
        """The desk counted this console as dead, or the agent went offline: begin again, on a break."""
        if self.agent is not None:
            await self._ports.desk.sign_in(self.agent, self.session, self._ports.settings.node)
            self.missed_something()

    async def check_session(self) -> bool:
        """Whether the agent has left on purpose. Raises Replaced when another session is the agent's own now."""
        if self.agent is None:
            return False
        now = await self._ports.desk.agent(self.agent)
        if now.session not in ("", self.session):
            raise Replaced
        return now.presence is Presence.OFFLINE and now.presence_reason == SIGNED_OUT

    async def _sign_in(self, hello: Hello) -> None:
        """A reconnect goes on with the presence it had; only a new beginning is a break."""
        me, desk = agent_id(self.signed), self._ports.desk
        try:
            before = await desk.agent(me)
        except NotFound:
            return
        await desk.sign_in(me, self.session, self._ports.settings.node)
        self.agent = me
        await self._desk.signs.to_agent(me, TakenOver(by=self.session))
        if hello.presence is not None:
            await desk.set_presence(me, Presence(hello.presence), "")
        elif before.presence in (Presence.AVAILABLE, Presence.BREAK):
            await desk.set_presence(me, before.presence, before.presence_reason)

    async def show_state(self) -> None:
        """The present state, whole; offers that still ring are offered again."""
        shown = await look(self._desk, self.signed, self.agent, self.tenants)
        self._names = names_of(shown.team)
        self._presence = shown.me.presence if shown.me is not None else None
        self._mine = {contact.id: contact for contact in shown.contacts}
        self._outbox.push(state_frame(self._desk, self.signed, shown))
        self._shown = True
        for contact in shown.contacts:
            if contact.state is ContactState.OFFERED:
                await self._offer(contact)
        self.listening.own(one for one in self._mine.values() if one.state in _FOLLOWED)

    # --- news of the floor; none of these waits -----------------------------------------------------------------------

    def contact_changed(self, contact: Contact) -> None:
        """A contact is different now."""
        if contact.id in self._mine or (self.agent is not None and contact.agent == self.agent):
            self._put(contact)
        elif self._shown and self.agent is None and contact.tenant in self._leads:
            self._outbox.push(ContactNews(contact=self._view(contact), mine=False))

    def agent_changed(self, agent: Agent) -> None:
        """An agent is different now."""
        self._names[agent.id] = agent.name
        me = agent.id == self.agent
        if not self._shown:
            return
        self._outbox.push(AgentNews(agent=agent_view(agent), me=me))
        if me:
            if agent.presence is Presence.NO_ANSWER and self._presence is not Presence.NO_ANSWER:
                self._outbox.push(Alert(kind="offer_missed"))
            self._presence = agent.presence
            if agent.session != self.session:
                self._group.create_task(self.check_session())

    def task_changed(self, task: Task) -> None:
        """A task is different now."""
        if self._shown and (task.owner == self.signed.person.id or task.tenant in self._leads):
            self._outbox.push(TaskNews(task=task_view(task, self._ports.clock.now(), self._names)))

    def alerted(self, tenant: TenantId, what: str) -> None:
        """Something a leader should look at."""
        kind, _, about = what.partition(":")
        if self._shown and tenant in self._leads:
            self._outbox.push(Alert(kind=kind, detail=about))

    def queues_changed(self, tenant: TenantId, queues: Sequence[QueueNow]) -> None:
        """The queues of a company."""
        if self._shown:
            self._outbox.push(QueuesNews(queues=[queue_view(queue, self.signed.person.language) for queue in queues]))

    def missed_something(self) -> None:
        """Start from the present state."""
        self._put(None)

    def _put(self, contact: Contact | None) -> None:
        try:
            self._inbox.put_nowait(contact)
        except asyncio.QueueFull:
            self._outbox.overflowed.set()

    # --- my contacts --------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            contact = await self._inbox.get()
            try:
                await (self.show_state() if contact is None else self._changed(contact))
            except VoicebotError as error:
                _log.error("a console is told late: %s", type(error).__name__)
                self._outbox.push(Trouble(code="unavailable", message="The desk does not answer now. Reload."))

    async def _changed(self, contact: Contact) -> None:
        before = self._mine.get(contact.id)
        if before is not None and before.version >= contact.version:
            return
        mine = contact.agent == self.agent and contact.state in _MINE
        if mine:
            self._mine[contact.id] = contact
        else:
            self._mine.pop(contact.id, None)
        rang = before is not None and before.state is ContactState.OFFERED
        if mine and contact.state is ContactState.OFFERED:
            if before is None or not rang or before.offered_at != contact.offered_at:
                await self._offer(contact)
            return
        if before is not None and rang:
            self._outbox.push(OfferOver(contact=contact.id, why=_why(before, contact, mine, self._ports.clock.now())))
        self._outbox.push(ContactNews(contact=self._view(contact), mine=mine))
        self.listening.own(one for one in self._mine.values() if one.state in _FOLLOWED)

    async def _offer(self, contact: Contact) -> None:
        """The headline first; a packet that is late does not hold the offer back."""
        person, company = self.signed.person, self._desk.access.company_of(contact.tenant)
        headline = bare_headline(contact, company, person.language)
        try:
            async with asyncio.timeout(_PACKET_S):
                headline = headline_view(await self._ports.packets.packet(contact, person.language))
        except (VoicebotError, TimeoutError, KeyError, ValueError) as error:
            _log.warning("contact %s is offered without its packet: %s", contact.id, type(error).__name__)
        self._outbox.push(
            Offer(
                contact=self._view(contact).model_copy(update={"headline": headline}),
                headline=headline,
                lease_until=contact.lease_until,
                packet=packet_address(contact),
                server_time=self._ports.clock.now(),
            )
        )

    def _view(self, contact: Contact) -> ContactView:
        return contact_view(
            contact,
            self._desk.access.company_of(contact.tenant),
            self.signed.person.language,
            self._ports.clock.now(),
            self._names,
        )

    async def _accompany(self, contact: Contact) -> None:
        if self._ports.assist is not None:
            brand = self._desk.access.company_of(contact.tenant).brand.get(contact.language, "")
            await self._ports.assist.accompany(contact, self.signed.person.name, brand)

    # --- signs --------------------------------------------------------------------------------------------------------

    async def _hear_signs(self, agent: AgentId) -> None:
        async with aclosing(self._desk.signs.of_agent(agent)) as signs:
            async for sign in signs:
                await self._sign(agent, sign)

    async def _sign(self, agent: AgentId, sign: Sign) -> None:
        match sign:
            case TakenOver(by=by) if by != self.session:
                await self.check_session()
            case Troubled():
                self._outbox.push(Trouble(code=sign.code, message=sign.message, contact=sign.contact or None))
            case InviteOverSign():
                self._outbox.push(InviteOver(contact=sign.contact))
            case InviteSign():
                await self._invited(agent, sign)

    async def _invited(self, agent: AgentId, sign: InviteSign) -> None:
        invitation = self._desk.invitations.read(sign.invite, agent)
        if invitation is None:
            return
        try:
            contact = await self._ports.desk.contact(invitation.contact)
        except VoicebotError as error:
            _log.warning("an invitation was lost: %s", type(error).__name__)
            return
        self._outbox.push(
            Invite(
                contact=contact.id,
                conversation=contact.conversation,
                medium=contact.medium.value,
                by=sign.by,
                by_name=sign.by_name,
                note=sign.note,
                invite=sign.invite,
                expires_at=invitation.until,
                packet=f"{packet_address(contact)}?invite={sign.invite}",
            )
        )


def _why(
    before: Contact, now: Contact, mine: bool, at: datetime
) -> Literal["accepted", "declined", "timed_out", "withdrawn"]:
    if mine:
        return "accepted"
    if now.state is not ContactState.QUEUED or before.agent not in now.excluded:
        return "withdrawn"
    return "timed_out" if before.lease_until is not None and before.lease_until <= at else "declined"
