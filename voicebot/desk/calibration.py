"""Once a week what customers were told is held against what came, and the next week's estimates move with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.wait import Promise, weekly_scale
from voicebot.domain import TenantId
from voicebot.store import desk as rows
from voicebot.store.desk_tables import desk_scales

WEEK = timedelta(days=7)
_LOOK_S = 60.0


class Calibration:
    """Keeps each company's factor in the store; one process reckons it, all use it."""

    def __init__(self, core: DeskCore) -> None:
        self._core = core
        self._looked_s: float | None = None

    async def look(self) -> None:
        """Take over the factors that stand, and make those that are a week old anew. Once a minute at most."""
        now_s = self._core.clock.monotonic()
        if self._looked_s is not None and now_s - self._looked_s < _LOOK_S:
            return
        self._looked_s = now_s
        now = self._core.clock.now()
        async with self._core.store.reading() as connection:
            kept = {row["tenant"]: row for row in await rows.many(connection, desk_scales)}
        for tenant in self._core.contents:
            row = kept.get(tenant)
            if row is None:
                await self._begin(tenant, now)
            elif row["at"] + WEEK <= now:
                self._core.scales[tenant] = await self._next(tenant, row["scale"], row["at"], now)
            else:
                self._core.scales[tenant] = row["scale"]

    async def _begin(self, tenant: TenantId, now: datetime) -> None:
        try:
            async with self._core.store.writing() as connection:
                await rows.add(connection, desk_scales, {"tenant": tenant, "at": now, "scale": 1.0})
        except IntegrityError:
            pass  # another process was faster

    async def _next(self, tenant: TenantId, before: float, reckoned_at: datetime, now: datetime) -> float:
        async with self._core.store.reading() as connection:
            told = await rows.first_told(connection, tenant, now - WEEK)
        promises = [
            Promise(row["low_min"], row["high_min"], (row["active_at"] - row["at"]) / timedelta(seconds=1))
            for row in told
            if row["active_at"] >= row["at"]
        ]
        scale = weekly_scale(promises, before)
        async with self._core.store.writing() as connection:
            still = {"tenant": tenant, "at": reckoned_at}
            changed = await rows.change(connection, desk_scales, still, {"at": now, "scale": scale})
        return scale if changed is not None else before
