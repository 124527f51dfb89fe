"""What the assist's addresses stand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from voicebot.assist.live import AssistDesk
from voicebot.assist.sources import ConversationLog
from voicebot.clock import Clock
from voicebot.domain import Language, TenantId
from voicebot.web.desk import DeskParts


@dataclass(frozen=True, slots=True)
class KnowledgeEntry:
    """One answer of a company's knowledge. ``source`` says where it stands, ``url`` opens it, ``score`` is 0..1."""

    entry: str
    title: str
    text: str
    source: str
    language: Language
    score: float = 1.0
    url: str = ""


class Knowledge(Protocol):
    """A company's questions and documents."""

    async def search(self, tenant: TenantId, text: str, language: Language, limit: int = 5) -> Sequence[KnowledgeEntry]:
        """What fits best, best first; empty when nothing does. Raises UnderstandingError."""
        ...

    async def entry(self, tenant: TenantId, entry: str, language: Language) -> KnowledgeEntry:
        """One entry. Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class AssistParts:
    """``knowledge`` None: this installation has none, and says so when asked."""

    desk: DeskParts
    assist: AssistDesk
    log: ConversationLog
    clock: Clock
    knowledge: Knowledge | None = None
