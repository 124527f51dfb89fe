"""Assist while people talk: a session for every conversation whose agent is connected here.

The log is the only bus. A session reads it, hears what is said before it is written, and appends which card came on
screen and which left; consoles show what the log says. A session that fails is named in the log and begun anew; the
conversation never notices.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta
from itertools import groupby
from typing import Protocol

from voicebot.assist.live_budget import Budget
from voicebot.assist.live_editions import Editions, Versions
from voicebot.assist.live_known import is_wish
from voicebot.assist.live_session import Edition, Insight, Led, Session
from voicebot.assist.ranking import Usefulness, learnt
from voicebot.assist.sources import ConversationLog, News, Speaking, Spoken, UpToDate, follow, of_event
from voicebot.clock import Clock
from voicebot.domain import AgentId, CardEnded, CardShown, ConversationId, Event, Recorded, TenantId, Understood
from voicebot.errors import NotFound, StoreError, VoicebotError

_log = logging.getLogger(__name__)

TICK_S = 1.0
_AGAIN_S = 5.0
_LEARN_EVERY_S = 600.0
_LEARN_FROM = timedelta(days=90)
_INSIGHT_S = 1.5


class Understanding(Protocol):
    """What words mean, from the models."""

    async def insight(self, edition: Edition, spoken: Spoken) -> Insight:
        """Intent and likeness of a customer's or agent's words. Raises UnderstandingError."""
        ...


class AssistDesk:
    """One per process. :meth:`run` learns from the log; :meth:`accompany` is one session."""

    def __init__(
        self,
        log: ConversationLog,
        editions: Editions,
        versions: Versions,
        clock: Clock,
        understanding: Understanding | None = None,
    ) -> None:
        self._log, self.editions, self._versions, self._clock = log, editions, versions, clock
        self._understanding = understanding
        self.budget = Budget(clock)
        self._useful: dict[TenantId, Usefulness] = {}

    def usefulness(self, tenant: TenantId) -> Usefulness:
        """What agents of a company made of its cards so far."""
        return self._useful.get(tenant, Usefulness())

    async def run(self) -> None:
        """Make the cards ready, then learn what they were worth, again and again."""
        for tenant in self.editions.tenants:
            try:
                await self.editions.current(tenant)
            except VoicebotError as error:
                _log.error("the cards of %s cannot be used: %s", tenant, error)
        while True:
            for tenant in self.editions.tenants:
                try:
                    told = await self._versions.cards_told(tenant, self._clock.now() - _LEARN_FROM)
                    self._useful[tenant] = learnt(_ends(told))
                except StoreError as error:
                    _log.warning("what cards were worth cannot be read: %s", type(error).__name__)
            await self._clock.sleep(_LEARN_EVERY_S)

    async def accompany(self, led: Led) -> None:
        """Assist this agent in this conversation until cancelled. Never raises."""
        while True:
            try:
                await self._accompany(led)
            except NotFound as error:
                _log.info("no assist in %s: %s", led.conversation, error)
                return
            except Exception as error:  # whatever it is, it must not reach the agent's console
                _log.error("assist in %s failed: %s", led.conversation, type(error).__name__, exc_info=error)
            await self._clock.sleep(_AGAIN_S)

    async def _accompany(self, led: Led) -> None:
        edition = await self.edition_of(led.tenant, led.conversation)
        running = _Running(self._log, self._clock, Session(led, edition), self._understanding, self.budget)
        running.session.usefulness = self.usefulness(led.tenant)
        await running.run()

    async def edition_of(self, tenant: TenantId, conversation: ConversationId) -> Edition:
        """The version a conversation uses: the one it began with.

        Raises:
            NotFound: the company has no cards, or there is no such conversation.
        """
        seq = 0
        while page := await self._log.events(conversation, seq):
            for recorded in page:
                if isinstance(recorded.event, CardShown):
                    try:
                        return await self.editions.edition(tenant, recorded.event.version)
                    except VoicebotError as error:
                        _log.warning("cards of an earlier version are gone: %s", type(error).__name__)
                        return await self.editions.current(tenant)
            seq = page[-1].seq
        return await self.editions.current(tenant)


class _Running:
    """One session at work."""

    def __init__(
        self,
        log: ConversationLog,
        clock: Clock,
        session: Session,
        understanding: Understanding | None,
        budget: Budget,
    ) -> None:
        self._log, self._clock, self.session, self._understanding = log, clock, session, understanding
        self._budget = budget
        self._own: set[int] = set()
        self._turn = asyncio.Lock()

    @property
    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tick())
            async with aclosing(follow(self._log, self.session.led.conversation, self._clock)) as news:
                async for one in news:
                    async with self._turn:
                        await self._write(self._moved(one, group))

    def _moved(self, one: News, group: asyncio.TaskGroup) -> list[Event]:
        session, now_s = self.session, self._now_s
        match one:
            case UpToDate():
                events = session.up_to_date(now_s)
                for said in session.just_said(now_s):
                    group.create_task(self._meant(said))
                return events
            case Speaking():
                return session.speaking(one, now_s) if session.live else []
            case Spoken():
                return session.said(one, now_s) if session.live and self._budget.take() else []
            case Recorded(seq=seq) if seq in self._own:
                self._own.discard(seq)
                return []
        spoken = of_event(one.event)
        if session.live and spoken is not None and not self._budget.take():
            session.passed_over(one.event, spoken, now_s)
            return []
        if session.live and spoken is not None and self._understanding is not None and not spoken.private:
            session.known = session.known.after(one.event)
            group.create_task(self._meant(spoken))
            return session.said(spoken, now_s, sure=False)
        return session.logged(one, now_s)

    async def _meant(self, spoken: Spoken) -> None:
        """The same words again once their meaning is known, or is not going to be."""
        insight = None
        try:
            async with asyncio.timeout(_INSIGHT_S):
                if self._understanding is not None:
                    insight = await self._understanding.insight(self.session.edition, spoken)
        except (VoicebotError, TimeoutError) as error:
            _log.warning("words are matched without their meaning: %s", type(error).__name__)
        async with self._turn:
            await self._write(self.session.said(spoken, self._now_s, insight))

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(TICK_S)
            async with self._turn:
                if self.session.live:
                    await self._write(self.session.tick(self._now_s))

    async def _write(self, events: Sequence[Event]) -> None:
        if not events:
            return
        try:
            written = await self._log.append(self.session.led.conversation, events, self._clock.now())
        except StoreError as error:
            _log.warning("cards were not shown: %s", type(error).__name__)
            self.session.revert()
        else:
            self._own |= {one.seq for one in written}


def _ends(told: Sequence[Recorded]) -> list[tuple[CardShown, str, CardEnded]]:
    """Each end of a card with its showing and the customer's intent at that time."""
    found: list[tuple[CardShown, str, CardEnded]] = []
    for _, one in groupby(told, key=lambda recorded: recorded.conversation):
        intent = ""
        shown: dict[tuple[str, AgentId | str], tuple[CardShown, str]] = {}
        for recorded in one:
            match recorded.event:
                case Understood(intent=meant) if is_wish(meant):
                    intent = meant
                case CardShown() as card:
                    shown[card.card, card.agent] = card, intent
                case CardEnded() as ended if (ended.card, ended.agent) in shown:
                    card, then = shown[ended.card, ended.agent]
                    found.append((card, then, ended))
    return found


__all__ = ["TICK_S", "AssistDesk", "Understanding"]
