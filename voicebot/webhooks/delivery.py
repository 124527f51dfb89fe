"""At-least-once delivery: a notice is written down first, then sent until it is taken or given up."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from voicebot.clock import Clock
from voicebot.domain import Json, TenantId
from voicebot.errors import NotFound, SettingsError
from voicebot.store import SqlStore
from voicebot.store.outside_tables import deliveries, webhooks
from voicebot.webhooks.kinds import KINDS
from voicebot.webhooks.signing import HEADER, sign

_log = logging.getLogger(__name__)

_TIMEOUT_S = 10.0
_WAITS_S = (5, 30, 120, 600, 1800, 3600, 7200, 14400)
"""Seconds before each further try; after the last the notice is dead."""
_LEASE_S = 30.0
_TICK_S = 1.0
_BATCH = 20


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscriber. ``kinds`` empty: every kind. The secret is shown once, when it is made."""

    id: str
    tenant: TenantId
    url: str
    kinds: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice to one subscriber. ``state``: pending, delivered or dead; ``answer``: the last status or failure."""

    id: str
    webhook: str
    kind: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    answer: str


class Webhooks:
    """Subscriptions and their deliveries; several processes may run it on one store."""

    def __init__(self, store: SqlStore, clock: Clock, client: httpx.AsyncClient | None = None) -> None:
        self._store, self._clock = store, clock
        self._client = client or httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False)
        self._work = asyncio.Event()

    async def close(self) -> None:
        """Give connections back."""
        await self._client.aclose()

    async def add(self, tenant: TenantId, url: str, secret: str, kinds: Sequence[str] = ()) -> Webhook:
        """Subscribe an address.

        Raises:
            SettingsError: the address is no http(s) address, a kind is unknown, or the secret is too short.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError("A webhook needs a full http(s) address, for example https://crm.example/voicebot.")
        if unknown := sorted(set(kinds) - set(KINDS)):
            raise SettingsError(f"There is no notice {unknown[0]}. Known are: {', '.join(KINDS)}.")
        if len(secret) < 16:
            raise SettingsError("A webhook's secret must have at least 16 characters.")
        hook = Webhook(f"wh-{uuid.uuid4().hex}", tenant, url, tuple(kinds), True)
        row = {"id": hook.id, "tenant": tenant, "url": url, "secret": secret, "kinds": list(kinds), "enabled": True}
        async with self._store.writing() as connection:
            await connection.execute(insert(webhooks).values(row | {"created_at": self._clock.now()}))
        return hook

    async def remove(self, tenant: TenantId, webhook: str) -> None:
        """Unsubscribe; what was not delivered yet is dropped. Raises NotFound."""
        async with self._store.writing() as connection:
            mine = (webhooks.c.id == webhook) & (webhooks.c.tenant == tenant)
            if (await connection.execute(select(webhooks.c.id).where(mine))).one_or_none() is None:
                raise NotFound("There is no such webhook.")
            await connection.execute(delete(deliveries).where(deliveries.c.webhook == webhook))
            await connection.execute(delete(webhooks).where(mine))

    async def listed(self, tenant: TenantId) -> tuple[Webhook, ...]:
        """A company's subscribers, oldest first; secrets are not told."""
        query = select(webhooks).where(webhooks.c.tenant == tenant).order_by(webhooks.c.created_at, webhooks.c.id)
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Webhook(row.id, row.tenant, row.url, tuple(row.kinds), bool(row.enabled)) for row in rows)

    async def emit(self, tenant: TenantId, kind: str, body: Mapping[str, Json], key: str) -> int:
        """Write a notice down for everybody who wants it. ``key`` makes it idempotent. Returns how many will get it."""
        now = self._clock.now()
        wanted = [hook for hook in await self.listed(tenant) if hook.enabled and (not hook.kinds or kind in hook.kinds)]
        written = 0
        for hook in wanted:
            name = f"{key}:{kind}:{hook.id}"
            row = {
                "id": uuid.uuid5(uuid.NAMESPACE_URL, name).hex,
                "webhook": hook.id,
                "tenant": tenant,
                "kind": kind,
                "body": {"id": key, "kind": kind, "tenant": tenant, "at": now.isoformat(), "data": dict(body)},
                "state": "pending",
                "created_at": now,
                "next_at": now,
            }
            try:
                async with self._store.writing() as connection:
                    await connection.execute(insert(deliveries).values(row))
            except IntegrityError:
                continue
            written += 1
        if written:
            self._work.set()
        return written

    async def dead(self, tenant: TenantId, limit: int = 100) -> tuple[Delivery, ...]:
        """Notices that were given up, latest first."""
        return await self._deliveries(tenant, "dead", limit)

    async def pending(self, tenant: TenantId, limit: int = 100) -> tuple[Delivery, ...]:
        """Notices still to be taken."""
        return await self._deliveries(tenant, "pending", limit)

    async def again(self, tenant: TenantId, delivery: str) -> None:
        """Try a dead notice once more, from the beginning. Raises NotFound."""
        change = (
            update(deliveries)
            .where(deliveries.c.id == delivery, deliveries.c.tenant == tenant, deliveries.c.state == "dead")
            .values(state="pending", attempts=0, next_at=self._clock.now())
        )
        async with self._store.writing() as connection:
            if (await connection.execute(change)).rowcount == 0:
                raise NotFound("There is no such dead notice.")
        self._work.set()

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            sent = await self.send_due()
            if sent < _BATCH:
                self._work.clear()
                waiting = asyncio.ensure_future(self._work.wait())
                tick = asyncio.ensure_future(self._clock.sleep(_TICK_S))
                _, rest = await asyncio.wait({waiting, tick}, return_when=asyncio.FIRST_COMPLETED)
                for task in rest:
                    task.cancel()

    async def send_due(self) -> int:
        """Send up to one batch of what is due. Returns how many were tried."""
        now = self._clock.now()
        query = (
            select(deliveries, webhooks.c.url, webhooks.c.secret)
            .join(webhooks, webhooks.c.id == deliveries.c.webhook)
            .where(deliveries.c.state == "pending", deliveries.c.next_at <= now)
            .order_by(deliveries.c.next_at)
            .limit(_BATCH)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        await asyncio.gather(*(self._send(row) for row in rows))
        return len(rows)

    async def _send(self, row: Row[tuple[object, ...]]) -> None:
        if not await self._claim(row.id, row.next_at):
            return
        now = self._clock.now()
        body = json.dumps(row.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", HEADER: sign(row.secret, body, now), "X-Voicebot-Kind": row.kind}
        try:
            answer = await self._client.post(row.url, content=body, headers=headers)
            taken, words = answer.is_success, str(answer.status_code)
        except httpx.HTTPError as error:
            taken, words = False, type(error).__name__
        await self._note(row.id, row.attempts + 1, taken, words)

    async def _claim(self, delivery: str, next_at: datetime) -> bool:
        """Take a notice for one try, so that no other process sends it at the same time."""
        change = (
            update(deliveries)
            .where(deliveries.c.id == delivery, deliveries.c.state == "pending", deliveries.c.next_at == next_at)
            .values(next_at=self._clock.now() + timedelta(seconds=_LEASE_S))
        )
        async with self._store.writing() as connection:
            return (await connection.execute(change)).rowcount == 1

    async def _note(self, delivery: str, attempts: int, taken: bool, words: str) -> None:
        values: dict[str, object] = {"attempts": attempts, "answer": words}
        if taken:
            values["state"] = "delivered"
        elif attempts > len(_WAITS_S):
            values["state"] = "dead"
            _log.warning("notice %s was given up after %d tries: %s", delivery, attempts, words)
        else:
            values["next_at"] = self._clock.now() + timedelta(seconds=_WAITS_S[attempts - 1])
        async with self._store.writing() as connection:
            await connection.execute(update(deliveries).where(deliveries.c.id == delivery).values(values))

    async def _deliveries(self, tenant: TenantId, state: str, limit: int) -> tuple[Delivery, ...]:
        query = (
            select(deliveries)
            .where(deliveries.c.tenant == tenant, deliveries.c.state == state)
            .order_by(deliveries.c.created_at.desc(), deliveries.c.id)
            .limit(limit)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            Delivery(row.id, row.webhook, row.kind, row.state, row.attempts, row.created_at, row.next_at, row.answer)
            for row in rows
        )
