"""What a console is shown of the desk besides agents and contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from voicebot.domain import AgentId, ConversationId, HandoffId, Language, QueueId, TenantId


@dataclass(frozen=True, slots=True)
class DeskChange:
    """Something changed: load the row named. An alert's ``id`` says what a supervisor should look at."""

    kind: Literal["agent", "contact", "task", "alert"]
    id: str


@dataclass(frozen=True, slots=True)
class QueueNow:
    """How a queue stands.

    ``service_level`` (0..1) is today's. The range (minutes) is what a newcomer is told, the longer of phone and chat.
    """

    id: QueueId
    label: Mapping[Language, str]
    waiting: int
    longest_wait_s: float
    low_min: int | None
    high_min: int | None
    agents_free: int
    agents_busy: int
    service_level: float | None
    target: float
    target_s: float
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something promised, with who does it and until when."""

    id: str
    tenant: TenantId
    kind: Literal["follow_up", "callback"]
    text: str
    owner: AgentId | None
    due_at: datetime | None
    state: Literal["open", "done", "cancelled"]
    created_at: datetime
    created_by: str = ""
    contact: HandoffId | None = None
    conversation: ConversationId | None = None
    language: str = ""
    done_at: datetime | None = None
    outcome: str = ""
