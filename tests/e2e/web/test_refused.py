"""What the whole product refuses: somebody else's token, company, session, page, signature, and markup as markup."""

from __future__ import annotations

import json

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.desk_agent import AGENTS, WORD, agent
from tests.support.product import RunningProduct
from tests.support.visitor import visitor
from voicebot.web.signed_in import COOKIE, CSRF_HEADER

XSS = '<img src=x onerror="fetch(`/stolen`)"><script>alert(1)</script>'
SIGNED_IN = ("/api/desk/floor", "/api/desk/tasks", "/api/desk/contacts/ho-c-1-1/packet", "/api/session")


@pytest.fixture
def product(staffed_product: RunningProduct) -> RunningProduct:
    return staffed_product


async def test_a_visitors_token_is_no_session_and_opens_no_other_companys_chat(product: RunningProduct) -> None:
    async with visitor(product) as chat, httpx.AsyncClient(base_url=product.http, timeout=20) as http:
        for path in SIGNED_IN:
            for headers in ({"Authorization": f"Bearer {chat.token}"}, {"Cookie": f"{COOKIE}={chat.token}"}):
                assert (await http.get(path, headers=headers)).status_code in (401, 403), path
        log = await http.get(
            f"/api/conversations/{chat.conversation}/events", headers={"Authorization": f"Bearer {chat.token}"}
        )
        assert log.status_code == 401
        address = product.http.replace("http", "ws", 1) + "/ws/chat/telecom?lang=en"
        async with connect(address) as socket:
            await socket.send(json.dumps({"type": "hello", "token": chat.token, "last_seq": 0}))
            answer = json.loads(await socket.recv())
            assert (answer["type"], answer["code"]) == ("error", "token")


async def test_an_agent_sees_nothing_of_another_company(product: RunningProduct) -> None:
    async with agent(product, AGENTS[0]) as one:
        assert (await one.http.get("/api/desk/floor?tenant=telecom")).status_code in (403, 404)
        assert (await one.http.get("/api/desk/customers/07700900123/history?tenant=telecom")).status_code in (403, 404)
        async with visitor(product, tenant="telecom") as chat:
            await chat.say("where is my order", "")
            packet = await one.http.get(f"/api/desk/contacts/ho-{chat.conversation}-1/packet")
            assert packet.status_code == 404
            taken = await one.http.post(f"/api/desk/conversations/{chat.conversation}/take_over", json={})
            assert taken.status_code in (403, 404)


async def test_a_request_of_another_page_changes_nothing(product: RunningProduct) -> None:
    async with agent(product, AGENTS[0]) as one:
        csrf = one.http.headers.pop(CSRF_HEADER)
        body = {"kind": "follow_up", "text": "forged"}
        assert (await one.http.post("/api/desk/tasks", json=body)).status_code == 403
        forged = {CSRF_HEADER: "0" * len(csrf)}
        assert (await one.http.post("/api/desk/tasks", json=body, headers=forged)).status_code == 403
        elsewhere = {CSRF_HEADER: csrf, "Origin": "https://evil.example"}
        assert (await one.http.post("/api/desk/tasks", json=body, headers=elsewhere)).status_code == 403
        assert "forged" not in (await one.http.get("/api/desk/tasks")).text
        cookie = {"Cookie": f"{COOKIE}={one.http.cookies[COOKIE]}", "Origin": "https://evil.example"}
        with pytest.raises((ConnectionClosed, InvalidStatus)):
            async with connect(product.http.replace("http", "ws", 1) + "/ws/desk", additional_headers=cookie) as socket:
                await socket.send('{"type": "hello"}')
                await socket.recv()


async def test_a_session_that_was_ended_opens_nothing_more(product: RunningProduct) -> None:
    async with httpx.AsyncClient(base_url=product.http, timeout=20) as http:
        answer = await http.post("/api/session", json={"login": AGENTS[1].lower(), "password": WORD})
        secret = http.cookies[COOKIE]
        assert (await http.delete("/api/session", headers={CSRF_HEADER: answer.json()["csrf"]})).status_code == 204
    kept = {"Cookie": f"{COOKIE}={secret}"}
    async with httpx.AsyncClient(base_url=product.http, timeout=20, headers=kept) as http:
        assert (await http.get("/api/desk/tasks")).status_code == 401
    with pytest.raises((ConnectionClosed, InvalidStatus)):
        async with connect(product.http.replace("http", "ws", 1) + "/ws/desk", additional_headers=kept) as socket:
            await socket.recv()


@pytest.mark.parametrize("signature", ["", "t=1,v1=00", "t=9999999999,v1=" + "0" * 64])
async def test_reports_of_a_desk_that_is_not_there_and_forged_links_are_not_found(
    product: RunningProduct, signature: str
) -> None:
    async with httpx.AsyncClient(base_url=product.http, timeout=20) as http:
        report = await http.post(
            "/api/outside-desk/ho-c-1-1",
            json={"id": "1", "change": "accepted"},
            headers={"X-Voicebot-Signature": signature},
        )
        assert report.status_code in (401, 403, 404)
        page = await http.get("/c/forged-link")
        assert page.status_code in (404, 410)


async def test_markup_in_a_message_is_text_for_the_agent(product: RunningProduct) -> None:
    async with agent(product, "S06") as one, visitor(product) as chat:
        await chat.say("where is my order", "order number")
        await chat.send(XSS)
        await chat.send("my heater is burning and smells of smoke, I need a person")
        offer = await one.hear("offer", lambda frame: frame["contact"]["conversation"] == chat.conversation)
        answer = await one.http.get(offer["packet"])
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<script>" in json.dumps(answer.json()["transcript"]), "the words are kept as they were said"
        page = await one.http.get("/desk")
        policy = page.headers["content-security-policy"]
        assert "unsafe-inline" not in policy.split("script-src", 1)[1].split(";")[0]
        contact = offer["contact"]["id"]
        await one.tell(type="accept", contact=contact)
        await one.hear("contact", lambda frame: frame["contact"]["state"] == "active")
        assert (await one.http.post(f"/api/desk/contacts/{contact}/wrap_up")).status_code == 200
        body = {"code": "safety_reported", "resolved": False}
        assert (await one.http.post(f"/api/desk/contacts/{contact}/close", json=body)).status_code == 204
