from __future__ import annotations

import pytest

from voicebot.domain import EN, JA, Language
from voicebot.turns import is_backchannel


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("うん。", JA),
        ("はい、はい。", JA),
        ("ええ", JA),
        ("あー、なるほど。", JA),
        ("へぇー", JA),
        ("そうですね", JA),
        ("Uh-huh.", EN),
        ("mm-hmm", EN),
        ("Right, right.", EN),
        ("Okay.", EN),
        ("I see.", EN),
        ("Yeah yeah yeah", EN),
        ("", EN),
        ("…", JA),
    ],
)
def test_the_floor_stays_with_the_bot(text: str, language: Language) -> None:
    assert is_backchannel(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ちょっと待って", JA),
        ("いいえ", JA),
        ("違います", JA),
        ("はい、でも違う番号です", JA),
        ("キャンセルして", JA),
        ("no", EN),
        ("stop", EN),
        ("wait", EN),
        ("okay but that's not my order", EN),
        ("right away please I need a person", EN),
        ("yes yes yes yes yes", EN),
    ],
)
def test_the_caller_wants_the_floor(text: str, language: Language) -> None:
    assert not is_backchannel(text, language)


@pytest.mark.parametrize(("text", "language"), [("はい", JA), ("うん", JA), ("yes", EN), ("Uh-huh", EN), ("okay", EN)])
def test_agreement_answers_an_open_question(text: str, language: Language) -> None:
    assert is_backchannel(text, language)
    assert not is_backchannel(text, language, question_open=True)


@pytest.mark.parametrize(("text", "language"), [("なるほど", JA), ("へえ", JA), ("hmm", EN), ("oh, I see", EN)])
def test_listening_sounds_answer_nothing(text: str, language: Language) -> None:
    assert is_backchannel(text, language, question_open=True)


def test_an_unknown_language_never_swallows_words() -> None:
    assert not is_backchannel("oui", Language("fr"))
