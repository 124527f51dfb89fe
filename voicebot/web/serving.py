"""Running the application on uvicorn with limits that hold before a request reaches us, and an orderly end."""

from __future__ import annotations

import signal
import socket
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

import uvicorn

from voicebot.channels.chat import MAX_FRAME_BYTES

TRANSPORT_FRAME_BYTES = 4 * MAX_FRAME_BYTES
"""Frames above this are refused by the transport (close 1009) without being collected; up to here we say why."""


def server_config(
    app: Any, host: str, port: int, *, log_level: str = "info", drain_s: int = 10, proxies: str = ""
) -> uvicorn.Config:
    """How uvicorn serves the product: no access log (addresses may identify people), small WebSocket frames.

    ``proxies``: whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed, nobody's when empty.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level=log_level,
        access_log=False,
        server_header=False,
        ws_max_size=TRANSPORT_FRAME_BYTES,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=drain_s,
        lifespan="on",
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
    )


class Server(uvicorn.Server):
    """Runs ``before_shutdown`` while connections are still open, so that visitors can be told."""

    def __init__(self, config: uvicorn.Config, before_shutdown: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._before_shutdown = before_shutdown

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal asks for an orderly end, which is not death by that signal: it is not raised again afterwards."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye first, then close as uvicorn does."""
        await self._before_shutdown()
        await super().shutdown(sockets)
