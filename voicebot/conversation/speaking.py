"""The bot's voice on a line: prompts one after the other, and an exact account of what the caller got of each."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import Pcm
from voicebot.channels.line import VoiceLine
from voicebot.clock import Clock
from voicebot.domain import (
    Language,
    Say,
    SetPace,
    SetRecording,
    SwitchLanguage,
    UtteranceId,
)
from voicebot.errors import SpeechError
from voicebot.readout import normalise_for_voice

_log = logging.getLogger(__name__)

_POLL_S = 0.02
_SPEECH_MS_PER_CHAR = {"ja": 130.0}
_SPEECH_MS_PER_CHAR_ELSE = 70.0


class SpeakingVoice(Protocol):
    """Words to sound, sentence by sentence."""

    def speak(
        self, spoken: str, language: Language, *, fixed: bool, pace: float = 1.0, rate: int | None = None
    ) -> AsyncIterator[Pcm]:
        """Sound of a prompt at ``rate``. Raises SpeechError."""
        ...


@dataclass(frozen=True, slots=True)
class Heardness:
    """What the caller got of one prompt. ``failed``: the voice did not make all of its sound."""

    utterance: UtteranceId
    text: str
    complete: bool
    played_ms: int
    first_audio_s: float | None
    failed: bool = False


Report = Callable[[Heardness], Awaitable[None]]


def heard_part(text: str, language: Language, share: float) -> str:
    """The words of ``text`` that fit in ``share`` (0..1) of its sound, cut at a word; Japanese is cut anywhere."""
    if share >= 1.0:
        return text
    length = int(len(text) * max(0.0, share))
    if language == "ja" or length == 0:
        return text[:length]
    if text[length].isspace():
        return text[:length]
    return text[:length].rpartition(" ")[0]


class OutTrack:
    """The bot's sound as it left the line, for the recording: what was handed over, less what was dropped."""

    def __init__(self) -> None:
        self._waiting: deque[NDArray[np.int16]] = deque()
        self._left = 0

    def handed(self, samples: NDArray[np.int16]) -> None:
        """Sound was given to the line."""
        self._waiting.append(samples)

    def dropped(self, samples: int) -> None:
        """The line dropped this many samples, the last ones."""
        while samples > 0 and self._waiting:
            last = self._waiting.pop()
            if len(last) > samples:
                self._waiting.append(last[: len(last) - samples])
            samples -= len(last)

    def restart(self, played_samples: int) -> None:
        """Others had the line until now: what left it meanwhile was not the bot's."""
        if not self._waiting:
            self._left = played_samples

    def take(self, played_samples: int, length: int) -> NDArray[np.int16]:
        """The next ``length`` samples of the track, given how much has left the line by now; silence fills up."""
        track = np.zeros(length, np.int16)
        due = min(length, played_samples - self._left)
        filled = 0
        while filled < due and self._waiting:
            part = self._waiting.popleft()
            fits = min(due - filled, len(part))
            track[filled : filled + fits] = part[:fits]
            if fits < len(part):
                self._waiting.appendleft(part[fits:])
            filled += fits
        self._left += filled
        return track


class Making:
    """The sound of one prompt, made as soon as it is queued, so that it is there when the prompt before it ends."""

    def __init__(self, chunks: AsyncIterator[Pcm]) -> None:
        self._made: asyncio.Queue[Pcm | None] = asyncio.Queue()
        self.finished = False
        self._task = asyncio.create_task(self._make(chunks))
        self._task.add_done_callback(lambda _task: self._made.put_nowait(None))

    async def _make(self, chunks: AsyncIterator[Pcm]) -> None:
        try:
            async with aclosing(chunks) as sound:  # type: ignore[type-var]
                async for chunk in sound:
                    self._made.put_nowait(chunk)
            self.finished = True
        except SpeechError as error:
            _log.warning("a prompt was not spoken to its end: %s", error)
        except Exception as error:  # whatever a voice dies of, the call goes on
            _log.error("a voice broke: %s", type(error).__name__, exc_info=error)

    async def chunks(self) -> AsyncIterator[Pcm]:
        """Sound in order; ends early, with ``finished`` false, when a voice failed."""
        while (chunk := await self._made.get()) is not None:
            yield chunk

    def stop(self) -> asyncio.Task[None]:
        """The prompt is not wanted any more; the task is over soon."""
        self._task.cancel()
        return self._task


class Speaker:
    """A :class:`~voicebot.conversation.conversation.Mouth` for a voice line.

    ``say`` returns at once. :meth:`run` plays; :meth:`stop` drops what is queued. ``on_change`` is told whenever the
    bot begins (True) or has stopped (False) to be heard. ``make_way()`` is asked before a prompt is queued.
    """

    def __init__(
        self,
        line: VoiceLine,
        voice: SpeakingVoice,
        clock: Clock,
        report: Report,
        on_change: Callable[[bool], None],
        follow: Callable[[SwitchLanguage | SetPace | SetRecording], Awaitable[None]],
    ) -> None:
        self._line, self._voice, self._clock = line, voice, clock
        self._report, self._on_change, self._follow = report, on_change, follow
        self._queue: asyncio.Queue[tuple[UtteranceId, Say, Making]] = asyncio.Queue()
        self._dropped: set[asyncio.Task[None]] = set()
        self.track = OutTrack()
        self.make_way: Callable[[], Awaitable[bool]] | None = None
        self._pace = 1.0
        self._stopping = asyncio.Event()
        self._playing: tuple[Say, Making] | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def instant(self) -> bool:
        """A voice takes its time."""
        return False

    @property
    def speaking(self) -> bool:
        """A prompt is being played, held back, or about to be."""
        return not self._idle.is_set()

    @property
    def interruptible(self) -> bool:
        """The prompt that is being played may be cut off."""
        return self._playing is None or self._playing[0].interruptible

    async def say(self, utterance: UtteranceId, prompt: Say) -> None:
        """Queue a prompt. Whoever else has the line makes way first; where they do not, it is not said."""
        if self.make_way is not None and not await self.make_way():
            return
        self._idle.clear()
        words = normalise_for_voice(prompt.spoken, prompt.language)
        sound = self._voice.speak(words, prompt.language, fixed=prompt.fixed, pace=self._pace, rate=self._line.rate)
        self._queue.put_nowait((utterance, prompt, Making(sound)))

    async def follow(self, change: SwitchLanguage | SetPace | SetRecording) -> None:
        """Pace changes the voice; everything else is the call's business."""
        if isinstance(change, SetPace):
            self._pace = change.rate
        await self._follow(change)

    def stop(self) -> None:
        """Drop the prompt that is being played and all that wait behind it."""
        while not self._queue.empty():
            self._drop(self._queue.get_nowait()[2])
        if self._playing is not None:
            self._stopping.set()
            self._drop(self._playing[1])
        self.track.dropped(self._line.flush())
        if self._playing is None:
            self._now_idle()

    async def close(self) -> None:
        """Wait until no voice makes sound for this call any more."""
        self.stop()
        await asyncio.gather(*self._dropped, return_exceptions=True)

    def _drop(self, making: Making) -> None:
        task = making.stop()
        self._dropped.add(task)
        task.add_done_callback(self._dropped.discard)

    async def idle(self) -> None:
        """Wait until everything queued has been played or dropped."""
        await self._idle.wait()

    async def run(self) -> None:
        """Play prompts until cancelled."""
        try:
            await self._play_all()
        finally:
            self._idle.set()

    async def _play_all(self) -> None:
        while True:
            utterance, prompt, making = await self._queue.get()
            self._playing = prompt, making
            try:
                heard = await self._play(utterance, prompt, making)
            finally:
                self._drop(making)
                self._playing = None
                self._stopping.clear()
            await self._report(heard)
            if self._queue.empty():
                self._now_idle()

    def _now_idle(self) -> None:
        if not self._idle.is_set():
            self._idle.set()
            self._on_change(False)

    async def _play(self, utterance: UtteranceId, prompt: Say, making: Making) -> Heardness:
        line = self._line
        begin = line.played_samples + line.queued_samples
        handed = 0
        first_s: float | None = None
        async for chunk in making.chunks():
            if self._stopping.is_set():
                break
            if not len(chunk.samples):
                continue
            if first_s is None:
                first_s = self._clock.monotonic()
                self._on_change(True)
            line.play(chunk.samples)
            self.track.handed(chunk.samples)
            handed += len(chunk.samples)
        stopped_early = self._stopping.is_set()
        while not self._stopping.is_set() and line.played_samples < begin + handed:
            await self._clock.sleep(_POLL_S)
        got = min(handed, max(0, line.played_samples - begin))
        total = handed if making.finished else max(handed, self._estimate(prompt))
        failed = not stopped_early and (handed == 0 or not making.finished)
        complete = handed > 0 and making.finished and not stopped_early and got >= handed
        share = 1.0 if complete else (got / total if total else 0.0)
        return Heardness(
            utterance,
            heard_part(prompt.text, prompt.language, share),
            complete,
            round(got * 1000 / line.rate),
            first_s,
            failed,
        )

    def _estimate(self, prompt: Say) -> int:
        """Samples of a prompt whose sound was not made to the end, by the usual rate of speech."""
        per_char = _SPEECH_MS_PER_CHAR.get(prompt.language, _SPEECH_MS_PER_CHAR_ELSE)
        return int(len(prompt.spoken) * per_char / self._pace * self._line.rate / 1000)
