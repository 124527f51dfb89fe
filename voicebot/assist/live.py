"""Assist while people talk: a session for every conversation whose agent is connected here.

The log is the only bus. A session reads it, hears what is said before it is written, and appends which card came on
screen and which left, how the guided script moves and what the company knows; consoles show what the log says. A
session that fails is named in the log and begun anew; the conversation never notices.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import groupby

from voicebot.assist.live_budget import Budget
from voicebot.assist.live_editions import Editions, Versions
from voicebot.assist.live_knowledge import Answering
from voicebot.assist.live_known import is_wish
from voicebot.assist.live_running import TICK_S, Likening, Minds, Running, Understanding
from voicebot.assist.live_session import Edition, Led, Session
from voicebot.assist.ranking import Usefulness, learnt
from voicebot.assist.sources import ConversationLog
from voicebot.clock import Clock
from voicebot.domain import AgentId, CardEnded, CardShown, ConversationId, Recorded, ScriptMoved, TenantId, Understood
from voicebot.errors import NotFound, StoreError, VoicebotError

_log = logging.getLogger(__name__)

_AGAIN_S = 5.0
_LEARN_EVERY_S = 600.0
_LEARN_FROM = timedelta(days=90)


class AssistDesk:
    """One per process. :meth:`run` learns from the log; :meth:`accompany` is one session."""

    def __init__(
        self,
        log: ConversationLog,
        editions: Editions,
        versions: Versions,
        clock: Clock,
        understanding: Understanding | None = None,
        likening: Likening | None = None,
        answering: Answering | None = None,
        late: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._log, self.editions, self._versions, self._clock = log, editions, versions, clock
        self._minds = Minds(understanding, likening, answering)
        self.budget = Budget(clock, late=late)
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
                continue
            except NotFound as error:
                _log.info("no assist in %s: %s", led.conversation, error)
                return
            except Exception as error:  # whatever it is, it must not reach the agent's console
                _log.error("assist in %s failed: %s", led.conversation, type(error).__name__, exc_info=error)
            await self._clock.sleep(_AGAIN_S)

    async def _accompany(self, led: Led) -> None:
        edition = await self.edition_of(led.tenant, led.conversation)
        running = Running(self._log, self._clock, Session(led, edition), self._minds, self.budget)
        running.session.usefulness = self.usefulness(led.tenant)
        await running.run()

    async def edition_of(self, tenant: TenantId, conversation: ConversationId) -> Edition:
        """The version a conversation uses, cards and scripts: the one it began with.

        Raises:
            NotFound: the company has no cards, or there is no such conversation.
        """
        seq = 0
        while page := await self._log.events(conversation, seq):
            for recorded in page:
                if isinstance(recorded.event, CardShown | ScriptMoved):
                    try:
                        return await self.editions.edition(tenant, recorded.event.version)
                    except VoicebotError as error:
                        _log.warning("cards of an earlier version are gone: %s", type(error).__name__)
                        return await self.editions.current(tenant)
            seq = page[-1].seq
        return await self.editions.current(tenant)


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


__all__ = ["TICK_S", "Answering", "AssistDesk", "Likening", "Understanding"]
