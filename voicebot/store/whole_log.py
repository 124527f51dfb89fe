"""A conversation's log from its beginning, read page by page so that a long one keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from voicebot.domain import ConversationId, Recorded

PAGE = 2000


class EventLog(Protocol):
    """As much of :class:`voicebot.store.port.Store` as reading needs."""

    async def events(self, conversation: ConversationId, after_seq: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Events after ``after_seq`` in order."""
        ...


async def whole_log(
    log: EventLog, conversation: ConversationId, *, most: int | None = None, page: int = PAGE
) -> tuple[Recorded, ...]:
    """Every event of a conversation in order, or its first ``most``; what is written meanwhile may be among them.

    Raises:
        NotFound: no such conversation.
        StoreError: the log cannot be read.
    """
    found: list[Recorded] = []
    while most is None or len(found) < most:
        limit = page if most is None else min(page, most - len(found))
        more = await log.events(conversation, found[-1].seq if found else 0, limit)
        found += more
        if len(more) < limit:
            break
    return tuple(found)


__all__ = ["PAGE", "EventLog", "whole_log"]
