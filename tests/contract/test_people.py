"""Accounts, sessions and the audit log, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from voicebot.domain import EN, JA, TenantId
from voicebot.errors import Conflict, NotAllowed, NotFound, PeopleError, SignInRefused, StoreError, TooManyAttempts
from voicebot.people import (
    Passwords,
    People,
    Person,
    Role,
    RosterLine,
    SessionRules,
    SignedIn,
    Wanted,
    Where,
    seed_roster,
)
from voicebot.people.delays import ADDRESS, LOGIN, PAIR
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.people_tables import accounts, audit_head, sessions

SHOP, TELECOM = TenantId("shop"), TenantId("telecom")
WORD = "umi no mieru machi"
HERE, THERE = Where("203.0.113.7", "Firefox"), Where("198.51.100.9", "Chrome")
_TABLES = "audit, audit_head, one_use_secrets, sign_in_attempts, sessions, accounts"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(url, str)
    if url.startswith("postgresql"):
        async with opened.writing() as connection:
            await connection.execute(text(f"TRUNCATE {_TABLES} CASCADE"))
            await connection.execute(audit_head.insert().values(id=1, seq=0, hash="0" * 64))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def people(store: SqlStore, clock: VirtualClock) -> People:
    return People.on(store, clock, passwords=Passwords(memory_kib=64, passes=1))


async def added(
    people: People, login: str = "sato", tenant: TenantId | None = SHOP, *roles: Role, by: SignedIn | None = None
) -> Person:
    held = frozenset(roles or (Role.AGENT,))
    return await people.accounts.add(
        Wanted(login, f"{login} san", tenant, held, JA, id=login, password=WORD, must_change=False), by
    )


async def entered(people: People, login: str = "sato", where: Where = HERE, word: str = WORD) -> tuple[str, SignedIn]:
    begun = await people.sessions.sign_in(login, word, where)
    return begun.secret, begun.signed_in


async def words(people: People) -> list[str]:
    return [row.line.what for row in reversed(await people.audit.read(None, every=True, limit=1000))]


async def test_a_login_is_one_login_however_it_is_typed(people: People) -> None:
    await added(people, "Straße")
    with pytest.raises(Conflict):
        await added(people, "ＳＴＲＡＳＳＥ", TELECOM)
    assert (await entered(people, "ｓｔｒａｓｓｅ "))[1].person.id == "Straße"
    with pytest.raises(Conflict):
        await people.accounts.add(Wanted("other", "n", SHOP, frozenset((Role.AGENT,)), id="Straße"))


@pytest.mark.parametrize("login", ["", " ", "a b", "a\u0000b", "x" * 101, "a\u200bb"])
async def test_logins_that_cannot_be_typed_are_refused(people: People, login: str) -> None:
    with pytest.raises(PeopleError):
        await added(people, login)


async def test_sessions_are_kept_as_digests_only(people: People, store: SqlStore) -> None:
    await added(people)
    secret, who = await entered(people)
    async with store.reading() as connection:
        row = (await connection.execute(select(sessions))).one()
        kept = (await connection.execute(select(accounts.c.password_hash))).scalar_one()
    assert row.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in repr(row)
    assert who.csrf not in repr(row)
    assert kept.startswith("$argon2id$")
    resumed = await people.sessions.resume(secret)
    assert resumed is not None
    assert (resumed.person, resumed.csrf, resumed.session) == (who.person, who.csrf, who.session)
    assert await people.sessions.resume(secret[:-1]) is None


async def test_a_session_ends_when_idle_and_when_old(people: People, clock: VirtualClock) -> None:
    await added(people)
    secret, _ = await entered(people)
    await clock.advance(11.9 * 3600)
    assert await people.sessions.resume(secret) is not None
    await clock.advance(11.9 * 3600)
    assert await people.sessions.resume(secret) is not None
    await clock.advance(0.3 * 3600)
    assert await people.sessions.resume(secret) is None, "older than a day, though used all the time"
    secret, _ = await entered(people)
    await clock.advance(12 * 3600)
    assert await people.sessions.resume(secret) is None, "idle for half a day"
    assert await people.sessions.list("sato") == ()


async def test_a_planted_session_does_not_become_the_victims(people: People) -> None:
    await added(people, "mallory")
    await added(people, "sato")
    planted, _ = await entered(people, "mallory")
    begun = await people.sessions.sign_in("sato", WORD, HERE, previous=planted)
    assert begun.secret != planted
    assert await people.sessions.resume(planted) is None
    again = await people.sessions.sign_in("sato", WORD, HERE, previous=begun.secret)
    assert again.secret != begun.secret
    assert again.signed_in.csrf != begun.signed_in.csrf
    assert await people.sessions.resume(begun.secret) is None
    made_up = await people.sessions.sign_in("sato", WORD, HERE, previous="chosen by an attacker")
    assert await people.sessions.resume("chosen by an attacker") is None
    assert made_up.secret != "chosen by an attacker"


async def test_unknown_wrong_and_disabled_look_the_same(people: People) -> None:
    await added(people, "sato")
    await added(people, "gone")
    await people.accounts.change("gone", disabled=True)
    await people.accounts.add(Wanted("linked", "n", SHOP, frozenset((Role.AGENT,)), id="linked"))
    said = set()
    for login, word in (("nobody", WORD), ("sato", "not the word"), ("gone", WORD), ("linked", ""), ("linked", WORD)):
        with pytest.raises(SignInRefused) as refused:
            await entered(people, login, word=word)
        said.add(str(refused.value))
    assert len(said) == 1
    rows = [row.line for row in await people.audit.read(None, every=True) if row.line.what == "sign_in_refused"]
    assert [row.detail["why"] for row in reversed(rows)] == ["unknown", "password", "disabled", "password", "password"]
    assert all(WORD not in repr(row) and "nobody" not in repr(row) for row in rows)


async def test_guessing_one_login_has_to_wait_longer_and_longer_but_not_for_good(
    people: People, clock: VirtualClock
) -> None:
    await added(people)
    waits = []
    for _ in range(PAIR.free + 10):
        while True:
            try:
                await entered(people, word="a wrong guess")
            except SignInRefused:
                break
            except TooManyAttempts as error:
                waits.append(error.retry_after_s)
                with pytest.raises(TooManyAttempts):
                    await entered(people, word=WORD)
                await clock.advance(error.retry_after_s)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    await clock.advance(300)
    await entered(people)
    with pytest.raises(SignInRefused):
        await entered(people, word="a wrong guess")
    await entered(people)


async def test_guesses_at_the_same_moment_are_counted_too(people: People) -> None:
    await added(people)

    async def guess(number: int) -> str:
        try:
            await entered(people, word=f"guess number {number}")
        except PeopleError as error:
            return type(error).__name__
        return "in"

    ends = await asyncio.gather(*(guess(number) for number in range(20)))
    assert ends.count("SignInRefused") == PAIR.free
    assert ends.count("TooManyAttempts") == 20 - PAIR.free


async def test_unknown_logins_wait_like_known_ones(people: People) -> None:
    for _ in range(PAIR.free):
        with pytest.raises(SignInRefused):
            await entered(people, "nobody")
    with pytest.raises(TooManyAttempts):
        await entered(people, "nobody")


async def test_guessing_from_many_addresses_does_not_keep_the_owner_out(people: People) -> None:
    await added(people)
    await entered(people, where=HERE)
    refused = 0
    for number in range(LOGIN.free + 5):
        with pytest.raises(PeopleError) as error:
            await entered(people, where=Where(f"192.0.2.{number}"), word="a wrong guess")
        refused += isinstance(error.value, TooManyAttempts)
    assert refused == 5
    with pytest.raises(TooManyAttempts):
        await entered(people, where=THERE)
    await entered(people, where=HERE)


async def test_one_address_cannot_try_many_logins(people: People, clock: VirtualClock) -> None:
    await added(people, "own")
    tried = 0
    for number in range(ADDRESS.free):
        if number % 4 == 0:
            await entered(people, "own", THERE)  # one's own good login in between wins nothing
        with pytest.raises(SignInRefused):
            await entered(people, f"login{number}", THERE)
        tried += 1
    with pytest.raises(TooManyAttempts):
        await entered(people, "another", THERE)
    assert tried == ADDRESS.free
    with pytest.raises(SignInRefused):
        await entered(people, "another", HERE)
    await clock.advance(3601)
    with pytest.raises(SignInRefused):
        await entered(people, "another", THERE)


async def test_a_hash_of_older_parameters_is_made_anew_at_sign_in(people: People, store: SqlStore) -> None:
    await added(people)
    old = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(WORD)
    async with store.writing() as connection:
        await connection.execute(update(accounts).values(password_hash=old))
    await entered(people)
    async with store.reading() as connection:
        kept = (await connection.execute(select(accounts.c.password_hash))).scalar_one()
    assert kept != old
    assert "m=64,t=1,p=1" in kept
    await entered(people)
    async with store.reading() as connection:
        assert (await connection.execute(select(accounts.c.password_hash))).scalar_one() == kept


@pytest.mark.parametrize(
    "word", ["short", "1234567890", "PASSWORD123", "ｐａｓｓｗｏｒｄ１２３", "aaaaaaaaaaaa", "x" * 257]
)
async def test_passwords_that_are_guessed_first_are_refused(people: People, word: str) -> None:
    await added(people)
    with pytest.raises(PeopleError):
        await people.accounts.set_password("sato", word)
    await entered(people)


async def test_a_login_is_no_password(people: People) -> None:
    with pytest.raises(PeopleError):
        await people.accounts.add(Wanted("sato.misaki", "n", SHOP, frozenset((Role.AGENT,)), password="Sato.Misaki"))


async def test_changing_ones_password_ends_every_other_session(people: People) -> None:
    await added(people)
    elsewhere, _ = await entered(people, where=THERE)
    secret, who = await entered(people)
    with pytest.raises(SignInRefused):
        await people.accounts.change_own_password(who, "not the old one", "kawa no nagare", HERE)
    with pytest.raises(PeopleError):
        await people.accounts.change_own_password(who, WORD, WORD, HERE)
    assert await people.sessions.resume(elsewhere) is not None
    new = await people.accounts.change_own_password(who, WORD, "kawa no nagare", HERE)
    assert await people.sessions.resume(elsewhere) is None
    assert await people.sessions.resume(secret) is None
    assert await people.sessions.resume(new.secret) is not None
    with pytest.raises(SignInRefused):
        await entered(people)


async def test_a_password_link_works_once_and_for_a_day(people: People, clock: VirtualClock) -> None:
    await added(people)
    secret, _ = await entered(people)
    link = await people.accounts.make_link("sato")
    with pytest.raises(PeopleError):
        await people.accounts.use_link(link, "short", HERE)
    begun = await people.accounts.use_link(link, "kawa no nagare", HERE)
    assert begun.signed_in.person.id == "sato"
    assert await people.sessions.resume(secret) is None, "sessions of before are over"
    with pytest.raises(SignInRefused):
        await people.accounts.use_link(link, "kawa no nagare 2", HERE)
    first, second = await people.accounts.make_link("sato"), await people.accounts.make_link("sato")
    with pytest.raises(SignInRefused):
        await people.accounts.use_link(first, "mori no naka", HERE)
    await clock.advance(24 * 3600)
    with pytest.raises(SignInRefused):
        await people.accounts.use_link(second, "mori no naka", HERE)
    disabled = await people.accounts.make_link("sato")
    await people.accounts.change("sato", disabled=True)
    await people.accounts.change("sato", disabled=False)
    with pytest.raises(SignInRefused):
        await people.accounts.use_link(disabled, "mori no naka", HERE)


async def test_a_disabled_account_is_cut_off_here_at_once_and_elsewhere_soon(
    people: People, store: SqlStore, clock: VirtualClock
) -> None:
    await added(people)
    secret, who = await entered(people)
    other = People.on(store, clock, passwords=Passwords(memory_kib=64, passes=1), rules=SessionRules(look_every_s=5))
    here = asyncio.create_task(people.sessions.over(who.session))
    there = asyncio.create_task(other.sessions.over(who.session))
    await settled(clock)
    assert not here.done()
    assert not there.done()
    await people.accounts.change("sato", disabled=True)
    await asyncio.wait_for(here, 10)
    assert await people.sessions.resume(secret) is None
    await clock.advance(5)
    await asyncio.wait_for(there, 10)
    with pytest.raises(SignInRefused):
        await entered(people)
    await people.accounts.change("sato", disabled=False)
    assert await people.sessions.resume(secret) is None, "enabling does not bring sessions back"
    await entered(people)


async def settled(clock: VirtualClock) -> None:
    """Both watchers have looked once and sleep."""
    async with asyncio.timeout(10):
        while len(clock._sleepers) < 2:  # noqa: ASYNC110 - the virtual clock tells nobody who sleeps
            await asyncio.sleep(0.01)


async def test_sessions_can_be_listed_and_ended_by_their_owner_alone(people: People) -> None:
    await added(people)
    await added(people, "mallory")
    first, who = await entered(people, where=THERE)
    second, _ = await entered(people)
    found = await people.sessions.list("sato")
    assert {(one.address, one.browser) for one in found} == {("203.0.113.7", "Firefox"), ("198.51.100.9", "Chrome")}
    assert not await people.sessions.end("mallory", who.session)
    assert await people.sessions.end("sato", who.session)
    assert await people.sessions.resume(first) is None
    assert await people.sessions.resume(second) is not None


async def test_people_of_one_company_cannot_reach_accounts_of_another(people: People) -> None:
    await added(people, "agent")
    await added(people, "boss", TELECOM, Role.MANAGER)
    await added(people, "chief", SHOP, Role.ADMIN)
    await added(people, "root", None, Role.ADMIN)
    _, boss = await entered(people, "boss")
    _, chief = await entered(people, "chief")
    for refused in (
        people.accounts.change("agent", boss, disabled=True),
        people.accounts.set_password("agent", None, boss),
        people.accounts.make_link("agent", boss),
        people.accounts.sign_out_everywhere("agent", boss),
        added(people, "new", SHOP, Role.AGENT, by=boss),
        added(people, "new", None, Role.AGENT, by=boss),
        added(people, "new", TELECOM, Role.ADMIN, by=boss),
        added(people, "new", None, Role.AUDITOR, by=chief),
        people.accounts.change("root", chief, disabled=True),
        people.accounts.change("chief", boss, roles=(Role.AGENT,)),
        people.accounts.change("boss", boss, roles=(Role.MANAGER, Role.ADMIN)),
        people.accounts.change("chief", chief, disabled=True),
        people.accounts.change("agent", chief, grants=(TELECOM,)),
    ):
        with pytest.raises(NotAllowed):
            await refused
    changed = await people.accounts.change("agent", chief, roles=(Role.AGENT, Role.LEADER), language=EN, name="Aya")
    assert (changed.roles, changed.language, changed.name) == (frozenset((Role.AGENT, Role.LEADER)), EN, "Aya")
    assert [person.id for person in await people.accounts.list(SHOP)] == ["agent", "chief"]
    with pytest.raises(NotFound):
        await people.accounts.change("nobody", name="x")


async def test_what_was_done_is_written_down_without_names_or_secrets(people: People) -> None:
    await added(people, "root", None, Role.ADMIN)
    _, root = await entered(people, "root")
    await added(people, "sato", SHOP, Role.AGENT, by=root)
    await people.accounts.change("sato", root, roles=(Role.LEADER,), name="New Name")
    secret, _ = await entered(people)
    await people.audit(root, "took_over", "c-1", SHOP, {"from": "bot"})
    rows = await people.audit.read(SHOP)
    assert [row.line.what for row in rows] == ["took_over", "signed_in", "account_changed", "account_added"]
    assert (rows[0].line.who, rows[0].line.on, rows[0].line.address) == ("root", "c-1", HERE.address)
    assert rows[2].line.detail == {"roles": ["leader"], "roles_before": ["agent"], "renamed": True}
    everything = repr(await people.audit.read(None, every=True))
    for hidden in (WORD, secret, "New Name", "san"):
        assert hidden not in everything
    assert {row.line.tenant for row in await people.audit.read(None)} == {None}


async def test_the_audit_log_can_only_grow(people: People, store: SqlStore) -> None:
    await added(people)
    for statement in ("UPDATE audit SET who = 'x'", "DELETE FROM audit"):
        with pytest.raises((StoreError, IntegrityError)):
            async with store.writing() as connection:
                await connection.execute(text(statement))
    assert (await people.audit.verify()).broken_at is None
    assert len(await people.audit.read(None, every=True)) == 1


async def _without_guard(store: SqlStore, statement: str) -> None:
    """What somebody who owns the database can do."""
    async with store.writing() as connection:
        if connection.dialect.name == "sqlite":
            await connection.execute(text("DROP TRIGGER IF EXISTS audit_no_update"))
            await connection.execute(text("DROP TRIGGER IF EXISTS audit_no_delete"))
            await connection.execute(text(statement))
        else:
            await connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
            await connection.execute(text(statement))
            await connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE audit SET who = 'somebody else' WHERE seq = 3", 3),
        ("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq >= 5", 5),
    ],
)
async def test_tampering_with_the_audit_log_is_found(
    people: People, store: SqlStore, statement: str, line: int
) -> None:
    for number in range(5):
        await people.audit("operator", "exported", f"c-{number}", SHOP, {"rows": number, "share": 0.5})
    proof = await people.audit.verify()
    assert (proof.lines, proof.broken_at) == (5, None)
    assert (await people.audit.verify((proof.lines, proof.hash))).broken_at is None
    assert (await people.audit.verify((3, "0" * 64))).broken_at == 3
    assert (await people.audit.verify((6, "0" * 64))).broken_at == 6
    await _without_guard(store, statement)
    assert (await people.audit.verify()).broken_at == line


async def test_several_processes_write_one_chain(url: str, people: People, clock: VirtualClock) -> None:
    second = await SqlStore.open(url, str)
    other = People.on(second, clock)
    try:
        await asyncio.gather(
            *(writer.audit("operator", "exported", f"c-{n}", SHOP) for n in range(15) for writer in (people, other))
        )
    finally:
        await second.close()
    proof = await people.audit.verify()
    assert (proof.lines, proof.broken_at) == (30, None)


async def test_a_roster_gets_accounts_once(people: People) -> None:
    roster = [RosterLine("S01", SHOP, "佐伯"), RosterLine("L01", SHOP, "三雲", frozenset((Role.AGENT, Role.LEADER)))]
    assert await seed_roster(people, roster, WORD) == ("s01", "l01")
    assert (await entered(people, "l01"))[1].person.roles == {Role.AGENT, Role.LEADER}
    assert await seed_roster(people, roster, "kawa no nagare", renew=False) == ()
    await entered(people, "s01")
    assert await seed_roster(people, roster, "kawa no nagare") == ("s01", "l01")
    await entered(people, "s01", word="kawa no nagare")
    with pytest.raises(Conflict):
        await seed_roster(people, [RosterLine("S01", TELECOM, "Other")], WORD)


async def test_many_come_at_the_same_moment_in_several_processes(url: str, people: People, clock: VirtualClock) -> None:
    """The first minute of a shift: everybody signs in, and an administrator is at work as well."""
    second = await SqlStore.open(url, str)
    other = People.on(second, clock, passwords=Passwords(memory_kib=64, passes=1))
    names = [f"agent{number}" for number in range(12)]
    for name in names:
        await added(people, name)
        await entered(people, name)
    await clock.advance(13 * 3600)  # the sessions of yesterday are forgotten meanwhile
    links = {name: await people.accounts.make_link(name) for name in names[:4]}
    try:
        await asyncio.gather(
            *(entered(on, name, Where(f"192.0.2.{n}")) for n, name in enumerate(names[4:]) for on in (people, other)),
            *(other.accounts.use_link(link, "kawa no nagare", THERE) for link in links.values()),
            *(people.accounts.sign_out_everywhere(name) for name in names),
            *(other.accounts.change(name, language=EN) for name in names),
        )
    finally:
        await second.close()
    assert (await people.audit.verify()).broken_at is None
