"""An ACD of another maker: we post signed requests, it posts signed reports to our callback address.

Ours to theirs, below its base address: ``POST /handoffs`` (the wish and the packet; answers how it is queued),
``POST /handoffs/{id}/messages``, ``DELETE /handoffs/{id}``, ``POST /callbacks``. Theirs to ours:
``POST /api/outside-desk/{id}`` with a report (see :class:`~voicebot.desk.outside.desk.Moved`) or words of an agent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from voicebot.clock import Clock
from voicebot.desk.outside.desk import reply_of
from voicebot.desk.outside.http import TIMEOUT_S, ask
from voicebot.domain import CallbackBooked, CallbackWish, DeskReply, HandoffId, HandoffRequest, Language
from voicebot.errors import BackendError
from voicebot.webhooks import HEADER, sign


class AcdRemote:
    """A :class:`~voicebot.desk.outside.desk.Remote` by signed webhook."""

    def __init__(self, base: str, secret: str, clock: Clock, client: httpx.AsyncClient | None = None) -> None:
        self._base, self._secret, self._clock = base.rstrip("/"), secret, clock
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT_S)

    async def submit(self, wish: HandoffRequest, packet: Mapping[str, Any]) -> DeskReply:
        """Hand a contact over with its packet."""
        body = asdict(wish) | {"packet": packet}
        del body["caller_number"], body["node"]
        return reply_of(await self._send("POST", "/handoffs", body))

    async def withdraw(self, contact: HandoffId, why: str) -> None:
        """The customer left."""
        await self._send("DELETE", f"/handoffs/{quote(contact, safe='')}", {"why": why})

    async def say(self, contact: HandoffId, id: str, text: str, language: Language) -> None:
        """Words of the customer."""
        body = {"id": id, "text": text, "language": language}
        await self._send("POST", f"/handoffs/{quote(contact, safe='')}/messages", body)

    async def call_back(self, wish: CallbackWish) -> CallbackBooked:
        """Book a call; the answer holds ``reference`` and, if it can be told, ``from`` and ``to`` as ISO times."""
        answer = await self._send("POST", "/callbacks", asdict(wish))
        try:
            moments = [answer.get(name) for name in ("from", "to")]
            start, end = (None if one is None else datetime.fromisoformat(one) for one in moments)
            return CallbackBooked(str(answer["reference"]), wish.number, start, end)
        except (KeyError, ValueError, TypeError):
            raise BackendError("The outside desk answered a callback that cannot be understood.") from None

    async def _send(self, method: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        raw = json.dumps(body, ensure_ascii=False, default=str).encode()
        headers = {HEADER: sign(self._secret, raw, self._clock.now())}
        return await ask(self._client, method, f"{self._base}{path}", headers=headers, content=raw)
