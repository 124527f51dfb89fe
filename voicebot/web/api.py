"""The web application: one router per audience around one set of ports."""

from __future__ import annotations

from fastapi import FastAPI

import voicebot
from voicebot.people import People
from voicebot.web import (
    accounts,
    calls,
    chat,
    check,
    continuing,
    conversations,
    desk_pages,
    health,
    login,
    oidc,
    pages,
    problems,
    rasa,
    sessions,
)
from voicebot.web import desk as console
from voicebot.web.headers import SecurityHeaders
from voicebot.web.limits import BodyLimit
from voicebot.web.ports import Ports
from voicebot.web.sockets import OpenChats

_ABOUT = """The conversational front door of a contact centre.

Visitors chat over a WebSocket at `/ws/chat/{tenant}?lang=ja` (one JSON object per text frame: `hello`, `message`,
`typing`, `bye`). Programs may use the addresses and shapes of a Rasa server. Reading conversations needs a token.
Errors are `application/problem+json` (RFC 9457) and say what to do.
"""


def create_app(ports: Ports) -> FastAPI:
    """The application on these ports. ``app.state.chats`` is the :class:`OpenChats` to drain at shutdown."""
    app = FastAPI(
        title="voicebot",
        version=voicebot.__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_tags=[
            {"name": "rasa", "description": "Messages and parsing in the shapes of a Rasa server."},
            {"name": "conversations", "description": "The event log, for holders of a token."},
            {"name": "people", "description": "Signing in, accounts and the audit log."},
            {"name": "calls", "description": "Calls from web pages over WebRTC."},
            *console.TAGS,
            {"name": "pages", "description": "What the chat widget reads."},
            {"name": "operation", "description": "Health and metrics."},
        ],
    )
    chats = OpenChats(ports.settings.max_chats, ports.registry)
    app.state.chats = chats
    app.state.tokens = ports.tokens
    app.state.people = ports.people
    problems.install(app)
    app.include_router(health.router(ports, chats))
    app.include_router(chat.router(ports, chats))
    app.include_router(calls.router(ports))
    app.include_router(check.router(ports))
    app.include_router(rasa.router(ports))
    app.include_router(conversations.router(ports))
    app.include_router(pages.router(ports))
    if ports.links is not None:
        app.include_router(continuing.router(ports, ports.links))
    if ports.people is not None:
        left = console.Leaving(ports.desk.ports.desk) if ports.desk is not None else None
        app.include_router(accounts.router(tuple(company.tenant for company in ports.companies), left))
        app.include_router(sessions.router(cross_site=ports.settings.cookie_cross_site, left=left))
        _add_login(app, ports, ports.people)
        app.include_router(desk_pages.router(ports.settings.desk_origins))
    if ports.desk is not None:
        consoles = console.OpenConsoles(ports.registry)
        chats.also += [consoles.drain, ports.desk.close]
        app.include_router(console.router(ports.desk, consoles))
    for part in ports.more:
        app.include_router(part)
    app.mount("/static", pages.static_files(), name="static")
    app.add_middleware(BodyLimit, max_bytes=ports.settings.max_body_bytes)
    app.add_middleware(SecurityHeaders, frame_origins=ports.settings.origins, desk_origins=ports.settings.desk_origins)
    return app


def _add_login(app: FastAPI, ports: Ports, people: People) -> None:
    cross_site = ports.settings.cookie_cross_site
    app.include_router(login.router(cross_site=cross_site, outside="/oidc/start" if ports.oidc is not None else ""))
    if ports.oidc is not None:
        outside = people.outside
        app.include_router(oidc.router(oidc.Oidc(ports.oidc, outside.clock), outside, cross_site=cross_site))
