"""A conversation's log as a stream without gaps: what is written already, then what is being written."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from voicebot.clock import Clock
from voicebot.domain import ConversationId, Recorded
from voicebot.errors import NotFound, StoreError
from voicebot.web.desk.ports import Log

_log = logging.getLogger(__name__)
_PAGE = 500
_RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class UpToDate:
    """Everything written so far was given; ``seq`` is its last number."""

    seq: int


async def follow(
    log: Log, conversation: ConversationId, after_seq: int, clock: Clock
) -> AsyncGenerator[Recorded | UpToDate, None]:
    """Events after ``after_seq`` in order, each once; one :class:`UpToDate` between past and present. Never ends.

    Raises:
        NotFound: no such conversation.
    """
    seq, told = after_seq, False
    while True:
        live = log.subscribe(conversation)
        coming = asyncio.ensure_future(anext(live))
        try:
            async for event in _written(log, conversation, seq):
                seq = event.seq
                yield event
            if not told:
                told = True
                yield UpToDate(seq)
            while True:
                event = await coming
                coming = asyncio.ensure_future(anext(live))
                if event.seq > seq + 1:
                    async for missed in _written(log, conversation, seq):
                        seq = missed.seq
                        yield missed
                elif event.seq == seq + 1:
                    seq = event.seq
                    yield event
        except NotFound:
            raise
        except (StoreError, StopAsyncIteration) as error:
            _log.warning("a reader of %s takes up again after %s", conversation, type(error).__name__)
        finally:
            coming.cancel()
            with contextlib.suppress(asyncio.CancelledError, StoreError, StopAsyncIteration):
                await coming
            await live.aclose()
        await clock.sleep(_RETRY_S)


async def _written(log: Log, conversation: ConversationId, seq: int) -> AsyncGenerator[Recorded, None]:
    while True:
        page = await log.events(conversation, seq, _PAGE)
        for event in page:
            yield event
        if len(page) < _PAGE:
            return
        seq = page[-1].seq
