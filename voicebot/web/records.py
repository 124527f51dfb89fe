"""The record system as packets and the console ask for it."""

from __future__ import annotations

from collections.abc import Sequence

from voicebot.crm import Crm, CustomerRecord, Interaction
from voicebot.desk.packet import Customer, Previous
from voicebot.domain import ConversationId, TenantId
from voicebot.web.desk.ports import KnownCustomer, Past


class Records:
    """A :class:`~voicebot.desk.packet.Cards` and the console's customers, on one CRM."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    async def customer(self, tenant: TenantId, number: str | None, customer_id: str | None) -> Customer | None:
        """The record under the id, else under the number."""
        record = await self._crm.read(tenant, customer_id) if customer_id else None
        if record is None and number:
            record = await self._crm.find(tenant, number)
        if record is None:
            return None
        return Customer(
            record.id, record.name, record.number, record.record_url, record.vulnerable, record.vip, record.preferences
        )

    async def previous(
        self, tenant: TenantId, customer_id: str | None, number: str | None, *, besides: ConversationId
    ) -> Sequence[Previous]:
        """Up to five earlier contacts, latest first."""
        past = await self._crm.history(tenant, customer=customer_id, number=number, limit=6)
        return [
            Previous(one.at, one.channel, one.summary, one.agent_name, one.resolved, one.intent)
            for one in past
            if one.conversation != besides
        ][:5]

    async def history(self, tenant: TenantId, number: str) -> KnownCustomer | None:
        """What is known under a telephone number or a customer id; None when nothing is."""
        record = await self._crm.find(tenant, number) or await self._crm.read(tenant, number)
        past = await self._crm.history(tenant, customer=record.id if record else number, number=number, limit=20)
        if record is None and not past:
            return None
        return KnownCustomer(_fields(record), tuple(_past(one) for one in past))


def _fields(record: CustomerRecord | None) -> dict[str, str | bool | None]:
    if record is None:
        return {}
    return {
        "id": record.id,
        "name": record.name,
        "language": record.language,
        "record_url": record.record_url,
        "vulnerable": record.vulnerable,
        "vip": record.vip,
    }


def _past(one: Interaction) -> Past:
    return Past(one.at, one.channel, one.summary, one.agent_name, one.resolved, one.conversation)
