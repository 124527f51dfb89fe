"""The console's API on a real server, store, desk and accounts; calls and headsets are scripted."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from prometheus_client import CollectorRegistry
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.desk import FLOWS, SHOP, TELECOM, companies
from tests.support.postgres import free_port
from tests.support.serve import Running, serving
from tests.support.web import make_ports
from voicebot.channels.line import CallDetails, VoiceLine
from voicebot.clock import SystemClock
from voicebot.conversation.live import LiveCalls, PartyView
from voicebot.desk import DeskContent, EmbeddedDesk
from voicebot.desk.packet import PacketContent, PacketSource
from voicebot.domain import (
    EN,
    JA,
    AgentId,
    Channel,
    ConversationId,
    HandoffId,
    HandoffReason,
    HandoffRequest,
    Heard,
    Language,
    Source,
    Started,
    TenantId,
    UtteranceId,
)
from voicebot.errors import ChannelError
from voicebot.flows import TenantFlows, load_flows
from voicebot.media import Role as CallRole
from voicebot.people import Passwords, People, Role, Wanted
from voicebot.readout import Readout
from voicebot.redaction import redact
from voicebot.store import SqlStore, event_to_json
from voicebot.web.assist_parts import LiveAssist
from voicebot.web.desk import DeskParts
from voicebot.web.desk.ports import DeskPorts, DeskSettings, KnownCustomer, Past
from voicebot.web.desk_parts import HandoffPackets, Nodes, company_desk, routing, staffing
from voicebot.web.ports import WebSettings
from voicebot.web.signed_in import COOKIE, CSRF_HEADER

SECRET = b"a secret for tests only"
WORD = "umi no mieru machi"
WEAK = Passwords(memory_kib=64, passes=1)
PEOPLE = {
    "S01": (SHOP, Role.AGENT, JA),
    "S02": (SHOP, Role.AGENT, JA),
    "L01": (SHOP, Role.LEADER, JA),
    "H01": (TELECOM, Role.AGENT, EN),
    "HL1": (TELECOM, Role.LEADER, EN),
}
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
_numbers = itertools.count(1)


NOON = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
"""A Wednesday on which both companies are open: half past six in Tokyo, half past nine in London."""


class Midday(SystemClock):
    """Real time that began at :data:`NOON`."""

    def __init__(self) -> None:
        self._began_s = self.monotonic()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.monotonic() - self._began_s)


class SilentLine:
    """A line that connects at once and says nothing."""

    def __init__(self) -> None:
        self.hung_up = False

    async def answer(self) -> None:
        await asyncio.sleep(0)

    async def hang_up(self, reason: str = "") -> None:
        self.hung_up = True


class ScriptedHeadset:
    async def answer(self, sdp: str, details: CallDetails) -> tuple[VoiceLine, str]:
        return SilentLine(), f"{SDP}answer\r\n"  # type: ignore[return-value]


class ScriptedPhones:
    """Rings; ``refusing`` makes nobody answer."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.refusing = False

    async def dial(self, uri: str, headers: Mapping[str, str], timeout_s: float) -> VoiceLine:
        self.rung.append(uri)
        if self.refusing:
            raise ChannelError("nobody answered")
        return SilentLine()  # type: ignore[return-value]


@dataclass
class ScriptedCall:
    """A live call that remembers what was asked of it."""

    conversation: ConversationId
    on_hold: bool = False
    people: dict[AgentId, PartyView] = field(default_factory=dict)
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    async def join(self, agent: AgentId, name: str, line: VoiceLine, role: CallRole) -> None:
        self.people[agent] = PartyView(agent, name, role, False, 0)

    async def leave(self, agent: AgentId, reason: str = "") -> None:
        if agent not in self.people:
            raise ChannelError("This person is not on the call.")
        del self.people[agent]

    async def hold(self, on: bool) -> None:
        self.on_hold = on

    async def mute(self, agent: AgentId, on: bool) -> None:
        self.people[agent] = replace(self.people[agent], muted=on)

    async def role(self, agent: AgentId, role: CallRole) -> None:
        self.people[agent] = replace(self.people[agent], role=role)

    async def pause(self, on: bool) -> None:
        self.asked.append(("pause", on))

    async def hang_up(self) -> None:
        self.asked.append(("hang_up",))

    async def refer(self, uri: str, headers: Mapping[str, str]) -> None:
        self.asked.append(("refer", uri, dict(headers)))

    def parties(self) -> tuple[PartyView, ...]:
        return tuple(self.people.values())

    def roles(self) -> dict[str, str]:
        return {str(one.agent): one.role.value for one in self.people.values()}


class Cards:
    """A CRM that knows one number."""

    async def history(self, tenant: TenantId, number: str) -> KnownCustomer | None:
        if tenant != SHOP or number != "090-0000-1111":
            return None
        return KnownCustomer({"id": "C-1", "name": "田中 花子"}, (Past(NOON, "voice", "返品の受付", resolved=True),))


@dataclass
class World:
    """Everything a test of the console touches."""

    store: SqlStore
    clock: Midday
    desk: EmbeddedDesk
    people: People
    parts: DeskParts
    live: LiveCalls
    phones: ScriptedPhones
    server: Running

    async def customer(
        self,
        channel: Channel = Channel.WEB_CHAT,
        tenant: TenantId = SHOP,
        language: Language = JA,
        *,
        said: tuple[str, ...] = (),
        skills: tuple[str, ...] = ("orders",),
        node: str | None = None,
    ) -> HandoffId:
        """Somebody who talked to the bot and asks for a person; a call is live in this process unless elsewhere."""
        name = ConversationId(f"c-{next(_numbers)}")
        now = self.clock.now()
        await self.store.open_conversation(name, tenant, channel, language, "", now)
        words = [
            Heard(utterance=UtteranceId(f"u{number}"), text=text, language=language, source=Source.TEXT)
            for number, text in enumerate(said or ("担当者をお願いします",))
        ]
        begun = Started(tenant=tenant, channel=channel, language=language)
        await self.store.append(name, [begun, *words], now)
        if channel is Channel.VOICE and node is None:
            self.live.add(ScriptedCall(name))
        wish = HandoffRequest(
            HandoffId(f"ho-{name}-1"), tenant, name, channel, language, skills, 1, 5, HandoffReason.CUSTOMER_ASKED,
            node=self.parts.ports.settings.node if node is None else node,
        )  # fmt: skip
        await self.desk.request(wish)
        return wish.handoff_id

    def call(self, contact: str) -> ScriptedCall:
        found = self.live.find(ConversationId(contact.removeprefix("ho-").removesuffix("-1")))
        assert isinstance(found, ScriptedCall)
        return found

    @asynccontextmanager
    async def browser(self, login: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A browser, signed in when a login is given."""
        async with httpx.AsyncClient(base_url=self.server.http, timeout=20) as client:
            if login is not None:
                answer = await client.post("/api/session", json={"login": login, "password": WORD})
                assert answer.status_code == 200, answer.text
                client.headers[CSRF_HEADER] = answer.json()["csrf"]
            yield client

    @asynccontextmanager
    async def console(self, login: str, **hello: Any) -> AsyncIterator[Console]:
        """A signed-in browser with its socket open and hello said."""
        async with self.browser(login) as client, socket_of(self.server, client) as console:
            await console.tell(type="hello", **hello)
            beating = asyncio.create_task(console.beat())
            try:
                yield console
            finally:
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)


class Console:
    """A client of the socket; ``frames`` is everything heard."""

    def __init__(self, socket: ClientConnection, http: httpx.AsyncClient) -> None:
        self.socket, self.http = socket, http
        self.frames: list[dict[str, Any]] = []
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for raw in self.socket:
                async with self._news:
                    self.frames.append(json.loads(raw))
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        async with self._news:
            self._news.notify_all()

    async def tell(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def beat(self) -> None:
        """Stay alive."""
        while True:
            await asyncio.sleep(3)
            await self.tell(type="heartbeat")

    async def hear(self, type: str, after: int = 0, **wanted: Any) -> dict[str, Any]:
        """The first frame of a type with these values, among those after a place."""

        def fits(frame: dict[str, Any]) -> bool:
            return frame["type"] == type and all(_inside(frame, name) == value for name, value in wanted.items())

        async with self._news, asyncio.timeout(20):
            while True:
                found = next((one for one in self.frames[after:] if fits(one)), None)
                if found is not None:
                    return found
                closed = self._reading.done()
                assert not closed, f"closed ({self.socket.close_code}) before {type} {wanted}: {self.frames}"
                await self._news.wait()

    async def closed(self) -> int:
        """Wait for the end; its code."""
        async with asyncio.timeout(20):
            await self._reading
        assert self.socket.close_code is not None
        return self.socket.close_code

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self.http.post(f"/api/desk/{path}", json=body)

    async def leave(self) -> None:
        await self.socket.close()
        await self._reading


def _inside(frame: Any, path: str) -> Any:
    for part in path.split("__"):
        frame = frame.get(part) if isinstance(frame, dict) else None
    return frame


@asynccontextmanager
async def socket_of(server: Running, client: httpx.AsyncClient, **headers: str) -> AsyncIterator[Console]:
    """The socket with a browser's cookie."""
    cookie = f"{COOKIE}={client.cookies.get(COOKIE, '')}"
    async with connect(f"{server.ws}/ws/desk", additional_headers={"Cookie": cookie, **headers}) as socket:
        console = Console(socket, client)
        try:
            yield console
        finally:
            await console.leave()


@asynccontextmanager
async def world(folder: Path, secret: bytes = SECRET, clock: Midday | None = None, **more: Any) -> AsyncIterator[World]:
    """A server with a desk of both companies; other processes reach it where browsers do.

    ``assist``: makes the assist of a store and a clock.
    """
    clock = clock or Midday()
    async with AsyncExitStack() as stack:
        store = await SqlStore.open(f"sqlite+aiosqlite:///{folder / 'store.db'}", lambda text: redact(text).text)
        stack.push_async_callback(store.close)
        people = People.on(store, clock, passwords=WEAK)
        contents = companies()
        await enrol(people, contents)
        live, phones = LiveCalls(), ScriptedPhones()
        port = free_port()
        node = f"http://127.0.0.1:{port}"
        desk = EmbeddedDesk(store, clock, contents, node=node)
        await desk.enrol_rosters()
        beside = more.pop("assist", None)
        assist: LiveAssist | None = beside(store, clock) if beside is not None else None
        desk_ports = _ports(store, clock, desk, people, contents, live, phones, node, secret, more)
        parts = DeskParts(replace(desk_ports, assist=assist.companion if assist is not None else None))
        await stack.enter_async_context(routing(desk))
        routers = tuple(assist.routers(parts)) if assist is not None else ()
        ports = replace(make_ports(WebSettings()), people=people, desk=parts, more=routers)
        server = await stack.enter_async_context(serving(ports, port))
        yield World(store, clock, desk, people, parts, live, phones, server)


async def enrol(people: People, contents: Mapping[TenantId, DeskContent]) -> None:
    """Accounts for some of the people on the rosters, once a store."""
    for login, (tenant, role, language) in PEOPLE.items():
        if await people.accounts.by_login(login) is None:
            name = contents[tenant].agents[AgentId(login)].name
            wanted = Wanted(
                login, name, tenant, frozenset((role,)), id=login, password=WORD, must_change=False, language=language
            )
            await people.accounts.add(wanted)


def flows_of(contents: Sequence[TenantId]) -> dict[TenantId, TenantFlows]:
    return {tenant: load_flows(FLOWS, tenant) for tenant in contents}


_FLOWS: dict[TenantId, TenantFlows] = {}


def _ports(
    store: SqlStore,
    clock: Midday,
    desk: EmbeddedDesk,
    people: People,
    contents: Mapping[TenantId, DeskContent],
    live: LiveCalls,
    phones: ScriptedPhones,
    node: str,
    secret: bytes,
    more: dict[str, Any],
) -> DeskPorts:
    if not _FLOWS:
        _FLOWS.update(flows_of(tuple(contents)))
    readout = Readout({}, "JP", lambda: clock.now().date())
    packets = {tenant: PacketContent(flows, readout) for tenant, flows in _FLOWS.items()}
    translator = more.pop("translator", None)
    return DeskPorts(
        desk=desk,
        log=store,
        audit=people.audit,
        packets=HandoffPackets(PacketSource(store, packets, clock)),
        calls=live,
        headset=ScriptedHeadset(),
        dialler=phones,
        customers=Cards(),
        companies={tenant: company_desk(_FLOWS[tenant], one) for tenant, one in contents.items()},
        nodes=Nodes(store, clock),
        encode_event=event_to_json,
        clock=clock,
        registry=CollectorRegistry(),
        settings=DeskSettings(node=node, secret=secret, **more),
        staffing=staffing,
        translator=translator,
    )
