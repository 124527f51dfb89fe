"""A call from the wish for a person on: music and comfort while waiting, a deaf and silent bot while people talk.

:class:`QueuePhase` stands between a call's bot and its :class:`~voicebot.conversation.agent_phase.AgentPhase`. The bot
has the line while it speaks; the bridge has it while music is played or people talk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from voicebot.audio import Samples
from voicebot.channels.line import Frame, VoiceLine
from voicebot.conversation.agent_phase import AgentPhase
from voicebot.conversation.conversation import Conversation
from voicebot.conversation.live import LiveCalls
from voicebot.conversation.recording import CallRecording
from voicebot.conversation.speaking import Speaker
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import AgentId, DeskNews, NewsKind, Owner
from voicebot.errors import ChannelError
from voicebot.media import Role

_log = logging.getLogger(__name__)

_ENDS = frozenset({NewsKind.RETURNED, NewsKind.FAILED, NewsKind.OVER, NewsKind.CALLBACK})


class QueuePhase:
    """``on_back()`` is called when the bot is to listen again after people were there."""

    def __init__(
        self,
        phase: AgentPhase,
        talk: Conversation,
        speaker: Speaker,
        line: VoiceLine,
        live: LiveCalls | None,
        on_back: Callable[[], None],
    ) -> None:
        self._phase, self._talk, self._speaker, self._line = phase, talk, speaker, line
        self._live, self._on_back = live, on_back
        self._taken = False
        self._deaf = False
        self._kept: DeskNews | None = None
        self._turning: set[asyncio.Task[None]] = set()
        phase.on_lead, phase.on_empty = self._lead, self._empty
        speaker.make_way = self._make_way
        if live is not None:
            live.add(phase)

    @classmethod
    def begin(
        cls,
        parts: VoiceServices,
        talk: Conversation,
        speaker: Speaker,
        line: VoiceLine,
        recording: CallRecording,
        answered_at_s: float,
        on_back: Callable[[], None],
    ) -> QueuePhase:
        """Everything for people who may join an answered call; it costs nothing until one is asked for."""
        phase = AgentPhase(
            parts,
            line,
            talk,
            recording,
            parts.services.clock,
            answered_at_s=answered_at_s,
            hints=parts.hints.get(talk.contact.tenant, {}),
            hold_music=parts.hold_music,
        )
        return cls(phase, talk, speaker, line, parts.live, on_back)

    @property
    def deaf(self) -> bool:
        """People have taken over: the bot neither hears nor speaks."""
        return self._deaf

    @property
    def ended_by_desk(self) -> bool:
        """A person has ended or transferred the call."""
        return self._phase.ended_by_desk

    def feed(self, frame: Frame, bot: Samples) -> None:
        """One frame of the customer, and of the bot as it left the line."""
        self._phase.feed(frame)
        self._phase.feed_bot(bot)

    def soon(self, news: DeskNews) -> None:
        """News have come in; what cannot wait for its turn is done now."""
        if news.kind is NewsKind.TAKEN:
            self._taken = True
            self._silence_bot()

    async def act(self, news: DeskNews) -> None:
        """Take news over in order: the dialogue says what is to be said, people go, music comes."""
        left = self._agent
        if news.kind is NewsKind.OVER and left is not None and left != news.agent:
            self._kept = news  # passed on to somebody outside the desk: the call lasts as long as their talk
            return
        if news.kind is not NewsKind.TAKEN and news.kind is not NewsKind.WAITING:
            self._taken = False
            await self._dismiss(news, left)
            self._wake_bot()
        await self._talk.news(news)
        if news.kind is NewsKind.TAKEN and self._talk.owner is Owner.AGENT:
            await self._music(True)
        elif self._taken and self._talk.owner is not Owner.AGENT:
            self._taken = False  # it was not for us any more
            self._wake_bot()
        self.rest()

    async def passed_on(self) -> bool:
        """Where that was decided, have the caller's telephone call an outside queue, once the bot has finished.

        The contact travels by name, as the header ``X-Handoff-Id``; whoever answers fetches the packet by it. False:
        the call is ours, still or again.
        """
        address = self._talk.passing
        if address is None:
            return False
        await self._speaker.idle()
        self._silence_bot()
        try:
            contact = self._talk.handoff
            await self._phase.refer(address, {"X-Handoff-Id": contact} if contact else {})
        except ChannelError as error:
            _log.warning("call %s was not passed on: %s", self._talk.id, error)
            self._wake_bot()
            await self._talk.passed_on(False)
            return False
        await self._line.hang_up("transferred")
        return True

    def rest(self) -> None:
        """The bot has nothing more to say for now: music, while the customer only waits."""
        talk, expects = self._talk, self._talk.expects
        waits = talk.owner is Owner.QUEUE and not expects.answer and expects.slot is None
        if waits and talk.ending is None and not self._speaker.speaking and not self._deaf:
            self._soon(self._music_if_quiet())

    async def close(self) -> None:
        """The call is over."""
        if self._live is not None:
            self._live.remove(self._talk.id)
        for task in tuple(self._turning):
            task.cancel()
        await asyncio.gather(*self._turning, return_exceptions=True)
        await self._phase.close()

    # --- who has the line ---------------------------------------------------------------------------------------------

    async def _make_way(self) -> bool:
        """The bot is about to speak; False when people have the line and it must not."""
        if self._deaf:
            return False
        if self._phase.owns_line:
            await self._phase.music(False)
            self._speaker.track.restart(self._line.played_samples)
        return True

    async def _music_if_quiet(self) -> None:
        if not self._speaker.speaking and not self._deaf and self._talk.owner is Owner.QUEUE:
            await self._music(True)

    async def _music(self, on: bool) -> None:
        try:
            await self._phase.music(on)
        except ChannelError:
            _log.debug("call %s was over before its music", self._talk.id)

    def _lead(self) -> None:
        self._silence_bot()

    def _empty(self, reason: str) -> None:
        """The last person has gone. Unless the desk still has the contact taken, the bot goes on."""
        if self._kept is not None:
            self._soon(self.act(self._kept))
        elif not self._taken and self._talk.owner is not Owner.AGENT:
            self._soon(self._bot_again())

    async def _bot_again(self) -> None:
        await self._phase.music(False)
        self._speaker.track.restart(self._line.played_samples)
        self._wake_bot()
        self.rest()

    def _silence_bot(self) -> None:
        self._deaf = True
        self._speaker.stop()

    def _wake_bot(self) -> None:
        if self._deaf and not self._phase.led and not self._taken:
            self._deaf = False
            self._on_back()

    @property
    def _agent(self) -> AgentId | None:
        return next((party.agent for party in self._phase.parties() if party.role is Role.LEAD), None)

    async def _dismiss(self, news: DeskNews, lead: AgentId | None) -> None:
        """Who led goes; an expert who stays on after a transfer has the customer already."""
        try:
            if news.kind in _ENDS:
                await self._phase.dismiss(news.kind.value)
            elif lead is not None:
                await self._phase.leave(lead, news.kind.value)
        except ChannelError:
            _log.debug("call %s: somebody had left already", self._talk.id)

    def _soon(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._turning.add(task)
        task.add_done_callback(self._turning.discard)
