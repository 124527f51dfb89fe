"""D30: advice from an expert on a SIP phone, three at once, and one of them goes; the customer is never alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.desk.talks import SAY, Case, asks_for_a_person, longest_silence_ms, spoken_until_handled
from tests.e2e.phone.clients import RATE, loud_ms, phone, until
from tests.e2e.phone.linphone import linphone
from tests.support.agent_browser import Agent, agent, hears_more
from tests.support.product import RunningProduct
from voicebot.audio import concat

MORE = {"en": "My broadband drops every evening.", "ja": "毎晩ネットが切れます。"}
ANSWER = {
    "en": "I'll bring in our fibre expert. One moment please.",
    "ja": "ファイバーの専門の者に相談いたします。少々お待ちください。",
}
EXPERT = {
    "en": "The exchange in your area is being repaired until Friday.",
    "ja": "お住まいの地域の設備を金曜日まで修理しております。",
}
WHO = {"en": "h01", "ja": "h06"}


async def consult_by_number(seat: Agent, address: str) -> None:
    await seat.press("consult")
    dialog = seat.page.locator("dialog[open]")
    await dialog.locator("input[name=to][value=sip]").check()
    await dialog.locator("input[name=sip]").fill(address)
    await dialog.locator("button[type=submit]").click()


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_an_expert_on_a_sip_phone(desk_product: RunningProduct, tmp_path: Path, lang: str) -> None:
    say, case = SAY[lang], Case(desk_product, "telecom")
    more, answer, advice = say(MORE[lang]), say(ANSWER[lang]), say(EXPERT[lang])
    async with (
        agent(desk_product.http, WHO[lang], answer, lang=lang, folder=tmp_path, pause_s=1) as seat,
        linphone(tmp_path / "linphone", concat([advice], RATE)) as expert,
        phone(tmp_path / "phone") as caller,
    ):
        await asks_for_a_person(caller, desk_product, f"telecom-{lang}", case)
        await seat.offered()
        await spoken_until_handled(seat, caller, case, more)
        from_ms = caller.heard().ms
        await consult_by_number(seat, expert.address)
        await case.until(lambda one: [e["role"] for e in one.events("PartyJoined")] == ["lead", "expert"], "expert")
        assert case.events("HoldChanged")[-1]["on"], "the customer hears music meanwhile"
        await seat.shot(f"d30_consult_{lang}")
        await hears_more(seat)
        at_ms = caller.heard().ms
        await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 800, "music")
        await seat.press("three_way")
        await case.until(lambda one: not one.events("HoldChanged")[-1]["on"], "all three talk")
        await seat.shot(f"d30_three_{lang}")
        heard = len(expert.heard().samples)
        await caller.say(more)
        await until(lambda: loud_ms(expert.heard().cut(heard * 1000 / expert.heard().rate)) > 800, "the expert hears")
        await seat.press("complete_transfer")
        await case.until(lambda one: one.events("PartyLeft"), "the first agent leaves")
        at_ms = caller.heard().ms
        await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 1500, "the caller hears the expert alone")
        silent_ms = longest_silence_ms(caller.heard().cut(from_ms))
        await seat.shot(f"d30_after_{lang}")
        await seat.page.locator("#disposition").wait_for()
        await seat.wrapped("advice_given")
        at_ms = caller.heard().ms
        await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 1500, "the talk goes on after the first agent is done")
        await caller.hang_up()
        await case.until(lambda one: one.events("Ended"), "the call is over")
    assert silent_ms < 4000, "the customer is never left with nobody on the line"
    assert case.events("Ended")[-1]["disposition"] == "handled_by_agent"


async def test_a_colleague_with_a_sip_phone_takes_a_transfer(desk_product: RunningProduct, tmp_path: Path) -> None:
    say, case = SAY["en"], Case(desk_product, "telecom")
    more, answer, advice = say(MORE["en"]), say(ANSWER["en"]), say(EXPERT["en"])
    async with (
        agent(desk_product.http, "h03", answer, folder=tmp_path, pause_s=1) as first,
        linphone(tmp_path / "linphone", concat([advice], RATE)) as telephone,
        phone(tmp_path / "phone") as caller,
    ):
        await asks_for_a_person(caller, desk_product, "telecom-en", case)
        await first.offered()
        await spoken_until_handled(first, caller, case, more)
        async with agent(desk_product.http, "h04", folder=tmp_path) as second:
            status, _ = await second.call("PATCH", "/api/desk/agents/H04", {"endpoint": telephone.address})
            assert status == 200
            await first.press("transfer")
            dialog = first.page.locator("dialog[open]")
            await dialog.locator("input[name=to][value='agent:H04']").check()
            await dialog.locator("textarea[name=note]").fill("evenings only")
            await dialog.locator("button[type=submit]").click()
            headline = await second.offered()
            await second.shot("d30_transfer_offer")
            assert headline
            await second.accept()
            await second.active()
            at_ms = caller.heard().ms
            await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 1500, "the caller hears the SIP phone")
            await second.shot("d30_transfer_talk")
            await second.press("hang_up")
            await caller.event("CALL_CLOSED")
            await second.wrapped("advice_given")
            await second.call("PATCH", "/api/desk/agents/H04", {"endpoint": "browser"})
    assert {event["enqueued_at"] for event in case.events("ContactChanged")} == {
        case.events("ContactChanged")[0]["enqueued_at"]
    }
