"""One session at work: news in, events of cards, of the script and of knowledge out, one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol, TypeVar

from voicebot.assist.live_budget import Budget
from voicebot.assist.live_knowledge import Answering, Knowing
from voicebot.assist.live_scripts import Guiding, Sense
from voicebot.assist.live_session import Edition, Insight, Session
from voicebot.assist.scripts import Guide
from voicebot.assist.sources import ConversationLog, News, Speaking, Spoken, UpToDate, follow, of_event
from voicebot.clock import Clock
from voicebot.domain import Event, Recorded
from voicebot.errors import StoreError, VoicebotError

_log = logging.getLogger(__name__)

TICK_S = 1.0
_INSIGHT_S, _ANSWER_S = 1.5, 10.0
"""How long the meaning of words, and an answer to a question, is of use."""
_Known = TypeVar("_Known")


class Understanding(Protocol):
    """What words mean, from the models."""

    async def insight(self, edition: Edition, spoken: Spoken) -> Insight:
        """Intent and likeness of a customer's or agent's words. Raises UnderstandingError."""
        ...


class Likening(Protocol):
    """How like the steps of a script words are."""

    async def similar(self, guide: Guide, script: str, spoken: Spoken) -> Mapping[str, float] | None:
        """Likeness 0..1 by step; None while that is not known. Raises UnderstandingError."""
        ...


@dataclass(frozen=True, slots=True)
class Minds:
    """The models a session may ask; None: it does without."""

    understanding: Understanding | None = None
    likening: Likening | None = None
    answering: Answering | None = None

    @property
    def any(self) -> bool:
        """Whether words are worth a second look."""
        return any(one is not None for one in (self.understanding, self.likening, self.answering))


class _Part(Protocol):
    """What returned events, and takes them back when they could not be written."""

    def revert(self) -> None: ...


class Running:
    """See the module. :meth:`run` returns only when the session has to be made anew, for another version."""

    def __init__(self, log: ConversationLog, clock: Clock, session: Session, minds: Minds, budget: Budget) -> None:
        self._log, self._clock, self.session, self._minds, self._budget = log, clock, session, minds, budget
        guide = session.edition.guide
        self.guiding = Guiding(session.led, guide) if guide is not None and guide.scripts.scripts else None
        self.knowing = Knowing(session.led)
        self._own: set[int] = set()
        self._turn = asyncio.Lock()

    @property
    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    async def run(self) -> None:
        """Follow the conversation. Raises what a fault of ours raises."""
        async with asyncio.TaskGroup() as group:
            ticking = group.create_task(self._tick())
            async with aclosing(follow(self._log, self.session.led.conversation, self._clock)) as news:
                async for one in news:
                    async with self._turn:
                        await self._take(one, group)
                    if self.guiding is not None and self.guiding.outdated:
                        break
            ticking.cancel()

    async def _take(self, one: News, group: asyncio.TaskGroup) -> None:
        session, now_s = self.session, self._now_s
        match one:
            case UpToDate():
                await self._write(session, session.up_to_date(now_s))
                if self.guiding is not None:
                    await self._write(self.guiding, self.guiding.up_to_date(session.known, now_s))
                if self._minds.answering is not None:
                    self._minds.answering.begin(session.led.tenant)
                for said in session.just_said(now_s):
                    group.create_task(self._meant(said))
            case Speaking():
                if session.live:
                    await self._write(session, session.speaking(one, now_s))
            case Spoken():
                if session.live and self._budget.take():
                    asks = self._minds.understanding is not None
                    await self._write(session, session.said(one, now_s, sure=not asks))
                    if asks and session.is_urgent(one):
                        group.create_task(self._early(one))
            case Recorded(seq=seq) if seq in self._own:
                self._own.discard(seq)
            case Recorded():
                await self._logged(one, now_s, group)

    async def _logged(self, one: Recorded, now_s: float, group: asyncio.TaskGroup) -> None:
        session, spoken = self.session, of_event(one.event)
        if session.live and spoken is not None and not self._budget.take():
            session.passed_over(one.event, spoken, now_s)
            return
        self.knowing.logged(one, now_s if session.live else one.at.timestamp())
        if self.guiding is not None:
            await self._write(self.guiding, self.guiding.logged(one, now_s))
        if not session.live or spoken is None or spoken.private:
            await self._write(session, session.logged(one, now_s))
            return
        more = self._minds.any
        if more:
            session.known = session.known.after(one.event)
            group.create_task(self._meant(spoken))
            await self._write(session, session.said(spoken, now_s, sure=False))
        else:
            await self._write(session, session.logged(one, now_s))
        if self.guiding is not None:
            await self._write(self.guiding, self.guiding.said(spoken, now_s, sure=not more))

    async def _meant(self, spoken: Spoken) -> None:
        """The same words again once their meaning is known, or is not going to be."""
        insight, similar = await asyncio.gather(self._insight(spoken), self._similar(spoken))
        async with self._turn:
            await self._write(self.session, self.session.said(spoken, self._now_s, insight))
            if self.guiding is not None:
                sense = Sense(insight or Insight(), similar)
                await self._write(self.guiding, self.guiding.said(spoken, self._now_s, sense))
        await self._answer(spoken)

    async def _early(self, spoken: Spoken) -> None:
        """The meaning of words that may still change."""
        insight = await self._insight(spoken)
        async with self._turn:
            await self._write(self.session, self.session.said(spoken, self._now_s, insight))

    async def _insight(self, spoken: Spoken) -> Insight | None:
        if self._minds.understanding is None:
            return None
        asked = self._minds.understanding.insight(self.session.edition, spoken)
        return await _within(asked, "words are matched without their meaning")

    async def _similar(self, spoken: Spoken) -> Mapping[str, float] | None:
        guiding, likening = self.guiding, self._minds.likening
        if guiding is None or likening is None or not guiding.running:
            return None
        asked = likening.similar(guiding.guide, guiding.running, spoken)
        return await _within(asked, "steps of the script are heard without meaning")

    async def _answer(self, spoken: Spoken) -> None:
        """What the company knows about a customer's question; it costs one more piece of the budget."""
        answering, led = self._minds.answering, self.session.led
        if answering is None or not self.knowing.wants(spoken, self._now_s) or not self._budget.take():
            return
        asked = answering.unasked(led.tenant, spoken.text, spoken.language)
        answers = await _within(asked, "the knowledge is not asked", _ANSWER_S)
        async with self._turn:
            await self._write(self.knowing, self.knowing.found(spoken, answers or (), self._now_s))

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(TICK_S)
            async with self._turn:
                if self.session.live:
                    await self._write(self.session, self.session.tick(self._now_s))

    async def _write(self, part: _Part, events: Sequence[Event]) -> None:
        if not events:
            return
        try:
            written = await self._log.append(self.session.led.conversation, events, self._clock.now())
        except StoreError as error:
            _log.warning("the assist showed nothing: %s", type(error).__name__)
            part.revert()
        else:
            self._own |= {one.seq for one in written}


async def _within(asked: Awaitable[_Known], without: str, seconds: float = _INSIGHT_S) -> _Known | None:
    """What a model says, unless it is away or slow."""
    try:
        async with asyncio.timeout(seconds):
            return await asked
    except (VoicebotError, TimeoutError) as error:
        _log.warning("%s: %s", without, type(error).__name__)
        return None


__all__ = ["TICK_S", "Likening", "Minds", "Running", "Understanding"]
