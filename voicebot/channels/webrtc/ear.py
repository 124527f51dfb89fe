"""What one talker sends, as sound without gaps: packets decoded, losses mended, delay kept small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from voicebot.channels.line import Samples
from voicebot.channels.samples import SampleQueue
from voicebot.channels.webrtc.jitter import TICK_MS, Idle, JitterBuffer, Late, Lost, Pause, Sound
from voicebot.channels.webrtc.opus import RATE

TICK = RATE * TICK_MS // 1000
_PER_MS = RATE // 1000
_STEP_MS = 10
_JOIN = 5 * _PER_MS
_SHORTEST_LAG, _LONGEST_LAG = 5 * _PER_MS, 20 * _PER_MS
_LONGEST_CONCEALED_MS = 120


class Decoding(Protocol):
    """An Opus decoder."""

    def decode(self, payload: bytes) -> Samples | None:
        """The sound of a packet; None when it is none."""
        ...

    def recover(self, following: bytes, count: int) -> Samples | None:
        """The packet before ``following``, from the copy it carries."""
        ...

    def conceal(self, count: int) -> Samples:
        """Sound in place of a packet."""
        ...


@dataclass(slots=True)
class EarCounts:
    """Milliseconds of sound so far."""

    concealed_ms: float = 0.0
    recovered_ms: float = 0.0
    shortened_ms: float = 0.0
    broken_packets: int = 0


class Ear:
    """Turns a :class:`JitterBuffer` into 20 ms of sound at every :meth:`tick`."""

    def __init__(self, buffer: JitterBuffer, decoder: Decoding) -> None:
        self.buffer, self.counts = buffer, EarCounts()
        self._decoder = decoder
        self._ready = SampleQueue()
        self._next_tick_s = 0.0

    @property
    def delay_ms(self) -> float:
        """Sound that waits to be heard."""
        return self.buffer.waiting_ms + len(self._ready) / _PER_MS

    def put(self, source: int, sequence: int, timestamp: int, payload: bytes, length: int, now_s: float) -> None:
        """Take a packet as it arrives."""
        ready_ms, tick_in_ms = len(self._ready) / _PER_MS, (self._next_tick_s - now_s) * 1000
        self.buffer.put(source, sequence, timestamp, payload, length, ready_ms=ready_ms, tick_in_ms=tick_in_ms)

    def tick(self, now_s: float) -> Samples:
        """The next 20 ms."""
        self._next_tick_s = now_s + TICK_MS / 1000
        hurry = self.delay_ms > self.buffer.settings.longest_ms
        spare_ms = self.buffer.spare_ms
        shorten = hurry or spare_ms >= self.buffer.settings.slack_ms
        wanted = TICK + (_LONGEST_LAG + _JOIN if shorten else 0)
        while len(self._ready) < wanted:
            if not self._more(now_s, needed=len(self._ready) < TICK):
                break
        if shorten and len(self._ready) >= wanted:
            self._shorten(_LONGEST_LAG if hurry else min(_LONGEST_LAG, round(spare_ms * _PER_MS)))
        taken = self._ready.take(TICK)
        return taken if taken.size == TICK else np.concatenate([taken, np.zeros(TICK - taken.size, np.int16)])

    def _more(self, now_s: float, *, needed: bool) -> bool:
        """Get the next piece ready. False when there is none, or it is made up and not needed yet."""
        if not needed and self.buffer.waiting_ms == 0:
            return False
        match self.buffer.take(now_s):
            case Sound(payload):
                sound = self._decoder.decode(payload)
                if sound is None:
                    self.counts.broken_packets += 1
                    sound = self._decoder.conceal(TICK)
                self._ready.append(sound)
            case Lost(ms, following):
                self._mend(ms, following)
            case Pause(ms):
                self._ready.append(np.zeros(round(min(ms, 1000) * _PER_MS), np.int16))
            case Late():
                self.counts.concealed_ms += _STEP_MS
                self.buffer.made_up(_STEP_MS)
                self._ready.append(self._decoder.conceal(_STEP_MS * _PER_MS))
            case Idle():
                return False
        return True

    def _mend(self, ms: float, following: bytes | None) -> None:
        count = round(ms / 2.5) * RATE // 400
        found = self._decoder.recover(following, count) if following is not None and count else None
        if found is not None:
            self.counts.recovered_ms += ms
            self._ready.append(found)
            return
        self.counts.concealed_ms += ms
        made = min(count, _LONGEST_CONCEALED_MS * _PER_MS)
        for at in range(0, made, 2 * _STEP_MS * _PER_MS):
            self._ready.append(self._decoder.conceal(min(2 * _STEP_MS * _PER_MS, made - at)))
        self._ready.append(np.zeros(min(count, RATE) - made, np.int16))

    def _shorten(self, longest: int) -> None:
        """Take one stretch out where sound repeats itself, so that nobody hears it (overlap-add, as WSOLA does)."""
        sound = self._ready.take(len(self._ready))
        lag = best_lag(sound[: _LONGEST_LAG + _JOIN], max(_SHORTEST_LAG, min(longest, _LONGEST_LAG)))
        fade = np.linspace(0.0, 1.0, _JOIN, endpoint=False)
        joined = sound[:_JOIN] * (1 - fade) + sound[lag : lag + _JOIN] * fade
        self._ready.append(joined.astype(np.int16))
        self._ready.append(sound[lag + _JOIN :])
        self.counts.shortened_ms += lag / _PER_MS
        self.buffer.shortened(lag / _PER_MS)


def best_lag(sound: Samples, longest: int) -> int:
    """The distance, 5 ms to ``longest`` samples, after which the sound is most like its first 5 ms."""
    first = sound[:_JOIN].astype(np.float64)
    lags = range(_SHORTEST_LAG, longest + 1)
    shifted = np.lib.stride_tricks.sliding_window_view(sound[: longest + _JOIN].astype(np.float64), _JOIN)
    shifted = shifted[_SHORTEST_LAG : longest + 1]
    likeness = shifted @ first / np.sqrt((shifted**2).sum(axis=1) * (first**2).sum() + 1.0)
    return lags[int(np.argmax(likeness))]
