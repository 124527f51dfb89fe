"""What one conversation needs from the rest of the product, as ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from voicebot.clock import Clock
from voicebot.conversation.desk_port import ChatLinks, HandoffDesk
from voicebot.domain import (
    ActionDone,
    CallAction,
    ConversationId,
    Expectation,
    Language,
    SafetyHit,
    Source,
    TenantId,
    Understanding,
)
from voicebot.flows import Dialogue
from voicebot.store import Store
from voicebot.telemetry import Telemetry


class Understander(Protocol):
    """Text to meaning."""

    async def understand(
        self,
        text: str,
        *,
        tenant: TenantId,
        language: Language,
        expects: Expectation,
        source: Source = Source.TEXT,
        alternatives: tuple[str, ...] = (),
        model: str | None = None,
    ) -> Understanding:
        """What the text means while the bot waits for ``expects``. Raises UnderstandingError."""
        ...

    async def detect_language(self, text: str, candidates: Sequence[Language]) -> Language | None:
        """The language of a text, None when it cannot be told."""
        ...

    def pin(self, tenant: TenantId) -> str:
        """Id of the live model, kept until :meth:`unpin`: a conversation goes on with the model it began with."""
        ...

    def unpin(self, tenant: TenantId, model: str) -> None:
        """The conversation is over."""
        ...


class Actions(Protocol):
    """The back end."""

    async def run(
        self,
        call: CallAction,
        *,
        conversation: ConversationId,
        tenant: TenantId,
        language: Language,
        latest_text: str = "",
    ) -> ActionDone:
        """Run one action. Raises BackendError."""
        ...


class Screen(Protocol):
    """The safety screen."""

    def screen(self, text: str, language: Language) -> SafetyHit | None:
        """Danger in these words, if any; fast enough for every partial text."""
        ...


class Masked(Protocol):
    """A text without what must not be kept."""

    @property
    def text(self) -> str:
        """The text with masks."""
        ...

    @property
    def found(self) -> tuple[str, ...]:
        """Kinds of what was masked."""
        ...


class Redactor(Protocol):
    """Masks cards, codes, phone numbers and addresses."""

    def __call__(self, text: str) -> Masked:
        """Mask one text."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a conversation uses; built once by the composition root.

    Without a ``desk`` a wish for a person is recorded only. ``node`` is where other processes reach this one. ``links``
    sends callers a link to go on by chat.
    """

    store: Store
    understander: Understander
    dialogues: Mapping[TenantId, Dialogue]
    languages: Mapping[TenantId, tuple[Language, ...]]
    actions: Actions
    screen: Screen
    redact: Redactor
    clock: Clock
    telemetry: Telemetry
    desk: HandoffDesk | None = None
    node: str = ""
    links: ChatLinks | None = None
