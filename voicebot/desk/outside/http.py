"""Requests to outside desks: JSON, a short patience, plain errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from voicebot.errors import BackendError

TIMEOUT_S = 5.0


async def ask(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Mapping[str, Any]:
    """One request; the JSON object of the answer, empty when there is none.

    Raises:
        BackendError: nobody there, no 2xx, or no JSON object.
    """
    raw = content if content is not None else b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    try:
        answer = await client.request(
            method, url, content=raw, headers={"Content-Type": "application/json", **(headers or {})}
        )
    except httpx.HTTPError as error:
        raise BackendError(f"The outside desk cannot be reached ({type(error).__name__}).") from None
    if not answer.is_success:
        raise BackendError(f"The outside desk answered {answer.status_code}.")
    if not answer.content:
        return {}
    try:
        found = answer.json()
    except ValueError:
        raise BackendError("The outside desk answered something that is not JSON.") from None
    if not isinstance(found, dict):
        raise BackendError("The outside desk answered something that is not a JSON object.")
    return found
