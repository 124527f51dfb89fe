"""The action client against servers that are dead, slow, wrong or talkative."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from voicebot.actions import MAX_ANSWER_BYTES, ActionClient
from voicebot.domain import JA, ActionDone, CallAction, ConversationId, TenantId
from voicebot.errors import BackendError, Unanswered

CALL = CallAction("action_get_order", {"order_number": "A20481137", "phone_last4": "1111"})
SECRET = "わたしの番号は09000001111"


async def run(client: ActionClient, call: CallAction = CALL) -> ActionDone:
    return await client.run(
        call, conversation=ConversationId("c-1"), tenant=TenantId("shop"), language=JA, latest_text=SECRET
    )


@asynccontextmanager
async def answering(handler: Callable[[httpx.Request], httpx.Response]) -> AsyncIterator[ActionClient]:
    client = ActionClient("http://actions.test", 2.0, transport=httpx.MockTransport(handler))
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object], timeout_s: float = 5.0
) -> AsyncIterator[ActionClient]:
    """A raw TCP server: what a broken action server really does to a socket."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)  # type: ignore[arg-type]
    port = server.sockets[0].getsockname()[1]
    client = ActionClient(f"http://127.0.0.1:{port}", timeout_s)
    try:
        yield client
    finally:
        await client.close()
        server.close()
        await server.wait_closed()


async def test_request_follows_the_protocol() -> None:
    seen: list[dict] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append({"url": str(request.url), **json.loads(request.content)})
        return httpx.Response(200, json={"events": [], "responses": []})

    async with answering(handler) as client:
        await run(client)
    (body,) = seen
    assert body["url"] == "http://actions.test/webhook"
    assert body["next_action"] == "action_get_order"
    assert body["sender_id"] == body["tracker"]["sender_id"] == "c-1"
    assert body["tracker"]["slots"] == {
        "order_number": "A20481137", "phone_last4": "1111", "tenant": "shop", "language": "ja",
    }  # fmt: skip
    assert body["tracker"]["latest_message"]["text"] == SECRET
    assert body["version"].startswith("3.")


async def test_slots_and_texts_come_back_and_other_events_are_passed_over() -> None:
    answer = {
        "events": [
            {"event": "slot", "name": "outcome", "value": "not_found", "timestamp": None},
            {"event": "slot", "name": "tags", "value": ["a", {"b": None}]},
            {"event": "followup", "name": "action_listen"},
            {"event": "slot", "name": "eta", "value": None},
        ],
        "responses": [{"text": "hello", "buttons": []}, {"response": "utter_x", "text": None}],
    }
    async with answering(lambda _: httpx.Response(200, json=answer)) as client:
        done = await run(client)
    assert done == ActionDone(
        "action_get_order", {"outcome": "not_found", "tags": ["a", {"b": None}], "eta": None}, ("hello",)
    )


async def test_an_action_that_names_no_outcome_went_well() -> None:
    async with answering(lambda _: httpx.Response(200, json={"events": [], "responses": []})) as client:
        assert (await run(client)).slots == {"outcome": "ok"}


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
async def test_error_status_is_a_backend_error_without_customer_text(status: int) -> None:
    async with answering(lambda _: httpx.Response(status, text=SECRET)) as client:
        with pytest.raises(BackendError, match=f"HTTP status {status} for action_get_order") as caught:
            await run(client)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>it works</html>", b"[]", b"null", b'{"events": 3}', b'{"events": [{"name": "x"}]}', b"\xff\xfe",
     b'{"events": [{"event": "slot", "name": "x", "value": 1}'],
)  # fmt: skip
async def test_garbage_is_a_backend_error(body: bytes) -> None:
    async with answering(lambda _: httpx.Response(200, content=body)) as client:
        with pytest.raises(BackendError, match="not an action server's answer"):
            await run(client)


async def test_too_many_slots_are_refused() -> None:
    events = [{"event": "slot", "name": f"s{n}", "value": n} for n in range(501)]
    async with answering(lambda _: httpx.Response(200, json={"events": events})) as client:
        with pytest.raises(BackendError, match="more than 500 slots"):
            await run(client)


async def test_an_oversized_answer_is_not_read_to_its_end() -> None:
    sent = 0
    gone = asyncio.Event()

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while sent < 100 * MAX_ANSWER_BYTES:
                writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
                await writer.drain()
                sent += 0x10000
        except ConnectionError:
            pass
        finally:
            gone.set()
            writer.close()

    async with listening(flood) as client:
        with pytest.raises(BackendError, match=f"more than {MAX_ANSWER_BYTES} bytes"):
            await run(client)
        await asyncio.wait_for(gone.wait(), 10)
    assert sent < 50 * MAX_ANSWER_BYTES


async def test_a_server_that_never_answers_is_given_up() -> None:
    release = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    async with listening(silent, timeout_s=0.2) as client:
        with pytest.raises(Unanswered, match=r"within 0\.2 s"):
            await run(client)
        release.set()


async def test_a_server_that_drips_is_given_up_too() -> None:
    release = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{")
        while not release.is_set():
            writer.write(b" ")
            try:
                await writer.drain()
                await asyncio.wait_for(release.wait(), 0.05)
            except TimeoutError:
                continue
            except ConnectionError:
                break
        writer.close()

    async with listening(drip, timeout_s=0.5) as client:
        with pytest.raises(Unanswered, match=r"within 0\.5 s"):
            await run(client)
        release.set()


async def test_a_dead_server_is_tried_twice_and_named() -> None:
    tries = 0

    def refuse(request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        raise httpx.ConnectError("refused")

    async with answering(refuse) as client:
        with pytest.raises(
            BackendError, match=r"http://actions\.test/webhook cannot be reached .*VOICEBOT_ACTIONS"
        ) as caught:
            await run(client)
    assert tries == 2 and not isinstance(caught.value, Unanswered), "nothing was asked"


async def test_a_server_that_hangs_up_is_not_asked_again() -> None:
    """The action may have been carried out before the connection broke."""
    calls = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with listening(hang_up) as client:
        with pytest.raises(Unanswered, match="cannot be reached"):
            await run(client)
    assert calls == 1


async def test_a_server_that_comes_up_late_is_reached_by_the_second_try() -> None:
    tries = 0

    def flaky(request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, json={"events": [{"event": "slot", "name": "outcome", "value": "ok"}]})

    async with answering(flaky) as client:
        assert (await run(client)).slots == {"outcome": "ok"}


async def test_one_failing_call_leaves_the_others_alone() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        name = json.loads(request.content)["next_action"]
        return httpx.Response(500 if name == "action_bad" else 200, json={"events": []})

    async with answering(handler) as client:
        results = await asyncio.gather(
            *(run(client, CallAction("action_bad" if n % 5 == 0 else "action_good", {})) for n in range(50)),
            return_exceptions=True,
        )
    assert sum(isinstance(item, BackendError) for item in results) == 10
    assert sum(isinstance(item, ActionDone) for item in results) == 40
