"""The conversations one console follows: their logs, words not over yet, and who is typing in its own."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import aclosing
from typing import Any

from voicebot.desk.model import Contact
from voicebot.domain import (
    AgentSaid,
    Alerted,
    ContactState,
    ConversationId,
    DangerSeen,
    HandoffId,
    Heard,
    Party,
    Recorded,
)
from voicebot.errors import NotFound, StoreError
from voicebot.store.overheard import from_notice, topic
from voicebot.web.desk.follow import UpToDate, follow
from voicebot.web.desk.frames import Alert, CaughtUp, Logged, Partial, ReadNews, Trouble, Typing
from voicebot.web.desk.outbox import Outbox
from voicebot.web.desk.ports import DeskPorts
from voicebot.web.desk.signs import ReadSign, Signs, TypingSign

_log = logging.getLogger(__name__)
MOST = 50
"""Conversations one console may watch besides its own."""
_RETRY_S = 1.0
_WRITTEN = 64

Accompany = Callable[[Contact], Coroutine[Any, Any, None]]
"""Assists with a contact while its agent talks, until cancelled; never raises."""


class Listening:
    """Each conversation has a task of its own in the console's group."""

    def __init__(
        self,
        ports: DeskPorts,
        signs: Signs,
        outbox: Outbox,
        group: asyncio.TaskGroup,
        accompany: Accompany | None = None,
    ) -> None:
        self._ports, self._signs, self._outbox, self._group = ports, signs, outbox, group
        self._accompany = accompany
        self._seen: dict[str, int] = {}
        self._accompanied: dict[ConversationId, asyncio.Task[None]] = {}
        self._followed: dict[ConversationId, tuple[asyncio.Task[None], ...]] = {}
        self._listened: dict[ConversationId, asyncio.Task[None]] = {}

    def begin(self, seen: Mapping[str, int]) -> None:
        """What the client has already."""
        self._seen = dict(seen)

    @property
    def full(self) -> bool:
        """Whether nothing more may be watched."""
        return len(self._followed) - len(self._listened) >= MOST

    def own(self, contacts: Iterable[Contact]) -> None:
        """Follow the conversations of these contacts, from what the client has, and no other of one's own."""
        wanted = {contact.conversation: contact for contact in contacts}
        for conversation in [one for one in self._listened if one not in wanted]:
            self._listened.pop(conversation).cancel()
            self.unwatch(conversation)
        for conversation, contact in wanted.items():
            if conversation not in self._listened:
                self._listened[conversation] = self._group.create_task(self._hear_customer(contact))
                self.watch(conversation, self._seen.get(conversation, 0), contact.id)
        self._assist({name: one for name, one in wanted.items() if one.state is ContactState.ACTIVE})

    def _assist(self, talking: Mapping[ConversationId, Contact]) -> None:
        for conversation in [one for one in self._accompanied if one not in talking]:
            self._accompanied.pop(conversation).cancel()
        for conversation, contact in talking.items():
            if conversation not in self._accompanied and self._accompany is not None:
                self._accompanied[conversation] = self._group.create_task(self._accompany(contact))

    def watch(self, conversation: ConversationId, after_seq: int, contact: HandoffId | None = None) -> None:
        """Follow a conversation; one that is followed already is begun anew."""
        self.unwatch(conversation)
        written: deque[str] = deque(maxlen=_WRITTEN)
        self._followed[conversation] = (
            self._group.create_task(self._follow(conversation, after_seq, contact, written)),
            self._group.create_task(self._overhear(conversation, written)),
        )

    def unwatch(self, conversation: ConversationId) -> None:
        """No longer; unknown ones are ignored."""
        for task in self._followed.pop(conversation, ()):
            task.cancel()

    async def _follow(
        self, conversation: ConversationId, after_seq: int, contact: HandoffId | None, written: deque[str]
    ) -> None:
        try:
            async with aclosing(follow(self._ports.log, conversation, after_seq, self._ports.clock)) as events:
                live = False
                async for item in events:
                    if isinstance(item, UpToDate):
                        live = True
                        await self._outbox.put(CaughtUp(conversation=conversation, seq=item.seq))
                    else:
                        if isinstance(item.event, Heard | AgentSaid):
                            written.append(item.event.utterance)
                        await self._write(item, contact if live else None)
        except NotFound:
            self._outbox.push(Trouble(code="not_found", message="This conversation is gone."))

    async def _write(self, recorded: Recorded, contact: HandoffId | None) -> None:
        self._seen[recorded.conversation] = max(recorded.seq, self._seen.get(recorded.conversation, 0))
        await self._outbox.put(
            Logged(
                conversation=recorded.conversation,
                seq=recorded.seq,
                at=recorded.at,
                event=dict(self._ports.encode_event(recorded.event)),
            )
        )
        if contact is not None:
            match recorded.event:
                case Alerted(alert=alert):
                    self._outbox.push(Alert(kind=alert, contact=contact, conversation=recorded.conversation))
                case DangerSeen():
                    self._outbox.push(Alert(kind="emergency", contact=contact, conversation=recorded.conversation))

    async def _overhear(self, conversation: ConversationId, written: deque[str]) -> None:
        """Words so far, until they are written down."""
        while True:
            try:
                async with aclosing(self._ports.log.changes(topic(conversation))) as notices:
                    async for notice in notices:
                        one = from_notice(notice)
                        if one is None or one.moment != "said" or one.utterance in written:
                            continue
                        self._outbox.push(
                            Partial(
                                conversation=conversation,
                                party="customer" if one.party is Party.CUSTOMER else "agent",
                                agent=one.agent,
                                utterance=one.utterance,
                                text=one.text,
                                language=one.language,
                                moment="said" if one.text else "ended",
                                private=one.private,
                            )
                        )
            except StoreError as error:
                _log.warning("words so far are not heard for a moment: %s", type(error).__name__)
            await self._ports.clock.sleep(_RETRY_S)

    async def _hear_customer(self, contact: Contact) -> None:
        async with aclosing(self._signs.in_conversation(contact.conversation)) as signs:
            async for sign in signs:
                match sign:
                    case TypingSign(who="customer", on=on):
                        self._outbox.push(
                            Typing(contact=contact.id, conversation=contact.conversation, who="customer", on=on)
                        )
                    case ReadSign(who="customer", seq=seq):
                        self._outbox.push(
                            ReadNews(contact=contact.id, conversation=contact.conversation, who="customer", seq=seq)
                        )
