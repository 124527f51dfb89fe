"""The chat socket on a real server: the protocol, what breaks it, and that nobody else notices."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.serve import Running, serving
from tests.support.waiting import eventually
from tests.support.web import ScriptedDesk, Session, make_ports
from voicebot.channels.chat import MAX_FRAME_BYTES, MAX_TEXT_BYTES
from voicebot.domain import Language, TenantId
from voicebot.errors import StoreError
from voicebot.web.ports import WebSettings
from voicebot.web.serving import TRANSPORT_FRAME_BYTES

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def server(desk: ScriptedDesk) -> AsyncIterator[Running]:
    async with serving(
        make_ports(WebSettings(message_burst=50, origins=("https://known.example",)), desk=desk)
    ) as running:
        yield running


class Visitor:
    """A client that speaks the protocol and keeps what it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.token = ""

    async def tell(self, frame: object) -> None:
        await self.socket.send(json.dumps(frame))

    async def hear(self, **wanted: object) -> dict[str, Any]:
        """The next frame that has these values; others are passed over."""
        while True:
            frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.socket.recv(), 20))
            if all(frame.get(key) == value for key, value in wanted.items()):
                return frame

    async def hello(self, token: str | None = None, last_seq: int = 0) -> dict[str, Any]:
        await self.tell({"type": "hello", "token": token, "last_seq": last_seq})
        welcome = await self.hear(type="welcome")
        self.token = welcome["token"]
        return welcome

    async def closed(self) -> int:
        with pytest.raises(ConnectionClosed):
            while True:
                await asyncio.wait_for(self.socket.recv(), 20)
        assert self.socket.close_code is not None
        return self.socket.close_code


async def visit(
    server: Running, path: str = "/ws/chat/shop?lang=en", headers: Mapping[str, str] | None = None
) -> Visitor:
    return Visitor(await connect(server.ws + path, additional_headers=headers, max_size=None))


async def test_a_chat_from_hello_to_bye(server: Running) -> None:
    visitor = await visit(server)
    welcome = await visitor.hello()
    assert (welcome["lang"], welcome["resumed"]) == ("en", False)
    greeting = await visitor.hear(type="event")
    assert (greeting["from"], greeting["seq"], greeting["lang"]) == ("bot", 1, "en")
    await visitor.tell({"type": "typing"})
    await visitor.tell({"type": "message", "id": "m1", "text": "A20481137"})
    seen: dict[str, dict[str, Any]] = {}
    while len(seen) < 3:
        frame = await visitor.hear()
        seen[frame["type"] + frame.get("from", "")] = frame
    assert seen["ack"] == {"type": "ack", "id": "m1", "seq": 2}
    assert (seen["eventcustomer"]["seq"], seen["eventcustomer"]["id"]) == (2, "m1")
    assert [button["title"] for button in seen["eventbot"]["buttons"]] == ["Yes", "No"]
    await visitor.tell({"type": "bye"})
    assert await visitor.closed() == 1000


async def test_a_chat_goes_on_after_a_break_without_loss_or_repetition(server: Running, desk: ScriptedDesk) -> None:
    first = await visit(server)
    await first.hello()
    await first.tell({"type": "message", "id": "m1", "text": "hello"})
    asked = await first.hear(type="event", text="What's your order number?")
    first.socket.transport.abort()
    second = await visit(server)
    welcome = await second.hello(first.token, last_seq=asked["seq"])
    assert welcome["resumed"] is True
    await second.tell({"type": "message", "id": "m1", "text": "hello"})
    assert (await second.hear(type="ack"))["seq"] == 2
    await second.tell({"type": "message", "id": "m2", "text": "A20481137"})
    assert (await second.hear(type="event"))["seq"] == asked["seq"] + 1
    (kept,) = desk.kept.values()
    assert [line.text for line in kept.lines if line.sender == "customer"] == ["hello", "A20481137"]
    third = await visit(server)
    await third.hello(second.token)
    assert [(await third.hear(type="event"))["seq"] for _ in range(4)] == [1, 2, 3, 4]


async def test_a_token_of_another_company_opens_nothing(server: Running) -> None:
    shop = await visit(server)
    await shop.hello()
    other = await visit(server, "/ws/chat/telecom?lang=en")
    await other.tell({"type": "hello", "token": shop.token})
    assert (await other.hear(type="error"))["code"] == "token"
    assert (await other.hello())["resumed"] is False


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("/ws/chat/nosuch", {}, "unknown_company"),
        ("/ws/chat/shop", {"Origin": "https://elsewhere.example"}, "origin"),
        ("/ws/chat/shop", {"Origin": "null"}, "origin"),
    ],
)
async def test_who_is_not_served_is_told_why(server: Running, path: str, headers: dict[str, str], code: str) -> None:
    visitor = await visit(server, path, headers)
    assert (await visitor.hear(type="error"))["code"] == code
    assert await visitor.closed() == 1008


async def test_pages_of_ours_and_listed_ones_may_connect(server: Running) -> None:
    for origin in (server.http, "https://known.example"):
        visitor = await visit(server, headers={"Origin": origin})
        await visitor.hello()


BAD: list[tuple[str | bytes, str]] = [
    ("", "malformed"),
    ("{", "malformed"),
    ("[" * 60_000, "malformed"),
    ('{"type":"message","id":"x"}', "malformed"),
    ('{"type":"message","id":"x","text":"  "}', "empty"),
    ('{"type":"nosuch"}', "unknown_type"),
    ('{"type":"hello"}', "hello_again"),
    (json.dumps({"type": "message", "id": "x", "text": "x" * (MAX_TEXT_BYTES + 1)}), "text_too_large"),
]
ENDING: list[tuple[str | bytes, int]] = [
    (b"\x00\x01\x02", 1003),
    ("x" * (MAX_FRAME_BYTES + 1), 1009),
    ("x" * (TRANSPORT_FRAME_BYTES + 1), 1009),
    ("x" * 10_485_760, 1009),
]


@pytest.mark.parametrize(("raw", "code"), BAD)
async def test_a_frame_that_cannot_be_used_is_answered_and_the_chat_goes_on(
    server: Running, raw: str, code: str
) -> None:
    visitor = await visit(server)
    await visitor.hello()
    await visitor.socket.send(raw)
    assert (await visitor.hear(type="error"))["code"] == code
    await visitor.tell({"type": "message", "id": "after", "text": "hello"})
    await visitor.hear(type="ack", id="after")


@pytest.mark.parametrize(("raw", "close"), ENDING, ids=["binary", "64K", "256K", "10M"])
async def test_a_frame_that_is_too_much_ends_only_its_own_connection(
    server: Running, raw: str | bytes, close: int
) -> None:
    bystander, visitor = await visit(server), await visit(server)
    await bystander.hello()
    await visitor.hello()
    try:
        await visitor.socket.send(raw)
    except ConnectionClosed:
        pass
    assert await visitor.closed() == close
    await bystander.tell({"type": "message", "id": "m", "text": "hello"})
    await bystander.hear(type="event", text="What's your order number?")
    back = await visit(server)
    assert (await back.hello(visitor.token))["resumed"] is True


async def test_bytes_that_are_no_websocket_frame_end_only_their_own_connection(server: Running) -> None:
    bystander, visitor = await visit(server), await visit(server)
    await bystander.hello()
    await visitor.hello()
    visitor.socket.transport.write(b"\xff" * 4096)
    assert await visitor.closed() in (1002, 1006)
    half = await visit(server)
    await half.hello()
    half.socket.transport.write(b"\x81\xfe")
    half.socket.transport.abort()
    invalid = await visit(server)
    await invalid.hello()
    await invalid.socket.send(b"\xff\xfe", text=True)
    assert await invalid.closed() == 1007
    await bystander.tell({"type": "message", "id": "m", "text": "hello"})
    await bystander.hear(type="ack", id="m")


async def test_a_client_that_only_sends_nonsense_is_closed(server: Running) -> None:
    visitor = await visit(server)
    for _ in range(20):
        await visitor.tell({"type": "nosuch"})
    assert await visitor.closed() == 1008


async def test_words_before_hello_are_not_taken(server: Running, desk: ScriptedDesk) -> None:
    visitor = await visit(server)
    await visitor.tell({"type": "message", "id": "m", "text": "hello"})
    assert (await visitor.hear(type="error"))["code"] == "hello_first"
    assert not desk.kept
    await visitor.hello()


async def test_a_client_that_never_says_hello_is_closed() -> None:
    async with serving(make_ports(WebSettings(hello_s=0.05))) as server:
        visitor = await visit(server)
        assert await visitor.closed() == 1008


async def test_too_many_messages_are_not_taken_but_said_so(desk: ScriptedDesk) -> None:
    async with serving(make_ports(WebSettings(message_burst=3, messages_per_s=0.001), desk=desk)) as server:
        visitor = await visit(server)
        await visitor.hello()
        for number in range(5):
            await visitor.tell({"type": "message", "id": f"m{number}", "text": "hello"})
        refused = await visitor.hear(type="error")
        assert (refused["code"], refused["id"]) == ("rate_limited", "m3")
        assert refused["retry_after_ms"] > 0
        (kept,) = desk.kept.values()
        assert set(kept.ids) == {"m0", "m1", "m2"}


async def test_lines_are_limited() -> None:
    async with serving(make_ports(WebSettings(max_chats=1))) as server:
        first = await visit(server)
        await first.hello()
        second = await visit(server)
        assert (await second.hear(type="error"))["code"] == "busy"
        assert await second.closed() == 1013


async def test_a_store_that_fails_keeps_the_message_with_the_client(server: Running, desk: ScriptedDesk) -> None:
    visitor = await visit(server)
    await visitor.hello()
    desk.broken = StoreError("the disk is full")
    await visitor.tell({"type": "message", "id": "m", "text": "hello"})
    refused = await visitor.hear(type="error")
    assert (refused["code"], refused["id"]) == ("unavailable", "m")
    assert "disk" not in refused["message"]
    desk.broken = None
    await visitor.tell({"type": "message", "id": "m", "text": "hello"})
    await visitor.hear(type="ack", id="m")


async def test_a_fault_ends_one_connection_and_the_chat_is_kept(
    server: Running, desk: ScriptedDesk, caplog: pytest.LogCaptureFixture
) -> None:
    visitor, bystander = await visit(server), await visit(server)
    await visitor.hello()
    desk.broken = RuntimeError("4111 1111 1111 1111")
    await visitor.tell({"type": "message", "id": "m", "text": "hello"})
    assert (await visitor.hear(type="error"))["code"] == "internal"
    assert await visitor.closed() == 1011
    assert "4111" not in caplog.text
    desk.broken = None
    await bystander.hello()
    back = await visit(server)
    assert (await back.hello(visitor.token))["resumed"] is True


async def test_an_ended_chat_is_closed_in_order_and_takes_no_more(server: Running) -> None:
    visitor = await visit(server)
    await visitor.hello()
    await visitor.tell({"type": "message", "id": "m", "text": "bye"})
    assert (await visitor.hear(type="event", kind="ended"))["text"] == "Goodbye."
    assert await visitor.closed() == 1000
    again = await visit(server)
    await again.hello(visitor.token)
    assert await again.closed() == 1000


async def test_a_restart_tells_every_visitor_and_chats_resume_afterwards(desk: ScriptedDesk) -> None:
    async with serving(make_ports(desk=desk)) as server:
        visitors = [await visit(server) for _ in range(5)]
        for visitor in visitors:
            await visitor.hello()
        server.server.should_exit = True
        for visitor in visitors:
            await visitor.hear(type="restarting")
            assert await visitor.closed() == 1012
        await server.stopped
    async with serving(make_ports(desk=desk)) as server:
        for visitor in visitors:
            back = await visit(server)
            assert (await back.hello(visitor.token))["resumed"] is True


async def test_a_client_that_leaves_before_its_welcome_leaves_nothing_behind(
    server: Running, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gone = asyncio.Event(), asyncio.Event()
    join = desk.join

    async def slow(tenant: TenantId, language: Language, token: str | None, last_seq: int) -> Session:
        begun.set()
        await gone.wait()
        return await join(tenant, language, token, last_seq)

    monkeypatch.setattr(desk, "join", slow)
    visitor = await visit(server)
    await visitor.tell({"type": "hello"})
    await begun.wait()
    visitor.socket.transport.abort()
    await visitor.socket.wait_closed()
    gone.set()

    async def left() -> bool:
        return [kept.sessions for kept in desk.kept.values()] == [0]

    await eventually(left)


async def test_two_hundred_connections_opened_and_dropped_leave_nothing_behind(
    server: Running, desk: ScriptedDesk
) -> None:
    bystander = await visit(server)
    await bystander.hello()
    await bystander.hear(type="event")
    files, tasks = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())

    async def come_and_go(number: int) -> None:
        visitor = await visit(server)
        if number % 4:
            await visitor.hello()
        if number % 4 == 2:
            await visitor.tell({"type": "message", "id": "m", "text": "hello"})
        if number % 4 == 3:
            await visitor.socket.close()
        else:
            visitor.socket.transport.abort()

    for start in range(0, 200, 50):
        await asyncio.gather(*(come_and_go(number) for number in range(start, start + 50)))
        await bystander.tell({"type": "message", "id": f"b{start}", "text": "hello"})
        await bystander.hear(type="ack", id=f"b{start}")

    async def one_left() -> bool:
        async with httpx.AsyncClient() as client:
            return "voicebot_chat_connections 1.0" in (await client.get(f"{server.http}/metrics")).text

    async def nothing_more() -> bool:
        return len(asyncio.all_tasks()) <= tasks and len(os.listdir("/proc/self/fd")) <= files

    async def one_session() -> bool:
        return sum(kept.sessions for kept in desk.kept.values()) == 1

    await eventually(one_left)
    await eventually(one_session)
    await eventually(nothing_more)


async def test_a_ten_megabyte_request_is_told_why_and_not_kept_in_memory(server: Running) -> None:
    bystander = await visit(server)
    await bystander.hello()
    body = json.dumps({"sender": "v", "message": "x" * 10_485_760}).encode()
    before = _resident_kb()
    async with httpx.AsyncClient(timeout=30) as client:
        for _ in range(5):
            answer = await client.post(f"{server.http}/t/shop/webhooks/rest/webhook", content=body)
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert _resident_kb() - before < 30_000
    await bystander.tell({"type": "message", "id": "m", "text": "hello"})
    await bystander.hear(type="ack", id="m")


def _resident_kb() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
