"""What an author wrote, as immutable values: flows, responses, tenant and policy.

The loader turns YAML into these; the engine only reads them. A flow is a flat mapping from step id to step, because a
position in a flow must survive being stored as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.domain import Json, KeypadSpec, Language, TenantId, Verification
from voicebot.flows.conditions import Condition

END = "END"
"""The step id that ends a flow, as in Rasa."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the author's files something stands."""

    file: str
    line: int


class FlowKind(StrEnum):
    """``task`` does something for the customer, ``info`` answers, ``control`` steers, ``pattern`` is run by others."""

    TASK = "task"
    INFO = "info"
    CONTROL = "control"
    PATTERN = "pattern"


class Confirm(StrEnum):
    """How a value is agreed upon before it is used."""

    READBACK = "readback"
    IMPLICIT = "implicit"
    NONE = "none"


class Confirmation(StrEnum):
    """What a yes/no question is about: ``explicit`` authorises a change, ``offer`` may be declined loosely."""

    EXPLICIT = "explicit"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Branch:
    """One ``if``/``then`` of a ``next`` list; no condition means ``else``."""

    condition: Condition | None
    target: str


@dataclass(frozen=True, slots=True)
class Next:
    """Where to go after a step: the first branch that holds."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Say_:
    """``action: utter_*``: say a response."""

    id: str
    response: str
    next: Next
    place: Place


@dataclass(frozen=True, slots=True)
class Act:
    """``action:`` anything else: built in, or run by the action server.

    ``changes``: it alters something at the back end, so an explicit yes must come first.
    """

    id: str
    action: str
    next: Next
    place: Place
    changes: bool = False
    metadata: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collect:
    """``collect:`` a slot, with our rules from ``metadata``."""

    id: str
    slot: str
    utter: str
    next: Next
    place: Place
    entities: tuple[str, ...] = ()
    free_text: bool = False
    validate: str | None = None
    confirm: Confirm = Confirm.NONE
    confirmation: Confirmation | None = None
    retries: int = 2
    optional: bool = False
    sensitive: bool = False
    keypad: KeypadSpec | None = None
    default_from_caller: bool = False
    ask_before_filling: bool = False
    handoff_when_unknown: bool = True
    values: tuple[str, ...] = ()
    rejections: tuple[tuple[Condition, str], ...] = ()

    @property
    def yes_no(self) -> bool:
        """The question is answered by yes or no."""
        return self.confirmation is not None or "yes_no" in self.entities


@dataclass(frozen=True, slots=True)
class Link:
    """``link:`` leave for another flow and do not come back."""

    id: str
    flow: str
    place: Place


@dataclass(frozen=True, slots=True)
class Call:
    """``call:`` run another flow, then go on here."""

    id: str
    flow: str
    next: Next
    place: Place


@dataclass(frozen=True, slots=True)
class SetSlots:
    """``set_slots:`` give slots fixed values; None empties."""

    id: str
    values: tuple[tuple[str, Json], ...]
    next: Next
    place: Place


@dataclass(frozen=True, slots=True)
class Noop:
    """``noop: true``: only branch."""

    id: str
    next: Next
    place: Place


Step_ = Say_ | Act | Collect | Link | Call | SetSlots | Noop


@dataclass(frozen=True, slots=True)
class HandoffSpec:
    """Which people a flow's customers need; priority 1 is most urgent."""

    skills: tuple[str, ...] = ()
    min_level: int = 1
    priority: int = 5


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow: what starts it, what it needs, what it does."""

    id: str
    kind: FlowKind
    names: Mapping[str, str]
    intents: tuple[tuple[str, float | None], ...]
    steps: Mapping[str, Step_]
    first: str
    place: Place
    guard: Condition | None = None
    auth: Verification = Verification.NONE
    interruptible: bool = True
    handoff: HandoffSpec = HandoffSpec()
    persisted: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    then_ask: bool = True
    """After a control flow the open question is put again; a task without it is no request by itself."""

    @property
    def collects(self) -> tuple[Collect, ...]:
        """The flow's questions in file order."""
        return tuple(step for step in self.steps.values() if isinstance(step, Collect))

    def collect_of(self, slot: str) -> Collect | None:
        """The question for a slot, if this flow asks it."""
        return next((c for c in self.collects if c.slot == slot), None)

    def label(self, language: Language) -> str:
        """The flow's name as said to customers."""
        return self.names.get(language) or self.names.get("en") or self.id


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording. ``spoken`` replaces ``text`` for the voice; ``channel`` and ``when`` restrict its use."""

    text: str
    spoken: str | None = None
    channel: str | None = None
    when: tuple[tuple[str, Json], ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """What to say under one key in one language."""

    key: str
    variants: tuple[Variant, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """An answer; the questions are training data."""

    id: str
    questions: tuple[str, ...]
    answer: str
    place: Place


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of the keypad menu."""

    key: str
    labels: Mapping[str, str]
    flow: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """One client company, as its ``tenant.yml`` says."""

    id: TenantId
    brand: Mapping[str, str]
    country: str
    timezone: str
    languages: tuple[Language, ...]
    default_language: Language
    currency: str = ""
    hours: Mapping[str, str] = field(default_factory=dict)
    menu: tuple[MenuItem, ...] = ()
    emergency_number: str = ""
    police_number: str = ""
    crisis_line: Mapping[str, str] = field(default_factory=dict)
    sip: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    recording_default: bool = True
    recording_notice: bool = True
    voice: Mapping[str, Json] = field(default_factory=dict)
    closed_values_file: str = ""
    """The closed-value lists' file, as the tenant's author wrote it."""
    skills: tuple[str, ...] = ()
    """Skills people of this company have; empty when the desk does not list them."""

    def brand_in(self, language: Language) -> str:
        """The brand's name."""
        return self.brand.get(language) or next(iter(self.brand.values()), "")


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers and word lists of ``flows/core/policy.yml``; see that file for what each is for."""

    act: float
    control: float
    leave: float
    human: float
    disambiguate: float
    disambiguate_gap: float
    faq: float
    danger: float
    in_scope_min: float
    frustration_strong: float
    bot_failures_max: int
    silences: tuple[int, ...]
    slow_factor: float
    hold_ms: int
    comfort_ms: int
    pace_slow: float
    keep_entities: tuple[str, ...]
    safety: HandoffSpec
    default_handoff: HandoffSpec
    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    language_names: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TenantFlows:
    """All content one tenant's conversations run on. Core files and the tenant's own are already merged."""

    tenant: Tenant
    policy: Policy
    flows: Mapping[str, Flow]
    responses: Mapping[Language, Mapping[str, Response]]
    faq: Mapping[Language, Mapping[str, FaqEntry]]
    slot_entities: Mapping[str, str]
    slot_initial: Mapping[str, Json]
    by_intent: Mapping[str, str]
    version: str

    def flow_of(self, intent: str) -> Flow | None:
        """The flow an intent starts."""
        found = self.by_intent.get(intent)
        return self.flows.get(found) if found else None
