"""Back-end actions over the action-server webhook protocol, so that existing rasa-sdk action servers keep working.

``POST {url}/webhook`` with ``{next_action, sender_id, tracker, domain, version}`` is answered by
``{"events": [{"event": "slot", "name": ..., "value": ...}], "responses": [{"text": ...}]}``. Everything that is not
such an answer in time is a :class:`~voicebot.errors.BackendError`, whose text never holds what the customer said.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from voicebot.domain import ActionDone, CallAction, ConversationId, Json, Language, TenantId
from voicebot.errors import BackendError, Unanswered

__all__ = ["ActionClient"]

PROTOCOL_VERSION = "3.6.21"
"""The version of Rasa whose tracker layout is sent; action servers warn when there is none."""

MAX_ANSWER_BYTES = 1_000_000
MAX_SLOTS = 500


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")
    event: str
    name: str | None = None
    value: JsonValue = None


class _Response(BaseModel):
    model_config = ConfigDict(extra="ignore")
    text: str | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")
    events: list[_Event] = Field(default_factory=list)
    responses: list[_Response] = Field(default_factory=list)


class ActionClient:
    """One action server, reached by HTTP; safe to use from many conversations at once.

    ``timeout_s`` bounds a whole call, from connecting to the last byte. A connection that cannot be made is tried once
    more; anything later is not, because the action may have been carried out.
    """

    def __init__(self, url: str, timeout_s: float, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url.rstrip("/").removesuffix("/webhook") + "/webhook"
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(
            timeout=timeout_s, transport=transport, follow_redirects=False, trust_env=False,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
        )  # fmt: skip

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def run(
        self,
        call: CallAction,
        *,
        conversation: ConversationId,
        tenant: TenantId,
        language: Language,
        latest_text: str = "",
    ) -> ActionDone:
        """Run one action and return the slots it set; ``outcome`` is ``ok`` when the action names none.

        Raises:
            Unanswered: no answer in time, or the connection broke: the action may have been carried out.
            BackendError: not reached, an error status, or an answer that is not of the protocol.
        """
        body = _request(call, conversation, tenant, language, latest_text)
        try:
            async with asyncio.timeout(self._timeout_s):
                status, raw = await self._post(body)
        except (TimeoutError, httpx.TimeoutException):
            raise self._failed(call, f"did not answer within {self._timeout_s:g} s", Unanswered) from None
        except httpx.ConnectError as error:
            raise self._failed(call, f"cannot be reached ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise self._failed(call, f"cannot be reached any more ({type(error).__name__})", Unanswered) from None
        if status != 200:
            raise self._failed(call, f"answered with HTTP status {status}")
        return self._done(call, raw)

    async def _post(self, body: bytes) -> tuple[int, bytes | None]:
        """Status and body; None for a body above :data:`MAX_ANSWER_BYTES`, which is not read to its end."""
        try:
            return await self._post_once(body)
        except httpx.ConnectError:
            return await self._post_once(body)

    async def _post_once(self, body: bytes) -> tuple[int, bytes | None]:
        headers = {"content-type": "application/json"}
        async with self._http.stream("POST", self._url, content=body, headers=headers) as response:
            kept = bytearray()
            async for chunk in response.aiter_bytes():
                kept += chunk
                if len(kept) > MAX_ANSWER_BYTES:
                    return response.status_code, None
            return response.status_code, bytes(kept)

    def _done(self, call: CallAction, raw: bytes | None) -> ActionDone:
        if raw is None:
            raise self._failed(call, f"answered with more than {MAX_ANSWER_BYTES} bytes")
        try:
            answer = _Answer.model_validate_json(raw)
        except ValidationError:
            raise self._failed(call, "answered with something that is not an action server's answer") from None
        slots: dict[str, Json] = {}
        for event in answer.events:
            if event.event == "slot" and event.name:
                slots[event.name] = _plain(event.value)
        if len(slots) > MAX_SLOTS:
            raise self._failed(call, f"set more than {MAX_SLOTS} slots")
        slots.setdefault("outcome", "ok")
        return ActionDone(call.action, slots, tuple(item.text for item in answer.responses if item.text))

    def _failed(self, call: CallAction, problem: str, kind: type[BackendError] = BackendError) -> BackendError:
        return kind(
            f"The action server at {self._url} {problem} for {call.action}. "
            "Check that it runs and that VOICEBOT_ACTIONS names it."
        )


def _request(
    call: CallAction, conversation: ConversationId, tenant: TenantId, language: Language, latest_text: str
) -> bytes:
    slots: Mapping[str, Json] = {**call.slots, "tenant": str(tenant), "language": str(language)}
    message = {"text": latest_text, "intent": {"name": None, "confidence": 0.0}, "entities": []}
    tracker: dict[str, Any] = {
        "sender_id": str(conversation),
        "slots": slots,
        "latest_message": message,
        "latest_event_time": time.time(),
        "latest_action_name": "action_listen",
        "latest_input_channel": "voicebot",
        "followup_action": None,
        "paused": False,
        "events": [],
        "active_loop": {},
    }
    whole = {"next_action": call.action, "sender_id": str(conversation), "tracker": tracker, "domain": {}}
    return json.dumps(whole | {"version": PROTOCOL_VERSION}, ensure_ascii=False).encode()


def _plain(value: JsonValue) -> Json:
    """A JSON value as the domain types it."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case _:
            return value
