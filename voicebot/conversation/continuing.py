"""From the telephone into the chat: the same conversation goes on there, whatever process held it here.

The move is one write to the log: the event that the channel changed, with the state as it goes on. Whoever opens the
chat then takes the conversation up from the store as after any break; a call that still lives hears of it from the log
and says goodbye.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing

from voicebot.conversation.conversation import Conversation
from voicebot.conversation.desk_port import MovesContacts
from voicebot.conversation.services import Services
from voicebot.conversation.snapshot import from_snapshot, snapshot
from voicebot.domain import (
    Channel,
    ChannelChanged,
    ConversationId,
    Event,
    Heard,
    Owner,
    TenantId,
    UtteranceId,
)
from voicebot.errors import Conflict, NotFound, StoreError
from voicebot.flows import reopened
from voicebot.store import ConversationRow

_log = logging.getLogger(__name__)
_TRIES = 8
_AGAIN_S = 1.0
_PAGE = 1000


class Continuing:
    """Moves conversations into the chat."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def into_chat(self, conversation: ConversationId, tenant: TenantId, *, fresh: bool) -> None:
        """Let a conversation go on as a chat. One that is in the chat already stays as it is.

        ``fresh``: who comes is without doubt who spoke; otherwise verification is taken back.

        Raises:
            NotFound: there is no such conversation of this company.
            Conflict: a person is talking to the customer on the telephone.
        """
        for _ in range(_TRIES):
            row = await self._services.store.conversation(conversation)
            if row.tenant != tenant:
                raise NotFound(f"There is no conversation {conversation}")
            try:
                if row.channel is Channel.WEB_CHAT:
                    return
                await self._move(row, fresh=fresh)
                return
            except _LogMovedOn:
                continue
        raise StoreError(f"Conversation {conversation} did not come to rest.")

    async def _move(self, row: ConversationRow, *, fresh: bool) -> None:
        in_line = await self._contact_moves(row)
        services, now = self._services, self._services.clock.now()
        state, _ = from_snapshot(await services.store.load_state(row.id))
        if state is None:
            kept = None
            events: tuple[Event, ...] = (ChannelChanged(channel=Channel.WEB_CHAT),)
        else:
            after, events = reopened(state, Channel.WEB_CHAT, fresh=fresh, in_line=in_line)
            kept = snapshot(after, await self._last_heard(row.id))
        try:
            await services.store.append(row.id, events, now, expected_seq=row.last_seq, state=kept)
        except Conflict:
            raise _LogMovedOn from None

    async def _contact_moves(self, row: ConversationRow) -> bool:
        """The desk's contact comes along, if it has one. True when it stays in its place."""
        if row.owner is Owner.AGENT and row.ended_at is None:
            raise Conflict("You are talking to one of our people on the phone. Please go on there.")
        desk = self._services.desk
        contact = None if desk is None else await desk.open_contact(row.id)
        if desk is not None and contact is not None:
            if isinstance(desk, MovesContacts):
                if await desk.moved_channel(contact, Channel.WEB_CHAT):
                    return True
            elif row.owner is Owner.QUEUE:
                await desk.cancel(contact, "moved")
        await self._services.store.change_owner(row.id, row.owner, Owner.BOT)
        return False

    async def _last_heard(self, conversation: ConversationId) -> UtteranceId | None:
        """What was said on the telephone is not answered in the chat: the question is put again there."""
        last, seen = None, 0
        while page := await self._services.store.events(conversation, after_seq=seen, limit=_PAGE):
            seen = page[-1].seq
            for item in page:
                if isinstance(item.event, Heard):
                    last = item.event.utterance
        return last


class _LogMovedOn(Exception):
    """The call wrote something meanwhile."""


async def leave_for_chat(services: Services, talk: Conversation, soon: Callable[[asyncio.Task[None]], None]) -> None:
    """Once a conversation has left the telephone, have its call say goodbye; ``soon`` gets that as a task."""
    while True:
        try:
            async with aclosing(services.store.subscribe(talk.id)) as following:
                async for recorded in following:
                    if isinstance(recorded.event, ChannelChanged):
                        soon(asyncio.create_task(talk.give_way()))
                        return
        except StoreError as error:
            _log.warning("call %s does not hear whether it goes on elsewhere: %s", talk.id, error)
            await services.clock.sleep(_AGAIN_S)
