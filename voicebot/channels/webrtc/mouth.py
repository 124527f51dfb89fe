"""What we send to one browser: a packet every 20 ms of the clock, sound when there is some, silence when not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from voicebot.channels.line import Samples
from voicebot.channels.samples import SampleQueue
from voicebot.channels.webrtc.ear import TICK
from voicebot.channels.webrtc.opus import RATE, Encoder
from voicebot.clock import Clock

_TICK_S = TICK / RATE


class Outgoing:
    """Sound that waits, and the account of what has left.

    Nothing is handed out ahead of its time, so that dropping and holding back take effect at the next packet.
    """

    def __init__(self) -> None:
        self._queue = SampleQueue()
        self._paused = False
        self.left = 0
        self.last_left_s = float("-inf")

    @property
    def queued(self) -> int:
        """Samples that have not left."""
        return len(self._queue)

    def give(self, samples: Samples) -> None:
        """Queue sound behind the rest."""
        self._queue.append(np.ascontiguousarray(samples, dtype=np.int16))

    def drop(self) -> int:
        """Throw away what has not left; ends a pause."""
        self._paused = False
        return self._queue.clear()

    def pause(self) -> None:
        """Hold everything back."""
        self._paused = True

    def resume(self) -> None:
        """Go on."""
        self._paused = False

    def take(self, now_s: float) -> Samples:
        """The 20 ms that leave now."""
        taken = self._queue.take(0 if self._paused else TICK)
        if taken.size:
            self.left += int(taken.size)
            self.last_left_s = now_s
        return taken if taken.size == TICK else np.concatenate([taken, np.zeros(TICK - taken.size, np.int16)])


class MouthTrack(MediaStreamTrack):
    """The paced, encoded track of one peer.

    Packets have constant timestamps of 20 ms whatever happens. After a standstill of up to ``catch_up_s`` the
    missed packets follow at once, after a longer one the clock is moved.
    """

    kind = "audio"

    def __init__(self, clock: Clock, outgoing: Outgoing, encoder: Encoder, catch_up_s: float) -> None:
        super().__init__()
        self._clock, self._outgoing, self.encoder, self._catch_up_s = clock, outgoing, encoder, catch_up_s
        self._start_s: float | None = None
        self._count = 0
        self.moved = 0

    async def recv(self) -> av.Packet[Any]:
        """The next packet, when its time has come."""
        if self.readyState != "live":
            raise MediaStreamError
        now_s = self._clock.monotonic()
        if self._start_s is None:
            self._start_s = now_s
        ahead_s = self._start_s + self._count * _TICK_S - now_s
        if ahead_s > 0:
            await self._clock.sleep(ahead_s)
        elif -ahead_s > self._catch_up_s:
            self._start_s -= ahead_s
            self.moved += 1
        packet: av.Packet[Any] = av.Packet(self.encoder.encode(self._outgoing.take(self._clock.monotonic())))
        packet.pts, packet.time_base = self._count * TICK, Fraction(1, RATE)
        self._count += 1
        return packet
