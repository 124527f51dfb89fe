"""The agent's console, server side: the socket ``/ws/desk`` and the addresses under ``/api/desk``."""

from __future__ import annotations

from fastapi import APIRouter

from voicebot.web.desk import contacts, customers, floor, inside, socket, supervising, talking, tasks
from voicebot.web.desk.consoles import OpenConsoles
from voicebot.web.desk.leaving import Leaving
from voicebot.web.desk.parts import DeskParts

TAGS = [
    {"name": "desk: contacts", "description": "What agents read of contacts and do with them."},
    {"name": "desk: calls", "description": "Live calls: media, hold, consult, conference, warm transfer."},
    {"name": "desk: tasks", "description": "Follow-ups and callbacks with owner and due time."},
    {"name": "desk: customers", "description": "What is known of a customer; translation."},
    {"name": "desk: leaders", "description": "The floor, supervision, live changes, staffing."},
]


def router(desk: DeskParts, consoles: OpenConsoles) -> APIRouter:
    """Everything of the console."""
    routes = APIRouter()
    routes.include_router(socket.router(desk, consoles))
    for part in (contacts, talking, supervising, floor, tasks, customers, inside):
        routes.include_router(part.router(desk))
    return routes


__all__ = ["TAGS", "DeskParts", "Leaving", "OpenConsoles", "router"]
