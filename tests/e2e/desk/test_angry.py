"""D08: an angry caller is queued ahead, and the agent knows before answering; then two people talk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.desk.talks import SAY, Case, in_short
from tests.e2e.phone.clients import loud_ms, phone, until
from tests.support.agent_browser import agent, hears_more
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
        headline = await seat.offered(60_000)
        await seat.shot(f"d08_offer_{lang}")
        assert ALERT[lang] in headline, headline
        await seat.accept()
        await seat.talking()
        await seat.active()
        await caller.say(more)
        await hears_more(seat)
        at_ms = caller.heard().ms
        await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 1500, "the caller hears the agent")
        await case.until(lambda one: one.said("AgentSaid"), "the agent's words are written down")
        await seat.shot(f"d08_talk_{lang}")
        print(await seat.turns())
        print(in_short(case.events()))
        await seat.press("hang_up")
        await caller.event("CALL_CLOSED")
        await seat.page.locator("#disposition").wait_for()
        await seat.shot(f"d08_wrapup_{lang}")
        await seat.wrapped("refund_chased")
        print(in_short(case.events()))
