"""A conversation by voice: the caller's sound becomes turns, turns become text, replies become sound.

One :class:`Call` is one coroutine that reads the line; two tasks stand beside it, one that speaks and one that answers
turns in order. Recognition runs in worker processes: nothing here blocks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass

from voicebot.channels.line import Dtmf, Frame, LineEnded, VoiceLine
from voicebot.clock import Clock
from voicebot.conversation.accounts import Accounts
from voicebot.conversation.continuing import leave_for_chat
from voicebot.conversation.conversation import Conversation
from voicebot.conversation.ear import Ear
from voicebot.conversation.ending import all_over
from voicebot.conversation.hearing import Hearing, OpenTurn
from voicebot.conversation.keypad import KeypadEntry
from voicebot.conversation.memory import SoundMemory
from voicebot.conversation.mouth import new_id
from voicebot.conversation.queue_phase import QueuePhase
from voicebot.conversation.recording import CallRecording
from voicebot.conversation.speaking import Speaker
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import (
    Channel,
    Contact,
    ConversationId,
    DeskNews,
    Disposition,
    Language,
    Party,
    Source,
    TenantId,
    UtteranceId,
)
from voicebot.errors import ChannelError, VoicebotError
from voicebot.telemetry import Waterfall
from voicebot.turns import (
    Action,
    Listening,
    NoInput,
    PausePlayback,
    ResumePlayback,
    Speculate,
    SpeculationVoid,
    SpeechDropped,
    SpeechStarted,
    StopPlayback,
    TurnEnded,
    TurnTaking,
    is_backchannel,
)

__all__ = ["Call", "VoiceServices"]

_log = logging.getLogger(__name__)

LONGEST_CALL_S = 60 * 60.0
_LAST_REPORT_S = 1.0
_UNHEARD_MS = 350
"""Sound of at least this length without words asks for a repair; shorter is taken for a bump."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """A turn to be answered."""

    turn: TurnEnded
    taken: OpenTurn


_Job = _Ended | str | NoInput | DeskNews | asyncio.Task[None]
"""What is answered in order: a turn, keys, silence, news of the desk, or danger that is dealt with already."""


class Call:
    """One call, from ringing to its end."""

    def __init__(self, parts: VoiceServices, line: VoiceLine, tenant: TenantId, language: Language) -> None:
        self._parts, self._line = parts, line
        self._contact = Contact(tenant, Channel.VOICE, language, caller_number=line.caller, entry_point=line.called)
        self._clock: Clock = parts.services.clock
        self._turns = TurnTaking(parts.turns)
        self._keypad = KeypadEntry()
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._now_ms = 0
        self._danger: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._broken = self._lost = self._passed = False
        self._accounts = Accounts(parts, lambda: self._talk)
        self._talk: Conversation
        self._speaker: Speaker
        self._hearing: Hearing
        self._recording: CallRecording
        self._people: QueuePhase

    @property
    def conversation(self) -> ConversationId:
        """The conversation of this call; once :meth:`hold` has begun."""
        return self._talk.id

    async def hold(self) -> None:
        """Lead the call to its end. Returns when the line is gone and the log is closed.

        Raises:
            StoreError: nothing can be logged, so the call is refused.
        """
        line, accounts = self._line, self._accounts
        self._speaker = Speaker(
            line, self._parts.voice, self._clock, accounts.played, self._bot_changed, accounts.follow
        )
        self._talk = await Conversation.open(self._parts.services, self._contact, self._speaker)
        events = aiter(line.frames())
        try:
            await line.answer()
        except ChannelError:
            await self._talk.abandon("system", Disposition.ABANDONED_NO_REQUEST)
            return
        accounts.answered_at_s = self._clock.monotonic()
        self._recording = CallRecording(self._parts.recordings, self._talk.id, line.rate, accounts.recording_failed)
        accounts.recording = self._recording
        memory = SoundMemory(line.rate)
        hints = self._parts.hints.get(self._contact.tenant, {})
        self._hearing = Hearing(self._parts.transcriber, memory, self._talk, hints)
        self._people = QueuePhase.begin(
            self._parts, self._talk, self._speaker, line, self._recording, accounts.answered_at_s, self._hear_again
        )
        self._talk.on_news = self._news
        speaking = self._helper("speaking", self._speaker.run())
        answering = self._helper("answering", self._answer_turns())
        recording = self._helper("recording", self._record())
        moving = self._helper("moving", leave_for_chat(self._parts.services, self._talk, self._jobs.put_nowait))
        try:
            async with asyncio.timeout(LONGEST_CALL_S):
                await self._listen(events, memory)
        except TimeoutError:
            await line.hang_up("the longest call allowed is over")
        except BaseException:
            self._broken = True
            raise
        finally:
            if self._danger is not None:
                await asyncio.wait({self._danger}, timeout=_LAST_REPORT_S)
            await all_over(answering, self._danger)
            await self._hearing.close()
            self._speaker.stop()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._speaker.idle(), _LAST_REPORT_S)
            await all_over(speaking, recording, moving, self._ending)
            await self._speaker.close()
            await line.hang_up()
            try:
                await self._people.close()
                await self._recording.close()
            finally:
                await self._end()

    def _helper(self, name: str, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        helper = asyncio.create_task(work, name=f"{name} {self._talk.id}")
        helper.add_done_callback(self._helper_over)
        return helper

    def _helper_over(self, helper: asyncio.Task[None]) -> None:
        """A call that can no longer speak, answer or be logged is ended rather than left mute."""
        if not helper.cancelled() and (error := helper.exception()) is not None:
            _log.error("call %s: %s stopped: %s", self._talk.id, helper.get_name(), error)
            self._broken = True
            self._ending = asyncio.create_task(self._line.hang_up("out of order"))

    async def _record(self) -> None:
        await self._recording.begin()
        await self._recording.run()

    async def _end(self) -> None:
        try:
            if self._passed:
                await self._talk.passed_on(True)
            if self._talk.ending is not None:
                await self._talk.finish()
            elif self._broken:
                await self._talk.abandon("system")
            else:
                if self._people.ended_by_desk and self._talk.passing is None:
                    self._talk.ended_by_agent()
                await (self._talk.lose_line() if self._lost else self._talk.hang_up())
        finally:
            self._talk.let_go()

    # --- the caller's sound -------------------------------------------------------------------------------------------

    async def _listen(self, events: object, memory: SoundMemory) -> None:
        line = self._line
        ear = Ear(self._parts.detector, line.rate, memory)
        self._hearing.noise = ear.noise
        async for event in events:  # type: ignore[attr-defined]
            match event:
                case Frame():
                    memory.add(event)
                    self._recording.add(Party.CUSTOMER, event.samples)
                    bot = self._speaker.track.take(line.played_samples, len(event.samples))
                    self._recording.add(Party.BOT, bot)
                    self._people.feed(event, bot)
                    if self._people.deaf:
                        self._now_ms = ear.miss(event.samples)
                        continue
                    for self._now_ms, probability in ear.hear(event.samples):
                        self._do(self._turns.hear(self._now_ms, probability))
                    self._tick()
                case Dtmf(digit=digit):
                    if not self._people.deaf:
                        self._press(digit)
                case LineEnded(by=by, reason=reason):
                    self._lost, self._passed = by == "system", reason == "transferred"
                    self._do(self._turns.line_ended(self._now_ms))
                    return

    def _tick(self) -> None:
        entry = self._keypad.tick(self._now_ms)
        if entry is not None:
            self._entered(entry)

    def _press(self, digit: str) -> None:
        self._do(self._turns.keys(self._now_ms))
        if self._listening().barge_in and self._speaker.speaking:
            self._speaker.stop()
        entry = self._keypad.press(digit, self._now_ms)
        if entry is not None:
            self._entered(entry)

    def _entered(self, entry: str) -> None:
        self._turns.stop_waiting()
        self._jobs.put_nowait(entry)

    def _do(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            match action:
                case PausePlayback():
                    self._line.pause()
                case ResumePlayback():
                    self._line.resume()
                case StopPlayback():
                    self._speaker.stop()
                case SpeechStarted():
                    self._hearing.begin()
                case Speculate(from_ms=from_ms, to_ms=to_ms):
                    self._hearing.speculate(from_ms, to_ms, self._partial)
                case SpeculationVoid() | SpeechDropped():
                    self._hearing.void()
                case TurnEnded():
                    self._turns.stop_waiting()
                    self._jobs.put_nowait(_Ended(action, self._hearing.over()))
                case NoInput():
                    self._jobs.put_nowait(action)

    async def _partial(self, text: str, turn: OpenTurn) -> None:
        """Words of an utterance that may go on: danger is acted on at once, whatever else is going on."""
        talk = self._talk
        hit = self._parts.services.screen.screen(text, talk.language)
        if hit is not None and hit.certain and talk.ending is None and turn.claim():
            self._do(self._turns.judge(self._now_ms, words=True))
            self._speaker.stop()
            self._danger = asyncio.create_task(self._act_on_danger(text))
            self._jobs.put_nowait(self._danger)

    async def _act_on_danger(self, text: str) -> None:
        await self._talk.hear(text, Source.SPEECH, ended_ms=self._now_ms)
        await self._talk.danger(text, self._talk.language)

    # --- people -------------------------------------------------------------------------------------------------------

    async def _news(self, news: DeskNews) -> None:
        self._people.soon(news)
        self._jobs.put_nowait(news)

    def _hear_again(self) -> None:
        """People have gone: what was said to them is not answered, and listening begins anew."""
        self._turns = TurnTaking(self._parts.turns)
        self._hearing.void()
        self._listen_for()

    # --- turns --------------------------------------------------------------------------------------------------------

    async def _answer_turns(self) -> None:
        try:
            await self._talk.greet()
            self._listen_for()
            while self._talk.ending is None and not self._talk.ended:
                await self._one(await self._jobs.get())
                if await self._people.passed_on():
                    return
                self._listen_for()
            self._do(self._turns.judge(self._now_ms, words=False))
            await self._speaker.idle()
        except VoicebotError as error:
            _log.error("call %s cannot go on: %s", self._talk.id, error)
            await self._talk.abandon("system")
        except Exception as error:
            _log.error("call %s broke: %s", self._talk.id, type(error).__name__, exc_info=error)
            await self._talk.abandon("system")
        await self._line.hang_up()

    async def _one(self, job: _Job) -> None:
        match job:
            case _Ended(turn, taken):
                await self._turn(turn, taken)
            case asyncio.Task():
                await job
            case DeskNews():
                await self._people.act(job)
                return
            case str() | NoInput() if self._people.deaf:
                pass
            case str():
                await self._talk.keys(job)
            case NoInput():
                if not self._turns.caller_speaking and not self._speaker.speaking:
                    await self._talk.silence()
        if not self._speaker.speaking and self._talk.ending is None:
            self._do(self._turns.wait_again(self._now_ms))
            self._people.rest()

    async def _turn(self, turn: TurnEnded, taken: OpenTurn) -> None:
        talk, hearing = self._talk, self._hearing
        if taken.is_closed():
            self._do(self._turns.judge(self._now_ms, words=False))
            return
        waterfall = Waterfall(turn.speech_end_ms)
        waterfall.mark("turn_over", turn.to_ms)
        heard = await hearing.transcript(turn, taken)
        waterfall.mark("transcribed", self._now_ms)
        if taken.is_closed():
            self._do(self._turns.judge(self._now_ms, words=False))
            return
        question_open = talk.expects.answer
        if turn.barge_in or self._turns.held:
            words = bool(heard.text) and not is_backchannel(heard.text, heard.language, question_open=question_open)
            self._do(self._turns.judge(self._now_ms, words=words))
            if not words:
                return
        if not heard.text:
            if heard.failed or turn.speech_end_ms - turn.from_ms >= _UNHEARD_MS + self._parts.turns.pre_roll_ms:
                await talk.unintelligible(noisy=hearing.noisy)
            return
        name = UtteranceId(new_id("u-"))
        self._accounts.answering(waterfall)
        await talk.hear(
            heard.text,
            Source.SPEECH,
            utterance=name,
            confidence=heard.confidence,
            alternatives=heard.alternatives,
            language=heard.language,
            started_ms=turn.from_ms,
            ended_ms=turn.speech_end_ms,
        )
        if self._people.deaf:
            return
        await talk.answer(
            heard.text,
            Source.SPEECH,
            utterance=name,
            alternatives=heard.alternatives,
            language=heard.language,
        )
        waterfall.mark("replied", self._now_ms)

    def _listen_for(self) -> None:
        self._keypad.expect(self._talk.expects.keypad)
        self._turns.expect(self._listening())

    def _listening(self) -> Listening:
        """The last words of a call are heard out: after them there is nobody to answer."""
        expects = self._talk.expects
        return Listening(
            digits=expects.digits and not expects.answer,
            slow=expects.slow,
            no_input_ms=expects.no_input_ms,
            barge_in=self._talk.ending is None and self._speaker.interruptible,
        )

    # --- the bot's sound ----------------------------------------------------------------------------------------------

    def _bot_changed(self, speaking: bool) -> None:
        self._turns.expect(self._listening())
        if not speaking:
            self._line.resume()
            self._do(self._turns.bot_stopped(self._now_ms))
            self._people.rest()
            return
        self._do(self._turns.bot_started(self._now_ms))
        self._accounts.bot_sounds(self._now_ms)
