"""One-use links: a secret in an address that opens one conversation once, for a while."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from voicebot.clock import Clock
from voicebot.domain import ConversationId, TenantId
from voicebot.errors import Forbidden
from voicebot.store import SqlStore
from voicebot.store.outside_tables import links

LIFETIME = timedelta(hours=24)
TRUSTED_FOR = timedelta(minutes=30)
"""A link opened within this time came to the phone that was on the line a moment ago: verification is kept.
Later it is taken back to none."""
_REFUSED = "This link cannot be used any more. Start a new chat, or call us again."


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was opened. ``fresh``: within :data:`TRUSTED_FOR` of being made."""

    tenant: TenantId
    conversation: ConversationId
    kind: str
    created_at: datetime
    fresh: bool


class Links:
    """Makes and opens links; only a digest of the secret is kept."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def issue(
        self, tenant: TenantId, conversation: ConversationId, kind: str, lifetime: timedelta = LIFETIME
    ) -> str:
        """A new secret for this conversation, 128 bits as 22 URL-safe characters. Older unused ones are void."""
        secret, now = secrets.token_urlsafe(16), self._clock.now()
        row = {"digest": _digest(secret), "tenant": tenant, "conversation": conversation, "kind": kind}
        old = (links.c.conversation == conversation) & (links.c.kind == kind) & links.c.used_at.is_(None)
        async with self._store.writing() as connection:
            await connection.execute(delete(links).where(old))
            await connection.execute(insert(links).values(row | {"created_at": now, "expires_at": now + lifetime}))
        return secret

    async def look(self, secret: str, kind: str) -> Link:
        """What a link would open, without using it. Raises Forbidden as :meth:`open` does."""
        now = self._clock.now()
        query = select(links).where(
            links.c.digest == _digest(secret), links.c.kind == kind, links.c.used_at.is_(None), links.c.expires_at > now
        )
        async with self._store.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise Forbidden(_REFUSED)
        return _link(row, now)

    async def open(self, secret: str, kind: str) -> Link:
        """Use a link; it is void from then on.

        Raises:
            Forbidden: unknown, expired, or used before; all alike.
        """
        now, digest = self._clock.now(), _digest(secret)
        use = (
            update(links)
            .where(links.c.digest == digest, links.c.kind == kind, links.c.used_at.is_(None), links.c.expires_at > now)
            .values(used_at=now)
        )
        async with self._store.writing() as connection:
            if (await connection.execute(use)).rowcount != 1:
                raise Forbidden(_REFUSED)
            row = (await connection.execute(select(links).where(links.c.digest == digest))).one()
        return _link(row, now)


def _link(row: Row[Any], now: datetime) -> Link:
    fresh = now - row.created_at <= TRUSTED_FOR
    return Link(TenantId(row.tenant), ConversationId(row.conversation), row.kind, row.created_at, fresh)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
