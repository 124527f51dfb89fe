"""Promises to call back: one per contact and one per number, with a place in the queue, a reference and a window.

The number is kept in the promise alone and removed when the promise is over; only that of a customer we tried and did
not reach stays a day longer, so that their calling back is recognised.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.desk.embedded_core import DeskCore, told_before
from voicebot.desk.embedded_work import Work
from voicebot.desk.model import Contact
from voicebot.desk.numbers import dialled, masked, place_of
from voicebot.domain import (
    CallbackBooked,
    CallbackWish,
    Channel,
    ContactState,
    ConversationId,
    HandoffId,
    Owner,
    TenantId,
)
from voicebot.errors import BadMessage, Conflict
from voicebot.store import desk as rows
from voicebot.store.desk_tables import OPEN_PROMISES, desk_callbacks, desk_contacts

REMEMBERED = timedelta(hours=24)
"""How long the number of a customer we could not reach is kept, for the case that they call back."""
_WAITING = (ContactState.QUEUED, ContactState.OFFERED)
_MERGED = "callback"
"""Outcome of a contact whose customer had a promise already."""


class PromiseState(StrEnum):
    """How a promise stands. The first two are open."""

    WAITING = "waiting"
    DIALLING = "dialling"
    ANSWERED = "answered"
    UNREACHED = "unreached"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Promise:
    """One promised callback, without its number. The window is what the customer was told."""

    contact: HandoffId
    tenant: TenantId
    reference: str
    state: PromiseState
    attempts: int
    created_at: datetime
    timezone: str
    from_at: datetime | None = None
    to_at: datetime | None = None
    tried_at: datetime | None = None
    outcome: str = ""


class Promises:
    """The book of promised callbacks."""

    def __init__(self, core: DeskCore) -> None:
        self._core = core

    async def keep_place(self, wish: CallbackWish) -> CallbackBooked:
        """See :meth:`voicebot.desk.port.HandoffDesk.keep_place`.

        Raises:
            BadMessage: the number cannot be dialled.
            Conflict: an agent has the contact already.
        """
        await self._core.fresh()
        hours = self._core.content(wish.tenant).hours
        number = dialled(wish.number, hours.country)
        if number is None:
            raise BadMessage("This number cannot be called back")
        wish = replace(wish, number=number, timezone=wish.timezone or place_of(number, str(hours.timezone)))
        for _ in range(20):
            try:
                async with self._core.work() as work:
                    return await self._book(work, wish)
            except IntegrityError:
                continue  # the number or the reference was taken at the same moment
        raise Conflict("The callback could not be booked; ask again")

    async def _book(self, work: Work, wish: CallbackWish) -> CallbackBooked:
        contact = await self._of_wish(work, wish)
        if contact is not None and contact.agent is not None:
            await work.agent(contact.agent)
        for known in await rows.number_known(work.connection, wish.tenant, wish.number):
            if known["state"] in OPEN_PROMISES:
                if not (await work.contact(known["contact"])).state.open:
                    await end_left(work.connection, known, work.now)
                    continue
                await self._join(work, wish, contact, known)
                return self._booked(wish, known["reference"], known["timezone"], known["from_at"], known["to_at"])
        if contact is None or not contact.state.open:
            contact = await self._new(work, wish, contact)
        elif contact.state not in _WAITING:
            raise Conflict("An agent has this contact already")
        own = await rows.one(work.connection, desk_callbacks, contact=contact.id)
        kept = own is not None and own["state"] in OPEN_PROMISES
        reference = own["reference"] if own is not None and kept else await self._reference(work, wish.tenant)
        not_before = self._not_before(wish, contact, work.now)
        low, high = self._window(contact, not_before or work.now)
        row: dict[str, Any] = {
            "number": wish.number,
            "timezone": wish.timezone or str(self._core.content(wish.tenant).hours.timezone),
            "state": PromiseState.WAITING.value,
            "from_at": low,
            "to_at": high,
            "created_at": work.now,
            "closed_at": None,
            "forget_at": None,
        }
        await work.move(
            contact,
            "callback_booked",
            detail=reference,
            who=contact.agent,
            state=ContactState.QUEUED,
            channel=Channel.VOICE,
            agent=None,
            lease_until=None,
            callback=True,
            promised=True,
            not_before=not_before,
        )
        if own is None:
            ours = {"contact": contact.id, "tenant": wish.tenant, "reference": reference}
            await rows.add(work.connection, desk_callbacks, ours | row)
        else:  # another number for the same promise, or a new promise after the first was kept
            anew: dict[str, Any] = {} if kept else {"reference": reference, "attempts": 0}
            await rows.change(work.connection, desk_callbacks, {"contact": contact.id}, row | anew)
        await rows.owner_to(work.connection, contact.conversation, (Owner.QUEUE.value,), Owner.BOT.value)
        return self._booked(wish, reference, row["timezone"], low, high)

    def _booked(
        self, wish: CallbackWish, reference: str, timezone: str, low: datetime | None, high: datetime | None
    ) -> CallbackBooked:
        """What the customer is told: times are those of the place that is rung."""
        hours = self._core.content(wish.tenant).hours
        there = ZoneInfo(timezone)
        abroad = low is not None and low.astimezone(there).utcoffset() != low.astimezone(hours.timezone).utcoffset()
        low, high = low and low.astimezone(there), high and high.astimezone(there)
        return CallbackBooked(reference, masked(wish.number, hours.country), low, high, abroad)

    async def _of_wish(self, work: Work, wish: CallbackWish) -> Contact | None:
        return None if wish.contact is None else await work.contact(wish.contact)

    async def _new(self, work: Work, wish: CallbackWish, over: Contact | None) -> Contact:
        """A contact for a customer who was not in the queue: closed, nobody there, or withdrawn before."""
        route = self._core.content(wish.tenant).route(wish.skills, wish.min_level, wish.language)
        name = HandoffId(f"cb-{wish.conversation}" + (f"-{over.attempt + 1}-{secrets.token_hex(2)}" if over else ""))
        if await rows.one(work.connection, desk_callbacks, contact=name) is not None:
            name = HandoffId(f"{name}-{secrets.token_hex(2)}")
        return await work.put(
            Contact(
                name,
                wish.tenant,
                wish.conversation,
                Channel.VOICE,
                wish.language,
                route.queue.id,
                route.required,
                min(wish.priority, route.queue.priority),
                over.enqueued_at if over is not None else work.now,
                reason=wish.reason,
                intent=wish.intent,
                callback=True,
            )
        )

    async def _join(self, work: Work, wish: CallbackWish, contact: Contact | None, known: RowMapping) -> None:
        """The number has a promise, perhaps from another conversation: this one's log tells of it, once."""
        if contact is not None and contact.state.open:
            if known["contact"] != contact.id and contact.state in _WAITING:
                await self._merge(work, contact, known["reference"])
            return
        own = await rows.many(work.connection, desk_contacts, conversation=wish.conversation)
        if not any(row["id"] == known["contact"] or row["outcome"] == _MERGED for row in own):
            await self._merge(work, await self._new(work, wish, contact), known["reference"])

    async def _merge(self, work: Work, contact: Contact, reference: str) -> None:
        """The customer has a promise already, with an earlier place: this contact adds nothing to it."""
        await self.end_within(work, contact, "merged")
        await work.move(
            contact,
            "callback_booked",
            detail=reference,
            who=contact.agent,
            state=ContactState.CANCELLED,
            agent=None,
            lease_until=None,
            closed_at=work.now,
            outcome=_MERGED,
            promised=True,
        )
        await rows.owner_to(work.connection, contact.conversation, (Owner.QUEUE.value,), Owner.BOT.value)

    def _not_before(self, wish: CallbackWish, contact: Contact, now: datetime) -> datetime | None:
        content, queue = self._core.content(wish.tenant), self._core.queue(contact)
        at = max(now, wish.not_before or now)
        if not content.open_at(queue, wish.skills, at):
            at = content.hours.next_opening(at) or at
        at = content.callback.next_ring(at, ZoneInfo(wish.timezone))
        return at if at > now else None

    def _window(self, contact: Contact, start: datetime) -> tuple[datetime | None, datetime | None]:
        told = told_before(contact)
        if told is None:
            return (start, None) if start > self._core.clock.now() else (None, None)
        return start + timedelta(minutes=told.low_min), start + timedelta(minutes=told.high_min)

    async def _reference(self, work: Work, tenant: TenantId) -> str:
        """``T-`` and four digits, or more when those run out; no two promises of a company share one."""
        for digits in (4, 4, 4, 5, 5, 6, 8):
            reference = f"T-{secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1)}"
            if await rows.one(work.connection, desk_callbacks, tenant=tenant, reference=reference) is None:
                return reference
        raise Conflict("No reference is free")

    async def of(self, contact: HandoffId) -> Promise | None:
        """The promise of a contact."""
        async with self._core.store.reading() as connection:
            row = await rows.one(connection, desk_callbacks, contact=contact)
        return None if row is None else promise_from(row)

    async def callback_of(self, tenant: TenantId, number: str) -> Promise | None:
        """The promise for a number that calls in: the open one, else the latest that did not reach the customer."""
        country = self._core.content(tenant).hours.country
        async with self._core.store.reading() as connection:
            found = await rows.number_known(connection, tenant, dialled(number, country) or number)
        known = [promise_from(row) for row in found]
        return next((item for item in known if item.state in OPEN_PROMISES), known[0] if known else None)

    async def end_within(self, work: Work, contact: Contact, outcome: str) -> None:
        """The contact is withdrawn: so is its promise, and the number is forgotten."""
        over = {"state": PromiseState.CANCELLED.value, "number": None, "closed_at": work.now, "outcome": outcome}
        still = {"contact": contact.id, "state": OPEN_PROMISES}
        await rows.change(work.connection, desk_callbacks, still, over)

    async def interrupted(self, work: Work, contact: Contact) -> None:
        """The agent was lost before the customer answered: the promise stands."""
        still = {"contact": contact.id, "state": PromiseState.DIALLING.value}
        waiting = {"state": PromiseState.WAITING.value, "node": "", "outcome": "cancelled"}
        await rows.change(work.connection, desk_callbacks, still, waiting)

    async def conversation_of(self, reference: str, tenant: TenantId) -> ConversationId | None:
        """Which conversation a promise came from, by what the customer quotes."""
        async with self._core.store.reading() as connection:
            row = await rows.one(connection, desk_callbacks, tenant=tenant, reference=reference.strip().upper())
        found = None if row is None else await self._core.find(row["contact"])
        return None if found is None else found.conversation


async def end_left(connection: AsyncConnection, promise: RowMapping, now: datetime) -> None:
    """The contact is over and the promise is not: nobody would ever ring, so it is over too."""
    tried = promise["attempts"] > 0
    over: dict[str, Any] = {
        "state": (PromiseState.UNREACHED if tried else PromiseState.CANCELLED).value,
        "outcome": promise["outcome"] or "cancelled",
        "node": "",
        "closed_at": now,
    }
    still = {"contact": promise["contact"], "state": promise["state"]}
    await rows.change(
        connection, desk_callbacks, still, over | ({"forget_at": now + REMEMBERED} if tried else {"number": None})
    )


def promise_from(row: RowMapping) -> Promise:
    """A promise as it is kept."""
    return Promise(
        row["contact"],
        row["tenant"],
        row["reference"],
        PromiseState(row["state"]),
        row["attempts"],
        row["created_at"],
        row["timezone"],
        row["from_at"],
        row["to_at"],
        row["tried_at"],
        row["outcome"],
    )
