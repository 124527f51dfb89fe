"""Whisper in worker processes, behind the Transcriber protocol."""

from __future__ import annotations

import time
from pathlib import Path

from voicebot.audio import Pcm
from voicebot.domain import Language
from voicebot.errors import SpeechError
from voicebot.speech.pool import PARTIAL_S, SPECULATIVE_S, WAITED_FOR_S, WorkerPool
from voicebot.speech.process import WorkerSpec
from voicebot.speech.protocols import Transcript
from voicebot.speech.whisper_settings import WhisperSettings

CROWD = 2
"""Turns in the queue from which on nothing is decoded ahead and each turn is decoded faster, with a narrower beam."""


class WhisperTranscriber:
    """The packaged recogniser. Build with :func:`whisper_pool`.

    When many callers finish at once it serves them sooner rather than better: see :data:`CROWD`.
    """

    def __init__(self, pool: WorkerPool, candidates: tuple[str, ...] = ("ja", "en")) -> None:
        self.pool = pool
        self._candidates = candidates

    async def transcribe(
        self,
        audio: Pcm,
        *,
        language: Language | None,
        digits: bool = False,
        final: bool = True,
        partial: bool = False,
        switchable: bool = False,
        hints: str = "",
    ) -> Transcript:
        """See :class:`~voicebot.speech.protocols.Transcriber`."""
        started = time.monotonic()
        health = self.pool.health
        crowded = health.queued >= CROWD
        if crowded and not final:
            raise SpeechError("Recognition is busy: only finished turns are decoded.")
        if partial and (health.queued or health.busy >= health.processes):
            raise SpeechError("Recognition is busy: a rough text is decoded only by a worker that has nothing to do.")
        header = {
            "rate": audio.rate,
            "language": language,
            "digits": digits,
            "partial": partial,
            "candidates": self._candidates,
            "switchable": switchable,
            "hints": hints,
            "hurried": crowded,
        }
        slack_s = PARTIAL_S if partial else WAITED_FOR_S if final else SPECULATIVE_S
        reply, _ = await self.pool.call(header, audio.to_bytes(), slack_s=slack_s)
        return Transcript(
            text=str(reply["text"]),
            language=Language(str(reply["language"])),
            language_confidence=float(reply["language_confidence"]),
            no_speech=float(reply["no_speech"]),
            avg_logprob=float(reply["avg_logprob"]),
            alternatives=tuple(reply["others"]),
            audio_ms=audio.ms,
            decode_ms=(time.monotonic() - started) * 1000.0,
        )


def whisper_pool(
    model_dir: Path, settings: WhisperSettings | None = None, *, processes: int = 1, threads: int = 2
) -> WorkerPool:
    """Workers that load the CTranslate2 model in ``model_dir``."""
    spec = WorkerSpec(
        name="recognition",
        factory="voicebot.speech.whisper_engine:open_engine",
        config={"model_dir": str(model_dir), "settings": (settings or WhisperSettings()).to_config()},
        threads=threads,
    )
    return WorkerPool(spec, processes=processes)
