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

OPEN_LATER = {"en": "someone can call", "ja": "折り返し"}


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
        phone(tmp_path / "phone", user="447700900123") as caller,
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
