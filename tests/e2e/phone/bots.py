"""Small callees that show what a line does: an echo, a tone that stops when spoken to, a silent listener."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np

from tests.e2e.phone.clients import LOUD_DBFS, free_port
from voicebot.audio import Pcm, level_dbfs, tone
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, VoiceLine
from voicebot.channels.sip import SipServer, SipSettings


@dataclass
class Led:
    """What happened in one call."""

    line: VoiceLine
    details: CallDetails
    keys: str = ""
    ended: LineEnded | None = None
    heard: list[Frame] = field(default_factory=list)
    flushed_at_ms: float | None = None
    dropped: int = 0
    answered: bool = False
    played_samples: int = 0

    @property
    def sound(self) -> Pcm:
        parts = [frame.samples for frame in self.heard]
        return Pcm(np.concatenate(parts) if parts else np.zeros(0, np.int16), self.line.rate)


@dataclass
class Bot:
    """Leads every call in one of its manners: echo, tone, barge (a tone that stops when spoken to), busy, short."""

    manner: str = "echo"
    calls: list[Led] = field(default_factory=list)

    async def lead(self, line: VoiceLine) -> None:
        call = Led(line, line.details)
        self.calls.append(call)
        if self.manner == "busy":
            return
        if self.manner == "ringing":
            async for event in line.frames():
                call.ended = event if isinstance(event, LineEnded) else call.ended
            return
        await line.answer()
        call.answered = True
        if self.manner in ("tone", "barge", "short"):
            line.play(tone((440.0,), 1000 if self.manner == "short" else 6000, line.rate).samples)
        async for event in line.frames():
            match event:
                case Frame():
                    call.heard.append(event)
                    if self.manner == "echo":
                        line.play(event.samples)
                    if self.manner == "short" and line.queued_samples == 0:
                        await line.hang_up("said everything")
                    if self.manner == "barge" and call.flushed_at_ms is None and level_dbfs(event.samples) > LOUD_DBFS:
                        call.flushed_at_ms = time.monotonic() * 1000
                        call.dropped = line.flush()
                case Dtmf():
                    call.keys += event.digit
                case LineEnded():
                    call.ended = event
            call.played_samples = line.played_samples


@contextlib.asynccontextmanager
async def serving(bot: Bot, **changes: object) -> AsyncIterator[SipServer]:
    """A telephone on free ports that answers shop-ja and shop-en with ``bot``."""
    rtp = 20000 + (free_port(2) - 15060) % 4000
    settings = {
        "port": free_port(2),
        "transports": ("udp", "tcp", "tls"),
        "dids": ("shop-ja", "shop-en"),
        "rtp_ports": (rtp, rtp + 4000),
    }
    server = SipServer(SipSettings(**(settings | changes)), bot.lead)  # type: ignore[arg-type]
    await server.start()
    try:
        yield server
    finally:
        await asyncio.wait_for(server.close(), 15)
