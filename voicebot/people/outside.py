"""Signing in by an identity provider: which account it is, and what its claims make of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from voicebot.clock import Clock
from voicebot.domain import EN, Json, Language, TenantId
from voicebot.errors import SettingsError, SignInRefused
from voicebot.people.delays import key_of
from voicebot.people.model import NewSession, Role, Where, checked_login, checked_name, login_key
from voicebot.people.rows import digest, new_secret
from voicebot.people.sessions import Sessions
from voicebot.store import SqlStore
from voicebot.store import people as rows
from voicebot.store import people_gate as gate
from voicebot.store.people_audit import AuditLine, append_audit

_STATE_LASTS = timedelta(minutes=10)
_REFUSED = "The identity provider knows you, but this server has no account for you. Ask an administrator."


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """What claims mean.

    ``roles`` maps (claim, value) to a role. ``tenant`` is a company id, or ``tenant_claim`` names the claim that holds
    one of ``tenants``. Without roles only accounts that were made here beforehand may sign in.
    """

    roles: Mapping[tuple[str, str], Role] = field(default_factory=dict)
    tenant: TenantId | None = None
    tenant_claim: str = ""
    tenants: tuple[TenantId, ...] = ()

    def roles_of(self, claims: Mapping[str, Json]) -> frozenset[Role]:
        """The roles that claims give; a claim may be one value or a list."""
        return frozenset(role for (claim, value), role in self.roles.items() if value in _values(claims.get(claim)))

    def tenant_of(self, claims: Mapping[str, Json]) -> TenantId | None:
        """The company that claims name; None when they name none that is served here."""
        if not self.tenant_claim:
            return self.tenant
        found = [tenant for tenant in self.tenants if tenant in _values(claims.get(self.tenant_claim))]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider and how it knows us. ``issuer`` is https, or http on this machine."""

    issuer: str
    client_id: str
    client_secret: str = ""
    rules: ClaimRules = ClaimRules()

    def __post_init__(self) -> None:
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise SettingsError("VOICEBOT_OIDC_ISSUER must be an https address.")
        if not self.client_id:
            raise SettingsError("VOICEBOT_OIDC_CLIENT_ID is missing; the identity provider gives it out.")


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that has left for the provider and has not come back. ``verifier`` proves that we asked (PKCE)."""

    nonce: str
    verifier: str
    onward: str


class Outside:
    """Accounts of an identity provider."""

    def __init__(self, store: SqlStore, clock: Clock, sessions: Sessions) -> None:
        self._store, self._sessions = store, sessions
        self.clock = clock

    async def start(self, onward: str) -> tuple[str, Started]:
        """Begin: a state that works once, within ten minutes, and what belongs to it."""
        state, started = new_secret(), Started(new_secret(), secrets.token_urlsafe(48), onward)
        body: dict[str, Json] = {"nonce": started.nonce, "verifier": started.verifier, "onward": onward}
        async with self._store.writing() as connection:
            await gate.forget_old(connection, self.clock.now() - timedelta(days=30), self.clock.now())
            await gate.keep_secret(connection, digest(state), "outside", body, self.clock.now() + _STATE_LASTS)
        return state, started

    async def take(self, state: str) -> Started:
        """What belongs to a state, the first time. Raises SignInRefused for every other one."""
        async with self._store.writing() as connection:
            found = await gate.use_secret(connection, digest(state), "outside", self.clock.now())
        if found is None:
            raise SignInRefused("This sign-in was begun too long ago, or not here. Begin again at /login.")
        body = found[1]
        return Started(str(body["nonce"]), str(body["verifier"]), str(body["onward"]))

    async def sign_in(
        self, claims: Mapping[str, Json], rules: ClaimRules, where: Where, previous: str | None
    ) -> NewSession:
        """Begin a session for the subject of ``claims``, which the caller has verified.

        Known subjects come back as who they are, their roles as the claims say. A new subject takes an account that an
        administrator made for it: same login, no password, linked to nobody. Otherwise an account is made, if the
        claims give roles and a company.

        Raises:
            SignInRefused: none of that.
        """
        key = key_of("outside", str(claims["iss"]), str(claims["sub"]))
        given = rules.roles_of(claims)
        now = self.clock.now()
        told: AuditLine | None = None
        async with self._store.writing() as connection:
            row = await rows.account_by_outside_id(connection, key)
            if row is None:
                row = await rows.account_by_login(connection, login_key(_login(claims)))
                if row is not None and (row.password_hash is not None or row.outside_id is not None):
                    raise SignInRefused(_REFUSED)
                if row is not None:
                    await rows.change_account(connection, row.id, {"outside_id": key, "changed_at": now})
            if row is None:
                row = self._new(claims, rules, given, key)
                await rows.add_account(connection, row)
                told = AuditLine(
                    now, "oidc", "account_added", row.id, row.tenant, where.address, {"roles": list(row.roles)}
                )
            elif rules.roles and set(row.roles) != {role.value for role in given}:
                if not given:
                    raise SignInRefused(_REFUSED)
                names = sorted(role.value for role in given)
                await rows.change_account(connection, row.id, {"roles": names, "changed_at": now})
                detail: dict[str, Json] = {"roles": list(names), "roles_before": list(row.roles)}
                told = AuditLine(now, "oidc", "account_changed", row.id, row.tenant, where.address, detail)
            begun = await self._sessions.begin(connection, row.id, where, previous, how="oidc")
            if told is not None:
                await append_audit(connection, told)
            return begun

    def _new(self, claims: Mapping[str, Json], rules: ClaimRules, roles: frozenset[Role], key: str) -> rows.AccountRow:
        tenant = rules.tenant_of(claims)
        if not roles or tenant is None:
            raise SignInRefused(_REFUSED)
        login = checked_login(_login(claims))
        now = self.clock.now()
        return rows.AccountRow(
            id=f"p-{secrets.token_hex(8)}",
            tenant=tenant,
            login=login,
            login_key=login_key(login),
            name=checked_name(str(claims.get("name") or login)),
            roles=tuple(sorted(role.value for role in roles)),
            grants=(),
            language=Language(str(claims.get("locale") or EN).split("-")[0].lower()[:3]),
            disabled=False,
            must_change=False,
            password_hash=None,
            outside_id=key,
            created_at=now,
            changed_at=now,
        )


def _login(claims: Mapping[str, Json]) -> str:
    """What the provider calls the person; an address only once it is verified. Raises SignInRefused."""
    if isinstance(name := claims.get("preferred_username"), str) and name:
        return name
    if isinstance(mail := claims.get("email"), str) and mail and claims.get("email_verified") is True:
        return mail
    raise SignInRefused("The identity provider told no name: it needs the scopes profile and email.")


def _values(claim: Json) -> tuple[str, ...]:
    if isinstance(claim, str):
        return (claim,)
    return tuple(one for one in claim if isinstance(one, str)) if isinstance(claim, list) else ()
