"""What the bot speaks with: sentences, the prompt cache, and the voice of each language."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from voicebot.audio import Pcm, concat, normalised
from voicebot.audio.loudness import SPEECH_DBFS
from voicebot.domain import Language
from voicebot.errors import ModelError, SpeechError
from voicebot.speech.cache import PromptCache
from voicebot.speech.protocols import Synthesizer
from voicebot.speech.sentences import Piece, pieces

CACHE_RATE = 16000
_SLOW_GAIN_DB = 2.0
_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


class Renderer(Protocol):
    """A voice for rendering ahead that runs only while it is needed."""

    @property
    def name(self) -> str:
        """Voice and version, known before it is started."""
        ...

    async def open(self) -> Synthesizer:
        """Start it."""
        ...

    async def close(self) -> None:
        """End its process."""
        ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """What :meth:`Voice.prerender` did, counted in sentences."""

    made: int
    already: int
    failed: int


class Voice:
    """Says prompts in any language it has a voice for, at the line's rate and always equally loud."""

    def __init__(
        self,
        live: Mapping[Language, Synthesizer],
        cache: PromptCache,
        ahead: Mapping[Language, Renderer] | None = None,
        rate: int = 8000,
    ) -> None:
        self._live = live
        self._cache = cache
        self._ahead = ahead or {}
        self._rate = rate

    @property
    def languages(self) -> frozenset[Language]:
        """Languages that can be spoken now."""
        return frozenset(self._live)

    async def speak(
        self, spoken: str, language: Language, *, fixed: bool, pace: float = 1.0, rate: int | None = None
    ) -> AsyncIterator[Pcm]:
        """Sound, sentence by sentence; the next one is made while the caller of this iterator plays the last.

        ``fixed`` prompts are kept on disk; others may hold customer data and are not. A prompt rendered ahead is used
        when all its sentences are there, so that the voice does not change within it. Close the iterator to stop.

        Raises:
            SpeechError: no voice for the language, or it failed.
        """
        parts = pieces(spoken, language)
        target = rate or self._rate
        better = await self._rendered_ahead(parts, language, pace)
        if better is not None:
            for piece, sound in zip(parts, better, strict=True):
                yield self._finished(sound, piece, target)
            return
        voice = self._voice(language)
        making: asyncio.Task[Pcm] | None = None
        try:
            for index, piece in enumerate(parts):
                sound = await (making or self._start(piece, language, voice, fixed, pace))
                following = parts[index + 1] if index + 1 < len(parts) else None
                making = self._start(following, language, voice, fixed, pace) if following else None
                yield self._finished(sound, piece, target)
        finally:
            if making is not None:
                making.cancel()
                with contextlib.suppress(asyncio.CancelledError, SpeechError):
                    await making

    async def say(
        self, spoken: str, language: Language, *, fixed: bool, pace: float = 1.0, rate: int | None = None
    ) -> Pcm:
        """The whole prompt at once."""
        target = rate or self._rate
        return concat([part async for part in self.speak(spoken, language, fixed=fixed, pace=pace, rate=rate)], target)

    async def prerender(
        self,
        prompts: Iterable[tuple[str, Language]],
        progress: Progress | None = None,
        idle: Callable[[], Awaitable[None]] | None = None,
    ) -> Rendered:
        """Render fixed prompts with the best voice of their language, skipping what is on disk.

        ``idle`` is awaited before each sentence, so that rendering can stand back while there is other work.

        The voice's process is started when there is something to do and ended afterwards. A sentence that fails is
        counted and left to the live voice.
        """
        wanted = dict.fromkeys((piece.text, language) for text, language in prompts for piece in pieces(text, language))
        made = already = failed = done = 0
        for language in dict.fromkeys(language for _, language in wanted):
            texts = [text for text, of in wanted if of == language]
            name = self._name_ahead(language)
            missing = [text for text in texts if name and not await self._cached(text, language, name)]
            already += len(texts) - len(missing)
            done += len(texts) - len(missing)
            if progress is not None:
                progress(done, len(wanted))
            async with self._open_ahead(language if missing else None) as voice:
                for text in missing:
                    if idle is not None:
                        await idle()
                    ok = voice is not None and await self._render(text, language, voice)
                    made, failed, done = made + ok, failed + (not ok), done + 1
                    if progress is not None:
                        progress(done, len(wanted))
        return Rendered(made, already, failed)

    def _name_ahead(self, language: Language) -> str:
        if language in self._ahead:
            return self._ahead[language].name
        return self._live[language].name if language in self._live else ""

    @contextlib.asynccontextmanager
    async def _open_ahead(self, language: Language | None) -> AsyncIterator[Synthesizer | None]:
        if language is None or language not in self._ahead:
            yield None if language is None else self._live.get(language)
            return
        renderer = self._ahead[language]
        try:
            voice: Synthesizer | None = await renderer.open()
        except (SpeechError, ModelError) as problem:
            _log.warning("%s is not available for rendering ahead: %s", renderer.name, problem)
            voice = None
        try:
            yield voice
        finally:
            await renderer.close()

    async def _render(self, text: str, language: Language, voice: Synthesizer) -> bool:
        try:
            await self._make(text, language, voice, True, 1.0, ahead=True)
        except SpeechError as problem:
            _log.warning("a prompt could not be rendered ahead: %s", problem)
            return False
        return True

    async def _rendered_ahead(self, parts: tuple[Piece, ...], language: Language, pace: float) -> list[Pcm] | None:
        if language not in self._ahead or not parts:
            return None
        name = self._ahead[language].name

        def read() -> list[Pcm] | None:
            if not all(self._cache.has(piece.text, language, name, pace) for piece in parts):
                return None
            found = [self._cache.get(piece.text, language, name, pace) for piece in parts]
            complete = [sound for sound in found if sound is not None]
            return complete if len(complete) == len(parts) else None

        return await asyncio.to_thread(read)

    def _voice(self, language: Language) -> Synthesizer:
        if language not in self._live:
            raise SpeechError(f"There is no voice for the language {language}. Add one to the speech settings.")
        return self._live[language]

    def _start(
        self, piece: Piece, language: Language, voice: Synthesizer, fixed: bool, pace: float
    ) -> asyncio.Task[Pcm]:
        return asyncio.create_task(self._make(piece.text, language, voice, fixed, pace))

    async def _make(
        self, text: str, language: Language, voice: Synthesizer, fixed: bool, pace: float, *, ahead: bool = False
    ) -> Pcm:
        found = await asyncio.to_thread(self._cache.get, text, language, voice.name, pace)
        if found is not None:
            return found
        raw = await voice.synthesize(text, language, pace, ahead=ahead)
        level = SPEECH_DBFS + (_SLOW_GAIN_DB if pace < 1.0 else 0.0)
        sound = await asyncio.to_thread(lambda: normalised(raw.resample(CACHE_RATE), level))
        if fixed and not await asyncio.to_thread(self._cache.put, text, language, voice.name, pace, sound):
            _log.warning("the prompt cache cannot be written; prompts are rendered anew each time")
        return sound

    async def _cached(self, text: str, language: Language, name: str) -> bool:
        return await asyncio.to_thread(self._cache.has, text, language, name)

    @staticmethod
    def _finished(sound: Pcm, piece: Piece, rate: int) -> Pcm:
        return concat([sound, Pcm.silence(piece.pause_ms, sound.rate)]).resample(rate)
