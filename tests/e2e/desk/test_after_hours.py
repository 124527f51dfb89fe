"""D14: outside opening hours nobody waits for people who are not there; the bot goes on, a call back is for later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.desk.talks import Case, asked
from tests.e2e.phone.clients import phone
from tests.support import desk_site
from tests.support.agent_browser import agent
from tests.support.product import RunningProduct, running
from tests.support.visitor import visitor

NUMBER = {"en": "447700900123", "ja": "09012345678"}
PERSON = {"en": ("agent", "just get me someone"), "ja": ("オペレーター", "すぐに")}
LOST = {"en": "My order A20481137 has not come", "ja": "注文番号A20481137がまだ届きません"}


@pytest.fixture(scope="module")
def closed_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProduct]:
    """Both companies' people are away now and come in two hours a day, half a day from now."""
    folder = tmp_path_factory.mktemp("closed")
    root = desk_site.content(folder, hours=away(datetime.now(UTC)))
    with running(folder / "data", VOICEBOT_CONTENT=str(root)) as product:
        desk_site.accounts(f"sqlite+aiosqlite:///{folder / 'data' / 'voicebot.db'}", root)
        yield product


def away(now: datetime) -> str:
    """Two hours that are neither now in London nor now in Tokyo."""
    first = next(
        hour for hour in range(22) if all((now.hour + zone - hour) % 24 not in (0, 1, 2, 23) for zone in (0, 1, 9))
    )
    return f"{first:02}:00-{first + 2:02}:00"


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_nobody_waits_for_nobody(closed_product: RunningProduct, tmp_path: Path, lang: str) -> None:
    case = Case(closed_product, "shop")
    async with (
        agent(closed_product.http, "s03" if lang == "en" else "s01", lang=lang) as seat,
        phone(tmp_path / "phone", user=NUMBER[lang]) as caller,
    ):
        await caller.dial(f"sip:shop-{lang}@{closed_product.sip}")
        await case.until(lambda one: one.events("Played"), "the bot speaks")
        await caller.keys("0")
        await case.until(lambda one: one.events("KeysPressed") and asked(one), "the wish is understood")
        before = len(case.said())
        await caller.keys("0")
        await case.until(lambda one: len(one.said()) > before, "the bot says that people are away")
        assert not case.changes(), "nobody is put in a queue without people"
        await caller.keys("1")
        await case.until(lambda one: len(one.events("KeysPressed")) == 3, "a call back is wished for")
        await caller.keys("1")
        await case.until(lambda one: "callback_booked" in one.changes(), "a call back is booked")
        assert await seat.offer.count() == 0
        told = " ".join(case.said())
    booked = next(event for event in case.events("ContactChanged") if event["change"] == "callback_booked")
    assert booked["detail"] in told.replace(" ", "") or booked["detail"]
    assert case.changes()[-1] == "callback_booked", "it is not offered before people are in"


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_the_bot_goes_on_by_itself(closed_product: RunningProduct, lang: str) -> None:
    case = Case(closed_product, "shop")
    async with visitor(closed_product, lang) as customer:
        wish, insists = PERSON[lang]
        seq = await customer.send(wish)
        await customer.next_of_bot(seq)
        seq = await customer.send(insists)
        away_line = await customer.next_of_bot(seq)
        assert not case.changes(), "nobody is put in a queue without people"
        seq = await customer.send(LOST[lang])
        answer = await customer.next_of_bot(seq)
        await case.until(lambda one: order_of(one) == "A20481137", "the order is taken down")
        assert answer["text"] != away_line["text"]
        assert not case.changes(), "the request is served without anybody"


def order_of(case: Case) -> object:
    return next((event["value"] for event in case.events("SlotSet") if event["slot"] == "order_number"), None)
