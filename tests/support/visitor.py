"""A visitor who speaks the chat's protocol over a real WebSocket and remembers every line."""

from __future__ import annotations

import asyncio
import itertools
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.product import RunningProduct

_PATIENCE_S = 40.0


class ChatVisitor:
    """One connection. ``lines`` are the events shown, ``other`` all other frames, ``taken`` the ids acknowledged."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.lines: list[dict[str, Any]] = []
        self.other: list[dict[str, Any]] = []
        self.taken: list[str] = []
        self.conversation = self.token = ""
        self._ids = (f"{uuid.uuid4().hex}-{number}" for number in itertools.count(1))
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for raw in self.socket:
                frame = json.loads(raw)
                async with self._news:
                    (self.lines if frame["type"] == "event" else self.other).append(frame)
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        async with self._news:
            self._news.notify_all()

    async def _until(self, what: str, look: Any) -> Any:
        async with self._news:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    while (found := look()) is None:
                        assert not self._reading.done(), f"closed ({self.socket.close_code}) before {what}: {self!r}"
                        await self._news.wait()
            except TimeoutError:
                raise AssertionError(f"not within {_PATIENCE_S:g} s: {what}: {self!r}") from None
        return found

    def __repr__(self) -> str:
        lines = [f"{line['from']}: {line['text'] or line['kind']}" for line in self.lines]
        return "\n".join([*lines, *(json.dumps(frame) for frame in self.other)])

    async def hello(self, token: str | None = None, last_seq: int = 0) -> dict[str, Any]:
        await self.socket.send(json.dumps({"type": "hello", "token": token, "last_seq": last_seq}))
        welcome: dict[str, Any] = await self.frame("welcome")
        self.conversation, self.token = welcome["conversation"], welcome["token"]
        return welcome

    async def frame(self, type: str, **wanted: object) -> dict[str, Any]:
        """The first frame of this type with these values, of all that came or will come."""

        def look() -> dict[str, Any] | None:
            for frame in self.other:
                if frame["type"] == type and all(frame.get(key) == value for key, value in wanted.items()):
                    return frame
            return None

        found: dict[str, Any] = await self._until(f"{type} {wanted}", look)
        return found

    async def send(self, text: str, id: str = "") -> int:
        """Send a message; the number it was stored under."""
        id = id or next(self._ids)
        await self.socket.send(json.dumps({"type": "message", "id": id, "text": text}))
        seq: int = (await self.frame("ack", id=id))["seq"]
        self.taken.append(id)
        return seq

    async def told(self, *words: str, after: int = 0) -> str:
        """The bot's lines after number ``after``, as soon as every one of ``words`` is in them."""

        def look() -> str | None:
            text = "\n".join(line["text"] for line in self.lines if line["from"] == "bot" and line["seq"] > after)
            return text if all(word.lower() in text.lower() for word in words) else None

        found: str = await self._until(f"the bot says {words}", look)
        return found

    async def say(self, text: str, *answer: str) -> str:
        """Send a message and wait for an answer that holds these words."""
        return await self.told(*answer, after=await self.send(text))

    async def next_of_bot(self, after: int) -> dict[str, Any]:
        """The bot's first line after number ``after``."""
        found: dict[str, Any] = await self._until(
            "the bot says something",
            lambda: next((line for line in self.lines if line["from"] == "bot" and line["seq"] > after), None),
        )
        return found

    async def from_agent(self, text: str) -> None:
        """An agent's words, seen once."""

        def look() -> bool | None:
            return any(line["from"] == "agent" and line["text"] == text for line in self.lines) or None

        await self._until(f"an agent writes {text!r}", look)
        assert [line["text"] for line in self.lines].count(text) == 1

    async def kind(self, kind: str) -> dict[str, Any]:
        """The first line of this kind."""
        found: dict[str, Any] = await self._until(
            kind, lambda: next((line for line in self.lines if line["kind"] == kind), None)
        )
        return found

    @property
    def is_closed(self) -> bool:
        return self._reading.done()

    async def closed(self) -> int | None:
        """Wait until the server has closed the connection; its code."""
        await asyncio.wait_for(asyncio.shield(self._reading), _PATIENCE_S)
        return self.socket.close_code

    async def leave(self) -> None:
        await self.socket.close()
        await self._reading


@asynccontextmanager
async def visitor(
    product: RunningProduct, lang: str = "en", token: str | None = None, last_seq: int = 0, *, tenant: str = "shop"
) -> AsyncIterator[ChatVisitor]:
    """A visitor who has said hello."""
    address = product.http.replace("http", "ws", 1) + f"/ws/chat/{tenant}?lang={lang}"
    made = ChatVisitor(await connect(address, max_size=None))
    try:
        await made.hello(token, last_seq)
        yield made
    finally:
        await made.leave()
