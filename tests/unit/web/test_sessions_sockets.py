"""Sockets of people who are signed in: refused, taken, and cut off when the session ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from tests.support.serve import Running, serving
from tests.support.web import SHOP, make_ports
from voicebot.clock import SystemClock
from voicebot.people import Passwords, People, Role, SessionRules, Wanted
from voicebot.store import SqlStore
from voicebot.web.signed_in import session_over, socket_signed_in

WORD = "umi no mieru machi"


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}", str)
    made = People.on(
        store,
        SystemClock(),
        passwords=Passwords(memory_kib=64, passes=1),
        rules=SessionRules(look_every_s=3600),
    )
    await made.accounts.add(
        Wanted("sato", "n", SHOP.tenant, frozenset((Role.AGENT,)), id="sato", password=WORD, must_change=False)
    )
    yield made
    await store.close()


@pytest.fixture
async def server(people: People) -> AsyncIterator[Running]:
    async with serving(replace(make_ports(), people=people)) as running:

        async def echo(websocket: WebSocket) -> None:
            who = await socket_signed_in(websocket, Role.AGENT)
            if who is None:
                return
            await websocket.accept()
            await websocket.send_text(who.person.id)
            await session_over(websocket, who)
            await websocket.close(4401, "signed out")

        async def leaders(websocket: WebSocket) -> None:
            assert await socket_signed_in(websocket, Role.LEADER) is None

        app: FastAPI = running.server.config.app
        app.add_api_websocket_route("/ws/test", echo)
        app.add_api_websocket_route("/ws/leaders", leaders)
        yield running


async def cookie(server: Running) -> tuple[str, str]:
    async with httpx.AsyncClient(base_url=server.http) as client:
        answer = await client.post("/api/session", json={"login": "sato", "password": WORD})
        return f"voicebot_session={client.cookies['voicebot_session']}", answer.json()["csrf"]


async def closed(server: Running, path: str, headers: dict[str, str]) -> int | None:
    async with connect(server.ws + path, additional_headers=headers) as socket:
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 10)
        return socket.close_code


async def test_without_a_session_a_socket_says_sign_in_again(server: Running) -> None:
    assert await closed(server, "/ws/test", {}) == 4401
    assert await closed(server, "/ws/test", {"Cookie": "voicebot_session=made-up"}) == 4401
    assert await closed(server, "/ws/test", {"Authorization": "Bearer no"}) == 4401


async def test_without_the_role_a_socket_is_not_for_you(server: Running) -> None:
    kept, _ = await cookie(server)
    assert await closed(server, "/ws/leaders", {"Cookie": kept}) == 4403
    assert await closed(server, "/ws/test", {"Authorization": "Bearer shop-token"}) == 4403


async def test_a_page_of_another_site_gets_no_socket(server: Running) -> None:
    kept, _ = await cookie(server)
    with pytest.raises(InvalidStatus) as refused:
        await connect(server.ws + "/ws/test", additional_headers={"Cookie": kept}, origin=Origin("https://evil.test"))
    assert refused.value.response.status_code == 403


async def test_an_open_socket_is_cut_off_when_its_account_is_disabled(server: Running, people: People) -> None:
    kept, _ = await cookie(server)
    async with connect(
        server.ws + "/ws/test", additional_headers={"Cookie": kept}, origin=Origin(server.http)
    ) as socket:
        assert await asyncio.wait_for(socket.recv(), 10) == "sato"
        await people.accounts.change("sato", disabled=True)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 10)
        assert socket.close_code == 4401
    assert await closed(server, "/ws/test", {"Cookie": kept}) == 4401


async def test_signing_out_closes_the_socket_of_that_session_alone(server: Running) -> None:
    first, csrf = await cookie(server)
    second, _ = await cookie(server)
    async with (
        connect(server.ws + "/ws/test", additional_headers={"Cookie": first}) as one,
        connect(server.ws + "/ws/test", additional_headers={"Cookie": second}) as two,
    ):
        assert await one.recv() == await two.recv() == "sato"
        async with httpx.AsyncClient(base_url=server.http) as client:
            gone = await client.delete("/api/session", headers={"Cookie": first, "X-CSRF-Token": csrf})
        assert gone.status_code == 204
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(one.recv(), 10)
        await two.ping()
        assert two.close_code is None
