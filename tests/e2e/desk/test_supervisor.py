"""A leader listens unheard, whispers to the agent alone, and takes over, from an agent and from the bot."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.e2e.desk.talks import SAY, Case, asks_for_a_person
from tests.e2e.phone.clients import loud_ms, phone, until
from tests.support.agent_browser import Agent, agent, hears_more
from tests.support.product import RunningProduct
from tests.support.waiting import eventually
from voicebot.audio import Pcm

MORE = "My lamp arrived broken and I want another one."
LEADER = "Offer a replacement by Friday, please."


async def loud_in(seat: Agent, from_samples: int) -> bool:
    sound = await seat.heard()
    return loud_ms(Pcm(sound.samples[from_samples:], sound.rate)) > 0


async def test_listening_whispering_and_taking_over(desk_product: RunningProduct, tmp_path: Path) -> None:
    case, more, words = Case(desk_product, "shop"), SAY["en"](MORE), SAY["en"](LEADER)
    async with (
        agent(desk_product.http, "s03", folder=tmp_path) as seat,
        agent(desk_product.http, "l02", words, folder=tmp_path, pause_s=1, path="/desk/floor") as leader,
        phone(tmp_path / "phone") as caller,
    ):
        await asks_for_a_person(caller, desk_product, "shop-en", case)
        await seat.offered()
        await seat.accept()
        await seat.talking()
        await seat.active()
        row = leader.page.locator(f"tr[data-contact='{case.contact}']")
        await row.get_by_role("button").click()
        watch = leader.page.locator(".watch")
        buttons = {key: watch.get_by_role("button", name=leader.texts[key], exact=True) for key in leader.texts}
        await buttons["listen"].click()
        await case.until(lambda one: one.events("PartyJoined")[-1]["role"] == "listener", "the leader listens")
        at_ms, at = caller.heard().ms, len((await seat.heard()).samples)
        await caller.say(more)
        await hears_more(leader)
        await leader.shot("supervisor_listens")
        await eventually(lambda: loud_in(seat, at))
        await until(lambda: caller.heard().ms > at_ms + 4000, "some seconds of the call")
        assert loud_ms(caller.heard().cut(at_ms + 500)) == 0, "the caller hears nobody"

        at_ms = caller.heard().ms
        await buttons["whisper_act"].click()
        await case.until(lambda one: one.events("PartyJoined")[-1]["role"] == "whisperer", "the leader whispers")
        await hears_more(seat)
        await leader.shot("supervisor_whispers")
        assert loud_ms(caller.heard().cut(at_ms)) == 0, "the caller does not hear what is whispered"

        await buttons["join_act"].click()
        await case.until(lambda one: one.events("PartyJoined")[-1]["role"] == "speaker", "the leader joins")
        at_ms = caller.heard().ms
        await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 800, "the caller hears the leader")
        await buttons["take_over"].click()
        await buttons["yes"].click()
        await case.until(lambda one: "S03" in [left["agent"] for left in one.events("PartyLeft")], "the agent goes")
        await expect(seat.page.locator(".contact")).to_have_count(0)
        await leader.page.goto(f"{desk_product.http}/desk")
        await expect(leader.page.locator(".talk")).to_be_visible(timeout=20_000)
        await leader.press("connect_call")
        await leader.talking()
        at_ms = caller.heard().ms
        await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 800, "the caller hears the leader from the console")
        await leader.shot("supervisor_took_over")
        await leader.press("hang_up")
        await caller.event("CALL_CLOSED")
        await leader.wrapped("return_arranged")
        await case.until(lambda one: one.events("Ended"), "the call is over")
    assert case.events("Ended")[-1]["disposition"] == "handled_by_agent"
    whispered = [event for event in case.events("AgentSaid") if event["private"]]
    assert all(event["agent"] == "L02" for event in whispered)


async def test_taking_over_from_the_bot(desk_product: RunningProduct, tmp_path: Path) -> None:
    case, words = Case(desk_product, "shop"), SAY["en"](LEADER)
    async with (
        agent(desk_product.http, "l02", words, folder=tmp_path, pause_s=1) as leader,
        phone(tmp_path / "phone") as caller,
    ):
        await caller.dial(f"sip:shop-en@{desk_product.sip}")
        await case.until(lambda one: one.events("Played"), "the bot speaks")
        status, _ = await leader.call("POST", f"/api/desk/conversations/{case.id}/take_over", {})
        assert status == 200
        await expect(leader.page.locator(".talk")).to_be_visible(timeout=20_000)
        await leader.press("connect_call")
        await leader.talking()
        at_ms = caller.heard().ms
        await case.until(lambda one: one.said("AgentSaid"), "the leader is written down")
        await until(lambda: loud_ms(caller.heard().cut(at_ms)) > 0, "the caller hears the leader")
        await leader.shot("supervisor_from_the_bot")
        await leader.press("hang_up")
        await caller.event("CALL_CLOSED")
        await leader.wrapped("advice_given")
        await case.until(lambda one: one.events("Ended"), "the call is over")
    assert case.events("Ended")[-1]["disposition"] == "handled_by_agent"
