"""A shared inbox in the manner of Chatwoot: a chat becomes a conversation of an API inbox, the packet a private note.

Uses its client API (contacts, conversations and messages of an inbox) and, for the note, its application API. Its
webhooks ``message_created`` and ``conversation_status_changed`` come back to us; see :func:`inbox_news`. An explicit
handoff note is sent because a status change alone can be swallowed by its own assignment rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from voicebot.desk.outside.desk import Moved
from voicebot.desk.outside.http import TIMEOUT_S, ask
from voicebot.domain import (
    CallbackBooked,
    CallbackWish,
    Channel,
    DeskAnswer,
    DeskReply,
    HandoffId,
    HandoffRequest,
    Language,
)
from voicebot.errors import BackendError


class InboxRemote:
    """A :class:`~voicebot.desk.outside.desk.Remote` for chats. Calls are refused: an inbox has no telephone."""

    def __init__(
        self, base: str, inbox: str, account: str, token: str, client: httpx.AsyncClient | None = None
    ) -> None:
        self._public = f"{base.rstrip('/')}/public/api/v1/inboxes/{quote(inbox, safe='')}"
        self._account = f"{base.rstrip('/')}/api/v1/accounts/{quote(account, safe='')}"
        self._token = token
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT_S)
        self._places: dict[HandoffId, tuple[str, str]] = {}

    async def submit(self, wish: HandoffRequest, packet: Mapping[str, Any]) -> DeskReply:
        """Open a conversation with the packet's headline as a private note, and mark it open."""
        if wish.channel is Channel.VOICE:
            return DeskReply(DeskAnswer.RECORDED)
        _source, number = await self._place(wish.handoff_id, packet)
        head = packet.get("headline", {})
        lines = [str(head.get(name)) for name in ("who", "why", "tried", "ask", "opening_line") if head.get(name)]
        note = {"content": "\n".join([*head.get("alerts", []), *lines]), "private": True, "message_type": "outgoing"}
        address = f"{self._account}/conversations/{number}"
        headers = {"api_access_token": self._token}
        await ask(self._client, "POST", f"{address}/messages", note, headers)
        await ask(self._client, "POST", f"{address}/toggle_status", {"status": "open"}, headers)
        return DeskReply(DeskAnswer.QUEUED)

    async def withdraw(self, contact: HandoffId, why: str) -> None:
        """Resolve the conversation."""
        _, number = await self._place(contact, {})
        address = f"{self._account}/conversations/{number}/toggle_status"
        await ask(self._client, "POST", address, {"status": "resolved"}, {"api_access_token": self._token})

    async def say(self, contact: HandoffId, id: str, text: str, language: Language) -> None:
        """Words of the customer."""
        source, number = await self._place(contact, {})
        address = f"{self._public}/contacts/{source}/conversations/{number}/messages"
        await ask(self._client, "POST", address, {"content": text, "echo_id": id})

    async def call_back(self, wish: CallbackWish) -> CallbackBooked:
        """An inbox makes no calls."""
        raise BackendError("This desk makes no calls. Book callbacks with a desk that has a telephone.")

    async def _place(self, contact: HandoffId, packet: Mapping[str, Any]) -> tuple[str, str]:
        """The contact's source id and conversation number over there; found again by our id after a restart."""
        if contact in self._places:
            return self._places[contact]
        name = packet.get("customer", {}).get("display_name")
        person = {
            "identifier": contact,
            "custom_attributes": {"handoff_id": contact},
            **({"name": name} if name else {}),
        }
        made = await ask(self._client, "POST", f"{self._public}/contacts", person)
        source = quote(str(made.get("source_id", "")), safe="")
        if not source:
            raise BackendError("The inbox answered a contact without a source_id.")
        talk = await ask(
            self._client, "POST", f"{self._public}/contacts/{source}/conversations",
            {"custom_attributes": {"handoff_id": contact}},
        )  # fmt: skip
        if "id" not in talk:
            raise BackendError("The inbox answered a conversation without an id.")
        self._places[contact] = source, str(int(talk["id"]))
        return self._places[contact]


@dataclass(frozen=True, slots=True)
class InboxWords:
    """A message of an agent of the inbox."""

    contact: HandoffId
    id: str
    agent: str
    name: str
    text: str


def inbox_news(hook: Mapping[str, Any]) -> list[tuple[HandoffId, Moved] | InboxWords]:
    """What a webhook of the inbox means for us; nothing for what does not concern us.

    The first public message of an agent also says that the agent took the contact.
    """
    talk = hook.get("conversation") if hook.get("event") == "message_created" else hook
    if not isinstance(talk, Mapping):
        return []
    contact = HandoffId(str((talk.get("custom_attributes") or {}).get("handoff_id", "")))
    if not contact:
        return []
    match hook.get("event"):
        case "message_created" if hook.get("message_type") in ("outgoing", 1) and not hook.get("private"):
            sender = hook.get("sender") or {}
            agent, name = str(sender.get("id", "")), str(sender.get("name", ""))
            taken = Moved(f"taken-by-{agent}", "accepted", agent, name)
            words = InboxWords(contact, str(hook.get("id")), agent, name, str(hook.get("content", "")))
            return [(contact, taken), words]
        case "conversation_status_changed" if hook.get("status") == "resolved":
            return [(contact, Moved(f"resolved-{hook.get('id')}", "closed"))]
        case "conversation_status_changed" if hook.get("status") == "pending":
            return [(contact, Moved(f"pending-{hook.get('updated_at', '')}", "returned"))]
        case _:
            return []
