"""What people open in a browser: the front page, the chat page, the widget and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from voicebot.web.ports import Company, Ports
from voicebot.web.problems import ProblemDocument, unknown_company

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


class WidgetCompany(BaseModel):
    """What the widget has to know of a company."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"tenant": "shop", "brand": "あさなぎ", "language": "ja", "languages": ["ja", "en"]}]
        }
    )
    tenant: str
    brand: str
    language: str
    languages: list[str]


class _Static(StaticFiles):
    """Files that browsers keep but ask about, so that a new release is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def static_files() -> StaticFiles:
    """Everything under ``/static``."""
    return _Static(directory=STATIC)


def router(ports: Ports) -> APIRouter:
    """Pages and the widget."""
    routes = APIRouter(tags=["pages"])
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    def page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
        body = templates.get_template(name).render(**values)
        return HTMLResponse(body, status_code=status, headers={"Cache-Control": "no-cache"})

    @routes.get("/", include_in_schema=False)
    async def front(request: Request, lang: str | None = None) -> Response:
        shown = page_language(request, lang)
        companies = ports.companies if ports.settings.list_companies else ()
        return page("front.html", lang=shown, companies=companies)

    @routes.get("/chat/{tenant}", include_in_schema=False)
    async def chat(request: Request, tenant: str, lang: str | None = None) -> Response:
        company = ports.company(tenant)
        if company is None:
            return page("missing.html", status=404, lang=page_language(request, lang))
        language = company.language(lang or _accepted(request, company))
        return page("chat.html", lang=language, company=company, brand=company.name(language))

    @routes.get("/widget.js", include_in_schema=False)
    async def widget() -> Response:
        return FileResponse(
            STATIC / "chat" / "embed.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"}
        )

    @routes.get(
        "/widget/{tenant}.json",
        summary="What the widget shows of a company",
        operation_id="widget_company",
        responses={404: {"model": ProblemDocument, "description": "Unknown company"}},
    )
    async def widget_company(tenant: str, lang: str | None = None) -> WidgetCompany:
        """Brand and languages; readable from every origin."""
        company = ports.company(tenant)
        if company is None:
            raise unknown_company()
        language = company.language(lang)
        return WidgetCompany(
            tenant=company.tenant,
            brand=company.name(language),
            language=language,
            languages=list(company.languages),
        )

    @routes.get("/favicon.ico", include_in_schema=False)
    async def favicon() -> Response:
        icon = STATIC / "icon.svg"
        if not icon.is_file():
            raise HTTPException(404)
        return FileResponse(icon, media_type="image/svg+xml")

    return routes


def _wants(request: Request) -> list[str]:
    """Primary language tags of Accept-Language, most wanted first."""
    weighted = []
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        weighted.append((-weight, place, tag.split("-")[0].lower()))
    return [tag for _, _, tag in sorted(weighted)]


def _accepted(request: Request, company: Company) -> str | None:
    return next((tag for tag in _wants(request) if tag in company.languages), None)


def page_language(request: Request, lang: str | None) -> str:
    """The language of pages that belong to no company: asked for, else the browser's, else Japanese."""
    return next((tag for tag in [lang or "", *_wants(request)] if tag in ("ja", "en")), "ja")
