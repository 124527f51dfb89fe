"""Conversations by text that are going on in this process, each with its own task; others resume from the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from voicebot.conversation.conversation import Conversation
from voicebot.conversation.services import Services
from voicebot.conversation.snapshot import number_of
from voicebot.domain import (
    Channel,
    ChannelChanged,
    Contact,
    ConversationId,
    DeskNews,
    Heard,
    Language,
    Say,
    SetPace,
    SetRecording,
    Source,
    SwitchLanguage,
    TenantId,
    Understood,
    UtteranceId,
)
from voicebot.errors import Conflict, NotFound, StoreError, VoicebotError

_log = logging.getLogger(__name__)

IDLE_S = 30 * 60.0
"""A chat that nobody is connected to and nobody has written in for this long is over."""


class TextMouth:
    """Text is delivered by being logged: readers follow the log."""

    @property
    def instant(self) -> bool:
        """Text arrives as a whole."""
        return True

    async def say(self, utterance: UtteranceId, prompt: Say) -> None:
        """The log holds it already."""

    async def follow(self, change: SwitchLanguage | SetPace | SetRecording) -> None:
        """Nothing to change for text."""


class Room:
    """One conversation by text: takes messages at once, answers them one after the other in its own task."""

    def __init__(self, services: Services, conversation: Conversation) -> None:
        self.conversation = conversation
        self.guests = 0
        self.busy = False
        self.broken = False
        self._services = services
        self._inbox: asyncio.Queue[tuple[str | None, UtteranceId] | DeskNews] = asyncio.Queue()
        conversation.on_news = self._news
        self._taking = asyncio.Lock()
        self._last_s = services.clock.monotonic()

    @property
    def idle_s(self) -> float:
        """Seconds since anything happened; 0 while somebody is connected."""
        return 0.0 if self.guests else self._services.clock.monotonic() - self._last_s

    def touch(self) -> None:
        """Something happened."""
        self._last_s = self._services.clock.monotonic()

    async def take(self, text: str, key: str) -> int:
        """Store one message and return its number; the answer follows. The same ``key`` gives the same number.

        Raises:
            Conflict: the conversation is over.
        """
        async with self._taking:
            self.touch()
            talk = self.conversation
            name, over = UtteranceId(key), Conflict("This chat has ended. Start a new one.")
            try:
                if talk.ended or talk.ending is not None:
                    raise over
                seq = await talk.hear(text, Source.TEXT, utterance=name, key=key)
            except Conflict:
                known = await self._services.store.seq_of(talk.id, key)
                if known is None:
                    raise
                return known
            self.busy = True
            self._inbox.put_nowait((text, name))
            return seq

    def take_again(self, text: str | None, name: UtteranceId) -> None:
        """Answer a message that the log holds already; None asks the visitor to say it again."""
        self.busy = True
        self._inbox.put_nowait((text, name))

    async def _news(self, news: DeskNews) -> None:
        self._inbox.put_nowait(news)

    async def drained(self) -> None:
        """Wait until every message taken so far has been answered."""
        await self._inbox.join()

    async def serve(self) -> None:
        """Answer messages until the conversation is over.

        A store that fails breaks the room: what this process thinks of the conversation may be ahead of the log, so
        whoever is connected is cut off, and coming back takes the conversation up from the log.

        Raises:
            StoreError: the room is broken.
        """
        try:
            while not self.conversation.ended:
                await self._one(await self._inbox.get())
        except StoreError:
            self.broken = True
            self.conversation.let_go()
            self._services.store.cut_off(self.conversation.id)
            raise
        finally:
            while not self._inbox.empty():
                self._inbox.get_nowait()
                self._inbox.task_done()

    async def _one(self, job: tuple[str | None, UtteranceId] | DeskNews) -> None:
        talk = self.conversation
        try:
            match job:
                case DeskNews():
                    await talk.news(job)
                case (None, _):
                    await talk.unintelligible()
                case (text, name):
                    await talk.answer(text, Source.TEXT, utterance=name)
        except StoreError:
            raise
        except Exception as error:
            what = error if isinstance(error, VoicebotError) else type(error).__name__
            _log.error("conversation %s: a message could not be answered: %s", talk.id, what)
            if not talk.ended:
                await talk.abandon("system")
        finally:
            self._inbox.task_done()
            self.busy = not self._inbox.empty()
            self.touch()


class Rooms:
    """All conversations by text of this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._rooms: dict[ConversationId, Room] = {}
        self._serving: dict[ConversationId, asyncio.Task[None]] = {}
        self._opening: dict[ConversationId, asyncio.Lock] = {}
        self._taken_up: set[UtteranceId] = set()

    def __len__(self) -> int:
        return len(self._rooms)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """The time in which rooms may be used; at the end messages that were taken are answered first."""
        sweeping = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeping.cancel()
            await asyncio.gather(*(room.drained() for room in self._rooms.values()))
            tasks = tuple(self._serving.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(sweeping, *tasks, return_exceptions=True)

    async def begin(
        self, tenant: TenantId, language: Language, channel: Channel, *, id: ConversationId | None = None
    ) -> Room:
        """Open a conversation and greet."""
        contact = Contact(tenant, channel, language, entry_point=f"/chat/{tenant}")
        return self._keep(await Conversation.begin(self._services, contact, TextMouth(), id=id))

    async def find(self, id: ConversationId, tenant: TenantId) -> Room:
        """The room of a conversation, brought back from the store if need be.

        Raises:
            NotFound: there is no such conversation of this company.
        """
        lock = self._opening.setdefault(id, asyncio.Lock())
        try:
            async with lock:
                room = self._rooms.get(id) or await self._bring_back(id, tenant)
        finally:
            if not lock.locked():
                self._opening.pop(id, None)
        if room.conversation.contact.tenant != tenant:
            raise NotFound(f"There is no conversation {id}")
        return room

    async def _bring_back(self, id: ConversationId, tenant: TenantId) -> Room:
        row = await self._services.store.conversation(id)
        if row.tenant != tenant or row.channel is Channel.VOICE:
            raise NotFound(f"There is no conversation {id}")
        kept = await self._services.store.load_state(id)
        contact = Contact(tenant, row.channel, row.language, number_of(kept), entry_point=row.entry_point)
        talk = Conversation.resume(
            self._services, contact, TextMouth(), id=id, kept=kept, ended=row.ended_at is not None
        )
        room = Room(self._services, talk)
        if talk.ended:
            return room
        if kept is None:
            await talk.greet()
        else:
            await talk.take_up()
        if row.channel is Channel.WEB_CHAT:
            for text, name in await self._unanswered(talk):
                room.take_again(text, name)
        return self._keep(talk, room)

    async def _unanswered(self, talk: Conversation) -> list[tuple[str | None, UtteranceId]]:
        """Messages that were acknowledged and not answered before the server or the store went away, in order.

        One that was understood already has no words: what it asked for may have been done, so it is not done again
        but asked for again. Each is taken up once: one that breaks the room again is left to the visitor. A REST client
        is not told that a message was taken before it is answered, and sends it again by itself.
        """
        waiting: dict[UtteranceId, str | None] = {}
        seen = 0
        while page := await self._services.store.events(talk.id, after_seq=seen):
            seen = page[-1].seq
            for event in (recorded.event for recorded in page):
                match event:
                    case Heard(utterance=name, text=text):
                        waiting[name] = text
                    case Understood(utterance=name):
                        waiting[name] = None
                    case ChannelChanged():
                        waiting.clear()
                    case _:
                        pass
        names = list(waiting)
        if talk.answered in waiting:
            names = names[names.index(talk.answered) + 1 :]
        fresh = [(waiting[name], name) for name in names if name not in self._taken_up]
        self._taken_up |= {name for _, name in fresh}
        return fresh

    def _keep(self, talk: Conversation, room: Room | None = None) -> Room:
        room = room or Room(self._services, talk)
        self._rooms[talk.id] = room
        task = asyncio.create_task(room.serve())
        self._serving[talk.id] = task
        task.add_done_callback(lambda done: self._forget(talk.id, done))
        return room

    def _forget(self, id: ConversationId, task: asyncio.Task[None]) -> None:
        self._rooms.pop(id, None)
        self._serving.pop(id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("conversation %s stopped: %s", id, type(error).__name__)

    async def close(self, room: Room) -> None:
        """The visitor says goodbye."""
        await room.conversation.hang_up()
        task = self._serving.get(room.conversation.id)
        if task is not None:
            task.cancel()

    async def _sweep(self) -> None:
        while True:
            await self._services.clock.sleep(30)
            for room in tuple(self._rooms.values()):
                if room.idle_s > IDLE_S and not room.busy:
                    with suppress(VoicebotError):
                        await self.close(room)
