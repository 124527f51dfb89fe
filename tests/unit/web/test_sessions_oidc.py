"""Signing in by an identity provider that really signs its tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from tests.support.provider import CLIENT, SECRET, Provider, provider
from tests.support.web import SHOP, make_ports
from voicebot.clock import SystemClock
from voicebot.errors import SettingsError
from voicebot.people import Passwords, People, Role, Wanted
from voicebot.settings import Settings
from voicebot.store import SqlStore
from voicebot.web.api import create_app
from voicebot.web.oidc import provider_of

ROLES = "groups:desk-agents=agent,groups:desk-leaders=leader"


@pytest.fixture
async def there() -> AsyncIterator[Provider]:
    async with provider() as running:
        running.person.claims["groups"] = ["desk-agents", "everybody"]
        yield running


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}", str)
    yield People.on(store, SystemClock(), passwords=Passwords(memory_kib=64, passes=1))
    await store.close()


def settings(issuer: str, **more: Any) -> Settings:
    given = {"oidc_client_id": CLIENT, "oidc_client_secret": SecretStr(SECRET), "oidc_roles": ROLES} | more
    return Settings(oidc_issuer=issuer, **({"oidc_tenant": "shop"} | given))


@pytest.fixture
def app(people: People, there: Provider) -> FastAPI:
    return create_app(replace(make_ports(), people=people, oidc=provider_of(settings(there.issuer))))


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        yield client


async def start(browser: httpx.AsyncClient, onward: str = "/desk/floor") -> str:
    answer = await browser.get("/oidc/start", params={"next": onward})
    assert answer.status_code == 303
    return answer.headers["location"]


async def signed_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/api/session")).status_code == 200


async def refused(browser: httpx.AsyncClient, back: str) -> None:
    answer = await browser.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?problem=outside")
    assert not await signed_in(browser)
    assert 'role="alert"' in (await browser.get("/login?problem=outside")).text


async def test_somebody_new_gets_the_roles_of_their_groups(
    browser: httpx.AsyncClient, there: Provider, people: People
) -> None:
    assert "/oidc/start?next=" in (await browser.get("/login")).text
    done = await browser.get(there.authorize(await start(browser)))
    assert (done.status_code, done.headers["location"]) == (303, "/desk/floor")
    person = (await browser.get("/api/session")).json()["person"]
    assert (person["login"], person["name"], person["tenant"], person["roles"]) == (
        "aoki",
        "青木 遥",
        "shop",
        ["agent"],
    )
    there.person.claims = {"preferred_username": "renamed", "groups": ["desk-leaders"]}
    await browser.get(there.authorize(await start(browser)))
    again = (await browser.get("/api/session")).json()["person"]
    assert (again["id"], again["login"], again["roles"]) == (person["id"], "aoki", ["leader"])
    told = [row.line.what for row in await people.audit.read(SHOP.tenant)]
    assert told == ["account_changed", "signed_in", "account_added", "signed_in"]


async def test_a_state_works_once(browser: httpx.AsyncClient, there: Provider) -> None:
    back = there.authorize(away := await start(browser))
    cookie = browser.cookies["voicebot_oidc"]
    await browser.get(back)
    browser.cookies.clear()
    browser.cookies.set("voicebot_oidc", cookie, domain="desk.test", path="/oidc/callback")
    await refused(browser, back)
    browser.cookies.set("voicebot_oidc", cookie, domain="desk.test", path="/oidc/callback")
    await refused(browser, there.authorize(away))


async def test_a_state_of_another_browser_signs_nobody_in(
    app: FastAPI, browser: httpx.AsyncClient, there: Provider
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as mallory:
        planted = there.authorize(await start(mallory))
    await refused(browser, planted)
    await start(browser)
    await refused(browser, planted)


async def test_a_code_works_once(browser: httpx.AsyncClient, there: Provider) -> None:
    used = parse_qs(urlsplit(there.authorize(await start(browser))).query)["code"][0]
    first = there.authorize(await start(browser))
    await browser.get(first)
    spent = parse_qs(urlsplit(first).query)["code"][0]
    await browser.delete("/api/session", headers={"X-CSRF-Token": (await browser.get("/api/session")).json()["csrf"]})
    for code in (spent, used):  # one redeemed before, one made for another sign-in: its PKCE challenge differs
        state = parse_qs(urlsplit(await start(browser)).query)["state"][0]
        await refused(browser, f"/oidc/callback?code={code}&state={state}")


@pytest.mark.parametrize(
    "twist",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"iss": "https://other.test"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"azp": "another-client"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"sub": None},
        {"iat": 4_000_000_000},
        {"preferred_username": None},
        {"groups": ["nobody"]},
    ],
    ids=str,
)
async def test_tokens_that_are_not_for_us_now_are_refused(
    browser: httpx.AsyncClient, there: Provider, twist: dict[str, Any]
) -> None:
    there.twist = twist
    await refused(browser, there.authorize(await start(browser)))
    there.twist = {}
    await browser.get(there.authorize(await start(browser)))
    assert await signed_in(browser)


async def test_tokens_signed_by_somebody_else_are_refused(browser: httpx.AsyncClient, there: Provider) -> None:
    there.signing = RSAKey.generate_key(2048, parameters={"kid": "k1"})
    await refused(browser, there.authorize(await start(browser)))
    there.signing = OctKey.import_key("x" * 64)  # type: ignore[assignment]
    there.header = {"alg": "HS256", "kid": "k1"}
    await refused(browser, there.authorize(await start(browser)))


async def test_new_keys_of_the_provider_are_fetched(browser: httpx.AsyncClient, there: Provider) -> None:
    await browser.get(there.authorize(await start(browser)))
    there.change_key("k2")
    browser.cookies.clear()
    await browser.get(there.authorize(await start(browser)))
    assert await signed_in(browser)


async def test_an_account_with_a_password_is_not_taken_over(
    browser: httpx.AsyncClient, there: Provider, people: People
) -> None:
    await people.accounts.add(
        Wanted("aoki", "n", SHOP.tenant, frozenset((Role.MANAGER,)), password="umi no mieru machi")
    )
    await refused(browser, there.authorize(await start(browser)))


async def test_an_account_made_beforehand_is_linked_and_can_be_disabled(
    browser: httpx.AsyncClient, there: Provider, people: People
) -> None:
    await people.accounts.add(Wanted("aoki", "n", SHOP.tenant, frozenset((Role.AGENT,)), id="S01"))
    await browser.get(there.authorize(await start(browser)))
    assert (await browser.get("/api/session")).json()["person"]["id"] == "S01"
    await people.accounts.change("S01", disabled=True)
    assert not await signed_in(browser)
    await refused(browser, there.authorize(await start(browser)))
    there.person.sub = "somebody else of the same name"
    await refused(browser, there.authorize(await start(browser)))


async def test_the_providers_no_and_its_silence_are_told(
    browser: httpx.AsyncClient, there: Provider, people: People
) -> None:
    state = parse_qs(urlsplit(await start(browser)).query)["state"][0]
    await refused(browser, f"/oidc/callback?error=access_denied&state={state}")
    silent = create_app(replace(make_ports(), people=people, oidc=provider_of(settings("http://127.0.0.1:9"))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(silent), base_url="http://desk.test") as client:
        await refused(client, "/oidc/start")


async def test_without_a_provider_there_is_no_such_door(people: People) -> None:
    assert provider_of(Settings()) is None
    app = create_app(replace(make_ports(), people=people))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        assert (await client.get("/oidc/start")).status_code == 404
        assert "/oidc/start" not in (await client.get("/login")).text


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"oidc_issuer": "http://idp.example"}, "ISSUER"),
        ({"oidc_client_id": ""}, "CLIENT_ID"),
        ({"oidc_roles": "groups=agent"}, "ROLES"),
        ({"oidc_roles": "groups:x=boss"}, "ROLES"),
        ({"oidc_tenant": "nobody"}, "TENANT"),
    ],
)
def test_settings_that_cannot_work_are_told(wrong: dict[str, str], named: str) -> None:
    given = {"oidc_issuer": "https://idp.example"} | wrong
    with pytest.raises(SettingsError, match=f"VOICEBOT_OIDC_{named}"):
        provider_of(settings(given.pop("oidc_issuer"), **given))


def test_the_company_may_come_from_a_claim() -> None:
    made = provider_of(settings("https://idp.example", oidc_tenant="claim:company"))
    assert made is not None
    assert made.rules.tenant_of({"company": "telecom"}) == "telecom"
    assert made.rules.tenant_of({"company": "elsewhere"}) is None
    assert made.rules.tenant_of({"company": ["shop", "telecom"]}) is None
