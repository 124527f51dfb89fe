"""A record system behind HTTP: three addresses, signed requests, short patience.

``GET {base}/customers?tenant=&number=`` and ``GET {base}/customers/{id}?tenant=`` answer 200 with a record or 404;
``GET {base}/interactions?tenant=&customer=&number=&limit=`` answers a list; ``PUT {base}/interactions/{conversation}``
takes one. Bodies are JSON with the field names of :mod:`voicebot.crm.port`; requests carry the webhook signature over
the body (empty for GET).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from voicebot.clock import Clock
from voicebot.crm.port import CustomerRecord, Interaction
from voicebot.domain import ConversationId, Json, Language, TenantId
from voicebot.errors import BackendError
from voicebot.webhooks import HEADER, sign

_TIMEOUT_S = 2.0


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    name: str | None = None
    number: str | None = None
    language: str | None = None
    record_url: str | None = None
    vulnerable: bool = False
    vip: bool = False
    preferences: dict[str, Any] = {}


class _Past(BaseModel):
    model_config = ConfigDict(extra="ignore")
    conversation: str
    at: datetime
    channel: str
    summary: str
    agent_name: str | None = None
    intent: str = ""
    code: str = ""
    resolved: bool | None = None


_PASTS = TypeAdapter(list[_Past])


class HttpCrm:
    """A :class:`~voicebot.crm.port.Crm` on another server."""

    def __init__(self, base: str, secret: str, clock: Clock, client: httpx.AsyncClient | None = None) -> None:
        self._base, self._secret, self._clock = base.rstrip("/"), secret, clock
        self._client = client or httpx.AsyncClient(timeout=_TIMEOUT_S)

    async def close(self) -> None:
        """Give connections back."""
        await self._client.aclose()

    async def find(self, tenant: TenantId, number: str) -> CustomerRecord | None:
        """See :meth:`voicebot.crm.port.Crm.find`."""
        return self._record(tenant, await self._ask("GET", "/customers", {"tenant": tenant, "number": number}))

    async def read(self, tenant: TenantId, customer: str) -> CustomerRecord | None:
        """See :meth:`voicebot.crm.port.Crm.read`."""
        return self._record(
            tenant, await self._ask("GET", f"/customers/{quote(customer, safe='')}", {"tenant": tenant})
        )

    async def history(
        self, tenant: TenantId, *, customer: str | None, number: str | None, limit: int = 5
    ) -> Sequence[Interaction]:
        """See :meth:`voicebot.crm.port.Crm.history`."""
        wanted = {"tenant": tenant, "customer": customer, "number": number, "limit": str(limit)}
        answer = await self._ask("GET", "/interactions", {name: value for name, value in wanted.items() if value})
        if answer is None:
            return ()
        try:
            rows = _PASTS.validate_python(answer)
        except ValidationError as error:
            raise _nonsense(error) from None
        return tuple(
            Interaction(
                tenant, ConversationId(row.conversation), row.at, row.channel, row.summary,
                customer=customer, agent_name=row.agent_name, intent=row.intent, code=row.code, resolved=row.resolved,
            )
            for row in rows[:limit]
        )  # fmt: skip

    async def append(self, interaction: Interaction) -> None:
        """See :meth:`voicebot.crm.port.Crm.append`."""
        body: dict[str, Json] = {
            "tenant": interaction.tenant,
            "conversation": interaction.conversation,
            "at": interaction.at.isoformat(),
            "channel": interaction.channel,
            "summary": interaction.summary,
            "customer": interaction.customer,
            "number": interaction.number,
            "agent": interaction.agent,
            "agent_name": interaction.agent_name,
            "intent": interaction.intent,
            "code": interaction.code,
            "resolved": interaction.resolved,
        }
        await self._ask("PUT", f"/interactions/{quote(interaction.conversation, safe='')}", {}, body)

    async def _ask(self, method: str, path: str, query: dict[str, str], body: Json = None) -> Any:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {HEADER: sign(self._secret, content, self._clock.now())}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            answer = await self._client.request(
                method, f"{self._base}{path}", params=query, content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise BackendError(f"The customer records cannot be reached ({type(error).__name__}).") from None
        if answer.status_code == 404:
            return None
        if not answer.is_success:
            raise BackendError(f"The customer records answered {answer.status_code}.")
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise BackendError("The customer records answered something that is not JSON.") from None

    def _record(self, tenant: TenantId, answer: Any) -> CustomerRecord | None:
        if answer is None:
            return None
        try:
            row = _Record.model_validate(answer)
        except ValidationError as error:
            raise _nonsense(error) from None
        return CustomerRecord(
            tenant, row.id, row.name, row.number, None if row.language is None else Language(row.language),
            row.record_url, row.vulnerable, row.vip, row.preferences,
        )  # fmt: skip


def _nonsense(error: ValidationError) -> BackendError:
    place = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
    return BackendError(f"The customer records answered a record that is wrong at {place or 'its top'}.")
