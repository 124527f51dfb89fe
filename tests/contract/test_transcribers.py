"""What every Transcriber must do; run against the packaged recogniser and against a server reached over HTTP."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.phone.voices import english, japanese
from tests.support.speech_server import KEY, served, speech_app
from voicebot.audio import Pcm, comfort_noise, concat, hold_tone, through_phone
from voicebot.domain import EN, JA
from voicebot.errors import SpeechError
from voicebot.speech import (
    Registry,
    RemoteTranscriber,
    SpeechService,
    Transcriber,
    WhisperTranscriber,
)
from voicebot.speech.whisper import CROWD

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Ears:
    service: SpeechService
    adapters: dict[str, Transcriber]
    english: Pcm
    japanese: Pcm


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ears(speech: SpeechService) -> AsyncIterator[Ears]:
    said_english, said_japanese = english("I want to cancel my order."), japanese("料金を教えてください。")
    async with served(speech_app(speech.transcriber, {})) as url:
        remote = RemoteTranscriber(url, "whisper-base", key=KEY, timeout_s=60.0)
        yield Ears(speech, {"whisper": speech.transcriber, "remote": remote}, said_english, said_japanese)
        await remote.close()


adapter = pytest.mark.parametrize("name", ["whisper", "remote"])


@adapter
async def test_it_hears_english_and_japanese_over_the_phone(ears: Ears, name: str) -> None:
    english = await ears.adapters[name].transcribe(through_phone(ears.english), language=EN)
    assert "cancel my order" in english.text.casefold()
    japanese = await ears.adapters[name].transcribe(through_phone(ears.japanese), language=JA)
    assert "教えて" in japanese.text
    assert (english.language, japanese.language) == (EN, JA)
    assert english.audio_ms == pytest.approx(ears.english.ms, abs=1.0)
    assert english.decode_ms > 0
    assert -1.0 < english.avg_logprob <= 0.0


@adapter
async def test_it_tells_the_languages_apart(ears: Ears, name: str) -> None:
    heard = [await ears.adapters[name].transcribe(sound, language=None) for sound in (ears.english, ears.japanese)]
    assert [transcript.language for transcript in heard] == [EN, JA]
    assert "cancel" in heard[0].text.casefold()
    assert "教えて" in heard[1].text


@adapter
@pytest.mark.parametrize("kind", ["nothing", "silence", "white noise", "loud noise", "hold tone", "click"])
@pytest.mark.parametrize("language", [EN, JA])
async def test_what_is_not_speech_gives_no_text(ears: Ears, name: str, kind: str, language: str) -> None:
    click = Pcm.silence(1000, 8000).samples.copy()
    click[4000:4080] = 20000
    sound = {
        "nothing": Pcm.silence(0, 8000),
        "silence": Pcm.silence(2000, 8000),
        "white noise": comfort_noise(2500, 8000, -45.0),
        "loud noise": comfort_noise(2500, 8000, -20.0),
        "hold tone": hold_tone(8000),
        "click": Pcm(click, 8000),
    }[kind]
    heard = await ears.adapters[name].transcribe(sound, language=EN if language == EN else JA, digits=kind == "click")
    assert heard.text == ""


@adapter
async def test_silence_around_the_words_does_not_matter(ears: Ears, name: str) -> None:
    quiet = comfort_noise(1500, 16000, -60.0)
    heard = await ears.adapters[name].transcribe(concat([quiet, ears.english, quiet]), language=EN)
    assert "cancel my order" in heard.text.casefold()


@adapter
async def test_calls_at_the_same_time_do_not_mix(ears: Ears, name: str) -> None:
    heard = await asyncio.gather(
        *(
            ears.adapters[name].transcribe(sound, language=language)
            for sound, language in [(ears.english, EN), (ears.japanese, JA)] * 2
        )
    )
    for transcript in heard:
        assert ("cancel" if transcript.language == EN else "教えて") in transcript.text.casefold()


async def test_a_rough_text_is_there_too(ears: Ears) -> None:
    heard = await ears.service.transcriber.transcribe(ears.english, language=EN, partial=True, final=False)
    assert "cancel" in heard.text.casefold()


async def test_other_readings_are_kept_and_differ(ears: Ears) -> None:
    number = await ears.service.voice.say("さん、ゼロゼロ、いちいち、はちなな。", JA, fixed=False, rate=16000)
    sound = through_phone(number)
    heard = await ears.service.transcriber.transcribe(sound, language=JA, digits=True)
    assert heard.text
    assert heard.alternatives
    assert len({heard.text, *heard.alternatives}) == 1 + len(heard.alternatives)


async def test_a_killed_recogniser_is_back_for_the_next_call(ears: Ears) -> None:
    transcriber = ears.service.transcriber
    assert isinstance(transcriber, WhisperTranscriber)
    (pid,) = transcriber.pool.health.pids
    os.kill(pid, signal.SIGKILL)
    results = await asyncio.gather(transcriber.transcribe(ears.english, language=EN), return_exceptions=True)
    heard = await transcriber.transcribe(ears.english, language=EN)
    assert "cancel" in heard.text.casefold()
    assert len(results) == 1
    assert ears.service.health.ready
    assert transcriber.pool.health.restarts >= 1


async def test_it_is_ready_again_from_the_same_cache(ears: Ears, tmp_path: Path) -> None:
    registry = Registry(ears.service.settings.cache_dir / "models")
    joined = registry.resolve("whisper-base") / "model.bin"
    before = joined.stat().st_mtime_ns
    assert registry.resolve("whisper-base") / "model.bin" == joined
    assert joined.stat().st_mtime_ns == before


async def test_a_crowd_is_served_turn_by_turn_and_nothing_ahead_of_its_turn() -> None:
    class Crowd:
        def __init__(self, queued: int) -> None:
            self.queued, self.headers = queued, []

        @property
        def health(self) -> Crowd:
            return self

        async def call(self, header, payload, *, slack_s):
            self.headers.append(header)
            reply = {"text": "yes", "language": "en", "language_confidence": 1.0, "no_speech": 0.0}
            return reply | {"avg_logprob": -0.1, "others": []}, b""

    full, calm = Crowd(CROWD), Crowd(CROWD - 1)
    sound = Pcm.silence(500, 8000)
    with pytest.raises(SpeechError, match="busy"):
        await WhisperTranscriber(full).transcribe(sound, language=EN, final=False)
    await WhisperTranscriber(full).transcribe(sound, language=EN)
    await WhisperTranscriber(calm).transcribe(sound, language=EN, final=False)
    assert [header["hurried"] for header in (*full.headers, *calm.headers)] == [True, False]
