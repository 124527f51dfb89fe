"""What is said while people talk: written into the log, and recorded as the customer hears it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from voicebot.audio import Samples, StreamResampler
from voicebot.conversation.mouth import new_id
from voicebot.conversation.recording import CallRecording
from voicebot.conversation.unfinished import shown_so_far
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import (
    AgentId,
    AgentSaid,
    ConversationId,
    Event,
    Faulted,
    Heard,
    Language,
    Party,
    Source,
    UtteranceId,
)
from voicebot.errors import SpeechError
from voicebot.media import RATE, Role, Speech, Tap
from voicebot.store.overheard import Overheard, to_notice, topic

_log = logging.getLogger(__name__)
_REMEMBERED = 32


class LogPort(Protocol):
    """What is needed of a conversation."""

    id: ConversationId
    language: Language

    async def note(self, *events: Event) -> None:
        """Log something the channel saw. Raises StoreError."""
        ...


class _Spans:
    """Stretches of time, the last of which may still be open."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int | None]] = []

    def set(self, on: bool, at_ms: int) -> None:
        is_open = bool(self._spans) and self._spans[-1][1] is None
        if on and not is_open:
            self._spans.append((at_ms, None))
        elif is_open and not on:
            self._spans[-1] = (self._spans[-1][0], at_ms)

    def touch(self, from_ms: int, to_ms: int) -> bool:
        return any(start < to_ms and (end is None or end > from_ms) for start, end in self._spans)


class _Ids:
    """Names of utterances by when they began, so that words so far and words in the end go by the same one."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._open: dict[int, UtteranceId] = {}

    def of(self, started_ms: int) -> UtteranceId:
        if started_ms not in self._open:
            self._open[started_ms] = UtteranceId(new_id(self._prefix))
            while len(self._open) > _REMEMBERED:
                del self._open[next(iter(self._open))]
        return self._open[started_ms]


class DeskWords:
    """Taps of everybody who talks, and the track of the desk in the recording."""

    def __init__(
        self,
        parts: VoiceServices,
        talk: LogPort,
        rate: int,
        recording: CallRecording | None,
        hints: Mapping[Language, str],
    ) -> None:
        self._parts, self._talk, self._hints = parts, talk, hints
        self._recording = recording
        self._narrow = StreamResampler(RATE, rate)
        self._taps: dict[str, Tap] = {}
        self._old: list[Tap] = []
        self._holds = _Spans()
        self._on_hold = False
        self._paused = False

    def sound(self, name: str, role: Role, samples: Samples, at_ms: int) -> None:
        """One frame of one party."""
        tap = self._taps.get(name)
        if tap is not None and not (self._on_hold and role is Role.CUSTOMER):
            tap.feed(samples, at_ms)

    def told_customer(self, samples: Samples, at_ms: int) -> None:
        """One frame of what the customer hears of people."""
        if self._recording is not None:
            self._recording.add(Party.AGENT, self._narrow.feed(samples))

    def listen_to_customer(self, name: str) -> None:
        """The customer's words are written down from now on."""
        if name not in self._taps:
            self._open(name, _CustomerWords(self))

    def listen_to(self, name: str, agent: AgentId, shown: str, role: Role) -> None:
        """A person's words are written down from now on; those of a silent listener are not."""
        self.forget(name)
        if role is not Role.LISTENER:
            self._open(name, _AgentWords(self, agent, shown, role))

    def forget(self, name: str) -> None:
        """This party is not listened to any more; what was said is still written down."""
        tap = self._taps.pop(name, None)
        if tap is not None:
            tap.end()
            self._old.append(tap)  # even what is done has yet to be closed

    def held(self, on: bool, at_ms: int) -> None:
        """The customer is on hold, or back: words before and after are told apart."""
        for tap in self._taps.values():
            tap.cut()
        self._on_hold = on
        self._holds.set(on, at_ms)

    def pause(self, on: bool) -> None:
        """Write nothing down."""
        self._paused = on
        for tap in self._taps.values():
            tap.pause(on)

    async def close(self, patience_s: float) -> None:
        """Write the last words down, waiting for them as long as ``patience_s`` in all."""
        for name in tuple(self._taps):
            self.forget(name)
        old, self._old = self._old, []
        unfinished = sum(not tap.done for tap in old)
        for tap in old:
            await tap.close(patience_s / max(1, unfinished))

    # --- inside -------------------------------------------------------------------------------------------------------

    def _open(self, name: str, words: _CustomerWords | _AgentWords) -> None:
        tap = Tap(
            self._parts.detector,
            self._parts.transcriber,
            words,
            language=self._talk.language,
            on_lost=self._lost,
            on_speech=words.speaking if self._parts.announce is not None else None,
            hints=self._hints,
        )
        tap.pause(self._paused)
        self._taps[name] = tap

    async def _lost(self, seconds: float, error: SpeechError) -> None:
        await self._talk.note(Faulted(code=type(error).__name__, where="recogniser"))

    def private(self, role: Role, from_ms: int, to_ms: int) -> bool:
        """The customer could not hear it."""
        return not role.talks or self._holds.touch(from_ms, to_ms)

    async def note(self, event: Event) -> None:
        """Log one event."""
        await self._talk.note(event)

    async def announce(self, one: Overheard) -> None:
        """Tell whoever listens now."""
        if self._parts.announce is not None and not (self._paused and one.text):
            shown = shown_so_far(one.text, lambda text: self.masked(text)[0])
            await self._parts.announce(topic(self._talk.id), to_notice(replace(one, text=shown)))

    def masked(self, text: str) -> tuple[str, tuple[str, ...]]:
        """A text without what must not be kept, and the kinds of what was masked."""
        safe = self._parts.services.redact(text)
        return safe.text, safe.found


class _CustomerWords:
    """Logs what the customer said."""

    def __init__(self, words: DeskWords) -> None:
        self._words = words
        self._ids = _Ids("u-")

    async def speaking(self, speech: Speech) -> None:
        """Announce what is being said."""
        await self._words.announce(
            Overheard(
                moment=speech.moment,
                party=Party.CUSTOMER,
                utterance=self._ids.of(speech.started_ms),
                language=speech.language,
                text=speech.text,
                started_ms=speech.started_ms,
                ended_ms=speech.ended_ms,
            )
        )

    async def __call__(self, text: str, language: Language, confidence: float, started_ms: int, ended_ms: int) -> None:
        safe, found = self._words.masked(text)
        await self._words.note(
            Heard(
                utterance=self._ids.of(started_ms),
                text=safe,
                language=language,
                source=Source.SPEECH,
                confidence=confidence,
                started_ms=started_ms,
                ended_ms=ended_ms,
                redacted=found,
            )
        )


class _AgentWords:
    """Logs what one person of the desk said, in one role."""

    def __init__(self, words: DeskWords, agent: AgentId, name: str, role: Role) -> None:
        self._words, self._agent, self._name, self._role = words, agent, name, role
        self._ids = _Ids("a-")

    async def speaking(self, speech: Speech) -> None:
        """Announce what is being said."""
        await self._words.announce(
            Overheard(
                moment=speech.moment,
                party=Party.AGENT,
                agent=self._agent,
                utterance=self._ids.of(speech.started_ms),
                language=speech.language,
                text=speech.text,
                started_ms=speech.started_ms,
                ended_ms=speech.ended_ms,
                private=self._words.private(self._role, speech.started_ms, speech.ended_ms),
            )
        )

    async def __call__(self, text: str, language: Language, confidence: float, started_ms: int, ended_ms: int) -> None:
        safe, _ = self._words.masked(text)
        await self._words.note(
            AgentSaid(
                utterance=self._ids.of(started_ms),
                agent=self._agent,
                name=self._name,
                text=safe,
                language=language,
                source=Source.SPEECH,
                private=self._words.private(self._role, started_ms, ended_ms),
                confidence=confidence,
                started_ms=started_ms,
                ended_ms=ended_ms,
            )
        )
