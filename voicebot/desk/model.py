"""Agents, contacts and queues as values. Rules over them are pure functions in the modules beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voicebot.domain import (
    EN,
    AgentId,
    Channel,
    ContactState,
    ConversationId,
    HandoffId,
    HandoffReason,
    Language,
    Presence,
    QueueId,
    Skill,
    TenantId,
)

LANGUAGE_LEVEL = 3
"""A language is a skill ``lang:<tag>``; serving customers in it takes at least this level."""


class Medium(StrEnum):
    """What an agent's capacity is counted in."""

    VOICE = "voice"
    CHAT = "chat"


def medium_of(channel: Channel) -> Medium:
    """How much of an agent a contact by this channel takes."""
    return Medium.VOICE if channel is Channel.VOICE else Medium.CHAT


def language_skill(language: Language) -> Skill:
    """The skill of speaking a language."""
    return Skill(f"lang:{language}")


@dataclass(frozen=True, slots=True)
class RelaxStep:
    """From ``after_s`` of waiting on: lower levels, or any of these skills (level 1 up) in place of the queue's own."""

    after_s: float
    levels: Mapping[Skill, int] = field(default_factory=dict)
    any_of: tuple[Skill, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """One queue of a company. ``cap`` None: no limit. ``always_open``: staffed around the clock (safety, fraud).

    ``target``: this share of contacts (0..1) is answered within ``target_s`` seconds. ``age_s``: a contact moves up one
    class for every so many seconds of waiting, as the company's ``times`` say.
    """

    id: QueueId
    tenant: TenantId
    skills: Mapping[Skill, int]
    priority: int = 5
    cap: int | None = None
    relax: tuple[RelaxStep, ...] = ()
    target_s: float = 20.0
    target: float = 0.8
    age_s: float = 60.0
    always_open: bool = False
    label: Mapping[Language, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Agent:
    """One person who takes contacts, and how they stand now.

    ``presence_since`` is when presence and reason became what they are. ``load`` counts contacts that are offered,
    accepted, active or in wrap-up, by medium. ``available_since`` orders equals: the longest idle first. ``endpoint``
    is ``browser`` or a SIP address. ``grants``: other companies this person serves too.
    """

    id: AgentId
    tenant: TenantId
    name: str
    team: str = ""
    skills: Mapping[Skill, int] = field(default_factory=dict)
    capacity: Mapping[Medium, int] = field(default_factory=dict)
    presence: Presence = Presence.OFFLINE
    presence_reason: str = ""
    load: Mapping[Medium, int] = field(default_factory=dict)
    available_since: datetime | None = None
    presence_since: datetime | None = None
    last_contact_end: datetime | None = None
    heartbeat_at: datetime | None = None
    session: str = ""
    node: str = ""
    endpoint: str = "browser"
    language: Language = EN
    grants: tuple[TenantId, ...] = ()
    version: int = 0

    @property
    def signed_in(self) -> bool:
        """At work, whether free or not."""
        return self.presence is not Presence.OFFLINE


@dataclass(frozen=True, slots=True)
class Contact:
    """One customer's wish for a person, from the moment it was made.

    ``enqueued_at`` (``tq``) never changes: not by requeue, transfer or callback. ``priority`` is the base priority, 1
    is reserved for emergencies. ``excluded``: agents who must not be offered it until a moment. ``callback``: nobody
    is on the line; accepting it dials. ``not_before``: a callback is not offered earlier.
    """

    id: HandoffId
    tenant: TenantId
    conversation: ConversationId
    channel: Channel
    language: Language
    queue: QueueId
    required: Mapping[Skill, int]
    priority: int
    enqueued_at: datetime
    state: ContactState = ContactState.QUEUED
    reason: HandoffReason = HandoffReason.CUSTOMER_ASKED
    intent: str = ""
    preferred: Mapping[Skill, float] = field(default_factory=dict)
    preferred_agent: AgentId | None = None
    hold_until: datetime | None = None
    excluded: Mapping[AgentId, datetime] = field(default_factory=dict)
    agent: AgentId | None = None
    lease_until: datetime | None = None
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    active_at: datetime | None = None
    wrapup_at: datetime | None = None
    closed_at: datetime | None = None
    attempt: int = 1
    callback: bool = False
    not_before: datetime | None = None
    promised_low_min: int | None = None
    promised_high_min: int | None = None
    node: str = ""
    outcome: str = ""
    version: int = 0

    @property
    def medium(self) -> Medium:
        """What it takes of an agent."""
        return medium_of(self.channel)
