"""Rasa's addresses, per company under ``/t/{tenant}`` and for the first company at the root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

import voicebot
from voicebot.channels.rasa_rest import (
    ParseRequest,
    ParseResult,
    StatusInfo,
    VersionInfo,
    WebhookMessage,
    WebhookReply,
    parse_result,
    webhook_replies,
)
from voicebot.domain import Language
from voicebot.web.ports import Company, Ports
from voicebot.web.problems import Problem, ProblemDocument, unknown_company

_ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": ProblemDocument, "description": text}
    for code, text in {
        400: "The body is not JSON",
        404: "Unknown company",
        413: "The body is too large",
        422: "A field is missing or wrong",
        503: "Not ready",
    }.items()
}


class _AnyContentType(APIRoute):
    """Reads the body as JSON whatever its Content-Type says, as Rasa does; ``curl -d`` says it is a form."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()

        async def as_json(request: Request) -> Response:
            headers = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
            scope = {**request.scope, "headers": [*headers, (b"content-type", b"application/json")]}
            return await handle(Request(scope, request.receive))

        return as_json


def router(ports: Ports) -> APIRouter:
    """REST channel, parsing, version and status in Rasa's shapes."""
    routes = APIRouter(tags=["rasa"], route_class=_AnyContentType)

    def company_of(tenant: str | None) -> Company:
        company = ports.company(tenant) if tenant is not None else next(iter(ports.companies), None)
        if company is None:
            raise unknown_company()
        return company

    def language_of(company: Company, wanted: str | None) -> Language | None:
        if wanted is None:
            return None
        primary = wanted.split("-")[0].lower()
        if primary not in company.languages:
            known = ", ".join(company.languages)
            raise Problem(422, "unknown_language", f"language: this company speaks {known}. Use one of these.")
        return Language(primary)

    async def exchange(tenant: str | None, body: WebhookMessage) -> list[WebhookReply]:
        company = company_of(tenant)
        language = language_of(company, body.metadata.language if body.metadata else None)
        replies = await ports.messages.exchange(company.tenant, body.sender, body.message, language)
        return webhook_replies(body.sender, replies)

    async def parse(tenant: str | None, body: ParseRequest) -> ParseResult:
        company = company_of(tenant)
        understanding = await ports.parser.parse(company.tenant, body.text, language_of(company, body.language))
        return parse_result(understanding)

    @routes.post(
        "/t/{tenant}/webhooks/rest/webhook",
        response_model_exclude_none=True,
        responses=_ERRORS,
        summary="Say something to a company's bot",
        operation_id="message_of_company",
    )
    async def tenant_webhook(tenant: str, body: WebhookMessage) -> list[WebhookReply]:
        """One message of ``sender``; the answer holds what the bot says to it, in order."""
        return await exchange(tenant, body)

    @routes.post(
        "/webhooks/rest/webhook",
        response_model_exclude_none=True,
        responses=_ERRORS,
        summary="Say something to the first company's bot",
        operation_id="message",
    )
    async def webhook(body: WebhookMessage) -> list[WebhookReply]:
        """As ``/t/{tenant}/webhooks/rest/webhook``, for the first company of the settings."""
        return await exchange(None, body)

    @routes.post(
        "/t/{tenant}/model/parse",
        responses=_ERRORS,
        summary="What a text means to a company's bot",
        operation_id="parse_for_company",
    )
    async def tenant_parse(tenant: str, body: ParseRequest) -> ParseResult:
        """Intent, entities and ranking of one text. Nothing is stored and no conversation moves."""
        return await parse(tenant, body)

    @routes.post(
        "/model/parse",
        responses=_ERRORS,
        summary="What a text means to the first company's bot",
        operation_id="parse",
    )
    async def default_parse(body: ParseRequest) -> ParseResult:
        """As ``/t/{tenant}/model/parse``, for the first company of the settings."""
        return await parse(None, body)

    @routes.get("/webhooks/rest/", summary="Health of the REST channel", operation_id="rest_health")
    @routes.get("/t/{tenant}/webhooks/rest/", include_in_schema=False)
    async def rest_health(tenant: str | None = None) -> dict[str, str]:
        """Always ``{"status": "ok"}``, as Rasa answers."""
        company_of(tenant)
        return {"status": "ok"}

    @routes.get("/version", summary="Version of the product", operation_id="version")
    async def version() -> VersionInfo:
        """The running version."""
        return VersionInfo(version=voicebot.__version__, minimum_compatible_version=voicebot.__version__)

    @routes.get("/status", summary="The model in use", operation_id="status")
    @routes.get("/t/{tenant}/status", summary="The model a company uses", operation_id="status_of_company")
    async def status(tenant: str | None = None) -> StatusInfo:
        """Which model answers now."""
        model = ports.parser.model(company_of(tenant).tenant)
        return StatusInfo(model_file=model, model_id=model)

    return routes
