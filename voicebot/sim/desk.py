"""A desk in virtual time, on the rules the product routes with: try a roster before callers meet it.

Arrivals are Poisson. Handling and patience are exponential, or handling is lognormal. Everything random comes from
one seed; the same plan and seed give the same day.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from math import log, sqrt

from voicebot.desk.choose import best_agent, by_company, next_contact
from voicebot.desk.model import Agent, Contact, QueueSpec
from voicebot.domain import AgentId, ConversationId, HandoffId, Presence

_START = datetime(2026, 1, 5, tzinfo=UTC)


class Spread(StrEnum):
    """How handling times vary around their mean."""

    EXPONENTIAL = "exponential"
    LOGNORMAL = "lognormal"


@dataclass(frozen=True, slots=True)
class Stream:
    """Contacts of one kind. ``like``: their company, queue, channel, language, skills and priority.

    ``patience_s`` None: they never leave. ``variation``: standard deviation over mean, of lognormal handling.
    """

    like: Contact
    per_hour: float
    aht_s: float
    patience_s: float | None = None
    spread: Spread = Spread.EXPONENTIAL
    variation: float = 1.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one contact; ``agent`` None: left. ``waited_s`` until the answer or until leaving."""

    stream: int
    arrived_s: float
    waited_s: float
    agent: AgentId | None


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that happened, in the order in which it was settled. ``waiting``: contacts nobody had answered yet."""

    fates: tuple[Fate, ...]
    waiting: int
    offered: int

    @property
    def answered(self) -> tuple[Fate, ...]:
        """Those an agent took."""
        return tuple(fate for fate in self.fates if fate.agent is not None)

    def service_level(self, target_s: float) -> float:
        """Answered within the target over all that were settled."""
        return sum(fate.waited_s <= target_s for fate in self.answered) / max(1, len(self.fates))


def simulate(
    agents: Sequence[Agent], queues: Sequence[QueueSpec], streams: Sequence[Stream], *, contacts: int, seed: int
) -> Day:
    """Run until so many contacts have come; what is in hand is then worked off, without new arrivals."""
    return _Run(agents, queues, streams, contacts, random.Random(seed)).day()


class _Run:
    def __init__(
        self,
        agents: Sequence[Agent],
        queues: Sequence[QueueSpec],
        streams: Sequence[Stream],
        contacts: int,
        chance: random.Random,
    ) -> None:
        self._agents = {
            agent.id: replace(agent, presence=Presence.AVAILABLE, load={}, available_since=_START) for agent in agents
        }
        self._queues, self._streams, self._contacts, self._chance = by_company(queues), streams, contacts, chance
        self._waiting: dict[HandoffId, tuple[Contact, int, float]] = {}
        self._events: list[tuple[float, int, str, str, int]] = []
        self._order, self._come = count(), 0
        self._fates: list[Fate] = []

    def day(self) -> Day:
        for index, stream in enumerate(self._streams):
            self._at(self._chance.expovariate(stream.per_hour / 3600), "arrive", "", index)
        while self._events:
            at_s, _, what, name, index = heapq.heappop(self._events)
            match what:
                case "arrive":
                    self._arrive(at_s, index)
                case "leave":
                    self._leave(at_s, HandoffId(name))
                case "finish":
                    self._finish(at_s, AgentId(name), index)
                case _:
                    self._offer_all(at_s)
        return Day(tuple(self._fates), len(self._waiting), self._come)

    def _at(self, at_s: float, what: str, name: str, index: int) -> None:
        heapq.heappush(self._events, (at_s, next(self._order), what, name, index))

    def _arrive(self, at_s: float, index: int) -> None:
        if self._come >= self._contacts:
            return
        self._come += 1
        stream = self._streams[index]
        self._at(at_s + self._chance.expovariate(stream.per_hour / 3600), "arrive", "", index)
        name = HandoffId(f"sim-{self._come:08}")
        moment = _START + timedelta(seconds=at_s)
        contact = replace(stream.like, id=name, conversation=ConversationId(name), enqueued_at=moment)
        queue = self._queues[contact.tenant, contact.queue]
        self._waiting[name] = contact, index, at_s
        chosen = best_agent(contact, list(self._agents.values()), queue, moment)
        if chosen is not None:
            self._answer(at_s, contact, chosen.id)
            return
        if stream.patience_s is not None:
            self._at(at_s + self._chance.expovariate(1 / stream.patience_s), "leave", name, index)
        for step in queue.relax:
            self._at(at_s + step.after_s, "relax", "", index)

    def _leave(self, at_s: float, name: HandoffId) -> None:
        if name in self._waiting:
            _, index, arrived_s = self._waiting.pop(name)
            self._fates.append(Fate(index, arrived_s, at_s - arrived_s, None))

    def _finish(self, at_s: float, name: AgentId, index: int) -> None:
        agent, medium = self._agents[name], self._streams[index].like.medium
        moment = _START + timedelta(seconds=at_s)
        load = {**agent.load, medium: agent.load[medium] - 1}
        self._agents[name] = replace(agent, load=load, available_since=moment, last_contact_end=moment)
        self._offer(at_s, name)

    def _offer_all(self, at_s: float) -> None:
        for name in sorted(self._agents, key=lambda name: (self._agents[name].available_since or _START, name)):
            self._offer(at_s, name)

    def _offer(self, at_s: float, name: AgentId) -> None:
        waiting = [contact for contact, _, _ in self._waiting.values()]
        moment = _START + timedelta(seconds=at_s)
        roster = list(self._agents.values())
        chosen = next_contact(self._agents[name], waiting, self._queues, moment, roster=roster)
        if chosen is not None:
            self._answer(at_s, chosen, name)

    def _answer(self, at_s: float, contact: Contact, name: AgentId) -> None:
        _, index, arrived_s = self._waiting.pop(contact.id)
        agent = self._agents[name]
        load = {**agent.load, contact.medium: agent.load.get(contact.medium, 0) + 1}
        self._agents[name] = replace(agent, load=load)
        self._fates.append(Fate(index, arrived_s, at_s - arrived_s, name))
        self._at(at_s + self._handling_s(self._streams[index]), "finish", name, index)

    def _handling_s(self, stream: Stream) -> float:
        if stream.spread is Spread.EXPONENTIAL:
            return self._chance.expovariate(1 / stream.aht_s)
        sigma = sqrt(log(1 + stream.variation**2))
        return self._chance.lognormvariate(log(stream.aht_s) - sigma**2 / 2, sigma)
