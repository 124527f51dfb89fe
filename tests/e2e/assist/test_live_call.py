"""D24 on the phone: a customer's words bring the card on the agent's screen, and the agent's own words tick the script.

The customer is baresip, the agent a browser with a headset; what the recogniser makes of their words is what counts.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.desk.talks import SAY, Case
from tests.e2e.phone.clients import Phone, phone
from tests.support.agent_browser import WITHIN_MS, Agent, agent
from tests.support.product import RunningProduct
from voicebot.assist.content import load_assist
from voicebot.audio import Pcm
from voicebot.domain import Language, TenantId
from voicebot.settings import Settings

TENANT = "telecom"
WHO = "h07"
"""Looks after people who want to leave, in both languages."""
LAST_DAY = {"en": "Tell the last day of service", "ja": "サービスの最終日を伝える"}
"""A step of the script that must not be missed, and that nobody has said."""
BROUGHT = ("card_competitor", "card_complaint_listen")
TIMES, AGAIN_MS = 4, 8000
CARD, TALK = "article.cue:not(.beside)", ".cue-talk"


@dataclass(frozen=True)
class Lines:
    """What is said in one language."""

    leave: str
    person: str
    rival: str
    complain: str
    no_fee: str


LINES = {
    "en": Lines(
        leave="I want to cancel my contract.",
        person="I want to speak to a person.",
        rival="I can get a better deal with another company.",
        complain="I am fed up. Nobody ever calls me back.",
        no_fee="You are out of contract, so there is nothing to pay for leaving.",
    ),
    "ja": Lines(
        leave="契約を解約したいんです。",
        person="オペレーターにつないでください。",
        rival="他社だともっと安いんですよね。",
        complain="対応がひどいです。何度電話しても、誰も折り返してくれません。",
        no_fee="最低利用期間は過ぎておりますので、解約金はかかりません。",
    ),
}


async def wants_to_leave(caller: Phone, product: RunningProduct, lang: str, case: Case) -> None:
    """Tell the bot the matter, then ask for a person until in the queue."""
    say, lines = SAY[lang], LINES[lang]
    leave, person = say(lines.leave), say(lines.person)
    await caller.dial(f"sip:{TENANT}-{lang}@{product.sip}")
    await caller.prompt(0)
    await caller.say(leave)
    await case.until(lambda one: "cancel_service" in wishes(one), "the bot knows the matter")
    for _ in range(3):
        with contextlib.suppress(pytest.fail.Exception):
            await case.until(lambda one: "queued" in changes(one), "the caller is queued", 8)
            return
        await caller.say(person)
    await case.until(lambda one: "queued" in one.changes(), "the caller is queued")


def wishes(case: Case) -> list[str]:
    return [str(event["intent"]) for event in case.events("Understood")]


def changes(case: Case) -> list[str]:
    return case.changes() if case.events("ContactChanged") else []


def customer_said_to_agent(case: Case) -> dict[str, str]:
    """Words of the customer since the agent joined, by utterance."""
    events = case.events()
    joined = next(number for number, one in enumerate(events) if one["type"] == "PartyJoined")
    return {one["utterance"]: one["text"] for one in events[joined:] if one["type"] == "Heard"}


async def brings(seat: Agent, caller: Phone, sound: Pcm, card: str) -> Locator:
    """The customer says it, again while cards keep their distance, until the card is prominent on the screen."""
    shown = seat.page.locator(f"{CARD}[data-card={card}]")
    for _ in range(TIMES):
        await caller.say(sound)
        with contextlib.suppress(AssertionError):
            await expect(shown).to_be_visible(timeout=AGAIN_MS)
            break
    await expect(shown).to_be_visible()
    return shown


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_a_call_with_cards_and_a_script(desk_product: RunningProduct, tmp_path: Path, lang: str) -> None:
    say, lines, case = SAY[lang], LINES[lang], Case(desk_product, TENANT)
    rival, complain, no_fee = say(lines.rival), say(lines.complain), say(lines.no_fee)
    cards = load_assist(Settings.load().content / "flows", TenantId(TENANT))
    texts = {name: card.text[Language(lang)] for name, card in cards.cards.items()}
    async with (
        agent(desk_product.http, WHO, no_fee, lang=lang, folder=tmp_path, pause_s=9) as seat,
        phone(tmp_path / "phone") as caller,
    ):
        await wants_to_leave(caller, desk_product, lang, case)
        await seat.offered()
        await seat.accept()
        await seat.talking()
        await seat.active()

        shown = await brings(seat, caller, rival, "card_competitor")
        await expect(shown.locator("h3")).to_have_text(texts["card_competitor"].title)
        await expect(shown.locator(TALK)).to_have_text(texts["card_competitor"].talk)
        await seat.shot(f"d24_card_{lang}")
        await seat.page.keyboard.press("Alt+g")
        await case.until(lambda one: ("card_competitor", "useful") in ended(one), "marked useful")
        await seat.page.keyboard.press("Alt+u")
        await case.until(lambda one: ("card_competitor", "used") in ended(one), "used")
        await expect(shown).to_have_count(0)

        listen = await brings(seat, caller, complain, "card_complaint_listen")
        matter = next(text for text in case.said("Heard"))
        await expect(listen.locator(f"{TALK} mark")).to_have_text(matter)
        await seat.shot(f"d24_slots_{lang}")
        await seat.page.keyboard.press("Alt+x")
        await expect(seat.page.locator("#cue-why-moment")).to_be_focused()
        await seat.page.keyboard.press("Enter")
        await expect(listen).to_have_count(0)
        await case.until(lambda one: ("card_complaint_listen", "dismissed") in ended(one), "dismissed")

        fee = seat.page.locator("[data-step=exit_fee]")
        await expect(fee).to_have_attribute("data-state", "done", timeout=WITHIN_MS)
        told = await fee.locator(".because").inner_text()
        await seat.shot(f"d24_script_{lang}")
        await case.until(lambda one: called_for(one) <= customer_said_to_agent(one).keys(), "words after their cards")
        await seat.press("hang_up")
        await expect(seat.page.locator("dialog li", has_text=LAST_DAY[lang])).to_be_visible()
        await seat.page.get_by_role("button", name=seat.texts["missing_end"]).click()
        await caller.event("CALL_CLOSED")

    shows = {event["card"]: event for event in case.events("CardShown")}
    spoken = customer_said_to_agent(case)
    for card in BROUGHT:
        assert shows[card]["agent"] == WHO.upper() and shows[card]["utterance"] in spoken, shows[card]
    assert shows["card_complaint_listen"]["values"]["summary"] == matter
    assert len([event for event in case.events("CardShown") if event["card"] == "card_competitor"]) == 1
    (why,) = [event["why"] for event in case.events("CardEnded") if event["how"] == "dismissed"]
    assert why == "moment"
    (done,) = [one for one in case.events("ScriptMoved") if (one["change"], one["step"]) == ("done", "exit_fee")]
    said = {event["utterance"]: event["text"] for event in case.events("AgentSaid")}
    assert done["by"] == "heard" and said[done["utterance"]] == told


def called_for(case: Case) -> set[str]:
    """Utterances that brought the two cards; a card may come before the words are over."""
    return {str(event["utterance"]) for event in case.events("CardShown") if event["card"] in BROUGHT}


def ended(case: Case) -> list[tuple[str, str]]:
    return [(str(event["card"]), str(event["how"])) for event in case.events("CardEnded")]
