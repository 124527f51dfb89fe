"""A call without models on a clock that the test turns: scripted caller, ears, voice and meaning; the rest is real."""

from __future__ import annotations

import asyncio
import functools
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from tests.support.talk import ROOT, lamps, plain
from voicebot.audio import Pcm, SpeechDetector
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, LineEvent, Samples
from voicebot.channels.samples import SampleQueue
from voicebot.conversation.call import Call, VoiceServices
from voicebot.conversation.services import Services
from voicebot.domain import (
    EN,
    JA,
    ActionDone,
    CallAction,
    ConversationId,
    Event,
    Heard,
    IntentScore,
    Language,
    Party,
    Played,
    Said,
    Source,
    TenantId,
    Understanding,
)
from voicebot.errors import ChannelError, RecordingError
from voicebot.flows import Dialogue
from voicebot.nlu.safety import SafetyScreen
from voicebot.redaction import redact
from voicebot.sim.clock import VirtualClock
from voicebot.speech import Transcript
from voicebot.store import Recordings, SqlStore, Store
from voicebot.store.recordings import WavRecording
from voicebot.telemetry import Telemetry

RATE = 8000
TICK_MS = 20
_TICK = RATE * TICK_MS // 1000
_LOUD = 8000
_Event = TypeVar("_Event")


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
        return _LOUD + len(self.stretches)

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
        heights = [int(height) for height in dict.fromkeys(audio.samples.tolist()) if height > _LOUD]
        said = [self.stretches[height - _LOUD - 1] for height in heights]
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
    """An action server: every action succeeds unless ``answers`` says otherwise."""

    def __init__(self) -> None:
        self.called: list[CallAction] = []
        self.answers: dict[str, Mapping[str, Any] | Exception] = {}

    async def run(self, call: CallAction, **_context: Any) -> ActionDone:
        self.called.append(call)
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

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

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


@dataclass
class PhoneCall:
    """One call to the lamp shop that a test leads. ``ms`` of its methods are milliseconds of the call."""

    call: Call
    line: ScriptedLine
    clock: VirtualClock
    ears: Ears
    voice: Voice
    meaning: Meaning
    back_end: BackEnd
    store: WatchedStore
    recordings: SmallDisk
    folder: Path
    before: set[asyncio.Task[Any]] = field(default_factory=set)
    holding: asyncio.Task[None] | None = None

    async def ring(self) -> None:
        """The call is answered and greets."""
        self.before = asyncio.all_tasks()
        self.holding = asyncio.create_task(self.call.hold())
        await self._settle()

    async def wait(self, ms: int) -> None:
        for _ in range(ms // TICK_MS):
            await self.clock.advance(TICK_MS / 1000)
            self.line.tick()
            await self._settle()

    async def say(self, text: str, ms: int = 1000, *, pause_ms: int = 900, language: Language = EN) -> None:
        """The caller speaks for ``ms`` and is quiet for ``pause_ms``."""
        self.line.utter(self.ears.height_of(text, language), ms)
        await self.wait(ms + pause_ms)

    async def press(self, keys: str, every_ms: int = 200) -> None:
        for key in keys:
            self.line.press(key)
            await self.wait(every_ms)

    async def quiet(self, limit_ms: int = 30_000) -> None:
        """Wait until the bot has said everything it has to say: nothing left the line for a fifth of a second."""
        await self.wait(200)
        await self.until(lambda: self.line.ended is not None or self._nothing_heard(), limit_ms)

    def _nothing_heard(self) -> bool:
        return not any(part.any() for part in self.line.heard[-10:])

    async def until(self, reached: Callable[[], bool], limit_ms: int = 30_000) -> None:
        for _ in range(limit_ms // TICK_MS):
            if reached():
                return
            await self.wait(TICK_MS)
        raise AssertionError(f"not within {limit_ms} ms")

    async def hang_up(self) -> None:
        self.line.end()
        await self.over(2000)

    async def drop(self) -> None:
        """Let go of a call that a failing test has left behind."""
        if self.holding is not None and not self.holding.done():
            self.line.end()
            await self.wait(1000)
            self.holding.cancel()
            await asyncio.gather(self.holding, return_exceptions=True)

    async def over(self, limit_ms: int = 60_000) -> None:
        """Wait until the call is over, and see that nothing of it is left. Raises what :meth:`Call.hold` raises."""
        assert self.holding is not None
        await self.until(self.holding.done, limit_ms)
        await self._settle()
        left = asyncio.all_tasks() - self.before - {self.holding}
        assert not left, left
        assert self.meaning.pinned == 0
        self.holding.result()

    async def log(self) -> list[Event]:
        return [recorded.event for recorded in await self.store.events(self.call.conversation)]

    async def logged(self, kind: type[_Event]) -> list[_Event]:
        return [event for event in await self.log() if isinstance(event, kind)]

    async def said(self) -> list[str]:
        return [event.response for event in await self.logged(Said)]

    async def heard(self) -> list[str]:
        return [event.text for event in await self.logged(Heard)]

    async def played(self) -> list[tuple[str, bool]]:
        """Response and completeness of what the caller got, in order."""
        names = {event.utterance: event.response for event in await self.logged(Said)}
        return [(names[event.utterance], event.complete) for event in await self.logged(Played)]

    def got_ms(self, prompt: int) -> int:
        """How much of prompt number ``prompt`` (from 1, in the order of speaking) has left the line."""
        return self.line.got[prompt] * 1000 // RATE

    async def _settle(self) -> None:
        """Let everything run that can run now, and wait for the store."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0)
            if loop._ready:  # type: ignore[attr-defined]
                continue
            if not self.store.busy:
                return
            self.store.moved.clear()
            await self.store.moved.wait()


def phone_call(
    store: SqlStore,
    folder: Path,
    known: Mapping[str, Mapping[str, Any]],
    *,
    caller: str | None = None,
    language: Language = EN,
    answers: bool = True,
) -> PhoneCall:
    """A call that rings. Recordings go to ``folder``."""
    asyncio.get_running_loop().set_default_executor(AtOnce())
    clock, back_end = VirtualClock(), BackEnd()
    watched = WatchedStore(store, clock)
    ears, voice, meaning, line = Ears(clock), Voice(), Meaning(known), ScriptedLine(caller, answers=answers)
    recordings = SmallDisk(folder)
    tenant = TenantId("lamps")
    services = Services(
        store=cast(Store, watched),
        understander=meaning,
        dialogues={tenant: Dialogue(lamps(), plain, lambda: date(2026, 11, 18))},
        languages={tenant: (EN, JA)},
        actions=back_end,
        screen=screen(),
        redact=redact,
        clock=clock,
        telemetry=Telemetry(),
    )
    parts = VoiceServices(services, ears, voice, cast(SpeechDetector, LoudnessDetector()), recordings)
    call = Call(parts, line, tenant, language)
    return PhoneCall(call, line, clock, ears, voice, meaning, back_end, watched, recordings, folder)
