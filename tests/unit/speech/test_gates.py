from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.gates import Decoding, GateSettings, doubtful, refused, too_much_text
from voicebot.speech.whisper_settings import WhisperSettings

GATE = GateSettings()


def decoded(
    text: str, *, logprob: float = -0.3, no_speech: float = 0.05, voiced_ms: float = 1000.0, ended: bool = True
) -> Decoding:
    return Decoding(text, logprob, no_speech, voiced_ms, ended)


@pytest.mark.parametrize(
    ("text", "voiced_ms"),
    [
        ("yes", 200.0),
        ("はい", 160.0),
        ("Agent.", 350.0),
        ("担当者", 500.0),
        ("A20481137", 3500.0),
        ("1111", 900.0),
        ("いちいちいちいち", 900.0),
        ("My internet has been down since this morning.", 2200.0),
        ("注文番号はエーの二〇四八の一一三七です", 3600.0),
        ("お願いします", 500.0),
    ],
)
def test_what_people_say_passes(text: str, voiced_ms: float) -> None:
    assert refused(decoded(text, voiced_ms=voiced_ms), GATE) == ""


@pytest.mark.parametrize(
    ("why", "decoding"),
    [
        ("no_words", decoded(" ... ")),
        ("no_words", decoded("")),
        ("no_voice", decoded("you", voiced_ms=32.0)),
        ("no_speech", decoded("you", no_speech=0.93)),
        ("no_speech", decoded("おはようございます。", no_speech=0.79, logprob=-0.9)),
        ("score", decoded("the hype of it", logprob=-1.9)),
        ("too_fast", decoded("I'm going to put the oil on the pan.", voiced_ms=300.0)),
        ("too_fast", decoded("ご視聴ありがとうございました", voiced_ms=300.0)),
        ("loop", decoded("no no no no no", ended=False)),
        ("loop", decoded("9571 1 7 " * 20, voiced_ms=9000.0)),
    ],
)
def test_what_does_not_fit_the_sound_is_refused(why: str, decoding: Decoding) -> None:
    assert refused(decoding, GATE) == why


def test_a_weak_or_looping_text_is_worth_a_second_try() -> None:
    assert doubtful(decoded("x", ended=False), GATE)
    assert doubtful(decoded("x", logprob=-1.2), GATE)
    assert not doubtful(decoded("x"), GATE)


@given(st.text(alphabet="abcdefgはいえうお日本語0123 ", max_size=60), st.floats(0, 20000), st.floats(0, 20000))
def test_more_time_never_makes_a_text_too_long(text: str, some_ms: float, more_ms: float) -> None:
    if too_much_text(text, some_ms + more_ms, GATE):
        assert too_much_text(text, some_ms, GATE)


def test_settings_survive_the_way_to_the_worker() -> None:
    settings = WhisperSettings(beams={"*": 2, "ja": 5}, prompts={"en": "x"}, gate=GateSettings(no_speech=0.5))
    assert WhisperSettings.from_config(settings.to_config()) == settings
    assert (settings.beam("ja", False), settings.beam("en", False), settings.beam("ja", True)) == (5, 2, 1)
