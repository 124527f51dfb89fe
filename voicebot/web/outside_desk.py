"""Where outside desks report to us, and where a telephone system fetches the packet it was given by reference."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from voicebot.clock import Clock
from voicebot.desk.outside import Moved, OutsideDesk, inbox_news
from voicebot.desk.outside.inbox import InboxWords
from voicebot.domain import HandoffId, Language, TenantId
from voicebot.errors import Forbidden, NotFound
from voicebot.web.ports import TokenChecker
from voicebot.web.problems import Problem
from voicebot.webhooks import HEADER, check

_BEARER = HTTPBearer(auto_error=False)


class _Report(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: Literal["report"] = "report"
    id: Annotated[str, Field(min_length=1, max_length=40)]
    change: Literal["queued", "accepted", "lost", "transferred", "returned", "closed", "cancelled", "failed"]
    agent: Annotated[str, Field(max_length=64)] = ""
    agent_name: Annotated[str, Field(max_length=100)] = ""
    detail: Annotated[str, Field(max_length=200)] = ""


class _Words(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: Literal["message"]
    id: Annotated[str, Field(min_length=1, max_length=40)]
    agent: Annotated[str, Field(max_length=64)] = ""
    agent_name: Annotated[str, Field(max_length=100)] = ""
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")] = "en"


_NEWS: TypeAdapter[_Report | _Words] = TypeAdapter(Annotated[_Report | _Words, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class OutsidePorts:
    """What the outside desk's addresses are connected to. ``secret`` signs an ACD's reports and opens the inbox's."""

    desk: OutsideDesk
    secret: str
    clock: Clock


Packets = Callable[[HandoffId], Awaitable[tuple[TenantId, Mapping[str, Any]]]]


def router(ports: OutsidePorts) -> APIRouter:
    """Reports of an outside desk."""
    routes = APIRouter(prefix="/api/outside-desk", tags=["outside desk"])

    @routes.post("/inbox/{token}", summary="A webhook of an inbox", status_code=204)
    async def inbox(token: str, request: Request) -> None:
        """Messages and states of the conversations we opened there; everything else is ignored."""
        if not hmac.compare_digest(token.encode(), ports.secret.encode()):
            raise Problem(404, "not_found", "There is nothing at this address.")
        hook = _object(await request.body())
        for news in inbox_news(hook):
            try:
                if isinstance(news, InboxWords):
                    await ports.desk.said(news.contact, news.id, news.agent, news.name, news.text)
                else:
                    await ports.desk.moved(*news)
            except NotFound:
                continue

    @routes.post("/{contact}", summary="A report or words of an outside desk", status_code=204)
    async def report(contact: str, request: Request) -> None:
        """Signed as our own notices are; the same ``id`` twice is one report."""
        body = await request.body()
        try:
            check(ports.secret, body, request.headers.get(HEADER), ports.clock.now())
        except Forbidden as error:
            raise Problem(401, "signature", str(error)) from None
        try:
            news = _NEWS.validate_python({"type": "report", **_object(body)})
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
            raise Problem(400, "malformed", f"The report is wrong at {place or 'its top'}.") from None
        name = HandoffId(contact)
        if isinstance(news, _Words):
            await ports.desk.said(name, news.id, news.agent, news.agent_name, news.text, Language(news.language))
        else:
            moved = Moved(news.id, news.change, news.agent, news.agent_name, detail=news.detail)
            await ports.desk.moved(name, moved)

    return routes


def packets_router(packets: Packets, tokens: TokenChecker) -> APIRouter:
    """The packet by reference, for a telephone system's screen pop."""
    routes = APIRouter(prefix="/api/handoffs", tags=["outside desk"])

    @routes.get("/{contact}", summary="A handoff packet")
    async def packet(
        contact: str, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> dict[str, Any]:
        """With an API token of the company; a contact of another company looks as if it did not exist."""
        granted = await tokens.check(given.credentials) if given is not None else None
        if granted is None:
            detail = "Send a valid token: Authorization: Bearer <token>. An operator makes one with `voicebot token`."
            raise Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})
        missing = Problem(404, "not_found", "There is no such contact for this token.")
        try:
            tenant, body = await packets(HandoffId(contact))
        except NotFound:
            raise missing from None
        if not granted.opens(tenant):
            raise missing
        return dict(body)

    return routes


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Problem(400, "malformed", "Send one JSON object.")
    return found
