"""What one party says, as text: listens beside the sound and never holds it up."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

import numpy as np

from voicebot.audio import Pcm, Samples, SpeechDetector
from voicebot.domain import Language
from voicebot.errors import SpeechError
from voicebot.media.ahead import Ahead, OnSpeech
from voicebot.media.segments import RATE, Segment, Segmenter, SegmentSettings
from voicebot.speech import Transcriber, Transcript

_log = logging.getLogger(__name__)

MOST_WAITING_S = 60.0
_TELLS_LANGUAGE_MS = 1200
_BACKLOG_S = 5.0
"""Sound that may wait for the detector; more means the process has no time at all, and the oldest is given up."""

Words = Callable[[str, Language, float, int, int], Awaitable[None]]
"""``(text, language, confidence, started_ms, ended_ms)``"""
Lost = Callable[[float, SpeechError], Awaitable[None]]
"""``(seconds of speech, why)``: words that will never be known."""


class Tap:
    """One party's sound to words. :meth:`feed` only queues; two tasks of its own do the work.

    Segments are transcribed in order, late rather than never; when more than ``MOST_WAITING_S`` of speech waits, the
    oldest is given up and ``on_lost`` is told. With ``on_speech`` an utterance is also followed before it is over, as
    far as the recogniser has time: see :mod:`voicebot.media.ahead`.
    """

    def __init__(
        self,
        detector: SpeechDetector,
        transcriber: Transcriber,
        on_words: Words,
        *,
        language: Language,
        on_lost: Lost | None = None,
        on_speech: OnSpeech | None = None,
        hints: Mapping[Language, str] | None = None,
        settings: SegmentSettings | None = None,
    ) -> None:
        self._language = language
        self._transcriber, self._on_words, self._on_lost = transcriber, on_words, on_lost
        self._hints = hints or {}
        self._activity = detector.open(RATE)
        self._frame = self._activity.frame_samples
        self._segmenter = Segmenter(settings)
        self._sound: deque[tuple[Samples, int]] = deque()
        self._sound_samples = 0
        self._left: Samples = np.zeros(0, np.int16)
        self._waiting: deque[Segment] = deque()
        self._given_up: deque[Segment] = deque()
        self._ahead = Ahead(self._decode_ahead, on_speech, language) if on_speech is not None else None
        self._early: dict[int, asyncio.Task[Transcript]] = {}
        self._news = asyncio.Event()
        self._speech = asyncio.Event()
        self._closing = False
        self._paused = False
        self._listening = asyncio.create_task(self._listen(), name="tap listens")
        self._writing = asyncio.create_task(self._write(), name="tap writes")

    @property
    def language(self) -> Language:
        """What is expected to be spoken."""
        return self._language

    @language.setter
    def language(self, language: Language) -> None:
        self._language = language
        if self._ahead is not None:
            self._ahead.language = language

    @property
    def waiting_s(self) -> float:
        """Speech that waits to be transcribed."""
        return sum(segment.sound_ms for segment in self._waiting) / 1000

    @property
    def paused(self) -> bool:
        """Nothing is listened to."""
        return self._paused

    def feed(self, samples: Samples, at_ms: int) -> None:
        """Sound at 16 kHz whose first sample was heard at ``at_ms``."""
        if self._paused or self._closing:
            return
        self._sound.append((samples, at_ms))
        self._sound_samples += len(samples)
        while self._sound_samples > _BACKLOG_S * RATE:
            self._sound_samples -= len(self._sound.popleft()[0])
        self._news.set()

    def cut(self) -> None:
        """What is being said is complete as it stands: who may hear it changes now."""
        self._judge()
        self._keep(self._segmenter.cut())
        self._restart()

    def pause(self, on: bool) -> None:
        """Stop listening; what is being said is dropped, since a secret may have begun. Or listen again."""
        if on and not self._paused:
            self._sound.clear()
            self._sound_samples = 0
            self._segmenter.forget()
            if self._ahead is not None:
                self._ahead.void()
            self._restart()
        self._paused = on

    @property
    def done(self) -> bool:
        """Everything that was heard before :meth:`end` is written down."""
        return self._writing.done()

    def end(self) -> None:
        """Listen no longer; what was heard is still written down."""
        if not self._closing:
            self.cut()
            self._closing = True
            self._speech.set()
            self._listening.cancel()

    async def close(self, patience_s: float = 0.0) -> None:
        """Stop. The last words are waited for as long as ``patience_s``."""
        self.end()
        if patience_s > 0:
            await asyncio.wait({self._writing}, timeout=patience_s)
        tasks = [self._listening, self._writing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._ahead is not None:
            await self._ahead.close()

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while not self._closing:
            await self._news.wait()
            self._news.clear()
            self._judge()

    def _judge(self) -> None:
        while self._sound:
            samples, at_ms = self._sound.popleft()
            self._sound_samples -= len(samples)
            start_ms = at_ms - len(self._left) * 1000 / RATE
            joined = np.concatenate([self._left, samples])
            whole = len(joined) // self._frame * self._frame
            self._left = joined[whole:]
            probabilities = self._activity.feed(samples)
            for number, probability in enumerate(probabilities):
                at = number * self._frame
                frame = joined[at : at + self._frame]
                self._keep(self._segmenter.feed(frame, probability, start_ms + at * 1000 / RATE))
        if self._ahead is not None and not self._closing:
            self._ahead.look(self._segmenter)

    def _restart(self) -> None:
        self._activity.reset()
        self._left = np.zeros(0, np.int16)

    def _keep(self, segment: Segment | None) -> None:
        if segment is None:
            return
        if self._ahead is not None and (early := self._ahead.over(segment)) is not None:
            self._early[segment.started_ms] = early
        self._waiting.append(segment)
        while self.waiting_s > MOST_WAITING_S and len(self._waiting) > 1:
            self._given_up.append(self._waiting.popleft())
        self._speech.set()

    async def _write(self) -> None:
        while True:
            while self._given_up:
                await self._lose(self._given_up.popleft(), SpeechError("Recognition is a minute behind."))
            if self._waiting:
                await self._one(self._waiting.popleft())
            elif self._closing:
                return
            else:
                self._speech.clear()
                await self._speech.wait()

    async def _one(self, segment: Segment) -> None:
        try:
            found = await self._decoded_early(segment)
            if found is None:
                try:
                    found = await self._transcribe(segment)
                except SpeechError:
                    found = await self._transcribe(segment)
            if found.text:
                confidence = math.exp(min(0.0, found.avg_logprob))
                await self._on_words(found.text, found.language, confidence, segment.started_ms, segment.ended_ms)
            elif self._ahead is not None:
                self._ahead.nothing(segment)
        except SpeechError as error:
            await self._lose(segment, error)
        except Exception as error:
            _log.error("words were not kept: %s", type(error).__name__, exc_info=error)

    async def _decoded_early(self, segment: Segment) -> Transcript | None:
        """Words decoded in the pause that became the end of the segment; None when there are none."""
        early = self._early.pop(segment.started_ms, None)
        if early is None:
            return None
        await asyncio.wait({early})
        return None if early.cancelled() or early.exception() is not None else early.result()

    async def _decode_ahead(self, segment: Segment, rough: bool) -> Transcript:
        return await self._transcribe(segment, final=False, rough=rough)

    async def _transcribe(self, segment: Segment, *, final: bool = True, rough: bool = False) -> Transcript:
        return await self._transcriber.transcribe(
            Pcm(segment.sound, RATE),
            language=self._language,
            final=final,
            partial=rough,
            switchable=segment.sound_ms >= _TELLS_LANGUAGE_MS,
            hints=self._hints.get(self._language, ""),
        )

    async def _lose(self, segment: Segment, error: SpeechError) -> None:
        lost_s = (segment.ended_ms - segment.started_ms) / 1000
        if (early := self._early.pop(segment.started_ms, None)) is not None:
            early.cancel()
        if self._ahead is not None:
            self._ahead.nothing(segment)
        _log.warning("%.1f s of speech were not transcribed: %s", lost_s, error)
        if self._on_lost is not None:
            try:
                await self._on_lost(lost_s, error)
            except Exception as problem:
                _log.error("a loss was not noted: %s", type(problem).__name__, exc_info=problem)
