"""Whatever a caller does, and however slow or broken our parts are, a caller who falls silent is not kept for ever."""

from __future__ import annotations

import random

import pytest

from tests.unit.conversation.calls import PhoneCall
from tests.unit.conversation.conftest import KNOWN, Ring
from voicebot.domain import EN, JA, Ended, Played, Said
from voicebot.errors import SpeechError

SENTENCES = [*KNOWN, "", "", "uh-huh", "うん", "there is smoke coming out of it", "what is this", "no"]
LONGEST_SILENCE_MS = 12_500


async def one_deed(call: PhoneCall, dice: random.Random) -> None:
    match dice.randrange(10):
        case 0 | 1:
            await call.press(dice.choice(["1", "2", "12", "1234#", "4111111111111111#", "0", "#"]), every_ms=100)
        case 2:
            await call.quiet()
        case 3:
            await call.wait(dice.randrange(0, 4000))
        case _:
            text = dice.choice(SENTENCES)
            length_ms, pause_ms = dice.randrange(80, 2500), dice.randrange(40, 2500)
            await call.say(text, length_ms, pause_ms=pause_ms, language=dice.choice([EN, EN, JA]))


@pytest.mark.parametrize("seed", range(12))
async def test_a_call_goes_on_or_ends_whatever_happens(ring: Ring, seed: int) -> None:
    dice = random.Random(seed)

    def prepare(call: PhoneCall) -> None:
        call.ears.takes_s = lambda final: dice.choice([0.0, 0.1, 0.4, 1.5])
        call.ears.breaks = lambda final: SpeechError("no worker") if dice.random() < 0.1 else None
        call.voice.breaks = lambda text: SpeechError("no voice") if dice.random() < 0.1 else None
        call.voice.ms = dice.choice([200, 1000, 2500])

    call = await ring(quiet=False, prepare=prepare)
    for _ in range(12):
        if call.line.ended is None:
            await one_deed(call, dice)
    silent_ms = 0
    for _ in range(8000):
        if call.line.ended is not None:
            break
        await call.wait(20)
        silent_ms = 0 if call.line.heard[-1].any() else silent_ms + 20
        assert silent_ms <= 4 * LONGEST_SILENCE_MS
    await call.over()
    log = await call.log()
    assert [type(event) for event in log].count(Ended) == 1 and isinstance(log[-1], Ended)
    said = {event.utterance: event.text for event in log if isinstance(event, Said)}
    for event in log:
        if isinstance(event, Played):
            assert said[event.utterance].startswith(event.text)
            assert event.complete == (event.text == said[event.utterance]) or event.played_ms > 0
    assert sum(event.played_ms for event in log if isinstance(event, Played)) == call.line.played_samples // 8
