"""The desk of the whole product over its API: two agents at work, a visitor who asks for a person, words both ways."""

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
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.support.product import RunningProduct
from tests.support.visitor import visitor
from voicebot.web.signed_in import COOKIE, CSRF_HEADER

WORD = "umi no mieru machi"
AGENTS = ("S03", "S06")


@pytest.fixture(scope="module")
def product(running_product: RunningProduct) -> RunningProduct:
    """The product with accounts for two agents of the roster."""
    for agent in AGENTS:
        add = ["account", "add", agent.lower(), "--id", agent, "--name", agent, "-t", "shop", "-l", "en", "--ask"]
        subprocess.run(
            [sys.executable, "-m", "voicebot.cli", *add],
            input=f"{WORD}\n{WORD}\n".encode(),
            check=True,
            env={**os.environ, "VOICEBOT_DATA": str(running_product.data)},
        )
    return running_product


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


async def test_a_visitor_is_handed_to_an_agent_and_both_write(product: RunningProduct) -> None:
    # Reported danger is staffed around the clock, so that this holds at any hour.
    async with agent(product, "S06") as one, agent(product, "S03") as other, visitor(product) as chat:
        await chat.say("where is my order", "order number")
        await chat.send("my heater is burning and smells of smoke, I need a person")
        offer = await one.hear("offer")
        contact, conversation = offer["contact"]["id"], offer["contact"]["conversation"]
        assert conversation == chat.conversation
        assert offer["headline"]["who"] and offer["headline"]["why"]
        packet = (await one.http.get(offer["packet"])).json()
        assert "smoke" in json.dumps(packet["transcript"])
        assert (await other.http.post(f"/api/desk/contacts/{contact}/accept")).status_code == 409
        await one.tell(type="accept", contact=contact)
        await one.hear("contact", lambda frame: frame["contact"]["state"] == "active")
        await chat.kind("joined")
        await one.tell(type="say", contact=contact, id="m1", text="Please unplug it. 4111 1111 1111 1111")
        await one.hear("ack", lambda frame: frame["id"] == "m1")
        said = await chat._until(
            "the agent's words", lambda: next((line for line in chat.lines if line["from"] == "agent"), None)
        )
        assert said["text"].startswith("Please unplug it") and "4111" not in said["text"]
        await chat.send("it is unplugged now")
        heard = await one.hear("event", lambda frame: frame["event"].get("text") == "it is unplugged now")
        assert heard["event"]["type"] == "Heard"
        assert (await one.http.post(f"/api/desk/contacts/{contact}/wrap_up")).json()["state"] == "wrapup"
        body = {"code": "safety_reported", "resolved": False, "note": "sent to safety"}
        assert (await one.http.post(f"/api/desk/contacts/{contact}/close", json=body)).status_code == 204
        await one.hear("contact", lambda frame: frame["contact"]["state"] == "closed")
        await chat.kind("ended")
    log = product.events(conversation)
    assert [event["change"] for event in log if event["type"] == "ContactChanged"] == [
        "queued", "offered", "accepted", "active", "wrapup", "closed",
    ]  # fmt: skip
    assert next(event["code"] for event in log if event["type"] == "WrappedUp") == "safety_reported"
    assert [event["by"] for event in log if event["type"] == "Ended"] == ["agent"]
    assert "ms after it was made" in product.log()
