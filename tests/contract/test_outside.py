"""Customers, notices, messages and links on both databases."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from sqlalchemy import text

from voicebot.crm import CustomerRecord, EmbeddedCrm, HttpCrm, Interaction
from voicebot.domain import ConversationId, TenantId
from voicebot.errors import BackendError, Forbidden, NotFound, SettingsError
from voicebot.messages import FileGateway, HttpSmsGateway, Links, Message, MessageOutbox, WebhookGateway
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.webhooks import HEADER, Webhooks, check, sign

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SHOP, TELECOM = TenantId("shop"), TenantId("telecom")
TALK = ConversationId("c-1")
SECRET = "a-secret-of-the-crm-and-us"


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    else:
        url = str(request.getfixturevalue("postgres_url"))
    opened = await SqlStore.open(url, lambda words: words)
    async with opened.writing() as connection:
        for table in ("deliveries", "webhooks", "messages", "links", "interactions", "customers"):
            await connection.execute(text(f"DELETE FROM {table}"))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


class Receiver:
    """Another system: keeps what it got and answers as told."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.got = list(statuses), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 0:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(status, json={})

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))


# --- customers --------------------------------------------------------------------------------------------------------


def crm(store: SqlStore, clock: VirtualClock) -> EmbeddedCrm:
    return EmbeddedCrm(store, clock, {SHOP: "JP", TELECOM: "GB"})


@pytest.mark.parametrize("written", ["090-1234-5678", "09012345678", "+819012345678"])
async def test_a_customer_is_found_however_the_number_is_written(
    store: SqlStore, clock: VirtualClock, written: str
) -> None:
    records = crm(store, clock)
    await records.put(CustomerRecord(SHOP, "3001", "大河内 勝", "09012345678", vip=True))
    found = await records.find(SHOP, written)
    assert found is not None and (found.id, found.name, found.vip) == ("3001", "大河内 勝", True)
    assert await records.find(TELECOM, written) is None, "another company's customers are not found"


async def test_a_shared_number_finds_nobody(store: SqlStore, clock: VirtualClock) -> None:
    records = crm(store, clock)
    for name in ("1", "2"):
        await records.put(CustomerRecord(SHOP, name, name, "0312345678"))
    assert await records.find(SHOP, "0312345678") is None
    assert (await records.read(SHOP, "2")) is not None and await records.find(SHOP, "not a number") is None


async def test_history_by_customer_or_by_number_latest_first_and_only_of_the_company(
    store: SqlStore, clock: VirtualClock
) -> None:
    records = crm(store, clock)
    for number in range(7):
        await records.append(
            Interaction(SHOP, ConversationId(f"c-{number}"), AT + timedelta(days=number), "voice", f"{number}",
                        customer="3001" if number % 2 else None, number="09012345678")
        )  # fmt: skip
    await records.append(Interaction(TELECOM, ConversationId("t-1"), AT, "voice", "other", number="09012345678"))
    past = await records.history(SHOP, customer="3001", number="+819012345678")
    assert [one.summary for one in past] == ["6", "5", "4", "3", "2"]
    assert [one.summary for one in await records.history(SHOP, customer="3001", number=None)] == ["5", "3", "1"]
    assert await records.history(SHOP, customer=None, number=None) == ()


async def test_the_same_conversation_is_one_interaction_and_the_number_is_not_kept(
    store: SqlStore, clock: VirtualClock
) -> None:
    records = crm(store, clock)
    first = Interaction(SHOP, TALK, AT, "voice", "open", number="09012345678")
    await records.append(first)
    await records.append(Interaction(SHOP, TALK, AT, "voice", "done", number="09012345678", resolved=True))
    past = await records.history(SHOP, customer=None, number="09012345678")
    assert [(one.summary, one.resolved) for one in past] == [("done", True)]
    async with store.reading() as connection:
        kept = (await connection.execute(text("SELECT number FROM interactions"))).scalar_one()
    assert "9012345678" not in kept


async def test_records_on_another_server(clock: VirtualClock) -> None:
    asked: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        check(SECRET, request.content, request.headers.get(HEADER), clock.now())
        match request.method, request.url.path:
            case "GET", "/v1/customers":
                return httpx.Response(200, json={"id": "3001", "name": "Emma", "extra": 1})
            case "GET", "/v1/customers/gone":
                return httpx.Response(404)
            case "GET", "/v1/interactions":
                row = {"conversation": "c-9", "at": AT.isoformat(), "channel": "voice", "summary": "lost parcel"}
                return httpx.Response(200, json=[row])
            case "PUT", "/v1/interactions/c-1":
                return httpx.Response(204)
            case _:
                return httpx.Response(200, json={"no": "id"})

    far = HttpCrm("http://crm.test/v1", SECRET, clock, httpx.AsyncClient(transport=httpx.MockTransport(server)))
    found = await far.find(SHOP, "+819012345678")
    assert found is not None and found.name == "Emma" and await far.read(SHOP, "gone") is None
    assert (await far.history(SHOP, customer="3001", number=None))[0].summary == "lost parcel"
    await far.append(Interaction(SHOP, TALK, AT, "voice", "done"))
    assert json.loads(asked[-1].content)["summary"] == "done"
    with pytest.raises(BackendError, match="wrong at id"):
        await far.read(SHOP, "odd")
    down = HttpCrm("http://crm.test", SECRET, clock, Receiver(0).client())
    with pytest.raises(BackendError, match="cannot be reached"):
        await down.find(SHOP, "+819012345678")


# --- notices ----------------------------------------------------------------------------------------------------------


async def test_a_notice_is_signed_and_sent_once(store: SqlStore, clock: VirtualClock) -> None:
    receiver = Receiver(200)
    hooks = Webhooks(store, clock, receiver.client())
    await hooks.add(SHOP, "https://crm.test/hook", SECRET, ["contact.closed"])
    await hooks.add(TELECOM, "https://other.test/hook", SECRET)
    assert await hooks.emit(SHOP, "contact.closed", {"contact": "ho-1"}, key="ho-1:5") == 1
    assert await hooks.emit(SHOP, "contact.closed", {"contact": "ho-1"}, key="ho-1:5") == 0, "written down already"
    assert await hooks.emit(SHOP, "contact.offered", {"contact": "ho-1"}, key="ho-1:6") == 0, "not subscribed"
    await hooks.send_due()
    await hooks.send_due()
    (request,) = receiver.got
    assert request.url.host == "crm.test" and request.headers["X-Voicebot-Kind"] == "contact.closed"
    check(SECRET, request.content, request.headers[HEADER], clock.now())
    assert json.loads(request.content)["data"] == {"contact": "ho-1"}


async def test_a_notice_is_tried_again_until_it_is_dead_and_can_be_revived(
    store: SqlStore, clock: VirtualClock
) -> None:
    receiver = Receiver(500)
    hooks = Webhooks(store, clock, receiver.client())
    await hooks.add(SHOP, "https://crm.test/hook", SECRET)
    await hooks.emit(SHOP, "contact.closed", {}, key="ho-1")
    for _ in range(30):
        await hooks.send_due()
        await clock.advance(14_400)
    assert len(receiver.got) == 9, "the first try and one after each wait"
    (dead,) = await hooks.dead(SHOP)
    assert dead.answer == "500" and dead.attempts == 9 and await hooks.dead(TELECOM) == ()
    with pytest.raises(NotFound):
        await hooks.again(TELECOM, dead.id)
    receiver.statuses = [204]
    await hooks.again(SHOP, dead.id)
    await hooks.send_due()
    assert len(receiver.got) == 10 and await hooks.dead(SHOP) == () and await hooks.pending(SHOP) == ()


async def test_an_address_that_is_away_does_not_stop_the_others(store: SqlStore, clock: VirtualClock) -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if request.url.host == "away.test":
            raise httpx.ConnectTimeout("slow")
        return httpx.Response(200)

    hooks = Webhooks(store, clock, httpx.AsyncClient(transport=httpx.MockTransport(server)))
    await hooks.add(SHOP, "https://away.test/", SECRET)
    await hooks.add(SHOP, "https://here.test/", SECRET)
    await hooks.emit(SHOP, "contact.closed", {}, key="k")
    await hooks.send_due()
    (waiting,) = await hooks.pending(SHOP)
    assert waiting.answer == "ConnectTimeout" and waiting.next_at == clock.now() + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("url", "secret", "kinds"),
    [("ftp://x/", SECRET, []), ("https://x/", "short", []), ("https://x/", SECRET, ["nothing"]), ("x", SECRET, [])],
)
async def test_a_webhook_that_cannot_work_is_refused(
    store: SqlStore, clock: VirtualClock, url: str, secret: str, kinds: list[str]
) -> None:
    with pytest.raises(SettingsError):
        await Webhooks(store, clock, Receiver(200).client()).add(SHOP, url, secret, kinds)


def test_a_forged_changed_or_old_notice_is_refused(clock: VirtualClock) -> None:
    body = b'{"id": 1}'
    good = sign(SECRET, body, clock.now())
    check(SECRET, body, good, clock.now())
    refused: list[tuple[str, bytes, str | None, datetime]] = [
        ("another-secret-of-16", body, good, AT),
        (SECRET, body + b" ", good, AT),
        (SECRET, body, None, AT),
        (SECRET, body, "t=,v1=", AT),
        (SECRET, body, good.replace("t=", "t=9"), AT),
        (SECRET, body, "t=abc,v1=é", AT),
        (SECRET, body, good, AT + timedelta(seconds=301)),
        (SECRET, body, good, AT - timedelta(seconds=301)),
    ]
    for secret, sent, header, now in refused:
        with pytest.raises(Forbidden):
            check(secret, sent, header, now)


# --- messages ---------------------------------------------------------------------------------------------------------


async def test_a_message_goes_to_the_file_and_is_then_forgotten(
    store: SqlStore, clock: VirtualClock, tmp_path: Path
) -> None:
    outbox = MessageOutbox(store, FileGateway(tmp_path / "out" / "messages.jsonl"), clock)
    await outbox.put(SHOP, TALK, "resume", "+819012345678", "続きはこちら https://x/c/abc")
    assert await outbox.send_due() == 1 and await outbox.send_due() == 0
    file = tmp_path / "out" / "messages.jsonl"
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["to"] == "+819012345678" and file.stat().st_mode & 0o077 == 0
    async with store.reading() as connection:
        kept = (await connection.execute(text("SELECT number, text, state FROM messages"))).one()
    assert tuple(kept) == ("", "", "sent")


async def test_a_gateway_that_fails_is_tried_again_and_then_given_up(store: SqlStore, clock: VirtualClock) -> None:
    receiver = Receiver(0)
    outbox = MessageOutbox(store, WebhookGateway("https://sms.test/", SECRET, clock, receiver.client()), clock)
    await outbox.put(SHOP, TALK, "resume", "+819012345678", "words")
    for _ in range(10):
        await outbox.send_due()
        await clock.advance(600)
    async with store.reading() as connection:
        kept = (await connection.execute(text("SELECT number, text, state, attempts FROM messages"))).one()
    assert tuple(kept) == ("", "", "dead", 5) and len(receiver.got) == 5


async def test_gateways_speak_their_protocols(clock: VirtualClock) -> None:
    message = Message("m-1", SHOP, "+819012345678", "words", AT)
    receiver = Receiver(201)
    await HttpSmsGateway("https://sms.test/Messages.json", "AC1", "token", "+8150", receiver.client()).send(message)
    form: dict[str, Any] = parse_qs(receiver.got[0].content.decode())
    assert form == {"To": ["+819012345678"], "From": ["+8150"], "Body": ["words"]}
    assert receiver.got[0].headers["Authorization"].startswith("Basic ")
    await WebhookGateway("https://sms.test/", SECRET, clock, receiver.client()).send(message)
    check(SECRET, receiver.got[1].content, receiver.got[1].headers[HEADER], clock.now())
    with pytest.raises(BackendError, match="503"):
        await WebhookGateway("https://sms.test/", SECRET, clock, Receiver(503).client()).send(message)


# --- links ------------------------------------------------------------------------------------------------------------


async def test_a_link_opens_once(store: SqlStore, clock: VirtualClock) -> None:
    links = Links(store, clock)
    secret = await links.issue(SHOP, TALK, "resume")
    opened = await links.open(secret, "resume")
    assert (opened.tenant, opened.conversation, opened.fresh) == (SHOP, TALK, True)
    for again in (secret, secret + "x", "", "\ud800"):
        with pytest.raises(Forbidden):
            await links.open(again, "resume")


async def test_a_link_grows_stale_and_then_expires(store: SqlStore, clock: VirtualClock) -> None:
    links = Links(store, clock)
    first = await links.issue(SHOP, TALK, "resume")
    second = await links.issue(SHOP, TALK, "resume")
    with pytest.raises(Forbidden):
        await links.open(first, "resume")
    with pytest.raises(Forbidden):
        await links.open(second, "other kind")
    await clock.advance(31 * 60)
    assert not (await links.open(second, "resume")).fresh
    third = await links.issue(SHOP, TALK, "resume")
    await clock.advance(24 * 3600)
    with pytest.raises(Forbidden):
        await links.open(third, "resume")
    async with store.reading() as connection:
        digests = (await connection.execute(text("SELECT digest FROM links"))).scalars().all()
    assert third not in digests
