"""Asking for a person, and leaving again: how contacts come into the queue and out of it by the customer's wish."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from voicebot.desk.callbacks import Promises
from voicebot.desk.company import Route
from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_rows import contact_from
from voicebot.desk.embedded_work import Work
from voicebot.desk.model import Contact, Medium
from voicebot.desk.relax import first_possible
from voicebot.desk.rules import EMERGENCY_PRIORITY
from voicebot.desk.wait import long_wait
from voicebot.domain import (
    Channel,
    ContactChanged,
    ContactState,
    DeskAnswer,
    DeskReply,
    HandoffId,
    HandoffRequest,
    Owner,
)
from voicebot.errors import Conflict
from voicebot.store import desk as rows
from voicebot.store.desk_tables import desk_contacts, desk_tasks

_WAITING = (ContactState.QUEUED, ContactState.OFFERED)
_FOLLOW_UP_WITHIN = timedelta(hours=4)
LOST_LINE = "system"
"""Why a contact was withdrawn whose customer did not want to leave."""
_SOON = timedelta(minutes=30)


class _JustMoved(Exception):
    """Somebody else changed the contact between reading and writing it."""


class Asking:
    """Takes requests and withdrawals of the customer's side."""

    def __init__(self, core: DeskCore, promises: Promises) -> None:
        self._core, self._promises = core, promises

    async def request(self, wish: HandoffRequest) -> DeskReply:
        """See :meth:`voicebot.desk.port.HandoffDesk.request`."""
        await self._core.fresh()
        content, now = self._core.content(wish.tenant), self._core.clock.now()
        known = await self._known(wish.handoff_id)
        if known is not None:
            return await self.reply_for(known)
        route = content.route(wish.skills, wish.min_level, wish.language)
        if not wish.waiting:
            return await self._follow_up(wish, route)
        contact = self._contact(wish, route)
        if not content.open_at(route.queue, wish.skills, now):
            opens_at = content.hours.next_opening(now)
            return DeskReply(DeskAnswer.CLOSED, queue=route.queue.id, opens_at=opens_at, callback_offered=True)
        if first_possible(contact, route.queue, self._core.board.agents(wish.tenant)) is None:
            await self._alert(wish, route)
            return DeskReply(DeskAnswer.UNSTAFFED, queue=route.queue.id, callback_offered=True)
        return await self.reply_for(await self._enqueue(await self._as_before(contact)))

    async def reply_for(self, contact: Contact) -> DeskReply:
        """What to say about a contact that is in the books."""
        if contact.callback:
            promise = await self._promises.of(contact.id)
            return DeskReply(
                DeskAnswer.RECORDED, contact.id, contact.queue, reference=promise.reference if promise else None
            )
        if contact.state not in _WAITING:
            answer = DeskAnswer.QUEUED if contact.state.open else DeskAnswer.RECORDED
            return DeskReply(answer, contact.id, contact.queue)
        content, queue = self._core.content(contact.tenant), self._core.queue(contact)
        place, expected_s = self._core.place(contact), await self._core.expected_s(contact)
        wait = await self._core.promise(contact, expected_s)
        ahead = sum(
            1
            for other in self._core.board.contacts(contact.tenant)
            if other.queue == contact.queue and other.state in _WAITING and other.id != contact.id
        )
        long = contact.priority > EMERGENCY_PRIORITY and long_wait(
            expected_s, ahead, queue.cap, content.times.long_wait_s
        )
        return DeskReply(
            DeskAnswer.LONG if long else DeskAnswer.QUEUED,
            contact.id,
            contact.queue,
            position=place,
            wait=wait,
            callback_offered=long,
            chat_offered=long and contact.medium is Medium.VOICE,
        )

    async def cancel(self, contact: HandoffId, why: str) -> bool:
        """See :meth:`voicebot.desk.port.HandoffDesk.cancel`."""
        while True:
            try:
                async with self._core.work() as work:
                    return await self._withdraw(work, await work.contact(contact), why)
            except Conflict:
                await asyncio.sleep(0)

    async def moved_channel(self, contact: HandoffId, channel: Channel) -> bool:
        """The customer goes on by another channel: the same contact at the same place. False when it was over.

        An offer that is out is taken back first: it was made for the other channel.

        Raises:
            Conflict: somebody has taken it already.
        """
        while True:
            try:
                async with self._core.work() as work:
                    return await self._change_channel(work, await work.contact(contact), channel)
            except _JustMoved:
                await asyncio.sleep(0)

    async def _change_channel(self, work: Work, contact: Contact, channel: Channel) -> bool:
        if contact.state in (ContactState.ACCEPTED, ContactState.ACTIVE):
            raise Conflict("Somebody has taken this contact already")
        if contact.state not in _WAITING or contact.callback:
            return False
        if contact.channel is channel:
            return True
        try:
            if contact.state is ContactState.OFFERED and contact.agent is not None:
                who = contact.agent
                await work.agent(who)
                back: dict[str, Any] = {"state": ContactState.QUEUED, "agent": None, "lease_until": None}
                contact = await work.move(contact, "withdrawn", detail="moved", who=who, offered_at=None, **back)
            await work.touch(contact, channel=channel)
        except Conflict:
            raise _JustMoved from None
        return True

    async def _withdraw(self, work: Work, contact: Contact, why: str) -> bool:
        match contact.state:
            case ContactState.QUEUED | ContactState.OFFERED | ContactState.ACCEPTED:
                who = contact.agent
                if who is not None:
                    await work.agent(who)
                gone: dict[str, Any] = {
                    "state": ContactState.CANCELLED,
                    "agent": None,
                    "lease_until": None,
                    "closed_at": work.now,
                }
                await work.move(contact, "cancelled", detail=why, who=who, outcome=why[:64] or "left", **gone)
                await rows.owner_to(
                    work.connection,
                    contact.conversation,
                    (Owner.QUEUE.value, Owner.AGENT.value),
                    Owner.BOT.value,
                )
                await self._promises.end_within(work, contact, "cancelled")
                return True
            case ContactState.ACTIVE:
                await work.move(contact, "wrapup", detail=why, state=ContactState.WRAPUP, wrapup_at=work.now)
                return True
            case _:
                return False

    async def _known(self, contact: HandoffId) -> Contact | None:
        known = self._core.board.contact(contact)
        if known is not None:
            return known
        return await self._core.find(contact)

    def _contact(self, wish: HandoffRequest, route: Route) -> Contact:
        now = self._core.clock.now()
        hold_s = self._core.content(wish.tenant).times.hold_s
        return Contact(
            wish.handoff_id,
            wish.tenant,
            wish.conversation,
            wish.channel,
            wish.language,
            route.queue.id,
            route.required,
            min(wish.priority, route.queue.priority),
            now,
            reason=wish.reason,
            intent=wish.intent,
            preferred_agent=wish.preferred_agent,
            hold_until=now + timedelta(seconds=hold_s) if wish.preferred_agent is not None else None,
            node=wish.node,
        )

    async def _as_before(self, contact: Contact) -> Contact:
        """Who lost the line while waiting and comes back soon has waited since they first asked."""
        async with self._core.store.reading() as connection:
            found = await rows.many(
                connection, desk_contacts, conversation=contact.conversation, state=ContactState.CANCELLED.value
            )
        earlier = [contact_from(row) for row in found if row["outcome"] == LOST_LINE]
        soon = [one.enqueued_at for one in earlier if one.closed_at and contact.enqueued_at - one.closed_at <= _SOON]
        return replace(contact, enqueued_at=min(soon, default=contact.enqueued_at))

    async def _enqueue(self, contact: Contact) -> Contact:
        try:
            async with self._core.work() as work:
                put = await work.put(contact, work.told(contact, "queued"))
                await work.lead(put, (Owner.BOT,), Owner.QUEUE)
                return put
        except IntegrityError:
            known = await self._core.find(contact.id)
            if known is None:
                raise Conflict(f"Conversation {contact.conversation} is not in the log") from None
            return known

    async def _follow_up(self, wish: HandoffRequest, route: Route) -> DeskReply:
        """Nobody waits: a task for the team, made once."""
        now = self._core.clock.now()
        opens_at = self._core.content(wish.tenant).hours.next_opening(now) or now
        task: dict[str, Any] = {
            "id": wish.handoff_id[:64],
            "tenant": wish.tenant,
            "kind": "follow_up",
            "due_at": max(opens_at, now) + _FOLLOW_UP_WITHIN,
            "text": wish.intent or wish.reason.value,
            "state": "open",
            "conversation": wish.conversation,
            "contact": wish.handoff_id,
            "created_at": now,
        }
        recorded = ContactChanged(
            handoff=wish.handoff_id, change="closed", queue=route.queue.id, priority=wish.priority, detail="follow_up"
        )
        try:
            async with self._core.work() as work:
                await rows.add(work.connection, desk_tasks, task)
                await work.log(wish.conversation, recorded)
                await work.announce(wish.tenant, "task", task["id"])
        except IntegrityError:
            pass  # asked again: the task is there
        return DeskReply(DeskAnswer.RECORDED, queue=route.queue.id, reference=None)

    async def _alert(self, wish: HandoffRequest, route: Route) -> None:
        async with self._core.work() as work:
            await work.announce(wish.tenant, "alert", f"unstaffed:{route.queue.id}")
