"""Addresses for other systems: webhook subscriptions, reports of outside desks, packets by reference."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.support.web import SHOP, TELECOM, make_ports
from voicebot.desk.outside import Moved, OutsideDesk, PbxQueueRemote
from voicebot.domain import (
    JA,
    AgentSaid,
    Channel,
    ContactChanged,
    ConversationId,
    HandoffId,
    HandoffReason,
    HandoffRequest,
    TenantId,
)
from voicebot.errors import NotFound
from voicebot.people import Passwords, People, Role, Wanted
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.web.api import create_app
from voicebot.web.outside_desk import OutsidePorts, packets_router, router
from voicebot.web.ports import Access, WebSettings
from voicebot.web.subscriptions import router as subscriptions
from voicebot.webhooks import HEADER, Webhooks, sign

SECRET = "a-secret-of-the-acd-and-us"
WORD = "umi no mieru machi"
TALK = ConversationId("c-1")
CONTACT = HandoffId("ho-c-1-1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}", str)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


async def no_packet(wish: HandoffRequest) -> Mapping[str, Any]:
    return {}


class Tokens:
    async def check(self, token: str) -> Access | None:
        return {"shop": Access(SHOP.tenant, "reader"), "telecom": Access(TELECOM.tenant, "reader")}.get(token)


async def packet(contact: HandoffId) -> tuple[TenantId, Mapping[str, Any]]:
    if contact != CONTACT:
        raise NotFound("There is no such contact.")
    return SHOP.tenant, {"handoff_id": contact}


@pytest.fixture
async def desk(store: SqlStore, clock: VirtualClock) -> AsyncIterator[OutsideDesk]:
    made = OutsideDesk(store, PbxQueueRemote("sip:all@pbx"), no_packet, clock)
    await store.open_conversation(TALK, SHOP.tenant, Channel.VOICE, JA, "shop-ja", clock.now())
    reason = HandoffReason.CUSTOMER_ASKED
    await made.request(HandoffRequest(CONTACT, SHOP.tenant, TALK, Channel.VOICE, JA, ("returns",), 2, 4, reason))
    yield made
    await made.close()


@pytest.fixture
async def app(store: SqlStore, desk: OutsideDesk, clock: VirtualClock) -> FastAPI:
    people = People.on(store, clock, passwords=Passwords(memory_kib=64, passes=1))
    for login, tenant, role in (
        ("chief", SHOP.tenant, Role.ADMIN),
        ("sato", SHOP.tenant, Role.AGENT),
        ("other", TELECOM.tenant, Role.ADMIN),
    ):
        wanted = Wanted(login, login, tenant, frozenset((role,)), id=login, password=WORD, must_change=False)
        await people.accounts.add(wanted)
    made = create_app(replace(make_ports(WebSettings()), people=people))
    made.include_router(router(OutsidePorts(desk, SECRET, clock)))
    made.include_router(packets_router(packet, Tokens()))
    made.include_router(subscriptions(Webhooks(store, clock)))
    return made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as opened:
        yield opened


async def enter(client: httpx.AsyncClient, login: str) -> None:
    answer = await client.post(
        "/api/session", json={"login": login, "password": WORD}, headers={"Origin": "http://desk.test"}
    )
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]


async def report(
    client: httpx.AsyncClient, clock: VirtualClock, body: Any, secret: str = SECRET, contact: str = CONTACT
) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    answer = await client.post(
        f"/api/outside-desk/{contact}", content=raw, headers={HEADER: sign(secret, raw, clock.now())}
    )
    return answer.status_code


async def test_signed_reports_move_a_contact(client: httpx.AsyncClient, clock: VirtualClock, store: SqlStore) -> None:
    taken = {"id": "r1", "change": "accepted", "agent": "77", "agent_name": "佐伯"}
    assert await report(client, clock, taken) == 204
    assert await report(client, clock, taken) == 204
    words = {"type": "message", "id": "m1", "agent": "77", "agent_name": "佐伯", "text": "承ります", "language": "ja"}
    assert await report(client, clock, words) == 204
    events = [one.event for one in await store.events(TALK)]
    moves = [event.change for event in events if isinstance(event, ContactChanged)]
    assert moves == ["queued", "accepted"], "a report that comes twice is one"
    assert [event.text for event in events if isinstance(event, AgentSaid)] == ["承ります"]


@pytest.mark.parametrize("header", [None, "t=1,v1=00", "nonsense"])
async def test_a_forged_report_is_refused(client: httpx.AsyncClient, store: SqlStore, header: str | None) -> None:
    body = json.dumps({"id": "r1", "change": "closed"})
    answer = await client.post(
        f"/api/outside-desk/{CONTACT}", content=body, headers={} if header is None else {HEADER: header}
    )
    assert answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json"
    assert len(await store.events(TALK)) == 1


async def test_reports_with_another_secret_or_too_late_are_refused(
    client: httpx.AsyncClient, clock: VirtualClock
) -> None:
    good = {"id": "r1", "change": "accepted"}
    assert await report(client, clock, good, secret="another-secret-of-16") == 401
    raw = json.dumps(good).encode()
    stamped = sign(SECRET, raw, clock.now())
    await clock.advance(301)
    answer = await client.post(f"/api/outside-desk/{CONTACT}", content=raw, headers={HEADER: stamped})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[]", 400), (b"[" * 100_000, 400), ({"change": "accepted"}, 400),
        ({"id": "r", "change": "x"}, 400),
        ({"type": "message", "id": "m", "text": ""}, 400), ({"type": "other", "id": "m"}, 400),
    ],
)  # fmt: skip
async def test_a_malformed_report_says_where(
    client: httpx.AsyncClient, clock: VirtualClock, body: Any, status: int
) -> None:
    assert await report(client, clock, body) == status


async def test_an_unknown_contact_is_not_found(client: httpx.AsyncClient, clock: VirtualClock) -> None:
    assert await report(client, clock, {"id": "r", "change": "accepted"}, contact="ho-c-9-1") == 404


async def test_the_inbox_needs_its_token(client: httpx.AsyncClient, desk: OutsideDesk) -> None:
    marks = {"id": 4, "custom_attributes": {"handoff_id": CONTACT}}
    hook = {
        "event": "message_created", "id": 9, "message_type": "outgoing", "content": "hello",
        "sender": {"id": 5, "name": "Jo"}, "conversation": marks,
    }  # fmt: skip
    assert (await client.post("/api/outside-desk/inbox/wrong", json=hook)).status_code == 404
    assert (await client.post(f"/api/outside-desk/inbox/{SECRET}", json=hook)).status_code == 204
    assert (await client.post(f"/api/outside-desk/inbox/{SECRET}", json={"event": "other"})).status_code == 204
    assert not await desk.moved(CONTACT, Moved("r", "accepted", "6", "Al")), "Jo has it"


async def test_a_packet_by_reference_is_for_its_company(client: httpx.AsyncClient) -> None:
    async def status(token: str | None, contact: str = CONTACT) -> int:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return (await client.get(f"/api/handoffs/{contact}", headers=headers)).status_code

    assert [await status("shop"), await status("telecom"), await status("wrong"), await status(None)] == [
        200, 404, 401, 401
    ]  # fmt: skip
    assert await status("shop", "ho-c-9-1") == 404


async def test_webhooks_are_the_administrators_of_a_company(app: FastAPI, client: httpx.AsyncClient) -> None:
    new = {"tenant": "shop", "url": "https://crm.test/hook", "kinds": ["contact.closed"]}
    assert (await client.get("/api/webhooks?tenant=shop")).status_code == 401
    await enter(client, "sato")
    assert (await client.post("/api/webhooks", json=new)).status_code == 403
    client.cookies.clear()
    await enter(client, "other")
    assert (await client.post("/api/webhooks", json=new)).status_code == 404, "another company's"
    client.cookies.clear()
    await enter(client, "chief")
    made = (await client.post("/api/webhooks", json=new)).json()
    assert len(made["secret"]) >= 32
    (shown,) = (await client.get("/api/webhooks?tenant=shop")).json()
    assert shown["id"] == made["id"] and shown["secret"] is None
    bad = await client.post("/api/webhooks", json=new | {"kinds": ["nothing"]})
    assert bad.status_code == 422 and "nothing" in bad.json()["detail"]
    assert (await client.get("/api/webhooks/dead?tenant=shop")).json() == []
    assert (await client.post("/api/webhooks/dead/none/again?tenant=shop")).status_code == 404
    del client.headers["X-CSRF-Token"]
    assert (await client.delete(f"/api/webhooks/{made['id']}?tenant=shop")).status_code == 403, "no CSRF token"
    await enter(client, "chief")
    assert (await client.delete(f"/api/webhooks/{made['id']}?tenant=shop")).status_code == 204
    assert (await client.get("/api/webhooks?tenant=shop")).json() == []
