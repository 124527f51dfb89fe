"""From sound to words beside the sound."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.audio import Pcm, Samples, SpeechDetector
from voicebot.domain import EN, JA, Language
from voicebot.errors import SpeechError
from voicebot.media import RATE, Segmenter, SegmentSettings, Speech, Tap
from voicebot.speech import Transcript

FRAME = 320
LOUD = 8000


class Loudness:
    """Loud is speech."""

    frame_samples = 512

    def __init__(self) -> None:
        self._left = np.zeros(0, np.int16)

    def open(self, rate: int) -> Loudness:
        assert rate == RATE
        return Loudness()

    def reset(self) -> None:
        self._left = np.zeros(0, np.int16)

    def feed(self, samples: Samples) -> tuple[float, ...]:
        joined = np.concatenate([self._left, samples])
        whole = len(joined) // 512 * 512
        self._left = joined[whole:]
        return tuple(0.9 if abs(int(frame[256])) > LOUD / 2 else 0.02 for frame in joined[:whole].reshape(-1, 512))


@dataclass
class Ears:
    """Writes down the heights it was given."""

    asked: list[tuple[Pcm, Language | None, bool]] = field(default_factory=list)
    breaks: Callable[[int], bool] = lambda number: False
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def transcribe(self, audio: Pcm, *, language: Language | None, **asked: Any) -> Transcript:
        self.asked.append((audio, language, asked["switchable"]))
        number = len(self.asked)
        await self.gate.wait()
        if self.breaks(number):
            raise SpeechError("no ears")
        heights = sorted({int(sample) for sample in audio.samples if sample > LOUD})
        return Transcript(" ".join(map(str, heights)), language or EN, avg_logprob=-0.5)


@dataclass
class Tapped:
    ears: Ears
    tap: Tap
    words: list[tuple[str, Language, float, int, int]]
    lost: list[float]
    now_ms: int = 0

    def sound(self, height: int, ms: int) -> None:
        for _ in range(ms // 20):
            self.tap.feed(np.full(FRAME, height, np.int16), self.now_ms)
            self.now_ms += 20

    async def settle(self) -> None:
        for _ in range(200):
            await asyncio.sleep(0)

    async def say(self, height: int, ms: int = 1000, pause_ms: int = 800) -> None:
        """Fed as sound comes: no more at once than a few frames."""
        for spoken, length in ((height, ms), (0, pause_ms)):
            for _ in range(0, length, 200):
                self.sound(spoken, 200)
                await self.settle()


@pytest.fixture
async def tapped() -> AsyncIterator[Tapped]:
    ears, words, lost = Ears(), [], []
    ears.gate.set()

    async def on_words(*said: Any) -> None:
        words.append(said)

    async def on_lost(seconds: float, error: SpeechError) -> None:
        lost.append(seconds)

    tap = Tap(cast(SpeechDetector, Loudness()), ears, on_words, language=EN, on_lost=on_lost)
    made = Tapped(ears, tap, words, lost)
    yield made
    await tap.close()


async def test_each_utterance_is_written_with_its_times(tapped: Tapped) -> None:
    tapped.sound(0, 1000)
    await tapped.settle()
    await tapped.say(LOUD + 1)
    await tapped.say(LOUD + 2, 2000)
    assert [said[0] for said in tapped.words] == ["8001", "8002"]
    (_, language, confidence, started_ms, ended_ms), second = tapped.words
    assert language == EN
    assert confidence == pytest.approx(0.607, abs=0.001)
    assert started_ms == pytest.approx(1000, abs=32) and ended_ms == pytest.approx(2000, abs=32)
    assert second[3] == pytest.approx(2800, abs=32) and second[4] == pytest.approx(4800, abs=32)


async def test_a_pause_in_a_sentence_does_not_cut_it_and_a_knock_is_nothing(tapped: Tapped) -> None:
    await tapped.say(LOUD + 5, 200, 1000)
    tapped.words.clear()
    tapped.sound(LOUD + 9, 60)
    tapped.sound(0, 800)
    await tapped.settle()
    assert tapped.words == []
    await tapped.say(LOUD + 1, 1000, 400)
    await tapped.say(LOUD + 2, 1000, 800)
    assert [said[0] for said in tapped.words] == ["8001 8002"]


async def test_long_talk_is_cut_at_twenty_seconds_without_a_hole(tapped: Tapped) -> None:
    await tapped.say(LOUD + 1, 45_000)
    assert len(tapped.words) == 3
    assert all(audio.ms <= 21_000 for audio, *_ in tapped.ears.asked)
    spans = [(said[3], said[4]) for said in tapped.words]
    assert spans[0][1] == spans[1][0] and spans[1][1] == spans[2][0]
    assert spans[2][1] == pytest.approx(45_000, abs=40)


async def test_slow_ears_hold_nothing_up_and_lose_nothing(tapped: Tapped) -> None:
    tapped.ears.gate.clear()
    for number in range(5):
        await tapped.say(LOUD + 1 + number)
    assert tapped.words == [] and tapped.tap.waiting_s > 4
    tapped.ears.gate.set()
    await tapped.settle()
    assert len(tapped.words) == 5
    assert [said[3] for said in tapped.words] == sorted(said[3] for said in tapped.words)
    assert tapped.lost == []


async def test_a_minute_behind_the_oldest_is_given_up_and_told(tapped: Tapped) -> None:
    tapped.ears.gate.clear()
    for number in range(6):
        await tapped.say(LOUD + 1 + number, 15_000)
    assert tapped.tap.waiting_s <= 60
    tapped.ears.gate.set()
    await tapped.settle()
    assert len(tapped.lost) + len(tapped.words) == 6 and tapped.lost
    assert tapped.words[-1][0] == str(LOUD + 6)


async def test_ears_that_fail_are_asked_once_more_then_the_loss_is_told(tapped: Tapped) -> None:
    tapped.ears.breaks = lambda number: number in (1, 3, 4)
    await tapped.say(LOUD + 1)
    assert len(tapped.words) == 1
    await tapped.say(LOUD + 2)
    assert tapped.lost == [pytest.approx(1.0, abs=0.05)]
    await tapped.say(LOUD + 3)
    assert [said[0] for said in tapped.words] == ["8001", "8003"]


async def test_what_is_said_while_paused_or_begun_before_is_not_written(tapped: Tapped) -> None:
    tapped.sound(LOUD + 1, 1000)
    await tapped.settle()
    tapped.tap.pause(True)
    await tapped.say(LOUD + 2)
    tapped.tap.pause(False)
    await tapped.say(LOUD + 3)
    assert [said[0] for said in tapped.words] == ["8003"]
    assert all(LOUD + 1 not in audio.samples and LOUD + 2 not in audio.samples for audio, *_ in tapped.ears.asked)


async def test_a_cut_tells_before_and_after_apart(tapped: Tapped) -> None:
    tapped.sound(LOUD + 1, 1000)
    await tapped.settle()
    tapped.tap.cut()
    await tapped.say(LOUD + 2)
    assert [said[0] for said in tapped.words] == ["8001", "8002"]
    assert tapped.words[0][4] <= tapped.words[1][3]


async def test_the_last_words_are_written_when_it_ends(tapped: Tapped) -> None:
    tapped.sound(LOUD + 1, 1000)
    await tapped.settle()
    await tapped.tap.close(patience_s=5)
    assert [said[0] for said in tapped.words] == ["8001"]
    tapped.sound(LOUD + 2, 1000)
    await tapped.settle()
    assert len(tapped.words) == 1


async def test_the_language_can_change(tapped: Tapped) -> None:
    await tapped.say(LOUD + 1, 600)
    tapped.tap.language = JA
    await tapped.say(LOUD + 1, 3000)
    assert [(language, switchable) for _, language, switchable in tapped.ears.asked] == [(EN, True), (JA, True)]


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.4, 0.9]), st.integers(1, 40)), max_size=40))
def test_segments_are_in_order_and_bounded_whatever_comes(runs: list[tuple[float, int]]) -> None:
    segmenter = Segmenter(SegmentSettings(longest_ms=3000))
    at_ms, segments = 0.0, []
    for probability, frames in runs:
        for _ in range(frames):
            segment = segmenter.feed(np.zeros(512, np.int16), probability, at_ms)
            at_ms += 32
            if segment is not None:
                segments.append(segment)
    last = segmenter.cut()
    segments += [last] if last is not None else []
    for segment in segments:
        assert segment.started_ms < segment.ended_ms <= at_ms
        assert segment.ended_ms - segment.started_ms <= segment.sound_ms <= 3100
    assert all(one.ended_ms <= other.started_ms for one, other in itertools.pairwise(segments))


# --- before an utterance is over --------------------------------------------------------------------------------------


@dataclass
class Followed(Tapped):
    told: list[Speech] = field(default_factory=list)

    def said(self) -> list[str]:
        return [one.text for one in self.told if one.moment == "said"]

    def moments(self) -> list[str]:
        return [one.moment for one in self.told]


class CareEars(Ears):
    """Writes down how it was asked, too."""

    how: list[str]

    def __init__(self) -> None:
        super().__init__()
        self.how = []
        self.gate.set()

    async def transcribe(self, audio: Pcm, *, language: Language | None, **asked: Any) -> Transcript:
        self.how.append("rough" if asked["partial"] else "final" if asked["final"] else "ahead")
        return await super().transcribe(audio, language=language, **asked)


@pytest.fixture
async def followed() -> AsyncIterator[Followed]:
    ears = CareEars()
    words: list[Any] = []
    lost: list[float] = []
    told: list[Speech] = []

    async def on_words(*said: Any) -> None:
        words.append(said)

    async def on_lost(seconds: float, error: SpeechError) -> None:
        lost.append(seconds)

    async def on_speech(speech: Speech) -> None:
        told.append(speech)

    detector = cast(SpeechDetector, Loudness())
    tap = Tap(detector, ears, on_words, language=EN, on_lost=on_lost, on_speech=on_speech)
    yield Followed(ears, tap, words, lost, told=told)
    await tap.close()


def how(followed: Followed) -> list[str]:
    assert isinstance(followed.ears, CareEars)
    return followed.ears.how


async def test_words_decoded_in_the_pause_are_the_final_ones(followed: Followed) -> None:
    await followed.say(LOUD + 1, 600)
    assert how(followed) == ["ahead"]
    assert [said[0] for said in followed.words] == ["8001"] and followed.said() == ["8001"]
    began, said, ended = followed.told
    assert (began.moment, said.moment, ended.moment) == ("began", "said", "ended")
    assert began.started_ms == said.started_ms == ended.started_ms == followed.words[0][3]
    assert said.ended_ms == ended.ended_ms == followed.words[0][4]


async def test_whoever_goes_on_after_a_pause_is_decoded_again(followed: Followed) -> None:
    await followed.say(LOUD + 1, 600, 400)
    await followed.say(LOUD + 2, 600, 800)
    assert [one for one in how(followed) if one != "rough"] == ["ahead", "ahead"]
    assert [said[0] for said in followed.words] == ["8001 8002"]
    assert (followed.said()[0], followed.said()[-1]) == ("8001", "8001 8002")
    assert followed.moments().count("began") == followed.moments().count("ended") == 1


async def test_long_talk_is_shown_roughly_about_once_a_second(followed: Followed) -> None:
    for height in range(1, 7):
        await followed.say(LOUD + height, 1000, 0)
    await followed.say(0, 800, 0)
    rough = how(followed).count("rough")
    assert 4 <= rough <= 6 and how(followed)[-1] == "ahead" and "final" not in how(followed)
    assert followed.said()[0] == "8001" and followed.said()[-1] == followed.words[0][0]
    assert len(set(followed.said())) == len(followed.said())


async def test_slow_rough_texts_come_less_often(followed: Followed) -> None:
    real = followed.ears.transcribe

    async def slow(audio: Pcm, **asked: Any) -> Transcript:
        return dataclasses.replace(await real(audio, **asked), decode_ms=1500)

    followed.ears.transcribe = slow  # type: ignore[method-assign]
    await followed.say(LOUD + 1, 10_000, 0)
    assert 2 <= how(followed).count("rough") <= 3


async def test_a_recogniser_that_is_busy_decodes_at_the_end_only(followed: Followed) -> None:
    real = followed.ears.transcribe

    async def busy(audio: Pcm, **asked: Any) -> Transcript:
        if not asked["final"]:
            raise SpeechError("busy")
        return await real(audio, **asked)

    followed.ears.transcribe = busy  # type: ignore[method-assign]
    await followed.say(LOUD + 1, 3000)
    assert [said[0] for said in followed.words] == ["8001"] and how(followed) == ["final"]
    assert followed.said() == [] and followed.lost == []


async def test_a_pause_of_the_recording_takes_back_what_was_shown(followed: Followed) -> None:
    followed.ears.gate.clear()
    await followed.say(LOUD + 1, 2000, 0)
    assert how(followed) == ["rough"]
    followed.tap.pause(True)
    followed.ears.gate.set()
    await followed.settle()
    assert [one.text for one in followed.told if one.text] == []
    assert followed.moments()[-2:] == ["said", "ended"]
    await followed.say(LOUD + 2, 2000)
    followed.tap.pause(False)
    await followed.say(LOUD + 3, 600)
    assert [said[0] for said in followed.words] == ["8003"] and followed.said()[-1] == "8003"
    assert not any("8002" in one.text for one in followed.told)


async def test_noise_that_was_no_words_is_taken_back(followed: Followed) -> None:
    async def deaf(audio: Pcm, **asked: Any) -> Transcript:
        return Transcript("" if not asked["partial"] else "hm", EN)

    followed.ears.transcribe = deaf  # type: ignore[method-assign]
    await followed.say(LOUD + 1, 2000)
    assert followed.words == [] and followed.said() == ["hm", ""]


async def test_a_listener_that_fails_costs_no_words(followed: Followed) -> None:
    async def broken(speech: Speech) -> None:
        raise OSError("away")

    ahead = followed.tap._ahead
    assert ahead is not None
    ahead._on_speech = broken
    await followed.say(LOUD + 1)
    assert [said[0] for said in followed.words] == ["8001"]
