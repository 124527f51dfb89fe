"""Rows of accounts and sessions; every function works within the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.domain import TenantId
from voicebot.store.people_tables import accounts, sessions


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account as it is kept. ``outside_id`` is the digest of issuer and subject at an identity provider."""

    id: str
    tenant: TenantId | None
    login: str
    login_key: str
    name: str
    roles: tuple[str, ...]
    grants: tuple[str, ...]
    language: str
    disabled: bool
    must_change: bool
    password_hash: str | None
    outside_id: str | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as it is kept: the digest of its secret, never the secret."""

    id: str
    account: str
    digest: str
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    browser: str


async def add_account(connection: AsyncConnection, row: AccountRow) -> None:
    """Raises IntegrityError when id, login or outside id is taken."""
    await connection.execute(insert(accounts).values(_values(row)))


async def change_account(connection: AsyncConnection, account: str, changes: Mapping[str, Any]) -> bool:
    """Set columns of one account; False when there is none."""
    done = await connection.execute(update(accounts).where(accounts.c.id == account).values(dict(changes)))
    return done.rowcount == 1


async def account_by_id(connection: AsyncConnection, account: str) -> AccountRow | None:
    """The account under this id."""
    query = select(accounts).where(accounts.c.id == account)
    return _account((await connection.execute(query)).one_or_none())


async def account_by_login(connection: AsyncConnection, key: str) -> AccountRow | None:
    """The account of a login in its compared form."""
    query = select(accounts).where(accounts.c.login_key == key)
    return _account((await connection.execute(query)).one_or_none())


async def account_by_outside_id(connection: AsyncConnection, outside_id: str) -> AccountRow | None:
    """The account an identity provider's subject signs in as."""
    query = select(accounts).where(accounts.c.outside_id == outside_id)
    return _account((await connection.execute(query)).one_or_none())


async def list_accounts(connection: AsyncConnection, tenant: TenantId | None, *, every: bool) -> tuple[AccountRow, ...]:
    """Accounts of one tenant (None: of the installation itself), or ``every`` account; by login."""
    query = select(accounts).order_by(accounts.c.login_key)
    if not every:
        query = query.where(accounts.c.tenant == tenant)
    found = (_account(row) for row in (await connection.execute(query)).all())
    return tuple(row for row in found if row is not None)


async def add_session(connection: AsyncConnection, row: SessionRow) -> None:
    """Keep a new session."""
    await connection.execute(insert(sessions).values({name: getattr(row, name) for name in _SESSION_FIELDS}))


async def session_by_digest(connection: AsyncConnection, digest: str) -> tuple[SessionRow, AccountRow] | None:
    """A session and whose it is."""
    session = (await connection.execute(select(sessions).where(sessions.c.digest == digest))).one_or_none()
    if session is None:
        return None
    account = await account_by_id(connection, session.account)
    return None if account is None else (_session(session), account)


async def session_by_id(connection: AsyncConnection, session: str) -> tuple[SessionRow, AccountRow] | None:
    """A session and whose it is, by its id."""
    row = (await connection.execute(select(sessions).where(sessions.c.id == session))).one_or_none()
    if row is None:
        return None
    account = await account_by_id(connection, row.account)
    return None if account is None else (_session(row), account)


async def sessions_of(connection: AsyncConnection, account: str) -> tuple[SessionRow, ...]:
    """Every session of an account, latest first."""
    query = select(sessions).where(sessions.c.account == account).order_by(sessions.c.began_at.desc(), sessions.c.id)
    return tuple(_session(row) for row in (await connection.execute(query)).all())


async def see_session(connection: AsyncConnection, session: str, at: datetime) -> None:
    """The session was used."""
    await connection.execute(update(sessions).where(sessions.c.id == session).values(seen_at=at))


async def end_sessions(
    connection: AsyncConnection, account: str, *, only: str | None = None, spare: str | None = None
) -> tuple[str, ...]:
    """End sessions of an account: all, ``only`` one, or all but ``spare``. Returns the ids that ended."""
    change = delete(sessions).where(sessions.c.account == account).returning(sessions.c.id)
    if only is not None:
        change = change.where(sessions.c.id == only)
    if spare is not None:
        change = change.where(sessions.c.id != spare)
    return tuple(row.id for row in (await connection.execute(change)).all())


async def forget_old_sessions(connection: AsyncConnection, expired: datetime, idle: datetime) -> None:
    """Remove sessions that cannot be used any more."""
    await connection.execute(delete(sessions).where((sessions.c.expires_at <= expired) | (sessions.c.seen_at <= idle)))


_ACCOUNT_FIELDS = tuple(AccountRow.__dataclass_fields__)
_SESSION_FIELDS = tuple(SessionRow.__dataclass_fields__)


def _values(row: AccountRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _ACCOUNT_FIELDS}
    return values | {"roles": list(row.roles), "grants": list(row.grants)}


def _account(row: Row[Any] | None) -> AccountRow | None:
    if row is None:
        return None
    values = {name: getattr(row, name) for name in _ACCOUNT_FIELDS}
    return AccountRow(**values | {"roles": tuple(row.roles), "grants": tuple(row.grants)})


def _session(row: Row[Any]) -> SessionRow:
    return SessionRow(**{name: getattr(row, name) for name in _SESSION_FIELDS})
