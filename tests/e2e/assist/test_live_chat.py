"""The customer of a chat names a rival, the card is on the agent's screen, and what became of it is kept."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.e2e.desk.talks import Case
from tests.support.desk_agent import Agent, agent
from tests.support.product import RunningProduct
from tests.support.visitor import ChatVisitor, visitor

RIVAL = {"en": "I can get a better deal with another company", "ja": "他社だともっと安いんですよね"}
PERSON = {"en": "agent", "ja": "オペレーター"}
NOW = {"en": "just get me someone", "ja": "すぐに"}
ANSWER = {
    "en": "Tell me what they include and I'll compare fairly.",
    "ja": "条件を教えてください。同じ条件でお比べします。",
}
WHO = {"en": "H03", "ja": "H06"}
THANKS = {"en": "thank you, lovely", "ja": "ありがとうございます、助かります"}


async def handed_over(chat: ChatVisitor, seat: Agent, lang: str) -> dict[str, Any]:
    """The visitor gets to the agent; the contact."""
    await chat.send(PERSON[lang])
    offered = asyncio.create_task(seat.hear("offer"))
    done, _ = await asyncio.wait({offered}, timeout=8)
    if not done:
        await chat.send(NOW[lang])
    contact: dict[str, Any] = (await offered)["contact"]
    await seat.tell(type="accept", contact=contact["id"])
    await seat.hear("contact", lambda frame: frame["contact"]["state"] == "active")
    await chat.kind("joined")
    return contact


def is_card(frame: dict[str, Any]) -> bool:
    return frame["event"]["type"] == "CardShown"


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_the_card_about_another_company(desk_product: RunningProduct, lang: str) -> None:
    case = Case(desk_product, "telecom")
    async with agent(desk_product, WHO[lang]) as seat, visitor(desk_product, lang, tenant="telecom") as chat:
        contact = await handed_over(chat, seat, lang)
        await chat.send(THANKS[lang])
        await seat.hear("event", lambda frame: frame["event"].get("text") == THANKS[lang])
        began = time.monotonic()
        await chat.send(RIVAL[lang])
        shown = (await seat.hear("event", is_card))["event"]
        took_s = time.monotonic() - began
        print(f"{lang}: message sent -> card at the socket {took_s * 1000:.0f} ms")
        content = (await seat.http.get(f"/api/assist/telecom/content?version={shown['version']}")).json()
        cards = {one["id"]: one for one in content["cards"]}
        assert shown["card"] == "card_competitor", shown
        assert cards[shown["card"]]["text"][lang]["talk"]
        heard = next(one for one in case.events("Heard") if one["text"] == RIVAL[lang])
        assert (shown["agent"], shown["utterance"]) == (WHO[lang], heard["utterance"])
        await seat.tell(type="say", contact=contact["id"], id="m1", text=ANSWER[lang])
        await seat.hear("ack")
        useful = await seat.http.post(
            f"/api/assist/contacts/{contact['id']}/cards/{shown['card']}", json={"how": "useful"}
        )
        assert useful.status_code == 204, useful.text
        await seat.hear("event", lambda frame: frame["event"]["type"] == "CardEnded")
        await chat.send(RIVAL[lang])
        await case.until(lambda one: len([text for text in one.said("Heard") if text == RIVAL[lang]]) == 2, "again")
        assert (await seat.http.post(f"/api/desk/contacts/{contact['id']}/wrap_up")).status_code == 200
        body = {"code": "customer_kept", "resolved": True, "note": ""}
        closed = await seat.http.post(f"/api/desk/contacts/{contact['id']}/close", json=body)
        assert closed.status_code == 204, closed.text
    ended = [(one["card"], one["how"]) for one in case.events("CardEnded")]
    assert (shown["card"], "useful") in ended
    assert [one["card"] for one in case.events("CardShown")].count(shown["card"]) == 1
