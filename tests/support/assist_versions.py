"""A version goes live the way it does for people: by a move of the pointer they saw."""

from __future__ import annotations

from voicebot.clock import Clock
from voicebot.domain import TenantId
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions
from voicebot.store.assist_drafts import PUBLISHED, ROLLED_BACK, AssistDrafts, Move


async def goes_live(store: SqlStore, clock: Clock, tenant: TenantId, version: str, by: str = "T01") -> None:
    """Publish a version that is kept already. Raises NotFound."""
    seen = await AssistVersions(store, clock).live(tenant)
    await AssistDrafts(store, clock).move(tenant, Move(seen, version, by, PUBLISHED))


async def goes_back(store: SqlStore, clock: Clock, tenant: TenantId, version: str | None, by: str = "T01") -> None:
    """An earlier version counts again; None: the files."""
    seen = await AssistVersions(store, clock).live(tenant)
    await AssistDrafts(store, clock).move(tenant, Move(seen, version, by, ROLLED_BACK))
