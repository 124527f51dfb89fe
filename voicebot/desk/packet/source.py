"""Packets of live contacts: the log is read, everything else is asked for with a short patience."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from voicebot.clock import Clock
from voicebot.desk.model import Contact
from voicebot.desk.packet.build import Packet, PacketContent, Previous, build_packet
from voicebot.desk.packet.customer import Customer, known_caller
from voicebot.domain import ConversationId, Json, Language, TenantId
from voicebot.errors import VoicebotError
from voicebot.store import EventLog, whole_log

_log = logging.getLogger(__name__)

OFFER_PATIENCE_S = 0.1
"""How long an offer waits for the customer's record: nobody's telephone rings later for it."""

READING_PATIENCE_S = 2.0
"""How long somebody who opens the packet waits for the record; the headline is on the screen by then."""


class Log(EventLog, Protocol):
    """The conversation's log and snapshot."""

    async def load_state(self, conversation: ConversationId) -> Json | None:
        """The dialogue's snapshot."""
        ...


class Cards(Protocol):
    """Customer records and earlier contacts; may be slow or down, and then the packet does without."""

    async def customer(self, tenant: TenantId, number: str | None, customer_id: str | None) -> Customer | None:
        """The record under this number or id."""
        ...

    async def previous(
        self, tenant: TenantId, customer_id: str | None, number: str | None, *, besides: ConversationId
    ) -> Sequence[Previous]:
        """Earlier contacts, latest first."""
        ...


class PacketSource:
    """Builds packets for the console."""

    def __init__(
        self, log: Log, companies: Mapping[TenantId, PacketContent], clock: Clock, records: Cards | None = None
    ) -> None:
        self._log, self._companies, self._clock, self._records = log, companies, clock, records

    async def packet(
        self,
        contact: Contact,
        agent_language: Language,
        *,
        relaxation_step: int = 0,
        patience_s: float = OFFER_PATIENCE_S,
    ) -> Packet:
        """The packet of a contact as things stand now. A record that takes longer than ``patience_s`` is left out.

        Raises:
            StoreError: the log cannot be read. Nothing else keeps a packet from being built.
        """
        events = await whole_log(self._log, contact.conversation)
        known = known_caller(await self._log.load_state(contact.conversation))
        customer, previous = await self._ask(contact, known, patience_s)
        return build_packet(
            events,
            contact,
            self._companies[contact.tenant],
            agent_language=agent_language,
            now=self._clock.now(),
            customer=customer,
            previous=previous,
            relaxation_step=relaxation_step,
        )

    async def _ask(self, contact: Contact, known: Customer, patience_s: float) -> tuple[Customer, Sequence[Previous]]:
        if self._records is None:
            return known, ()
        try:
            async with asyncio.timeout(patience_s):
                record, previous = await asyncio.gather(
                    self._records.customer(contact.tenant, known.phone, known.id),
                    self._records.previous(contact.tenant, known.id, known.phone, besides=contact.conversation),
                )
        except (VoicebotError, TimeoutError) as error:
            _log.warning(
                "the packet of contact %s goes without the customer's record: %s", contact.id, type(error).__name__
            )
            return known, ()
        return _joined(known, record), previous


def _joined(known: Customer, record: Customer | None) -> Customer:
    """The back end's word first, the record for what it does not say."""
    if record is None:
        return known
    return Customer(
        id=known.id or record.id,
        name=known.name or record.name,
        phone=known.phone or record.phone,
        crm_url=record.crm_url,
        vulnerable=known.vulnerable or record.vulnerable,
        vip=record.vip,
        preferences={**record.preferences, **known.preferences},
    )
