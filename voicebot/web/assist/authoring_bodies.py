"""Bodies of the authors' addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicebot.assist.authoring import Difference
from voicebot.assist.authoring_check import Trouble

Kind = Literal["cards", "scripts", "slots", "brand"]
What = Literal["cards", "scripts"]
State = Literal["live", "changed", "new", "gone"]
Name = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,63}$")]


class Strict(BaseModel):
    """Unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class ItemSave(Strict):
    """A card or script as edited; null takes it away. ``revision``: the draft's as last seen, 0 without a draft."""

    revision: int = Field(ge=0)
    item: dict[str, Any] | None


class ItemCheck(Strict):
    """An item to check without keeping it."""

    kind: Kind
    id: Name
    item: dict[str, Any] | None


class Revision(Strict):
    """The draft's revision as last seen."""

    revision: int = Field(ge=0)


class Publish(Strict):
    """Why this is published."""

    revision: int = Field(ge=1)
    note: str = Field("", max_length=500)


class RollBack(Strict):
    """``live``: the version that was live when the person looked."""

    live: str = Field(max_length=64)
    note: str = Field("", max_length=500)


class Import(Strict):
    """A ``cards.yml`` or ``scripts.yml``: it replaces all cards or all scripts of the draft."""

    revision: int = Field(ge=0)
    what: What
    yaml: str = Field(max_length=200_000)


class Preview(Strict):
    """``cards``: those to look for; ``item``: the card as it stands in the form, when it is not saved yet."""

    cards: list[Name] = Field(min_length=1, max_length=50)
    item: dict[str, Any] | None = None
    talks: int = Field(200, ge=1, le=2000)
    since: datetime | None = None
    until: datetime | None = None
    most_s: float = Field(60, ge=1, le=300)


class TroubleView(BaseModel):
    """Something wrong, by language, and where."""

    kind: str
    id: str
    step: str
    field: str
    problem: dict[str, str]
    mend: dict[str, str]

    @classmethod
    def of(cls, one: Trouble) -> TroubleView:
        """As shown."""
        return cls(
            kind=one.kind, id=one.id, step=one.step, field=one.field, problem=dict(one.problem), mend=dict(one.mend)
        )


class DifferenceView(BaseModel):
    """One field that differs; ``field`` empty: the whole item came or went."""

    kind: str
    id: str
    field: str
    before: Any
    after: Any

    @classmethod
    def of(cls, one: Difference) -> DifferenceView:
        """As shown."""
        return cls(kind=one.kind, id=one.id, field=one.field, before=one.before, after=one.after)


class Item(BaseModel):
    """One card, script, slot or list. ``state``: live as it is, changed, new or gone in this draft."""

    id: str
    state: State
    item: dict[str, Any]


class DraftView(BaseModel):
    """The draft, complete. ``outdated``: something else than its base is live by now."""

    live: str
    base: str
    revision: int
    updated_at: datetime | None
    outdated: bool
    items: dict[Kind, list[Item]]
    names: dict[str, list[str]]
    troubles: list[TroubleView]


class Checked(BaseModel):
    """What the validator says."""

    troubles: list[TroubleView]


class Saved(BaseModel):
    """The draft's new revision and what is wrong with it."""

    revision: int
    state: State
    troubles: list[TroubleView]


class VersionView(BaseModel):
    """One version without its content."""

    version: str
    author: str
    note: str
    created_at: datetime | None
    published_at: datetime | None
    live: bool


class Versions(BaseModel):
    """Published versions, the latest first, and the files."""

    live: str
    versions: list[VersionView]


class Moved(BaseModel):
    """What is live now."""

    live: str


class Compared(BaseModel):
    """What differs between two versions."""

    before: str
    after: str
    differences: list[DifferenceView]
