"""Accounts for everybody on a roster, for demonstrations and for the first day of a new centre."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from voicebot.domain import EN, Language, TenantId
from voicebot.errors import Conflict
from voicebot.people.accounts import Wanted
from voicebot.people.model import Role, login_key
from voicebot.people.people import People


@dataclass(frozen=True, slots=True)
class RosterLine:
    """Somebody a company's desk names; ``tenant`` None: somebody of the installation."""

    id: str
    tenant: TenantId | None
    name: str
    roles: frozenset[Role] = frozenset((Role.AGENT,))
    language: Language = EN
    grants: tuple[TenantId, ...] = ()


async def seed_roster(
    people: People, roster: Iterable[RosterLine], password: str, *, renew: bool = True
) -> tuple[str, ...]:
    """Give everybody on the roster an account under this password.

    Logins are the ids in lower case. Nobody has to change the password. Who has an account already gets the password
    too, with ``renew``, and is left alone without. Returns the logins that go with the password, in the roster's order.

    Raises:
        PeopleError: an id cannot be a login, or the password cannot be used.
        Conflict: somebody else has one of these logins or ids.
    """
    logins = []
    there = {person.id: person for person in await people.accounts.list(None, every=True)}
    for line in roster:
        held = there.get(line.id)
        if held is None:
            held = await people.accounts.add(
                Wanted(
                    login=login_key(line.id),
                    name=line.name,
                    tenant=line.tenant,
                    roles=line.roles,
                    language=line.language,
                    id=line.id,
                    password=password,
                    must_change=False,
                    grants=line.grants,
                )
            )
            there[line.id] = held
        elif held.tenant != line.tenant:
            raise Conflict(f"Two companies have somebody with the id {line.id}. Ids are given once per installation.")
        elif renew:
            await people.accounts.set_password(line.id, password, must_change=False)
        else:
            continue
        logins.append(held.login)
    return tuple(logins)
