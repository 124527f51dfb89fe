"""What every Synthesizer must do; run against the packaged voices and against a server reached over HTTP."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import pytest
import pytest_asyncio

from tests.support.speech_server import KEY, served, speech_app
from voicebot.audio import through_phone
from voicebot.domain import EN, JA, Language
from voicebot.errors import SpeechError
from voicebot.speech import RemoteSynthesizer, SpeechService, Synthesizer
from voicebot.speech.service import WorkerRenderer
from voicebot.speech.synthesis import WorkerSynthesizer

pytestmark = pytest.mark.asyncio(loop_scope="session")

SENTENCE = {EN: "It will arrive on Tuesday morning.", JA: "火曜日の午前中にお届けします。"}
KEYWORD = {EN: "tuesday", JA: "火曜日"}


@dataclass
class Mouths:
    service: SpeechService
    adapters: dict[str, tuple[Synthesizer, Language]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mouths(speech: SpeechService) -> AsyncIterator[Mouths]:
    kokoro = WorkerRenderer(speech.registry, "kokoro-ja", "jf_gongitsune", JA, nice=0)
    try:
        local = {
            "piper": (speech.live_voice(EN), EN),
            "openjtalk": (speech.live_voice(JA), JA),
            "kokoro": (await kokoro.open(), JA),
        }
        async with served(speech_app(speech.transcriber, local)) as url:
            remote = RemoteSynthesizer(url, "tts-1", "piper", key=KEY, timeout_s=60.0)
            yield Mouths(speech, {**local, "remote": (remote, EN)})
            await remote.close()
    finally:
        await kokoro.close()


adapter = pytest.mark.parametrize("name", ["piper", "openjtalk", "kokoro", "remote"])


@adapter
async def test_what_it_says_can_be_understood_over_the_phone(mouths: Mouths, name: str) -> None:
    voice, language = mouths.adapters[name]
    sound = await voice.synthesize(SENTENCE[language], language)
    assert 1000 < sound.ms < 8000
    assert sound.rate >= 16000
    assert max(sound.cut(0, 120).dbfs, sound.cut(sound.ms - 120).dbfs) > -50, "no silence around it"
    assert np.mean(np.abs(sound.samples.astype(int)) >= 32767) < 0.001, "no clipping"
    heard = await mouths.service.transcriber.transcribe(through_phone(sound), language=language)
    assert KEYWORD[language] in heard.text.casefold()


@adapter
async def test_a_slower_pace_takes_longer(mouths: Mouths, name: str) -> None:
    voice, language = mouths.adapters[name]
    normal = await voice.synthesize(KEYWORD[language], language)
    slow = await voice.synthesize(KEYWORD[language], language, 0.6)
    assert 1.2 < slow.ms / normal.ms < 2.1


@adapter
@pytest.mark.parametrize("nothing", ["", " ", "…。", "?!"])
async def test_nothing_to_say_is_an_error(mouths: Mouths, name: str, nothing: str) -> None:
    voice, language = mouths.adapters[name]
    with pytest.raises(SpeechError, match="nothing to say"):
        await voice.synthesize(nothing, language)


@adapter
async def test_its_name_is_fit_for_a_cache_key(mouths: Mouths, name: str) -> None:
    voice, _ = mouths.adapters[name]
    assert voice.name
    assert voice.name == mouths.adapters[name][0].name


@pytest.mark.parametrize("name", ["piper", "openjtalk"])
async def test_a_local_voice_refuses_another_language_and_an_impossible_pace(mouths: Mouths, name: str) -> None:
    voice, language = mouths.adapters[name]
    other = JA if language == EN else EN
    with pytest.raises(SpeechError, match="does not speak"):
        await voice.synthesize(SENTENCE[other], other)
    with pytest.raises(SpeechError, match="pace"):
        await voice.synthesize(SENTENCE[language], language, 9.0)


@pytest.mark.parametrize("name", ["piper", "openjtalk"])
async def test_a_killed_voice_is_back_for_the_next_prompt(mouths: Mouths, name: str) -> None:
    voice, language = mouths.adapters[name]
    assert isinstance(voice, WorkerSynthesizer)
    (pid,) = voice.pool.health.pids
    os.kill(pid, signal.SIGKILL)
    await asyncio.gather(voice.synthesize(SENTENCE[language], language), return_exceptions=True)
    assert (await voice.synthesize(SENTENCE[language], language)).ms > 1000


async def test_voices_that_live_in_other_processes_use_their_own_memory(mouths: Mouths) -> None:
    pids = {pid for pool in mouths.service.health.pools for pid in pool.pids}
    assert len(pids) == 3
    assert os.getpid() not in pids
