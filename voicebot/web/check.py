"""``/check``: a page that finds out which part of the way of a browser call is broken, and says it for support."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, WebSocket
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse
from starlette.websockets import WebSocketDisconnect

from voicebot.web.chat import origin_allowed
from voicebot.web.ports import Ports

_TEMPLATES = Path(__file__).parent / "templates"
_LANGUAGES = ("ja", "en")
_MOST_ECHOES = 20


def router(ports: Ports) -> APIRouter:
    """The page, and a WebSocket that answers so that the page sees whether WebSockets get through."""
    routes = APIRouter(tags=["calls"])
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    @routes.get("/check", include_in_schema=False)
    async def check(request: Request, lang: str | None = None) -> HTMLResponse:
        accepted = [part.split("-")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
        shown = next((tag for tag in [lang or "", *accepted] if tag in _LANGUAGES), "ja")
        body = templates.get_template("check.html").render(lang=shown)
        return HTMLResponse(body, headers={"Cache-Control": "no-cache"})

    @routes.websocket("/ws/check")
    async def echo(websocket: WebSocket) -> None:
        headers = websocket.headers
        await websocket.accept()
        if not origin_allowed(headers.get("origin"), headers.get("host"), ports.settings.origins):
            await websocket.close(1008)
            return
        try:
            for _ in range(_MOST_ECHOES):
                await websocket.send_text((await websocket.receive_text())[:200])
            await websocket.close()
        except (WebSocketDisconnect, KeyError):
            return

    return routes
