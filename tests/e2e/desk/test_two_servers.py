"""Two server processes on one PostgreSQL: customer at one, agent at the other; one dies, and nobody is lost."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.desk.talks import SAY, Case, asks_for_a_person, spoken_until_handled
from tests.e2e.phone.clients import phone
from tests.support import desk_site
from tests.support.agent_browser import agent
from tests.support.postgres import cluster
from tests.support.product import RunningProduct, descendants, running
from tests.support.visitor import ChatVisitor, visitor

MORE = "My rice cooker has not come."
ANSWER = "Let me look that up for you right now."
DEAD_WITHIN_S = 30
"""A process counts as dead after 15 s of silence; the rest is this machine's."""


@dataclass(frozen=True)
class Pair:
    """Customers are at ``here``; ``there`` may die."""

    here: RunningProduct
    there: RunningProduct


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both started at the same moment on an empty database."""
    folder = tmp_path_factory.mktemp("pair")
    root = desk_site.content(folder)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(cluster())
        settings = {
            "VOICEBOT_CONTENT": str(root),
            "VOICEBOT_STORE": url,
            "VOICEBOT_SECRET": "a secret that both processes know",
            "VOICEBOT_WEBRTC_HOSTS": "127.0.0.1",
        }
        with ThreadPoolExecutor(2) as at_once:
            starts = [running(folder / name, **settings) for name in ("here", "there")]
            here, there = at_once.map(stack.enter_context, starts)
        desk_site.accounts(url, root)
        yield Pair(here, there)


async def test_a_caller_here_and_an_agent_there(pair: Pair, tmp_path: Path) -> None:
    case, more, answer = Case(pair.here, "shop"), SAY["en"](MORE), SAY["en"](ANSWER)
    async with (
        agent(pair.there.http, "s03", answer, folder=tmp_path, pause_s=2) as seat,
        phone(tmp_path / "phone") as caller,
    ):
        await asks_for_a_person(caller, pair.here, "shop-en", case)
        await seat.offered()
        await spoken_until_handled(seat, caller, case, more)
        await seat.press("hang_up")
        await caller.event("CALL_CLOSED")
        await seat.wrapped("order_answered")
        await case.until(lambda one: one.events("Ended"), "the call is over")
    assert case.events("Ended")[-1]["disposition"] == "handled_by_agent"


async def test_a_process_dies_and_the_customer_is_served(pair: Pair) -> None:
    case = Case(pair.here, "shop")
    async with (
        agent(pair.here.http, "s06", available=False) as second,
        visitor(pair.here, "en") as customer,
    ):
        async with agent(pair.there.http, "s03") as first:
            await asks(customer, case)
            await first.offered()
            await first.accept()
            await first.active()
            await customer.send("Is my parcel lost?")
            await expect(first.page.locator(".turn.customer .words").last).to_have_text("Is my parcel lost?")
            await first.reply("One moment, I am looking.")
            await customer.from_agent("One moment, I am looking.")
            kill(pair.there)
            await second.available()
            await case.until(lambda one: "lost" in one.changes(), "the death is noticed", DEAD_WITHIN_S)
        await second.offered()
        await second.accept()
        await second.active()
        before = second.page.locator(".talk .log .turn.customer", has_text="Is my parcel lost?")
        await expect(before).to_have_count(1)  # what was said before is on the screen
        await customer.send("Are you still there?")
        await expect(second.page.locator(".turn.customer .words").last).to_have_text("Are you still there?")
        await second.reply("I am here. It arrives tomorrow.")
        await customer.from_agent("I am here. It arrives tomorrow.")
        await second.press("wrap_up")
        await second.wrapped("order_answered")
        await case.until(lambda one: one.events("Ended"), "the conversation is over")
    contact = case.events("ContactChanged")
    after = contact[[event["change"] for event in contact].index("lost") + 1 :]
    assert len({event["enqueued_at"] for event in contact}) == 1, "the place in line is the first one"
    assert "S03" not in {event["agent"] for event in after}
    texts = [event["text"] for event in case.events() if event["type"] in ("Heard", "AgentSaid")]
    assert len(texts) == len(set(texts)), "nothing is written down twice"


async def asks(customer: ChatVisitor, case: Case) -> None:
    """The word, and at most one question, lead to the queue."""
    await customer.next_of_bot(await customer.send("agent"))
    if not case.changes():
        await customer.send("just get me someone")
    await case.until(lambda one: "queued" in one.changes(), "queued after one question at most")


def kill(product: RunningProduct) -> None:
    """The process and what it has started are gone at once, as with a machine that loses power."""
    for pid in descendants(product.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    product.process.wait()
