"""Keeping a promise: once an agent has taken a callback, the customer is rung, once, and what came of it is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from voicebot.desk.callbacks import REMEMBERED, PromiseState, end_left
from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_work import Work
from voicebot.desk.model import Contact
from voicebot.domain import CallbackTried, ContactState, HandoffId, Owner, TenantId
from voicebot.errors import Conflict, NotFound, VoicebotError
from voicebot.store import desk as rows
from voicebot.store.desk_tables import OPEN_PROMISES, desk_callbacks, desk_tasks

_log = logging.getLogger(__name__)

_UNSETTLED = timedelta(seconds=60)
"""A dial of which nothing is heard for so long after it must have ended was lost with its process."""


class DialOutcome(StrEnum):
    """What came of ringing a customer."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Dialler(Protocol):
    """Rings customers; the calls themselves are none of the desk's business."""

    async def ring(self, contact: Contact, number: str, ring_s: float) -> DialOutcome:
        """Ring for so many seconds at most and say what came of it; answered: the agent's line is being joined."""
        ...


class Dialling:
    """Dials what agents have accepted. One live dial per promise, whatever happens around it."""

    def __init__(self, core: DeskCore, dialler: Dialler | None) -> None:
        self._core, self._dialler = core, dialler
        self._ringing: set[asyncio.Task[DialOutcome | None]] = set()

    def start(self, contact: Contact) -> None:
        """Ring in the background."""
        task = asyncio.get_running_loop().create_task(self.dial(contact.id), name=f"dial {contact.id}")
        self._ringing.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[DialOutcome | None]) -> None:
        self._ringing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("A callback could not be dialled: %s", type(error).__name__)

    async def close(self) -> None:
        """Stop ringing; promises that were being dialled are taken up again."""
        for task in tuple(self._ringing):
            task.cancel()
        await asyncio.gather(*self._ringing, return_exceptions=True)

    async def dial(self, contact: HandoffId) -> DialOutcome | None:
        """Ring the customer of an accepted callback; None when it is not to be rung now."""
        claimed = await self._claim(contact)
        if claimed is None:
            return None
        found, number = claimed
        ring_s = self._core.content(found.tenant).callback.ring_s
        outcome = DialOutcome.FAILED
        try:
            if self._dialler is not None:
                outcome = await self._dialler.ring(found, number, ring_s)
        except VoicebotError as error:
            _log.warning("Ringing a customer back failed: %s", type(error).__name__)
        except asyncio.CancelledError:
            await asyncio.shield(self.settle(contact, DialOutcome.CANCELLED))
            raise
        await self.settle(contact, outcome)
        return outcome

    async def _claim(self, contact: HandoffId) -> tuple[Contact, str] | None:
        """Take the promise for this one dial: waiting to dialling, by one conditional write."""
        async with self._core.work() as work:
            found = await work.contact(contact)
            if found.state is not ContactState.ACCEPTED or not found.callback:
                return None
            promise = await rows.one(work.connection, desk_callbacks, contact=contact)
            if promise is None or promise["state"] != PromiseState.WAITING.value or promise["number"] is None:
                return None
            rules = self._core.content(found.tenant).callback
            zone = ZoneInfo(promise["timezone"])
            if not rules.may_ring(work.now, zone):
                await self._later(work, found, "outside_hours", rules.next_ring(work.now, zone) - work.now)
                return None
            still = {"contact": contact, "state": PromiseState.WAITING.value, "attempts": promise["attempts"]}
            ringing = {
                "state": PromiseState.DIALLING.value,
                "attempts": promise["attempts"] + 1,
                "tried_at": work.now,
                "node": self._core.node,
            }
            if await rows.change(work.connection, desk_callbacks, still, ringing) is None:
                return None
            return found, promise["number"]

    async def settle(self, contact: HandoffId, outcome: DialOutcome) -> None:
        """Keep what came of a dial: the talk begins, another attempt is due, or the promise is over."""
        while True:
            try:
                async with self._core.work() as work:
                    found = await work.contact(contact)
                    if found.agent is not None:
                        await work.agent(found.agent)
                    return await self._settle(work, found, outcome)
            except Conflict:
                await asyncio.sleep(0)

    async def _settle(self, work: Work, contact: Contact, outcome: DialOutcome) -> None:
        promise = await rows.one(work.connection, desk_callbacks, contact=contact.id)
        if promise is None or promise["state"] != PromiseState.DIALLING.value:
            return
        tried = CallbackTried(reference=promise["reference"], attempt=promise["attempts"], outcome=outcome.value)
        pause_s = self._core.content(contact.tenant).callback.pause_s(promise["attempts"])
        ours = contact.state is ContactState.ACCEPTED
        again = PromiseState.WAITING if ours else PromiseState.UNREACHED
        match outcome:
            case DialOutcome.ANSWERED:
                await self._promise(work, contact, PromiseState.ANSWERED, outcome)
                await work.log(contact.conversation, tried)
                if ours:
                    talk: dict[str, Any] = {
                        "state": ContactState.ACTIVE,
                        "active_at": work.now,
                        "node": self._core.node,
                    }
                    await work.move(contact, "active", answered_at=work.now, **talk)
            case DialOutcome.WRONG_NUMBER:
                await self._promise(work, contact, PromiseState.CANCELLED, outcome)
                await self._give_up(work, contact, tried, outcome)
            case DialOutcome.CANCELLED:
                await self._promise(work, contact, again, outcome)
                await self._later(work, contact, outcome.value, timedelta(0), tried)
            case _ if pause_s is None:
                await self._promise(work, contact, PromiseState.UNREACHED, outcome)
                await self._give_up(work, contact, tried, outcome)
            case _:
                await self._promise(work, contact, again, outcome)
                await self._later(work, contact, outcome.value, timedelta(seconds=pause_s), tried)

    async def _promise(self, work: Work, contact: Contact, state: PromiseState, outcome: DialOutcome) -> None:
        values: dict[str, Any] = {"state": state.value, "outcome": outcome.value, "node": ""}
        if state.value not in OPEN_PROMISES:
            unreached = state is PromiseState.UNREACHED
            values |= {"closed_at": work.now} | (
                {"forget_at": work.now + REMEMBERED} if unreached else {"number": None}
            )
        still = {"contact": contact.id, "state": PromiseState.DIALLING.value}
        if await rows.change(work.connection, desk_callbacks, still, values) is None:
            raise Conflict("This promise has moved on")

    async def _later(self, work: Work, contact: Contact, why: str, pause: timedelta, *tried: CallbackTried) -> None:
        """The agent is free again; the customer keeps the place and is rung later."""
        if contact.state is not ContactState.ACCEPTED:
            await work.log(contact.conversation, *tried)
            return
        promise = await rows.one(work.connection, desk_callbacks, contact=contact.id)
        zone = (
            ZoneInfo(promise["timezone"]) if promise is not None else self._core.content(contact.tenant).hours.timezone
        )
        await work.move(
            contact,
            "withdrawn",
            *tried,
            detail=why,
            state=ContactState.QUEUED,
            agent=None,
            accepted_at=None,
            offered_at=None,
            not_before=self._core.content(contact.tenant).callback.next_ring(work.now + pause, zone),
            attempt=contact.attempt + 1,
        )
        await rows.owner_to(work.connection, contact.conversation, (Owner.AGENT.value,), Owner.BOT.value)

    async def _give_up(self, work: Work, contact: Contact, tried: CallbackTried, outcome: DialOutcome) -> None:
        """No further attempt: the contact is over, and a person is asked to look after the customer."""
        if contact.state is ContactState.ACCEPTED or contact.state is ContactState.QUEUED:
            gone: dict[str, Any] = {"state": ContactState.FAILED, "agent": None, "closed_at": work.now}
            await work.move(
                contact, "failed", tried, detail=outcome.value, who=contact.agent, outcome=outcome.value, **gone
            )
            await rows.owner_to(work.connection, contact.conversation, (Owner.AGENT.value,), Owner.BOT.value)
        task: dict[str, Any] = {
            "id": uuid4().hex,
            "tenant": contact.tenant,
            "kind": "callback",
            "owner": contact.agent,
            "due_at": work.now + timedelta(days=1),
            "text": f"{tried.reference}: {outcome.value}",
            "state": "open",
            "conversation": contact.conversation,
            "contact": contact.id,
            "created_at": work.now,
        }
        await rows.add(work.connection, desk_tasks, task)
        await work.announce(contact.tenant, "task", str(task["id"]))

    async def node_gone(self, node: str) -> None:
        """A process died while it dialled: its attempts failed."""
        async with self._core.store.reading() as connection:
            ringing = await rows.many(connection, desk_callbacks, state=PromiseState.DIALLING.value, node=node)
        await self._failed(ringing)

    async def lost(self) -> None:
        """Dials that must have ended long ago, of a process that was started anew under its name: they failed."""
        async with self._core.store.reading() as connection:
            ringing = await rows.many(connection, desk_callbacks, state=PromiseState.DIALLING.value)
        now = self._core.clock.now()
        await self._failed([row for row in ringing if row["tried_at"] + self._longest(row["tenant"]) <= now])

    def _longest(self, tenant: TenantId) -> timedelta:
        return timedelta(seconds=self._core.content(tenant).callback.ring_s) + _UNSETTLED

    async def _failed(self, ringing: Sequence[RowMapping]) -> None:
        for row in ringing:
            try:
                await self.settle(row["contact"], DialOutcome.FAILED)
            except NotFound:
                continue

    async def forget(self) -> None:
        """End promises whose contact is over; remove the numbers of customers who did not call back in time."""
        async with self._core.store.writing() as connection:
            now = self._core.clock.now()
            for left in await rows.promises_left(connection):
                await end_left(connection, left, now)
            await rows.forget_numbers(connection, now)

    async def postpone(self) -> None:
        """Callbacks whose turn has come where it is no decent time of day wait until it is."""
        async with self._core.store.reading() as connection:
            waiting = await rows.many(connection, desk_callbacks, state=PromiseState.WAITING.value)
        now = self._core.clock.now()
        for row in waiting:
            contact = self._core.board.contact(row["contact"])
            if contact is None or contact.state is not ContactState.QUEUED or (contact.not_before or now) > now:
                continue
            rules, zone = self._core.content(contact.tenant).callback, ZoneInfo(row["timezone"])
            if not rules.may_ring(now, zone):
                try:
                    async with self._core.work() as work:
                        await work.touch(contact, not_before=rules.next_ring(now, zone))
                except Conflict:
                    continue
