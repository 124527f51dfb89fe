"""Accounts: who exists, what they are, and their passwords."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.clock import Clock
from voicebot.domain import EN, Json, Language, TenantId
from voicebot.errors import Conflict, NotAllowed, NotFound, SignInRefused
from voicebot.people.model import (
    NewSession,
    Person,
    Role,
    SignedIn,
    Where,
    checked_login,
    checked_name,
    login_key,
)
from voicebot.people.passwords import (
    PasswordProblem,
    Passwords,
    UnfitPassword,
    checked_password,
    generated_password,
)
from voicebot.people.roles import Capability, may, roles_given_by
from voicebot.people.rows import digest, new_secret, person_of
from voicebot.people.sessions import Sessions
from voicebot.store import SqlStore
from voicebot.store import people as rows
from voicebot.store import people_gate as gate
from voicebot.store.people_audit import AuditLine, append_audit

LINK_LASTS = timedelta(hours=24)
OPERATOR = "operator"
"""Who acts when no account does: somebody at the machine."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account to be made. Without ``password`` the person signs in by a link or an identity provider."""

    login: str
    name: str
    tenant: TenantId | None
    roles: frozenset[Role]
    language: Language = EN
    id: str = ""
    password: str | None = None
    must_change: bool = True
    grants: tuple[TenantId, ...] = ()


class Accounts:
    """Adds, changes and lists accounts. ``by`` is who does it; None is the operator at the machine.

    Every transaction writes its line of the audit log last: writers take turns there, and whoever waits for that turn
    must hold nothing that the one before still wants.
    """

    def __init__(self, store: SqlStore, clock: Clock, passwords: Passwords, sessions: Sessions) -> None:
        self._store, self._clock, self._passwords, self._sessions = store, clock, passwords, sessions

    async def get(self, account: str) -> Person:
        """One person. Raises NotFound."""
        async with self._store.reading() as connection:
            return person_of(await self._row(connection, account))

    async def by_login(self, login: str) -> Person | None:
        """The person with this login."""
        async with self._store.reading() as connection:
            row = await rows.account_by_login(connection, login_key(login))
        return None if row is None else person_of(row)

    async def list(self, tenant: TenantId | None, *, every: bool = False) -> tuple[Person, ...]:
        """People of a tenant (None: of the installation), or everybody; by login."""
        async with self._store.reading() as connection:
            return tuple(person_of(row) for row in await rows.list_accounts(connection, tenant, every=every))

    async def add(self, wanted: Wanted, by: SignedIn | None = None) -> Person:
        """Make an account.

        Raises:
            PeopleError: login, name or password cannot be used.
            NotAllowed: ``by`` may not give these roles, or not there.
            Conflict: login or id is taken.
        """
        _may_change(by, wanted.tenant, wanted.roles)
        if wanted.grants:
            _may_grant(by)
        login, name = checked_login(wanted.login), checked_name(wanted.name)
        kept = None
        if wanted.password is not None:
            kept = await self._passwords.hashed(checked_password(wanted.password, login))
        now = self._clock.now()
        row = rows.AccountRow(
            id=wanted.id or f"p-{secrets.token_hex(8)}",
            tenant=wanted.tenant,
            login=login,
            login_key=login_key(login),
            name=name,
            roles=_names(wanted.roles),
            grants=tuple(wanted.grants),
            language=wanted.language,
            disabled=False,
            must_change=wanted.must_change and kept is not None,
            password_hash=kept,
            outside_id=None,
            created_at=now,
            changed_at=now,
        )
        try:
            async with self._store.writing() as connection:
                await rows.add_account(connection, row)
                await self._note(connection, by, "account_added", row, {"roles": list(row.roles)})
        except IntegrityError:
            raise Conflict(f"There is an account with the login {login} or the id {row.id} already.") from None
        return person_of(row)

    async def change(
        self,
        account: str,
        by: SignedIn | None = None,
        *,
        name: str | None = None,
        roles: Collection[Role] | None = None,
        language: Language | None = None,
        disabled: bool | None = None,
        grants: Collection[TenantId] | None = None,
    ) -> Person:
        """Change what is given; disabling ends every session at once.

        Raises:
            NotFound: no such account.
            NotAllowed: ``by`` may not change this account or give these roles.
            PeopleError: the name cannot be used.
        """
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = checked_name(name)
        if language is not None:
            changes["language"] = language
        async with self._store.writing() as connection:
            row = await self._row(connection, account)
            held = person_of(row)
            _may_change(by, row.tenant, held.roles)
            if by is not None and by.person.id == account and (roles is not None or disabled):
                raise NotAllowed("Nobody changes their own roles or disables themselves. Ask another administrator.")
            if roles is not None:
                _may_change(by, row.tenant, frozenset(roles) ^ held.roles)
                changes["roles"] = list(_names(roles))
            if grants is not None:
                _may_grant(by)
                changes["grants"] = sorted(grants)
            if disabled is not None:
                changes["disabled"] = disabled
            await rows.change_account(connection, account, changes | {"changed_at": self._clock.now()})
            ended = await rows.end_sessions(connection, account) if disabled else ()
            if disabled:
                await gate.revoke_secrets(connection, account)
            after = person_of(await self._row(connection, account))
            await self._note(connection, by, "account_changed", row, _told(changes, row))
        self._sessions.tell(ended)
        return after

    async def set_password(
        self, account: str, password: str | None = None, by: SignedIn | None = None, *, must_change: bool = True
    ) -> str:
        """Give an account a new password, a generated one if none is given; every session ends. Returns it.

        Raises NotFound, NotAllowed and PeopleError.
        """
        async with self._store.reading() as connection:
            row = await self._row(connection, account)
        _may_change(by, row.tenant, person_of(row).roles)
        new = password if password is not None else generated_password()
        await self._keep(row, checked_password(new, row.login), must_change, "password_reset", by)
        return new

    async def change_own_password(self, who: SignedIn, old: str, new: str, where: Where) -> NewSession:
        """Change one's own password; every other session ends and this one gets a new secret.

        Raises:
            SignInRefused: the old password is wrong.
            TooManyAttempts: it was wrong too often.
            PeopleError: the new password cannot be used.
        """
        async with self._store.reading() as connection:
            row = await self._row(connection, who.person.id)
        await self._sessions.prove(row, old, where)
        if old == new:
            raise UnfitPassword(PasswordProblem.SAME)
        await self._keep(row, checked_password(new, row.login), False, "password_changed", who)
        async with self._store.writing() as connection:
            return await self._sessions.begin(connection, row.id, where, None, how="password_changed")

    async def sign_out_everywhere(self, account: str, by: SignedIn | None = None) -> None:
        """End every session of an account. Raises NotFound and NotAllowed."""
        async with self._store.writing() as connection:
            row = await self._row(connection, account)
            _may_change(by, row.tenant, person_of(row).roles)
            ended = await rows.end_sessions(connection, account)
            await self._note(connection, by, "signed_out_everywhere", row, {"sessions": len(ended)})
        self._sessions.tell(ended)

    async def make_link(self, account: str, by: SignedIn | None = None) -> str:
        """A secret for a link by which the person sets a password themselves; works once, for a day.

        Raises NotFound and NotAllowed.
        """
        secret = new_secret()
        async with self._store.writing() as connection:
            row = await self._row(connection, account)
            _may_change(by, row.tenant, person_of(row).roles)
            await gate.revoke_secrets(connection, account)
            expires_at = self._clock.now() + LINK_LASTS
            await gate.keep_secret(connection, digest(secret), "password", {}, expires_at, account)
            await self._note(connection, by, "password_link_made", row, {})
        return secret

    async def use_link(self, secret: str, new: str, where: Where) -> NewSession:
        """Set a password by a link and sign in.

        Raises:
            SignInRefused: the link was used, is too old, or never was one; or the account is disabled.
            PeopleError: the password cannot be used; the link still works.
        """
        checked_password(new, "")
        hashed = await self._passwords.hashed(new)
        now = self._clock.now()
        async with self._store.writing() as connection:
            used = await gate.use_secret(connection, digest(secret), "password", now)
            if used is None or used[0] is None:
                raise SignInRefused("This link cannot be used any more. Ask your administrator for a new one.")
            row = await self._row(connection, used[0])
            checked_password(new, row.login)
            changes = {"password_hash": hashed, "must_change": False, "changed_at": now}
            await rows.change_account(connection, row.id, changes)
            ended = await rows.end_sessions(connection, row.id)
            begun = await self._sessions.begin(connection, row.id, where, None, how="link")
            await self._note(connection, row.id, "password_set_by_link", row, {})
        self._sessions.tell(ended)
        return begun

    async def _keep(self, row: rows.AccountRow, new: str, must_change: bool, what: str, by: SignedIn | None) -> None:
        changes = {
            "password_hash": await self._passwords.hashed(new),
            "must_change": must_change,
            "changed_at": self._clock.now(),
        }
        async with self._store.writing() as connection:
            await rows.change_account(connection, row.id, changes)
            ended = await rows.end_sessions(connection, row.id)
            await gate.revoke_secrets(connection, row.id)
            await self._note(connection, by, what, row, {})
        self._sessions.tell(ended)

    async def _row(self, connection: AsyncConnection, account: str) -> rows.AccountRow:
        row = await rows.account_by_id(connection, account)
        if row is None:
            raise NotFound(f"There is no account {account}")
        return row

    async def _note(
        self,
        connection: AsyncConnection,
        by: SignedIn | str | None,
        what: str,
        row: rows.AccountRow,
        detail: Mapping[str, Json],
    ) -> None:
        who, address = (by.person.id, by.address) if isinstance(by, SignedIn) else (by or OPERATOR, "")
        await append_audit(connection, AuditLine(self._clock.now(), who, what, row.id, row.tenant, address, detail))


def _names(roles: Collection[Role]) -> tuple[str, ...]:
    return tuple(sorted(role.value for role in roles))


def _told(changes: Mapping[str, Any], row: rows.AccountRow) -> dict[str, Json]:
    """What changed, from what to what; names stay out of the log."""
    told: dict[str, Json] = {key: changes[key] for key in ("language", "disabled", "grants") if key in changes}
    if "roles" in changes:
        told |= {"roles": changes["roles"], "roles_before": list(row.roles)}
    if "name" in changes:
        told["renamed"] = True
    return told


def _may_change(by: SignedIn | None, tenant: TenantId | None, roles: Collection[Role]) -> None:
    if by is None:
        return
    if not may(by.person, Capability.EDIT_ACCOUNTS, tenant):
        raise NotAllowed("You may not change accounts there.")
    if not frozenset(roles) <= roles_given_by(by.person):
        raise NotAllowed("You may not give or take these roles, nor change who holds them.")


def _may_grant(by: SignedIn | None) -> None:
    """Opening one company's customers to another's people is up to the installation."""
    if by is not None and by.person.tenant is not None:
        raise NotAllowed("Only administrators of the installation let people serve another company.")
