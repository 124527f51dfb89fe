"""A real uvicorn server on a free loopback port, for tests that need real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from voicebot.web.api import create_app
from voicebot.web.ports import Ports
from voicebot.web.serving import Server, server_config


@dataclass(frozen=True)
class Running:
    """A server that answers at ``http`` and ``ws``."""

    http: str
    ws: str
    port: int
    ports: Ports
    server: Server
    stopped: asyncio.Task[None]


@asynccontextmanager
async def serving(ports: Ports, port: int = 0) -> AsyncIterator[Running]:
    """Serve until the block ends, then shut down in order."""
    app = create_app(ports)
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    number = bound.getsockname()[1]
    server = Server(server_config(app, "127.0.0.1", number, log_level="error", drain_s=3), app.state.chats.drain)
    up = asyncio.Event()
    original = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await original(sockets)
        up.set()

    server.startup = startup  # type: ignore[method-assign]
    task = asyncio.create_task(server._serve([bound]))
    waiting = asyncio.create_task(up.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not up.is_set():
        task.result()
    try:
        yield Running(f"http://127.0.0.1:{number}", f"ws://127.0.0.1:{number}", number, ports, server, task)
    finally:
        server.should_exit = True
        await task
        bound.close()


@asynccontextmanager
async def site(html: str) -> AsyncIterator[str]:
    """A web site of somebody else: one page on a port of its own."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = html.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
