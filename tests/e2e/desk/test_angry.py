"""D08: an angry caller is queued ahead, and the agent knows before answering; then two people talk.

The customer has called before: the agent sees that contact beside the talk.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.desk.talks import SAY, Case, spoken_until_handled
from tests.e2e.phone.clients import phone
from tests.support.agent_browser import Agent, agent
from tests.support.product import RunningProduct
from tests.support.waiting import eventually

ANGRY = {
    "en": "How many times do I have to tell you people, it's been two weeks!",
    "ja": "何回同じこと言わせるんだ、もう二週間だぞ！",
}
MORE = {
    "en": "Two weeks. I was promised the money on Monday.",
    "ja": "二週間も待っています。月曜日に返すと言われました。",
}
ANSWER = {
    "en": "Good morning. I can see it is late, and I am chasing it for you right now.",
    "ja": "ご心配をおかけしております。ただいま確認いたします。",
}
WHO = {"en": "s03", "ja": "s07"}
ALERT = {"en": "Angry", "ja": "怒り"}
NUMBER = {"en": "+447700900181", "ja": "09012345681"}
FIRST_TIME = {"en": "Where is my order?", "ja": "注文した商品がまだ届きません"}
FIRST_MATTER = "お届け状況"
"""Records are kept in the company's own language."""

NAMED = {"en": "How many times", "ja": "同じこと"}


async def calls_first_time(product: RunningProduct, seat: Agent, folder: Path, lang: str) -> None:
    """The customer asks, has no patience for the bot's question, and hangs up; the contact is in the history."""
    asks, case = SAY[lang](FIRST_TIME[lang]), Case(product, "shop")
    async with phone(folder, user=NUMBER[lang]) as caller:
        await caller.dial(f"sip:shop-{lang}@{product.sip}")
        await caller.prompt(0)
        before = len(case.said())
        await caller.say(asks)
        await case.until(lambda one: one.said("Heard") and len(one.said()) > before, "the bot asks back", 40)
        await caller.hang_up()
        await case.until(lambda one: one.events("Ended"), "the first call is over")

    async def kept() -> bool:
        status, told = await seat.call("GET", f"/api/desk/customers/{NUMBER[lang]}/history")
        return bool(status == 200 and told["interactions"])

    await eventually(kept, 30)


async def sees_earlier(seat: Agent, lang: str) -> None:
    """The contact before, and no other: when, by what, what about."""
    earlier = seat.page.locator("li.earlier")
    await expect(earlier).to_have_count(1)
    await expect(earlier.locator("time")).to_have_attribute("datetime", re.compile(r"^\d{4}-\d\d-\d\dT"))
    await expect(earlier).to_contain_text(seat.texts["channel_voice"])
    await expect(earlier).to_contain_text(FIRST_MATTER)
    await earlier.scroll_into_view_if_needed()
    await expect(earlier).to_be_visible()
    await seat.shot(f"d08_earlier_{lang}")


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_an_angry_caller_reaches_a_person_who_knows(
    desk_product: RunningProduct, tmp_path: Path, lang: str
) -> None:
    say = SAY[lang]
    angry, more, answer = say(ANGRY[lang]), say(MORE[lang]), say(ANSWER[lang])
    async with (
        agent(desk_product.http, WHO[lang], answer, lang=lang, folder=tmp_path) as seat,
        phone(tmp_path / "phone", user=NUMBER[lang]) as caller,
    ):
        await calls_first_time(desk_product, seat, tmp_path / "first", lang)
        case = Case(desk_product, "shop")
        await caller.dial(f"sip:shop-{lang}@{desk_product.sip}")
        await caller.prompt(0)
        await caller.say(angry)
        headline = await seat.offered()
        await seat.shot(f"d08_offer_{lang}")
        assert ALERT[lang] in headline
        assert NAMED[lang] in await seat.offer.locator(".opening").inner_text()
        await spoken_until_handled(seat, caller, case, more)
        await sees_earlier(seat, lang)
        turns = await seat.turns()
        parts = await seat.parts()
        await seat.shot(f"d08_talk_{lang}")
        assert parts == [seat.texts["part_bot"], seat.texts["part_live"]]
        who = [speaker for speaker, _ in turns if speaker != "system"]
        assert who[0] == "bot" and who[-1] in ("agent", "customer") and {"customer", "agent"} <= set(who)
        await seat.press("hang_up")
        await caller.event("CALL_CLOSED")
        await seat.page.locator("#disposition").wait_for()
        await seat.shot(f"d08_wrapup_{lang}")
        await seat.page.locator(".wrapup button[type=submit]").click()
        assert await seat.page.locator("#disposition:invalid").count() == 1, "it cannot be finished without"
        await seat.wrapped("refund_arranged", "promised by Friday")
        contact = case.contact
        await case.until(lambda one: one.changes()[-1] == "closed", "the contact is closed")

    ended = case.events("Ended")[-1]
    assert ended["disposition"] == "handled_by_agent"
    assert [event["alert"] for event in case.events("Alerted")] == ["angry"]
    assert case.events("ContactChanged")[0]["priority"] < 5, "raised above what is usual"
    assert case.events("WrappedUp")[-1]["code"] == "refund_arranged"
    assert contact.startswith("ho-")
    before = [event["text"] for event in case.events("Said")]
    assert not any("?" in text or "？" in text for text in before[3:]), "nothing more is asked"
