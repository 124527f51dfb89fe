"""What we ask of a customer record system: find by number, read, append an interaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from voicebot.domain import ConversationId, Json, Language, TenantId


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A customer as the record system knows them. ``record_url`` opens their card in the agent's browser."""

    tenant: TenantId
    id: str
    name: str | None = None
    number: str | None = None
    language: Language | None = None
    record_url: str | None = None
    vulnerable: bool = False
    vip: bool = False
    preferences: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interaction:
    """One contact that is over. ``conversation`` is the key: the same one twice is one interaction."""

    tenant: TenantId
    conversation: ConversationId
    at: datetime
    channel: str
    summary: str
    customer: str | None = None
    number: str | None = None
    agent: str | None = None
    agent_name: str | None = None
    intent: str = ""
    code: str = ""
    resolved: bool | None = None


class Crm(Protocol):
    """A record system. Every method may raise StoreError or BackendError."""

    async def find(self, tenant: TenantId, number: str) -> CustomerRecord | None:
        """The customer with this phone number; a number two customers share finds none."""
        ...

    async def read(self, tenant: TenantId, customer: str) -> CustomerRecord | None:
        """The customer under this id."""
        ...

    async def history(
        self, tenant: TenantId, *, customer: str | None, number: str | None, limit: int = 5
    ) -> Sequence[Interaction]:
        """Past contacts of a customer, or of a number that is nobody's, latest first."""
        ...

    async def append(self, interaction: Interaction) -> None:
        """Add a contact, or bring it up to date."""
        ...
