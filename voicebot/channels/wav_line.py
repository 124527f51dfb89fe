"""A recorded caller as a voice line: plays WAV parts at the right moments and keeps what the caller hears.

The recorded caller holds a dialogue: it speaks its next part when a prompt has been played to its end and the bot has
been silent for ``gap_ms``, presses keys where a part says so, and hangs up when it has nothing left to say.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voicebot.audio import Pcm, level_dbfs, through_phone
from voicebot.channels.caller_side import CallerSide
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, Samples
from voicebot.channels.samples import SampleQueue
from voicebot.clock import Clock
from voicebot.errors import ChannelError

_TICK_MS = 20
_KEY_EVERY_TICKS = 12


@dataclass(frozen=True, slots=True)
class PressedKeys:
    """The recorded caller presses these keys instead of speaking."""

    digits: str


CallerPart = Pcm | PressedKeys


@dataclass(frozen=True, slots=True)
class CallerManner:
    """When the recorded caller speaks. Milliseconds.

    ``gap_ms``: silence of the bot before the next part; ``patience_ms``: speak anyway when the bot has said nothing
    for so long; ``linger_ms``: silence of the bot after the last part before the caller hangs up; ``waits`` false:
    one part follows the other at once, as recorded, over whatever the bot says; ``phone``: the caller is heard through
    G.711.
    """

    gap_ms: int = 900
    patience_ms: int = 15000
    linger_ms: int = 6000
    waits: bool = True
    phone: bool = True


class WavLine(CallerSide):
    """A :class:`voicebot.channels.line.VoiceLine` whose caller is a recording."""

    def __init__(
        self,
        parts: Sequence[CallerPart],
        *,
        clock: Clock,
        called: str,
        caller: str | None = None,
        rate: int = 8000,
        manner: CallerManner | None = None,
    ) -> None:
        super().__init__(CallDetails(caller, called, call_id="recording", transport="file"), backlog=None)
        self._clock = clock
        self._rate = rate
        self._tick = rate * _TICK_MS // 1000
        self._manner = manner or CallerManner()
        self._parts = deque(self._prepared(part) for part in parts)
        self._speaking = SampleQueue()
        self._pressing: deque[str] = deque()
        self._queue = SampleQueue()
        self._paused = False
        self._played = 0
        self._ticks = 0
        self._bot_spoke = False
        self._bot_silent_ms = 0
        self._heard: list[Samples] = []
        self._running: asyncio.Task[None] | None = None

    @property
    def rate(self) -> int:
        """Samples per second."""
        return self._rate

    @property
    def played_samples(self) -> int:
        """Samples the caller has heard of what was queued."""
        return self._played

    @property
    def queued_samples(self) -> int:
        """Samples the caller has not heard yet."""
        return len(self._queue)

    @property
    def heard(self) -> Pcm:
        """Everything the caller heard, silence included, from the answer on."""
        return Pcm(np.concatenate(self._heard) if self._heard else np.zeros(0, np.int16), self._rate)

    async def answer(self) -> None:
        """Start the clock of the call."""
        if self._ended is not None:
            raise ChannelError(f"The call is over already ({self._ended.reason}).")
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run(), name="recorded caller")

    def play(self, samples: Samples) -> None:
        """Queue sound for the caller."""
        if self._ended is None:
            self._queue.append(np.ascontiguousarray(samples, dtype=np.int16))

    def flush(self) -> int:
        """Drop what has not been heard."""
        self._paused = False
        return self._queue.clear()

    def pause(self) -> None:
        """Hold queued sound back."""
        self._paused = True

    def resume(self) -> None:
        """Go on with it."""
        self._paused = False

    async def hang_up(self, reason: str = "") -> None:
        """End the call."""
        self._end(LineEnded("us", reason))
        running, self._running = self._running, None
        if running is not None and running is not asyncio.current_task():
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _prepared(self, part: CallerPart) -> CallerPart:
        if isinstance(part, PressedKeys):
            return part
        sound = part.resample(self._rate)
        return through_phone(sound) if self._manner.phone and self._rate == 8000 else sound

    async def _run(self) -> None:
        start = self._clock.monotonic()
        while self._ended is None:
            self._ticks += 1
            wait = start + self._ticks * _TICK_MS / 1000 - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)
            self._play_tick()
            self._caller_tick()

    def _play_tick(self) -> None:
        taken = np.zeros(0, np.int16) if self._paused else self._queue.take(self._tick)
        self._played += int(taken.size)
        heard = np.zeros(self._tick, np.int16)
        heard[: taken.size] = taken
        self._heard.append(heard)
        if taken.size:
            self._bot_spoke, self._bot_silent_ms = True, 0
        else:
            self._bot_silent_ms += _TICK_MS

    def _caller_tick(self) -> None:
        at_samples = (self._ticks - 1) * self._tick
        if not len(self._speaking) and not self._pressing and not self._next_part():
            self._end(LineEnded("caller", "recording over"))
            return
        if self._pressing and self._ticks % _KEY_EVERY_TICKS == 0:
            self._push(Dtmf(self._pressing.popleft(), at_samples))
        if len(self._speaking) or self._pressing:
            self._bot_spoke, self._bot_silent_ms = False, 0
        sound = self._speaking.take(self._tick)
        self._push(Frame(np.concatenate([sound, np.zeros(self._tick - sound.size, np.int16)]), at_samples))

    def _next_part(self) -> bool:
        """Begin the next part if it is time for it. False when the caller hangs up."""
        manner = self._manner
        if not self._parts:
            return self._bot_silent_ms < (manner.linger_ms if self._bot_spoke else manner.patience_ms)
        silence_ms = manner.gap_ms if self._bot_spoke else manner.patience_ms
        if manner.waits and self._bot_silent_ms < silence_ms:
            return True
        part = self._parts.popleft()
        if isinstance(part, PressedKeys):
            self._pressing.extend(part.digits)
        else:
            self._speaking.append(part.samples)
        return True

    def _end(self, ended: LineEnded) -> None:
        if self._ended is None:
            self._ended = ended
            self._push(ended)


def split_at_silences(sound: Pcm, silence_ms: int = 1500, margin_ms: int = 200) -> tuple[Pcm, ...]:
    """Cut a recording of one caller into its parts, at silences of at least ``silence_ms``.

    Silence is what lies less than 12 dB above the quietest tenth of the recording, or below -50 dBFS. Each part keeps
    ``margin_ms`` of what surrounds it.
    """
    step = max(1, sound.rate * _TICK_MS // 1000)
    levels = np.array([level_dbfs(sound.samples[at : at + step]) for at in range(0, len(sound), step)])
    if levels.size == 0:
        return ()
    floor = max(-50.0, min(float(np.percentile(levels, 10)) + 12.0, float(levels.max()) - 15.0))
    loud = np.flatnonzero(levels > floor)
    if loud.size == 0:
        return ()
    breaks = np.flatnonzero(np.diff(loud) * _TICK_MS >= silence_ms)
    firsts = loud[np.concatenate([[0], breaks + 1])]
    lasts = loud[np.concatenate([breaks, [loud.size - 1]])]
    return tuple(
        sound.cut(int(first) * _TICK_MS - margin_ms, (int(last) + 1) * _TICK_MS + margin_ms)
        for first, last in zip(firsts, lasts, strict=True)
    )
