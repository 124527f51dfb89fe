"""An outside desk as a :class:`~voicebot.desk.port.HandoffDesk`; what is particular to a system is its remote."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from voicebot.clock import Clock
from voicebot.desk.model import Contact
from voicebot.desk.outside.handed import conversation_of, handed_over
from voicebot.domain import (
    AgentId,
    AgentSaid,
    CallbackBooked,
    CallbackWish,
    ContactChanged,
    ConversationId,
    DeskAnswer,
    DeskNews,
    DeskReply,
    Ended,
    Event,
    HandoffId,
    HandoffRequest,
    Heard,
    Language,
    NewsKind,
    Owner,
    Recorded,
    Source,
    UtteranceId,
    Wait,
)
from voicebot.errors import BackendError, Conflict, NotFound
from voicebot.store import SqlStore, whole_log

_log = logging.getLogger(__name__)

_OVER = frozenset({"closed", "cancelled", "failed", "returned", "callback_booked"})
_NEWS = {
    "queued": NewsKind.WAITING,
    "accepted": NewsKind.TAKEN,
    "active": NewsKind.TAKEN,
    "lost": NewsKind.LOST,
    "transferred": NewsKind.MOVED,
    "returned": NewsKind.RETURNED,
    "closed": NewsKind.OVER,
    "cancelled": NewsKind.OVER,
    "failed": NewsKind.FAILED,
    "callback_booked": NewsKind.CALLBACK,
}
Change = Literal["queued", "accepted", "lost", "transferred", "returned", "closed", "cancelled", "failed"]
_OWNERS: Mapping[str, tuple[Owner, Owner]] = {
    "accepted": (Owner.QUEUE, Owner.AGENT),
    "lost": (Owner.AGENT, Owner.QUEUE),
    "transferred": (Owner.AGENT, Owner.QUEUE),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """What an outside desk reports. ``id`` makes a report idempotent; customers are told ``agent_name``."""

    id: str
    change: Change
    agent: str = ""
    agent_name: str = ""
    position: int | None = None
    low_min: int | None = None
    high_min: int | None = None
    detail: str = ""


class Remote(Protocol):
    """One outside system. Every method may raise BackendError."""

    async def submit(self, wish: HandoffRequest, packet: Mapping[str, Any]) -> DeskReply:
        """Hand a contact over; the same id twice is one contact."""
        ...

    async def withdraw(self, contact: HandoffId, why: str) -> None:
        """The customer left."""
        ...

    async def say(self, contact: HandoffId, id: str, text: str, language: Language) -> None:
        """Words of the customer while an agent has the chat. May come again with the same id."""
        ...

    async def call_back(self, wish: CallbackWish) -> CallbackBooked:
        """Book a call."""
        ...


Packet = Callable[[HandoffRequest], Awaitable[Mapping[str, Any]]]


class OutsideDesk:
    """Hands contacts to a remote, keeps how they stand in the log, and carries chat words both ways."""

    def __init__(self, store: SqlStore, remote: Remote, packet: Packet, clock: Clock) -> None:
        self._store, self._remote, self._packet, self._clock = store, remote, packet, clock
        self._relays: dict[HandoffId, asyncio.Task[None]] = {}

    async def close(self) -> None:
        """Stop carrying words; the contacts stay where they are."""
        tasks = tuple(self._relays.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def request(self, wish: HandoffRequest) -> DeskReply:
        """See :meth:`voicebot.desk.port.HandoffDesk.request`. Raises BackendError when the outside desk is away."""
        reply = await self._remote.submit(wish, await self._packet(wish))
        if reply.answer in (DeskAnswer.QUEUED, DeskAnswer.LONG, DeskAnswer.ELSEWHERE):
            now = self._clock.now()
            event = ContactChanged(
                handoff=wish.handoff_id,
                change="queued",
                queue=reply.queue or "",
                priority=wish.priority,
                enqueued_at=now.isoformat(),
            )
            await self._note(wish.conversation, event, f"{wish.handoff_id}:queued")
            await self._store.change_owner(wish.conversation, Owner.BOT, Owner.QUEUE)
            return DeskReply(
                reply.answer, wish.handoff_id, reply.queue, reply.position, reply.wait, reply.opens_at,
                reply.callback_offered, reply.chat_offered, reply.reference,
            )  # fmt: skip
        return reply

    async def moved(self, contact: HandoffId, report: Moved) -> bool:
        """Take a report of the outside desk in. False when it was known already or the contact is over.

        Raises:
            NotFound: no such contact was handed over.
        """
        conversation = conversation_of(contact)
        last = await self._last(contact)
        if last is None:
            raise NotFound("There is no such contact.")
        if last.change in _OVER:
            return False
        if (owners := _OWNERS.get(report.change)) is not None and not await self._store.change_owner(
            conversation, *owners
        ):
            return False
        event = ContactChanged(
            handoff=contact,
            change=report.change,
            agent=report.agent,
            detail=report.agent_name or report.detail,
            enqueued_at=last.enqueued_at,
        )
        if not await self._note(conversation, event, f"{contact}:{report.id}"):
            return False
        if report.change == "returned":
            await self._store.change_owner(conversation, Owner.AGENT, Owner.BOT)
        if report.change == "accepted":
            self._relay(contact, conversation)
        return True

    async def said(
        self, contact: HandoffId, id: str, agent: str, name: str, text: str, language: Language | None = None
    ) -> bool:
        """Words of the outside desk's agent for the customer. False when they were taken before.

        Without a ``language`` they are taken to be in the conversation's.
        """
        conversation = conversation_of(contact)
        if language is None:
            language = (await self._store.conversation(conversation)).language
        last = await self._last(contact)
        if last is None or last.change in _OVER:
            raise NotFound("There is no such contact, or it is over.")
        event = AgentSaid(
            utterance=UtteranceId(f"o-{id}"[:64]), agent=agent, name=name, text=text, language=language,
            source=Source.TEXT,
        )  # fmt: skip
        return await self._note(conversation, event, f"{contact}:said:{id}"[:128])

    async def cancel(self, contact: HandoffId, why: str) -> bool:
        """See :meth:`voicebot.desk.port.HandoffDesk.cancel`."""
        last = await self._last(contact)
        if last is None or last.change in _OVER:
            return False
        conversation = conversation_of(contact)
        left = ContactChanged(handoff=contact, change="cancelled", detail=why)
        await self._note(conversation, left, f"{contact}:over")
        try:
            await self._remote.withdraw(contact, why)
        except BackendError as error:
            _log.warning("contact %s was withdrawn here only: %s", contact, error)
        return True

    async def keep_place(self, wish: CallbackWish) -> CallbackBooked:
        """See :meth:`voicebot.desk.port.HandoffDesk.keep_place`."""
        booked = await self._remote.call_back(wish)
        if wish.contact is not None:
            event = ContactChanged(handoff=wish.contact, change="callback_booked", detail=booked.reference)
            await self._note(wish.conversation, event, f"{wish.contact}:over")
        return booked

    async def standing(self, contact: HandoffId) -> DeskNews:
        """See :meth:`voicebot.desk.port.HandoffDesk.standing`."""
        last = await self._last(contact)
        if last is None:
            raise NotFound("There is no such contact.")
        return _news(contact, last)

    async def contact(self, contact: HandoffId) -> Contact:
        """A contact that was handed over, open or over, as it was asked for. Raises NotFound."""
        return await handed_over(self._store, contact)

    async def follow(self, contact: HandoffId) -> AsyncIterator[DeskNews]:
        """See :meth:`voicebot.desk.port.HandoffDesk.follow`."""
        conversation = conversation_of(contact)
        seen = 0
        async with aclosing(self._store.subscribe(conversation)) as following:
            last = None
            for recorded in await whole_log(self._store, conversation):
                seen = recorded.seq
                if _concerns(contact, recorded.event):
                    last = recorded.event
            if isinstance(last, ContactChanged):
                yield _news(contact, last)
                if last.change in _OVER:
                    return
                if last.change == "accepted":
                    self._relay(contact, conversation)
            async for recorded in following:
                if recorded.seq <= seen:
                    continue
                if isinstance(recorded.event, Ended):
                    return
                if isinstance(recorded.event, ContactChanged) and _concerns(contact, recorded.event):
                    yield _news(contact, recorded.event)
                    if recorded.event.change in _OVER:
                        return

    async def open_contact(self, conversation: ConversationId) -> HandoffId | None:
        """See :meth:`voicebot.desk.port.HandoffDesk.open_contact`."""
        found: ContactChanged | None = None
        for recorded in await whole_log(self._store, conversation):
            if isinstance(recorded.event, ContactChanged):
                found = recorded.event
        return None if found is None or found.change in _OVER else HandoffId(found.handoff)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _relay(self, contact: HandoffId, conversation: ConversationId) -> None:
        """Carry what the customer says to the outside agent, from the moment the agent took over."""
        if contact not in self._relays:
            task = asyncio.create_task(self._carry(contact, conversation), name=f"relay {contact}")
            self._relays[contact] = task
            task.add_done_callback(lambda _done: self._relays.pop(contact, None))

    async def _carry(self, contact: HandoffId, conversation: ConversationId) -> None:
        taken, seen = False, 0
        async with aclosing(self._store.subscribe(conversation)) as following:
            for recorded in await whole_log(self._store, conversation):
                seen = recorded.seq
                taken = await self._carried(contact, recorded, taken)
            async for recorded in following:
                if recorded.seq > seen:
                    taken = await self._carried(contact, recorded, taken)
                    if isinstance(recorded.event, Ended) or (_concerns(contact, recorded.event) and not taken):
                        return

    async def _carried(self, contact: HandoffId, recorded: Recorded, taken: bool) -> bool:
        match recorded.event:
            case ContactChanged(handoff=handoff, change=change) if handoff == contact:
                return change in ("accepted", "active")
            case Heard(utterance=name, text=text, language=language) if taken:
                await self._say(contact, name, text, language)
        return taken

    async def _say(self, contact: HandoffId, name: str, text: str, language: Language) -> None:
        for wait_s in (1.0, 5.0, 20.0):
            try:
                await self._remote.say(contact, name, text, language)
                return
            except BackendError as error:
                _log.warning("contact %s: words wait for the outside desk: %s", contact, error)
                await self._clock.sleep(wait_s)
        await self._fail(contact)

    async def _fail(self, contact: HandoffId) -> None:
        """The outside desk cannot be reached any more: the bot has to take over rather than leave silence."""
        conversation = conversation_of(contact)
        await self._note(conversation, ContactChanged(handoff=contact, change="failed"), f"{contact}:over")
        await self._store.change_owner(conversation, Owner.AGENT, Owner.BOT)

    async def _note(self, conversation: ConversationId, event: Event, key: str) -> bool:
        try:
            await self._store.append(conversation, [event], self._clock.now(), key=key)
        except Conflict:
            return False
        return True

    async def _last(self, contact: HandoffId) -> ContactChanged | None:
        last = None
        for recorded in await whole_log(self._store, conversation_of(contact)):
            if isinstance(recorded.event, ContactChanged) and recorded.event.handoff == contact:
                last = recorded.event
        return last


def _concerns(contact: HandoffId, event: Event) -> bool:
    return isinstance(event, ContactChanged) and event.handoff == contact


def _news(contact: HandoffId, event: ContactChanged) -> DeskNews:
    kind = _NEWS.get(event.change, NewsKind.WAITING)
    name = event.detail if kind is NewsKind.TAKEN else ""
    agent = AgentId(event.agent) if event.agent else None
    return DeskNews(contact, kind, agent, name, detail="" if name else event.detail)


def reply_of(answer: Mapping[str, Any]) -> DeskReply:
    """An outside desk's JSON answer as a reply.

    ``{"answer": "queued", "position": 2, "wait": [1, 3], "opens_at": ISO time, "reference": "T-1", "callback": true}``

    Raises:
        BackendError: it is not of that form.
    """
    try:
        wait = answer.get("wait")
        opens = answer.get("opens_at")
        position = answer.get("position")
        return DeskReply(
            DeskAnswer(answer["answer"]),
            position=None if position is None else int(position),
            wait=None if wait is None else Wait(int(wait[0]), int(wait[1])),
            opens_at=None if opens is None else datetime.fromisoformat(opens),
            callback_offered=bool(answer.get("callback", False)),
            reference=None if answer.get("reference") is None else str(answer["reference"]),
        )
    except (KeyError, ValueError, TypeError, IndexError, AttributeError):
        raise BackendError("The outside desk answered something that cannot be understood.") from None
