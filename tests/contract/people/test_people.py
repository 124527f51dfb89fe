"""Signing in: logins, sessions, guessing, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from tests.support.people import HERE, SHOP, TELECOM, THERE, WORD, added, entered
from voicebot.errors import Conflict, PeopleError, SignInRefused, TooManyAttempts
from voicebot.people import (
    People,
    Role,
    Wanted,
    Where,
)
from voicebot.people.delays import ADDRESS, LOGIN, PAIR
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.people_tables import accounts, sessions


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
