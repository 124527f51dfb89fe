"""What the assist's addresses take and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Word = Annotated[str, Field(min_length=1, max_length=200)]


class _Taken(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CardFeedback(_Taken):
    """What the agent did with a card. ``used`` and ``dismissed`` take it off the screen."""

    how: Literal["used", "copied", "useful", "dismissed"]
    why: Annotated[str, Field(max_length=200)] = ""


class CardWanted(_Taken):
    """Show this card now."""

    card: Word


class Correction(_Taken):
    """What an utterance really said."""

    utterance: Word
    text: Annotated[str, Field(max_length=4000)]


class CardTextView(BaseModel):
    """A card in one language; ``{name}`` stands for a value of the CardShown event."""

    title: str
    talk: str = ""
    novice: str = ""
    do: list[str] = []
    dont: list[str] = []


class CardView(BaseModel):
    """One card."""

    id: str
    kind: str
    mandatory: bool
    priority: int
    expires_s: float
    text: dict[str, CardTextView]


class ContentView(BaseModel):
    """Every card of one version."""

    tenant: str
    version: str
    cards: list[CardView]


class EntryView(BaseModel):
    """One answer of the company's knowledge."""

    entry: str
    title: str
    text: str
    source: str
    language: str
    score: float
    url: str = ""


class Found(BaseModel):
    """What a search found, best first."""

    entries: list[EntryView]
