"""The two seams of speech: sound to words, and words to sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voicebot.audio import Pcm
from voicebot.domain import Language


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard.

    ``text`` is empty when nothing usable was said (silence, noise, or words the recogniser made up). ``no_speech`` is
    the recogniser's probability that there were no words, ``avg_logprob`` the mean log probability per token (0 is
    certain, below -1 is guesswork), ``alternatives`` other readings, best first, without ``text`` itself.
    """

    text: str
    language: Language
    language_confidence: float = 1.0
    no_speech: float = 0.0
    avg_logprob: float = 0.0
    alternatives: tuple[str, ...] = ()
    audio_ms: float = 0.0
    decode_ms: float = 0.0


class Transcriber(Protocol):
    """Sound to words."""

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
        """Recognise one utterance of at most 30 s.

        Args:
            audio: what was said, with or without silence around it.
            language: what is spoken; ``None`` tells the languages apart first.
            digits: a number is being read out, so expect digits.
            final: the turn is over and the caller waits; otherwise speculative, and served after those that wait.
            partial: a rough text while the caller still speaks: fast, greedy, served last.
            switchable: ``language`` is only what is expected; another one is recognised when it is surely spoken.
            hints: words of the company that callers use, such as product names, in ``language``; they make the
                recogniser expect them. At most about 40 words are heeded.

        Raises:
            SpeechError: recognition failed; a later call may succeed.
        """
        ...


class Synthesizer(Protocol):
    """Words to sound."""

    @property
    def name(self) -> str:
        """Voice and version: part of the cache key, so another voice never answers from this one's cache."""
        ...

    async def synthesize(self, text: str, language: Language, pace: float = 1.0, *, ahead: bool = False) -> Pcm:
        """Speak one or a few sentences at ``pace`` (0.8 is slower). ``ahead``: nobody waits for it yet.

        Raises:
            SpeechError: this voice cannot say it (other language, nothing to say) or failed.
        """
        ...
