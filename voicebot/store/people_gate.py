"""Attempts to sign in, and secrets that work once; within the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.domain import Json
from voicebot.store.people_tables import attempts, secrets_once


async def count_attempt(
    connection: AsyncConnection,
    key: str,
    now: datetime,
    delay: Callable[[int], timedelta],
    forget: timedelta,
) -> datetime | None:
    """Count one attempt under ``key``; the moment before which none is taken, if this one came too early.

    An attempt counts as failed until :func:`take_back` or :func:`clear_attempts`, so that many at once cannot slip
    through. Failures older than ``forget`` are forgotten.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = {"key": key, "failures": 0, "last_at": now, "until": now}
    await connection.execute(dialect.insert(attempts).values(fresh).on_conflict_do_nothing())
    counted = case((attempts.c.last_at < now - forget, 1), else_=attempts.c.failures + 1)
    change = (
        update(attempts)
        .where(attempts.c.key == key, attempts.c.until <= now)
        .values(failures=counted, last_at=now)
        .returning(attempts.c.failures)
    )
    failures = (await connection.execute(change)).scalar_one_or_none()
    if failures is None:
        until: datetime = (await connection.execute(select(attempts.c.until).where(attempts.c.key == key))).scalar_one()
        return until
    await connection.execute(update(attempts).where(attempts.c.key == key).values(until=now + delay(failures)))
    return None


async def take_back(connection: AsyncConnection, key: str, now: datetime) -> None:
    """The attempt counted last was a good one."""
    await connection.execute(
        update(attempts)
        .where(attempts.c.key == key, attempts.c.failures > 0)
        .values(failures=attempts.c.failures - 1, until=now)
    )


async def clear_attempts(connection: AsyncConnection, key: str) -> None:
    """Nothing is held against this key any more."""
    await connection.execute(delete(attempts).where(attempts.c.key == key))


async def remember(connection: AsyncConnection, key: str, now: datetime) -> None:
    """Keep a mark under ``key``; :func:`remembered` finds it until it is forgotten."""
    await clear_attempts(connection, key)
    await connection.execute(insert(attempts).values(key=key, failures=0, last_at=now, until=now))


async def remembered(connection: AsyncConnection, key: str, since: datetime) -> bool:
    """Whether a mark was kept under this key, not before ``since``."""
    query = select(attempts.c.key).where(attempts.c.key == key, attempts.c.last_at >= since)
    return (await connection.execute(query)).one_or_none() is not None


async def forget_old(connection: AsyncConnection, attempts_before: datetime, now: datetime) -> None:
    """Remove attempts nobody counts any more and secrets that have expired."""
    await connection.execute(delete(attempts).where(attempts.c.last_at < attempts_before))
    await connection.execute(delete(secrets_once).where(secrets_once.c.expires_at <= now))


async def keep_secret(
    connection: AsyncConnection,
    digest: str,
    purpose: str,
    body: dict[str, Json],
    expires_at: datetime,
    account: str | None = None,
) -> None:
    """Keep a secret that works once, by its digest."""
    row: dict[str, Any] = {"digest": digest, "purpose": purpose, "body": body, "expires_at": expires_at}
    await connection.execute(insert(secrets_once).values(row | {"account": account}))


async def use_secret(
    connection: AsyncConnection, digest: str, purpose: str, now: datetime
) -> tuple[str | None, dict[str, Json]] | None:
    """Take a secret: account and body the first time, None ever after, when unknown, and when expired."""
    change = (
        delete(secrets_once)
        .where(secrets_once.c.digest == digest, secrets_once.c.purpose == purpose)
        .returning(secrets_once.c.account, secrets_once.c.body, secrets_once.c.expires_at)
    )
    row = (await connection.execute(change)).one_or_none()
    return None if row is None or row.expires_at <= now else (row.account, row.body)


async def revoke_secrets(connection: AsyncConnection, account: str) -> None:
    """No secret of this account works any more."""
    await connection.execute(delete(secrets_once).where(secrets_once.c.account == account))
