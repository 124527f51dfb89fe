"""Where one conversation stands: immutable, and stored as JSON after every step.

Values of sensitive slots never leave memory: :meth:`DialogueState.to_json` drops them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import cast

from pydantic import JsonValue, TypeAdapter

from voicebot.domain import (
    Channel,
    Disposition,
    Hazard,
    Json,
    Language,
    SlotStatus,
    Source,
    TenantId,
    Texts,
    Understanding,
    Verification,
)
from voicebot.flows.standing import InLine


class Waiting(StrEnum):
    """What the bot waits for from the customer."""

    NOTHING = "nothing"
    OPEN = "open"
    SLOT = "slot"
    READBACK = "readback"
    ANYTHING_ELSE = "anything_else"
    DANGER = "danger"
    REASON = "reason"
    MENU = "menu"
    CHOICE = "choice"
    WHICH = "which"
    QUEUE = "queue"
    CALLBACK_OFFER = "callback_offer"
    CALLBACK_OWN = "callback_own"
    CALLBACK_NUMBER = "callback_number"
    CALLBACK_CHECK = "callback_check"
    AFTER_HOURS = "after_hours"
    AGENT = "agent"


LINE_WAITS = frozenset(
    {
        Waiting.QUEUE,
        Waiting.CALLBACK_OFFER,
        Waiting.CALLBACK_OWN,
        Waiting.CALLBACK_NUMBER,
        Waiting.CALLBACK_CHECK,
        Waiting.AFTER_HOURS,
    }
)
"""What is waited for of a customer who wants a person, while none has taken over."""


class Moved(StrEnum):
    """Whether the conversation has come to another channel, and whether who it is had to be forgotten for that."""

    NO = "no"
    KNOWN = "known"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SlotValue:
    """A slot's value and what it is worth."""

    value: JsonValue
    status: SlotStatus = SlotStatus.HEARD
    source: Source = Source.TEXT
    verbatim: bool = False
    flow: str = ""
    asked: bool = False
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A flow in progress. ``at`` is the step to run next or the question that is open.

    ``filled``: slots this frame got from the customer; ``ran``: back-end actions done; ``changed``: one of them altered
    something; ``agreed``: slots of explicit questions answered yes; ``quiet``: runs inside the flow below without being
    announced; ``checked``: the identity check was run for it.
    """

    flow: str
    at: str
    filled: tuple[str, ...] = ()
    ran: tuple[str, ...] = ()
    changed: bool = False
    agreed: tuple[str, ...] = ()
    digression: bool = False
    quiet: bool = False
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something said, kept so that it can be said again. ``values`` are slots rendered into it."""

    response: str
    text: str
    spoken: str
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """What a back-end action answered when the customer had left."""

    slots: tuple[tuple[str, JsonValue], ...] = ()
    responses: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class DialogueState:
    """Everything the dialogue remembers between two steps.

    ``links`` counts links to the chat that were sent. ``left`` is the question that was open when the customer left,
    ``cut_off`` what was awaited of others then, and ``late`` its answer where one came after all. ``moved``: it has
    come to another channel and nothing was said there. ``angry``: the alert has been raised.
    """

    tenant: TenantId
    language: Language
    channel: Channel = Channel.WEB_CHAT
    caller_number: str | None = None
    customer: tuple[tuple[str, JsonValue], ...] = ()
    stack: tuple[Frame, ...] = ()
    slots: tuple[tuple[str, SlotValue], ...] = ()
    waiting: Waiting = Waiting.NOTHING
    before: Waiting = Waiting.NOTHING
    awaiting: str | None = None
    deferred: Understanding | None = None
    choices: tuple[str, ...] = ()
    hazard: Hazard | None = None
    danger_cleared: tuple[str, ...] = ()
    danger_turn: bool = False
    question: str = ""
    last_question: tuple[Prompt, ...] = ()
    last_prompts: tuple[Prompt, ...] = ()
    fails: int = 0
    bot_failures: int = 0
    silences: int = 0
    holding: bool = False
    slow: bool = False
    frustration: int = 0
    angry: bool = False
    human_asked: int = 0
    out_of_scope: int = 0
    verification: Verification = Verification.NONE
    recording: bool = True
    recording_paused: bool = False
    tasks_done: int = 0
    answers_given: int = 0
    declined: int = 0
    heard_request: bool = False
    presses: int = 0
    by_keys: bool = False
    callback: bool = False
    begun: bool = False
    line: InLine | None = None
    handoffs: int = 0
    ended: Disposition | None = None
    texts: Texts = Texts.NONE
    links: int = 0
    left: Waiting = Waiting.NOTHING
    cut_off: str | None = None
    late: LateAnswer | None = None
    moved: Moved = Moved.NO

    # --- slots ---

    def slot(self, name: str) -> SlotValue | None:
        """A slot's value, None when it is empty."""
        return next((value for key, value in self.slots if key == name), None)

    def value(self, name: str) -> Json:
        """The bare value of a slot."""
        found = self.slot(name)
        return None if found is None else found.value

    def with_slot(self, name: str, value: SlotValue | None) -> DialogueState:
        """Set or empty a slot."""
        others = tuple((key, kept) for key, kept in self.slots if key != name)
        return replace(self, slots=others if value is None else (*others, (name, value)))

    @property
    def halted(self) -> bool:
        """Nothing more can be done in this step: it is over, or something has been asked of others."""
        return self.ended is not None or self.awaiting is not None

    @property
    def top(self) -> Frame | None:
        """The flow that runs now."""
        return self.stack[-1] if self.stack else None

    # --- JSON ---

    def to_json(self) -> Json:
        """Plain JSON without sensitive values."""
        kept = tuple((name, value) for name, value in self.slots if not value.sensitive)
        return cast(Json, _adapter().dump_python(replace(self, slots=kept), mode="json"))

    @classmethod
    def from_json(cls, data: Json) -> DialogueState:
        """The inverse of :meth:`to_json`; raises ``ValueError`` on anything else."""
        return _adapter().validate_python(data)


@cache
def _adapter() -> TypeAdapter[DialogueState]:
    return TypeAdapter(DialogueState)
