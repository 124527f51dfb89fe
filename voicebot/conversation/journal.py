"""What a conversation writes down without taking a turn: words heard, prompts played, what the channel saw."""

from __future__ import annotations

from collections.abc import Sequence

from voicebot.conversation.backend import faulted
from voicebot.conversation.mouth import new_id
from voicebot.conversation.services import Services
from voicebot.conversation.words import heard
from voicebot.domain import Contact, ConversationId, Event, Expectation, Language, Played, Source, UtteranceId
from voicebot.errors import VoicebotError


class Journal:
    """One conversation's log, from the inside. ``expects`` and ``language`` are what is true now."""

    def __init__(self, services: Services, id: ConversationId, contact: Contact) -> None:
        self.id = id
        self.contact = contact
        self.language: Language = contact.language
        self.expects = Expectation()
        self._services = services

    async def hear(
        self,
        text: str,
        source: Source,
        *,
        utterance: UtteranceId | None = None,
        confidence: float = 1.0,
        alternatives: tuple[str, ...] = (),
        language: Language | None = None,
        started_ms: int = 0,
        ended_ms: int = 0,
        key: str | None = None,
    ) -> int:
        """Log words of the customer. Returns the number of the event; :meth:`answer` then answers them.

        ``key`` makes it idempotent (see the store); ``language`` is what the recogniser heard, if it can tell.
        """
        name = utterance or UtteranceId(new_id("u-"))
        spoken = language or self.language
        event = heard(
            self._services, self.expects, name, text, spoken, source, confidence, alternatives, started_ms, ended_ms
        )
        written = await self._services.store.append(self.id, [event], self._services.clock.now(), key=key)
        self._services.telemetry.turns.labels(self.contact.tenant, source.value).inc()
        return written[0].seq

    async def played(
        self, utterance: UtteranceId, text: str, *, complete: bool, played_ms: int, first_audio_ms: int | None
    ) -> None:
        """Log what the customer got of a prompt that was handed to the mouth."""
        event = Played(
            utterance=utterance, text=text, complete=complete, played_ms=played_ms, first_audio_ms=first_audio_ms
        )
        await self.note(event)

    async def note(self, *events: Event) -> None:
        """Log something the channel saw."""
        await self._services.store.append(self.id, events, self._services.clock.now())

    async def fault(self, error: VoicebotError, where: str, *also: Event) -> None:
        """Log a fault of ours that the conversation survives, and what follows from it."""
        await self.note(faulted(self._services, error, where), *also)

    async def _note_all(self, events: Sequence[Event]) -> None:
        if events:
            await self.note(*events)
