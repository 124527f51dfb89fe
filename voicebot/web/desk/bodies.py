"""What the console's REST addresses take and answer; see :mod:`voicebot.web.desk.frames` for the socket."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from voicebot.web.desk.views import (
    AgentView,
    ContactView,
    EventView,
    PartyOnCall,
    PartyRole,
    QueueView,
    ReplyView,
    TaskView,
    View,
    example,
)

Word = Annotated[str, Field(min_length=1, max_length=200)]
Note = Annotated[str, Field(max_length=4000)]
Sdp = Annotated[str, Field(min_length=10, max_length=100_000)]
_SIP = r"^sips?:[^\s<>\"]{1,250}$"


class Body(BaseModel):
    """Taken from a page; unknown fields are refused, so that a slip is seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _body(**fields: Any) -> ConfigDict:
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [fields]})


class Reason(Body):
    """Why, in the agent's words or a code."""

    reason: Annotated[str, Field(max_length=200)] = ""


class Close(Body):
    """Finish the wrap-up. ``code`` is of the company's list of dispositions."""

    model_config = _body(code="resolved", resolved=True, note="交換を手配した")
    code: Word
    resolved: bool | None = None
    note: Note = ""


class NoteText(Body):
    """For colleagues only."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]


class Target(Body):
    """A colleague, a queue or a SIP address: exactly one of them."""

    agent: Word | None = None
    queue: Word | None = None
    sip: Annotated[str, Field(pattern=_SIP)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.agent, self.queue, self.sip)) != 1:
            raise ValueError("give exactly one of agent, queue and sip")
        return self


class Transfer(Target):
    """Blind: the contact leaves this agent at once. A warm transfer is consult, then complete_transfer."""

    model_config = _body(queue="q_tech", note="初期不良の可能性があります")
    note: Note = ""


class Consult(Target):
    """Ask somebody while the customer hears music; a queue cannot be consulted."""

    model_config = _body(agent="S04", note="型番の確認")
    note: Note = ""

    @model_validator(mode="after")
    def _person(self) -> Self:
        if self.queue is not None:
            raise ValueError("consult an agent or a sip address, not a queue")
        return self


class Complete(Body):
    """Who leads from now on: the expert on the call; in chats the colleague who was asked."""

    agent: Word | None = None


class Whisper(Body):
    """Words for the colleague who leads, not for the customer."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    invite: Annotated[str, Field(max_length=2000)]


class Switch(Body):
    """On or off."""

    on: bool


class Mute(Body):
    """Mute somebody on the call; without ``agent``: oneself."""

    on: bool
    agent: Word | None = None


class MediaOffer(Body):
    """A browser's SDP offer. ``lead`` for one's own contact, ``expert`` with an invite; leaders: the other three."""

    sdp: Sdp
    role: PartyRole = "lead"
    invite: Annotated[str, Field(max_length=2000)] | None = None


class MediaAnswer(View):
    """The SDP answer of the process that holds the call."""

    sdp: str
    conversation: str
    role: PartyRole


class Supervise(Body):
    """Come into a conversation as a leader. ``sdp`` for calls; in chats ``text`` is what is whispered or said."""

    sdp: Sdp | None = None
    text: Annotated[str, Field(min_length=1, max_length=4000)] | None = None


class Supervised(View):
    """What became of it. ``sdp`` is the answer for calls; chats are read by ``watch`` on the socket."""

    conversation: str
    contact: ContactView | None = None
    role: PartyRole
    sdp: str | None = None


class Parties(View):
    """Who is on a call now."""

    conversation: str
    parties: list[PartyOnCall]
    on_hold: bool = False


class ContactList(View):
    """Contacts, longest waiting first."""

    contacts: list[ContactView]


class Suggestion(View):
    """A disposition the facts point to; None when they point nowhere. ``because`` names the facts."""

    model_config = example(code="resolved", label="解決済み", resolved=True, because=["attempt:return_create:ok"])
    code: str | None
    label: str = ""
    resolved: bool | None = None
    because: list[str] = Field(default_factory=list)


class Replies(View):
    """Canned answers with the contact's confirmed slots filled in."""

    replies: list[ReplyView]


class Interaction(View):
    """One earlier contact of a customer."""

    at: datetime
    channel: str
    summary: str
    agent: str | None = None
    resolved: bool | None = None
    conversation: str | None = None


class History(View):
    """What is known of a customer by number; ``known`` False when the number is new."""

    known: bool
    customer: dict[str, JsonValue] | None = None
    interactions: list[Interaction] = Field(default_factory=list)


class Transcript(View):
    """A conversation's log; ``next_after_seq`` asks for more."""

    conversation: str
    events: list[EventView]
    next_after_seq: int | None = None


class TaskNew(Body):
    """Promise something. Without ``owner`` it is mine. ``number`` is where a callback to a contact's customer rings."""

    model_config = _body(kind="follow_up", text="在庫を確認して折り返す", due_at="2026-01-06T01:00:00Z")
    kind: Literal["follow_up", "callback"] = "follow_up"
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    due_at: AwareDatetime
    owner: Word | None = None
    contact: Word | None = None
    number: Annotated[str, Field(max_length=40)] | None = None

    @model_validator(mode="after")
    def _rings_somewhere(self) -> Self:
        if self.number is not None and (self.kind != "callback" or self.contact is None):
            raise ValueError("a number is for a callback to the customer of a contact: give kind and contact too")
        return self


class TaskChange(Body):
    """Finish (``state`` done, with an ``outcome``), give to a colleague, or move in time."""

    state: Literal["done", "cancelled"] | None = None
    outcome: Annotated[str, Field(max_length=200)] = ""
    owner: Word | None = None
    due_at: AwareDatetime | None = None
    text: Annotated[str, Field(min_length=1, max_length=1000)] | None = None


class TaskList(View):
    """Tasks by due time."""

    tasks: list[TaskView]


class FloorAlert(View):
    """Something a leader should look at; ``kind`` is ours, the page has words for it."""

    kind: Literal[
        "long_wait",
        "queue_full",
        "unstaffed",
        "service_level",
        "no_answer",
        "task_overdue",
        "wrapup_overdue",
        "emergency",
    ]
    detail: str = ""
    contact: str | None = None
    agent: str | None = None
    queue: str | None = None
    task: str | None = None


class Floor(View):
    """The whole floor at one moment."""

    server_time: datetime
    agents: list[AgentView]
    contacts: list[ContactView]
    queues: list[QueueView]
    alerts: list[FloorAlert]


class AgentChange(Body):
    """A leader's live change; what is left out stays. Every change is audited."""

    model_config = _body(skills={"orders": 4, "lang:ja": 5}, capacity={"voice": 1, "chat": 2})
    skills: dict[Word, Annotated[int, Field(ge=1, le=5)]] | None = Field(None, max_length=100)
    capacity: dict[Literal["voice", "chat"], Annotated[int, Field(ge=0, le=20)]] | None = None
    endpoint: Annotated[str, Field(pattern=rf"^browser$|{_SIP}")] | None = None


class StaffingWanted(Body):
    """What to staff for. ``target``: share (0..1) answered within ``target_s``. ``patience_s`` makes it Erlang A."""

    model_config = _body(calls=100, interval_min=30, aht_s=240, target=0.8, target_s=20)
    calls: Annotated[float, Field(gt=0, le=100_000)]
    interval_min: Annotated[float, Field(gt=0, le=1440)] = 30
    aht_s: Annotated[float, Field(gt=0, le=36_000)]
    target: Annotated[float, Field(gt=0, lt=1)] = 0.8
    target_s: Annotated[float, Field(ge=0, le=3600)] = 20
    patience_s: Annotated[float, Field(gt=0, le=36_000)] | None = None
    shrinkage: Annotated[float, Field(ge=0, lt=1)] = 0.3
    max_occupancy: Annotated[float, Field(gt=0, le=1)] = 0.85


class StaffingRow(View):
    """What so many agents achieve. Shares are 0..1; ``asa_s`` is the mean wait of those who are answered."""

    agents: int
    service_level: float
    asa_s: float | None
    waits: float = Field(description="share of callers who wait at all")
    occupancy: float
    abandoned: float | None = Field(None, description="share who give up; only with patience_s")
    meets: bool


class StaffingTable(View):
    """Rows around the number needed. ``rostered`` adds shrinkage."""

    erlangs: float
    needed: int
    rostered: int
    model: Literal["erlang_c", "erlang_a"]
    rows: list[StaffingRow]


class TranslateText(Body):
    """Help to read or write another language; nothing is stored."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    source: Annotated[str, Field(pattern="^[a-z]{2,3}$")]
    target: Annotated[str, Field(pattern="^[a-z]{2,3}$")]


class Translated(View):
    """Machine translation: say so beside it."""

    text: str
    by: str
