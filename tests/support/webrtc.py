"""A caller over WebRTC in the same process: aiortc on the other end, with the losses a test asks for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from voicebot.channels.line import Samples
from voicebot.channels.webrtc.aiortc_inside import listen_on

RATE = 48000
FRAME = 960


class SpeakingTrack(MediaStreamTrack):
    """Sends what ``sound`` returns for the n-th 20 ms at 48 kHz."""

    kind = "audio"

    def __init__(self, sound: Callable[[int], Samples]) -> None:
        super().__init__()
        self._sound, self._count = sound, 0
        self._start: float | None = None

    async def recv(self) -> av.AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        self._start = self._start if self._start is not None else loop.time()
        await asyncio.sleep(max(0.0, self._start + self._count * 0.02 - loop.time()))
        frame = av.AudioFrame.from_ndarray(self._sound(self._count).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._count * FRAME, Fraction(1, RATE)
        self._count += 1
        return frame


class Caller:
    """A browser without a screen. ``heard`` is the sound that came, ``messages`` what the data channel brought."""

    def __init__(self, sound: Callable[[int], Samples]) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peer.addTrack(SpeakingTrack(sound))
        self.channel = self.peer.createDataChannel("captions")
        self.messages: list[dict[str, Any]] = []
        self.heard: list[Samples] = []
        self.channel.on("message", lambda raw: self.messages.append(json.loads(raw)))
        self.peer.on("track", self._listen)
        self._hearing: asyncio.Task[None] | None = None

    def _listen(self, track: MediaStreamTrack) -> None:
        self._hearing = asyncio.get_running_loop().create_task(self._hear(track))

    async def _hear(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            assert isinstance(frame, av.AudioFrame)
            self.heard.append(frame.to_ndarray().reshape(-1, 2)[:, 0].astype(np.int16))

    @property
    def loudest(self) -> int:
        return max((int(np.abs(one.astype(np.int32)).max()) for one in self.heard), default=0)

    async def offer(self) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return self.peer.localDescription.sdp

    async def take(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def send(self, **message: Any) -> None:
        self.channel.send(json.dumps(message))

    async def close(self) -> None:
        await self.peer.close()
        if self._hearing is not None:
            await self._hearing


@asynccontextmanager
async def calling(sound: Callable[[int], Samples]) -> AsyncIterator[Caller]:
    """A caller on loopback that is closed at the end."""
    caller = Caller(sound)
    listen_on(caller.peer, ["127.0.0.1"], None)
    try:
        yield caller
    finally:
        await caller.close()


def silence(_: int) -> Samples:
    return np.zeros(FRAME, np.int16)


def tone(count: int) -> Samples:
    times = (np.arange(FRAME) + count * FRAME) / RATE
    return (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
