"""The pages of the desk: the agent's console, the floor for leaders, the staffing calculator.

They hold nothing of anybody: what they show is asked for by their scripts, with the session's cookie.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from voicebot.web.pages import page_language
from voicebot.web.signed_in import to_login, visitor

_TEMPLATES = Path(__file__).parent / "templates"


def router(origins: Sequence[str]) -> APIRouter:
    """``/desk`` (``?embed=1`` beside another program, ``?embed=assist`` the assist alone), floor and staffing.

    ``origins``: sites that may show the console in a frame and hear of its contacts; ``*`` is not one. Whoever is not
    signed in is sent to the login page and comes back.
    """
    routes = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    named = [origin for origin in origins if origin != "*"]

    async def page(request: Request, script: str) -> Response:
        if await visitor(request) is None:
            return to_login(request)
        lang = page_language(request, request.query_params.get("lang"))
        body = templates.get_template("desk.html").render(
            lang=lang, script=script, embed=request.query_params.get("embed", ""), origins=named
        )
        return HTMLResponse(body, headers={"Cache-Control": "no-store"})

    @routes.get("/desk")
    async def desk(request: Request) -> Response:
        return await page(request, "desk")

    @routes.get("/desk/floor")
    async def floor(request: Request) -> Response:
        return await page(request, "floor")

    @routes.get("/desk/staffing")
    async def staffing(request: Request) -> Response:
        return await page(request, "staffing")

    return routes
