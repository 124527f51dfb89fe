"""A queue of the telephone system as the desk: the call is passed on to it, and the packet goes by reference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.desk.talks import Case, asked
from tests.e2e.phone.clients import Phone, free_port, phone, until
from tests.support.product import RunningProduct, running
from voicebot.audio import Pcm, tone

PBX_PORT = free_port(2)
"""Where the telephone system's queue rings."""

CUSTOMER_HZ, AGENT_HZ = 440.0, 1000.0
HEARD_DBFS = -30.0


@pytest.fixture(scope="module")
def pbx_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProduct]:
    folder = tmp_path_factory.mktemp("pbx")
    with running(folder / "data", VOICEBOT_DESK=f"sip:queue@127.0.0.1:{PBX_PORT}") as product:
        yield product


def level(sound: Pcm, hz: float, last_ms: int = 700) -> float:
    """Level of one tone in the end of a recording, in dBFS."""
    wave = sound.cut(sound.ms - last_ms).to_float().astype(np.float64)
    turned = np.exp(-2j * np.pi * hz * np.arange(len(wave)) / sound.rate)
    return float(20 * np.log10(np.sqrt(2) * abs(np.mean(wave * turned)) + 1e-9))


async def hears(one: Phone, hz: float) -> None:
    await until(lambda: one.heard().ms > 700 and level(one.heard(), hz) > HEARD_DBFS, f"{hz:g} Hz at {one.folder.name}")


def steady(hz: float) -> Pcm:
    return tone((hz,), 120_000, 8000, -20.0)


async def wishes(caller: Phone, product: RunningProduct, lang: str, case: Case) -> None:
    """Call and press 0 until the contact is handed over."""
    await caller.dial(f"sip:shop-{lang}@{product.sip}")
    await case.until(lambda one: one.events("Played"), "the bot speaks")
    await caller.keys("0")
    await case.until(lambda one: one.events("KeysPressed") and asked(one), "the wish is understood")
    if not case.changes():
        await caller.keys("0")
    await case.until(lambda one: "queued" in one.changes(), "the contact is handed over")


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_the_call_goes_to_the_queue_and_the_packet_can_be_fetched(
    pbx_product: RunningProduct, tmp_path: Path, lang: str
) -> None:
    case = Case(pbx_product, "shop")
    async with (
        phone(tmp_path / "queue", at=PBX_PORT, user="queue") as queue,
        phone(tmp_path / "customer", user="+447700900123") as customer,
    ):
        await wishes(customer, pbx_product, lang, case)
        incoming = await queue.event("CALL_INCOMING", 40)
        assert "+447700900123" in str(incoming), "it is the customer's own telephone that calls"
        await queue.command("accept")
        await queue.event("CALL_ESTABLISHED")
        await customer.say(steady(CUSTOMER_HZ))
        await queue.say(steady(AGENT_HZ))
        await hears(customer, AGENT_HZ)
        await hears(queue, CUSTOMER_HZ)
        await case.until(lambda one: one.events("Ended"), "the bot's part is over")
        packet = pbx_product.get(f"/api/handoffs/{case.contact}")
        await customer.hang_up()
        await queue.event("CALL_CLOSED")
    assert case.events("Ended")[-1]["disposition"] == "handed_off"
    assert case.events("ContactChanged")[0]["queue"] == f"sip:queue@127.0.0.1:{PBX_PORT}"
    assert case.said()[-1] in case.said("Played"), "the caller heard that they are put through"
    assert packet["handoff_id"] == case.contact
    assert packet["transcript"]


async def test_a_queue_that_does_not_answer_gives_the_caller_back(pbx_product: RunningProduct, tmp_path: Path) -> None:
    case = Case(pbx_product, "shop")
    async with (
        phone(tmp_path / "queue", at=PBX_PORT, user="queue") as queue,
        phone(tmp_path / "customer") as customer,
    ):
        await wishes(customer, pbx_product, "en", case)
        await queue.event("CALL_INCOMING", 40)
        before = len(case.said())
        await queue.hang_up()
        await case.until(
            lambda one: len(one.said()) > before and one.said()[-1] in one.said("Played"), "the bot is back"
        )
        assert case.changes()[-1] == "failed"
        assert not case.events("Ended")
        await customer.hang_up()
        await case.until(lambda one: one.events("Ended"), "the call is over")
