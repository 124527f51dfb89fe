"""One browser as a voice line: Opus in through our own jitter buffer, Opus out on our own clock, words beside it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from aiortc import RTCDataChannel, RTCPeerConnection

from voicebot.channels.caller_side import CallerSide
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, Samples
from voicebot.channels.webrtc.aiortc_inside import Packet
from voicebot.channels.webrtc.ear import TICK, Ear
from voicebot.channels.webrtc.jitter import JitterBuffer
from voicebot.channels.webrtc.keys import KeyEvents, digit_of
from voicebot.channels.webrtc.mouth import MouthTrack, Outgoing
from voicebot.channels.webrtc.opus import RATE, Decoder, Encoder, duration
from voicebot.channels.webrtc.settings import WebRtcSettings
from voicebot.channels.webrtc.side import SideChannel, time_of
from voicebot.clock import Clock
from voicebot.domain import Json
from voicebot.errors import ChannelError

log = logging.getLogger("voicebot.webrtc")

_TICK_S = TICK / RATE
_CATCH_UP_S = 0.004
_HEARD_OUT_S = 0.2
_WATCH_S = 1.0


class WebRtcLine(CallerSide):
    """A :class:`voicebot.channels.line.VoiceLine` on one peer connection."""

    def __init__(self, peer: RTCPeerConnection, details: CallDetails, settings: WebRtcSettings, clock: Clock) -> None:
        super().__init__(details)
        self._peer, self._settings, self._clock = peer, settings, clock
        self.outgoing = Outgoing()
        self.track = MouthTrack(clock, self.outgoing, Encoder(settings.bitrate), settings.catch_up_s)
        self.ear = Ear(JitterBuffer(settings.jitter), Decoder())
        self.key_types: frozenset[int] = frozenset()
        self.wanted = asyncio.Event()
        """Set when somebody answers."""
        self._keys = KeyEvents()
        self._side = SideChannel(clock)
        self._on_message: Callable[[Mapping[str, Json]], None] | None = None
        self._connected = asyncio.Event()
        self._clock_samples = 0
        self._alive_s = clock.monotonic()
        self._listening: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._watching = asyncio.get_running_loop().create_task(self._watch(), name="watch a browser call")
        self._fraction_lost = 0.0
        self._rtt_ms: float | None = None
        peer.on("connectionstatechange", self._state_changed)
        peer.on("datachannel", self._channel_opened)

    @property
    def rate(self) -> int:
        """Samples per second."""
        return RATE

    @property
    def closed(self) -> bool:
        """Nothing is left of the connection."""
        return self._closing is not None and self._closing.done()

    async def answer(self) -> None:
        """Wait until the browser is connected, and start the clock."""
        self.wanted.set()
        await self._connected.wait()
        if self._ended is not None:
            raise ChannelError(f"The call is over already ({self._ended.reason}).")
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_task(self._listen(), name="listen to a browser call")

    def play(self, samples: Samples) -> None:
        """Queue sound."""
        if self._ended is None:
            self.outgoing.give(samples)

    def flush(self) -> int:
        """Drop what has not left."""
        return self.outgoing.drop()

    def pause(self) -> None:
        """Hold sound back."""
        self.outgoing.pause()

    def resume(self) -> None:
        """Go on with it."""
        self.outgoing.resume()

    @property
    def played_samples(self) -> int:
        """Samples that have left."""
        return self.outgoing.left

    @property
    def queued_samples(self) -> int:
        """Samples that have not left."""
        return self.outgoing.queued

    async def hang_up(self, reason: str = "") -> None:
        """End the call; the last words get the time to be heard."""
        if self._ended is None:
            log.info("hung up: %s", reason or "done", extra={"call_id": self._details.call_id})
            self._say({"type": "ended", "reason": reason})
            self._end(LineEnded("us", reason), self.outgoing.last_left_s + _HEARD_OUT_S - self._clock.monotonic())
        if self._closing is not None and self._closing is not asyncio.current_task():
            await asyncio.shield(self._closing)

    def caption(self, caption: Mapping[str, Json]) -> None:
        """Show words in the page: ``from``, ``text``, ``final``, ``seq``. What comes before the channel opens waits."""
        self._say({"type": "caption", **caption})

    def tell(self, message: Mapping[str, Json]) -> None:
        """Send any other message to the page; ``type`` says what it is."""
        self._say(message)

    def on_message(self, take: Callable[[Mapping[str, Json]], None]) -> None:
        """Hand messages of the page that are not ours to ``take``."""
        self._on_message = take

    def stats(self) -> dict[str, Json]:
        """How the connection is, for diagnosis. Milliseconds, percent and counts since the start."""
        packets, sound = self.ear.buffer.counts, self.ear.counts
        return {
            "state": self._peer.connectionState,
            "received": packets.received,
            "lost": packets.lost,
            "late": packets.late,
            "dropped": packets.dropped,
            "delay_ms": round(self.ear.delay_ms, 1),
            "concealed_ms": round(sound.concealed_ms),
            "recovered_ms": round(sound.recovered_ms),
            "shortened_ms": round(sound.shortened_ms),
            "far_lost_percent": round(self._fraction_lost * 100, 1),
            "rtt_ms": None if self._rtt_ms is None else round(self._rtt_ms, 1),
            "clock_moved": self.track.moved,
        }

    # --- called by the server -----------------------------------------------------------------------------------------

    def packet(self, packet: Packet) -> None:
        """A packet has arrived."""
        now_s = self._clock.monotonic()
        self._alive_s = now_s
        if packet.payload_type in self.key_types:
            digit = self._keys.take(packet.ssrc, packet.timestamp, packet.payload)
            if digit is not None and self._listening is not None:
                self._push(Dtmf(digit, self._clock_samples))
        elif self._listening is not None and self._ended is None:
            length = duration(packet.payload)
            self.ear.put(packet.ssrc, packet.sequence_number, packet.timestamp, packet.payload, length, now_s)

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Hand on 20 ms at every tick of the clock, whatever arrives; after a standstill, tick by tick, quickly."""
        start_s, count = self._clock.monotonic(), 0
        while self._ended is None:
            count += 1
            due_s = start_s + count * _TICK_S
            behind_s = self._clock.monotonic() - due_s
            await self._clock.sleep(-behind_s if behind_s < 0 else _CATCH_UP_S if behind_s > _TICK_S else 0)
            if self._ended is None:
                samples = self.ear.tick(due_s)
                self._push(Frame(samples, self._clock_samples))
                self._clock_samples += TICK

    async def _watch(self) -> None:
        """Give up a caller who never connects, and one who has gone without a word."""
        try:
            async with asyncio.timeout(self._settings.connect_s):
                await self._connected.wait()
        except TimeoutError:
            self._end(LineEnded("system", "never connected"))
        self._alive_s = self._clock.monotonic()
        while self._ended is None:
            await self._clock.sleep(_WATCH_S)
            if self._clock.monotonic() - self._alive_s > self._settings.gone_s:
                self._end(LineEnded("caller", "nothing comes any more"))
            else:
                await self._look_at_reports()

    async def _look_at_reports(self) -> None:
        for sender in self._peer.getSenders():
            for one in (await sender.getStats()).values():
                if one.type == "remote-inbound-rtp":
                    self._fraction_lost = one.fractionLost / 256
                    self._rtt_ms = None if one.roundTripTime is None else one.roundTripTime * 1000
                    self.track.encoder.expect_loss(max(3, min(30, round(self._fraction_lost * 100))))

    def _state_changed(self) -> None:
        match self._peer.connectionState:
            case "connected":
                self._connected.set()
            case "failed":
                self._end(LineEnded("system", "no way through the network"))
            case "closed":
                self._end(LineEnded("caller", "connection closed"))
            case _:
                pass

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if self._side.attach(channel):
            channel.on("message", self._message)

    def _message(self, raw: str | bytes) -> None:
        self._alive_s = self._clock.monotonic()
        message = self._side.read(raw)
        if message is None:
            return
        match message.get("type"):
            case "ping":
                self._say({"type": "pong", "t": time_of(message.get("t"))})
            case "dtmf":
                digit = digit_of(message.get("digit"))
                if digit is not None and self._listening is not None:
                    self._push(Dtmf(digit, self._clock_samples))
            case "bye":
                self._end(LineEnded("caller", "hung up"))
            case str() if self._on_message is not None:
                self._on_message(message)
            case _:
                pass

    def _say(self, message: Mapping[str, Json]) -> None:
        if self._ended is None:
            self._side.say(message)

    def _end(self, ended: LineEnded, linger_s: float = 0.0) -> None:
        if self._ended is not None:
            return
        self._ended = ended
        self._push(ended)
        self._connected.set()
        self._closing = asyncio.get_running_loop().create_task(self._close(linger_s), name="close a browser call")

    async def _close(self, linger_s: float) -> None:
        if self._ended is not None and self._ended.by == "us" and self._side.open:
            await self._clock.sleep(max(_TICK_S, linger_s))
        for task in (self._watching, self._listening):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        await asyncio.gather(*(task for task in (self._watching, self._listening) if task), return_exceptions=True)
        self.track.stop()
        await self._peer.close()
