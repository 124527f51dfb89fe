"""Calls for a queue of the company's own telephone system: told, transferred, or taken back by the bot."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.talk import Talk
from tests.unit.conversation.calls import PhoneCall
from tests.unit.conversation.conftest import KNOWN, Ring
from voicebot.domain import (
    EN,
    JA,
    Channel,
    ContactChanged,
    DeskAnswer,
    DeskNews,
    DeskReply,
    Disposition,
    Ended,
    HandoffId,
    Language,
    NewsKind,
    Owner,
    PassOn,
    QueueId,
    Said,
    Source,
    WaitTold,
)
from voicebot.errors import ChannelError
from voicebot.sim.scripted_desk import ScriptedDesk

KNOWN["now, a person"] = {"intent": "request_human"}
QUEUE = "sip:returns@pbx.example"


def pbx(**more: Any) -> ScriptedDesk:
    return ScriptedDesk(reply=DeskReply(DeskAnswer.ELSEWHERE, queue=QueueId(QUEUE), **more))


class Telephone:
    """A caller's telephone that can be told to call somebody else; the test decides what comes of it."""

    def __init__(self, problem: str = "") -> None:
        self.problem = problem
        self.asked: list[str] = []
        self.answered = asyncio.Event()

    def on(self, call: PhoneCall) -> None:
        async def transfer(uri: str, timeout_s: float = 60.0) -> None:
            self.asked.append(uri)
            await self.answered.wait()
            if self.problem:
                raise ChannelError(self.problem)
            call.line.end("us", "transferred")

        call.line.transfer = transfer  # type: ignore[attr-defined]


async def passing(ring: Ring, desk: ScriptedDesk, telephone: Telephone) -> PhoneCall:
    call = await ring(desk=desk, prepare=telephone.on)
    await call.say("now, a person")
    await call.until(lambda: bool(telephone.asked))
    return call


async def test_the_sentence_is_said_to_its_end_and_the_telephone_calls_the_queue(ring: Ring) -> None:
    desk, telephone = pbx(), Telephone()
    call = await passing(ring, desk, telephone)
    assert telephone.asked == [f"{QUEUE}?X-Handoff-Id={desk.contact}"]
    assert (await call.said())[-2:] == ["utter_handoff_ack", "utter_passing_on"]
    assert (await call.played())[-1] == ("utter_passing_on", True)
    assert await call.logged(WaitTold) == []
    telephone.answered.set()
    await call.over()
    log = await call.log()
    assert log[-1] == Ended(disposition=Disposition.HANDED_OFF, by="bot")
    assert [(event.handoff, event.change) for event in log if isinstance(event, ContactChanged)] == [
        (desk.contact, "closed")
    ]
    assert desk.cancelled == []


async def test_nobody_answers_there_and_the_bot_goes_on(ring: Ring) -> None:
    desk, telephone = pbx(callback_offered=True), Telephone("Nobody was reached (486 Busy).")
    call = await passing(ring, desk, telephone)
    await call.say("three")  # said while it rings there: nobody is to answer
    assert (await call.said())[-1] == "utter_passing_on"
    telephone.answered.set()
    await call.until(lambda: call.call._speaker.speaking)
    await call.quiet()
    assert (await call.said())[-2:] == ["utter_queue_failed", "utter_callback_offer"]
    assert [event.change for event in await call.logged(ContactChanged)] == ["failed"]
    assert (await call.store.conversation(call.call.conversation)).owner is Owner.BOT
    await call.say("my lamp is broken")
    assert (await call.heard())[-1] == "my lamp is broken"
    await call.hang_up()


async def test_a_browser_cannot_be_transferred(ring: Ring) -> None:
    call = await ring(desk=pbx())
    await call.say("now, a person")
    await call.quiet()
    assert (await call.said())[-2:] == ["utter_queue_failed", "utter_anything_else"]
    await call.hang_up()


async def test_whoever_hangs_up_before_the_queue_answers_has_left(ring: Ring) -> None:
    desk, telephone = pbx(), Telephone()
    call = await passing(ring, desk, telephone)
    await call.hang_up()
    assert (await call.log())[-1] == Ended(disposition=Disposition.ABANDONED_IN_QUEUE, by="customer")
    assert desk.cancelled == [(desk.contact, "customer")]


@pytest.mark.parametrize(("language", "words"), [(EN, "I'm putting you through"), (JA, "おつなぎします")])
async def test_both_languages_have_the_sentence_and_no_place(language: Language, words: str) -> None:
    talk = Talk(language=language, desk=DeskReply(DeskAnswer.ELSEWHERE, HandoffId("ho-1"), QueueId(QUEUE), position=3))
    talk.say("now, a person", "request_human")
    assert talk.one(PassOn) == PassOn(QUEUE)
    assert words in talk.said and talk.keys_said[-1] == "utter_passing_on"
    assert not talk.logged(WaitTold) and talk.logged(Said) == []
    talk.take(DeskNews(HandoffId("ho-1"), NewsKind.OVER))
    assert talk.ended is not None and talk.ended.disposition is Disposition.HANDED_OFF


async def test_a_chat_waits_for_the_outside_desk_instead() -> None:
    talk = Talk(
        channel=Channel.WEB_CHAT,
        source=Source.TEXT,
        desk=DeskReply(DeskAnswer.ELSEWHERE, HandoffId("ho-1"), QueueId(QUEUE)),
    )
    talk.say("now, a person", "request_human")
    assert not [effect for effect in talk.effects if isinstance(effect, PassOn)]
    assert talk.keys_said[-1] == "utter_queue_next_free"
