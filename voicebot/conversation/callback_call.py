"""A call we make because we promised it: a sentence, music, and then the agent who took the callback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from voicebot.channels.line import Frame, LineEnded, LineEvent, VoiceLine
from voicebot.clock import Clock
from voicebot.conversation.agent_phase import AgentPhase
from voicebot.conversation.live import LiveCalls
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import ConversationId, Disposition, Ended, Event, Language
from voicebot.errors import SpeechError, StoreError
from voicebot.readout import normalise_for_voice
from voicebot.store import Store

_log = logging.getLogger(__name__)

AGENT_WITHIN_S = 45.0
"""An agent who took the callback and does not come to the line for this long is not coming."""
LONGEST_S = 60 * 60.0


class _Talk:
    """The conversation the promise was made in; the callback goes on in its log."""

    def __init__(self, store: Store, clock: Clock, id: ConversationId, language: Language) -> None:
        self.id, self.language = id, language
        self._store, self._clock = store, clock

    async def note(self, *events: Event) -> None:
        await self._store.append(self.id, events, self._clock.now())


class CallbackCall:
    """One callback that was answered, to its end. There is no bot on it: a person promised, a person calls.

    ``announcement`` is said at once in the customer's language. ``customer_left`` is told when the line is over
    before the agent ended it.
    """

    def __init__(
        self,
        parts: VoiceServices,
        live: LiveCalls,
        line: VoiceLine,
        conversation: ConversationId,
        language: Language,
        announcement: str,
        customer_left: Callable[[], Awaitable[None]],
    ) -> None:
        self._parts, self._live, self._line = parts, live, line
        self._clock = parts.services.clock
        self._talk = _Talk(parts.services.store, self._clock, conversation, language)
        self._announcement, self._customer_left = announcement, customer_left
        self._led = asyncio.Event()
        self._alone = asyncio.Event()

    async def hold(self) -> None:
        """Lead the call to its end."""
        phase = AgentPhase(
            self._parts,
            self._line,
            self._talk,
            None,
            self._clock,
            hold_music=self._parts.hold_music,
            on_lead=self._led.set,
            on_empty=lambda _reason: self._alone.set(),
        )
        self._live.add(phase)
        listening = asyncio.create_task(self._listen(phase, self._line.frames()))
        leading = asyncio.create_task(self._lead(phase))
        try:
            async with asyncio.timeout(LONGEST_S):
                await asyncio.wait({listening, leading}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            _log.info("callback %s: the longest call allowed is over", self._talk.id)
        finally:
            self._live.remove(self._talk.id)
            by_agent = phase.ended_by_desk or leading.done()
            for task in (listening, leading):
                task.cancel()
            await asyncio.gather(listening, leading, return_exceptions=True)
            await phase.close()
            await self._line.hang_up("callback over")
            await self._end(by_agent)

    async def _listen(self, phase: AgentPhase, events: AsyncIterator[LineEvent]) -> None:
        async for event in events:
            match event:
                case Frame():
                    phase.feed(event)
                case LineEnded():
                    return
                case _:
                    pass

    async def _lead(self, phase: AgentPhase) -> None:
        """Say who calls, play music until the agent is there, and stay until the last one has gone."""
        await self._announce()
        if not self._led.is_set():
            await phase.music(True)
        try:
            async with asyncio.timeout(AGENT_WITHIN_S):
                await self._led.wait()
        except TimeoutError:
            _log.warning("callback %s: the agent did not come to the line", self._talk.id)
            return
        await self._alone.wait()

    async def _announce(self) -> None:
        words = normalise_for_voice(self._announcement, self._talk.language)
        try:
            async for chunk in self._parts.voice.speak(words, self._talk.language, fixed=True, rate=self._line.rate):
                if self._led.is_set():
                    self._line.flush()
                    return
                self._line.play(chunk.samples)
        except SpeechError as error:
            _log.warning("callback %s: nothing was announced: %s", self._talk.id, error)
        while self._line.queued_samples and not self._led.is_set():
            await self._clock.sleep(0.02)

    async def _end(self, by_agent: bool) -> None:
        ended = Ended(disposition=Disposition.HANDLED_BY_AGENT, by="agent" if by_agent else "customer")
        try:
            await self._talk.note(ended)
        except StoreError as error:
            _log.error("callback %s: its end was not logged: %s", self._talk.id, error)
        with suppress(StoreError):
            await self._customer_left()
