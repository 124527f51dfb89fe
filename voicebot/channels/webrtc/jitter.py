"""Packets in the order and at the time they are to be heard. Pure: times are handed in.

A packet is *late* when it comes after the moment it was needed: what was made up in its place delays everything after
it. It is *lost* when a later one is there and its turn has come: what was made up in its place counts for it, so loss
never adds delay. How much earlier than needed packets come tells what delay can be taken back.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

CLOCK_PER_MS = 48
TICK_MS = 20
_SEQUENCES = 1 << 16
_TIMESTAMPS = 1 << 32
_FAR_PACKETS = 500
_FAR_MS = 5000
_MOST_PACKETS = 400


@dataclass(frozen=True, slots=True)
class JitterSettings:
    """How much delay is spent on which trouble, in milliseconds.

    ``begin_ms``: sound kept back at the start of talk. ``margin_ms``: how much earlier than needed the latest of
    ``watch_packets`` should come; delay is taken back when it is ``slack_ms`` more. ``longest_ms``: sound waiting
    beyond which talk is hurried; ``most_ms``: beyond which it is dropped. ``idle_ms``: after so long without a packet
    the next one begins anew.
    """

    begin_ms: int = 40
    margin_ms: int = 10
    slack_ms: int = 10
    watch_packets: int = 75
    longest_ms: int = 80
    most_ms: int = 600
    idle_ms: int = 80


@dataclass(frozen=True, slots=True)
class Sound:
    """The next packet."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """``ms`` that will not come; ``following`` is the packet behind them if it may carry a copy."""

    ms: float
    following: bytes | None


@dataclass(frozen=True, slots=True)
class Pause:
    """``ms`` in which the other side sent nothing on purpose."""

    ms: float


@dataclass(frozen=True, slots=True)
class Late:
    """Nothing there, and more is expected."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing there, and nothing is going on."""


Piece = Sound | Lost | Pause | Late | Idle


@dataclass(slots=True)
class JitterCounts:
    """What happened to packets so far."""

    received: int = 0
    lost: int = 0
    late: int = 0
    repeated: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class _Packet:
    timestamp: int
    length: int
    payload: bytes


class JitterBuffer:
    """The packets of one talker."""

    def __init__(self, settings: JitterSettings | None = None) -> None:
        self.settings = settings or JitterSettings()
        self.counts = JitterCounts()
        self._packets: dict[int, _Packet] = {}
        self._newest = 0
        self._newest_timestamp = 0
        self._source: int | None = None
        self._next: int | None = None
        self._cursor = 0
        self._made_up_ms = 0.0
        self._silent_ms = 0.0
        self._begun_s = 0.0
        self._slack: deque[float] = deque(maxlen=self.settings.watch_packets)

    @property
    def waiting_ms(self) -> float:
        """Sound between the next packet and the end of the newest one."""
        if not self._packets:
            return 0.0
        newest = self._packets[max(self._packets)]
        start = self._cursor if self._next is not None else self._packets[min(self._packets)].timestamp
        return max(0.0, (newest.timestamp + newest.length - start) / CLOCK_PER_MS)

    @property
    def spare_ms(self) -> float:
        """Delay that is not needed: how much earlier than the margin even the latest packets come."""
        if len(self._slack) < self.settings.watch_packets:
            return 0.0
        return min(self._slack) - self.settings.margin_ms

    def put(
        self,
        source: int,
        sequence: int,
        timestamp: int,
        payload: bytes,
        length: int,
        *,
        ready_ms: float = 0.0,
        tick_in_ms: float = 0.0,
    ) -> None:
        """Take a packet of ``length`` clock ticks.

        ``ready_ms``: sound already taken and not heard; ``tick_in_ms``: until the next 20 ms are heard.
        """
        if not payload or length <= 0:
            return
        if self._source != source:
            self._forget(source, sequence, timestamp)
        number = self._newest + _nearest(sequence - self._newest, _SEQUENCES)
        when = self._newest_timestamp + _nearest(timestamp - self._newest_timestamp, _TIMESTAMPS)
        behind = abs(number - self._newest) > _FAR_PACKETS
        if behind or abs(when - self._newest_timestamp) > (_FAR_MS + self._silent_ms) * CLOCK_PER_MS:
            self._forget(source, sequence, timestamp)
            number, when = self._newest, self._newest_timestamp
        self.counts.received += 1
        if number in self._packets:
            self.counts.repeated += 1
            return
        if self._next is not None and number < self._next:
            self.counts.late += 1
            return
        if number > self._newest:
            self._newest, self._newest_timestamp = number, when
        self._packets[number] = _Packet(when, length, payload)
        if self._next is not None:
            ticks = ((when - self._cursor) / CLOCK_PER_MS + ready_ms) // TICK_MS
            self._slack.append(ticks * TICK_MS + tick_in_ms)
        while len(self._packets) > _MOST_PACKETS:
            self._drop(min(self._packets))

    def take(self, now_s: float) -> Piece:
        """What is to be heard next; the cursor moves behind it."""
        if self._next is None and not self._begin(now_s):
            return Idle()
        assert self._next is not None
        if not self._packets:
            return Late()
        if self.waiting_ms > self.settings.most_ms:
            self._catch_up()
        first = min(self._packets)
        packet = self._packets[first]
        if first == self._next:
            gap_ms = (packet.timestamp - self._cursor) / CLOCK_PER_MS
            if gap_ms >= 1:
                self._cursor = packet.timestamp
                return Pause(gap_ms)
            del self._packets[first]
            self._next, self._cursor = first + 1, packet.timestamp + packet.length
            self._made_up_ms = self._silent_ms = 0.0
            return Sound(packet.payload)
        missing = first - self._next
        self.counts.lost += missing
        gap_ms = max(0.0, (packet.timestamp - self._cursor) / CLOCK_PER_MS)
        self._next, self._cursor = first, packet.timestamp
        counted_ms = min(gap_ms, self._made_up_ms)
        self.shortened(counted_ms)
        left_ms = gap_ms - counted_ms
        self._made_up_ms = 0.0
        if left_ms < 1:
            return self.take(now_s)
        one = packet.length / CLOCK_PER_MS
        return Lost(left_ms, packet.payload if left_ms <= one + 1 else None)

    def made_up(self, ms: float) -> None:
        """So much was put in place of late sound. After a while there is nothing to wait for any more."""
        self._made_up_ms += ms
        self._silent_ms += ms
        self.shortened(-ms)
        if self._silent_ms >= self.settings.idle_ms:
            self._next = None
            self._made_up_ms = 0.0
            self._slack.clear()

    def shortened(self, ms: float) -> None:
        """So much delay was taken back; below zero, added."""
        for _ in range(len(self._slack)):
            self._slack.append(self._slack.popleft() - ms)

    def _begin(self, now_s: float) -> bool:
        if not self._packets:
            self._begun_s = 0.0
            return False
        if self._begun_s == 0.0:
            self._begun_s = now_s
        if self.waiting_ms < self.settings.begin_ms and (now_s - self._begun_s) * 1000 < self.settings.begin_ms:
            return False
        self._begun_s = 0.0
        self._next = min(self._packets)
        self._cursor = self._packets[self._next].timestamp
        self._silent_ms = 0.0
        return True

    def _catch_up(self) -> None:
        """Far too much waits, as after a long break of the network: begin again with what is new."""
        while len(self._packets) > 1 and self.waiting_ms > self.settings.longest_ms:
            first = min(self._packets)
            self._cursor = self._packets[first].timestamp + self._packets[first].length
            self._drop(first)
        self._next = min(self._packets)
        self._cursor = self._packets[self._next].timestamp
        self._slack.clear()

    def _drop(self, number: int) -> None:
        del self._packets[number]
        self.counts.dropped += 1
        if self._next is not None:
            self._next = max(self._next, number + 1)

    def _forget(self, source: int, sequence: int, timestamp: int) -> None:
        self._source, self._next = source, None
        self._packets.clear()
        self._slack.clear()
        self._newest, self._newest_timestamp = sequence, timestamp
        self._made_up_ms = self._silent_ms = self._begun_s = 0.0


def _nearest(difference: int, cycle: int) -> int:
    """The difference of two counters that wrap, as the shorter way round."""
    half = cycle // 2
    return (difference + half) % cycle - half
