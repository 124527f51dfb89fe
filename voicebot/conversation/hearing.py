"""From a stretch of the caller's sound to words, decoded ahead of the end of the turn where possible."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from voicebot.audio import NoiseEstimate, Pcm
from voicebot.conversation.conversation import Conversation
from voicebot.conversation.memory import SoundMemory
from voicebot.domain import Language
from voicebot.errors import SpeechError
from voicebot.speech import Transcriber, Transcript
from voicebot.turns import TurnEnded

_TELLS_LANGUAGE_MS = 1200
_ANSWERS = {
    "en": "Yes. Yep. Yeah. No. Nope. Correct. That's right.",
    "ja": "はい。いいえ。ええ。うん。違います。そうです。",
}
"""Told to the recogniser while a yes/no question is open: short words are misheard most."""


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """Words of one turn; ``text`` is empty when nothing could be made out. ``confidence`` 0..1."""

    text: str
    language: Language
    confidence: float = 0.0
    alternatives: tuple[str, ...] = ()


class Hearing:
    """Recognition for one call. A turn can be claimed before it ends: then it was acted upon already."""

    def __init__(
        self, transcriber: Transcriber, memory: SoundMemory, talk: Conversation, hints: Mapping[Language, str]
    ) -> None:
        self._transcriber, self._memory, self._talk, self._hints = transcriber, memory, talk, hints
        self._speculation: asyncio.Task[HeardTurn] | None = None
        self._claimed = False
        self.noise = NoiseEstimate()

    @property
    def noisy(self) -> bool:
        """The background is loud."""
        return self.noise.noisy

    def sound(self, from_ms: int, to_ms: int) -> Pcm:
        """The caller's sound between two moments of the call."""
        return Pcm(self._memory.between(from_ms, to_ms), self._memory.rate)

    def speculate(self, from_ms: int, to_ms: int, partial: Callable[[str], Awaitable[None]]) -> None:
        """Decode now what may be the whole turn; ``partial`` sees the words as soon as they are there."""
        self._cancel()
        self._speculation = asyncio.create_task(self._ahead(from_ms, to_ms, partial))

    async def _ahead(self, from_ms: int, to_ms: int, partial: Callable[[str], Awaitable[None]]) -> HeardTurn:
        heard = await self._decode(from_ms, to_ms, final=False)
        if heard.text:
            await partial(heard.text)
        return heard

    def forget(self) -> None:
        """The turn went on, was dropped, or has been dealt with."""
        self._cancel()
        self._claimed = False

    def claim(self) -> bool:
        """Act upon the open turn now; False when that was done before."""
        first, self._claimed = not self._claimed, True
        return first

    def claimed(self) -> bool:
        """Whether the open turn was acted upon."""
        return self._claimed

    async def transcript(self, turn: TurnEnded) -> HeardTurn:
        """Words of a finished turn. A recogniser that died ahead of the end is logged, and asked once more."""
        ahead, self._speculation = self._speculation, None
        if ahead is not None and turn.speculated:
            await asyncio.wait({ahead})
            problem = None if ahead.cancelled() else ahead.exception()
            if not ahead.cancelled() and problem is None:
                return ahead.result()
            if isinstance(problem, SpeechError):
                await self._talk.fault(problem, "recogniser")
        elif ahead is not None:
            ahead.cancel()
        return await self._decode(turn.from_ms, turn.to_ms, final=True)

    async def _decode(self, from_ms: int, to_ms: int, *, final: bool) -> HeardTurn:
        expected, expects = self._talk.language, self._talk.expects
        digits = expects.digits and not expects.answer
        try:
            found = await self._transcriber.transcribe(
                self.sound(from_ms, to_ms),
                language=expected,
                digits=digits,
                final=final,
                switchable=not digits and to_ms - from_ms >= _TELLS_LANGUAGE_MS,
                hints=_ANSWERS.get(expected, "") if expects.answer else self._hints.get(expected, ""),
            )
        except SpeechError as error:
            if final:
                await self._talk.fault(error, "recogniser")
                return HeardTurn("", expected)
            raise
        return _turn_of(found)

    def _cancel(self) -> None:
        if self._speculation is not None:
            self._speculation.cancel()
            self._speculation = None


def _turn_of(found: Transcript) -> HeardTurn:
    """Mean token probability as confidence: exp of the mean log probability."""
    return HeardTurn(found.text, found.language, math.exp(min(0.0, found.avg_logprob)), found.alternatives)
