"""Hearing what becomes of a contact, in whichever process it happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_rows import contact_from
from voicebot.desk.model import Contact
from voicebot.domain import (
    AgentId,
    ContactChanged,
    ContactState,
    ConversationId,
    DeskNews,
    HandoffId,
    NewsKind,
    Recorded,
)
from voicebot.errors import NotFound
from voicebot.store import desk as rows
from voicebot.store.desk_tables import OPEN_STATES, desk_agents, desk_contacts

_LAST = (NewsKind.OVER, NewsKind.RETURNED, NewsKind.CALLBACK, NewsKind.FAILED)
_NEWS = {
    "queued": NewsKind.WAITING,
    "declined": NewsKind.WAITING,
    "timed_out": NewsKind.WAITING,
    "withdrawn": NewsKind.WAITING,
    "accepted": NewsKind.TAKEN,
    "lost": NewsKind.LOST,
    "transferred": NewsKind.MOVED,
    "returned": NewsKind.RETURNED,
    "cancelled": NewsKind.OVER,
    "callback_booked": NewsKind.CALLBACK,
    "wrapup": NewsKind.OVER,
    "closed": NewsKind.OVER,
    "failed": NewsKind.FAILED,
}
"""What each change means for the customer's side. An offer means nothing yet; joined sound is known already."""
_BACK_IN_LINE = (NewsKind.LOST, NewsKind.MOVED)


class Following:
    """Reads where contacts stand, and follows them through the conversation's log."""

    def __init__(self, core: DeskCore) -> None:
        self._core = core

    async def standing(self, contact: HandoffId) -> DeskNews:
        """See :meth:`voicebot.desk.port.HandoffDesk.standing`."""
        known = self._core.glance(contact)
        if known is not None and _kind(known) is NewsKind.TAKEN:
            return await self._standing(known)
        await self._core.fresh()
        found = await self._core.find(contact)
        if found is None:
            raise NotFound(f"There is no contact {contact}")
        return await self._standing(found)

    async def _standing(self, contact: Contact) -> DeskNews:
        kind = _kind(contact)
        if kind is NewsKind.WAITING:
            self._core.board.see_contact(contact)
            wait = await self._core.promise(contact, await self._core.expected_s(contact))
            return DeskNews(contact.id, kind, position=self._core.place(contact), wait=wait)
        name = await self._name(contact.agent) if contact.agent else ""
        return DeskNews(contact.id, kind, agent=contact.agent, agent_name=name, detail=contact.outcome)

    async def follow(self, contact: HandoffId) -> AsyncGenerator[DeskNews, None]:
        """See :meth:`voicebot.desk.port.HandoffDesk.follow`."""
        await self._core.fresh()
        async with self._core.store.reading() as connection:
            row = await rows.contact_at(connection, contact)
        if row is None:
            raise NotFound(f"There is no contact {contact}")
        async with aclosing(self._core.store.subscribe(row["conversation"], row["last_seq"])) as following:
            news = await self._standing(contact_from(row))
            yield news
            if news.kind in _LAST:
                return
            async for item in following:
                fresh = await self._news(contact, item)
                if fresh is None:
                    continue
                yield fresh
                if fresh.kind in _LAST:
                    return

    async def open_contact(self, conversation: ConversationId) -> HandoffId | None:
        """See :meth:`voicebot.desk.port.HandoffDesk.open_contact`."""
        async with self._core.store.reading() as connection:
            found = await rows.many(connection, desk_contacts, conversation=conversation, state=OPEN_STATES)
        latest = max(found, key=lambda row: (row["enqueued_at"], row["id"]), default=None)
        return None if latest is None else HandoffId(latest["id"])

    async def _news(self, contact: HandoffId, item: Recorded) -> DeskNews | None:
        event = item.event
        if not isinstance(event, ContactChanged) or event.handoff != contact or event.change not in _NEWS:
            return None
        kind = _NEWS[event.change]
        if kind is NewsKind.WAITING:
            return await self.standing_if_waiting(contact, event)
        if kind in _BACK_IN_LINE and (place := await self.standing_if_waiting(contact, event)) is not None:
            return replace(place, kind=kind, detail=event.detail)
        name = await self._name(AgentId(event.agent)) if event.agent else ""
        return DeskNews(contact, kind, AgentId(event.agent) if event.agent else None, name, detail=event.detail)

    async def standing_if_waiting(self, contact: HandoffId, event: ContactChanged) -> DeskNews | None:
        """The place in line, unless it has been left since; then the next event tells."""
        found = await self._core.find(contact)
        if found is None or _kind(found) is not NewsKind.WAITING:
            return None
        await self._core.fresh()
        return await self._standing(found)

    async def _name(self, agent: AgentId) -> str:
        known = self._core.board.agent(agent)
        if known is not None:
            return known.name
        async with self._core.store.reading() as connection:
            row = await rows.one(connection, desk_agents, id=agent)
        return "" if row is None else str(row["name"])


def _kind(contact: Contact) -> NewsKind:
    match contact.state:
        case ContactState.QUEUED | ContactState.OFFERED:
            return NewsKind.CALLBACK if contact.callback else NewsKind.WAITING
        case ContactState.ACCEPTED | ContactState.ACTIVE:
            return NewsKind.TAKEN
        case ContactState.FAILED:
            return NewsKind.FAILED
        case ContactState.CLOSED if contact.outcome == "returned":
            return NewsKind.RETURNED
        case _:
            return NewsKind.OVER
