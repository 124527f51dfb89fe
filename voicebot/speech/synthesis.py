"""Voices in worker processes, behind the Synthesizer protocol."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from voicebot.audio import Pcm, trimmed
from voicebot.domain import Language
from voicebot.errors import SpeechError
from voicebot.speech.pool import AHEAD_S, WAITED_FOR_S, WorkerPool
from voicebot.speech.process import WorkerSpec

AHEAD_NICE = 10
"""Scheduling priority of rendering ahead: calls come first."""


class WorkerSynthesizer:
    """A voice that lives in a worker process."""

    def __init__(self, name: str, pool: WorkerPool, languages: Collection[Language]) -> None:
        self._name = name
        self.pool = pool
        self.languages = frozenset(languages)

    @property
    def name(self) -> str:
        """Voice and version."""
        return self._name

    async def synthesize(self, text: str, language: Language, pace: float = 1.0, *, ahead: bool = False) -> Pcm:
        """See :class:`~voicebot.speech.protocols.Synthesizer`."""
        if language not in self.languages:
            raise SpeechError(f"The voice {self._name} does not speak {language}.")
        if not speakable(text):
            raise SpeechError("There is nothing to say in the text: it holds no letter or digit.")
        if not 0.4 <= pace <= 2.5:
            raise SpeechError(f"A pace lies between 0.4 and 2.5, not {pace:g}.")
        reply, raw = await self.pool.call({"text": text, "pace": pace}, slack_s=AHEAD_S if ahead else WAITED_FOR_S)
        sound = trimmed(Pcm.from_bytes(raw, int(reply["rate"])))
        if len(sound) == 0:
            raise SpeechError(f"The voice {self._name} made no sound.")
        return sound


def speakable(text: str) -> bool:
    """Whether a voice could say anything of it."""
    return any(character.isalnum() for character in text)


def piper_pool(model_dir: Path, file: str) -> WorkerPool:
    """The English voice: one thread is as quick as two."""
    spec = WorkerSpec(
        name="English voice",
        factory="voicebot.speech.piper_engine:open_engine",
        config={"model_dir": str(model_dir), "file": file},
    )
    return WorkerPool(spec)


def openjtalk_pool() -> WorkerPool:
    """The live Japanese voice."""
    return WorkerPool(WorkerSpec(name="Japanese voice", factory="voicebot.speech.openjtalk_engine:open_engine"))


def kokoro_pool(model_dir: Path, voice: str = "jf_gongitsune", nice: int = AHEAD_NICE) -> WorkerPool:
    """The Japanese voice for rendering ahead, at low priority."""
    spec = WorkerSpec(
        name="prompt rendering",
        factory="voicebot.speech.kokoro_engine:open_engine",
        config={"model_dir": str(model_dir), "voice": voice},
        nice=nice,
    )
    return WorkerPool(spec, call_timeout_s=300.0)
