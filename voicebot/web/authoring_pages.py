"""The page of authors: cards and scripts. It holds nothing; its scripts ask with the session's cookie."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from voicebot.domain import TenantId
from voicebot.people import Capability, may
from voicebot.web.pages import page_language
from voicebot.web.problems import Problem
from voicebot.web.signed_in import to_login, visitor

_TEMPLATES = Path(__file__).parent / "templates"


def router(companies: Collection[TenantId]) -> APIRouter:
    """``/assist/edit`` (``?card=``, or ``?script=`` with ``&step=``; ``?tenant=`` for people of the installation).

    ``?phrase=``: words worth adding.
    """
    routes = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    @routes.get("/assist/edit")
    async def edit(request: Request) -> Response:
        who = await visitor(request)
        if who is None:
            return to_login(request)
        mine = [one for one in companies if may(who.person, Capability.EDIT_CONTENT, one)]
        if not mine:
            raise Problem(403, "not_allowed", "Cards and scripts are edited by leaders and trainers.")
        asked = request.query_params.get("tenant", "")
        tenant = asked if asked in mine else mine[0]
        lang = page_language(request, request.query_params.get("lang"))
        body = templates.get_template("authoring.html").render(lang=lang, tenant=tenant, tenants=mine)
        return HTMLResponse(body, headers={"Cache-Control": "no-store"})

    return routes
