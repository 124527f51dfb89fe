"""Signing in over HTTP: cookies, forged requests, who may go where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import Depends, FastAPI

from tests.support.web import SHOP, TELECOM, make_ports
from voicebot.people import Passwords, People, Role, SignedIn, Wanted
from voicebot.people.delays import PAIR
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.web.api import create_app
from voicebot.web.ports import Access, WebSettings
from voicebot.web.serving import server_config
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


async def test_https_makes_the_cookie_secure_and_framing_makes_it_partitioned(people: People) -> None:
    for settings, scheme, wanted, missing in (
        (WebSettings(), "https", {"Secure", "SameSite=Lax"}, {"Partitioned"}),
        (WebSettings(cookie_cross_site=True), "https", {"Secure", "SameSite=None", "Partitioned"}, {"SameSite=Lax"}),
    ):
        app = create_app(replace(make_ports(settings), people=people))
        async with browser(app, scheme=scheme) as client:
            answer = await client.post("/api/session", json={"login": "sato", "password": WORD})
            flags = set(answer.headers["set-cookie"].split("; "))
            assert wanted <= flags
            assert not missing & flags


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-CSRF-Token": "0" * 64}, 403),
        ({"X-CSRF-Token": "right", "Origin": "https://evil.test"}, 403),
        ({"X-CSRF-Token": "right", "Origin": "null"}, 403),
        ({"X-CSRF-Token": "right", "Origin": "http://desk.test.evil.test"}, 403),
        ({"X-CSRF-Token": "right", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-CSRF-Token": "right", "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": "right", "Origin": "http://desk.test", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"X-CSRF-Token": "right"}, 200),
    ],
)
async def test_forged_requests_change_nothing(client: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    await enter(client)
    right = client.headers.pop("X-CSRF-Token")
    sent = {name: right if value == "right" else value for name, value in headers.items()}
    assert (await client.post("/api/only/anybody", headers=sent)).status_code == status


async def test_the_csrf_token_of_another_session_is_none(app: FastAPI, client: httpx.AsyncClient) -> None:
    async with browser(app) as mallory:
        await enter(mallory, "mori")
        await enter(client)
        stolen = {"X-CSRF-Token": mallory.headers["X-CSRF-Token"]}
        assert (await client.post("/api/only/anybody", headers=stolen)).status_code == 403


async def test_another_site_cannot_sign_anybody_in(client: httpx.AsyncClient) -> None:
    given = {"login": "sato", "password": WORD}
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await client.post("/api/session", json=given, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        answer = await client.post("/login", data=given, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_roles_open_doors_and_tokens_have_roles_too(client: httpx.AsyncClient) -> None:
    await enter(client)
    assert (await client.get("/api/only/leaders")).status_code == 403
    await enter(client, "mori")
    assert (await client.get("/api/only/leaders")).json() == "mori"
    client.cookies.clear()
    del client.headers["X-CSRF-Token"]
    bearer = {"Authorization": "Bearer shop-token"}
    assert (await client.get("/api/only/leaders", headers=bearer)).status_code == 403
    answer = await client.post("/api/only/anybody", headers=bearer | {"Origin": "https://crm.test"})
    assert answer.status_code == 200, "a token is no cookie: nothing can be forged with it"
    assert answer.json().startswith("token-")
    assert (await client.post("/api/only/anybody", headers={"Authorization": "Bearer no"})).status_code == 401
    listed = await client.get("/api/accounts", headers=bearer)
    assert {one["tenant"] for one in listed.json()["accounts"]} == {"shop"}


async def test_a_wrong_token_is_not_helped_by_a_cookie(client: httpx.AsyncClient) -> None:
    await enter(client)
    assert (await client.get("/api/session", headers={"Authorization": "Bearer no"})).status_code == 401


async def test_too_many_attempts_are_told_to_wait(client: httpx.AsyncClient) -> None:
    for _ in range(PAIR.free):
        assert (await enter(client, password="wrong guess here")).status_code == 401
    refused = await enter(client)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["code"] == "too_many_attempts"
    page = await client.post("/login", data={"login": "sato", "password": WORD})
    assert page.status_code == 429
    assert page.headers["retry-after"] == "1"


async def test_an_expired_session_is_signed_out(client: httpx.AsyncClient, clock: VirtualClock) -> None:
    await enter(client)
    await clock.advance(timedelta(hours=12).total_seconds())
    assert (await client.get("/api/session")).status_code == 401
    assert (await client.post("/api/only/anybody")).status_code == 401


async def test_a_disabled_account_is_signed_out(app: FastAPI, client: httpx.AsyncClient) -> None:
    await enter(client)
    async with browser(app) as boss:
        await enter(boss, "mori")
        assert (await boss.patch("/api/accounts/sato", json={"disabled": True})).status_code == 200
    assert (await client.get("/api/session")).status_code == 401


async def test_a_given_password_must_be_changed_before_anything_else(app: FastAPI, client: httpx.AsyncClient) -> None:
    async with browser(app) as boss:
        await enter(boss, "mori")
        shown = (await boss.post("/api/accounts/sato/password", json={"link": False})).json()
        assert shown["link"] is None
    assert (await enter(client, password=shown["password"])).json()["person"]["must_change"]
    refused = await client.post("/api/only/anybody")
    assert (refused.status_code, refused.json()["code"]) == (403, "password_change_required")
    assert (await client.get("/api/session")).status_code == 200
    given = {"old": shown["password"], "new": "kawa no nagare"}
    changed = await client.post("/api/session/password", json=given)
    assert changed.status_code == 200
    client.headers["X-CSRF-Token"] = changed.json()["csrf"]
    assert (await client.post("/api/only/anybody")).status_code == 200


async def test_a_new_account_is_opened_by_its_link(app: FastAPI, client: httpx.AsyncClient) -> None:
    await enter(client, "mori")
    given = {"login": "new.hire", "name": "新人", "roles": ["agent"], "language": "ja", "id": "S99"}
    made = await client.post("/api/accounts", json=given)
    assert made.status_code == 201
    assert made.json()["account"]["tenant"] == "shop"
    assert (await client.post("/api/accounts", json=given)).status_code == 409
    async with browser(app) as hire:
        assert "new-password" in (await hire.get(made.json()["link"])).text
        link = made.json()["link"].partition("link=")[2]
        form = {"mode": "link", "link": link, "new": "short"}
        assert (await hire.post("/login", data=form)).status_code == 422
        done = await hire.post("/login", data=form | {"new": "kawa no nagare", "next": "/desk/floor"})
        assert (done.status_code, done.headers["location"]) == (303, "/desk/floor")
        assert (await hire.get("/api/session")).json()["person"]["id"] == "S99"
        assert (await hire.post("/login", data=form | {"new": "kawa no nagare"})).status_code == 401


async def test_another_companys_accounts_do_not_exist(client: httpx.AsyncClient) -> None:
    await enter(client, "kelly")
    for method, path, body in (
        ("GET", "/api/accounts/sato", None),
        ("PATCH", "/api/accounts/sato", {"disabled": True}),
        ("POST", "/api/accounts/sato/password", {"link": True}),
        ("DELETE", "/api/accounts/sato/sessions", None),
        ("GET", "/api/accounts?tenant=shop", None),
    ):
        assert (await client.request(method, path, json=body)).status_code == 404
    assert (await client.get("/api/accounts/nobody")).status_code == 404
    given = {"login": "spy", "name": "x", "roles": ["agent"], "tenant": "shop"}
    assert (await client.post("/api/accounts", json=given)).status_code == 403
    given = {"login": "spy", "name": "x", "roles": ["admin"]}
    assert (await client.post("/api/accounts", json=given)).status_code == 403
    assert [one["id"] for one in (await client.get("/api/accounts")).json()["accounts"]] == ["kelly"]
    await enter(client, "root")
    assert len((await client.get("/api/accounts")).json()["accounts"]) == 5
    assert len((await client.get("/api/accounts?tenant=shop")).json()["accounts"]) == 3


async def test_the_audit_log_is_for_auditors_and_of_their_company(client: httpx.AsyncClient) -> None:
    await enter(client)
    assert (await client.get("/api/audit")).status_code == 403
    await enter(client, "kelly")
    await enter(client, "ito")
    lines = (await client.get("/api/audit")).json()["lines"]
    assert {line["tenant"] for line in lines} == {"shop"}
    assert lines[0]["what"] == "signed_in"
    assert (await client.get("/api/audit?tenant=telecom")).status_code == 404
    assert (await client.get("/api/accounts")).status_code == 403
    await enter(client, "root")
    first = (await client.get("/api/audit?limit=3")).json()
    rest = (await client.get(f"/api/audit?limit=500&before={first['next_before']}")).json()
    assert [line["seq"] for line in first["lines"] + rest["lines"]] == list(range(9, 0, -1))
    assert rest["next_before"] is None


@pytest.mark.parametrize(
    ("wanted", "onward"),
    [
        ("/desk/floor?x=1", "/desk/floor?x=1"),
        ("//evil.test/", "/desk"),
        ("https://evil.test/", "/desk"),
        ("/\\evil.test", "/desk"),
        ("/a\\b", "/desk"),
        ("/login?next=/login", "/desk"),
        ("/x\r\nSet-Cookie: a=b", "/desk"),
        ("javascript:alert(1)", "/desk"),
        ("", "/desk"),
    ],
)
async def test_after_signing_in_one_stays_here(client: httpx.AsyncClient, wanted: str, onward: str) -> None:
    done = await client.post("/login", data={"login": "sato", "password": WORD, "next": wanted}, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, onward)
    assert (await client.get("/login", params={"next": wanted})).headers["location"] == onward


async def test_what_was_typed_cannot_become_markup(client: httpx.AsyncClient) -> None:
    typed = '"><script>alert(1)</script>'
    page = await client.post("/login", data={"login": typed, "password": "x", "next": '/"><script>'})
    assert page.status_code == 401
    assert "<script>alert" not in page.text
    assert '/"><script>' not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_ones_own_sessions(app: FastAPI, client: httpx.AsyncClient) -> None:
    async with browser(app, "198.51.100.9") as elsewhere:
        await enter(elsewhere)
        await enter(client)
        found = (await client.get("/api/sessions")).json()["sessions"]
        assert {one["address"]: one["current"] for one in found} == {"203.0.113.7": True, "198.51.100.9": False}
        other = next(one["id"] for one in found if not one["current"])
        assert (await client.delete(f"/api/sessions/{other}")).status_code == 204
        assert (await client.delete(f"/api/sessions/{other}")).status_code == 404
        assert (await elsewhere.get("/api/session")).status_code == 401


@pytest.mark.parametrize("path", ["/desk", "/desk/floor", "/login", "/api/session", "/oidc/start"])
async def test_the_console_is_framed_by_named_sites_alone(people: People, path: str) -> None:
    for named, wanted in (
        ((), "frame-ancestors 'self'"),
        (("https://crm.example",), "frame-ancestors 'self' https://crm.example"),
        (("*",), "frame-ancestors 'self'"),
    ):
        settings = WebSettings(origins=("*",), desk_origins=named)
        async with browser(create_app(replace(make_ports(settings), people=people))) as client:
            assert (await client.get(path)).headers["content-security-policy"].endswith(wanted)
            assert (await client.get("/chat/shop")).headers["content-security-policy"].endswith("frame-ancestors *")


async def test_pages_of_the_desk_lead_to_the_login_and_back(client: httpx.AsyncClient) -> None:
    away = await client.get("/desk/floor?team=front&x=%E5%8F%97%E4%BB%98")
    assert away.status_code == 303
    page = await client.get(away.headers["location"])
    assert page.status_code == 200
    wanted = {"login": "sato", "password": WORD, "next": parse_qs(urlsplit(away.headers["location"]).query)["next"][0]}
    done = await client.post("/login", data=wanted)
    assert done.headers["location"] == "/desk/floor?team=front&x=%E5%8F%97%E4%BB%98"


async def test_conversations_are_read_by_those_who_may(client: httpx.AsyncClient) -> None:
    await enter(client)
    assert (await client.get("/api/conversations/c1")).status_code == 403
    await enter(client, "ito")
    assert (await client.get("/api/conversations/c1")).json()["tenant"] == "shop"
    assert (await client.get("/api/conversations/t1")).status_code == 404
    await enter(client, "root")
    assert (await client.get("/api/conversations/t1")).json()["tenant"] == "telecom"
    await client.delete("/api/session")
    assert (await client.get("/api/conversations/c1")).status_code == 401


async def test_a_token_reads_what_its_role_may(people: People) -> None:
    class AgentsToken:
        async def check(self, token: str) -> Access:
            return Access(SHOP.tenant, "agent")

    app = create_app(replace(make_ports(), people=people, tokens=AgentsToken()))
    async with browser(app) as client:
        bearer = {"Authorization": "Bearer of-an-agent"}
        assert (await client.get("/api/conversations/c1", headers=bearer)).status_code == 403
        assert (await client.get("/api/audit", headers=bearer)).status_code == 403


@pytest.mark.parametrize(
    ("proxies", "address", "secure"), [("", "127.0.0.1", False), ("127.0.0.1", "203.0.113.50", True)]
)
async def test_the_clients_address_is_told_by_trusted_proxies_alone(
    people: People, proxies: str, address: str, secure: bool
) -> None:
    app = create_app(replace(make_ports(), people=people))
    config = server_config(app, "127.0.0.1", 0, log_level="error", proxies=proxies)
    config.load()
    transport = httpx.ASGITransport(config.loaded_app, client=("127.0.0.1", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        headers = {"X-Forwarded-For": "10.9.9.9, 203.0.113.50", "X-Forwarded-Proto": "https"}
        answer = await client.post("/api/session", json={"login": "sato", "password": WORD}, headers=headers)
        assert ("Secure" in answer.headers["set-cookie"].split("; ")) is secure
    assert [one.address for one in await people.sessions.list("sato")] == [address]
