"""What the addresses of scripts, wrap-up and proposals take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Taken(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StepChange(_Taken):
    """What became of a step."""

    change: Literal["done", "undone", "skipped"]


class ProposalNew(_Taken):
    """A problem and its cure, as the agent words them; phone numbers and the like are hidden."""

    problem: Annotated[str, Field(min_length=1, max_length=1000)]
    solution: Annotated[str, Field(min_length=1, max_length=4000)]
    turns: Annotated[list[int], Field(max_length=50)] = []


class Decision(_Taken):
    """What a trainer makes of a proposal."""

    state: Literal["accepted", "declined"]


class StepTextView(BaseModel):
    """A step in one language; ``{name}`` stands for a slot."""

    label: str
    say: str = ""
    novice: str = ""


class StepView(BaseModel):
    """One step. ``branch``: only some talks come to it; ``depends`` then names the step whose answer decides.

    ``settles``: slots that are known once it is done.
    """

    id: str
    kind: Literal["say", "ask", "check"]
    party: str
    mandatory: bool
    branch: bool
    depends: str
    settles: list[str] = []
    text: dict[str, StepTextView]


class ScriptView(BaseModel):
    """One script with its steps in order, those of branches included. ``required``: slots to be known in the end."""

    id: str
    names: dict[str, str]
    suggested: bool
    required: list[str] = []
    steps: list[StepView]


class StepRef(BaseModel):
    """A step; a script that led to another has steps of both."""

    script: str
    step: str


class MarkView(StepRef):
    """What became of a step, with which words, and who led the contact then."""

    change: Literal["done", "skipped"]
    by: str
    utterance: str
    agent: str = ""


class RunView(BaseModel):
    """Where the script stands that was begun last in this contact; the same is in the log, move by move."""

    script: str
    at: StepRef | None
    ended: bool
    passed: list[StepRef]
    marks: list[MarkView]
    missing: list[StepRef]


class ScriptsView(BaseModel):
    """The scripts of the version this conversation uses. ``running`` null: none was begun.

    ``slots``: what the customer may be asked for, in words by language.
    """

    version: str
    scripts: list[ScriptView]
    running: RunView | None
    slots: dict[str, dict[str, str]] = {}


class Sentence(BaseModel):
    """A claim and the events that say so."""

    text: str
    turns: list[int]


class DispositionView(BaseModel):
    """A disposition that may fit, and what speaks for it."""

    code: str
    weight: float
    turns: list[int]


class FollowUpView(BaseModel):
    """Something promised. ``said`` false: no time was told, and ``due_at`` is a day later."""

    kind: str
    text: str
    due_at: datetime
    said: bool
    turns: list[int]


class SolvedView(BaseModel):
    """The customer's problem and what cured it, hidden as the log hides."""

    problem: str
    solution: str
    turns: list[int]
    language: str


class AfterView(BaseModel):
    """What is prepared. ``method``: template, or model when a language model worded the summary."""

    method: str
    summary: list[Sentence]
    dispositions: list[DispositionView]
    follow_ups: list[FollowUpView]
    notes: dict[str, str]
    solved: SolvedView | None
    missing_slots: list[str]
    missing_steps: list[StepRef]


class ProposalView(BaseModel):
    """One proposal."""

    id: str
    conversation: str
    language: str
    problem: str
    solution: str
    turns: list[int]
    author: str
    state: str
    created_at: datetime


class Proposals(BaseModel):
    """Proposals, the latest first."""

    proposals: list[ProposalView]
