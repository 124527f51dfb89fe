"""What an orchestrator and a monitoring system ask."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import JSONResponse

from voicebot.web.ports import Ports
from voicebot.web.sockets import OpenChats


class Ready(BaseModel):
    """Whether visitors and callers are served; ``reasons`` says why not.

    ``notes``: what does not work as it should though they are served.
    """

    ready: bool
    reasons: list[str]
    notes: list[str] = []


def router(ports: Ports, chats: OpenChats) -> APIRouter:
    """Liveness, readiness, metrics."""
    routes = APIRouter(tags=["operation"])

    @routes.get("/livez", summary="The process answers", operation_id="livez")
    async def livez() -> dict[str, str]:
        """Always ``{"status": "ok"}`` while the event loop runs."""
        return {"status": "ok"}

    @routes.get(
        "/readyz",
        summary="Callers and visitors are served",
        operation_id="readyz",
        response_model=Ready,
        responses={503: {"model": Ready, "description": "Not yet, or no more"}},
    )
    async def readyz() -> JSONResponse:
        """200 once models are warm and the store answers; 503 with reasons before that and while draining."""
        reasons = list(await ports.readiness.reasons())
        if chats.draining:
            reasons.append("shutting down: no new chats are taken")
        body = Ready(ready=not reasons, reasons=reasons, notes=list(ports.notes()))
        return JSONResponse(body.model_dump(), status_code=503 if reasons else 200)

    @routes.get("/metrics", summary="Prometheus metrics", operation_id="metrics", response_class=Response)
    async def metrics() -> Response:
        """In Prometheus' text format; no customer text."""
        return Response(generate_latest(ports.registry), media_type=CONTENT_TYPE_LATEST)

    return routes
