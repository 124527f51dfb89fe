"""Chats with the lamp shop, led by a test: scripted meaning and desk, the real store, rooms and frames."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.support.talk import lamps, plain
from tests.unit.conversation.scripted import BackEnd, Meaning, screen
from voicebot.channels.chat import ChatEvent, From, Kind, Read, Typing
from voicebot.conversation.chat import TextDesk, Visit
from voicebot.conversation.rooms import Rooms
from voicebot.conversation.services import Services
from voicebot.domain import EN, JA, ConversationId, Event, Language, TenantId
from voicebot.flows import Dialogue, TenantFlows
from voicebot.redaction import redact
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.telemetry import Telemetry

LAMPS = TenantId("lamps")


class OpenTokens:
    def issue(self, conversation: ConversationId, tenant: TenantId) -> str:
        return str(conversation)

    def read(self, token: str, tenant: TenantId) -> ConversationId:
        return ConversationId(token)


@dataclass
class Server:
    """One process that serves chats out of a store others share."""

    store: SqlStore
    desk: Any
    known: Mapping[str, Mapping[str, Any]]
    clock: VirtualClock = field(default_factory=VirtualClock)
    visitors: list[Visitor] = field(default_factory=list)
    content: TenantFlows = field(default_factory=lamps)

    async def start(self) -> Server:
        self.meaning = Meaning(self.known)
        self.services = Services(
            store=self.store,
            understander=self.meaning,
            dialogues={self.tenant: Dialogue(self.content, plain, lambda: date(2026, 11, 18))},
            languages={self.tenant: (EN, JA)},
            actions=BackEnd(),
            screen=screen(),
            redact=redact,
            clock=self.clock,
            telemetry=Telemetry(),
            desk=self.desk,
            node="http://one",
        )
        self.rooms = Rooms(self.services)
        self._open = self.rooms.open()
        await self._open.__aenter__()
        self.front = TextDesk(self.services, self.rooms, OpenTokens())
        return self

    @property
    def tenant(self) -> TenantId:
        return self.content.tenant.id

    async def stop(self) -> None:
        for visitor in self.visitors:
            await visitor.leave()
        self.visitors.clear()
        await self._open.__aexit__(None, None, None)

    async def visit(self, token: str | None = None, last_seq: int = 0, language: Language = EN) -> Visitor:
        visitor = Visitor(await self.front.join(self.tenant, language, token, last_seq), self.store).begin()
        self.visitors.append(visitor)
        return visitor


class Visitor:
    """A browser: what it shows, in order."""

    def __init__(self, visit: Visit, store: SqlStore) -> None:
        self.visit, self._store = visit, store
        self.lines: list[ChatEvent] = []
        self.signs: list[Typing | Read] = []
        self.over = False
        self._sent = 0
        self._gone = False

    def begin(self) -> Visitor:
        self._reading = asyncio.create_task(self._read())
        return self

    async def _read(self) -> None:
        async for item in self.visit.events():
            if isinstance(item, ChatEvent):
                self.lines.append(item)
            else:
                self.signs.append(item)
        self.over = True

    async def write(self, text: str) -> None:
        """Send and wait until it was answered."""
        self._sent += 1
        await self.visit.send(f"{self.visit.conversation[:8]}-{self._sent}-{len(self.lines)}", text)
        await self.visit._room.drained()

    async def until(self, reached: Callable[[], bool]) -> None:
        for _ in range(2000):
            if reached():
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"did not happen; shown: {[(line.sender.value, line.text) for line in self.lines]}")

    async def shows(self, text: str, sender: From = From.BOT) -> ChatEvent:
        def found() -> ChatEvent | None:
            return next((line for line in reversed(self.lines) if text in line.text and line.sender is sender), None)

        await self.until(lambda: found() is not None)
        line = found()
        assert line is not None
        return line

    async def shows_kind(self, kind: Kind) -> ChatEvent:
        await self.until(lambda: any(line.kind is kind for line in self.lines))
        return next(line for line in self.lines if line.kind is kind)

    async def leave(self) -> None:
        if self._gone:
            return
        self._gone = True
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self.visit.leave()

    @property
    def token(self) -> str:
        return self.visit.token

    async def log(self) -> list[Event]:
        return [recorded.event for recorded in await self._store.events(self.visit.conversation)]

    def said(self, sender: From = From.BOT) -> list[str]:
        return [line.text for line in self.lines if line.sender is sender]
