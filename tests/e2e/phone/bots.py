"""Small callees that show what a line does: an echo, a tone that stops when spoken to, a silent listener."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np

from tests.e2e.phone.clients import LOUD_DBFS, free_port
from voicebot.audio import Pcm, Samples, level_dbfs, tone
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, VoiceLine
from voicebot.channels.sip import SipServer, SipSettings
from voicebot.turns import Action, PausePlayback, ResumePlayback, TurnEnded, TurnTaking

_STEP = 160


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
    actions: list[Action] = field(default_factory=list)

    @property
    def sound(self) -> Pcm:
        parts = [frame.samples for frame in self.heard]
        return Pcm(np.concatenate(parts) if parts else np.zeros(0, np.int16), self.line.rate)


@dataclass
class Bot:
    """Leads every call in one of its manners.

    echo, tone, barge (a tone that stops when spoken to), short (a tone, then hangs up), busy (refuses), ringing (never
    answers), silent, talk (says a tone, listens for a turn, says the next one).
    """

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
        if self.manner == "talk":
            await self.talk(call)
            return
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

    async def talk(self, call: Led) -> None:
        """Turn-taking over loudness instead of a model: a tone of 1.5 s for every turn of the caller."""
        line, turns = call.line, TurnTaking()
        line.play(self._prompt(line))
        turns.bot_started(0)
        async for event in line.frames():
            if isinstance(event, LineEnded):
                call.ended = event
            if not isinstance(event, Frame):
                continue
            for at in range(0, len(event.samples), _STEP):
                piece = event.samples[at : at + _STEP]
                now_ms = (event.at_samples + at + len(piece)) * 1000 // line.rate
                if turns.bot_speaking and not turns.held and line.queued_samples == 0:
                    turns.bot_stopped(now_ms)
                for action in turns.hear(now_ms, 1.0 if level_dbfs(piece) > LOUD_DBFS else 0.0):
                    self._act(call, turns, action, now_ms)
            call.played_samples = line.played_samples

    def _act(self, call: Led, turns: TurnTaking, action: Action, now_ms: int) -> None:
        line, prompt = call.line, self._prompt(call.line)
        call.actions.append(action)
        match action:
            case PausePlayback():
                line.pause()
            case ResumePlayback():
                line.resume()
            case TurnEnded(barge_in=barge_in):
                if barge_in:
                    turns.judge(now_ms, words=True)
                    line.flush()
                line.play(prompt)
                turns.bot_started(now_ms)
            case _:
                pass

    @staticmethod
    def _prompt(line: VoiceLine) -> Samples:
        return tone((440.0,), 1500, line.rate).samples


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
