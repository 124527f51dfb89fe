"""What is over goes into the history and to other systems, once, whoever looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.unit.desk.test_packet import COMPANY, REFUND
from voicebot.crm import EmbeddedCrm, HttpCrm
from voicebot.domain import (
    EN,
    JA,
    AgentSaid,
    CallbackTried,
    Channel,
    ContactChanged,
    ConversationId,
    Disposition,
    Ended,
    Event,
    Source,
    Started,
    TenantId,
    UtteranceId,
    WrappedUp,
)
from voicebot.errors import BackendError
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.web.keeping import Keeping
from voicebot.web.notices import Notices
from voicebot.webhooks import Webhooks

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SHOP = TenantId("shop")
TALK = ConversationId("c-88")
TABLES = (
    "deliveries", "webhooks", "interactions", "seen_keys", "states", "events", "contacts", "conversations"
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    else:
        url = str(request.getfixturevalue("postgres_url"))
    opened = await SqlStore.open(url, lambda words: words)
    if request.param == "postgres":
        async with opened.writing() as connection:
            await connection.execute(text("TRUNCATE conversations, webhooks, interactions CASCADE"))
    yield opened
    await opened.close()


async def talk(store: SqlStore, name: ConversationId, *events: Event, number: str | None = None) -> None:
    await store.open_conversation(name, SHOP, Channel.VOICE, JA, "shop-ja", AT)
    state = {
        "dialogue": {
            "customer": [["customer_name", "大河内 勝"], ["member_number", "3003359"]],
            "caller_number": number,
        }
    }
    await store.append(name, events, AT, state=state)


HANDLED = (
    *REFUND,
    AgentSaid(
        utterance=UtteranceId("a1"), agent="S01", name="佐伯", text="承ります", language=JA, source=Source.SPEECH
    ),
    WrappedUp(handoff="ho-1", agent="S01", code="refund_brought_forward", resolved=True),
    Ended(disposition=Disposition.HANDLED_BY_AGENT, by="agent"),
)


async def test_a_contact_that_is_over_is_in_the_history_once(store: SqlStore) -> None:
    clock = VirtualClock(AT + timedelta(minutes=1))
    own = EmbeddedCrm(store, clock, {SHOP: "JP"})
    await talk(store, TALK, *HANDLED, number="09012345678")
    await talk(store, ConversationId("c-live"), *REFUND)
    keeping = Keeping(store, own, {SHOP: COMPANY}, clock)
    assert await keeping.keep() == 1 and await keeping.keep() == 0
    (past,) = await own.history(SHOP, customer="3003359", number=None)
    assert (past.agent, past.agent_name, past.code, past.resolved) == ("S01", "佐伯", "refund_brought_forward", True)
    assert past.intent == "refund_status" and "返金" in past.summary
    assert (await own.history(SHOP, customer=None, number="+819012345678"))[0].conversation == TALK


async def test_another_record_system_that_is_away_is_tried_until_it_is_back(store: SqlStore) -> None:
    clock = VirtualClock(AT + timedelta(minutes=1))
    own = EmbeddedCrm(store, clock, {SHOP: "JP"})
    await talk(store, TALK, *HANDLED)
    answers = [httpx.Response(500), httpx.Response(204)]
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda request: answers.pop(0)))
    keeping = Keeping(store, own, {SHOP: COMPANY}, clock, HttpCrm("http://crm.test", "s" * 16, clock, client))
    with pytest.raises(BackendError):
        await keeping.keep()
    assert await own.history(SHOP, customer="3003359", number=None) == ()
    assert await keeping.keep() == 1 and await keeping.keep() == 0


async def test_an_empty_conversation_is_kept_without_a_customer(store: SqlStore) -> None:
    clock = VirtualClock(AT + timedelta(minutes=1))
    await store.open_conversation(TALK, SHOP, Channel.WEB_CHAT, EN, "/chat/shop", AT)
    ended = Ended(disposition=Disposition.ABANDONED_NO_REQUEST, by="customer")
    await store.append(TALK, [Started(tenant=SHOP, channel=Channel.WEB_CHAT, language=EN), ended], AT)
    assert await Keeping(store, EmbeddedCrm(store, clock, {}), {SHOP: COMPANY}, clock).keep() == 1


async def test_contact_events_become_notices_without_words_of_the_customer(store: SqlStore) -> None:
    clock = VirtualClock(AT + timedelta(minutes=1))
    sent: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    hooks = Webhooks(store, clock, httpx.AsyncClient(transport=httpx.MockTransport(server)))
    notices = Notices(store, hooks, clock)
    await hooks.add(SHOP, "https://cti.test/", "s" * 16)
    changes = [
        ContactChanged(handoff="ho-1", change=change, agent="S01") for change in ("queued", "offered", "accepted")
    ]
    tried = CallbackTried(reference="T-5521", attempt=1, outcome="busy")
    await talk(store, TALK, *REFUND, *changes, tried, *HANDLED[-1:])
    assert await notices.look() == 5 and await notices.look() == 0
    assert await Notices(store, hooks, clock).look() == 0, "another process, or this one after a crash"
    await hooks.send_due()
    kinds = {request.headers["X-Voicebot-Kind"] for request in sent}
    assert kinds == {
        "handoff.requested", "contact.offered", "contact.accepted", "callback.tried", "conversation.ended"
    }  # fmt: skip
    assert not any("返金" in request.content.decode() or "二週間" in request.content.decode() for request in sent)
