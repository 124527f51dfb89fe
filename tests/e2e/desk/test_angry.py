"""D08: an angry caller is queued ahead, and the agent knows before answering; then two people talk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.desk.talks import SAY, Case, spoken_until_handled
from tests.e2e.phone.clients import phone
from tests.support.agent_browser import agent
from tests.support.product import RunningProduct

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
NAMED = {"en": "How many times", "ja": "同じこと"}


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_an_angry_caller_reaches_a_person_who_knows(
    desk_product: RunningProduct, tmp_path: Path, lang: str
) -> None:
    say, case = SAY[lang], Case(desk_product, "shop")
    angry, more, answer = say(ANGRY[lang]), say(MORE[lang]), say(ANSWER[lang])
    async with (
        agent(desk_product.http, WHO[lang], answer, lang=lang, folder=tmp_path) as seat,
        phone(tmp_path / "phone") as caller,
    ):
        await caller.dial(f"sip:shop-{lang}@{desk_product.sip}")
        await caller.prompt(0)
        await caller.say(angry)
        headline = await seat.offered()
        await seat.shot(f"d08_offer_{lang}")
        assert ALERT[lang] in headline
        assert NAMED[lang] in await seat.offer.locator(".opening").inner_text()
        await spoken_until_handled(seat, caller, case, more)
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
