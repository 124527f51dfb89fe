"""``/c/{secret}``: where a link from a short message leads. A page with one button, and the way into the chat.

Looking at the page uses nothing up, because phones and mail servers look at links before people do; the button does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from voicebot.conversation.continuing import Continuing
from voicebot.domain import ConversationId, Language, TenantId
from voicebot.errors import Conflict, Forbidden, NotFound, StoreError
from voicebot.messages import Links
from voicebot.store import SqlStore
from voicebot.web.chat_links import KIND
from voicebot.web.pages import page_language
from voicebot.web.ports import Ports

_HERE = Path(__file__).parent
_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class Way:
    """Where a link leads. ``token`` takes the chat up, once the link was opened."""

    tenant: TenantId
    language: Language
    token: str = ""


class Tokens(Protocol):
    """Resume tokens of chats."""

    def issue(self, conversation: ConversationId, tenant: TenantId) -> str:
        """A token for this conversation."""
        ...


class ContinueDoor:
    """Opens links and lets their conversations go on in the chat."""

    def __init__(self, store: SqlStore, links: Links, continuing: Continuing, tokens: Tokens) -> None:
        self._store, self._links, self._continuing, self._tokens = store, links, continuing, tokens

    async def look(self, secret: str) -> Way:
        """Whose link it is, without using it. Raises Forbidden."""
        link = await self._links.look(secret, KIND)
        row = await self._store.conversation(link.conversation)
        return Way(link.tenant, row.language)

    async def open(self, secret: str) -> Way:
        """Use the link.

        Raises:
            Forbidden: unknown, expired or used before.
            Conflict: a person is talking to the customer on the telephone; the link stays good.
            StoreError: the store is away; the link stays good.
        """
        link = await self._links.look(secret, KIND)
        await self._continuing.into_chat(link.conversation, link.tenant, fresh=link.fresh)
        await self._links.open(secret, KIND)
        row = await self._store.conversation(link.conversation)
        return Way(link.tenant, row.language, self._tokens.issue(link.conversation, link.tenant))


def router(ports: Ports, door: ContinueDoor) -> APIRouter:
    """The page behind a link, and its button."""
    routes = APIRouter()
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    def page(request: Request, status: int, state: str, way: Way | None, lang: str | None) -> HTMLResponse:
        shown = lang if lang in ("ja", "en") else (way.language if way is not None else page_language(request, None))
        company = ports.company(way.tenant) if way is not None else None
        values: dict[str, Any] = {
            "lang": shown,
            "state": state,
            "company": company,
            "companies": ports.companies if company is None and ports.settings.list_companies else (),
        }
        body = templates.get_template("continue.html").render(**values)
        return HTMLResponse(body, status_code=status, headers=_PRIVATE)

    @routes.get("/c/{secret}", include_in_schema=False)
    async def look(request: Request, secret: str, lang: str | None = None) -> Response:
        try:
            way = await door.look(secret)
        except (Forbidden, NotFound):
            return page(request, 410, "gone", None, lang)
        return page(request, 200, "ready", way, lang)

    @routes.post("/c/{secret}", include_in_schema=False)
    async def enter(request: Request, secret: str, lang: str | None = None) -> Response:
        try:
            way = await door.open(secret)
        except (Forbidden, NotFound):
            return page(request, 410, "gone", None, lang)
        except Conflict:
            return page(request, 409, "talking", await door.look(secret), lang)
        except StoreError:
            return page(request, 503, "later", None, lang)
        where = f"/chat/{way.tenant}?lang={way.language}#resume={way.token}"
        return RedirectResponse(where, status_code=303, headers=_PRIVATE)

    return routes
