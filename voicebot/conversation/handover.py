"""One conversation's dealings with the desk: asking for a person, following what becomes of it, leaving the line."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from voicebot.conversation.backend import faulted
from voicebot.conversation.services import Services
from voicebot.domain import (
    NOT_DIALLED,
    CallbackBooked,
    CallbackWish,
    Channel,
    Contact,
    ContactChanged,
    ConversationId,
    DeskAnswer,
    DeskNews,
    DeskReply,
    Event,
    HandoffId,
    HandoffRequest,
    Language,
    NewsKind,
    Owner,
    Texts,
)
from voicebot.errors import BackendError, BadMessage, Conflict, NotFound, StoreError, VoicebotError
from voicebot.flows import DialogueState, InLine, LinePhase

_log = logging.getLogger(__name__)
_AGAIN_S = 1.0
_LOOK_S = 20.0
"""A place in line moves when others leave, which no event of this conversation tells."""
_STAYS = frozenset({Channel.VOICE, Channel.WEB_CHAT})
"""Channels on which the customer stays while waiting."""

Hear = Callable[[DeskNews], Awaitable[None]]


class Handover:
    """The desk, as far as one conversation has to do with it. ``contact`` is the one that is open, if any."""

    def __init__(self, services: Services, conversation: ConversationId, contact: Contact, hear: Hear) -> None:
        self._services, self._conversation, self._caller, self._hear = services, conversation, contact, hear
        self._desk = services.desk
        self._following: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self.contact: HandoffId | None = None

    def watch(self) -> None:
        """See from now on when people step in who were not asked: a supervisor takes the conversation over."""
        if self._desk is not None and self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name=f"watching {self._conversation}")

    async def _watch(self) -> None:
        while True:
            try:
                async with aclosing(self._services.store.subscribe(self._conversation)) as log:
                    async for recorded in log:
                        match recorded.event:
                            case ContactChanged(change="accepted", handoff=contact) if self.contact is None:
                                self.follow(HandoffId(contact))
                            case _:
                                pass
                return
            except StoreError as error:
                _log.warning("conversation %s is not watched for a moment: %s", self._conversation, error)
                await self._services.clock.sleep(_AGAIN_S)

    async def placed(self, state: DialogueState) -> DialogueState:
        """With the place in line as it is now, so that whoever asks while waiting is not told an old one."""
        line = state.line
        if self._desk is None or self.contact is None or line is None or line.phase is not LinePhase.QUEUED:
            return state
        try:
            news = await self._desk.standing(self.contact)
        except VoicebotError as error:
            _log.warning("conversation %s: the place in line is not known: %s", self._conversation, error)
            return state
        return replace(state, line=line.placed(news)) if news.kind is NewsKind.WAITING else state

    def close(self) -> None:
        """This process has no more to do with the conversation."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
        self.over()

    def name(self, state: DialogueState) -> HandoffId:
        """The id of the latest request: asking again under it, after whatever break, is the same contact."""
        return HandoffId(f"ho-{self._conversation}-{state.handoffs}")

    async def request(self, state: DialogueState, language: Language) -> tuple[DeskReply, list[Event]]:
        """Ask for a person. A desk that cannot be reached leaves the request recorded in the log."""
        line = state.line
        assert line is not None, "a request comes of a wish"
        if self._desk is None:
            await self._services.store.change_owner(self._conversation, Owner.BOT, Owner.QUEUE)
            return DeskReply(DeskAnswer.RECORDED), []
        wish = HandoffRequest(
            handoff_id=self.name(state),
            tenant=self._caller.tenant,
            conversation=self._conversation,
            channel=self._caller.channel,
            language=language,
            skills=line.skills,
            min_level=line.min_level,
            priority=line.priority,
            reason=line.reason,
            intent=line.intent,
            bypass_caps=line.bypass_caps,
            node=self._services.node,
            waiting=self._caller.channel in _STAYS,
            caller_number=self._caller.caller_number,
        )
        try:
            reply = await self._desk.request(wish)
        except BackendError as error:
            return DeskReply(DeskAnswer.RECORDED), [faulted(self._services, error, "desk")]
        if reply.contact is not None and reply.answer in (DeskAnswer.QUEUED, DeskAnswer.LONG, DeskAnswer.ELSEWHERE):
            self.follow(reply.contact)
        return reply, []

    async def keep_place(
        self, line: InLine, number: str, language: Language
    ) -> tuple[CallbackBooked | DeskNews, list[Event]]:
        """Book a call back; the news is that it could not be booked."""
        nothing = DeskNews(self.contact or HandoffId(""), NewsKind.FAILED)
        if self._desk is None:
            return nothing, []
        wish = CallbackWish(
            contact=self.contact,
            tenant=self._caller.tenant,
            conversation=self._conversation,
            language=language,
            number=number,
            skills=line.skills,
            min_level=line.min_level,
            priority=line.priority,
            reason=line.reason,
            intent=line.intent,
        )
        try:
            promise = await self._desk.keep_place(wish)
        except BadMessage:  # no number to dial: another one may be given
            return replace(nothing, detail=NOT_DIALLED), []
        except Conflict:  # an agent was faster: the customer keeps the place
            return nothing, []
        except (BackendError, NotFound) as error:
            return nothing, [faulted(self._services, error, "desk")]
        self._stop()
        self.contact = None
        return promise, []

    async def leave(self, why: str) -> list[Event]:
        """Take the contact back, wherever it stands; the bot leads again if nobody else does."""
        contact, self.contact = self.contact, None
        self._stop()
        if self._desk is None or contact is None:
            return []
        try:
            await self._desk.cancel(contact, why)
            await self._services.store.change_owner(self._conversation, Owner.QUEUE, Owner.BOT)
        except VoicebotError as error:
            return [faulted(self._services, error, "desk")]
        return []

    async def passed_on(self, contact: HandoffId, reached: bool) -> list[Event]:
        """The call went to an outside queue, which tells nothing more of it; or did not, and the bot leads again."""
        self.over()
        if not reached:
            await self._services.store.change_owner(self._conversation, Owner.QUEUE, Owner.BOT)
        detail = "passed on" if reached else "not reached"
        return [ContactChanged(handoff=contact, change="closed" if reached else "failed", detail=detail)]

    async def offer_chat(self, language: Language) -> list[Event]:
        """Send the caller a link to go on by chat."""
        links, number = self._services.links, self._caller.caller_number
        if links is None or number is None or self.texts is not Texts.ARRIVE:
            return []
        try:
            await links.send(self._conversation, number, language)
        except BackendError as error:
            return [faulted(self._services, error, "link")]
        return []

    @property
    def texts(self) -> Texts:
        """What a link that is texted to the caller's own number would do."""
        links = self._services.links
        if links is None or self._caller.channel is not Channel.VOICE:
            return Texts.NONE
        return links.texts(self._caller.tenant, self._caller.caller_number)

    async def take_up(self, state: DialogueState) -> None:
        """Follow again what was open when the conversation was last held, here or in another process."""
        if self._desk is None:
            return
        line = state.line
        known = HandoffId(line.contact) if line is not None and line.held and line.contact else None
        contact = known or await self._desk.open_contact(self._conversation)
        if contact is not None and state.awaiting is None:
            self.follow(contact)

    def follow(self, contact: HandoffId) -> None:
        """Hear the desk's news about a contact until it is over."""
        self._stop()
        self.contact = contact
        self._following = asyncio.create_task(self._follow(contact), name=f"following {self._conversation}")
        self._looking = asyncio.create_task(self._look(contact), name=f"looking for the place of {self._conversation}")

    def over(self) -> None:
        """The contact is over."""
        self.contact = None
        self._stop()

    def _stop(self) -> None:
        for task in (self._following, self._looking):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        self._following = self._looking = None

    async def _look(self, contact: HandoffId) -> None:
        """How the place has moved, from time to time, while it is one."""
        assert self._desk is not None
        while True:
            await self._services.clock.sleep(_LOOK_S)
            try:
                news = await self._desk.standing(contact)
            except VoicebotError as error:
                _log.warning("conversation %s: the place in line is not known: %s", self._conversation, error)
                continue
            if news.kind is NewsKind.WAITING:
                await self._hear(news)

    async def _follow(self, contact: HandoffId) -> None:
        assert self._desk is not None
        while True:
            try:
                async with aclosing(cast(Any, self._desk.follow(contact))) as news:
                    async for one in news:
                        await self._hear(one)
                return
            except NotFound:
                await self._hear(DeskNews(contact, NewsKind.FAILED))
                return
            except (StoreError, BackendError) as error:
                _log.warning("conversation %s lost sight of its contact: %s", self._conversation, error)
                await self._services.clock.sleep(_AGAIN_S)
