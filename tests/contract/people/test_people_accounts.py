"""Passwords, accounts and the audit log, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.support.people import HERE, SHOP, TELECOM, THERE, WORD, added, entered
from voicebot.domain import EN
from voicebot.errors import Conflict, NotAllowed, NotFound, PeopleError, SignInRefused, StoreError
from voicebot.people import (
    Passwords,
    People,
    Role,
    RosterLine,
    SessionRules,
    Where,
    seed_roster,
)
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore


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
