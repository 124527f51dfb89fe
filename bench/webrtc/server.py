"""The server that is measured: browser lines that echo, or play and stop on request."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import uvicorn

from tests.support.web import make_ports
from voicebot.channels.line import CallDetails, Frame
from voicebot.channels.webrtc import WebRtcLine, WebRtcServer
from voicebot.channels.webrtc.aiortc_inside import Packet
from voicebot.domain import Json, Language, TenantId
from voicebot.errors import ChannelError
from voicebot.web.api import create_app

_LONG_TONE = (9000 * np.sin(2 * np.pi * 500 * np.arange(16000 * 15) / 16000)).astype(np.int16)


class Door:
    """Answers every offer; ``loss`` of the packets of browsers are thrown away on arrival."""

    ice: Sequence[Mapping[str, Json]] = ()
    unavailable = ""

    def __init__(self, loss: float) -> None:
        self._server, self._loss = WebRtcServer(), loss
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, tenant: TenantId, language: Language, sdp: str) -> str:
        """Every call is a check here."""
        return await self.check(sdp)

    async def check(self, sdp: str) -> str:
        """Answer and echo."""
        line, answer = await self._server.answer(sdp, CallDetails(None, "bench", transport="webrtc"))
        take = line.packet

        def lossy(packet: Packet) -> None:
            if random.random() >= self._loss:
                take(packet)

        line.packet = lossy  # type: ignore[method-assign]
        self._tap(line, lossy)
        task = asyncio.create_task(self._hold(line))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answer

    @staticmethod
    def _tap(line: WebRtcLine, take: object) -> None:
        for receiver in line._peer.getReceivers():
            receiver._RTCRtpReceiver__jitter_buffer._take = take

    async def _hold(self, line: WebRtcLine) -> None:
        echoing = True

        def told(message: Mapping[str, Json]) -> None:
            nonlocal echoing
            match message.get("type"):
                case "play":
                    echoing = False
                    line.flush()
                    line.play(_LONG_TONE)
                case "flush":
                    line.tell({"type": "flushed", "samples": line.flush()})
                case "stats":
                    line.tell({"type": "stats", **line.stats()})

        line.on_message(told)
        try:
            await line.answer()
        except ChannelError:
            return
        async for event in line.frames():
            if echoing and isinstance(event, Frame):
                line.play(event.samples)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--loss", type=float, default=0.0)
    asked = parser.parse_args()

    async def serve() -> None:
        app = create_app(replace(make_ports(), calls=Door(asked.loss)))
        await uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=asked.port, log_level="error", access_log=False)
        ).serve()

    asyncio.run(serve())


if __name__ == "__main__":
    sys.exit(main())
