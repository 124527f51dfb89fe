"""Passwords: argon2id, long rather than complicated, and never the ones everybody uses."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from voicebot.errors import PeopleError

SHORTEST = 10
LONGEST = 256
_COMMON = Path(__file__).with_name("common_passwords.txt")
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Of generated passwords: without characters that are read or typed wrongly."""


class PasswordProblem(StrEnum):
    """Why a password cannot be used."""

    SHORT = "short"
    LONG = "long"
    GUESSED = "guessed"
    SAME = "same"


class UnfitPassword(PeopleError):
    """A password cannot be used; ``problem`` says why in a form that pages can translate."""

    def __init__(self, problem: PasswordProblem) -> None:
        self.problem = problem
        super().__init__(_WORDS[problem])


_WORDS = {
    PasswordProblem.SHORT: f"A password has at least {SHORTEST} characters. A few words in a row are easy to keep.",
    PasswordProblem.LONG: f"A password has at most {LONGEST} characters.",
    PasswordProblem.GUESSED: "This password is among the first that are guessed. Choose another.",
    PasswordProblem.SAME: "The new password is the old one. Choose another.",
}


class Passwords:
    """Hashes and checks passwords off the event loop, a few at a time, so that a flood cannot exhaust memory.

    The defaults are the OWASP recommendation for argon2id: 19 MiB, two passes, one lane.
    """

    def __init__(self, *, memory_kib: int = 19 * 1024, passes: int = 2, lanes: int = 1, at_once: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._turns = asyncio.Semaphore(at_once)
        self._nobody: str | None = None

    async def hashed(self, password: str) -> str:
        """The hash to keep."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one of a hash. Without a hash it takes as long and is never true."""
        if kept is None and self._nobody is None:
            self._nobody = await self.hashed(secrets.token_urlsafe(16))
        wanted = kept if kept is not None else self._nobody
        assert wanted is not None
        async with self._turns:
            same = await asyncio.to_thread(self._verify, wanted, _normal(password)[:LONGEST])
        return same and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than those of now."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def checked_password(password: str, login: str) -> str:
    """A password that may be used.

    Raises:
        UnfitPassword: too short, too long, the login itself, or one of those everybody tries first.
    """
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise UnfitPassword(PasswordProblem.SHORT)
    if len(plain) > LONGEST:
        raise UnfitPassword(PasswordProblem.LONG)
    folded = plain.casefold()
    if folded in _common() or len(set(folded)) < 4 or login.casefold() in (folded, folded[::-1]):
        raise UnfitPassword(PasswordProblem.GUESSED)
    return password


def generated_password() -> str:
    """A password to hand over: four groups of five, about 100 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def _normal(password: str) -> str:
    """Full-width and composed forms are the same password, whatever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)


@cache
def _common() -> frozenset[str]:
    return frozenset(line.strip() for line in _COMMON.read_text("utf-8").splitlines() if line.strip())
