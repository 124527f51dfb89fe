"""Signs between visitor and agent that are not logged: who is writing, and how far somebody has read.

They go by the store's notices on the topic ``typing.<conversation>``, so the other side may be served by any process.
Whoever does not listen now never learns of them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Protocol, runtime_checkable

from voicebot.channels.chat import From, Read, Typing
from voicebot.clock import Clock
from voicebot.domain import ConversationId
from voicebot.errors import StoreError

_log = logging.getLogger(__name__)
_TYPING_SHOWN_MS = 6000
_TYPING_EVERY_S = 2.0


@runtime_checkable
class NoticeBoard(Protocol):
    """A store that passes notices on."""

    async def announce(self, topic: str, payload: str) -> None:
        """Tell whoever follows the topic. Raises StoreError."""
        ...

    def changes(self, topic: str) -> AsyncGenerator[str, None]:
        """Notices from now on. Raises StoreError."""
        ...


class Signs:
    """A visitor's signs, and those of the agent they talk to."""

    def __init__(self, board: object, conversation: ConversationId, clock: Clock) -> None:
        self._board = board if isinstance(board, NoticeBoard) else None
        self._topic = f"typing.{conversation}"
        self._clock = clock
        self._typed_s: float | None = None
        self._read = 0

    async def typing(self) -> None:
        """The visitor is writing; said again only after a while."""
        now_s = self._clock.monotonic()
        if self._typed_s is None or now_s - self._typed_s >= _TYPING_EVERY_S:
            self._typed_s = now_s
            await self._send({"sign": "typing", "who": From.CUSTOMER.value, "on": True})

    async def read(self, seq: int) -> None:
        """The visitor has seen everything up to ``seq``."""
        if seq > self._read:
            self._read = seq
            await self._send({"sign": "read", "who": From.CUSTOMER.value, "seq": seq})

    def sent(self) -> None:
        """The visitor has sent what they were writing."""
        self._typed_s = None

    async def _send(self, sign: dict[str, str | bool | int]) -> None:
        if self._board is None:
            return
        try:
            await self._board.announce(self._topic, json.dumps(sign))
        except StoreError as error:
            _log.warning("a sign was lost: %s", error)

    async def of_agent(self) -> AsyncIterator[Typing | Read]:
        """What the agent does, from now on; ends when the store does not pass notices on."""
        if self._board is None:
            return
        async with aclosing(self._board.changes(self._topic)) as notices:
            async for notice in notices:
                if (sign := _agents(notice)) is not None:
                    yield sign


def _agents(notice: str) -> Typing | Read | None:
    """An agent's sign; None for everything else, also from another version of the product."""
    try:
        told = json.loads(notice)
    except ValueError:
        return None
    match told:
        case {"sign": "typing", "who": "agent", "on": bool(on)}:
            return Typing(From.AGENT, _TYPING_SHOWN_MS if on else 0)
        case {"sign": "read", "who": "agent", "seq": int(seq)}:
            return Read(seq)
        case _:
            return None
