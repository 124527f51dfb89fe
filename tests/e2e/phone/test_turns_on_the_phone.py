"""Turn-taking over a real call: a recorded caller holds a dialogue, and cuts in."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import loud_ms, phone, until
from tests.e2e.phone.voices import english, japanese
from voicebot.audio import tone
from voicebot.turns import PausePlayback, ResumePlayback, SpeechDropped, TurnEnded


async def test_a_dialogue_in_two_voices(tmp_path: Path) -> None:
    bot = Bot("talk")
    lines = (english("Where is my order?"), japanese("注文した商品はいつ届きますか。"), english("Thank you."))
    async with serving(bot) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:shop-ja@127.0.0.1:{server.settings.port}")
        at_ms = 0.0
        for sound in lines:
            prompt = await caller.prompt(at_ms)
            assert 1350 < loud_ms(prompt) < 1650
            at_ms = caller.heard().ms
            await caller.say(sound)
        await caller.prompt(at_ms)
        ended = [action for action in bot.calls[0].actions if isinstance(action, TurnEnded)]
        assert len(ended) == 3
        assert not any(action.barge_in for action in ended)


async def test_cutting_in_holds_the_prompt_back_and_a_cough_does_not_end_it(tmp_path: Path) -> None:
    bot = Bot("talk")
    async with serving(bot) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:shop-ja@127.0.0.1:{server.settings.port}")
        await until(lambda: loud_ms(caller.heard()) > 300, "the prompt")
        await caller.say(tone((300.0, 900.0), 270, 8000))
        await until(lambda: any(isinstance(a, ResumePlayback) for a in bot.calls[0].actions), "the prompt to go on")
        kinds = [type(action) for action in bot.calls[0].actions]
        assert kinds[0] is PausePlayback and SpeechDropped in kinds
        await caller.prompt(0)
        assert bot.calls[0].played_samples == 12000
        assert loud_ms(caller.heard()) > 1350
