"""A call without models on a clock that the test turns: scripted caller, ears, voice and meaning; the rest is real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

from tests.support.talk import lamps, plain
from tests.unit.conversation.scripted import (
    RATE,
    TICK_MS,
    AtOnce,
    BackEnd,
    Ears,
    LoudnessDetector,
    Meaning,
    ScriptedLine,
    SmallDisk,
    Voice,
    WatchedStore,
    screen,
)
from voicebot.audio import SpeechDetector
from voicebot.conversation.call import Call, VoiceServices
from voicebot.conversation.desk_port import ChatLinks
from voicebot.conversation.live import LiveCalls
from voicebot.conversation.services import Services
from voicebot.domain import (
    EN,
    JA,
    Event,
    Heard,
    Language,
    Played,
    Said,
    TenantId,
)
from voicebot.flows import Dialogue
from voicebot.redaction import redact
from voicebot.sim.clock import VirtualClock
from voicebot.sim.scripted_desk import ScriptedDesk
from voicebot.store import SqlStore, Store
from voicebot.telemetry import Telemetry

_Event = TypeVar("_Event")


@dataclass
class PhoneCall:
    """One call to the lamp shop that a test leads. ``ms`` of its methods are milliseconds of the call."""

    call: Call
    line: ScriptedLine
    clock: VirtualClock
    ears: Ears
    voice: Voice
    meaning: Meaning
    back_end: BackEnd
    store: WatchedStore
    recordings: SmallDisk
    folder: Path
    live: LiveCalls
    before: set[asyncio.Task[Any]] = field(default_factory=set)
    holding: asyncio.Task[None] | None = None

    async def ring(self) -> None:
        """The call is answered and greets."""
        self.before = asyncio.all_tasks()
        self.holding = asyncio.create_task(self.call.hold())
        await self._settle()

    async def wait(self, ms: int) -> None:
        for _ in range(ms // TICK_MS):
            await self.clock.advance(TICK_MS / 1000)
            self.line.tick()
            await self._settle()

    async def say(self, text: str, ms: int = 1000, *, pause_ms: int = 900, language: Language = EN) -> None:
        """The caller speaks for ``ms`` and is quiet for ``pause_ms``."""
        self.line.utter(self.ears.height_of(text, language), ms)
        await self.wait(ms + pause_ms)

    async def press(self, keys: str, every_ms: int = 200) -> None:
        for key in keys:
            self.line.press(key)
            await self.wait(every_ms)

    async def quiet(self, limit_ms: int = 30_000) -> None:
        """Wait until the bot has said everything it has to say: nothing left the line for a fifth of a second."""
        await self.wait(200)
        await self.until(lambda: self.line.ended is not None or self._nothing_heard(), limit_ms)

    def _nothing_heard(self) -> bool:
        return not any(part.any() for part in self.line.heard[-10:])

    async def until(self, reached: Callable[[], bool], limit_ms: int = 30_000) -> None:
        for _ in range(limit_ms // TICK_MS):
            if reached():
                return
            await self.wait(TICK_MS)
        raise AssertionError(f"not within {limit_ms} ms")

    async def hang_up(self) -> None:
        self.line.end()
        await self.over(2000)

    async def drop(self) -> None:
        """Let go of a call that a failing test has left behind."""
        if self.holding is not None and not self.holding.done():
            self.line.end()
            await self.wait(1000)
            self.holding.cancel()
            await asyncio.gather(self.holding, return_exceptions=True)

    async def over(self, limit_ms: int = 60_000) -> None:
        """Wait until the call is over, and see that nothing of it is left. Raises what :meth:`Call.hold` raises."""
        assert self.holding is not None
        await self.until(self.holding.done, limit_ms)
        await self._settle()
        left = asyncio.all_tasks() - self.before - {self.holding}
        assert not left, left
        assert self.meaning.pinned == 0
        self.holding.result()

    async def log(self) -> list[Event]:
        return [recorded.event for recorded in await self.store.events(self.call.conversation)]

    async def logged(self, kind: type[_Event]) -> list[_Event]:
        return [event for event in await self.log() if isinstance(event, kind)]

    async def said(self) -> list[str]:
        return [event.response for event in await self.logged(Said)]

    async def heard(self) -> list[str]:
        return [event.text for event in await self.logged(Heard)]

    async def played(self) -> list[tuple[str, bool]]:
        """Response and completeness of what the caller got, in order."""
        names = {event.utterance: event.response for event in await self.logged(Said)}
        return [(names[event.utterance], event.complete) for event in await self.logged(Played)]

    def got_ms(self, prompt: int) -> int:
        """How much of prompt number ``prompt`` (from 1, in the order of speaking) has left the line."""
        return self.line.got[prompt] * 1000 // RATE

    async def _settle(self) -> None:
        """Let everything run that can run now, and wait for the store."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0)
            if loop._ready:  # type: ignore[attr-defined]
                continue
            if not self.store.busy:
                return
            self.store.moved.clear()
            await self.store.moved.wait()


def phone_call(
    store: SqlStore,
    folder: Path,
    known: Mapping[str, Mapping[str, Any]],
    *,
    caller: str | None = None,
    language: Language = EN,
    answers: bool = True,
    desk: ScriptedDesk | None = None,
    links: ChatLinks | None = None,
) -> PhoneCall:
    """A call that rings. Recordings go to ``folder``."""
    asyncio.get_running_loop().set_default_executor(AtOnce())
    clock, back_end = VirtualClock(), BackEnd()
    watched = WatchedStore(store, clock)
    ears, voice, meaning, line = Ears(clock), Voice(), Meaning(known), ScriptedLine(caller, answers=answers)
    recordings = SmallDisk(folder)
    tenant = TenantId("lamps")
    services = Services(
        store=cast(Store, watched),
        understander=meaning,
        dialogues={tenant: Dialogue(lamps(), plain, lambda: date(2026, 11, 18))},
        languages={tenant: (EN, JA)},
        actions=back_end,
        screen=screen(),
        redact=redact,
        clock=clock,
        telemetry=Telemetry(),
        desk=desk,
        node="http://one",
        links=links,
    )
    live = LiveCalls()
    parts = VoiceServices(services, ears, voice, cast(SpeechDetector, LoudnessDetector()), recordings, live=live)
    call = Call(parts, line, tenant, language)
    return PhoneCall(call, line, clock, ears, voice, meaning, back_end, watched, recordings, folder, live)
