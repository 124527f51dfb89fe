"""The web edge: chat socket, pages and widget, Rasa's shapes, the event log, health."""

from voicebot.web.api import create_app
from voicebot.web.ports import (
    Access,
    ChatDesk,
    ChatSession,
    Company,
    EventReader,
    MessageDesk,
    Parser,
    Ports,
    Readiness,
    TokenChecker,
    WebSettings,
)
from voicebot.web.serving import Server, server_config

__all__ = [
    "Access",
    "ChatDesk",
    "ChatSession",
    "Company",
    "EventReader",
    "MessageDesk",
    "Parser",
    "Ports",
    "Readiness",
    "Server",
    "TokenChecker",
    "WebSettings",
    "create_app",
    "server_config",
]
