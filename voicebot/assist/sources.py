"""What is said in a conversation, the same from every door.

Words come from two places: the log (final words, what is corrected, what happens besides) and what is announced while
somebody still speaks. Doors at which this product talks itself (telephone, browser, chat) feed both already. A door
that only listens (SIPREC, media streams of another switch) plugs in below this module and nothing above it changes: it
opens a conversation in the store, gives each party's sound to a :class:`voicebot.media.Tap`, appends the words as
``Heard`` or ``AgentSaid`` and announces what its tap tells as :class:`voicebot.store.overheard.Overheard`; then
:meth:`voicebot.assist.live.AssistDesk.accompany` is begun for the agent whose call it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.clock import Clock
from voicebot.domain import AgentSaid, ConversationId, Event, Heard, Language, Party, Recorded, Source, UtteranceId
from voicebot.errors import StoreError
from voicebot.store import ConversationRow
from voicebot.store.overheard import Overheard, from_notice, topic

_log = logging.getLogger(__name__)
_RETRY_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Words of one party. ``final`` False: they may still change and come again under the same ``utterance``.

    ``agent`` is empty for the customer. Times are milliseconds since the contact began, 0 for what was written.
    ``private``: the customer does not get it.
    """

    party: Party
    utterance: UtteranceId
    text: str
    language: Language
    agent: str = ""
    final: bool = True
    started_ms: int = 0
    ended_ms: int = 0
    private: bool = False
    written: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """A party began to speak or fell silent, at ``at_ms``."""

    party: Party
    utterance: UtteranceId
    on: bool
    at_ms: int
    agent: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class UpToDate:
    """Everything that was in the log at the beginning has been given."""


News = Recorded | Spoken | Speaking | UpToDate
"""One thing of a conversation. Final words come inside their :class:`Recorded`; :func:`of_event` takes them out."""


class ConversationLog(Protocol):
    """The store, as far as the assist needs it."""

    async def conversation(self, conversation: ConversationId) -> ConversationRow:
        """One row. Raises NotFound."""
        ...

    async def events(self, conversation: ConversationId, after_seq: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Events after ``after_seq`` in order."""
        ...

    async def append(
        self, conversation: ConversationId, events: Sequence[Event], at: datetime, *, key: str | None = None
    ) -> Sequence[Recorded]:
        """Write; a second time under the same ``key`` is a Conflict."""
        ...

    def subscribe(self, conversation: ConversationId, after_seq: int | None = None) -> AsyncGenerator[Recorded, None]:
        """Events after a number, then what comes."""
        ...

    def changes(self, topic: str) -> AsyncGenerator[str, None]:
        """Notices from now on."""
        ...


def of_event(event: Event) -> Spoken | None:
    """The words of an event of the log, if it holds words of a customer or an agent."""
    match event:
        case Heard():
            return Spoken(
                party=Party.CUSTOMER,
                utterance=event.utterance,
                text=event.text,
                language=event.language,
                started_ms=event.started_ms,
                ended_ms=event.ended_ms,
                written=event.source is not Source.SPEECH,
            )
        case AgentSaid():
            return Spoken(
                party=Party.AGENT,
                agent=event.agent,
                utterance=event.utterance,
                text=event.text,
                language=event.language,
                started_ms=event.started_ms,
                ended_ms=event.ended_ms,
                private=event.private,
                written=event.source is not Source.SPEECH,
            )
        case _:
            return None


def of_overheard(one: Overheard) -> Spoken | Speaking:
    """What was announced, as words or as the beginning or end of speech."""
    if one.moment == "said":
        return Spoken(
            party=one.party,
            agent=one.agent,
            utterance=one.utterance,
            text=one.text,
            language=one.language,
            final=False,
            started_ms=one.started_ms,
            ended_ms=one.ended_ms,
            private=one.private,
        )
    at_ms = one.started_ms if one.moment == "began" else one.ended_ms
    return Speaking(
        party=one.party,
        agent=one.agent,
        utterance=one.utterance,
        on=one.moment == "began",
        at_ms=at_ms,
        private=one.private,
    )


async def follow(log: ConversationLog, conversation: ConversationId, clock: Clock) -> AsyncGenerator[News, None]:
    """Everything of a conversation from its beginning, then as it happens. Never ends.

    Raises:
        NotFound: no such conversation.
        StoreError: the log cannot be read at the beginning.
    """
    last = (await log.conversation(conversation)).last_seq
    news: asyncio.Queue[News] = asyncio.Queue()
    if last == 0:
        news.put_nowait(UpToDate())
    tasks = (
        asyncio.create_task(_logged(log, conversation, last, clock, news), name="assist reads the log"),
        asyncio.create_task(_announced(log, conversation, clock, news), name="assist hears words"),
    )
    try:
        while True:
            yield await news.get()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _logged(
    log: ConversationLog, conversation: ConversationId, last: int, clock: Clock, news: asyncio.Queue[News]
) -> None:
    seq = 0
    while True:
        try:
            async with aclosing(log.subscribe(conversation, seq)) as events:
                async for event in events:
                    seq = event.seq
                    news.put_nowait(event)
                    if seq == last:
                        news.put_nowait(UpToDate())
        except StoreError as error:
            _log.warning("the log of %s is taken up again after %s", conversation, type(error).__name__)
        await clock.sleep(_RETRY_S)


async def _announced(
    log: ConversationLog, conversation: ConversationId, clock: Clock, news: asyncio.Queue[News]
) -> None:
    while True:
        try:
            async with aclosing(log.changes(topic(conversation))) as notices:
                async for notice in notices:
                    one = from_notice(notice)
                    if one is not None:
                        news.put_nowait(of_overheard(one))
        except StoreError as error:
            _log.warning("words of %s are not heard for a moment: %s", conversation, type(error).__name__)
        await clock.sleep(_RETRY_S)
