"""The conversations one console follows: their logs, and who is typing in its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import aclosing

from voicebot.desk.model import Contact
from voicebot.domain import Alerted, ConversationId, DangerSeen, HandoffId, Recorded
from voicebot.errors import NotFound
from voicebot.web.desk.follow import UpToDate, follow
from voicebot.web.desk.frames import Alert, CaughtUp, Logged, ReadNews, Trouble, Typing
from voicebot.web.desk.outbox import Outbox
from voicebot.web.desk.ports import DeskPorts
from voicebot.web.desk.signs import ReadSign, Signs, TypingSign

MOST = 50
"""Conversations one console may watch besides its own."""


class Listening:
    """Each conversation has a task of its own in the console's group."""

    def __init__(self, ports: DeskPorts, signs: Signs, outbox: Outbox, group: asyncio.TaskGroup) -> None:
        self._ports, self._signs, self._outbox, self._group = ports, signs, outbox, group
        self._seen: dict[str, int] = {}
        self._followed: dict[ConversationId, asyncio.Task[None]] = {}
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

    def watch(self, conversation: ConversationId, after_seq: int, contact: HandoffId | None = None) -> None:
        """Follow a conversation; one that is followed already is begun anew."""
        self.unwatch(conversation)
        self._followed[conversation] = self._group.create_task(self._follow(conversation, after_seq, contact))

    def unwatch(self, conversation: ConversationId) -> None:
        """No longer; unknown ones are ignored."""
        task = self._followed.pop(conversation, None)
        if task is not None:
            task.cancel()

    async def _follow(self, conversation: ConversationId, after_seq: int, contact: HandoffId | None) -> None:
        try:
            async with aclosing(follow(self._ports.log, conversation, after_seq, self._ports.clock)) as events:
                live = False
                async for item in events:
                    if isinstance(item, UpToDate):
                        live = True
                        await self._outbox.put(CaughtUp(conversation=conversation, seq=item.seq))
                    else:
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
