"""Everything that hears and speaks, built from settings, started together and closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from voicebot.audio import SpeechDetector
from voicebot.domain import EN, JA, Language
from voicebot.errors import SettingsError
from voicebot.speech.cache import PromptCache
from voicebot.speech.pool import PoolHealth, WorkerPool, cores
from voicebot.speech.protocols import Synthesizer, Transcriber
from voicebot.speech.registry import DEFAULT_CATALOGUE, Registry
from voicebot.speech.remote import RemoteSynthesizer, RemoteTranscriber
from voicebot.speech.synthesis import AHEAD_NICE, WorkerSynthesizer, kokoro_pool, openjtalk_pool, piper_pool
from voicebot.speech.voice import Renderer, Voice
from voicebot.speech.whisper import WhisperTranscriber, whisper_pool
from voicebot.speech.whisper_settings import WhisperSettings


@dataclass(frozen=True, slots=True)
class RemoteSpeech:
    """A speech server that speaks OpenAI's API. ``voices`` by language; ``key`` is sent as a bearer token."""

    url: str
    model: str
    key: str = ""
    voices: Mapping[Language, str] = field(default_factory=dict)
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """What to load.

    ``cache_dir`` holds joined and fetched models (``models/``) and rendered prompts (``prompts/``); ``models_dir`` is
    the operator's own folder; ``voices`` and ``ahead`` name a model per language; ``hear``/``say``: a remote server
    instead of the local recogniser or voices. ``threads`` 0 means all cores, at most two.
    """

    cache_dir: Path
    models_dir: Path | None = None
    catalogue: Path = DEFAULT_CATALOGUE
    transcriber: str = "whisper-base"
    whisper: WhisperSettings = field(default_factory=WhisperSettings)
    workers: int = 1
    threads: int = 0
    voices: Mapping[Language, str] = field(default_factory=lambda: {EN: "piper-joe", JA: "openjtalk-mei"})
    ahead: Mapping[Language, str] = field(default_factory=lambda: {JA: "kokoro-ja"})
    ahead_voice: str = "jf_gongitsune"
    rate: int = 8000
    prompt_cache_bytes: int = 512 * 1024 * 1024
    hear: RemoteSpeech | None = None
    say: RemoteSpeech | None = None


@dataclass(frozen=True, slots=True)
class SpeechHealth:
    """For ``/readyz`` and metrics."""

    ready: bool
    pools: tuple[PoolHealth, ...]


class SpeechService:
    """Owner of the speech workers. Attributes are usable after :meth:`start`."""

    transcriber: Transcriber
    voice: Voice
    detector: SpeechDetector

    def __init__(self, settings: SpeechSettings) -> None:
        self.settings = settings
        self.registry = Registry(
            settings.cache_dir / "models", own_dir=settings.models_dir, catalogue=settings.catalogue
        )
        self._pools: list[WorkerPool] = []
        self._remotes: list[RemoteTranscriber | RemoteSynthesizer] = []
        self._live: dict[Language, Synthesizer] = {}
        self._started = False

    async def start(self) -> None:
        """Check the models and load them, all at once.

        Raises:
            ModelError: a model or its package is missing, or not the pinned one.
            SpeechError: a worker did not come up.
        """
        try:
            async with asyncio.TaskGroup() as group:
                detector = group.create_task(self._open_detector())
                transcriber = group.create_task(self._open_transcriber())
                live = {
                    language: group.create_task(self._open_voice(language, model))
                    for language, model in self.settings.voices.items()
                }
        except BaseExceptionGroup as problems:
            await self.close()
            raise problems.exceptions[0] from None
        self.detector, self.transcriber = detector.result(), transcriber.result()
        self._live = {language: task.result() for language, task in live.items()}
        self.voice = Voice(
            self._live,
            PromptCache(self.settings.cache_dir / "prompts", self.settings.prompt_cache_bytes),
            self._renderers(),
            self.settings.rate,
        )
        self._started = True

    async def close(self) -> None:
        """End every worker and connection."""
        self._started = False
        await asyncio.gather(*(pool.close() for pool in self._pools), *(remote.close() for remote in self._remotes))
        self._pools.clear()
        self._remotes.clear()

    def live_voice(self, language: Language) -> Synthesizer:
        """The voice that speaks this language now, without sentences and cache.

        Raises:
            SettingsError: there is none.
        """
        if language not in self._live:
            raise SettingsError(f"There is no voice for the language {language}. Name one in the speech settings.")
        return self._live[language]

    @property
    def health(self) -> SpeechHealth:
        """Whether everything is loaded, and how each pool is doing."""
        pools = tuple(pool.health for pool in self._pools)
        return SpeechHealth(self._started and all(pool.ready for pool in pools), pools)

    async def _open_detector(self) -> SpeechDetector:
        folder = await asyncio.to_thread(self.registry.resolve, "silero-vad")
        return await asyncio.to_thread(SpeechDetector, folder / "silero_vad.onnx")

    async def _open_transcriber(self) -> Transcriber:
        remote = self.settings.hear
        if remote is not None:
            hearing = RemoteTranscriber(remote.url, remote.model, key=remote.key, timeout_s=remote.timeout_s)
            self._remotes.append(hearing)
            return hearing
        folder = await asyncio.to_thread(self.registry.resolve, self.settings.transcriber)
        pool = whisper_pool(
            folder,
            self.settings.whisper,
            processes=self.settings.workers,
            threads=self.settings.threads or max(1, min(2, cores()) // self.settings.workers),
        )
        await self._open(pool)
        return WhisperTranscriber(pool, self.settings.whisper.languages)

    async def _open_voice(self, language: Language, model: str) -> Synthesizer:
        remote = self.settings.say
        if remote is not None and language in remote.voices:
            speaking = RemoteSynthesizer(
                remote.url, remote.model, remote.voices[language], key=remote.key, timeout_s=remote.timeout_s
            )
            self._remotes.append(speaking)
            return speaking
        folder = await asyncio.to_thread(self.registry.resolve, model)
        name = f"{model}-{self.registry.fingerprint(model)}"
        pool = _pool_for(self.registry, model, folder, self.settings.ahead_voice)
        await self._open(pool)
        return WorkerSynthesizer(name, pool, {language})

    async def _open(self, pool: WorkerPool) -> None:
        self._pools.append(pool)
        await pool.start()

    def _renderers(self) -> dict[Language, Renderer]:
        return {
            language: WorkerRenderer(self.registry, model, self.settings.ahead_voice, language)
            for language, model in self.settings.ahead.items()
        }


class WorkerRenderer:
    """A voice for rendering ahead whose process lives only while it renders."""

    def __init__(
        self, registry: Registry, model: str, voice: str, language: Language, *, nice: int = AHEAD_NICE
    ) -> None:
        self._nice = nice
        self._registry = registry
        self._model = model
        self._voice = voice
        self._language = language
        self._pool: WorkerPool | None = None
        self.name = f"{model}-{voice}-{registry.fingerprint(model)}"

    async def open(self) -> Synthesizer:
        """Start the process."""
        folder = await asyncio.to_thread(self._registry.resolve, self._model)
        self._pool = _pool_for(self._registry, self._model, folder, self._voice, self._nice)
        await self._pool.start()
        return WorkerSynthesizer(self.name, self._pool, {self._language})

    async def close(self) -> None:
        """End the process and give its memory back."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None


def _pool_for(registry: Registry, model: str, folder: Path, kokoro_voice: str, nice: int = AHEAD_NICE) -> WorkerPool:
    entry = registry.entry(model)
    match entry.engine:
        case "piper":
            return piper_pool(folder, next(file.name for file in entry.files if file.name.endswith(".onnx")))
        case "openjtalk":
            return openjtalk_pool()
        case "kokoro":
            return kokoro_pool(folder, kokoro_voice, nice)
        case _:
            raise SettingsError(f"{model} is no voice. Choose a model of kind synthesizer.")
