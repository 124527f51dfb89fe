"""What a password may be, and what is kept of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.people import Passwords, generated_password
from voicebot.people.delays import ADDRESS, LOGIN, PAIR, Limit
from voicebot.people.passwords import PasswordProblem, UnfitPassword, checked_password


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("ninechars", PasswordProblem.SHORT),
        ("", PasswordProblem.SHORT),
        ("x" * 300, PasswordProblem.LONG),
        ("Password123", PasswordProblem.GUESSED),
        ("パスワード12345", PasswordProblem.GUESSED),
        ("ababababababab", PasswordProblem.GUESSED),
        ("sato.misaki", PasswordProblem.GUESSED),
        ("ikasim.otas", PasswordProblem.GUESSED),
    ],
)
def test_refused(word: str, problem: PasswordProblem) -> None:
    with pytest.raises(UnfitPassword) as refused:
        checked_password(word, "sato.misaki")
    assert refused.value.problem is problem
    assert not word or word not in str(refused.value)


@pytest.mark.parametrize("word", ["kawa no nagare", "海の見える街の小さな家", "correct horse", "1928374650x"])
def test_taken(word: str) -> None:
    assert checked_password(word, "sato") == word


def test_generated_passwords_can_be_used_and_differ() -> None:
    made = {generated_password() for _ in range(100)}
    assert len(made) == 100
    for word in made:
        checked_password(word, "sato")


async def test_the_parameters_are_those_recommended() -> None:
    kept = await Passwords().hashed("kawa no nagare")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_full_width_typing_is_the_same_password_and_nobody_has_none() -> None:
    passwords = Passwords(memory_kib=64, passes=1)
    kept = await passwords.hashed("kawa no 123")
    assert await passwords.matches(kept, "ｋａｗａ　ｎｏ　１２３")
    assert not await passwords.matches(kept, "kawa no 124")
    assert not await passwords.matches(None, "kawa no 123")
    assert not await passwords.matches("not a hash", "kawa no 123")


@given(st.integers(0, 10_000), st.sampled_from([PAIR, LOGIN, ADDRESS]))
def test_delays_grow_and_are_bounded(failures: int, limit: Limit) -> None:
    here, next_one = limit.delay(failures).total_seconds(), limit.delay(failures + 1).total_seconds()
    assert 0 <= here <= next_one <= limit.most_s <= 300
    assert (here == 0) == (failures < limit.free)
