"""Between rows of the desk's tables and its values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import RowMapping

from voicebot.desk.model import Agent, Contact, Medium, medium_of
from voicebot.domain import AgentId, Channel, ContactState, HandoffReason, Json, Language, Presence, Skill, TenantId

_DERIVED = frozenset({"load"})


def contact_from(row: RowMapping) -> Contact:
    """One contact as it is kept."""
    return Contact(
        id=row["id"],
        tenant=row["tenant"],
        conversation=row["conversation"],
        channel=Channel(row["channel"]),
        language=Language(row["language"]),
        queue=row["queue"],
        required={Skill(skill): int(level) for skill, level in row["required"].items()},
        priority=row["priority"],
        enqueued_at=row["enqueued_at"],
        state=ContactState(row["state"]),
        reason=HandoffReason(row["reason"]),
        intent=row["intent"],
        preferred={Skill(skill): float(weight) for skill, weight in row["preferred"].items()},
        preferred_agent=row["preferred_agent"],
        hold_until=row["hold_until"],
        excluded={AgentId(agent): datetime.fromisoformat(until) for agent, until in row["excluded"].items()},
        agent=row["agent"],
        lease_until=row["lease_until"],
        offered_at=row["offered_at"],
        accepted_at=row["accepted_at"],
        active_at=row["active_at"],
        wrapup_at=row["wrapup_at"],
        closed_at=row["closed_at"],
        attempt=row["attempt"],
        callback=row["callback"],
        not_before=row["not_before"],
        promised_low_min=row["promised_low_min"],
        promised_high_min=row["promised_high_min"],
        node=row["node"],
        outcome=row["outcome"],
        version=row["version"],
    )


def agent_from(row: RowMapping, load: Mapping[Medium, int]) -> Agent:
    """One agent as they are kept, with the load that was counted."""
    return Agent(
        id=row["id"],
        tenant=row["tenant"],
        name=row["name"],
        team=row["team"],
        skills={Skill(skill): int(level) for skill, level in row["skills"].items()},
        capacity={Medium(medium): int(most) for medium, most in row["capacity"].items()},
        presence=Presence(row["presence"]),
        presence_reason=row["presence_reason"],
        load=load,
        available_since=row["available_since"],
        presence_since=row["presence_since"],
        last_contact_end=row["last_contact_end"],
        heartbeat_at=row["heartbeat_at"],
        session=row["session"],
        node=row["node"],
        endpoint=row["endpoint"],
        language=Language(row["language"]),
        grants=tuple(TenantId(tenant) for tenant in row["grants"]),
        version=row["version"],
    )


def load_from(by_channel: Mapping[str, int]) -> Mapping[Medium, int]:
    """Counts by channel as counts by medium."""
    load: dict[Medium, int] = {}
    for channel, count in by_channel.items():
        medium = medium_of(Channel(channel))
        load[medium] = load.get(medium, 0) + count
    return load


def values_of(**changes: Any) -> dict[str, Any]:
    """Fields of a contact or an agent as their columns hold them; the load is counted and never kept."""
    return {name: _plain(value) for name, value in changes.items() if name not in _DERIVED}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case Mapping():
            return {str(_plain(key)): _json(item) for key, item in value.items()}
        case tuple():
            return [_json(item) for item in value]
        case _:
            return value


def _json(value: Any) -> Json:
    plain: Json = value.isoformat() if isinstance(value, datetime) else _plain(value)
    return plain
