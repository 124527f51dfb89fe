"""Calls that break or are left for the chat: who gets a link, and how the same conversation goes on there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.unit.conversation.calls import PhoneCall
from tests.unit.conversation.chats import LAMPS, Server
from tests.unit.conversation.conftest import KNOWN, Ring
from voicebot.channels.chat import From, Kind
from voicebot.conversation.continuing import Continuing
from voicebot.domain import (
    Channel,
    ChannelChanged,
    ConversationId,
    DeskAnswer,
    DeskReply,
    Disposition,
    Ended,
    Entity,
    HandoffId,
    Language,
    NewsKind,
    Owner,
    Said,
    TenantId,
    Texts,
    Understood,
)
from voicebot.errors import BackendError, Conflict, NotFound
from voicebot.sim.scripted_desk import ScriptedDesk

KNOWN["the desk lamp"] = {"entities": (Entity("lamp", "desk", "the desk lamp"),)}
KNOWN["by chat please"] = {"intent": "continue_on_chat"}
KNOWN["a person at once"] = {"intent": "request_human"}
MOBILE = "+447700900123"


@dataclass
class Texted:
    """Where links go; ``becomes`` is what a text to a number would do."""

    becomes: Texts = Texts.ARRIVE
    broken: bool = False
    sent: list[tuple[ConversationId, str, Language]] = field(default_factory=list)

    def texts(self, tenant: TenantId, number: str | None) -> Texts:
        return Texts.NONE if number is None else self.becomes

    async def send(self, conversation: ConversationId, number: str, language: Language) -> None:
        if self.broken:
            raise BackendError("no")
        self.sent.append((conversation, number, language))


class MovingDesk(ScriptedDesk):
    """A desk whose contacts come along into the chat."""

    moved: list[tuple[HandoffId, Channel]]

    async def moved_channel(self, contact: HandoffId, channel: Channel) -> bool:
        self.__dict__.setdefault("moved", []).append((contact, channel))
        return True


async def mid_task(ring: Ring, **how: Any) -> PhoneCall:
    call = await ring(caller=MOBILE, **how)
    await call.say("my lamp is broken")
    await call.quiet()
    await call.say("the desk lamp")
    await call.quiet()
    return call


async def cut(call: PhoneCall) -> None:
    """The network loses the call."""
    call.line.end("system", "RTP stream timed out")
    await call.over(2000)


@pytest.fixture
async def chats() -> AsyncIterator[list[Server]]:
    servers: list[Server] = []
    yield servers
    for server in servers:
        await server.stop()


async def server_of(call: PhoneCall, chats: list[Server], desk: ScriptedDesk | None = None) -> Server:
    """A process that serves chats from the same store."""
    tasks = asyncio.all_tasks()
    server = await Server(call.store._store, desk, KNOWN).start()
    call.before |= asyncio.all_tasks() - tasks
    chats.append(server)
    return server


async def test_a_line_that_breaks_in_the_middle_of_a_task_brings_a_link(ring: Ring) -> None:
    links = Texted()
    call = await mid_task(ring, links=links)
    await cut(call)
    assert links.sent == [(call.call.conversation, MOBILE, "en")]
    (end,) = await call.logged(Ended)
    assert (end.by, end.disposition) == ("system", Disposition.ABANDONED_IN_FLOW)


async def test_somebody_who_has_gone_silent_in_a_task_gets_one_and_goes_on_at_the_question(
    ring: Ring, chats: list[Server]
) -> None:
    links = Texted()
    call = await mid_task(ring, links=links)
    await call.over(120_000)
    (end,) = await call.logged(Ended)
    assert end.disposition is Disposition.NO_INPUT and len(links.sent) == 1
    server = await server_of(call, chats)
    await Continuing(server.services).into_chat(call.call.conversation, LAMPS, fresh=True)
    visitor = await server.visit(str(call.call.conversation))
    await visitor.shows("Which day suits you?")


@pytest.mark.parametrize("becomes", [Texts.LANDLINE, Texts.NONE, Texts.OFF])
async def test_no_link_goes_where_it_would_not_arrive(ring: Ring, becomes: Texts) -> None:
    links = Texted(becomes)
    call = await mid_task(ring, links=links)
    await cut(call)
    assert links.sent == []


async def test_no_link_for_a_caller_who_hangs_up_or_had_nothing_open(ring: Ring) -> None:
    links = Texted()
    left = await mid_task(ring, links=links)
    await left.hang_up()
    idle = await ring(caller=MOBILE, links=links)
    await cut(idle)
    assert links.sent == []


async def test_a_gateway_that_is_away_is_a_fault_and_nothing_else(ring: Ring) -> None:
    call = await mid_task(ring, links=Texted(broken=True))
    await cut(call)
    assert [type(event).__name__ for event in await call.log()][-1] == "Faulted"


async def test_the_same_conversation_goes_on_in_the_chat_and_shows_both_in_order(
    ring: Ring, chats: list[Server]
) -> None:
    call = await mid_task(ring, links=Texted())
    await cut(call)
    name = call.call.conversation
    server = await server_of(call, chats)
    await Continuing(server.services).into_chat(name, LAMPS, fresh=True)
    row = await server.store.conversation(name)
    assert (row.channel, row.ended_at, row.disposition) == (Channel.WEB_CHAT, None, None)
    visitor = await server.visit(str(name))
    await visitor.shows("Picking up the repair from your call. So far I have: desk.")
    await visitor.shows("Which day suits you?")
    assert not visitor.over
    phoned = [line for line in visitor.lines if line.via == "voice"]
    assert [line.text for line in phoned if line.sender is From.CUSTOMER] == ["my lamp is broken", "the desk lamp"]
    assert any("Which lamp" in line.text for line in phoned)
    kinds = [line.kind for line in visitor.lines]
    assert Kind.ENDED not in kinds and kinds.count(Kind.MOVED) == 1
    seqs = [line.seq for line in visitor.lines]
    assert seqs == sorted(seqs) and max(line.seq for line in phoned) < next(
        line.seq for line in visitor.lines if line.kind is Kind.MOVED
    )
    answered = len([event for event in await visitor.log() if isinstance(event, Understood)])
    await visitor.write("my lamp is broken")
    log = await visitor.log()
    assert len([event for event in log if isinstance(event, Understood)]) == answered + 1, "nothing is answered twice"
    await visitor.visit.end()
    again = await server.visit(str(name))
    await again.until(lambda: again.over)
    assert [line.kind for line in again.lines].count(Kind.ENDED) == 1


async def test_a_second_move_changes_nothing_and_another_company_finds_nothing(ring: Ring, chats: list[Server]) -> None:
    call = await mid_task(ring, links=Texted())
    await cut(call)
    server = await server_of(call, chats)
    continuing = Continuing(server.services)
    with pytest.raises(NotFound):
        await continuing.into_chat(call.call.conversation, TenantId("other"), fresh=True)
    await asyncio.gather(*(continuing.into_chat(call.call.conversation, LAMPS, fresh=True) for _ in range(3)))
    assert len(await call.logged(ChannelChanged)) == 1


async def test_a_call_that_still_lives_says_goodbye_and_logs_nothing_more(ring: Ring, chats: list[Server]) -> None:
    links = Texted()
    call = await mid_task(ring, links=links)
    await call.say("by chat please")
    await call.quiet()
    assert "utter_chat_link_sent" in await call.said() and len(links.sent) == 1
    server = await server_of(call, chats)
    await Continuing(server.services).into_chat(call.call.conversation, LAMPS, fresh=True)
    moved = [type(event).__name__ for event in await call.log()].index("ChannelChanged")
    await call.over(20_000)
    assert call.line.ended is not None and call.line.ended.by == "us"
    assert "going on in the chat" in call.voice.spoken[-1][0]
    after = (await call.log())[moved + 1 :]
    assert not [event for event in after if isinstance(event, Ended | Said)]
    visitor = await server.visit(str(call.call.conversation))
    await visitor.shows("Which day suits you?")


async def test_a_place_in_line_comes_along(ring: Ring, chats: list[Server]) -> None:
    desk = MovingDesk()
    desk.reply = DeskReply(DeskAnswer.QUEUED, position=2)
    call = await mid_task(ring, links=Texted(), desk=desk)
    await call.say("a person at once")
    await call.wait(3000)
    server = await server_of(call, chats, desk)
    await call.store._store.change_owner(call.call.conversation, Owner.BOT, Owner.QUEUE)
    await Continuing(server.services).into_chat(call.call.conversation, LAMPS, fresh=True)
    await call.over(20_000)
    assert desk.moved == [(desk.contact, Channel.WEB_CHAT)] and desk.cancelled == []
    visitor = await server.visit(str(call.call.conversation))
    await visitor.shows("You've kept your place")
    assert len(desk.requests) == 1
    desk.tell(NewsKind.TAKEN, agent="mika", agent_name="Mika")
    await visitor.shows_kind(Kind.JOINED)


async def test_with_a_person_on_the_line_the_call_goes_on(ring: Ring, chats: list[Server]) -> None:
    desk = MovingDesk()
    call = await mid_task(ring, links=Texted(), desk=desk)
    await call.say("a person at once")
    await call.wait(1000)
    await call.store._store.change_owner(call.call.conversation, Owner.BOT, Owner.AGENT)
    server = await server_of(call, chats, desk)
    with pytest.raises(Conflict):
        await Continuing(server.services).into_chat(call.call.conversation, LAMPS, fresh=True)
    assert await call.logged(ChannelChanged) == []
