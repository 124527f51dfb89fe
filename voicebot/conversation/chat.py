"""Chat for visitors: the log of a conversation as lines on a screen, with resume after a break."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Protocol

from voicebot.channels.chat import ChatEvent, From, Kind, Read, Typing
from voicebot.channels.rasa_rest import Reply
from voicebot.conversation.mouth import new_id
from voicebot.conversation.rooms import Room, Rooms
from voicebot.conversation.services import Services
from voicebot.conversation.signs import Signs
from voicebot.domain import (
    AgentSaid,
    Channel,
    ChannelChanged,
    ContactChanged,
    ConversationId,
    Ended,
    HandoffRequested,
    Heard,
    Language,
    Owner,
    PartyJoined,
    PartyLeft,
    Played,
    Recorded,
    Said,
    Started,
    TenantId,
)
from voicebot.errors import Forbidden, NotFound, StoreError

_PAGE = 500
_HEARD_BY_CUSTOMERS = frozenset({"lead", "expert", "speaker"})
_AHEAD = 200
"""Lines read ahead of a visitor's connection."""


class Tokens(Protocol):
    """Resume tokens."""

    def issue(self, conversation: ConversationId, tenant: TenantId) -> str:
        """A token for this conversation."""
        ...

    def read(self, token: str, tenant: TenantId) -> ConversationId:
        """Whose token it is. Raises Forbidden."""
        ...


def line_of(recorded: Recorded, language: Language, *, via: str = "") -> ChatEvent | None:
    """What a visitor sees of one event; None for what is not theirs to see.

    ``via``: the channel it happened on, before the conversation came into the chat. What was said on the telephone is
    shown as far as it was heard there, and its end was not the conversation's.
    """
    line = _spoken(recorded, language) if via else _line(recorded, language)
    return line if line is None or not via else replace(line, via=via)


def _spoken(recorded: Recorded, language: Language) -> ChatEvent | None:
    match recorded.event:
        case Played(text=text) if text:
            return ChatEvent(recorded.seq, recorded.at, From.BOT, Kind.MESSAGE, text, language)
        case Said() | Ended():
            return None
        case _:
            return _line(recorded, language)


def _line(recorded: Recorded, language: Language) -> ChatEvent | None:
    seq, at = recorded.seq, recorded.at
    match recorded.event:
        case Heard(utterance=utterance, text=text, language=spoken):
            return ChatEvent(seq, at, From.CUSTOMER, Kind.MESSAGE, text, spoken, id=utterance)
        case Said(text=text, language=spoken, buttons=buttons):
            return ChatEvent(seq, at, From.BOT, Kind.MESSAGE, text, spoken, buttons=buttons)
        case AgentSaid(private=False, text=text, language=spoken, name=name):
            return ChatEvent(seq, at, From.AGENT, Kind.MESSAGE, text, spoken, name=name)
        case HandoffRequested(handoff=""):
            return ChatEvent(seq, at, From.SYSTEM, Kind.HANDOFF, "", language)
        case ContactChanged(change="queued"):
            return ChatEvent(seq, at, From.SYSTEM, Kind.HANDOFF, "", language)
        case PartyJoined(role=role, name=name) if role in _HEARD_BY_CUSTOMERS:
            return ChatEvent(seq, at, From.SYSTEM, Kind.JOINED, "", language, name=name)
        case PartyLeft(role="lead", reason=reason) if reason != "over":
            return ChatEvent(seq, at, From.SYSTEM, Kind.LEFT, "", language)
        case ChannelChanged():
            return ChatEvent(seq, at, From.SYSTEM, Kind.MOVED, "", language)
        case Ended():
            return ChatEvent(seq, at, From.SYSTEM, Kind.ENDED, "", language)
        case _:
            return None


class Visit:
    """One connection of a visitor to a room."""

    def __init__(self, services: Services, rooms: Rooms, room: Room, token: str, last_seq: int, resumed: bool) -> None:
        self._services, self._rooms, self._room = services, rooms, room
        self._token, self._last_seq, self._resumed = token, last_seq, resumed
        self._following = services.store.subscribe(room.conversation.id, last_seq)
        self._signs = Signs(services.store, room.conversation.id, services.clock)
        room.guests += 1

    @property
    def conversation(self) -> ConversationId:
        """The conversation this connection belongs to."""
        return self._room.conversation.id

    @property
    def token(self) -> str:
        """The resume token."""
        return self._token

    @property
    def language(self) -> Language:
        """The language spoken now."""
        return self._room.conversation.language

    @property
    def resumed(self) -> bool:
        """Whether the conversation was there before."""
        return self._resumed

    async def send(self, client_id: str, text: str) -> int:
        """Store words of the visitor; the number of their event comes back at once, the reply by :meth:`events`."""
        self._signs.sent()
        return await self._room.take(text, client_id)

    async def typing(self) -> None:
        """The visitor is writing; told to the people, if any are asked for."""
        if self._room.conversation.owner is not Owner.BOT:
            await self._signs.typing()

    async def read(self, seq: int) -> None:
        """The visitor has seen everything up to ``seq``; told to the people, if any are asked for."""
        if self._room.conversation.owner is not Owner.BOT:
            await self._signs.read(seq)

    async def events(self) -> AsyncIterator[ChatEvent | Typing | Read]:
        """History after the last line seen, then what happens, until the chat is over; signs of an agent in between."""
        shown: asyncio.Queue[ChatEvent | Typing | Read | BaseException | None] = asyncio.Queue(_AHEAD)
        helpers = (asyncio.create_task(self._read_log(shown)), asyncio.create_task(self._read_signs(shown)))
        try:
            while (item := await shown.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _read_signs(self, shown: asyncio.Queue[ChatEvent | Typing | Read | BaseException | None]) -> None:
        with suppress(StoreError):  # signs may be lost, lines may not: the log says when the store is gone
            async for sign in self._signs.of_agent():
                await shown.put(sign)

    async def _read_log(self, shown: asyncio.Queue[ChatEvent | Typing | Read | BaseException | None]) -> None:
        try:
            async for line in self._lines():
                await shown.put(line)
        except Exception as error:  # raised again where the lines are read
            await shown.put(error)
        await shown.put(None)

    async def _lines(self) -> AsyncIterator[ChatEvent | Typing]:
        seen = self._last_seq
        by_phone = await self._by_phone()
        async with aclosing(self._following) as following:
            while page := await self._services.store.events(self.conversation, after_seq=seen, limit=_PAGE):
                for recorded in page:
                    seen = recorded.seq
                    via = Channel.VOICE.value if seen < by_phone else ""
                    if (line := line_of(recorded, self.language, via=via)) is not None:
                        yield line
                    if isinstance(recorded.event, Ended) and not via:
                        return
            if self._room.conversation.ended:
                return
            async for recorded in following:
                if recorded.seq <= seen:
                    continue
                seen = recorded.seq
                if (line := line_of(recorded, self.language)) is not None:
                    yield line
                if isinstance(recorded.event, Heard) and self._room.conversation.owner is Owner.BOT:
                    yield Typing()
                if isinstance(recorded.event, Ended):
                    return

    async def _by_phone(self) -> int:
        """Number of the event by which the conversation came from the telephone; 0 when it always was a chat."""
        moved = seen = 0
        while page := await self._services.store.events(self.conversation, after_seq=seen, limit=_PAGE):
            seen = page[-1].seq
            if seen == len(page) and isinstance(page[0].event, Started) and page[0].event.channel is not Channel.VOICE:
                return 0
            moved = max((item.seq for item in page if isinstance(item.event, ChannelChanged)), default=moved)
        return moved

    async def end(self) -> None:
        """The visitor says goodbye."""
        await self._rooms.close(self._room)

    async def leave(self) -> None:
        """The connection is gone; the conversation stays."""
        await self._following.aclose()
        self._room.guests -= 1
        self._room.touch()


class TextDesk:
    """Where visitors begin and take up chats, and where single requests are answered."""

    def __init__(self, services: Services, rooms: Rooms, tokens: Tokens) -> None:
        self._services, self._rooms, self._tokens = services, rooms, tokens
        self._exchanging: dict[tuple[TenantId, str], asyncio.Lock] = {}
        self._attempts: dict[tuple[TenantId, str], int] = {}

    async def join(self, tenant: TenantId, language: Language, token: str | None, last_seq: int) -> Visit:
        """Begin a chat, or resume the one of ``token``. Raises Forbidden when the token is not good."""
        if token is None:
            room = await self._rooms.begin(tenant, language, Channel.WEB_CHAT)
            return self._visit(room, tenant, 0, resumed=False)
        try:
            room = await self._rooms.find(self._tokens.read(token, tenant), tenant)
        except NotFound:
            raise Forbidden("This chat is gone. Start a new one.") from None
        return self._visit(room, tenant, last_seq, resumed=True)

    def _visit(self, room: Room, tenant: TenantId, last_seq: int, *, resumed: bool) -> Visit:
        token = self._tokens.issue(room.conversation.id, tenant)
        return Visit(self._services, self._rooms, room, token, last_seq, resumed)

    async def exchange(self, tenant: TenantId, sender: str, text: str, language: Language | None) -> Sequence[Reply]:
        """Answer one message of ``sender``; what the bot said since the message before is the reply."""
        lock = self._exchanging.setdefault((tenant, sender), asyncio.Lock())
        try:
            async with lock:
                room, before = await self._room_of(tenant, sender, language)
                await room.take(text, key=new_id("m-"))
                await room.drained()
                if room.broken:
                    raise StoreError("The message could not be answered. Send it again in a moment.")
                written = await self._services.store.events(room.conversation.id, after_seq=before, limit=_PAGE)
        finally:
            if not lock.locked():
                self._exchanging.pop((tenant, sender), None)
        said = (item.event for item in written if isinstance(item.event, Said))
        return [Reply(text=event.text, buttons=event.buttons) for event in said]

    async def _room_of(self, tenant: TenantId, sender: str, language: Language | None) -> tuple[Room, int]:
        """The sender's conversation and the number of its last event that was answered already.

        A sender's conversations have ids derived from the sender, one after the other, so that the one that goes on
        is found again after a restart and nobody else's can be guessed from it.
        """
        for attempt in itertools.count(self._attempts.get((tenant, sender), 0)):
            digest = hashlib.sha256(f"{tenant}\0{sender}\0{attempt}".encode()).hexdigest()
            name = ConversationId(f"r-{digest[:32]}")
            try:
                room = await self._rooms.find(name, tenant)
            except NotFound:
                wanted = language or self._services.languages[tenant][0]
                return await self._rooms.begin(tenant, wanted, Channel.REST, id=name), 0
            if not room.conversation.ended and room.conversation.ending is None:
                return room, (await self._services.store.conversation(name)).last_seq
            self._attempts[tenant, sender] = attempt + 1
        raise AssertionError("counting does not end")
