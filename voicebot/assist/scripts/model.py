"""Guided scripts as values: a script is a flow for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voicebot.assist.model import Speaker
from voicebot.domain import Json, Language, TenantId
from voicebot.flows.content import Next, Place

Key = tuple[str, str]
"""A step of a script: the script's id and the step's."""
Texts = Mapping[Language, tuple[str, ...]]


class StepKind(StrEnum):
    """What a step is for."""

    SAY = "say"
    ASK = "ask"
    CHECK = "check"
    BRANCH = "branch"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class StepText:
    """A step in one language: its name in the list, what may be said, and the longer text for who is new."""

    label: str
    say: str = ""
    novice: str = ""


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """One step. ``party``: whose words tick it.

    What is listened for: ``phrases`` are enough alone; with ``values`` (kinds of entities: amount, date) one of them
    must be said, together with a phrase of ``topics`` where there are any; ``examples`` count by meaning, and with a
    value where there are kinds; ``near`` are examples of what is not it; ``without`` phrases veto.
    ``asks``: words of the agent after which a mere yes of the customer does the step (of ask steps, ``phrases`` are
    that). ``answers`` (of ask steps): words of the customer by the value they give the slot; ``yes_no`` needs none.
    ``agrees``: the answers that do the step; any other only leads on. Empty: every answer does it.
    """

    id: str
    kind: StepKind
    place: Place
    next: Next
    party: Speaker = Speaker.AGENT
    mandatory: bool = False
    text: Mapping[Language, StepText] = field(default_factory=dict)
    phrases: Texts = field(default_factory=dict)
    examples: Texts = field(default_factory=dict)
    near: Texts = field(default_factory=dict)
    without: Texts = field(default_factory=dict)
    topics: Texts = field(default_factory=dict)
    asks: Texts = field(default_factory=dict)
    values: tuple[str, ...] = ()
    slot: str = ""
    yes_no: bool = False
    optional: bool = False
    answers: Mapping[str, Texts] = field(default_factory=dict)
    agrees: tuple[str, ...] = ()
    link: str = ""

    @property
    def ticked(self) -> bool:
        """Whether this step is something that gets done; branches and links only lead on."""
        return self.kind not in (StepKind.BRANCH, StepKind.LINK)

    @property
    def holds_up(self) -> bool:
        """Whether the script does not go past this step by itself before it is done or skipped."""
        return self.ticked and (self.mandatory or (self.kind is StepKind.ASK and not self.optional))

    @property
    def settles(self) -> tuple[str, ...]:
        """Slots that are known to the agent once this is done: the question's, values heard, what it is named after."""
        return tuple(dict.fromkeys(name for name in (self.slot, *self.values, self.id) if name))


@dataclass(frozen=True, slots=True)
class Script:
    """One script. It is offered for its intents, for the flow the bot was in, and for its queues."""

    id: str
    names: Mapping[str, str]
    steps: Mapping[str, ScriptStep]
    first: str
    place: Place
    intents: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    """Slots that must be known when the contact is wrapped up."""
    dispositions: Mapping[str, str] = field(default_factory=dict)
    """Disposition code by the step whose being done suggests it."""


@dataclass(frozen=True, slots=True)
class ScriptSet:
    """Every script of a company in one version; ``source`` is the file as JSON, which the editor changes."""

    tenant: TenantId
    version: str
    scripts: Mapping[str, Script]
    source: Mapping[str, Json] = field(default_factory=dict)
    own_slots: frozenset[str] = frozenset()

    def step(self, key: Key) -> ScriptStep | None:
        """The step under a key."""
        script = self.scripts.get(key[0])
        return None if script is None else script.steps.get(key[1])


@dataclass(frozen=True, slots=True)
class Mark:
    """A step was done or skipped, by whom, and with which utterance. ``at_s``: on any steady clock.

    ``agent``: who led the contact then; empty for the session that holds this state.
    """

    what: str
    by: str
    utterance: str = ""
    at_s: float = 0.0
    agent: str = ""


@dataclass(frozen=True, slots=True)
class ScriptState:
    """Where an agent is in a script. ``at`` None: it has run through. ``passed``: every step the agent was led to.

    ``asked``: the question the agent was last heard to ask; ``spoke``: the agent said something since ``at`` came.
    ``warned``: when each missing step was last named, in seconds.
    """

    script: str
    at: Key | None
    marks: Mapping[Key, Mark] = field(default_factory=dict)
    passed: tuple[Key, ...] = ()
    slots: Mapping[str, Json] = field(default_factory=dict)
    context: Mapping[str, Json] = field(default_factory=dict)
    asked: Key | None = None
    spoke: bool = False
    warned: Mapping[Key, float] = field(default_factory=dict)
    ended: bool = False

    def done(self, key: Key) -> bool:
        """Whether a step was done; skipped is not done."""
        mark = self.marks.get(key)
        return mark is not None and mark.what == "done"
