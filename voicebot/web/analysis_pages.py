"""``/assist/analysis``: the page of the talk analysis. It holds nothing of anybody; its script asks for the figures."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from voicebot.web.pages import page_language
from voicebot.web.signed_in import to_login, visitor

_TEMPLATES = Path(__file__).parent / "templates"


def router() -> APIRouter:
    """The page; whoever is not signed in is sent to the login page and comes back."""
    routes = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    @routes.get("/assist/analysis")
    async def analysis(request: Request) -> Response:
        if await visitor(request) is None:
            return to_login(request)
        lang = page_language(request, request.query_params.get("lang"))
        body = templates.get_template("analysis.html").render(lang=lang)
        return HTMLResponse(body, headers={"Cache-Control": "no-store"})

    return routes
