"""The console's socket ``/ws/desk``: every frame of both directions, one JSON object per text frame.

The authority on shapes. What they carry is in :mod:`voicebot.web.desk.views`; bodies of the REST addresses are in
:mod:`voicebot.web.desk.bodies`. A client begins with ``hello`` within 15 s, then beats every 5 s; after 15 s without a
beat the agent counts as gone. Unknown fields are ignored, so that an older server takes a newer page.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from voicebot.web.desk.views import (
    AgentView,
    ChoiceView,
    ContactView,
    HeadlineView,
    PersonView,
    QueueView,
    ReplyView,
    TaskView,
    View,
    example,
)

MAX_FRAME_BYTES = 32 * 1024
MAX_TEXT = 4000
Id = Annotated[str, Field(min_length=1, max_length=200)]


class DeskClose(IntEnum):
    """Why the server closes a console's socket."""

    NORMAL = 1000
    FAILED = 1011
    RESTARTING = 1012
    SIGNED_OUT = 4401
    """No session, or it ended or was revoked: sign in again; do not reconnect."""
    REPLACED = 4002
    """Another tab or computer took over: do not reconnect by yourself."""
    TOO_SLOW = 4003
    """The client did not read fast enough: reconnect, giving ``seen``."""
    BAD_CLIENT = 4004
    """Too many frames that cannot be used, or no hello in time."""
    FORBIDDEN = 4403
    """Wrong role. A page of another origin is refused before the handshake (HTTP 403)."""


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def _taken(**fields: Any) -> ConfigDict:
    return ConfigDict(frozen=True, extra="ignore", json_schema_extra={"examples": [fields]})


# --- client to server -------------------------------------------------------------------------------------------------


class Hello(_Frame):
    """The first frame. ``seen`` gives the last seq known per conversation, so that nothing is sent twice or missed.

    ``takes_contacts`` False: a page that only looks (floor, staffing); it signs no agent in and replaces nobody.
    """

    model_config = _taken(type="hello", presence="available", seen={"c-01J": 42})
    type: Literal["hello"] = "hello"
    presence: Literal["available", "break"] | None = None
    seen: dict[Id, Annotated[int, Field(ge=0)]] = Field(default_factory=dict, max_length=200)
    takes_contacts: bool = True


class Heartbeat(_Frame):
    """Every 5 s; answered by ``beat``."""

    type: Literal["heartbeat"] = "heartbeat"


class SetPresence(_Frame):
    """Available, or on a break for a reason of the company's list. ``offline`` signs out: open contacts go back."""

    model_config = _taken(type="presence", state="break", reason="lunch")
    type: Literal["presence"] = "presence"
    state: Literal["available", "break", "offline"]
    reason: Annotated[str, Field(max_length=100)] = ""


class Accept(_Frame):
    """Take the offer. Answered by ``contact`` (state accepted or active), or ``error`` with code ``conflict``."""

    type: Literal["accept"] = "accept"
    contact: Id


class Decline(_Frame):
    """Not me."""

    type: Literal["decline"] = "decline"
    contact: Id
    reason: Annotated[str, Field(max_length=200)] = ""


class Say(_Frame):
    """Words to the customer of a chat this agent leads; ``id`` is the client's own: the same id twice is said once."""

    model_config = _taken(type="say", contact="ho-c-01J-1", id="m1", text="お待たせいたしました。")
    type: Literal["say"] = "say"
    contact: Id
    id: Annotated[str, Field(min_length=1, max_length=100)]
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class AgentTyping(_Frame):
    """The agent is writing (``on``) or stopped; send again every 3 s while writing."""

    type: Literal["typing"] = "typing"
    contact: Id
    on: bool = True


class Read(_Frame):
    """The agent has seen everything up to ``seq``."""

    type: Literal["read"] = "read"
    contact: Id
    seq: Annotated[int, Field(ge=1)]


class Watch(_Frame):
    """Follow a conversation: events after ``after_seq``, then what happens.

    Own contacts are followed without asking; others need the role leader or manager, or a colleague's ``invite``.
    """

    type: Literal["watch"] = "watch"
    conversation: Id
    after_seq: Annotated[int, Field(ge=0)] = 0
    invite: Annotated[str, Field(max_length=2000)] | None = None


class Unwatch(_Frame):
    """No longer."""

    type: Literal["unwatch"] = "unwatch"
    conversation: Id


ClientFrame = (
    Hello | Heartbeat | SetPresence | Accept | Decline | Say | AgentTyping | Read | Watch | Unwatch
)  # fmt: skip
CLIENT_FRAME: TypeAdapter[ClientFrame] = TypeAdapter(Annotated[ClientFrame, Field(discriminator="type")])


# --- server to client -------------------------------------------------------------------------------------------------


class State(View):
    """Everything, after hello and whenever the server cannot tell what a client missed. Replaces what was known."""

    type: Literal["state"] = "state"
    person: PersonView
    me: AgentView | None = Field(description="None for people who take no contacts")
    contacts: list[ContactView] = Field(description="mine, open ones")
    queues: list[QueueView]
    team: list[AgentView]
    breaks: list[ChoiceView]
    dispositions: list[ChoiceView]
    replies: list[ReplyView] = Field(description="canned answers, placeholders not filled")
    tasks: list[TaskView] = Field(description="mine, open ones")
    heartbeat_s: float = 5.0
    server_time: datetime


class Offer(View):
    """A contact for this agent: show the headline, then ring. Gone after ``lease_until``."""

    model_config = example(
        type="offer",
        contact={"id": "ho-c-01J-1"},
        headline={"who": "田中 花子 様", "why": "返品の送料", "ask": "返品方法", "alerts": []},
        lease_until="2026-01-05T09:00:45Z",
        packet="/api/desk/contacts/ho-c-01J-1/packet",
        server_time="2026-01-05T09:00:00Z",
    )
    type: Literal["offer"] = "offer"
    contact: ContactView
    headline: HeadlineView
    lease_until: datetime | None
    packet: str
    server_time: datetime


class OfferOver(View):
    """Stop ringing: ``accepted`` (by you, maybe in another tab), ``timed_out``, ``withdrawn`` or ``declined``."""

    type: Literal["offer_over"] = "offer_over"
    contact: str
    why: Literal["accepted", "declined", "timed_out", "withdrawn"]


class Invite(View):
    """A colleague asks for advice: join by ``POST contacts/{contact}/media`` with role expert and this ``invite``.

    For chats there is nothing to join: ``watch`` is allowed and ``POST contacts/{contact}/whisper`` answers.
    """

    type: Literal["invite"] = "invite"
    contact: str
    conversation: str
    medium: Literal["voice", "chat"]
    by: str
    by_name: str
    note: str
    invite: str
    expires_at: datetime
    packet: str = Field(description="readable with this invite")


class InviteOver(View):
    """The colleague needs no advice any more."""

    type: Literal["invite_over"] = "invite_over"
    contact: str


class ContactNews(View):
    """A contact of mine changed. ``mine`` False: it is no longer mine (closed, moved, lost); drop it."""

    type: Literal["contact"] = "contact"
    contact: ContactView
    mine: bool


class AgentNews(View):
    """A colleague changed (or ``me``)."""

    type: Literal["agent"] = "agent"
    agent: AgentView
    me: bool = False


class QueuesNews(View):
    """All queues, at most once a second."""

    type: Literal["queues"] = "queues"
    queues: list[QueueView]


class Logged(View):
    """One event of a conversation that is followed, in order and without gaps."""

    model_config = example(
        type="event",
        conversation="c-01J",
        seq=7,
        at="2026-01-05T09:00:00Z",
        event={"type": "Heard", "text": "オペレーターをお願いします", "language": "ja"},
    )
    type: Literal["event"] = "event"
    conversation: str
    seq: int
    at: datetime
    event: dict[str, JsonValue]


class Partial(View):
    """What somebody on a call has said so far; it changes, and an event with the same ``utterance`` replaces it.

    ``moment`` is ``ended``, without text, when nothing came of it after all. Never kept; secrets are left out.
    """

    model_config = example(
        type="partial",
        conversation="c-01J",
        party="customer",
        agent="",
        utterance="u-1",
        text="ほかの店の方が",
        language="ja",
        moment="said",
        private=False,
    )
    type: Literal["partial"] = "partial"
    conversation: str
    party: Literal["customer", "agent"]
    agent: str = ""
    utterance: str
    text: str
    language: str
    moment: Literal["said", "ended"] = "said"
    private: bool = False


class CaughtUp(View):
    """The history of a conversation was sent up to ``seq``; what follows is live."""

    type: Literal["caught_up"] = "caught_up"
    conversation: str
    seq: int


class Typing(View):
    """Somebody writes, or stopped. Forget it after 6 s without a new one."""

    type: Literal["typing"] = "typing"
    contact: str
    conversation: str
    who: Literal["customer", "agent"]
    on: bool = True


class ReadNews(View):
    """The customer has seen everything up to ``seq``."""

    type: Literal["read"] = "read"
    contact: str
    conversation: str
    who: Literal["customer", "agent"]
    seq: int


class Ack(View):
    """A ``say`` is in the log at ``seq``."""

    type: Literal["ack"] = "ack"
    id: str
    seq: int


class TaskNews(View):
    """A task of mine, or of my team for leaders, is new or changed."""

    type: Literal["task"] = "task"
    task: TaskView


class Alert(View):
    """Something to act on; ``detail`` never holds customer text.

    ``kind`` is ours and the page has words for it: an alert of the handoff schema (``emergency``, ``angry``...),
    ``offer_missed`` (presence went to no_answer), or one of a leader's floor (``long_wait``, ``unstaffed``...).
    """

    type: Literal["alert"] = "alert"
    kind: str
    detail: str = ""
    contact: str | None = None
    conversation: str | None = None


class Beat(View):
    """Answer to a heartbeat."""

    type: Literal["beat"] = "beat"
    server_time: datetime


class Trouble(View):
    """A frame could not be used, or something failed; ``id``/``contact`` name what it was about."""

    model_config = example(type="error", code="conflict", message="This contact was taken by a colleague.")
    type: Literal["error"] = "error"
    code: str
    message: str
    id: str | None = None
    contact: str | None = None
    retry_after_ms: int | None = None


ServerFrame = (
    State
    | Offer
    | OfferOver
    | Invite
    | InviteOver
    | ContactNews
    | AgentNews
    | QueuesNews
    | Logged
    | Partial
    | CaughtUp
    | Typing
    | ReadNews
    | Ack
    | TaskNews
    | Alert
    | Beat
    | Trouble
)
