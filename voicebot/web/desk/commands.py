"""What people at the desk do with a live call, as values that travel to the process that holds it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from voicebot.web.desk.views import PartyOnCall, PartyRole


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Join(_Command):
    """A browser comes in. ``contact`` becomes active once a lead is connected."""

    do: Literal["join"] = "join"
    agent: str
    name: str
    role: PartyRole
    sdp: str
    contact: str | None = None


class Ring(_Command):
    """A SIP phone is rung and comes in. ``agent`` names the party; an outside one is named by its address."""

    do: Literal["ring"] = "ring"
    agent: str
    name: str
    role: PartyRole
    uri: str
    asked_by: str
    contact: str | None = None


class Leave(_Command):
    """A party goes."""

    do: Literal["leave"] = "leave"
    agent: str
    reason: str = ""


class ChangeRole(_Command):
    """A party hears and says something else from now on."""

    do: Literal["role"] = "role"
    agent: str
    role: PartyRole


class Hold(_Command):
    """Music for the customer, or not."""

    do: Literal["hold"] = "hold"
    on: bool


class Mute(_Command):
    """Nobody hears this party, or everybody."""

    do: Literal["mute"] = "mute"
    agent: str
    on: bool


class Pause(_Command):
    """Neither record nor write down: the customer tells a secret."""

    do: Literal["pause"] = "pause"
    on: bool


class HangUp(_Command):
    """End the customer's call."""

    do: Literal["hang_up"] = "hang_up"


class Refer(_Command):
    """Send the customer to another address."""

    do: Literal["refer"] = "refer"
    uri: str
    headers: dict[str, str] = Field(default_factory=dict)


class Look(_Command):
    """Who is on it."""

    do: Literal["look"] = "look"


Command = Join | Ring | Leave | ChangeRole | Hold | Mute | Pause | HangUp | Refer | Look
COMMAND: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="do")])


class Outcome(BaseModel):
    """How the call stands after a command; ``sdp`` answers a join."""

    model_config = ConfigDict(frozen=True)
    parties: list[PartyOnCall] = Field(default_factory=list)
    on_hold: bool = False
    sdp: str | None = None
