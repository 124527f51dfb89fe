"""Turns on the phone: greeting, barge-in, listening sounds, danger, decoding ahead, languages."""

from __future__ import annotations

import pytest

from tests.unit.conversation.calls import PhoneCall
from tests.unit.conversation.conftest import Ring
from tests.unit.conversation.scripted import TICK_MS, Decode
from voicebot.domain import (
    EN,
    JA,
    DangerSeen,
    Disposition,
    Ended,
    Faulted,
    Heard,
    Language,
    LanguageChanged,
    NoticeGiven,
    Played,
    Repaired,
    Said,
    Source,
    Understood,
)
from voicebot.errors import SpeechError

GREETING = ["utter_welcome", "utter_recording_notice", "utter_ask_need"]


async def at_gift(ring: Ring, language: Language) -> PhoneCall:
    """Up to the yes/no question whether to wrap it, which is just being asked."""
    call = await ring(language=language)
    await call.say("I want to buy bulbs")
    await call.quiet()
    await call.say("three", 600)
    await call.until(lambda: call.line.queued_samples > 0)
    return call


async def test_the_greeting_says_what_must_be_said_before_the_first_question(ring: Ring) -> None:
    call = await ring()
    log = await call.log()
    assert [event.notice for event in log if isinstance(event, NoticeGiven)] == ["ai", "recording"]
    assert await call.played() == [(response, True) for response in GREETING]
    said, played = await call.logged(Said), await call.logged(Played)
    assert [(event.utterance, event.text) for event in played] == [(event.utterance, event.text) for event in said]
    assert [event.played_ms for event in played] == [1000, 1000, 1000]
    assert [call.got_ms(prompt) for prompt in (1, 2, 3)] == [1000, 1000, 1000]
    first = [event.first_audio_ms for event in played]
    assert first == sorted(ms for ms in first if ms is not None)
    await call.hang_up()


async def test_a_turn_is_heard_understood_answered_and_played(ring: Ring) -> None:
    call = await ring()
    before = len(await call.log())
    await call.say("I want to buy bulbs", 1200)
    await call.quiet()
    log = (await call.log())[before:]
    kinds = [type(event) for event in log if isinstance(event, Heard | Understood | Said | Played)]
    assert kinds == [Heard, Understood, Said, Played]
    heard, understood = next(e for e in log if isinstance(e, Heard)), next(e for e in log if isinstance(e, Understood))
    assert (heard.text, heard.source, understood.intent) == ("I want to buy bulbs", Source.SPEECH, "lamp_buy")
    assert heard.utterance == understood.utterance
    assert abs((heard.ended_ms - heard.started_ms) - (1200 + 300)) <= 40
    assert (await call.played())[-1] == ("utter_ask_bulbs", True)
    await call.hang_up()


async def test_words_over_a_prompt_stop_it_and_what_waits_behind_it(ring: Ring) -> None:
    call = await ring(quiet=False)
    await call.wait(500)
    await call.say("I want to buy bulbs")
    await call.quiet()
    said, played = await call.logged(Said), await call.logged(Played)
    cut = played[0]
    assert said[0].text.startswith(cut.text) and 0 < len(cut.text) < len(said[0].text)
    assert not cut.complete
    assert cut.played_ms == call.got_ms(1)
    assert 500 + 260 <= cut.played_ms <= 500 + 260 + 3 * TICK_MS
    assert [call.got_ms(prompt) for prompt in (2, 3, 4)] == [0, 0, 1000]
    assert await call.played() == [("utter_welcome", False), ("utter_ask_bulbs", True)]
    await call.hang_up()


async def test_a_listening_sound_leaves_the_prompt_alone(ring: Ring) -> None:
    for language, sound in ((JA, "うん"), (EN, "uh-huh")):
        call = await ring(quiet=False, language=language)
        await call.wait(200)
        await call.say(sound, 500, language=language)
        assert call.ears.decodes
        await call.quiet()
        assert await call.played() == [(response, True) for response in GREETING]
        assert [call.got_ms(prompt) for prompt in (1, 2, 3)] == [1000, 1000, 1000]
        assert await call.heard() == []
        await call.hang_up()


async def test_a_cough_leaves_the_prompt_alone_and_is_not_even_decoded(ring: Ring) -> None:
    call = await ring(quiet=False)
    await call.wait(200)
    await call.say("", 280)
    await call.quiet()
    assert call.line.pauses == 1
    assert await call.played() == [(response, True) for response in GREETING]
    assert not call.ears.decodes and await call.heard() == []
    await call.hang_up()


async def test_yes_over_a_yes_no_question_is_its_answer(ring: Ring) -> None:
    for language, yes in ((JA, "はい"), (EN, "yes")):
        call = await at_gift(ring, language)
        await call.say(yes, 500)
        await call.quiet()
        assert (await call.logged(Understood))[-1].intent == "affirm"
        assert ("utter_ask_gift", False) in await call.played()
        assert ("utter_order_noted", True) in await call.played()
        await call.hang_up()


async def test_a_number_over_a_prompt_is_no_listening_sound(ring: Ring) -> None:
    call = await ring()
    await call.say("I want to buy bulbs")
    assert call.line.queued_samples > 0
    await call.say("300", 500)
    await call.quiet()
    assert await call.heard() == ["I want to buy bulbs", "300"]
    await call.hang_up()


@pytest.mark.parametrize("left_ms", range(200, 340, TICK_MS))
async def test_a_sound_at_the_very_end_of_a_prompt_does_not_silence_the_bot(ring: Ring, left_ms: int) -> None:
    call = await ring(quiet=False)
    await call.until(lambda: call.got_ms(3) > 0)
    await call.until(lambda: call.got_ms(3) >= 1000 - left_ms)
    await call.say("", 300)
    await call.wait(8000)
    await call.quiet()
    assert await call.played() == [(response, True) for response in (*GREETING, "utter_no_input_1")]
    await call.hang_up()


async def test_the_last_words_of_a_call_are_heard_out_whatever_the_caller_says(ring: Ring) -> None:
    call = await ring()
    await call.say("goodbye")
    await call.until(lambda: call.line.queued_samples > 0)
    await call.say("thank you so much for all of this", 1500)
    await call.over()
    assert (await call.played())[-1] == ("utter_goodbye", True)
    assert isinstance((await call.log())[-1], Ended)


async def test_danger_stops_the_prompt_at_once_and_is_handled_once(ring: Ring) -> None:
    call = await ring(quiet=False)
    await call.wait(300)
    await call.say("there is smoke coming out of it", 1500, pause_ms=300)
    cut_at = call.line.now_ms
    await call.wait(200)
    assert [event.hazard for event in await call.logged(DangerSeen)] == ["fire_electric"]
    assert (await call.played())[0] == ("utter_welcome", False)
    await call.say("and I do not know what to do", 2000)
    await call.over()
    danger = await call.logged(DangerSeen)
    assert len(danger) == 1 and danger[0].partial and danger[0].certain
    assert await call.heard() == ["there is smoke coming out of it"]
    assert (await call.said())[3:] == ["utter_emergency_product", "utter_emergency_people"]
    assert (await call.played())[1:] == [("utter_emergency_product", True), ("utter_emergency_people", True)]
    script = (await call.logged(Played))[1].first_audio_ms
    assert script is not None and script <= cut_at + 100
    assert (await call.logged(Ended)) == [Ended(disposition=Disposition.EMERGENCY, by="bot")]


async def test_danger_is_acted_upon_when_the_caller_hangs_up_with_it(ring: Ring) -> None:
    call = await ring()
    call.store.takes_s = 0.2
    await call.say("there is smoke coming out of it", 1500, pause_ms=240)
    assert await call.logged(DangerSeen) == []
    await call.hang_up()
    assert len(await call.logged(DangerSeen)) == 1
    assert (await call.logged(Ended))[0].disposition is Disposition.EMERGENCY


async def test_words_decoded_ahead_are_used_when_nothing_follows(ring: Ring) -> None:
    call = await ring()
    await call.say("I want to buy bulbs")
    assert call.ears.decodes == [Decode("I want to buy bulbs", EN, False, False, "")]
    assert await call.heard() == ["I want to buy bulbs"]
    await call.hang_up()


async def test_words_decoded_ahead_are_dropped_when_the_caller_goes_on(ring: Ring) -> None:
    call = await ring()
    call.ears.takes_s = lambda final: 0.5
    await call.say("I want", 600, pause_ms=300)
    await call.say("to buy bulbs", 600, pause_ms=1500)
    assert call.ears.cancelled == 1
    assert await call.heard() == ["I want to buy bulbs"]
    await call.hang_up()


async def test_each_turn_has_its_own_words_however_late_it_is_answered(ring: Ring) -> None:
    call = await ring()
    call.ears.takes_s = lambda final: 4.0
    await call.say("I want to buy bulbs")
    await call.say("three", pause_ms=9000)
    assert await call.heard() == ["I want to buy bulbs", "three"]
    await call.hang_up()


async def test_a_recogniser_that_fails_ahead_is_asked_once_more(ring: Ring) -> None:
    call = await ring()
    call.ears.breaks = lambda final: None if final else SpeechError("no worker")
    await call.say("I want to buy bulbs")
    await call.quiet()
    assert [decode.final for decode in call.ears.decodes] == [False, True]
    assert await call.heard() == ["I want to buy bulbs"]
    assert await call.logged(Faulted) == [Faulted(code="SpeechError", where="recogniser")]
    await call.hang_up()


async def test_a_recogniser_that_fails_is_a_repair_even_for_a_short_word(ring: Ring) -> None:
    call = await ring()
    call.ears.breaks = lambda final: SpeechError("no worker")
    await call.say("yes", 300)
    await call.quiet()
    assert [event.pattern for event in await call.logged(Repaired)] == ["no_match"]
    assert (await call.played())[-1] == ("utter_no_match_1", True)
    call.ears.breaks = lambda final: None
    await call.say("I want to buy bulbs")
    await call.quiet()
    assert (await call.played())[-1] == ("utter_ask_bulbs", True)
    await call.hang_up()


async def test_another_language_is_answered_in_it_and_expected_from_then_on(ring: Ring) -> None:
    call = await ring()
    await call.say("照明が壊れました", 1500, language=JA)
    await call.quiet(60_000)
    assert await call.logged(LanguageChanged) == [LanguageChanged(language=JA)]
    assert (await call.logged(Heard))[0].language == JA
    assert call.voice.spoken[-1] == ("どの照明でしょうか。", JA)
    await call.say("卓上の照明です", language=JA)
    await call.quiet()
    assert [decode.language for decode in call.ears.decodes] == [EN, JA]
    assert call.voice.spoken[-1][1] == JA
    await call.hang_up()
