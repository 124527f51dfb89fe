"""The console's socket: offers, chats, reconnects, and what breaks one connection only."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.desk import TELECOM
from tests.support.desk_console import Console, World, socket_of, world
from voicebot.domain import (
    EN,
    JA,
    AgentId,
    AgentSaid,
    Channel,
    ContactState,
    ConversationId,
    HandoffId,
    Heard,
    Source,
    UtteranceId,
)
from voicebot.web.desk.frames import MAX_FRAME_BYTES, DeskClose
from voicebot.web.signed_in import COOKIE


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def talking(floor: World, console: Console) -> str:
    """A chat that this console leads."""
    contact = await floor.customer()
    await console.hear("offer", contact__id=contact)
    await console.tell(type="accept", contact=contact)
    await console.hear("contact", contact__id=contact, contact__state="active")
    return contact


def conversation_of(contact: str) -> ConversationId:
    return ConversationId(contact.removeprefix("ho-").removesuffix("-1"))


async def test_the_state_comes_first_and_whole(floor: World) -> None:
    async with floor.console("S01") as console:
        state = await console.hear("state")
        assert state["person"]["id"] == state["me"]["id"] == "S01"
        assert state["me"]["presence"] == "break"
        assert "lunch" in [one["code"] for one in state["breaks"]]
        assert "order_answered" in [one["code"] for one in state["dispositions"]]
        assert {"q_orders"} <= {one["id"] for one in state["queues"]}
        assert "S02" in [one["id"] for one in state["team"]]
        assert state["replies"][0]["language"] == "ja"
        assert console.frames[0]["type"] == "state"


async def test_an_offer_shows_its_headline_before_it_is_taken(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await floor.customer()
        offer = await console.hear("offer", contact__id=contact)
        assert offer["headline"]["who"] and offer["headline"]["ask"]
        assert offer["lease_until"] > offer["server_time"]
        packet = (await console.http.get(offer["packet"])).json()
        assert packet["handoff_id"] == contact
        assert packet["headline"]["who"] == offer["headline"]["who"]
    metrics = (await console_metrics(floor)).splitlines()
    assert "voicebot_desk_offer_to_screen_seconds_count 1.0" in metrics


async def console_metrics(floor: World) -> str:
    async with floor.browser() as client:
        return (await client.get("/metrics")).text


async def test_a_chat_is_taken_written_in_wrapped_up_and_closed(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
        assert (await console.hear("offer_over", contact=contact))["why"] == "accepted"
        conversation = conversation_of(contact)
        heard = await console.hear("event", conversation=conversation, event__type="Heard")
        assert heard["event"]["text"] == "担当者をお願いします"
        await console.hear("caught_up", conversation=conversation)
        await console.tell(type="say", contact=contact, id="m1", text="お待たせいたしました。")
        ack = await console.hear("ack", id="m1")
        said = await console.hear("event", conversation=conversation, event__type="AgentSaid")
        assert said["seq"] == ack["seq"]
        assert said["event"]["text"] == "お待たせいたしました。"
        assert (await console.post(f"contacts/{contact}/wrap_up")).json()["state"] == "wrapup"
        await console.hear("contact", contact__id=contact, contact__state="wrapup", mine=True)
        assert (await console.post(f"contacts/{contact}/close", {"code": "order_answered"})).status_code == 204
        await console.hear("contact", contact__id=contact, contact__state="closed", mine=False)
    assert (await floor.desk.contact(HandoffId(contact))).outcome == "order_answered"


async def test_the_same_words_sent_twice_are_said_once(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
        for _ in range(2):
            await console.tell(type="say", contact=contact, id="again", text="こんにちは")
        first = await console.hear("ack", id="again")
        second = await console.hear("ack", after=console.frames.index(first) + 1, id="again")
        assert first == second
        events = await floor.store.events(conversation_of(contact))
        assert len([one for one in events if isinstance(one.event, AgentSaid)]) == 1


async def test_secrets_an_agent_writes_are_redacted_and_markup_stays_text(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
        await console.tell(
            type="say", contact=contact, id="m1", text="<img src=x onerror=alert(1)> 4111 1111 1111 1111"
        )
        said = await console.hear("event", event__type="AgentSaid")
        assert said["event"]["text"].startswith("<img src=x onerror=alert(1)> ")
        assert "4111" not in said["event"]["text"]


async def test_nobody_writes_in_a_chat_they_do_not_lead(floor: World) -> None:
    async with floor.console("S01", presence="available") as console, floor.console("L01") as other:
        contact = await talking(floor, console)
        await other.tell(type="say", contact=contact, id="m1", text="hello")
        assert (await other.hear("error", id="m1"))["code"] == "not_yours"
        await console.post(f"contacts/{contact}/wrap_up")
        await console.tell(type="say", contact=contact, id="m2", text="too late")
        assert (await console.hear("error", id="m2"))["code"] == "not_active"
        await console.tell(type="say", contact="ho-none", id="m3", text="nobody")
        assert (await console.hear("error", id="m3"))["code"] == "not_found"


async def test_typing_and_reading_go_both_ways_without_being_logged(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
        topic = f"typing.{conversation_of(contact)}"
        before = len(await floor.store.events(conversation_of(contact)))
        heard = floor.store.changes(topic)
        await console.tell(type="typing", contact=contact)
        assert json.loads(await anext(heard)) == {"sign": "typing", "who": "agent", "on": True}
        await console.tell(type="read", contact=contact, seq=2)
        assert json.loads(await anext(heard)) == {"sign": "read", "who": "agent", "seq": 2}
        await heard.aclose()
        await floor.store.announce(topic, json.dumps({"sign": "typing", "who": "customer", "on": True}))
        assert (await console.hear("typing", contact=contact))["who"] == "customer"
        await floor.store.announce(topic, "no sign at all")
        await floor.store.announce(topic, json.dumps({"sign": "read", "who": "customer", "seq": 5}))
        assert (await console.hear("read", contact=contact))["seq"] == 5
        assert len(await floor.store.events(conversation_of(contact))) == before


async def test_a_console_that_comes_back_misses_nothing_and_gets_nothing_twice(floor: World) -> None:
    async with floor.browser("S01") as client:
        async with socket_of(floor.server, client) as console:
            await console.tell(type="hello", presence="available")
            contact = await talking(floor, console)
            conversation = conversation_of(contact)
            seq = (await console.hear("caught_up", conversation=conversation))["seq"]
        words = [
            Heard(utterance=UtteranceId(f"late{n}"), text=f"もしもし{n}", language=JA, source=Source.TEXT)
            for n in range(3)
        ]
        await floor.store.append(conversation, words, floor.clock.now())
        async with socket_of(floor.server, client) as console:
            await console.tell(type="hello", seen={conversation: seq})
            state = await console.hear("state")
            assert state["me"]["presence"] == "available"
            assert [one["id"] for one in state["contacts"]] == [contact]
            await console.hear("caught_up", conversation=conversation)
            got = [one for one in console.frames if one["type"] == "event"]
            assert got[0]["seq"] == seq + 1
            assert [one["seq"] for one in got] == list(range(seq + 1, seq + 1 + len(got)))
            assert [one["event"]["text"] for one in got if one["event"]["type"] == "Heard"] == [
                "もしもし0", "もしもし1", "もしもし2",
            ]  # fmt: skip
            await floor.store.append(conversation, words[:1], floor.clock.now())
            await console.hear("event", seq=got[-1]["seq"] + 1)


async def test_a_second_window_takes_over_and_the_first_is_told(floor: World) -> None:
    async with floor.console("S01", presence="available") as first:
        contact = await talking(floor, first)
        async with floor.console("S01") as second:
            assert await first.closed() == DeskClose.REPLACED
            assert first.frames[-1]["code"] == "replaced"
            state = await second.hear("state")
            assert [one["id"] for one in state["contacts"]] == [contact]
            await second.tell(type="heartbeat")
            await second.hear("beat")
            await second.tell(type="say", contact=contact, id="m1", text="続けます")
            await second.hear("ack", id="m1")


async def test_two_agents_accept_at_once_and_one_is_told_why_not(floor: World) -> None:
    async with floor.console("S01", presence="available") as one, floor.console("S02") as two:
        contact = await floor.customer()
        await one.hear("offer", contact__id=contact)
        answers = await asyncio.gather(one.post(f"contacts/{contact}/accept"), two.post(f"contacts/{contact}/accept"))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        refused = next(answer for answer in answers if answer.status_code == 409).json()
        assert refused["code"] in ("taken", "offer_over")
        assert refused["detail"]
        await two.tell(type="accept", contact=contact)
        assert (await two.hear("error", contact=contact))["code"] == "taken"


async def test_a_declined_offer_goes_to_somebody_else(floor: World) -> None:
    async with floor.console("S01", presence="available") as one:
        contact = await floor.customer()
        await one.hear("offer", contact__id=contact)
        async with floor.console("S02", presence="available") as two:
            await one.tell(type="decline", contact=contact, reason="busy")
            assert (await one.hear("offer_over", contact=contact))["why"] == "declined"
            await two.hear("offer", contact__id=contact)


async def test_presence_is_a_company_word_and_everybody_sees_it(floor: World) -> None:
    async with floor.console("S01") as one, floor.console("S02") as two:
        await two.hear("state")
        await one.tell(type="presence", state="break", reason="fishing")
        assert (await one.hear("error"))["code"] == "unknown_break"
        await one.tell(type="presence", state="break", reason="lunch")
        seen = await two.hear("agent", agent__id="S01", agent__reason="lunch")
        assert not seen["me"]
        await one.tell(type="presence", state="offline")
        await two.hear("agent", agent__id="S01", agent__presence="offline")
        await one.tell(type="heartbeat")
        await one.hear("beat")
        assert (await floor.desk.agent(AgentId("S01"))).presence == "offline"
        await one.tell(type="presence", state="available")
        await two.hear("agent", agent__id="S01", agent__presence="available")


async def test_queues_are_told_when_they_move(floor: World) -> None:
    async with floor.console("S01") as console:
        await console.hear("state")
        await floor.customer()
        while True:
            queues = {one["id"]: one for one in (await console.hear("queues"))["queues"]}
            if queues["q_orders"]["waiting"] == 1:
                break
            console.frames.clear()


async def test_a_leader_watches_a_conversation_and_an_agent_may_not(floor: World) -> None:
    contact = await floor.customer()
    conversation = conversation_of(contact)
    async with floor.console("L01", takes_contacts=False) as leader, floor.console("S02") as agent:
        assert (await leader.hear("state"))["me"] is None
        await leader.tell(type="watch", conversation=conversation)
        await leader.hear("event", conversation=conversation, event__type="Heard")
        await agent.tell(type="watch", conversation=conversation)
        assert (await agent.hear("error"))["code"] == "not_allowed"
        await leader.tell(type="unwatch", conversation=conversation)
    audit = [row.line.what for row in await floor.people.audit.read(None, every=True)]
    assert "watched" in audit


async def test_companies_are_walled_off(floor: World) -> None:
    async with floor.console("H01", presence="available") as other, floor.console("HL1") as leader:
        await other.hear("state")
        contact = await floor.customer()
        theirs = await floor.customer(Channel.WEB_CHAT, TELECOM, EN, skills=("network",))
        await other.hear("offer", contact__id=theirs)
        for console in (other, leader):
            await console.tell(type="accept", contact=contact)
            assert (await console.hear("error", contact=contact))["code"] == "not_found"
            await console.tell(type="watch", conversation=conversation_of(contact))
            await console.hear("error", code="not_found", contact=None)
            assert all(contact not in json.dumps(frame) for frame in console.frames if frame["type"] != "error")
        state = await other.hear("state")
        assert {one["id"][0] for one in state["team"]} == {"H"}


async def test_without_a_session_nothing_opens(floor: World) -> None:
    for cookie in ("", f"{COOKIE}=forged", f"{COOKIE}={'a' * 43}"):
        async with connect(f"{floor.server.ws}/ws/desk", additional_headers={"Cookie": cookie}) as socket:
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == DeskClose.SIGNED_OUT


async def test_another_sites_page_opens_nothing(floor: World) -> None:
    async with floor.browser("S01") as client:
        with pytest.raises(InvalidStatus):
            async with socket_of(floor.server, client, Origin="https://evil.example"):
                pass


async def test_a_revoked_session_ends_the_socket(floor: World) -> None:
    async with floor.console("S01") as console:
        await console.hear("state")
        assert (await console.http.delete("/api/session")).status_code == 204
        assert await console.closed() == DeskClose.SIGNED_OUT
        assert console.frames[-1]["code"] == "signed_out"


async def test_frames_that_cannot_be_used_are_answered_and_hurt_nobody_else(floor: World) -> None:
    async with floor.console("S01", presence="available") as bad, floor.console("S02") as good:
        await bad.hear("state")
        for raw, code in (
            ("no json", "malformed"),
            ("[]", "malformed"),
            ('{"type": "dance"}', "unknown_type"),
            ("{}", "unknown_type"),
            ('{"type": "say"}', "malformed"),
            ('{"type": "say", "contact": "x", "id": "", "text": "y"}', "malformed"),
            ('{"type": "hello"}', "hello_again"),
            (json.dumps({"type": "accept", "contact": "x" * MAX_FRAME_BYTES}), "too_large"),
            (b"\x00\x01", "binary"),
        ):
            place = len(bad.frames)
            await bad.socket.send(raw)
            assert (await bad.hear("error", after=place))["code"] == code
        await bad.tell(type="heartbeat")
        await bad.hear("beat")
        for _ in range(40):
            try:
                await bad.socket.send("no json")
            except ConnectionClosed:
                break
        assert await bad.closed() == DeskClose.BAD_CLIENT
        await good.tell(type="heartbeat")
        await good.hear("beat")


async def test_too_many_messages_at_once_are_not_taken(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
        for number in range(15):
            await console.tell(type="say", contact=contact, id=f"m{number}", text="あ")
        refused = await console.hear("error", code="rate_limited")
        assert refused["id"] and refused["retry_after_ms"] > 0


async def test_a_console_that_says_no_hello_is_closed(tmp_path: Path) -> None:
    async with world(tmp_path, hello_s=0.05) as floor, floor.browser("S01") as client:
        async with socket_of(floor.server, client) as console:
            assert await console.closed() == DeskClose.BAD_CLIENT


async def test_a_console_that_does_not_read_is_given_up_and_others_go_on(tmp_path: Path) -> None:
    async with world(tmp_path, backlog=20, send_s=1.0) as floor, floor.console("S02") as good:
        async with floor.browser("S01") as client:
            cookie = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
            async with connect(f"{floor.server.ws}/ws/desk", additional_headers=cookie, max_queue=1) as deaf:
                await deaf.send(json.dumps({"type": "hello"}))
                while json.loads(await deaf.recv())["type"] != "state":
                    pass
                sign = {"sign": "troubled", "contact": "", "code": "c", "message": os.urandom(200_000).hex()}
                for _ in range(60):
                    await floor.store.announce("console.S01", json.dumps(sign))
                with pytest.raises(ConnectionClosed):
                    while True:
                        await asyncio.wait_for(deaf.recv(), 20)
        await good.tell(type="heartbeat")
        await good.hear("beat")


async def test_a_restart_tells_consoles_to_come_back(tmp_path: Path) -> None:
    async with world(tmp_path) as floor, floor.console("S01") as console:
        await console.hear("state")
        floor.server.server.should_exit = True
        assert await console.closed() == DeskClose.RESTARTING


async def test_the_agents_contacts_survive_a_lost_socket(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
    assert (await floor.desk.contact(HandoffId(contact))).state is ContactState.ACTIVE
