"""What the console shows: contacts, agents, queues, tasks, as JSON. Times are ISO 8601 with time zone, UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from voicebot.domain import ContactState, Presence

PartyRole = Literal["lead", "expert", "listener", "whisperer", "speaker"]
Medium = Literal["voice", "chat"]


class View(BaseModel):
    """Sent, never taken."""

    model_config = ConfigDict(frozen=True)


def example(**fields: Any) -> ConfigDict:
    """An example for the API's description."""
    return ConfigDict(frozen=True, json_schema_extra={"examples": [fields]})


class PersonView(View):
    """Who is signed in. ``tenant`` None: may work for every company."""

    model_config = example(id="S01", name="佐伯 みなみ", tenant="shop", roles=["agent"], language="ja")
    id: str
    name: str
    tenant: str | None
    roles: list[str]
    language: str


class HeadlineView(View):
    """The first three seconds: who it is, why, what was tried, what is wanted. ``opening_line`` is a first sentence."""

    model_config = example(
        who="田中 花子 様",
        why="返品の送料",
        tried="注文番号を確認済み",
        ask="返品方法を知りたい",
        opening_line="田中様、ご注文番号は承っております。",
        alerts=["repeat_contact"],
    )
    who: str
    why: str
    ask: str
    tried: str = ""
    opening_line: str = ""
    alerts: list[str] = Field(default_factory=list)


class WaitView(View):
    """A range in whole minutes; 0 to 1 is "under a minute"."""

    low_min: int
    high_min: int


class ContactView(View):
    """One customer's wish for a person. ``packet`` is where the whole packet is read; ``medium`` says phone or chat.

    ``waited_s`` counts from ``enqueued_at`` to the moment an agent accepted, or to now. ``wrapup_until`` is when
    wrap-up closes by itself. ``callback``: nobody is on the line, accepting dials.
    """

    model_config = example(
        id="ho-c-01J-1",
        tenant="shop",
        conversation="c-01J",
        channel="web_chat",
        medium="chat",
        language="ja",
        queue="q_general",
        queue_label="ご注文",
        state="active",
        reason="customer_asked",
        intent="return_request",
        priority=5,
        enqueued_at="2026-01-05T09:00:00Z",
        waited_s=12.5,
        packet="/api/desk/contacts/ho-c-01J-1/packet",
        version=4,
    )
    id: str
    tenant: str
    conversation: str
    channel: str
    medium: Medium
    language: str
    queue: str
    queue_label: str
    state: ContactState
    reason: str
    intent: str = ""
    priority: int
    enqueued_at: datetime
    waited_s: float
    packet: str
    agent: str | None = None
    agent_name: str = ""
    headline: HeadlineView | None = None
    offered_at: datetime | None = None
    lease_until: datetime | None = None
    accepted_at: datetime | None = None
    active_at: datetime | None = None
    wrapup_at: datetime | None = None
    wrapup_until: datetime | None = None
    closed_at: datetime | None = None
    callback: bool = False
    not_before: datetime | None = None
    promised: WaitView | None = None
    attempt: int = 1
    outcome: str = ""
    version: int


class AgentView(View):
    """A colleague as the floor sees them. ``busy`` follows from load and capacity; ``since`` is when presence began."""

    model_config = example(
        id="S01",
        name="佐伯 みなみ",
        team="front",
        presence="available",
        reason="",
        since="2026-01-05T09:00:00Z",
        busy=False,
        load={"chat": 1},
        capacity={"voice": 1, "chat": 3},
        skills={"orders": 4, "lang:ja": 5},
        endpoint="browser",
        language="ja",
        version=3,
    )
    id: str
    name: str
    team: str
    presence: Presence
    reason: str
    since: datetime | None
    busy: bool
    load: dict[str, int]
    capacity: dict[str, int]
    skills: dict[str, int]
    endpoint: str
    language: str
    version: int


class QueueView(View):
    """How a queue stands. ``service_level`` is today's share (0..1) answered within ``target_s``; None: none yet."""

    id: str
    label: str
    waiting: int
    longest_wait_s: float
    wait: WaitView | None = None
    agents_free: int
    agents_busy: int
    service_level: float | None = None
    target: float
    target_s: float


class ChoiceView(View):
    """One entry of a list the company keeps: a break reason or a disposition code.

    ``resolved``: what a disposition says about the customer's matter; None: it cannot be said, or it is a break.
    """

    model_config = example(code="order_changed", label="注文・お届け内容を変更", resolved=True)
    code: str
    label: str
    resolved: bool | None = None


class ReplyView(View):
    """A canned answer.

    ``text`` has its placeholders ``{slot}`` filled with confirmed slots when asked per contact; ``missing`` names those
    that could not be filled. ``title`` is the beginning of the text, for a list.
    """

    model_config = example(
        id="greeting",
        title="お電話ありがとうございます",
        text="お電話ありがとうございます。",
        language="ja",
        missing=[],
    )
    id: str
    title: str
    text: str
    language: str
    missing: list[str] = Field(default_factory=list)


class PartyOnCall(View):
    """Somebody on a live call."""

    agent: str
    name: str
    role: PartyRole
    muted: bool = False


class TaskView(View):
    """Something promised: a follow-up, or a callback. ``overdue`` at the time of sending."""

    model_config = example(
        id="t-1",
        tenant="shop",
        kind="follow_up",
        text="交換品の在庫を確認して折り返す",
        owner="S01",
        owner_name="佐伯 みなみ",
        due_at="2026-01-06T01:00:00Z",
        state="open",
        overdue=False,
        contact="ho-c-01J-1",
        conversation="c-01J",
        created_at="2026-01-05T09:00:00Z",
        created_by="S01",
    )
    id: str
    tenant: str
    kind: Literal["follow_up", "callback"]
    text: str
    owner: str | None
    owner_name: str = ""
    due_at: datetime | None
    state: Literal["open", "done", "cancelled"]
    overdue: bool
    contact: str | None = None
    conversation: str | None = None
    language: str = ""
    created_at: datetime
    created_by: str = ""
    done_at: datetime | None = None
    outcome: str = ""


class EventView(View):
    """One event of the log; ``event`` has ``type`` and that type's fields, text already redacted."""

    seq: int = Field(ge=1)
    at: AwareDatetime
    event: dict[str, JsonValue]
