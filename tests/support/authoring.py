"""The authors' part on a real store with the real content, for requests in this process and for browsers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI

from voicebot.assist.workbench import Workbench
from voicebot.clock import SystemClock
from voicebot.domain import (
    JA,
    AgentSaid,
    CardEnded,
    CardShown,
    Channel,
    ConversationId,
    Event,
    Heard,
    Source,
    TenantId,
    UtteranceId,
)
from voicebot.people import Passwords, People, Role, Wanted
from voicebot.store import SqlStore
from voicebot.web import pages, problems, sessions
from voicebot.web.assist.authoring_parts import routers_on
from voicebot.web.headers import SecurityHeaders
from voicebot.web.limits import BodyLimit
from voicebot.web.serving import Server, server_config
from voicebot.web.signed_in import CSRF_HEADER

ROOT = Path(__file__).resolve().parents[2]
SHOP, TELECOM = TenantId("shop"), TenantId("telecom")
WORD = "umi no mieru machi"
PEOPLE = {
    "leader": (Role.LEADER, SHOP),
    "second": (Role.LEADER, SHOP),
    "trainer": (Role.TRAINER, SHOP),
    "agent": (Role.AGENT, SHOP),
    "auditor": (Role.AUDITOR, SHOP),
    "stranger": (Role.LEADER, TELECOM),
}
PRICE = "card_price_objection"


@dataclass
class Site:
    """The application and what it stands on."""

    app: FastAPI
    store: SqlStore
    people: People

    async def browser(self, login: str) -> httpx.AsyncClient:
        """Requests of somebody who is signed in."""
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="https://test", timeout=60)
        answer = await client.post("/api/session", json={"login": login, "password": WORD})
        assert answer.status_code == 200, answer.text
        client.headers[CSRF_HEADER] = answer.json()["csrf"]
        return client


@asynccontextmanager
async def authoring_site(folder: Path, bench: Workbench) -> AsyncIterator[Site]:
    """A fresh store in ``folder``; the workbench may serve many."""
    store = await SqlStore.open(f"sqlite+aiosqlite:///{folder / 'store.db'}", str)
    clock = SystemClock()
    people = People.on(store, clock, passwords=Passwords(memory_kib=64, passes=1))
    for login, (role, tenant) in PEOPLE.items():
        await people.accounts.add(
            Wanted(login, login.title(), tenant, frozenset((role,)), JA, id=login, password=WORD, must_change=False)
        )
    app = FastAPI()
    app.state.people, app.state.tokens = people, None
    problems.install(app)
    app.include_router(sessions.router(cross_site=False))
    for part in routers_on(bench, (SHOP, TELECOM), store, people, clock):
        app.include_router(part)
    app.mount("/static", pages.static_files(), name="static")
    app.add_middleware(BodyLimit, max_bytes=256 * 1024)
    app.add_middleware(SecurityHeaders, frame_origins=(), desk_origins=())
    try:
        yield Site(app, store, people)
    finally:
        await store.close()


@asynccontextmanager
async def served(site: Site) -> AsyncIterator[str]:
    """The site on a port; its address."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.bind(("127.0.0.1", 0))
    number = bound.getsockname()[1]

    async def goodbye() -> None:
        return None

    server = Server(server_config(site.app, "127.0.0.1", number, log_level="error", drain_s=2), goodbye)
    task = asyncio.create_task(server._serve([bound]))
    try:
        yield f"http://127.0.0.1:{number}"
    finally:
        server.should_exit = True
        await task
        bound.close()


async def talked(store: SqlStore, name: str, tenant: TenantId = SHOP, words: str = "ちょっと高いですね。") -> None:
    """A chat of the past: the customer says the words twice within the card's cooldown; it was shown once."""
    at = datetime(2026, 11, 2, 10, tzinfo=UTC)
    conversation = ConversationId(name)
    await store.open_conversation(conversation, tenant, Channel.WEB_CHAT, JA, "", at)
    hello = AgentSaid(
        utterance=UtteranceId("a1"),
        agent="S01",
        name="S",
        text="お待たせいたしました。",
        language=JA,
        source=Source.TEXT,
    )
    told: list[tuple[float, Event]] = [
        (0, hello),
        (8, Heard(utterance=UtteranceId("c1"), text=words, language=JA, source=Source.TEXT)),
        (8.5, CardShown(card=PRICE, version="v", agent="S01", reason="phrase", utterance="c1")),
        (12, CardEnded(card=PRICE, agent="S01", how="used")),
        (20, Heard(utterance=UtteranceId("c2"), text=words, language=JA, source=Source.TEXT)),
    ]
    for seconds, event in told:
        await store.append(conversation, [event], at + timedelta(seconds=seconds))
