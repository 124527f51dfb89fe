"""What the rest of the product may ask of a store."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.domain import (
    Channel,
    ConversationId,
    Disposition,
    Event,
    Json,
    Language,
    Owner,
    Recorded,
    TenantId,
)


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One line per conversation: what a list shows without reading the log."""

    id: ConversationId
    tenant: TenantId
    channel: Channel
    language: Language
    entry_point: str
    owner: Owner
    started_at: datetime
    ended_at: datetime | None
    disposition: Disposition | None
    last_seq: int


@dataclass(frozen=True, slots=True)
class TokenRow:
    """An API token; only the digest of its secret is kept. ``tenant`` None means every company."""

    tenant: TenantId | None
    role: str
    expires_at: datetime | None


class Store(Protocol):
    """The log and its read models. Every method may raise :class:`voicebot.errors.StoreError`."""

    async def open_conversation(
        self,
        conversation: ConversationId,
        tenant: TenantId,
        channel: Channel,
        language: Language,
        entry_point: str,
        at: datetime,
    ) -> None:
        """Create the conversation, owned by the bot. Raises Conflict when the id exists."""
        ...

    async def append(
        self,
        conversation: ConversationId,
        events: Sequence[Event],
        at: datetime,
        expected_seq: int | None = None,
        key: str | None = None,
        state: Json | None = None,
    ) -> tuple[Recorded, ...]:
        """Write events in one transaction, numbered without gaps; durable when it returns.

        Text is redacted before it reaches the database; the returned events hold the redacted text. ``key`` makes
        the append idempotent: a second append under the same key writes nothing and is a Conflict. ``state`` is the
        dialogue's snapshot after these events, kept in the same transaction, so that log and snapshot never disagree.

        Raises:
            NotFound: no such conversation.
            Conflict: ``expected_seq`` is given and is not the last number, or ``key`` was used before.
        """
        ...

    async def events(self, conversation: ConversationId, after_seq: int = 0, limit: int = 1000) -> tuple[Recorded, ...]:
        """Events after ``after_seq`` in order. Raises NotFound."""
        ...

    async def conversation(self, conversation: ConversationId) -> ConversationRow:
        """One row. Raises NotFound."""
        ...

    async def conversations(
        self, tenant: TenantId | None, *, limit: int = 50, before: datetime | None = None
    ) -> tuple[ConversationRow, ...]:
        """Latest first; ``tenant`` None lists every company."""
        ...

    async def change_owner(self, conversation: ConversationId, expected: Owner, new: Owner) -> bool:
        """Compare and set: False when somebody else is the owner."""
        ...

    async def save_state(self, conversation: ConversationId, state: Json, at: datetime) -> None:
        """Keep the dialogue's snapshot, from which a chat resumes."""
        ...

    async def load_state(self, conversation: ConversationId) -> Json | None:
        """The last snapshot, None if there is none."""
        ...

    async def once(self, conversation: ConversationId, key: str) -> bool:
        """True the first time this key is seen in this conversation, False ever after."""
        ...

    async def seq_of(self, conversation: ConversationId, key: str) -> int | None:
        """The number of the first event that was appended under ``key``, None if there was none."""
        ...

    async def add_token(self, digest: str, tenant: TenantId | None, role: str, expires_at: datetime | None) -> None:
        """Keep an API token by the sha256 hex digest of its secret; the same digest again replaces it."""
        ...

    async def token(self, digest: str) -> TokenRow | None:
        """The token under this digest, None if unknown."""
        ...

    async def ping(self) -> None:
        """Raise StoreError when the store cannot be used."""
        ...

    def cut_off(self, conversation: ConversationId) -> None:
        """End what follows a conversation in this process; its readers get a StoreError and may come back."""
        ...

    def subscribe(self, conversation: ConversationId, after_seq: int | None = None) -> AsyncGenerator[Recorded, None]:
        """Events in order and without gaps, whichever process on this database appends them.

        From now on, or everything after ``after_seq``, which misses nothing however late the first one is asked for.
        A reader that falls too far behind gets a StoreError.
        """
        ...
