from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from voicebot.audio import Pcm, active_dbfs, tone
from voicebot.domain import EN, JA, Language
from voicebot.errors import ModelError, SpeechError
from voicebot.speech import PromptCache, Rendered, Synthesizer, Voice


class Singer:
    """A voice that sings one note per text and remembers what it was asked."""

    def __init__(self, name: str = "singer-1", hz: float = 300.0) -> None:
        self.name = name
        self.hz = hz
        self.sung: list[tuple[str, float, bool]] = []
        self.broken_on: str | None = None
        self.second = asyncio.Event()

    async def synthesize(self, text: str, language: Language, pace: float = 1.0, *, ahead: bool = False) -> Pcm:
        self.sung.append((text, pace, ahead))
        if len(self.sung) == 2:
            self.second.set()
        await asyncio.sleep(0)
        if text == self.broken_on:
            raise SpeechError("no voice today")
        return tone((self.hz,), 200.0, 22050, -35.0)


class Studio:
    """A voice for rendering ahead that counts how often it was opened and closed."""

    def __init__(self, singer: Singer, *, missing: bool = False) -> None:
        self.name = singer.name
        self.singer = singer
        self.missing = missing
        self.opened = self.closed = 0

    async def open(self) -> Synthesizer:
        self.opened += 1
        if self.missing:
            raise ModelError("not installed")
        return self.singer

    async def close(self) -> None:
        self.closed += 1


async def chunks(
    voice: Voice, text: str, language: Language = EN, *, fixed: bool = False, pace: float = 1.0
) -> list[Pcm]:
    return [part async for part in voice.speak(text, language, fixed=fixed, pace=pace)]


async def test_sentences_come_one_by_one_at_the_lines_rate_and_level(tmp_path: Path) -> None:
    singer = Singer()
    parts = await chunks(Voice({EN: singer}, PromptCache(tmp_path)), "One. Two. Three.")
    assert [text for text, _, _ in singer.sung] == ["One.", "Two.", "Three."]
    assert [part.rate for part in parts] == [8000] * 3
    assert [round(part.ms / 10) * 10 for part in parts] == [480, 480, 200]
    assert all(active_dbfs(part) == pytest.approx(-20.0, abs=1.0) for part in parts)


async def test_the_next_sentence_is_made_while_the_last_one_plays(tmp_path: Path) -> None:
    singer = Singer()
    speaking = Voice({EN: singer}, PromptCache(tmp_path)).speak("One. Two. Three.", EN, fixed=False)
    await anext(speaking)
    await singer.second.wait()
    assert [text for text, _, _ in singer.sung] == ["One.", "Two."]
    await speaking.aclose()
    assert [text for text, _, _ in singer.sung] == ["One.", "Two."]


async def test_fixed_prompts_are_made_once_and_customer_data_never_reaches_the_disk(tmp_path: Path) -> None:
    singer = Singer()
    voice = Voice({EN: singer}, PromptCache(tmp_path))
    await chunks(voice, "Hello.", fixed=True)
    await chunks(voice, "Hello.", fixed=True)
    assert len(singer.sung) == 1
    await chunks(voice, "Your number is 1111.", fixed=False)
    await chunks(voice, "Your number is 1111.", fixed=False)
    assert len(singer.sung) == 3
    assert len(list(tmp_path.rglob("*.wav"))) == 1
    await chunks(Voice({EN: Singer("singer-2")}, PromptCache(tmp_path)), "Hello.", fixed=True)
    assert len(list(tmp_path.rglob("*.wav"))) == 2


async def test_a_slow_pace_is_asked_for_and_a_little_louder(tmp_path: Path) -> None:
    singer = Singer()
    voice = Voice({EN: singer}, PromptCache(tmp_path))
    (slow,) = await chunks(voice, "Hello.", fixed=True, pace=0.8)
    (normal,) = await chunks(voice, "Hello.", fixed=True)
    assert [pace for _, pace, _ in singer.sung] == [0.8, 1.0]
    assert active_dbfs(slow) == pytest.approx((active_dbfs(normal) or 0) + 2.0, abs=0.7)


async def test_prompts_rendered_ahead_are_used_when_all_their_sentences_are_there(tmp_path: Path) -> None:
    live, better = Singer("live"), Studio(Singer("better", 500.0))
    voice = Voice({JA: live}, PromptCache(tmp_path), {JA: better})
    seen: list[tuple[int, int]] = []
    done = await voice.prerender(
        [("はい。承知しました。", JA), ("はい。", JA)], lambda made, of: seen.append((made, of))
    )
    assert done == Rendered(made=2, already=0, failed=0)
    assert seen[-1] == (2, 2)
    assert all(ahead for _, _, ahead in better.singer.sung)
    assert (better.opened, better.closed) == (1, 1)
    await chunks(voice, "はい。承知しました。", JA)
    assert live.sung == []
    await chunks(voice, "はい。火曜日です。", JA)
    assert [text for text, _, _ in live.sung] == ["はい。", "火曜日です。"]
    assert await voice.prerender([("はい。", JA)]) == Rendered(made=0, already=1, failed=0)
    assert better.opened == 1, "nothing to do starts no process"


async def test_rendering_ahead_stands_back_before_each_sentence(tmp_path: Path) -> None:
    better = Studio(Singer("better"))
    voice = Voice({JA: Singer()}, PromptCache(tmp_path), {JA: better})
    asked: list[int] = []

    async def idle() -> None:
        asked.append(len(better.singer.sung))

    await voice.prerender([("一。二。", JA)], idle=idle)
    assert asked == [0, 1]


async def test_rendering_ahead_survives_a_bad_sentence_and_a_missing_voice(tmp_path: Path) -> None:
    better = Studio(Singer("better"))
    better.singer.broken_on = "二。"
    voice = Voice({JA: Singer()}, PromptCache(tmp_path), {JA: better})
    assert await voice.prerender([("一。二。三。", JA)]) == Rendered(made=2, already=0, failed=1)
    gone = Studio(Singer("gone"), missing=True)
    voice = Voice({JA: Singer()}, PromptCache(tmp_path), {JA: gone})
    assert await voice.prerender([("一。", JA)]) == Rendered(made=0, already=0, failed=1)
    assert gone.closed == 1


async def test_without_a_better_voice_the_live_one_renders_ahead(tmp_path: Path) -> None:
    singer = Singer()
    voice = Voice({EN: singer}, PromptCache(tmp_path))
    assert await voice.prerender([("Hello.", EN)]) == Rendered(made=1, already=0, failed=0)
    await chunks(voice, "Hello.")
    assert len(singer.sung) == 1


async def test_a_language_without_a_voice_and_a_broken_voice_are_errors(tmp_path: Path) -> None:
    singer = Singer()
    singer.broken_on = "Two."
    voice = Voice({EN: singer}, PromptCache(tmp_path))
    with pytest.raises(SpeechError, match="no voice for the language ja"):
        await chunks(voice, "はい。", JA)
    with pytest.raises(SpeechError, match="no voice today"):
        await chunks(voice, "One. Two. Three.")
    assert await chunks(voice, "…") == []
