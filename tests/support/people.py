"""People of two companies, for contract tests."""

from __future__ import annotations

from voicebot.domain import JA, TenantId
from voicebot.people import (
    People,
    Person,
    Role,
    SignedIn,
    Wanted,
    Where,
)

SHOP, TELECOM = TenantId("shop"), TenantId("telecom")
WORD = "umi no mieru machi"
HERE, THERE = Where("203.0.113.7", "Firefox"), Where("198.51.100.9", "Chrome")
_TABLES = "audit, audit_head, one_use_secrets, sign_in_attempts, sessions, accounts"


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
