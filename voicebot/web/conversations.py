"""The event log over HTTP, for those who hold a token or are signed in, with a role that may read conversations.

Annotations are evaluated here, because the dependency that checks tokens closes over the ports.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from voicebot.domain import ConversationId, Recorded, TenantId
from voicebot.errors import NotFound
from voicebot.people import Capability, Role, capabilities
from voicebot.web.ports import Access, ConversationRow, Ports
from voicebot.web.problems import Problem, ProblemDocument
from voicebot.web.signed_in import COOKIE, able

_BEARER = HTTPBearer(auto_error=False, description="A token made by the operator; `make demo` prints one.")


class Conversation(BaseModel):
    """One conversation in a list."""

    id: str
    tenant: str
    channel: str
    language: str
    owner: str
    disposition: str | None
    started_at: datetime
    ended_at: datetime | None
    last_seq: int


class ConversationList(BaseModel):
    """A company's conversations, newest first; ``next_before`` asks for the older ones."""

    conversations: list[Conversation]
    next_before: datetime | None = None


class LoggedEvent(BaseModel):
    """One event; the fields beside these three depend on ``type``."""

    model_config = ConfigDict(extra="allow")
    seq: int
    at: datetime
    type: str


class EventList(BaseModel):
    """Events of a conversation in order; ``next_after_seq`` asks for the following ones."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "conversation": "c-01J",
                    "events": [
                        {"seq": 1, "at": "2026-01-05T09:00:00Z", "type": "Started", "channel": "web_chat"},
                        {"seq": 2, "at": "2026-01-05T09:00:00Z", "type": "NoticeGiven", "notice": "ai"},
                    ],
                    "next_after_seq": None,
                }
            ]
        }
    )
    conversation: str
    events: list[LoggedEvent] = Field(description="numbered from 1 without gaps")
    next_after_seq: int | None = None


_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "No token, or a wrong one"},
    403: {"model": ProblemDocument, "description": "For another company, or the role may not read conversations"},
    404: {"model": ProblemDocument, "description": "No such conversation"},
}


def router(ports: Ports) -> APIRouter:
    """Reading conversations; every address asks for ``Authorization: Bearer`` or the session of somebody signed in."""
    routes = APIRouter(prefix="/api/conversations", tags=["conversations"], responses=_ERRORS)

    reading = able(Capability.READ_CONVERSATIONS)

    async def access(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> Access:
        if given is None and COOKIE in request.cookies:
            who = await reading(request)
            return Access(who.person.tenant, "")
        granted = await ports.tokens.check(given.credentials) if given is not None else None
        if granted is None:
            detail = "Send a valid token: Authorization: Bearer <token>. An operator makes one with `voicebot token`."
            raise Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})
        if Capability.READ_CONVERSATIONS not in capabilities(role for role in Role if role.value == granted.role):
            raise Problem(403, "not_allowed", "This token's role may not read conversations. Use one of an auditor.")
        return granted

    Granted = Annotated[Access, Depends(access)]

    async def open_row(conversation: str, granted: Access) -> ConversationRow:
        """The row, if the token opens it; a conversation of another company looks as if it did not exist."""
        missing = Problem(404, "not_found", "There is no such conversation for this token.")
        try:
            row = await ports.events.conversation(ConversationId(conversation))
        except NotFound:
            raise missing from None
        if not granted.opens(row.tenant):
            raise missing
        return row

    @routes.get("", summary="A company's conversations", operation_id="conversations")
    async def conversations(
        granted: Granted,
        tenant: Annotated[str, Query(description="company id", examples=["shop"])],
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        before: Annotated[AwareDatetime | None, Query(description="only those begun earlier, with time zone")] = None,
    ) -> ConversationList:
        """Newest first."""
        if not granted.opens(TenantId(tenant)):
            raise Problem(403, "other_company", "This token is for another company. Use a token of this one.")
        rows = await ports.events.conversations(TenantId(tenant), limit=limit, before=before)
        last = rows[-1].started_at if len(rows) == limit else None
        return ConversationList(conversations=[_summary(row) for row in rows], next_before=last)

    @routes.get("/{conversation}", summary="One conversation", operation_id="conversation")
    async def conversation(conversation: str, granted: Granted) -> Conversation:
        """Who, where, when, how it ended."""
        return _summary(await open_row(conversation, granted))

    @routes.get("/{conversation}/events", summary="A conversation's event log", operation_id="events")
    async def events(
        conversation: str,
        granted: Granted,
        after_seq: Annotated[int, Query(ge=0, description="only later events")] = 0,
        limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
    ) -> EventList:
        """Everything that happened, redacted, in order."""
        row = await open_row(conversation, granted)
        recorded = await ports.events.events(row.id, after_seq, limit)
        more = bool(recorded) and len(recorded) == limit and recorded[-1].seq < row.last_seq
        return EventList(
            conversation=row.id,
            events=[LoggedEvent.model_validate(_event(one, ports)) for one in recorded],
            next_after_seq=recorded[-1].seq if more else None,
        )

    return routes


def _event(recorded: Recorded, ports: Ports) -> dict[str, Any]:
    return {**ports.encode_event(recorded.event), "seq": recorded.seq, "at": recorded.at.astimezone(UTC)}


def _summary(row: ConversationRow) -> Conversation:
    return Conversation(
        id=row.id,
        tenant=row.tenant,
        channel=str(row.channel),
        language=row.language,
        owner=str(row.owner),
        disposition=str(row.disposition) if row.disposition is not None else None,
        started_at=row.started_at,
        ended_at=row.ended_at,
        last_seq=row.last_seq,
    )
