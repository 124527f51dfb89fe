"""What stands around a call in a test: line, ears, voice, meaning and back end that a script leads."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.support.talk import ROOT
from voicebot.audio import Pcm
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, LineEvent, Samples
from voicebot.channels.samples import SampleQueue
from voicebot.domain import (
    EN,
    ActionDone,
    CallAction,
    ConversationId,
    Event,
    IntentScore,
    Language,
    Party,
    Source,
    TenantId,
    Understanding,
)
from voicebot.errors import ChannelError, RecordingError
from voicebot.nlu.safety import SafetyScreen
from voicebot.sim.clock import VirtualClock
from voicebot.speech import Transcript
from voicebot.store import Recordings, SqlStore
from voicebot.store.recordings import WavRecording

RATE = 8000
TICK_MS = 20
_TICK = RATE * TICK_MS // 1000
_LOUD = 8000
_STEP = 50


@functools.cache
def screen() -> SafetyScreen:
    return SafetyScreen.load(ROOT / "nlu_data" / "core" / "safety.yml")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something the caller utters. It is told from others by the height of its samples."""

    text: str
    language: Language


class ScriptedLine:
    """A line whose time passes in :meth:`tick` only. ``heard``: what the caller got, one array per tick."""

    def __init__(self, caller: str | None = None, *, answers: bool = True) -> None:
        self.details = CallDetails(caller, "lamps-en")
        self.caller, self.called, self.rate = caller, "lamps-en", RATE
        self.played_samples = 0
        self.heard: list[Samples] = []
        self.got: Counter[int] = Counter()
        self.paused = False
        self.pauses = 0
        self.ended: LineEnded | None = None
        self._answers = answers
        self._queue = SampleQueue()
        self._events: asyncio.Queue[LineEvent] = asyncio.Queue()
        self._ticks = 0
        self._uttering: deque[int] = deque()

    @property
    def queued_samples(self) -> int:
        return len(self._queue)

    @property
    def now_ms(self) -> int:
        return self._ticks * TICK_MS

    async def answer(self) -> None:
        if not self._answers:
            raise ChannelError("The caller gave up.")

    async def frames(self) -> AsyncIterator[LineEvent]:
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, LineEnded):
                return

    def play(self, samples: Samples) -> None:
        if self.ended is None:
            self._queue.append(samples)

    def flush(self) -> int:
        self.paused = False
        return self._queue.clear()

    def pause(self) -> None:
        self.paused = True
        self.pauses += 1

    def resume(self) -> None:
        self.paused = False

    async def hang_up(self, reason: str = "") -> None:
        self.end("us", reason)

    def end(self, by: Any = "caller", reason: str = "") -> None:
        if self.ended is None:
            self.ended = LineEnded(by, reason)
            self._events.put_nowait(self.ended)

    def press(self, digit: str) -> None:
        self._events.put_nowait(Dtmf(digit, self._ticks * _TICK))

    def utter(self, height: int, ms: int) -> None:
        self._uttering.extend([height] * (ms // TICK_MS))

    def tick(self) -> None:
        if self.ended is not None:
            return
        left = self._queue.take(0 if self.paused else _TICK)
        self.played_samples += len(left)
        self.got.update(left.tolist())
        self.heard.append(np.concatenate([left, np.zeros(_TICK - len(left), np.int16)]))
        height = self._uttering.popleft() if self._uttering else 0
        self._events.put_nowait(Frame(np.full(_TICK, height, np.int16), self._ticks * _TICK))
        self._ticks += 1


class LoudnessDetector:
    """Loud is speech, quiet is none; frames of 32 ms."""

    frame_samples = RATE * 32 // 1000

    def __init__(self) -> None:
        self._left = np.zeros(0, np.int16)

    def open(self, rate: int) -> LoudnessDetector:
        return LoudnessDetector()

    def reset(self) -> None:
        self._left = np.zeros(0, np.int16)

    def feed(self, samples: Samples) -> tuple[float, ...]:
        joined = np.concatenate([self._left, samples])
        whole = len(joined) // self.frame_samples * self.frame_samples
        self._left = joined[whole:]
        frames = joined[:whole].reshape(-1, self.frame_samples)
        return tuple(0.95 if level > _LOUD / 2 else 0.02 for level in np.abs(frames).mean(axis=1))


@dataclass(frozen=True, slots=True)
class Decode:
    """What the recogniser was asked."""

    text: str
    language: Language | None
    final: bool
    digits: bool
    hints: str


class Ears:
    """A recogniser that knows what each stretch says. ``breaks`` raises for some; ``takes_s`` is its slowness."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.stretches: list[Stretch] = []
        self.decodes: list[Decode] = []
        self.cancelled = 0
        self.takes_s: Callable[[bool], float] = lambda final: 0.0
        self.breaks: Callable[[bool], Exception | None] = lambda final: None

    def height_of(self, text: str, language: Language = EN) -> int:
        """The height of the samples that say ``text``."""
        self.stretches.append(Stretch(text, language))
        return _LOUD + _STEP * len(self.stretches)

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
        loud = [height for height in audio.samples.tolist() if height > _LOUD]
        numbers = Counter(
            round((height - _LOUD) / _STEP) for height in loud
        )  # other rates bring other heights at edges
        said = [
            self.stretches[number - 1]
            for number, samples in numbers.items()
            if samples > len(loud) / 20 and 0 < number <= len(self.stretches)
        ]
        text = " ".join(stretch.text for stretch in said if stretch.text)
        self.decodes.append(Decode(text, language, final, digits, hints))
        try:
            await self._clock.sleep(self.takes_s(final))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if (problem := self.breaks(final)) is not None:
            raise problem
        spoken = said[-1].language if said and switchable else language
        return Transcript(text, spoken or EN, avg_logprob=-0.1)


class Voice:
    """Every prompt sounds for ``ms``; the samples of prompt n have the height n. ``breaks`` names prompts that fail."""

    def __init__(self, ms: int = 1000) -> None:
        self.ms = ms
        self.spoken: list[tuple[str, Language]] = []
        self.breaks: Callable[[str], Exception | None] = lambda text: None
        self.never: Callable[[str], bool] = lambda text: False

    async def speak(
        self, spoken: str, language: Language, *, fixed: bool, pace: float = 1.0, rate: int | None = None
    ) -> AsyncIterator[Pcm]:
        self.spoken.append((spoken, language))
        height = len(self.spoken)
        if (problem := self.breaks(spoken)) is not None:
            raise problem
        if self.never(spoken):
            await asyncio.Event().wait()
        for _ in range(2):
            yield Pcm(np.full(self.ms * RATE // 2000, height, np.int16), RATE)
            await asyncio.sleep(0)


class Meaning:
    """An understander that knows some sentences."""

    def __init__(self, known: Mapping[str, Mapping[str, Any]]) -> None:
        self.known = known
        self.breaks: Exception | None = None
        self.pinned = 0

    async def understand(self, text: str, **asked: Any) -> Understanding:
        if self.breaks is not None:
            raise self.breaks
        found = {"intent": "out_of_scope", "confidence": 0.1, **self.known.get(text, {})}
        if found["intent"] != "out_of_scope":
            found["confidence"] = 0.9
        score = IntentScore(found["intent"], found["confidence"])
        safety = screen().screen(text, asked["language"])
        return Understanding(
            text=text,
            language=asked["language"],
            in_scope=0.5,
            ranking=(score,),
            safety=safety,
            source=asked.get("source", Source.TEXT),
            **found,
        )

    async def detect_language(self, text: str, candidates: object) -> None:
        return None

    def pin(self, tenant: TenantId) -> str:
        self.pinned += 1
        return "scripted"

    def unpin(self, tenant: TenantId, model: str) -> None:
        self.pinned -= 1


class BackEnd:
    """An action server: every action succeeds unless ``answers`` says otherwise, ``holds`` until it is let go."""

    def __init__(self) -> None:
        self.called: list[CallAction] = []
        self.answers: dict[str, Mapping[str, Any] | Exception] = {}
        self.holds: dict[str, asyncio.Event] = {}

    async def run(self, call: CallAction, **_context: Any) -> ActionDone:
        self.called.append(call)
        if call.action in self.holds:
            await self.holds[call.action].wait()
        answer = self.answers.get(call.action, {})
        if isinstance(answer, Exception):
            raise answer
        return ActionDone(call.action, {"outcome": "ok", **answer})


class WatchedStore:
    """The real store; the test knows when it is at work, and when it refuses to write."""

    def __init__(self, store: SqlStore, clock: VirtualClock) -> None:
        self._store, self._clock = store, clock
        self.takes_s = 0.0
        self.busy = 0
        self.moved = asyncio.Event()
        self.refuses: Callable[[tuple[Event, ...]], Exception | None] = lambda events: None

    def subscribe(self, conversation: ConversationId) -> Any:
        return self._store.subscribe(conversation)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def watched(*args: Any, **kwargs: Any) -> Any:
            if self.takes_s and name == "append":
                await self._clock.sleep(self.takes_s)
            self.busy += 1
            try:
                if name == "append" and (problem := self.refuses(tuple(args[1]))) is not None:
                    raise problem
                return await method(*args, **kwargs)
            finally:
                self.busy -= 1
                self.moved.set()

        return watched


class SmallDisk(Recordings):
    """Real recordings on a disk that takes ``full_after`` writes."""

    full_after = 1_000_000

    def begin(self, conversation: ConversationId, party: Party, rate: int) -> WavRecording:
        writer = super().begin(conversation, party, rate)
        write = writer.write

        def limited(samples: Samples) -> None:
            self.full_after -= 1
            if self.full_after < 0:
                raise RecordingError("A recording stopped: no space left on device.")
            write(samples)

        writer.write = limited  # type: ignore[method-assign]
        return writer


class AtOnce(ThreadPoolExecutor):
    """Runs what is meant for a thread where it is asked, so that a test does not depend on threads."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
