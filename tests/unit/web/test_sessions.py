"""Signing in over HTTP: cookies, forged requests, who may go where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI

from tests.support.web import SHOP, TELECOM, make_ports
from voicebot.people import Passwords, People, Role, SignedIn, Wanted
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.web.api import create_app
from voicebot.web.ports import WebSettings
from voicebot.web.signed_in import signed_in

WEAK = Passwords(memory_kib=64, passes=1)
WORD = "umi no mieru machi"
OWN = {"Origin": "http://desk.test"}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def people(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[People]:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}", str)
    made = People.on(store, clock, passwords=WEAK)
    for login, tenant, role in (
        ("sato", SHOP.tenant, Role.AGENT),
        ("mori", SHOP.tenant, Role.MANAGER),
        ("kelly", TELECOM.tenant, Role.MANAGER),
        ("root", None, Role.ADMIN),
        ("ito", SHOP.tenant, Role.AUDITOR),
    ):
        await made.accounts.add(
            Wanted(login, f"{login} name", tenant, frozenset((role,)), id=login, password=WORD, must_change=False)
        )
    yield made
    await store.close()


@pytest.fixture
async def app(people: People) -> FastAPI:
    made = create_app(replace(make_ports(WebSettings()), people=people))

    @made.get("/api/only/leaders")
    async def leaders(who: Annotated[SignedIn, Depends(signed_in(Role.LEADER, Role.MANAGER))]) -> str:
        return who.person.id

    @made.post("/api/only/anybody")
    async def anybody(who: Annotated[SignedIn, Depends(signed_in())]) -> str:
        return who.person.id

    return made


def browser(app: FastAPI, address: str = "203.0.113.7", scheme: str = "http") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 40000))
    return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://desk.test")


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as opened:
        yield opened


async def enter(client: httpx.AsyncClient, login: str = "sato", password: str = WORD) -> httpx.Response:
    answer = await client.post("/api/session", json={"login": login, "password": password}, headers=OWN)
    if answer.status_code == 200:
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return answer


async def test_a_session_begins_is_known_and_ends(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/session")).status_code == 401
    begun = await enter(client, "ＳＡＴＯ")
    assert begun.json()["person"]["roles"] == ["agent"]
    assert begun.json()["person"]["capabilities"] == ["take_contacts"]
    flags = begun.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert "Secure" not in flags
    assert (await client.get("/api/session")).json()["csrf"] == begun.json()["csrf"]
    kept = client.cookies["voicebot_session"]
    assert (await client.delete("/api/session")).status_code == 204
    assert "voicebot_session" not in client.cookies
    client.cookies.set("voicebot_session", kept)
    assert (await client.get("/api/session")).status_code == 401
