"""The record system that is always there: our own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select

from voicebot.clock import Clock
from voicebot.crm.numbers import canonical, concealed
from voicebot.crm.port import CustomerRecord, Interaction
from voicebot.domain import ConversationId, Language, TenantId
from voicebot.store import SqlStore
from voicebot.store.outside_tables import customers, interactions

_LONGEST_SUMMARY = 1000


class EmbeddedCrm:
    """Customers and interactions in the store. ``countries``: where a company's national numbers belong."""

    def __init__(self, store: SqlStore, clock: Clock, countries: Mapping[TenantId, str]) -> None:
        self._store, self._clock, self._countries = store, clock, countries

    async def find(self, tenant: TenantId, number: str) -> CustomerRecord | None:
        """The one customer with this number; several are none, so that nobody is greeted as somebody else."""
        wanted = canonical(number, self._countries.get(tenant, ""))
        if wanted is None:
            return None
        rows = await self._customers(customers.c.tenant == tenant, customers.c.number == wanted)
        return _record(rows[0]) if len(rows) == 1 else None

    async def read(self, tenant: TenantId, customer: str) -> CustomerRecord | None:
        """The customer under this id."""
        rows = await self._customers(customers.c.tenant == tenant, customers.c.id == customer)
        return _record(rows[0]) if rows else None

    async def put(self, record: CustomerRecord) -> None:
        """Add or replace a customer."""
        row = {
            "tenant": record.tenant,
            "id": record.id,
            "name": record.name,
            "number": canonical(record.number, self._countries.get(record.tenant, "")),
            "language": record.language,
            "record_url": record.record_url,
            "vulnerable": record.vulnerable,
            "vip": record.vip,
            "preferences": dict(record.preferences),
            "updated_at": self._clock.now(),
        }
        mine = (customers.c.tenant == record.tenant) & (customers.c.id == record.id)
        async with self._store.writing() as connection:
            await connection.execute(delete(customers).where(mine))
            await connection.execute(insert(customers).values(row))

    async def history(
        self, tenant: TenantId, *, customer: str | None, number: str | None, limit: int = 5
    ) -> Sequence[Interaction]:
        """Past contacts, latest first, under the customer's id or the number's digest."""
        digest = concealed(tenant, canonical(number, self._countries.get(tenant, "")))
        wanted = [
            column == value
            for column, value in ((interactions.c.customer, customer), (interactions.c.number, digest))
            if value is not None
        ]
        if not wanted:
            return ()
        query = (
            select(interactions)
            .where(interactions.c.tenant == tenant, or_(*wanted))
            .order_by(interactions.c.at.desc(), interactions.c.conversation)
            .limit(limit)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(_interaction(row) for row in rows)

    async def append(self, interaction: Interaction) -> None:
        """Add a contact; the number is kept as a digest only."""
        tenant = interaction.tenant
        number = concealed(tenant, canonical(interaction.number, self._countries.get(tenant, "")))
        row = {
            "conversation": interaction.conversation,
            "tenant": tenant,
            "customer": interaction.customer,
            "number": number,
            "at": interaction.at,
            "channel": interaction.channel,
            "summary": interaction.summary[:_LONGEST_SUMMARY],
            "agent": interaction.agent,
            "agent_name": interaction.agent_name,
            "intent": interaction.intent,
            "code": interaction.code,
            "resolved": interaction.resolved,
        }
        async with self._store.writing() as connection:
            await connection.execute(
                delete(interactions).where(interactions.c.conversation == interaction.conversation)
            )
            await connection.execute(insert(interactions).values(row))

    async def _customers(self, *conditions: Any) -> Sequence[Row[Any]]:
        async with self._store.reading() as connection:
            return (await connection.execute(select(customers).where(*conditions).limit(2))).all()


def _record(row: Row[Any]) -> CustomerRecord:
    return CustomerRecord(
        tenant=TenantId(row.tenant),
        id=row.id,
        name=row.name,
        number=row.number,
        language=None if row.language is None else Language(row.language),
        record_url=row.record_url,
        vulnerable=bool(row.vulnerable),
        vip=bool(row.vip),
        preferences=row.preferences or {},
    )


def _interaction(row: Row[Any]) -> Interaction:
    return Interaction(
        tenant=TenantId(row.tenant),
        conversation=ConversationId(row.conversation),
        at=row.at,
        channel=row.channel,
        summary=row.summary,
        customer=row.customer,
        agent=row.agent,
        agent_name=row.agent_name,
        intent=row.intent,
        code=row.code,
        resolved=None if row.resolved is None else bool(row.resolved),
    )
