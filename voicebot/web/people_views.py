"""People, sessions and the audit log as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from voicebot.people import OpenSession, Person, SignedIn, capabilities
from voicebot.store.people_audit import AuditRow


class PersonView(BaseModel):
    """One account. ``tenant`` null: the installation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "a-101",
                    "login": "a-101",
                    "name": "佐藤 美咲",
                    "tenant": "shop",
                    "roles": ["agent"],
                    "capabilities": ["take_contacts"],
                    "language": "ja",
                    "disabled": False,
                    "must_change": False,
                    "grants": [],
                }
            ]
        }
    )
    id: str
    login: str
    name: str
    tenant: str | None
    roles: list[str]
    capabilities: list[str] = Field(description="what these roles may do")
    language: str
    disabled: bool
    must_change: bool = Field(description="the password has to be changed before anything else")
    grants: list[str] = Field(description="other companies whose customers they serve")

    @classmethod
    def of(cls, person: Person) -> PersonView:
        """A person as shown."""
        return cls(
            id=person.id,
            login=person.login,
            name=person.name,
            tenant=person.tenant,
            roles=sorted(role.value for role in person.roles),
            capabilities=sorted(one.value for one in capabilities(person.roles)),
            language=person.language,
            disabled=person.disabled,
            must_change=person.must_change,
            grants=list(person.grants),
        )


class SessionView(BaseModel):
    """Who is signed in. ``csrf`` goes into ``X-CSRF-Token`` with every request that changes something."""

    person: PersonView
    csrf: str
    session: str
    expires_at: datetime

    @classmethod
    def of(cls, who: SignedIn) -> SessionView:
        """A session as its holder sees it."""
        return cls(person=PersonView.of(who.person), csrf=who.csrf, session=who.session, expires_at=who.expires_at)


class OpenSessionView(BaseModel):
    """One of a person's sessions."""

    id: str
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    browser: str
    current: bool

    @classmethod
    def of(cls, session: OpenSession, current: str) -> OpenSessionView:
        """A session in a list."""
        return cls(
            id=session.id,
            began_at=session.began_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
            address=session.address,
            browser=session.browser,
            current=session.id == current,
        )


class AuditView(BaseModel):
    """One line of the audit log."""

    seq: int
    at: datetime
    who: str
    what: str
    on: str
    tenant: str | None
    address: str
    detail: dict[str, Any]
    previous: str = Field(description="sha256 of the line before")
    hash: str = Field(description="sha256 of this line")

    @classmethod
    def of(cls, row: AuditRow) -> AuditView:
        """A line as shown."""
        line = row.line
        return cls(
            seq=row.seq,
            at=line.at,
            who=line.who,
            what=line.what,
            on=line.on,
            tenant=line.tenant,
            address=line.address,
            detail=dict(line.detail),
            previous=row.previous,
            hash=row.hash,
        )
