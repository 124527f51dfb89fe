"""Messages are written down before they are sent, so that none is lost and none is sent twice without need."""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import timedelta

from sqlalchemy import insert, select, update

from voicebot.clock import Clock
from voicebot.domain import ConversationId, TenantId
from voicebot.errors import BackendError, StoreError
from voicebot.messages.gateways import Gateway, Message
from voicebot.store import SqlStore
from voicebot.store.outside_tables import messages

_log = logging.getLogger(__name__)

_WAITS_S = (5, 30, 120, 600)
_LEASE_S = 30.0
_TICK_S = 1.0


class MessageOutbox:
    """Sends through one gateway, with a few tries; number and text are erased once a message is gone or given up."""

    def __init__(self, store: SqlStore, gateway: Gateway, clock: Clock) -> None:
        self._store, self._gateway, self._clock = store, gateway, clock
        self._work = asyncio.Event()

    @property
    def delivers(self) -> bool:
        """Whether what is put here reaches anybody; nothing may be promised to a customer otherwise."""
        return self._gateway.delivers

    async def put(self, tenant: TenantId, conversation: ConversationId, kind: str, number: str, text: str) -> str:
        """Write a message down; it leaves within a second. Returns its id."""
        name, now = f"m-{uuid.uuid4().hex}", self._clock.now()
        row = {"id": name, "tenant": tenant, "conversation": conversation, "kind": kind, "number": number, "text": text}
        async with self._store.writing() as connection:
            await connection.execute(
                insert(messages).values(row | {"state": "pending", "created_at": now, "next_at": now})
            )
        self._work.set()
        return name

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                await self.send_due()
            except StoreError as error:
                _log.warning("messages wait: %s", error)
            self._work.clear()
            waiting = asyncio.ensure_future(self._work.wait())
            tick = asyncio.ensure_future(self._clock.sleep(_TICK_S))
            _, rest = await asyncio.wait({waiting, tick}, return_when=asyncio.FIRST_COMPLETED)
            for task in rest:
                task.cancel()

    async def send_due(self) -> int:
        """Send what is due. Returns how many were tried."""
        now = self._clock.now()
        query = select(messages).where(messages.c.state == "pending", messages.c.next_at <= now).limit(50)
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        for row in rows:
            claim = (
                update(messages)
                .where(messages.c.id == row.id, messages.c.state == "pending", messages.c.next_at == row.next_at)
                .values(next_at=now + timedelta(seconds=_LEASE_S))
            )
            async with self._store.writing() as connection:
                if (await connection.execute(claim)).rowcount == 0:
                    continue
            await self._send(
                Message(row.id, TenantId(row.tenant), row.number, row.text, row.created_at), row.attempts + 1
            )
        return len(rows)

    async def _send(self, message: Message, attempts: int) -> None:
        values: dict[str, object] = {"attempts": attempts}
        try:
            await self._gateway.send(message)
            values |= {"state": "sent", "number": "", "text": "", "answer": "ok"}
        except BackendError as error:
            values["answer"] = str(error)[:200]
            if attempts > len(_WAITS_S):
                values |= {"state": "dead", "number": "", "text": ""}
                _log.warning("message %s was given up: %s", message.id, error)
            else:
                values["next_at"] = self._clock.now() + timedelta(seconds=_WAITS_S[attempts - 1])
        async with self._store.writing() as connection:
            await connection.execute(update(messages).where(messages.c.id == message.id).values(values))
