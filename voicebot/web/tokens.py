"""API tokens: shown once, kept as a digest, checked on every request."""

from __future__ import annotations

import hashlib
import secrets

from voicebot.clock import Clock
from voicebot.domain import TenantId
from voicebot.store import Store
from voicebot.web.ports import Access


class ApiTokens:
    """Issues and checks the tokens of a store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def issue(self, tenant: TenantId | None, role: str) -> str:
        """A new token for one company, or for every company when ``tenant`` is None."""
        token = f"vb_{secrets.token_urlsafe(24)}"
        await self._store.add_token(_digest(token), tenant, role, None)
        return token

    async def check(self, token: str) -> Access | None:
        """What a token opens; None when unknown or expired."""
        row = await self._store.token(_digest(token))
        if row is None or (row.expires_at is not None and row.expires_at <= self._clock.now()):
            return None
        return Access(row.tenant, row.role)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
