"""The back end, the disk and the store fail while people talk: they are told the truth, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.phone.clients import loud_spans, phone, until
from tests.e2e.phone.voices import english
from tests.e2e.talks import ASKS, faults, heard_in, leave_properly, newest_call, of_type, order_status
from tests.support.postgres import Cluster, stoppable_cluster
from tests.support.product import RunningProduct, fetch, running
from tests.support.visitor import visitor


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with stoppable_cluster() as made:
        yield made


@pytest.fixture(scope="module")
def product(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProduct]:
    """One company, its log in PostgreSQL: what fails beside the data folder and the store can be told apart."""
    with running(tmp_path_factory.mktemp("around"), VOICEBOT_TENANTS="shop", VOICEBOT_STORE=cluster.url) as made:
        yield made


@contextmanager
def back_end_again(product: RunningProduct) -> Iterator[None]:
    """The demo back end where it was before."""
    host, _, port = product.actions.removeprefix("http://").partition(":")
    process = subprocess.Popen([sys.executable, "-m", "voicebot.demo", "--host", host, "--port", port])
    try:
        while process.poll() is None:
            try:
                fetch(f"{product.actions}/health", timeout=5)
                break
            except (urllib.error.URLError, OSError):
                continue
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def full_disk(pid: int, left_after: int) -> Iterator[None]:
    """Files of this process can grow to this size and no further: every write beyond fails, as on a full disk."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (left_after, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_ends_the_recording_and_not_the_call(product: RunningProduct, tmp_path: Path) -> None:
    before = faults(product, "RecordingError")
    async with phone(tmp_path / "one") as caller, visitor(product) as chat:
        await caller.dial(f"sip:shop-en@{product.sip}")
        conversation = newest_call(product)
        file = product.data / "recordings" / conversation / "customer.wav"
        await until(lambda: file.is_file() and file.stat().st_size > 20_000, "the call is being recorded")
        limit = file.stat().st_size + 10_000
        with full_disk(product.pid, limit):
            await caller.say(english(ASKS))
            await heard_in(product, conversation, 1)
            await order_status(chat)
            await until(lambda: of_type(product, conversation, "Faulted"), "the fault is in the log")
            log = await leave_properly(caller, product, conversation)
    assert [(e["code"], e["where"]) for e in log if e["type"] == "Faulted"] == [("RecordingError", "recording")]
    assert [(e["on"], e["reason"]) for e in log if e["type"] == "RecordingChanged"] == [(False, "disk")]
    assert (log[-1]["type"], log[-1]["by"]) == ("Ended", "bot")
    assert file.stat().st_size <= limit
    assert faults(product, "RecordingError") == before + 1
    assert "File too large" in product.log() and "goes on without" in product.log()
    assert not of_type(product, chat.conversation, "Faulted")


async def test_a_folder_that_takes_no_recording_keeps_no_caller_out(product: RunningProduct, tmp_path: Path) -> None:
    folder = product.data / "recordings"
    if folder.is_dir():
        folder.rename(product.data / "recordings-before")
    folder.write_text("in the way")
    async with phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:shop-en@{product.sip}")
        conversation = newest_call(product)
        await until(lambda: of_type(product, conversation, "Faulted"), "the fault is in the log")
        await until(lambda: loud_spans(caller.heard()), "the greeting is heard all the same")
        await caller.hang_up()
    folder.unlink()
    await until(lambda: of_type(product, conversation, "Ended"), "the end in the log")
    log = product.events(conversation)
    assert [(e["code"], e["where"]) for e in log if e["type"] == "Faulted"] == [("RecordingError", "recording")]
    assert [(e["on"], e["reason"]) for e in log if e["type"] == "RecordingChanged"] == [(False, "disk")]
    assert log[-1]["by"] == "customer"


async def test_a_store_that_goes_away_loses_nothing_it_has_acknowledged(
    product: RunningProduct, cluster: Cluster, tmp_path: Path
) -> None:
    async with phone(tmp_path / "phone") as caller, visitor(product) as chat:
        await chat.say("where is my order", "order number")
        await caller.dial(f"sip:shop-en@{product.sip}")
        await until(lambda: loud_spans(caller.heard()), "the greeting")
        await asyncio.to_thread(cluster.stop)
        await chat.socket.send(json.dumps({"type": "message", "id": "x1", "text": "A20481137"}))
        trouble = await chat.frame("error", id="x1")
        assert trouble["code"] == "unavailable" and "Send it again" in trouble["message"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(f"{product.http}/t/shop/webhooks/rest/webhook", body={"sender": "s", "message": "hello"})
        with refused.value as answer:
            problem = json.load(answer)
        assert (problem["status"], problem["code"]) == (503, "store_error")
        with pytest.raises(urllib.error.HTTPError) as unready:
            fetch(f"{product.http}/readyz")
        with unready.value as answer:
            assert "the store does not answer" in json.load(answer)["reasons"][0]
        await caller.say(english(ASKS))
        await caller.event("CALL_CLOSED", timeout_s=40)
        assert fetch(f"{product.http}/livez") == {"status": "ok"}
        await asyncio.to_thread(cluster.start)
        seq = await chat.send("A20481137", "x1")
        await chat.told("last four digits", after=seq)
        await chat.say("1111", "on its way")
    log = product.events(chat.conversation)
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    assert [event["text"] for event in log if event["type"] == "Heard"] == ["where is my order", "A20481137", "1111"]
    assert product.process.poll() is None


async def test_a_message_taken_before_the_store_went_away_is_answered_afterwards(
    product: RunningProduct, cluster: Cluster
) -> None:
    async with visitor(product) as chat:
        await chat.say("where is my order", "order number")
        (understanding,) = product.workers("multiprocessing.spawn")
        os.kill(understanding, signal.SIGSTOP)
        taken = await chat.send("A20481137")
        await asyncio.to_thread(cluster.stop)
        os.kill(understanding, signal.SIGCONT)
        trouble = await chat.frame("error")
        assert trouble["code"] == "internal" and "Your chat is kept" in trouble["message"]
        assert await chat.closed() == 1011
        await asyncio.to_thread(cluster.start)
    async with visitor(product, token=chat.token, last_seq=taken) as again:
        assert again.conversation == chat.conversation
        await again.told("last four digits")
        await again.say("1111", "on its way")
    heard = [event["text"] for event in of_type(product, chat.conversation, "Heard")]
    assert heard == ["where is my order", "A20481137", "1111"]


async def test_a_dead_back_end_is_owned_up_to_and_people_are_asked_for(product: RunningProduct) -> None:
    async with visitor(product) as one, visitor(product) as two:
        await one.say("where is my order", "order number")
        await one.say("A20481137", "last four digits")
        os.kill(product.back_end_pid, signal.SIGKILL)
        seq = await one.send("1111")
        await one.told("can't reach our system", after=seq)
        await one.told("call you back", after=seq)
        await two.say("I want to return something", "order number")
        await two.say("hang on who pays the postage", "faulty")
        assert product.get("/readyz", token="")["ready"]
    log = product.events(one.conversation)
    (fault,) = (event for event in log if event["type"] == "Faulted")
    assert (fault["code"], fault["where"]) == ("BackendError", "action_verify_light")
    (handoff,) = (event for event in log if event["type"] == "HandoffRequested")
    assert handoff["reason"] == "backend_error" and handoff["skills"]
    assert not [event for event in log if event["type"] == "Verified"]
    assert not of_type(product, two.conversation, "Faulted")
    assert not of_type(product, two.conversation, "HandoffRequested")
    with back_end_again(product):
        async with visitor(product) as three:
            await order_status(three)
