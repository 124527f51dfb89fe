"""Agents, contacts and queues as plain values, for tests of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from voicebot.desk.choose import by_company
from voicebot.desk.model import Agent, Contact, Medium, QueueSpec, RelaxStep
from voicebot.domain import AgentId, Channel, ConversationId, HandoffId, Language, Presence, QueueId, Skill, TenantId

NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
SHOP = TenantId("shop")
TECH = QueueSpec(
    QueueId("q_tech"),
    SHOP,
    {Skill("tech"): 3},
    relax=(RelaxStep(60, {Skill("tech"): 1}), RelaxStep(120, {}, (Skill("orders"),))),
)
SAFETY = QueueSpec(
    QueueId("q_safety"),
    SHOP,
    {Skill("safety"): 3},
    relax=(RelaxStep(10, {Skill("safety"): 1}, (Skill("orders"),)),),
)
QUEUES = by_company([TECH, SAFETY])


def skilled(**levels: int) -> Mapping[Skill, int]:
    return {Skill(name.replace("_", ":")): level for name, level in levels.items()}


def agent(name: str = "a", skills: Mapping[Skill, int] | None = None) -> Agent:
    return Agent(
        AgentId(name),
        SHOP,
        name,
        skills=skills if skills is not None else skilled(tech=3, lang_ja=5),
        capacity={Medium.VOICE: 1, Medium.CHAT: 2},
        presence=Presence.AVAILABLE,
        available_since=NOW - timedelta(seconds=30),
    )


def contact(name: str = "c", waited: float = 0, queue: QueueSpec = TECH, priority: int = 5) -> Contact:
    return Contact(
        HandoffId(name),
        SHOP,
        ConversationId(name),
        Channel.VOICE,
        Language("ja"),
        queue.id,
        dict.fromkeys(queue.skills, 1),
        priority,
        NOW - timedelta(seconds=waited),
    )
