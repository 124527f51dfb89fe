"""Signing in and out: sessions with an idle and an absolute end, and attempts that have to wait."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.clock import Clock
from voicebot.errors import SignInRefused, TooManyAttempts
from voicebot.people.delays import ADDRESS, FORGET, KNOWN_FOR, LOGIN, PAIR, key_of
from voicebot.people.model import NewSession, OpenSession, SignedIn, Where, login_key
from voicebot.people.passwords import LONGEST, Passwords
from voicebot.people.rows import csrf_of, digest, new_secret, person_of
from voicebot.store import SqlStore
from voicebot.store import people as rows
from voicebot.store import people_gate as gate
from voicebot.store.people_audit import AuditLine, append_audit

_SEEN_EVERY = timedelta(minutes=1)
_REFUSED = "Login or password is wrong."


@dataclass(frozen=True, slots=True)
class SessionRules:
    """``idle``: a session ends after this long without a request; ``longest``: and after this long in any case."""

    idle: timedelta = timedelta(hours=12)
    longest: timedelta = timedelta(hours=24)
    look_every_s: float = 5.0
    """How often an open socket makes sure that its session goes on, when another process may have ended it."""


class Sessions:
    """Begins, recognises and ends sessions."""

    def __init__(self, store: SqlStore, clock: Clock, passwords: Passwords, rules: SessionRules) -> None:
        self._store, self._clock, self._passwords, self.rules = store, clock, passwords, rules
        self._watched: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def sign_in(self, login: str, password: str, where: Where, previous: str | None = None) -> NewSession:
        """Begin a session; the one of the cookie ``previous`` ends, so that a planted cookie is worth nothing.

        Raises:
            SignInRefused: login or password is wrong, or the account is disabled; nobody can tell which.
            TooManyAttempts: this login or this address has to wait.
        """
        key = login_key(login)[:256]
        known = await self._may_try(key, where.address)
        async with self._store.reading() as connection:
            row = await rows.account_by_login(connection, key)
        right = await self._passwords.matches(None if row is None else row.password_hash, password[: 4 * LONGEST])
        if row is None or row.password_hash is None or not right or row.disabled:
            await self._refuse(row, where)
        newer = None
        if self._passwords.outdated(row.password_hash):
            newer = await self._passwords.hashed(password)
        async with self._store.writing() as connection:
            now = self._clock.now()
            if newer is not None:
                await rows.change_account(connection, row.id, {"password_hash": newer})
            await gate.clear_attempts(connection, key_of(PAIR.kind, key, where.address))
            await gate.take_back(connection, key_of(ADDRESS.kind, where.address), now)
            if not known:
                await gate.take_back(connection, key_of(LOGIN.kind, key), now)
            await gate.remember(connection, key_of("known", key, where.address), now)
            return await self.begin(connection, row.id, where, previous, how="password")

    async def prove(self, row: rows.AccountRow, password: str, where: Where) -> None:
        """Make somebody who is signed in prove that it is them. Raises SignInRefused and TooManyAttempts."""
        await self._may_try(row.login_key, where.address)
        if not await self._passwords.matches(row.password_hash, password[: 4 * LONGEST]):
            await self._refuse(row, where)
        async with self._store.writing() as connection:
            now = self._clock.now()
            await gate.clear_attempts(connection, key_of(PAIR.kind, row.login_key, where.address))
            await gate.take_back(connection, key_of(ADDRESS.kind, where.address), now)

    async def begin(
        self, connection: AsyncConnection, account: str, where: Where, previous: str | None, *, how: str
    ) -> NewSession:
        """Begin a session for somebody who has proved who they are. Raises SignInRefused."""
        now = self._clock.now()
        row = await rows.account_by_id(connection, account)
        if row is None or row.disabled:
            raise SignInRefused(_REFUSED)
        if previous:
            old = await rows.session_by_digest(connection, digest(previous))
            if old is not None:
                self.tell(await rows.end_sessions(connection, old[1].id, only=old[0].id))
        secret = new_secret()
        kept = rows.SessionRow(
            id=f"s-{secrets.token_hex(12)}",
            account=row.id,
            digest=digest(secret),
            began_at=now,
            seen_at=now,
            expires_at=now + self.rules.longest,
            address=where.address[:64],
            browser=where.browser[:200],
        )
        await rows.add_session(connection, kept)
        await rows.forget_old_sessions(connection, now, now - self.rules.idle)
        await gate.forget_old(connection, now - KNOWN_FOR, now)
        await append_audit(
            connection, AuditLine(now, row.id, "signed_in", row.id, row.tenant, where.address, {"how": how})
        )
        person = person_of(row)
        return NewSession(secret, SignedIn(person, csrf_of(secret), kept.id, kept.expires_at, where.address))

    async def resume(self, secret: str, address: str = "") -> SignedIn | None:
        """Who is signed in with this cookie; None when nobody is any more."""
        async with self._store.reading() as connection:
            found = await rows.session_by_digest(connection, digest(secret))
        if found is None or not self._lives(*found):
            return None
        session, account = found
        now = self._clock.now()
        if now - session.seen_at >= _SEEN_EVERY:
            async with self._store.writing() as connection:
                await rows.see_session(connection, session.id, now)
        return SignedIn(person_of(account), csrf_of(secret), session.id, session.expires_at, address)

    async def sign_out(self, who: SignedIn) -> None:
        """End the session that asks."""
        await self.end(who.person.id, who.session)

    async def end(self, account: str, session: str) -> bool:
        """End one session of an account; False when it has none of that id."""
        async with self._store.writing() as connection:
            ended = await rows.end_sessions(connection, account, only=session)
        self.tell(ended)
        return bool(ended)

    async def list(self, account: str) -> tuple[OpenSession, ...]:
        """Where an account is signed in now, latest first."""
        async with self._store.reading() as connection:
            found = await rows.sessions_of(connection, account)
        now = self._clock.now()
        return tuple(
            OpenSession(row.id, row.began_at, row.seen_at, row.expires_at, row.address, row.browser)
            for row in found
            if row.expires_at > now and row.seen_at + self.rules.idle > now
        )

    async def over(self, session: str) -> None:
        """Return when a session has ended: signed out, revoked, disabled, idle or too old, here or elsewhere."""
        with self._watching(session) as told:
            while await self._goes_on(session):
                looking = asyncio.ensure_future(self._clock.sleep(self.rules.look_every_s))
                waiting = asyncio.ensure_future(told.wait())
                try:
                    await asyncio.wait({looking, waiting}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    looking.cancel()
                    waiting.cancel()
                told.clear()

    def tell(self, ended: Iterable[str]) -> None:
        """Sessions have ended: whoever waits for that looks now."""
        for session in ended:
            for event in self._watched.get(session, ()):
                event.set()

    async def _goes_on(self, session: str) -> bool:
        async with self._store.reading() as connection:
            found = await rows.session_by_id(connection, session)
        return found is not None and self._lives(*found)

    def _lives(self, session: rows.SessionRow, account: rows.AccountRow) -> bool:
        now = self._clock.now()
        return not account.disabled and now < session.expires_at and now < session.seen_at + self.rules.idle

    @contextmanager
    def _watching(self, session: str) -> Iterator[asyncio.Event]:
        told = asyncio.Event()
        self._watched[session].add(told)
        try:
            yield told
        finally:
            self._watched[session].discard(told)
            if not self._watched[session]:
                del self._watched[session]

    async def _may_try(self, key: str, address: str) -> bool:
        """Count the attempt. Returns whether the login has signed in from there before. Raises TooManyAttempts."""
        now = self._clock.now()
        async with self._store.writing() as connection:
            known = await gate.remembered(connection, key_of("known", key, address), now - KNOWN_FOR)
            limits = [(PAIR, (key, address)), (ADDRESS, (address,))] + ([] if known else [(LOGIN, (key,))])
            for limit, parts in limits:
                until = await gate.count_attempt(connection, key_of(limit.kind, *parts), now, limit.delay, FORGET)
                if until is not None:
                    raise TooManyAttempts(max(1, math.ceil((until - now).total_seconds())))
        return known

    async def _refuse(self, row: rows.AccountRow | None, where: Where) -> NoReturn:
        """Write down that somebody was not let in, and say so. What was typed is not kept: it may be a password."""
        now = self._clock.now()
        on, tenant = ("", None) if row is None else (row.id, row.tenant)
        why = "unknown" if row is None else "disabled" if row.disabled else "password"
        async with self._store.writing() as connection:
            await append_audit(
                connection, AuditLine(now, "", "sign_in_refused", on, tenant, where.address, {"why": why})
            )
        raise SignInRefused(_REFUSED)
