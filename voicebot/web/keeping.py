"""Every contact that is over goes into the customer's history, whoever handled it and whatever crashed meanwhile.

Each process looks regularly for conversations that ended and are not in the history yet; the record's key is the
conversation, so two processes doing the same write the same.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from voicebot.clock import Clock
from voicebot.crm import Crm, EmbeddedCrm, Interaction
from voicebot.desk.packet import PacketContent, known_caller, summarise
from voicebot.domain import ConversationId, TenantId
from voicebot.errors import VoicebotError
from voicebot.store import SqlStore, whole_log
from voicebot.store.outside_tables import interactions
from voicebot.store.tables import conversations

_log = logging.getLogger(__name__)

_TICK_S = 2.0
_LOOK_BACK = timedelta(days=2)
_BATCH = 50


class Keeping:
    """Writes contacts into the embedded history and, if there is one, into another record system."""

    def __init__(
        self,
        store: SqlStore,
        own: EmbeddedCrm,
        companies: Mapping[TenantId, PacketContent],
        clock: Clock,
        far: Crm | None = None,
    ) -> None:
        self._store, self._own, self._companies, self._clock, self._far = store, own, companies, clock, far

    async def run(self) -> None:
        """Keep up until cancelled; a failure is tried again at the next look."""
        while True:
            try:
                await self.keep()
            except VoicebotError as error:
                _log.warning("contacts are not in the history yet: %s", error)
            await self._clock.sleep(_TICK_S)

    async def keep(self) -> int:
        """Write up to one batch. Returns how many contacts were written."""
        query = (
            select(conversations.c.id, conversations.c.tenant, conversations.c.channel, conversations.c.ended_at)
            .outerjoin(interactions, interactions.c.conversation == conversations.c.id)
            .where(
                conversations.c.ended_at > self._clock.now() - _LOOK_BACK,
                interactions.c.conversation.is_(None),
                conversations.c.tenant.in_(list(self._companies)),
            )
            .order_by(conversations.c.ended_at)
            .limit(_BATCH)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        for row in rows:
            await self._one(ConversationId(row.id), TenantId(row.tenant), row.channel, row.ended_at)
        return len(rows)

    async def _one(self, name: ConversationId, tenant: TenantId, channel: str, at: datetime) -> None:
        company = self._companies[tenant]
        made = summarise(await whole_log(self._store, name), company, company.flows.tenant.default_language)
        known = known_caller(await self._store.load_state(name))
        interaction = Interaction(
            tenant, name, at, channel, made.text,
            customer=known.id, number=known.phone, agent=made.agent, agent_name=made.agent_name,
            intent=made.intent, code=made.code, resolved=made.resolved,
        )  # fmt: skip
        if self._far is not None:
            await self._far.append(interaction)
        await self._own.append(interaction)
