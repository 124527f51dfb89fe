"""The visitor's other door: ``POST /api/call/{tenant}`` takes the offer of a page that wants to talk."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from voicebot.channels.rate import TokenBucket
from voicebot.errors import ChannelError
from voicebot.web.chat import origin_allowed
from voicebot.web.ports import CallDoor, Company, Ports
from voicebot.web.problems import Problem, ProblemDocument, unknown_company

_LARGEST_SDP = 64 * 1024
_BURST, _PER_S = 6.0, 0.2
_CALLERS_REMEMBERED = 10_000
_ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": ProblemDocument, "description": text}
    for code, text in {
        400: "The offer cannot be used",
        403: "This web site may not call",
        404: "Unknown company",
        429: "Too many calls from one address",
        503: "Not ready, or all lines are taken",
    }.items()
}


class CallOffer(BaseModel):
    """What a page offers: the SDP of its ``RTCPeerConnection`` and the language it is shown in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sdp": "v=0\r\n...", "language": "ja"}]})
    sdp: Annotated[str, Field(min_length=1, max_length=_LARGEST_SDP)]
    language: Annotated[str | None, Field(max_length=35)] = None


class CallAnswer(BaseModel):
    """Our SDP. The conversation's id follows on the data channel, once the call is taken."""

    sdp: str


class CallTerms(BaseModel):
    """Whether a page can call now, and through which STUN and TURN servers (as ``RTCPeerConnection`` takes them)."""

    available: bool
    ice_servers: list[dict[str, Any]]


def router(ports: Ports) -> APIRouter:
    """Calls of visitors, and the call of the diagnosis page."""
    routes = APIRouter(tags=["calls"])
    allowance = _Allowance()

    def admit(request: Request) -> CallDoor:
        headers = request.headers
        if not origin_allowed(headers.get("origin"), headers.get("host"), ports.settings.origins):
            raise Problem(403, "origin", "This web site may not call. Add its origin to VOICEBOT_ORIGINS.")
        if ports.calls is None:
            raise _refused(request, 503, "no_calls", "Calls from the browser are switched off here.")
        return ports.calls

    async def answered(request: Request, company: Company | None, offer: CallOffer) -> CallAnswer:
        door = admit(request)
        if door.unavailable:
            raise _refused(request, 503, "unavailable", "Calls cannot be taken yet. Try again in a moment.", 5)
        wait_s = allowance.take(request.client.host if request.client else "", asyncio.get_running_loop().time())
        if wait_s > 0:
            raise _refused(request, 429, "rate_limited", "Too many calls at once. Wait a little.", int(wait_s) + 1)
        try:
            if company is None:
                return CallAnswer(sdp=await door.check(offer.sdp))
            return CallAnswer(sdp=await door.call(company.tenant, company.language(offer.language), offer.sdp))
        except ChannelError as error:
            code = "bad_offer" if error.http_status == 400 else "busy"
            raise _refused(request, error.http_status, code, str(error), None if code == "bad_offer" else 10) from None

    def company_of(tenant: str) -> Company | None:
        company = ports.company(tenant)
        if company is None and tenant != "check":
            raise unknown_company()
        return company

    @routes.options("/api/call/{tenant}", include_in_schema=False)
    async def preflight(request: Request, tenant: str) -> Response:
        admit(request)
        more = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Content-Type"}
        return Response(status_code=204, headers={**_shared(request), **more, "Access-Control-Max-Age": "600"})

    @routes.get("/api/call/{tenant}", summary="Whether pages can call", operation_id="call_terms", responses=_ERRORS)
    async def terms(request: Request, response: Response, tenant: str) -> CallTerms:
        """Ask before showing a call button; ``check`` stands for the diagnosis page."""
        company_of(tenant)
        door = admit(request)
        response.headers.update(_shared(request))
        return CallTerms(available=not door.unavailable, ice_servers=[dict(server) for server in door.ice])

    @routes.post("/api/call/{tenant}", summary="Call from a web page", operation_id="call", responses=_ERRORS)
    async def call(request: Request, response: Response, tenant: str, offer: CallOffer) -> CallAnswer:
        """Take an SDP offer with Opus and a data channel named ``captions``; ``check`` echoes what is said."""
        company = company_of(tenant)
        answer = await answered(request, company, offer)
        response.headers.update(_shared(request))
        return answer

    return routes


class _Allowance:
    """How often one address may call; the addresses that called longest ago are forgotten."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, address: str, now_s: float) -> float:
        """0.0, or the seconds to wait."""
        bucket = self._buckets.pop(address, None) or TokenBucket.full(_BURST, _PER_S, now_s)
        self._buckets[address], wait_s = bucket.take(now_s)
        while len(self._buckets) > _CALLERS_REMEMBERED:
            self._buckets.popitem(last=False)
        return wait_s


def _shared(request: Request) -> dict[str, str]:
    """Lets the page of an allowed origin read the answer; no cookie is ever looked at here."""
    origin = request.headers.get("origin")
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin else {}


def _refused(request: Request, status: int, code: str, detail: str, retry_s: int | None = None) -> Problem:
    headers = _shared(request) | ({"Retry-After": str(retry_s)} if retry_s is not None else {})
    return Problem(status, code, detail, headers)
