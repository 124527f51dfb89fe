"""People, what they are, and the session somebody is signed in with."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicebot.domain import EN, Language, TenantId
from voicebot.errors import PeopleError


class Role(StrEnum):
    """What somebody is in the centre."""

    AGENT = "agent"
    LEADER = "leader"
    MANAGER = "manager"
    TRAINER = "trainer"
    ADMIN = "admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Person:
    """One account. ``tenant`` None: the installation, so every company. ``grants``: other companies they serve too.

    ``id`` is also the agent's id at the desk. ``must_change``: nothing may be done before the password was changed.
    """

    id: str
    tenant: TenantId | None
    login: str
    name: str
    roles: frozenset[Role]
    language: Language = EN
    disabled: bool = False
    must_change: bool = False
    grants: tuple[TenantId, ...] = ()

    def has(self, *roles: Role) -> bool:
        """Whether the person holds one of these roles; without roles, always."""
        return not roles or not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody is signed in. ``session`` is the session's id, never its secret; empty for API tokens.

    ``csrf`` must come back in ``X-CSRF-Token`` with everything that changes something. ``address`` is where the request
    came from, for the audit log.
    """

    person: Person
    csrf: str
    session: str
    expires_at: datetime
    address: str = ""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that just began; ``secret`` goes into the cookie and is kept nowhere else."""

    secret: str
    signed_in: SignedIn


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One line in a person's list of sessions."""

    id: str
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class Where:
    """Where a request came from."""

    address: str = ""
    browser: str = ""


def login_key(login: str) -> str:
    """The form in which logins are compared: NFKC, without case, without blanks around.

    Full-width letters and other spellings of the same text are the same login.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold()).strip()


def checked_login(login: str) -> str:
    """A login as it may be kept.

    Raises:
        PeopleError: empty, too long, or with characters that cannot be seen.
    """
    shown = unicodedata.normalize("NFKC", login).strip()
    if not 1 <= len(shown) <= 100 or len(login_key(login)) > 120:
        raise PeopleError("A login has 1 to 100 characters.")
    if any(unicodedata.category(character)[0] in "CZ" for character in shown):
        raise PeopleError("A login has no blanks and no control characters.")
    return shown


def checked_name(name: str) -> str:
    """A display name as it may be kept. Raises PeopleError."""
    shown = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(shown) <= 100 or any(unicodedata.category(character) == "Cc" for character in shown):
        raise PeopleError("A name has 1 to 100 characters and no control characters.")
    return shown
