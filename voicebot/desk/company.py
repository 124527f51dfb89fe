"""What a company decides about its desk, as values: people, queues, codes, words and times."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from voicebot.desk.hours import OpeningHours, Spans
from voicebot.desk.model import LANGUAGE_LEVEL, Agent, Medium, QueueSpec, language_skill
from voicebot.desk.relax import ANYONE, never_relaxed
from voicebot.domain import AgentId, Language, QueueId, Skill, TenantId

Label = Mapping[Language, str]
"""The same words in each of the company's languages."""


class Resolved(StrEnum):
    """What a disposition says about the customer's matter."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DispositionCode:
    """How a contact ended, as the agent puts it; one is required to close."""

    code: str
    label: Label
    resolved: Resolved


@dataclass(frozen=True, slots=True)
class Choice:
    """A code with its words: a reason for a break."""

    code: str
    label: Label


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A ready answer for chat; ``{name}`` stands for what the agent or the packet fills in."""

    key: str
    text: Label
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """A group of agents and who leads it."""

    id: str
    leader: AgentId
    label: Label = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One person of the desk. ``skills`` include languages; ``language`` is their screen's."""

    id: AgentId
    name: str
    team: str
    roles: frozenset[str]
    skills: Mapping[Skill, int]
    capacity: Mapping[Medium, int]
    endpoint: str = "browser"
    language: Language = Language("en")  # noqa: RUF009 - a NewType is its own value

    def as_agent(self, tenant: TenantId) -> Agent:
        """The person before they sign in."""
        return Agent(
            self.id,
            tenant,
            self.name,
            team=self.team,
            skills=self.skills,
            capacity=self.capacity,
            endpoint=self.endpoint,
            language=self.language,
        )


@dataclass(frozen=True, slots=True)
class DeskTimes:
    """Seconds (and one priority step) that shape a day at the desk.

    ``comfort_s``: between two messages to somebody who waits. ``rest_s``: pause offered after a very negative contact.
    ``hold_s``: how long a contact is kept for its preferred agent. ``exclude_s``: how long a declined contact is not
    offered to the same agent again.
    """

    wrapup_s: float = 60.0
    comfort_s: float = 45.0
    voice_lease_s: float = 20.0
    chat_lease_s: float = 45.0
    exclude_s: float = 60.0
    hold_s: float = 60.0
    age_s: float = 60.0
    long_wait_s: float = 180.0
    short_abandon_s: float = 5.0
    rest_s: float = 120.0

    def lease_s(self, medium: Medium) -> float:
        """How long an offer stands."""
        return self.voice_lease_s if medium is Medium.VOICE else self.chat_lease_s


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """How a promise to call back is kept: so many attempts, so far apart, in the hours of the customer's place.

    ``spacing_s``: from one attempt to the next; the last one repeats. ``hours``: minutes of the customer's local day.
    """

    attempts: int = 3
    spacing_s: tuple[float, ...] = (900.0, 3600.0)
    hours: Spans = ((9 * 60, 20 * 60),)
    ring_s: float = 30.0

    def pause_s(self, tried: int) -> float | None:
        """Seconds to wait after attempt ``tried`` (from 1); None after the last."""
        if tried >= self.attempts:
            return None
        return self.spacing_s[min(tried, len(self.spacing_s)) - 1]

    def may_ring(self, now: datetime, timezone: ZoneInfo) -> bool:
        """Whether it is a decent time of day where the customer is."""
        return self._day(timezone).open_at(now)

    def next_ring(self, at: datetime, timezone: ZoneInfo) -> datetime:
        """``at``, or the first decent moment after it."""
        return self._day(timezone).next_opening(at) or at

    def _day(self, timezone: ZoneInfo) -> OpeningHours:
        return OpeningHours(timezone, (self.hours,) * 7)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes, and what it asks of an agent at the least."""

    queue: QueueSpec
    required: Mapping[Skill, int]


@dataclass(frozen=True, slots=True)
class DeskContent:
    """Everything the desk needs to know of one company. ``general``: the queue of requests no other queue covers."""

    tenant: TenantId
    languages: tuple[Language, ...]
    hours: OpeningHours
    queues: Mapping[QueueId, QueueSpec]
    general: QueueId
    skills: Mapping[Skill, Label]
    teams: Mapping[str, Team]
    agents: Mapping[AgentId, RosterEntry]
    dispositions: tuple[DispositionCode, ...]
    breaks: tuple[Choice, ...]
    replies: tuple[CannedReply, ...]
    times: DeskTimes = DeskTimes()
    callback: CallbackRules = CallbackRules()

    def route(self, skills: Collection[str], min_level: int, language: Language) -> Route:
        """The queue for a request: the one that has most of its skills and none besides, else the general one.

        Among equals: one whose skills never relax, then the more urgent, then the first in the file. What the queue
        does not cover stays a hard requirement; the language is added at level 3.
        """
        asked = {Skill(skill) for skill in skills} - {ANYONE}
        required = {skill: min_level for skill in sorted(asked)}
        required[language_skill(language)] = LANGUAGE_LEVEL
        fitting = [queue for queue in self.queues.values() if queue.skills and queue.skills.keys() <= asked]
        best = min(
            fitting,
            key=lambda queue: (-len(queue.skills), not any(map(never_relaxed, queue.skills)), queue.priority),
            default=self.queues[self.general],
        )
        return Route(best, required)

    def required_by(self, queue: QueueSpec, language: Language) -> Mapping[Skill, int]:
        """What a contact asks after an agent moved it to a queue: the queue's skills and the language alone."""
        return {**queue.skills, language_skill(language): LANGUAGE_LEVEL}

    def open_at(self, queue: QueueSpec, skills: Collection[str], now: datetime) -> bool:
        """Whether the queue is staffed now for these skills."""
        return self.hours.staffed({*skills, *queue.skills}, now, always_open=queue.always_open)

    def disposition(self, code: str) -> DispositionCode | None:
        """A code of the company's list."""
        return next((item for item in self.dispositions if item.code == code), None)

    def led_by(self, leader: AgentId) -> frozenset[str]:
        """The teams somebody leads."""
        return frozenset(team.id for team in self.teams.values() if team.leader == leader)

    def label(self, label: Label, language: Language) -> str:
        """Words in a language, else in the company's first one."""
        return label.get(language) or label.get(self.languages[0], "")
