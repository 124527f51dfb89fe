"""Contact events for other systems: what the log says becomes signed notices, each once, also after a crash."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from voicebot.clock import Clock
from voicebot.domain import Json, TenantId
from voicebot.errors import VoicebotError
from voicebot.store import SqlStore
from voicebot.store.outside_tables import webhooks
from voicebot.store.tables import conversations, events
from voicebot.webhooks import Webhooks

_log = logging.getLogger(__name__)

_TICK_S = 1.0
_FIRST_LOOK = timedelta(hours=1)
_OVERLAP = timedelta(seconds=10)
"""Transactions commit a little after the moment they carry; what is seen twice is written down once."""
_BATCH = 5000
_CONTACT = {
    "offered": "contact.offered",
    "accepted": "contact.accepted",
    "active": "contact.active",
    "transferred": "contact.transferred",
    "lost": "contact.lost",
    "wrapup": "contact.wrapup",
    "closed": "contact.closed",
    "cancelled": "contact.cancelled",
    "callback_booked": "callback.booked",
}
_TOLD = ("handoff", "agent", "queue", "priority", "enqueued_at", "skills", "reason", "reference", "outcome", "attempt")
"""Fields that are told: ids and codes. Words of a customer never are."""


def kind_of(event: Mapping[str, Any]) -> str | None:
    """The notice an event becomes, None for most."""
    match event.get("type"):
        case "HandoffRequested":
            return "handoff.requested"
        case "ContactChanged":
            return _CONTACT.get(str(event.get("change")))
        case "CallbackTried":
            return "callback.tried"
        case "Ended":
            return "conversation.ended"
        case _:
            return None


class Notices:
    """Reads the log of all conversations and hands what is subscribed to :class:`~voicebot.webhooks.Webhooks`."""

    def __init__(self, store: SqlStore, hooks: Webhooks, clock: Clock) -> None:
        self._store, self._hooks, self._clock = store, hooks, clock
        self._since = clock.now() - _FIRST_LOOK

    async def run(self) -> None:
        """Keep up until cancelled."""
        while True:
            try:
                await self.look()
            except VoicebotError as error:
                _log.warning("notices wait: %s", error)
            await self._clock.sleep(_TICK_S)

    async def look(self) -> int:
        """Emit what is new. Returns how many notices were written down."""
        async with self._store.reading() as connection:
            if (await connection.execute(select(webhooks.c.id).limit(1))).first() is None:
                self._since = self._clock.now()
                return 0
            query = (
                select(events.c.conversation, events.c.seq, events.c.at, events.c.body, conversations.c.tenant)
                .join(conversations, conversations.c.id == events.c.conversation)
                .where(
                    events.c.type.in_(["HandoffRequested", "ContactChanged", "CallbackTried", "Ended"]),
                    events.c.at >= self._since - _OVERLAP,
                )
                .order_by(events.c.at, events.c.conversation, events.c.seq)
                .limit(_BATCH)
            )
            rows = (await connection.execute(query)).all()
        written = 0
        for row in rows:
            if (kind := kind_of(row.body)) is not None:
                data: dict[str, Json] = {name: row.body[name] for name in _TOLD if row.body.get(name) not in (None, "")}
                data |= {"conversation": row.conversation, "seq": row.seq, "at": row.at.isoformat()}
                if row.body["type"] == "Ended":
                    data["disposition"] = row.body["disposition"]
                written += await self._hooks.emit(TenantId(row.tenant), kind, data, key=f"{row.conversation}:{row.seq}")
        if rows:
            self._since = max(self._since, rows[-1].at)
        return written
