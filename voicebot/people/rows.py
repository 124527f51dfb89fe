"""Between rows of the store and people."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from voicebot.domain import Language, TenantId
from voicebot.people.model import Person, Role
from voicebot.store.people import AccountRow

_ROLES = {role.value: role for role in Role}


def person_of(row: AccountRow) -> Person:
    """The person of a row; a role of a newer version that is not known here gives nothing."""
    return Person(
        id=row.id,
        tenant=row.tenant,
        login=row.login,
        name=row.name,
        roles=frozenset(_ROLES[name] for name in row.roles if name in _ROLES),
        language=Language(row.language),
        disabled=row.disabled,
        must_change=row.must_change,
        grants=tuple(TenantId(name) for name in row.grants),
    )


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def csrf_of(secret: str) -> str:
    """The token that belongs to a session: only the server and holders of the cookie can derive it."""
    return hmac.new(secret.encode(), b"voicebot csrf", hashlib.sha256).hexdigest()
