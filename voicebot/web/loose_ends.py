"""Conversations whose contact is over and that nobody holds any more are ended, so that each has one ending.

Whoever holds a conversation ends it the moment its contact is closed. A server that stopped meanwhile, and a visitor
who never came back, leave it open; this closes it a little later.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from voicebot.clock import Clock
from voicebot.domain import ContactState, ConversationId, Disposition, Ended, Owner
from voicebot.errors import Conflict, VoicebotError
from voicebot.store import SqlStore
from voicebot.store.desk_tables import desk_contacts
from voicebot.store.tables import conversations

_log = logging.getLogger(__name__)

_TICK_S = 30.0
_PATIENCE = timedelta(seconds=60)
_BATCH = 100


class LooseEnds:
    """Looks every half minute; several processes may."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except VoicebotError as error:
                _log.warning("conversations without an end wait: %s", error)
            await self._clock.sleep(_TICK_S)

    async def look(self) -> int:
        """End what is to be ended. Returns how many conversations were."""
        query = (
            select(desk_contacts.c.id, desk_contacts.c.conversation, conversations.c.owner)
            .join(conversations, conversations.c.id == desk_contacts.c.conversation)
            .where(
                desk_contacts.c.state == ContactState.CLOSED.value,
                desk_contacts.c.outcome != "returned",
                desk_contacts.c.closed_at < self._clock.now() - _PATIENCE,
                conversations.c.ended_at.is_(None),
                conversations.c.owner == Owner.AGENT.value,
            )
            .limit(_BATCH)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        ended = 0
        for row in rows:
            name = ConversationId(row.conversation)
            event = Ended(disposition=Disposition.HANDLED_BY_AGENT, by="agent")
            try:
                await self._store.append(name, [event], self._clock.now(), key=f"{row.id}:ended"[:128])
            except Conflict:
                continue
            ended += 1
        return ended
