"""Other people's desks: an ACD by webhook, an inbox, a PBX queue; on both databases."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from voicebot.desk.outside import AcdRemote, InboxRemote, Moved, OutsideDesk, PbxQueueRemote, inbox_news
from voicebot.desk.outside.inbox import InboxWords
from voicebot.domain import (
    JA,
    AgentSaid,
    CallbackWish,
    Channel,
    ConversationId,
    DeskAnswer,
    DeskNews,
    HandoffId,
    HandoffReason,
    HandoffRequest,
    HandoffRequested,
    Heard,
    NewsKind,
    Owner,
    Source,
    TenantId,
    UtteranceId,
    Wait,
)
from voicebot.errors import BackendError, NotFound
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.webhooks import HEADER, check

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SHOP = TenantId("shop")
SECRET = "a-secret-of-the-acd-and-us"
HEAD = {
    "headline": {"who": "大河内 勝さま", "why": "返金", "alerts": ["angry"]},
    "customer": {"display_name": "大河内 勝"},
}
_numbers = itertools.count()


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    else:
        url = str(request.getfixturevalue("postgres_url"))
    opened = await SqlStore.open(url, lambda words: words)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


class Acd:
    """Another maker's ACD: checks signatures, keeps what it got, answers as told."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock, self.got = clock, list[tuple[str, str, Any]]()
        self.answer: Any = {"answer": "queued", "position": 2, "wait": [1, 3]}
        self.status = 200
        self.words = asyncio.Event()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        check(SECRET, request.content, request.headers.get(HEADER), self.clock.now())
        self.got.append((request.method, request.url.path, json.loads(request.content)))
        if request.url.path.endswith("/messages"):
            self.words.set()
        return httpx.Response(self.status, json=self.answer)


async def packet(wish: HandoffRequest) -> Mapping[str, Any]:
    return HEAD


def acd_desk(store: SqlStore, clock: VirtualClock) -> tuple[OutsideDesk, Acd]:
    acd = Acd(clock)
    client = httpx.AsyncClient(transport=httpx.MockTransport(acd))
    return OutsideDesk(store, AcdRemote("https://acd.test/v1/", SECRET, clock, client), packet, clock), acd


async def wish(store: SqlStore, channel: Channel = Channel.WEB_CHAT) -> HandoffRequest:
    name = ConversationId(f"c-out{next(_numbers)}-{id(store)}")
    await store.open_conversation(name, SHOP, channel, JA, "/chat/shop", AT)
    return HandoffRequest(
        HandoffId(f"ho-{name}-1"), SHOP, name, channel, JA, ("returns",), 2, 4, HandoffReason.CUSTOMER_ASKED,
        caller_number="09012345678",
    )  # fmt: skip


async def take(news: AsyncIterator[DeskNews]) -> DeskNews:
    return await asyncio.wait_for(anext(news), 10)


async def test_a_contact_goes_over_with_its_packet_and_without_the_number(store: SqlStore, clock: VirtualClock) -> None:
    desk, acd = acd_desk(store, clock)
    asked = await wish(store)
    reply = await desk.request(asked)
    assert (reply.answer, reply.contact, reply.position, reply.wait) == (
        DeskAnswer.QUEUED, asked.handoff_id, 2, Wait(1, 3)
    )  # fmt: skip
    assert (await store.conversation(asked.conversation)).owner is Owner.QUEUE
    method, path, body = acd.got[0]
    assert (method, path, body["packet"]) == ("POST", "/v1/handoffs", HEAD) and "09012345678" not in json.dumps(body)
    assert (await desk.request(asked)).contact == asked.handoff_id, "asking again is the same contact"
    assert await desk.open_contact(asked.conversation) == asked.handoff_id


async def test_an_outside_agent_takes_over_talks_and_ends(store: SqlStore, clock: VirtualClock) -> None:
    desk, acd = acd_desk(store, clock)
    asked = await wish(store)
    await desk.request(asked)
    acd.answer = {}
    async with aclosing(cast(Any, desk.follow(asked.handoff_id))) as news:
        assert (await take(news)).kind is NewsKind.WAITING
        assert await desk.moved(asked.handoff_id, Moved("r1", "accepted", "77", "佐伯"))
        assert not await desk.moved(asked.handoff_id, Moved("r1", "accepted", "77", "佐伯")), "a report comes twice"
        taken = await take(news)
        assert (taken.kind, taken.agent, taken.agent_name) == (NewsKind.TAKEN, "77", "佐伯")
        assert (await store.conversation(asked.conversation)).owner is Owner.AGENT
        heard = Heard(utterance=UtteranceId("u1"), text="まだですか", language=JA, source=Source.TEXT)
        await store.append(asked.conversation, [heard], clock.now())
        await asyncio.wait_for(acd.words.wait(), 10)
        assert acd.got[-1][2] == {"id": "u1", "text": "まだですか", "language": "ja"}
        assert await desk.said(asked.handoff_id, "m1", "77", "佐伯", "確認します", JA)
        assert not await desk.said(asked.handoff_id, "m1", "77", "佐伯", "確認します", JA)
        assert await desk.said(asked.handoff_id, "m1b", "77", "佐伯", "お待ちください")
        assert await desk.moved(asked.handoff_id, Moved("r2", "closed", "77", "佐伯"))
        assert (await take(news)).kind is NewsKind.OVER
    said = [one.event for one in await store.events(asked.conversation) if isinstance(one.event, AgentSaid)]
    assert [(one.text, one.language) for one in said] == [("確認します", JA), ("お待ちください", JA)]
    assert not await desk.moved(asked.handoff_id, Moved("r3", "lost")) and not await desk.cancel(asked.handoff_id, "x")
    with pytest.raises(NotFound):
        await desk.said(asked.handoff_id, "m2", "77", "佐伯", "late", JA)
    await desk.close()


async def test_returned_to_the_bot_and_a_desk_in_another_process(store: SqlStore, clock: VirtualClock) -> None:
    desk, acd = acd_desk(store, clock)
    other, _ = acd_desk(store, clock)
    asked = await wish(store)
    await desk.request(asked)
    acd.answer = {}
    await other.moved(asked.handoff_id, Moved("r1", "accepted", "77", "佐伯"))
    assert (await desk.standing(asked.handoff_id)).kind is NewsKind.TAKEN
    await desk.moved(asked.handoff_id, Moved("r2", "returned", "77"))
    assert (await store.conversation(asked.conversation)).owner is Owner.BOT
    assert await desk.open_contact(asked.conversation) is None
    await desk.close()
    await other.close()


async def test_the_customer_leaves_and_a_callback_is_booked(store: SqlStore, clock: VirtualClock) -> None:
    desk, acd = acd_desk(store, clock)
    first, second = await wish(store), await wish(store)
    await desk.request(first)
    await desk.request(second)
    assert await desk.cancel(first.handoff_id, "customer left") and acd.got[-1][0] == "DELETE"
    acd.answer = {"reference": "T-5521", "from": AT.isoformat(), "to": None}
    booked = await desk.keep_place(CallbackWish(second.handoff_id, SHOP, second.conversation, JA, "09012345678"))
    assert booked.reference == "T-5521" and booked.from_at == AT
    assert (await desk.standing(second.handoff_id)).kind is NewsKind.CALLBACK


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, {}), (200, []), (200, {"answer": "perhaps"}), (200, {"answer": "queued", "wait": [1]}), (200, {})],
)
async def test_a_desk_that_is_away_or_talks_nonsense_leaves_the_bot_in_charge(
    store: SqlStore, clock: VirtualClock, status: int, answer: Any
) -> None:
    desk, acd = acd_desk(store, clock)
    acd.status, acd.answer = status, answer
    asked = await wish(store)
    with pytest.raises(BackendError):
        await desk.request(asked)
    assert (await store.conversation(asked.conversation)).owner is Owner.BOT
    assert await store.events(asked.conversation) == ()


@pytest.mark.parametrize("name", ["", "ho-", "nothing", "ho-c-unknown-1", "ho-1"])
async def test_an_unknown_contact_is_not_found(store: SqlStore, clock: VirtualClock, name: str) -> None:
    desk, _ = acd_desk(store, clock)
    with pytest.raises(NotFound):
        await desk.moved(HandoffId(name), Moved("r", "accepted"))
    with pytest.raises(NotFound):
        await desk.standing(HandoffId(name))


async def test_calls_go_to_the_pbx_queue_of_the_skill(store: SqlStore, clock: VirtualClock) -> None:
    desk = OutsideDesk(store, PbxQueueRemote("sip:all@pbx", {"returns": "sip:returns@pbx"}), packet, clock)
    reply = await desk.request(await wish(store, Channel.VOICE))
    assert (reply.answer, reply.queue) == (DeskAnswer.ELSEWHERE, "sip:returns@pbx")
    assert (await desk.request(await wish(store))).answer is DeskAnswer.RECORDED


async def test_a_chat_becomes_a_conversation_of_the_inbox(store: SqlStore, clock: VirtualClock) -> None:
    got: list[tuple[str, str, Any, str]] = []

    def inbox(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        got.append((request.method, request.url.path, body, request.headers.get("api_access_token", "")))
        if request.url.path.endswith("/contacts"):
            return httpx.Response(200, json={"source_id": "src-1"})
        return httpx.Response(200, json={"id": 41})

    client = httpx.AsyncClient(transport=httpx.MockTransport(inbox))
    desk = OutsideDesk(store, InboxRemote("https://inbox.test", "ib", "7", "token", client), packet, clock)
    asked = await wish(store)
    assert (await desk.request(asked)).answer is DeskAnswer.QUEUED
    paths = [path for _, path, _, _ in got]
    assert paths == [
        "/public/api/v1/inboxes/ib/contacts",
        "/public/api/v1/inboxes/ib/contacts/src-1/conversations",
        "/api/v1/accounts/7/conversations/41/messages",
        "/api/v1/accounts/7/conversations/41/toggle_status",
    ]
    assert got[2][2]["private"] is True and "返金" in got[2][2]["content"] and got[2][3] == "token"
    marks = {"id": 41, "custom_attributes": {"handoff_id": asked.handoff_id}}
    hook = {
        "event": "message_created", "id": 9, "message_type": "outgoing", "content": "承ります",
        "sender": {"id": 5, "name": "佐伯"}, "conversation": marks,
    }  # fmt: skip
    taken, words = inbox_news(hook)
    assert isinstance(taken, tuple) and isinstance(words, InboxWords) and words.text == "承ります"
    assert await desk.moved(*taken)
    assert inbox_news(hook | {"private": True}) == [] and inbox_news({"event": "message_created"}) == []
    assert inbox_news(hook | {"message_type": "incoming"}) == []
    (closed,) = inbox_news({"event": "conversation_status_changed", "status": "resolved", **marks})
    assert isinstance(closed, tuple) and await desk.moved(*closed)
    assert (await desk.standing(asked.handoff_id)).kind is NewsKind.OVER
    await desk.close()


async def test_a_contact_that_was_handed_over_is_found_as_it_was_asked_for(
    store: SqlStore, clock: VirtualClock
) -> None:
    desk = OutsideDesk(store, PbxQueueRemote("sip:queue@pbx"), packet, clock)
    asked = await wish(store, Channel.VOICE)
    with pytest.raises(NotFound):
        await desk.contact(asked.handoff_id)
    for skills, reason in ((("orders",), HandoffReason.NO_MATCH), (asked.skills, asked.reason)):
        event = HandoffRequested(skills=skills, min_level=2, priority=4, reason=reason)
        await store.append(asked.conversation, [event], clock.now())
    await desk.request(asked)
    found = await desk.contact(asked.handoff_id)
    assert (found.id, found.tenant, found.conversation) == (asked.handoff_id, SHOP, asked.conversation)
    assert (found.channel, found.language, found.priority) == (Channel.VOICE, JA, 4)
    assert found.required == {"returns": 2, "lang:ja": 3}
    assert found.reason is HandoffReason.CUSTOMER_ASKED and found.enqueued_at == clock.now()
    for other in (f"ho-{asked.conversation}-2", "ho-nobody-1", "nonsense"):
        with pytest.raises(NotFound):
            await desk.contact(HandoffId(other))
