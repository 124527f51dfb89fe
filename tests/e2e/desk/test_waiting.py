"""D09: a caller in line hears the place and the wait as a range, honestly, and again when the place is a better one."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.e2e.desk.talks import SAY, Case, asks_for_a_person
from tests.e2e.phone.clients import loud_ms, phone
from tests.support import desk_site
from tests.support.agent_browser import agent
from tests.support.product import RunningProduct, running
from tests.support.talk_logs import Told, write
from voicebot.domain import Language
from voicebot.flows.waits import wait_words
from voicebot.store import SqlStore
from voicebot.store.desk_tables import desk_contacts

WHO = {"en": "s03", "ja": "s07"}
ANSWER = {"en": "Good morning, how can I help you?", "ja": "お電話ありがとうございます。ご用件をどうぞ。"}
HOW_LONG = {"en": "how long will it be", "ja": "あとどのくらいですか"}
PLACES = {"en": {1: "next", 2: "second"}, "ja": {1: "1番目", 2: "2番目"}}
THANKS = {"en": "Thanks for waiting", "ja": "お待たせしております"}
TALKED_S = 60


@pytest.fixture(scope="module")
def waiting_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProduct]:
    """A desk that has finished contacts this morning, and speaks to those who wait every ten seconds."""
    folder = tmp_path_factory.mktemp("waiting")
    root = desk_site.content(folder, times={"comfort_s": 10, "long_wait_s": 7200})
    with running(folder / "data", VOICEBOT_CONTENT=str(root), VOICEBOT_WEBRTC_HOSTS="127.0.0.1") as product:
        url = f"sqlite+aiosqlite:///{folder / 'data' / 'voicebot.db'}"
        desk_site.accounts(url, root)
        with ThreadPoolExecutor(1) as own_loop:
            own_loop.submit(asyncio.run, finish_some(url)).result()
        yield product


async def finish_some(url: str) -> None:
    """Six contacts of the general queue, a minute of talk each, in the last hour."""
    store = await SqlStore.open(url, str)
    try:
        now = datetime.now(UTC)
        begun = [now - timedelta(minutes=5 * count) for count in range(2, 8)]
        await write(store, [Told(f"earlier-{at}", at=one, length_s=TALKED_S) for at, one in enumerate(begun)])
        async with store.writing() as connection:
            real = {"queue": "q_general", "active_at": desk_contacts.c.answered_at}
            await connection.execute(update(desk_contacts).where(desk_contacts.c.queue == "q").values(**real))
    finally:
        await store.close()


def last_told(case: Case) -> dict[str, Any]:
    return case.events("WaitTold")[-1]


def heard_in_words(case: Case, told: dict[str, Any], lang: str) -> bool:
    """The caller has heard the bot say just what was written down as told: the place and the range."""
    wait = wait_words(told["low_min"], told["high_min"], Language(lang))
    place = PLACES[lang][told["position"]]
    return any(place in text and wait in text for text in case.said("Played"))


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_who_waits_hears_place_and_range(waiting_product: RunningProduct, tmp_path: Path, lang: str) -> None:
    product, how_long = waiting_product, SAY[lang](HOW_LONG[lang])
    async with (
        agent(product.http, WHO[lang], SAY[lang](ANSWER[lang]), lang=lang, folder=tmp_path) as seat,
        phone(tmp_path / "talks") as talks,
        phone(tmp_path / "waits") as waits,
    ):
        first = Case(product, "shop")
        await asks_for_a_person(talks, product, f"shop-{lang}", first)
        await seat.offered()
        await seat.accept()
        await seat.talking()
        async with phone(tmp_path / "ahead") as ahead:
            before = Case(product, "shop")
            await asks_for_a_person(ahead, product, f"shop-{lang}", before)
            case = Case(product, "shop")
            await asks_for_a_person(waits, product, f"shop-{lang}", case)
            await case.until(lambda one: heard_in_words(one, one.events("WaitTold")[0], lang), "place and range")
            told = last_told(case)
            assert told["position"] == 2
            assert 0 < told["low_min"] < told["high_min"], "a range, and the desk knows how fast it is"
            assert loud_ms(waits.heard()) > 1000
            await case.until(
                lambda one: any(text.startswith(THANKS[lang]) for text in one.said("Played")), "a word of comfort", 60
            )
            assert last_told(case)["position"] == 2
            spoken = len(case.said("Played"))
            await waits.say(how_long)
            await case.until(lambda one: one.said("Heard"), "the words are heard")
            await case.until(
                lambda one: heard_again(one, spoken, 2, lang), "whatever is said, the place is kept and told"
            )
            await ahead.hang_up()
        spoken = len(case.said("Played"))
        await case.until(lambda one: heard_again(one, spoken, 1, lang), "the better place is told", 60)
        ranges = [(event["low_min"], event["high_min"]) for event in case.events("WaitTold")]
        assert all(later[1] <= earlier[1] for earlier, later in itertools.pairwise(ranges)), ranges
        assert heard_in_words(case, last_told(case), lang)
        assert seat.alive and not await seat.offer.count(), "one call at a time"
        await waits.hang_up()
        await case.until(lambda one: one.events("Ended"), "the wait is over")
        await talks.hang_up()
    assert case.events("Ended")[-1]["disposition"] == "abandoned_in_queue"


def heard_again(case: Case, since: int, position: int, lang: str) -> bool:
    """Among what the caller has heard since, the bot names this place."""
    return any(PLACES[lang][position] in text for text in case.said("Played")[since:])
