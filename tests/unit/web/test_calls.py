"""The door for calls of pages: who may knock, how often, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import httpx
import pytest

from tests.support.web import make_ports
from voicebot.channels.webrtc import LinesTaken
from voicebot.domain import Json, Language, TenantId
from voicebot.errors import BadMessage
from voicebot.web.api import create_app
from voicebot.web.ports import WebSettings


@dataclass
class Door:
    """Notes who called; answers with what is set."""

    unavailable: str = ""
    ice: Sequence[Mapping[str, Json]] = ()
    problem: Exception | None = None
    calls: list[tuple[str, str]] = field(default_factory=list)

    async def call(self, tenant: TenantId, language: Language, sdp: str) -> str:
        if self.problem is not None:
            raise self.problem
        self.calls.append((tenant, language))
        return f"answer to {sdp}"

    async def check(self, sdp: str) -> str:
        return f"echo of {sdp}"


def client(door: Door | None, origins: tuple[str, ...] = ()) -> httpx.AsyncClient:
    app = create_app(replace(make_ports(WebSettings(origins=origins)), calls=door))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot.example")


async def test_an_offer_is_answered_in_the_language_of_the_page() -> None:
    door = Door(ice=({"urls": ["stun:s:3478"]},))
    async with client(door) as web:
        terms = await web.get("/api/call/shop")
        assert terms.json() == {"available": True, "ice_servers": [{"urls": ["stun:s:3478"]}]}
        answer = await web.post("/api/call/shop", json={"sdp": "v=0", "language": "en-GB"})
        assert answer.status_code == 200 and answer.json() == {"sdp": "answer to v=0"}
        await web.post("/api/call/shop", json={"sdp": "v=0"})
        assert door.calls == [("shop", "en"), ("shop", "ja")]
        assert (await web.post("/api/call/check", json={"sdp": "v=0"})).json() == {"sdp": "echo of v=0"}


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [(BadMessage("no"), 400, "bad_offer"), (LinesTaken("taken"), 503, "busy")],
)
async def test_refusals_say_what_to_do(problem: Exception, status: int, code: str) -> None:
    async with client(Door(problem=problem)) as web:
        answer = await web.post("/api/call/shop", json={"sdp": "x"})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert ("retry-after" in answer.headers) == (status == 503)


async def test_what_cannot_be_an_offer_does_not_reach_the_line() -> None:
    door, json = Door(), {"Content-Type": "application/json"}
    async with client(door) as web:
        for body in ({}, {"sdp": ""}, {"sdp": 5}, {"sdp": "x" * 70000}, {"sdp": "x", "language": "x" * 40}):
            assert (await web.post("/api/call/shop", json=body)).status_code == 422
        assert (await web.post("/api/call/shop", content=b"{", headers=json)).status_code == 400
        assert (await web.post("/api/call/nobody", json={"sdp": "x"})).status_code == 404
        assert door.calls == []


async def test_calls_that_are_off_or_not_ready_are_told_apart() -> None:
    async with client(None) as web:
        assert (await web.get("/api/call/shop")).json()["code"] == "no_calls"
        assert (await web.post("/api/call/shop", json={"sdp": "x"})).status_code == 503
    async with client(Door(unavailable="speech")) as web:
        assert (await web.get("/api/call/shop")).json()["available"] is False
        answer = await web.post("/api/call/shop", json={"sdp": "x"})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_only_listed_sites_may_call_and_they_can_read_the_answer() -> None:
    door = Door(problem=LinesTaken("taken"))
    async with client(door, ("https://shop.example",)) as web:
        strange = await web.post("/api/call/shop", json={"sdp": "x"}, headers={"Origin": "https://evil.example"})
        assert strange.status_code == 403 and "access-control-allow-origin" not in strange.headers
        known = {"Origin": "https://shop.example"}
        asked = await web.options("/api/call/shop", headers=known)
        assert asked.status_code == 204 and "POST" in asked.headers["access-control-allow-methods"]
        assert asked.headers["access-control-allow-origin"] == "https://shop.example"
        busy = await web.post("/api/call/shop", json={"sdp": "x"}, headers=known)
        assert busy.status_code == 503 and busy.headers["access-control-allow-origin"] == "https://shop.example"
        own = await web.post("/api/call/shop", json={"sdp": "x"}, headers={"Origin": "http://bot.example"})
        assert own.status_code == 503


async def test_one_address_cannot_take_all_lines() -> None:
    door = Door()
    async with client(door) as web:
        answers = [await web.post("/api/call/shop", json={"sdp": "x"}) for _ in range(8)]
        assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) >= 1 and len(door.calls) == 6


async def test_the_check_page_comes_in_the_language_of_the_browser() -> None:
    async with client(Door()) as web:
        assert 'lang="en"' in (await web.get("/check", headers={"Accept-Language": "en-GB,en;q=0.9"})).text
        assert 'lang="ja"' in (await web.get("/check?lang=ja", headers={"Accept-Language": "en"})).text
