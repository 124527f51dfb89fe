"""Links by short message: how they are worded and limited, where they go, the page behind them, and their end."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.support.talk import lamps
from tests.support.web import make_ports
from voicebot.conversation.continuing import Continuing
from voicebot.conversation.services import Services
from voicebot.domain import (
    EN,
    JA,
    Channel,
    ConversationId,
    Disposition,
    Ended,
    Language,
    LinkSent,
    Owner,
    TenantId,
    Texts,
)
from voicebot.errors import BackendError, SettingsError
from voicebot.messages import FileGateway, HttpSmsGateway, Links, MessageOutbox, WebhookGateway
from voicebot.settings import Settings
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.web.api import create_app
from voicebot.web.chat_links import ChatLinkSender, gateway_of, outbox_file, public_address, unheard
from voicebot.web.continuing import ContinueDoor
from voicebot.web.ports import Company

LAMPS = TenantId("lamps")
TALK = ConversationId("c-1")
MOBILE = "+447700900123"
SHOWN = Company(LAMPS, {EN: "Lamps", JA: "あかり"}, (EN, JA), EN, {EN: "01632 960000"})


class OpenTokens:
    def issue(self, conversation: ConversationId, tenant: TenantId) -> str:
        return f"token-of-{conversation}"


class World:
    """A store with one call in it, the sender, and the pages."""

    def __init__(self, store: SqlStore, folder: Path) -> None:
        self.store, self.clock, self.file = store, VirtualClock(), folder / "out" / "messages.jsonl"
        self.links = Links(store, self.clock)
        self.outbox = MessageOutbox(store, FileGateway(self.file, emptied=True), self.clock)
        self.sender = ChatLinkSender(
            store, self.clock, self.links, self.outbox, {LAMPS: lamps()}, "https://desk.example/"
        )

    async def call(self, language: Language = EN) -> None:
        now = self.clock.now()
        await self.store.open_conversation(TALK, LAMPS, Channel.VOICE, language, "lamps-en", now)
        await self.store.append(TALK, [Ended(disposition=Disposition.ABANDONED_IN_FLOW, by="system")], now)

    async def texted(self) -> list[dict[str, Any]]:
        await self.outbox.send_due()
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    async def link(self, language: Language = EN) -> str:
        await self.sender.send(TALK, MOBILE, language)
        found = re.search(r"https://desk\.example(/c/[\w-]{22})(?![\w-])", (await self.texted())[-1]["text"])
        assert found is not None
        return found[1]

    def browser(self) -> httpx.AsyncClient:
        services = Services.__new__(Services)
        object.__setattr__(services, "store", self.store)
        object.__setattr__(services, "clock", self.clock)
        object.__setattr__(services, "desk", None)
        door = ContinueDoor(self.store, self.links, Continuing(services), OpenTokens())
        app = create_app(replace(make_ports(), companies=(SHOWN,), links=door))
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://desk.example", headers={"Accept-Language": "en"}
        )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}", str)
    yield World(store, tmp_path)
    await store.close()


@pytest.mark.parametrize(("language", "words"), [(EN, "go on with your enquiry"), (JA, "続きをチャットで")])
async def test_the_message_names_the_company_and_goes_to_the_caller(
    world: World, language: Language, words: str
) -> None:
    await world.call(language)
    await world.link(language)
    (message,) = await world.texted()
    assert message["to"] == MOBILE and words in message["text"]
    assert lamps().tenant.brand_in(language) in message["text"]
    log = [item.event for item in await world.store.events(TALK)]
    assert [event for event in log if isinstance(event, LinkSent)] == [LinkSent(kind="resume", channel="sms")]
    assert MOBILE not in repr(log) and "/c/" not in repr(log)


async def test_three_links_and_no_more(world: World) -> None:
    await world.call()
    for _ in range(3):
        await world.sender.send(TALK, MOBILE, EN)
    with pytest.raises(BackendError, match="3 links"):
        await world.sender.send(TALK, MOBILE, EN)
    assert len(await world.texted()) == 3


async def test_what_is_no_number_gets_nothing(world: World) -> None:
    await world.call()
    with pytest.raises(BackendError):
        await world.sender.send(TALK, "caller", EN)
    country = lamps().tenant.country
    assert country == "GB"
    assert world.sender.texts(LAMPS, "07700 900123") is Texts.ARRIVE
    assert world.sender.texts(LAMPS, "020 7946 0000") is Texts.LANDLINE
    assert world.sender.texts(LAMPS, "+81312345678") is Texts.LANDLINE
    for number in (None, "caller", "204", "anonymous"):
        assert world.sender.texts(LAMPS, number) is Texts.NONE


async def test_where_messages_reach_nobody_no_number_gets_any(world: World) -> None:
    outbox = MessageOutbox(world.store, FileGateway(world.file), world.clock)
    sender = ChatLinkSender(world.store, world.clock, world.links, outbox, {LAMPS: lamps()}, "https://desk.example/")
    assert sender.texts(LAMPS, "07700 900123") is Texts.OFF
    assert sender.texts(LAMPS, None) is Texts.OFF


async def test_looking_uses_nothing_up_and_the_button_does(world: World) -> None:
    await world.call()
    link = await world.link()
    async with world.browser() as browser:
        for _ in range(3):
            seen = await browser.get(link)
            assert seen.status_code == 200 and "Go on by chat" in seen.text
            assert seen.headers["referrer-policy"] == "no-referrer" and seen.headers["cache-control"] == "no-store"
            assert "noindex" in seen.headers["x-robots-tag"] and 'content="noindex' in seen.text
            assert "A2048" not in seen.text and MOBILE not in seen.text
        entered = await browser.post(link)
        assert entered.status_code == 303
        assert entered.headers["location"] == "/chat/lamps?lang=en#resume=token-of-c-1"
        assert entered.headers["referrer-policy"] == "no-referrer"
        row = await world.store.conversation(TALK)
        assert (row.channel, row.ended_at) == (Channel.WEB_CHAT, None)
        for again in (await browser.get(link), await browser.post(link)):
            assert again.status_code == 410
            assert "This link cannot be used any more" in again.text
            assert 'href="/chat/lamps?lang=ja"' in again.text or 'href="/chat/lamps?lang=en"' in again.text
            assert "01632 960000" in again.text


async def test_a_newer_link_makes_the_older_one_void(world: World) -> None:
    await world.call()
    old, new = await world.link(), await world.link()
    async with world.browser() as browser:
        assert (await browser.post(old)).status_code == 410
        assert (await browser.post(new)).status_code == 303


async def test_a_link_ends_after_a_day_and_forged_ones_never_work(world: World) -> None:
    await world.call(JA)
    link = await world.link(JA)
    async with world.browser() as browser:
        assert "チャットで続ける" in (await browser.get(link)).text
        await world.clock.advance(timedelta(hours=24, seconds=1).total_seconds())
        for address in (link, "/c/AAAAAAAAAAAAAAAAAAAAAA", "/c/%F0%9F%98%80", "/c/'%22%3E%3Cscript%3E"):
            for answer in (await browser.get(address), await browser.post(address)):
                assert answer.status_code == 410
                assert "<script>" not in answer.text
        in_japanese = await browser.get(f"{link}?lang=ja")
        assert "このリンクはご利用いただけません" in in_japanese.text
    row = await world.store.conversation(TALK)
    assert row.channel is Channel.VOICE and row.ended_at is not None


async def test_while_a_person_talks_to_the_customer_the_link_is_kept(world: World) -> None:
    now = world.clock.now()
    await world.store.open_conversation(TALK, LAMPS, Channel.VOICE, EN, "lamps-en", now)
    await world.store.change_owner(TALK, Owner.BOT, Owner.AGENT)
    link = await world.link()
    async with world.browser() as browser:
        refused = await browser.post(link)
        assert refused.status_code == 409 and "on the phone" in refused.text
        await world.store.append(TALK, [Ended(disposition=Disposition.HANDLED_BY_AGENT, by="customer")], now)
        assert (await browser.post(link)).status_code == 303


def test_where_messages_go_is_a_setting(tmp_path: Path) -> None:
    def settings(**more: Any) -> Settings:
        return Settings(data=tmp_path, **more)

    clock = VirtualClock()
    for nobody in ("", "out/sms.jsonl"):
        gateway = gateway_of(settings(messages=nobody), clock)
        assert isinstance(gateway, FileGateway) and not gateway.delivers
        told = unheard(settings(messages=nobody), clock)
        assert "VOICEBOT_MESSAGES" in told and (nobody or "messages.jsonl") in told
    spool = settings(messages="spool:out/sms.jsonl")
    assert isinstance(gateway_of(spool, clock), FileGateway) and gateway_of(spool, clock).delivers
    assert outbox_file(spool) == Path("out/sms.jsonl") and unheard(spool, clock) == ""
    secret = SecretStr("a secret of the two of us")
    hook = gateway_of(settings(messages="https://crm.example/sms", messages_secret=secret), clock)
    assert isinstance(hook, WebhookGateway)
    sms = {"messages": "sms+https://sms.example/Messages", "messages_account": "AC1", "messages_sender": "LAMPS"}
    assert isinstance(gateway_of(settings(messages_secret=secret, **sms), clock), HttpSmsGateway)
    assert unheard(settings(messages_secret=secret, **sms), clock) == ""
    for wrong in ({"messages": "https://crm.example/sms"}, sms, {"messages": "ftp://x/y"}):
        with pytest.raises(SettingsError, match="VOICEBOT_MESSAGES"):
            gateway_of(settings(**wrong), clock)
    assert public_address(settings(http="127.0.0.1:8123")) == "http://127.0.0.1:8123"
    assert public_address(settings(public_url="https://desk.example.com/")) == "https://desk.example.com"
    with pytest.raises(ValueError, match="address"):
        settings(public_url="desk.example.com")
