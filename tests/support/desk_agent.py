"""An agent's browser without the browser: its session over HTTP and its socket, with the real product."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.support.product import RunningProduct
from voicebot.web.signed_in import COOKIE, CSRF_HEADER

WORD = "umi no mieru machi"
AGENTS = ("S03", "S06")


def add_accounts(product: RunningProduct) -> None:
    """Accounts for two agents of the shop's roster, by the product's own command."""
    for agent in AGENTS:
        add = ["account", "add", agent.lower(), "--id", agent, "--name", agent, "-t", "shop", "-l", "en", "--ask"]
        subprocess.run(
            [sys.executable, "-m", "voicebot.cli", *add],
            input=f"{WORD}\n{WORD}\n".encode(),
            check=True,
            env={**os.environ, "VOICEBOT_DATA": str(product.data)},
        )


class Agent:
    """An agent's browser: its session and its socket."""

    def __init__(self, http: httpx.AsyncClient, socket: ClientConnection) -> None:
        self.http, self._socket = http, socket
        self.frames: list[dict[str, Any]] = []

    async def tell(self, **frame: Any) -> None:
        await self._socket.send(json.dumps(frame))

    async def hear(self, type: str, fits: Callable[[dict[str, Any]], bool] = lambda frame: True) -> dict[str, Any]:
        async with asyncio.timeout(40):
            while True:
                frame: dict[str, Any] = json.loads(await self._socket.recv())
                self.frames.append(frame)
                if frame["type"] == type and fits(frame):
                    return frame

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(4)
            await self.tell(type="heartbeat")


@asynccontextmanager
async def agent(product: RunningProduct, login: str) -> AsyncIterator[Agent]:
    """Signed in, connected and available."""
    async with httpx.AsyncClient(base_url=product.http, timeout=20) as http:
        answer = await http.post("/api/session", json={"login": login.lower(), "password": WORD})
        assert answer.status_code == 200, answer.text
        http.headers[CSRF_HEADER] = answer.json()["csrf"]
        cookie = {"Cookie": f"{COOKIE}={http.cookies[COOKIE]}"}
        address = product.http.replace("http", "ws", 1) + "/ws/desk"
        async with connect(address, additional_headers=cookie, max_size=None) as socket:
            made = Agent(http, socket)
            await made.tell(type="hello", presence="available")
            await made.hear("state")
            beating = asyncio.create_task(made.beat())
            try:
                yield made
            finally:
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)
