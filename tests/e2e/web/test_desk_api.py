"""The desk of the whole product over its API: two agents at work, a visitor who asks for a person, words both ways."""

from __future__ import annotations

import json

import pytest

from tests.support.desk_agent import agent
from tests.support.product import RunningProduct
from tests.support.visitor import visitor


@pytest.fixture
def product(staffed_product: RunningProduct) -> RunningProduct:
    return staffed_product


async def test_a_visitor_is_handed_to_an_agent_and_both_write(product: RunningProduct) -> None:
    # Reported danger is staffed around the clock, so that this holds at any hour.
    async with agent(product, "S06") as one, agent(product, "S03") as other, visitor(product) as chat:
        await chat.say("where is my order", "order number")
        await chat.send("my heater is burning and smells of smoke, I need a person")
        offer = await one.hear("offer")
        contact, conversation = offer["contact"]["id"], offer["contact"]["conversation"]
        assert conversation == chat.conversation
        assert offer["headline"]["who"] and offer["headline"]["why"]
        packet = (await one.http.get(offer["packet"])).json()
        assert "smoke" in json.dumps(packet["transcript"])
        assert (await other.http.post(f"/api/desk/contacts/{contact}/accept")).status_code == 409
        await one.tell(type="accept", contact=contact)
        await one.hear("contact", lambda frame: frame["contact"]["state"] == "active")
        await chat.kind("joined")
        await one.tell(type="say", contact=contact, id="m1", text="Please unplug it. 4111 1111 1111 1111")
        await one.hear("ack", lambda frame: frame["id"] == "m1")
        said = await chat._until(
            "the agent's words", lambda: next((line for line in chat.lines if line["from"] == "agent"), None)
        )
        assert said["text"].startswith("Please unplug it") and "4111" not in said["text"]
        await chat.send("it is unplugged now")
        heard = await one.hear("event", lambda frame: frame["event"].get("text") == "it is unplugged now")
        assert heard["event"]["type"] == "Heard"
        assert (await one.http.post(f"/api/desk/contacts/{contact}/wrap_up")).json()["state"] == "wrapup"
        body = {"code": "safety_reported", "resolved": False, "note": "sent to safety"}
        assert (await one.http.post(f"/api/desk/contacts/{contact}/close", json=body)).status_code == 204
        await one.hear("contact", lambda frame: frame["contact"]["state"] == "closed")
        await chat.kind("ended")
    log = product.events(conversation)
    assert [event["change"] for event in log if event["type"] == "ContactChanged"] == [
        "queued", "offered", "accepted", "active", "wrapup", "closed",
    ]  # fmt: skip
    assert next(event["code"] for event in log if event["type"] == "WrappedUp") == "safety_reported"
    assert [event["by"] for event in log if event["type"] == "Ended"] == ["agent"]
    assert "ms after it was made" in product.log()
