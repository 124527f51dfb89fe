"""A call with people on it: lines that sound at one height each, ears that tell words by it, and a log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from tests.unit.conversation.scripted import RATE, TICK_MS, AtOnce, ScriptedLine
from voicebot.audio import Pcm, Samples
from voicebot.channels.line import Frame
from voicebot.conversation.agent_phase import AgentPhase
from voicebot.conversation.recording import CallRecording
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import (
    EN,
    AgentId,
    ConversationId,
    Event,
    Language,
    Party,
)
from voicebot.errors import RecordingError, StoreError
from voicebot.media import Role
from voicebot.redaction import redact
from voicebot.sim.clock import VirtualClock
from voicebot.speech import Transcript
from voicebot.store import Recordings
from voicebot.store.overheard import Overheard, from_notice, topic

SATO, KATO, LEADER = AgentId("sato"), AgentId("kato"), AgentId("leader")
CUSTOMER_SAYS, SATO_SAYS, OTHER_SAYS = 9000, 12000, 15000
WORDS = {9: "my card is 4111 1111 1111 1111", 12: "how may I help", 15: "ask for the serial number"}


class Loudness:
    """Loud is speech; at 16 kHz."""

    frame_samples = 512

    def __init__(self) -> None:
        self._left = np.zeros(0, np.int16)

    def open(self, rate: int) -> Loudness:
        return Loudness()

    def reset(self) -> None:
        self._left = np.zeros(0, np.int16)

    def feed(self, samples: Samples) -> tuple[float, ...]:
        joined = np.concatenate([self._left, samples])
        whole = len(joined) // 512 * 512
        self._left = joined[whole:]
        return tuple(0.9 if np.abs(frame).mean() > 4000 else 0.02 for frame in joined[:whole].reshape(-1, 512))


class Ears:
    """Tells words by the height of the sound."""

    async def transcribe(self, audio: Pcm, *, language: Language | None, **_asked: Any) -> Transcript:
        loud = audio.samples[np.abs(audio.samples) > 4000]
        return Transcript(WORDS[round(float(np.median(loud)) / 1000)], language or EN)


@dataclass
class Log:
    """A conversation's log."""

    id: ConversationId
    language: Language = EN
    events: list[Event] = field(default_factory=list)
    breaks: Callable[[Event], bool] = lambda event: False

    async def note(self, *events: Event) -> None:
        if any(self.breaks(event) for event in events):
            raise StoreError("The store is away.")
        self.events += events

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class _Services:
    redact = staticmethod(redact)


class Scene:
    """A call with people; everybody sounds at one height while they speak."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.log, self.folder = VirtualClock(), Log(ConversationId("c-1")), folder
        self.announced: list[tuple[str, str]] = []
        parts = VoiceServices(
            cast(Any, _Services()),
            cast(Any, Ears()),
            cast(Any, None),
            cast(Any, Loudness()),
            announce=self._announce,
        )
        self.customer = ScriptedLine("+81312345678")
        self.recording = CallRecording(Recordings(folder), self.log.id, RATE, self._failed)
        self.told: list[str] = []
        self.phase = AgentPhase(
            parts,
            self.customer,
            self.log,
            self.recording,
            self.clock,
            on_lead=lambda: self.told.append("lead"),
            on_empty=lambda reason: self.told.append(f"empty: {reason}"),
        )
        self.lines: dict[AgentId, ScriptedLine] = {}
        self.reading: asyncio.Task[None] | None = None
        self.writing: asyncio.Task[None] | None = None

    async def _announce(self, under: str, notice: str) -> None:
        self.announced.append((under, notice))

    def overheard(self, moment: str = "said") -> list[Overheard]:
        """What was announced of words that were not over, each under this call's topic."""
        assert {under for under, _ in self.announced} <= {topic(self.log.id)}
        read = [from_notice(notice) for _, notice in self.announced]
        return [one for one in read if one is not None and one.moment == moment]

    async def _failed(self, error: RecordingError) -> None:
        raise AssertionError(error)

    async def begin(self) -> None:
        await self.recording.begin()
        self.reading = asyncio.create_task(self._read())
        self.writing = asyncio.create_task(self.recording.run())

    async def _read(self) -> None:
        async for event in self.customer.frames():
            if isinstance(event, Frame):
                self.recording.add(Party.CUSTOMER, event.samples)
                self.recording.add(Party.BOT, np.zeros_like(event.samples))
                self.phase.feed(event)

    async def end(self) -> None:
        await self.phase.close()
        for task in (self.reading, self.writing):
            assert task is not None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self.recording.close()

    async def join(self, agent: AgentId, role: Role = Role.LEAD) -> ScriptedLine:
        line = self.lines[agent] = ScriptedLine(agent)
        await self.phase.join(agent, agent.title(), line, role)
        return line

    async def wait(self, ms: int) -> None:
        for _ in range(ms // TICK_MS):
            for line in (self.customer, *self.lines.values()):
                line.tick()
            await self.clock.advance(TICK_MS / 1000)

    async def say(self, line: ScriptedLine, height: int, ms: int = 1000) -> None:
        line.utter(height, ms)
        await self.wait(ms + 900)

    def level(self, line: ScriptedLine, ms: int = 100) -> int:
        """How loud somebody has heard lately."""
        return int(np.abs(np.concatenate(line.heard[-ms // TICK_MS :]).astype(int)).max())


@asynccontextmanager
async def call_with_people(folder: Path) -> AsyncIterator[Scene]:
    """A call that has begun, and has ended afterwards."""
    asyncio.get_running_loop().set_default_executor(AtOnce())
    made = Scene(folder)
    await made.begin()
    try:
        yield made
    finally:
        await made.end()
