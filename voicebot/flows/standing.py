"""Where a customer stands with the people: not yet asked for, in line, with an agent, or back with the bot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from voicebot.domain import DeskNews, HandoffReason


class LinePhase(StrEnum):
    """``out``: nothing is queued; what the wish was is kept, for a callback."""

    ASKED = "asked"
    QUEUED = "queued"
    AGENT = "agent"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class InLine:
    """A wish for a person and what has become of it.

    ``position`` and the range are the desk's latest; the ``told_`` ones are what the customer was last told, and
    ``told_at`` when the bot last said anything while waiting. ``promise`` is said once the desk has really taken the
    request over. ``flow`` is the task the customer could do alone instead. ``number``: where to call back, while it
    is being agreed on, ``refused`` how many could not be rung. ``agent``: who has taken over, and what the customer
    may call them. ``passed_to``: the address of an outside queue that the call is being transferred to.
    """

    phase: LinePhase
    skills: tuple[str, ...]
    min_level: int
    priority: int
    reason: HandoffReason
    intent: str = ""
    bypass_caps: bool = False
    promise: str = ""
    flow: str = ""
    contact: str | None = None
    position: int | None = None
    low_min: int | None = None
    high_min: int | None = None
    told_position: int | None = None
    told_at: datetime | None = None
    callback_offered: bool = False
    chat_offered: bool = False
    number: str | None = None
    agent: str = ""
    agent_name: str = ""
    noted: int = 0
    refused: int = 0
    lost: int = 0
    passed_to: str = ""

    def placed(self, news: DeskNews) -> InLine:
        """With the place and the range that the desk has told last."""
        low_min, high_min = (news.wait.low_min, news.wait.high_min) if news.wait else (None, None)
        return replace(self, position=news.position, low_min=low_min, high_min=high_min)

    @property
    def waiting(self) -> bool:
        """The customer waits for a person: asked for one, or in line."""
        return self.phase in (LinePhase.ASKED, LinePhase.QUEUED)

    @property
    def held(self) -> bool:
        """The desk has the contact: in line or with an agent."""
        return self.phase in (LinePhase.QUEUED, LinePhase.AGENT)

    @property
    def emergency(self) -> bool:
        """Asked for because of danger."""
        return self.reason is HandoffReason.EMERGENCY
