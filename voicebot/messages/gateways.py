"""Where a short message leaves the house: a file, a webhook, or an SMS gateway's HTTP interface."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import httpx

from voicebot.clock import Clock
from voicebot.domain import TenantId
from voicebot.errors import BackendError
from voicebot.webhooks import HEADER, sign

_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Message:
    """One short message. ``id`` is the idempotency key; ``number`` is dialled as it is; never logged."""

    id: str
    tenant: TenantId
    number: str
    text: str
    at: datetime


class Gateway(Protocol):
    """Takes messages. May get the same id twice after a crash."""

    @property
    def delivers(self) -> bool:
        """Whether somebody gets what is handed over here."""
        ...

    async def send(self, message: Message) -> None:
        """Hand a message over. Raises BackendError when it was not taken."""
        ...


class FileGateway:
    """Appends messages to a file as JSON lines, readable by the owner only: the default, and for trying out.

    ``emptied``: a program or a person takes the messages from there and brings them to the customers.
    """

    def __init__(self, path: Path, *, emptied: bool = False) -> None:
        self._path, self._emptied = path, emptied

    @property
    def delivers(self) -> bool:
        """A file by itself brings nothing to anybody."""
        return self._emptied

    async def send(self, message: Message) -> None:
        """Write one line. Raises BackendError when the file cannot be written."""
        line = {"id": message.id, "at": message.at.isoformat(), "tenant": message.tenant}
        text = json.dumps(line | {"to": message.number, "text": message.text}, ensure_ascii=False)
        try:
            await asyncio.to_thread(self._write, text)
        except OSError as error:
            raise BackendError(f"The message outbox cannot be written: {error.strerror}") from None

    def _write(self, text: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(text + "\n")


class WebhookGateway:
    """Posts each message as signed JSON."""

    delivers = True

    def __init__(self, url: str, secret: str, clock: Clock, client: httpx.AsyncClient | None = None) -> None:
        self._url, self._secret, self._clock = url, secret, clock
        self._client = client or httpx.AsyncClient(timeout=_TIMEOUT_S)

    async def send(self, message: Message) -> None:
        """Post one message. Raises BackendError unless the answer is a 2xx."""
        content = {"id": message.id, "tenant": message.tenant, "to": message.number, "text": message.text}
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", HEADER: sign(self._secret, body, self._clock.now())}
        await _posted(self._client, self._url, content=body, headers=headers)


class HttpSmsGateway:
    """An SMS gateway with the usual form interface (Twilio's and those that copy it): To, From, Body, basic auth."""

    delivers = True

    def __init__(
        self, url: str, account: str, token: str, sender: str, client: httpx.AsyncClient | None = None
    ) -> None:
        self._url, self._auth, self._sender = url, httpx.BasicAuth(account, token), sender
        self._client = client or httpx.AsyncClient(timeout=_TIMEOUT_S)

    async def send(self, message: Message) -> None:
        """Post one message. Raises BackendError unless the answer is a 2xx."""
        form = {"To": message.number, "From": self._sender, "Body": message.text}
        headers = {"Idempotency-Key": message.id}
        await _posted(self._client, self._url, data=form, headers=headers, auth=self._auth)


async def _posted(client: httpx.AsyncClient, url: str, **request: object) -> None:
    try:
        answer = await client.post(url, **request)  # type: ignore[arg-type]
    except httpx.HTTPError as error:
        raise BackendError(f"The message gateway cannot be reached ({type(error).__name__}).") from None
    if not answer.is_success:
        raise BackendError(f"The message gateway answered {answer.status_code}.")
