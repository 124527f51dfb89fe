"""The server is killed, or stopped in order, in the middle of conversations: they go on where they were."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from tests.e2e.phone.clients import loud_spans, phone, until
from tests.e2e.phone.voices import english
from tests.e2e.talks import ASKS, LEAVES, heard_in, newest_call
from tests.support.product import RunningProduct, descendants, running
from tests.support.visitor import ChatVisitor, visitor

CHATS = 6
ANSWERS = {
    "order number": "A20481137",
    "last four digits": "1111",
    "anything else": "where is my order",
    "few words": "where is my order",
}


async def go_on(one: ChatVisitor, after: int = 0, *, until_told: str = "") -> None:
    """Answer whatever the bot asks after number ``after``, until it says these words; without them until cut off."""
    while True:
        line = await one.next_of_bot(after)
        after = line["seq"]
        if until_told and until_told in line["text"]:
            return
        for question, answer in ANSWERS.items():
            if question in line["text"]:
                await one.send(answer)


async def until_cut_off(one: ChatVisitor) -> None:
    try:
        await one.send("where is my order")
        await go_on(one)
    except (AssertionError, ConnectionClosed):
        assert one.is_closed, f"the chat stood still before the server was killed: {one!r}"


async def killed_in_the_middle(product: RunningProduct) -> list[ChatVisitor]:
    """Chats in full swing when the server is killed; what they saw of it."""
    async with AsyncExitStack() as stack:
        chats = [await stack.enter_async_context(visitor(product)) for _ in range(CHATS)]
        talking = [asyncio.create_task(until_cut_off(one)) for one in chats]
        await until(lambda: sum(len(one.taken) for one in chats) >= 3 * CHATS, "the chats are in full swing")
        processes = descendants(product.pid)
        os.kill(product.pid, signal.SIGKILL)
        await asyncio.gather(*talking)
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes[1:]), "no worker stays behind")
    return chats


async def taken_up_again(product: RunningProduct, before: ChatVisitor) -> None:
    """Nothing acknowledged is lost or doubled, all that was shown is there, and the chat goes on to its proper end."""
    last = max(event["seq"] for event in product.events(before.conversation) if event["type"] == "Heard")
    async with visitor(product, token=before.token) as chat:
        assert chat.conversation == before.conversation
        await go_on(chat, last, until_told="on its way")
        await chat.say("no that's all thanks", "goodbye")
        await chat.kind("ended")
        assert chat.lines[: len(before.lines)] == before.lines
    log = product.events(before.conversation)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    heard = [event["utterance"] for event in log if event["type"] == "Heard"]
    assert len(heard) == len(set(heard)) and set(before.taken) <= set(heard)


async def test_a_server_that_is_killed_and_one_that_is_stopped_lose_no_conversation(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, VOICEBOT_TENANTS="shop") as product:
        killed = await killed_in_the_middle(product)
    with running(data, VOICEBOT_TENANTS="shop", VOICEBOT_DRAIN_S="60") as product:
        for one in killed:
            await taken_up_again(product, one)
        stopped, call = await stopped_in_order(product, tmp_path)
    with running(data, VOICEBOT_TENANTS="shop") as product:
        last = product.events(call)[-1]
        assert (last["type"], last["by"]) == ("Ended", "bot")
        await taken_up_again(product, stopped)


async def stopped_in_order(product: RunningProduct, folder: Path) -> tuple[ChatVisitor, str]:
    """The call that is going on finishes, a new one is refused, the visitor is told; the exit code is 0.

    Returns the visitor and the call. The server is gone as soon as the call is over: its log is read from the next one.
    """
    async with phone(folder / "phone") as caller, phone(folder / "late") as late, visitor(product) as chat:
        await chat.say("where is my order", "order number")
        await chat.say("A20481137", "last four digits")
        await caller.dial(f"sip:shop-en@{product.sip}")
        conversation = newest_call(product)
        await until(lambda: loud_spans(caller.heard()), "the greeting")
        product.process.send_signal(signal.SIGTERM)
        await until(lambda: "draining" in product.log(), "the server drains")
        await late.dial(f"sip:shop-en@{product.sip}", answered=False)
        assert "486" in (await late.event("CALL_CLOSED"))["param"]
        await caller.say(english(ASKS))
        await heard_in(product, conversation, 1)
        await caller.prompt(caller.heard().ms - 1500)
        await caller.say(english(LEAVES))
        await caller.event("CALL_CLOSED", timeout_s=40)
        assert (await chat.frame("restarting"))["message"]
        assert await chat.closed() == 1012
    assert await asyncio.to_thread(product.process.wait, 30) == 0
    return chat, conversation
