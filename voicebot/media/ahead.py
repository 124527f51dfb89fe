"""Words of an utterance before it is over: decoded in the pause that may end it, and now and then while it goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from voicebot.domain import Language
from voicebot.errors import SpeechError
from voicebot.media.segments import Segment, Segmenter
from voicebot.speech import Transcript

_log = logging.getLogger(__name__)

PAUSE_MS = 200
"""After so much silence the utterance may be over: decoded with full care, so that it can stand for the final words."""
EVERY_MS, LEAST_MS = 1000, 700
"""A rough text of what goes on: so often at most, and once there is so much of it."""
_SHARE = 3
"""Rough texts take at most a third of the time: one that took long is followed by a longer wait."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A party began to speak, has said ``text`` so far (empty: nothing after all), or fell silent.

    ``started_ms`` is the same for one utterance and in the words that are written down in the end.
    """

    moment: Literal["began", "said", "ended"]
    started_ms: int
    ended_ms: int
    language: Language
    text: str = ""


OnSpeech = Callable[[Speech], Awaitable[None]]
Decode = Callable[[Segment, bool], Awaitable[Transcript]]
"""``(so far, rough)``; raises SpeechError, as it does whenever the recogniser has better to do."""


class Ahead:
    """One party's open utterance. :meth:`look` is called after every frame and never waits."""

    def __init__(self, decode: Decode, on_speech: OnSpeech, language: Language) -> None:
        self.language = language
        self._decode, self._on_speech = decode, on_speech
        self._started_ms: int | None = None
        self._rough: asyncio.Task[None] | None = None
        self._rough_at_ms = 0.0
        self._rough_took_ms = 0.0
        self._careful: asyncio.Task[Transcript] | None = None
        self._careful_end_ms = -1
        self._text = ""
        self._told: asyncio.Queue[Speech] = asyncio.Queue()
        self._tasks: set[asyncio.Task[object]] = set()
        self._telling = asyncio.create_task(self._tell(), name="tap tells")

    def look(self, segmenter: Segmenter) -> None:
        """What is due now is begun."""
        started_ms = segmenter.started_ms
        if started_ms is None:
            return
        if started_ms != self._started_ms:
            self._begin(started_ms, segmenter.spoken_ms)
        if self._careful is not None and self._careful_end_ms != segmenter.spoken_ms:
            self._careful.cancel()
            self._careful = None
        if segmenter.quiet_ms >= PAUSE_MS:
            if self._careful is None and self._careful_end_ms != segmenter.spoken_ms:
                self._speculate(segmenter)
        elif self._careful is None and self._rough is None:
            so_far_ms = segmenter.spoken_ms - started_ms
            wait_ms = max(EVERY_MS, _SHARE * self._rough_took_ms)
            if so_far_ms >= LEAST_MS and segmenter.spoken_ms - self._rough_at_ms >= wait_ms:
                self._roughly(segmenter)

    def over(self, segment: Segment) -> asyncio.Task[Transcript] | None:
        """The utterance has ended as ``segment``: its words, if nothing was said since they were decoded."""
        careful, self._careful = self._careful, None
        fits = self._started_ms == segment.started_ms and self._careful_end_ms == segment.ended_ms
        self._forget()
        if self._started_ms is not None:
            self._say(Speech("ended", segment.started_ms, segment.ended_ms, self.language))
        self._started_ms = None
        if careful is not None and not fits:
            careful.cancel()
        return careful if fits else None

    def nothing(self, segment: Segment) -> None:
        """No words came of a segment: whoever was shown some takes them away."""
        self._say(Speech("said", segment.started_ms, segment.ended_ms, self.language))

    def void(self) -> None:
        """Forget what is being said at once, and have whoever saw some of it forget it too."""
        while not self._told.empty():
            self._told.get_nowait()
        self._forget()
        if self._careful is not None:
            self._careful.cancel()
            self._careful = None
        if self._started_ms is not None:
            self._say(Speech("said", self._started_ms, self._started_ms, self.language))
            self._say(Speech("ended", self._started_ms, self._started_ms, self.language))
            self._started_ms = None

    async def close(self) -> None:
        """Decode and tell nothing more."""
        tasks = (*self._tasks, self._telling)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _begin(self, started_ms: int, spoken_ms: int) -> None:
        self._forget()
        self._started_ms, self._text, self._careful_end_ms = started_ms, "", -1
        self._rough_at_ms = started_ms + LEAST_MS - EVERY_MS
        self._say(Speech("began", started_ms, spoken_ms, self.language))

    def _forget(self) -> None:
        if self._rough is not None:
            self._rough.cancel()
            self._rough = None

    def _speculate(self, segmenter: Segmenter) -> None:
        so_far = segmenter.so_far()
        if so_far is None:
            return
        self._forget()
        self._careful_end_ms = so_far.ended_ms
        self._careful = asyncio.create_task(self._carefully(so_far), name="tap decodes ahead")
        self._hold(self._careful)

    def _roughly(self, segmenter: Segmenter) -> None:
        so_far = segmenter.so_far()
        if so_far is None:
            return
        self._rough_at_ms = segmenter.spoken_ms
        self._rough = asyncio.create_task(self._once(so_far), name="tap decodes roughly")
        self._hold(self._rough)

    async def _carefully(self, so_far: Segment) -> Transcript:
        found = await self._decode(so_far, False)
        self._heard(found, so_far)
        return found

    async def _once(self, so_far: Segment) -> None:
        try:
            found = await self._decode(so_far, True)
            self._rough_took_ms = found.decode_ms
            self._heard(found, so_far)
        except SpeechError as error:
            _log.debug("no rough text: %s", error)
        finally:
            if self._rough is asyncio.current_task():
                self._rough = None

    def _heard(self, found: Transcript, so_far: Segment) -> None:
        if found.text and found.text != self._text and self._started_ms in (None, so_far.started_ms):
            self._text = found.text
            self._say(Speech("said", so_far.started_ms, so_far.ended_ms, found.language, found.text))

    def _hold(self, task: asyncio.Task[None] | asyncio.Task[Transcript]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None and not isinstance(problem, SpeechError):
            _log.error("words ahead were lost: %s", type(problem).__name__, exc_info=problem)

    def _say(self, speech: Speech) -> None:
        self._told.put_nowait(speech)

    async def _tell(self) -> None:
        while True:
            speech = await self._told.get()
            try:
                await self._on_speech(speech)
            except Exception as error:
                _log.warning("speech was not announced: %s", type(error).__name__)
