"""From a stretch of the caller's sound to words, decoded ahead of the end of the turn where possible."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field

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
    """Words of one turn; ``text`` is empty when nothing could be made out. ``confidence`` 0..1.

    ``failed``: the recogniser could not be asked, so whatever was said is lost.
    """

    text: str
    language: Language
    confidence: float = 0.0
    alternatives: tuple[str, ...] = ()
    failed: bool = False


@dataclass(slots=True, eq=False)
class OpenTurn:
    """One turn of the caller until it is answered: words decoded ahead, and whether it was acted upon already.

    ``secret``: it was spoken, in whole or in part, while a secret was asked for, so it must not be decoded.
    """

    ahead: asyncio.Task[HeardTurn] | None = None
    claimed: bool = False
    secret: bool = False

    def claim(self) -> bool:
        """Act upon the turn now; False when that was done before."""
        first, self.claimed = not self.claimed, True
        return first

    def is_closed(self) -> bool:
        """Its words must not be asked for: they were acted upon, or may hold a secret."""
        return self.claimed or self.secret

    def void(self) -> None:
        """The caller went on: what was decoded ahead is worth nothing."""
        if self.ahead is not None:
            self.ahead.cancel()
            self.ahead = None


Partial = Callable[[str, OpenTurn], Awaitable[None]]


@dataclass(slots=True)
class _Tasks:
    """Decodes that are under way. A failure that nobody asks for any more is no news."""

    running: set[asyncio.Task[HeardTurn]] = field(default_factory=set)

    def start(self, work: Coroutine[object, object, HeardTurn]) -> asyncio.Task[HeardTurn]:
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[HeardTurn]) -> None:
        self.running.discard(task)
        if not task.cancelled():
            task.exception()


class Hearing:
    """Recognition for one call."""

    def __init__(
        self, transcriber: Transcriber, memory: SoundMemory, talk: Conversation, hints: Mapping[Language, str]
    ) -> None:
        self._transcriber, self._memory, self._talk, self._hints = transcriber, memory, talk, hints
        self._open = OpenTurn()
        self._tasks = _Tasks()
        self.noise = NoiseEstimate()

    @property
    def noisy(self) -> bool:
        """The background is loud."""
        return self.noise.noisy

    def sound(self, from_ms: int, to_ms: int) -> Pcm:
        """The caller's sound between two moments of the call."""
        return Pcm(self._memory.between(from_ms, to_ms), self._memory.rate)

    def begin(self) -> None:
        """The caller took the floor."""
        self._open = OpenTurn()
        self._secret(self._open)

    def speculate(self, from_ms: int, to_ms: int, partial: Partial) -> None:
        """Decode now what may be the whole turn; ``partial`` sees the words as soon as they are there."""
        turn = self._open
        turn.void()
        if self._secret(turn):
            return
        turn.ahead = self._tasks.start(self._ahead(turn, from_ms, to_ms, partial))

    async def _ahead(self, turn: OpenTurn, from_ms: int, to_ms: int, partial: Partial) -> HeardTurn:
        heard = await self._decode(from_ms, to_ms, final=False)
        if heard.text:
            await partial(heard.text, turn)
        return heard

    def void(self) -> None:
        """The open turn goes on, or was none."""
        self._open.void()

    def over(self) -> OpenTurn:
        """The open turn has ended: whoever answers it takes it over."""
        turn, self._open = self._open, OpenTurn()
        self._secret(turn)
        return turn

    async def close(self) -> None:
        """Nobody listens any more."""
        for task in (running := tuple(self._tasks.running)):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _secret(self, turn: OpenTurn) -> bool:
        turn.secret = turn.secret or self._talk.expects.sensitive
        return turn.secret

    async def transcript(self, turn: TurnEnded, taken: OpenTurn) -> HeardTurn:
        """Words of a finished turn. A recogniser that died ahead of the end is logged, and asked once more."""
        ahead = taken.ahead
        if ahead is not None and turn.speculated:
            await asyncio.wait({ahead})
            problem = None if ahead.cancelled() else ahead.exception()
            if not ahead.cancelled() and problem is None:
                return ahead.result()
            if isinstance(problem, SpeechError):
                await self._talk.fault(problem, "recogniser")
        taken.void()
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
                return HeardTurn("", expected, failed=True)
            raise
        return _turn_of(found)


def _turn_of(found: Transcript) -> HeardTurn:
    """Mean token probability as confidence: exp of the mean log probability."""
    return HeardTurn(found.text, found.language, math.exp(min(0.0, found.avg_logprob)), found.alternatives)
