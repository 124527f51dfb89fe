"""The safety screen on finer lines, on the whole training data, and on text nobody would write."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from voicebot.domain import EN, JA, Language
from voicebot.nlu.data import Example, read_tenant
from voicebot.nlu.safety import SafetyScreen

ROOT = Path(__file__).parents[2]
SCREEN = SafetyScreen.load(ROOT / "nlu_data" / "core" / "safety.yml")
LINES = YAML(typ="safe").load((Path(__file__).parent / "safety_calls.yml").read_text(encoding="utf-8"))
CERTAIN = [
    (language, hazard, line)
    for language in LINES
    for hazard, lines in LINES[language]["certain"].items()
    for line in lines
]
EMERGENCY = "emergency_safety"
HEARD_OF_TRAINING_LINES = 0.97
"""Share of the emergency training lines that are certain; the rest are a bare cry for help, which is asked about."""


def lines(kind: str) -> list[tuple[str, str]]:
    return [(language, line) for language in LINES for line in LINES[language][kind]]


def examples(*, held_out: bool) -> list[Example]:
    found = [
        example
        for tenant in ("shop", "telecom")
        for example in read_tenant(ROOT / "nlu_data", tenant, held_out=held_out).examples
    ]
    return list({(example.text, example.intent): example for example in found}.values())


@pytest.mark.parametrize(("language", "hazard", "line"), CERTAIN)
def test_danger_starts_its_own_script(language: str, hazard: str, line: str) -> None:
    hit = SCREEN.screen(line, Language(language))
    assert hit is not None
    assert (hit.certain, hit.hazard.value) == (True, hazard)


@pytest.mark.parametrize(("language", "line"), lines("danger"))
def test_danger_is_certain(language: str, line: str) -> None:
    hit = SCREEN.screen(line, Language(language))
    assert hit is not None
    assert hit.certain


@pytest.mark.parametrize(("language", "line"), lines("ask"))
def test_doubt_is_asked_about(language: str, line: str) -> None:
    hit = SCREEN.screen(line, Language(language))
    assert hit is not None
    assert not hit.certain


@pytest.mark.parametrize(("language", "line"), lines("quiet"))
def test_everyday_speech_is_let_be(language: str, line: str) -> None:
    assert SCREEN.screen(line, Language(language)) is None


@pytest.mark.parametrize(("language", "line"), lines("calm") + lines("calm_too"))
def test_no_script_without_danger(language: str, line: str) -> None:
    hit = SCREEN.screen(line, Language(language))
    assert hit is None or not hit.certain


def test_every_language_has_lines_both_ways() -> None:
    for language in ("ja", "en"):
        given = LINES[language]
        assert sum(map(len, given["certain"].values())) >= 60
        assert len(given["quiet"]) >= 80


@pytest.mark.parametrize("held_out", [False, True], ids=["training", "held out"])
def test_other_intents_never_start_the_script(held_out: bool) -> None:
    others = [example for example in examples(held_out=held_out) if example.intent != EMERGENCY]
    assert len(others) > 900
    hits = [(example.text, SCREEN.screen(example.text, example.language)) for example in others]
    assert [text for text, hit in hits if hit is not None and hit.certain] == []
    assert sum(hit is not None for _, hit in hits) <= 5


@pytest.mark.parametrize("held_out", [False, True], ids=["training", "held out"])
def test_emergency_lines_start_the_script(held_out: bool) -> None:
    emergencies = [example for example in examples(held_out=held_out) if example.intent == EMERGENCY]
    hits = [SCREEN.screen(example.text, example.language) for example in emergencies]
    assert all(hits)
    assert sum(hit is not None and hit.certain for hit in hits) >= HEARD_OF_TRAINING_LINES * len(emergencies)


def wide(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


def katakana(text: str) -> str:
    return "".join(chr(ord(each) + 0x60) if "ぁ" <= each <= "ゖ" else each for each in text)


WORDS = st.sampled_from(
    [
        "煙",
        "けむり",
        "が",
        "出て",
        "ません",
        "火",
        "ない",
        "smoke",
        "no",
        "it's",
        "on fire",
        "やけど",
        "、",
        "。",
        ".",
        "not",
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(WORDS, max_size=12), st.sampled_from([" ", ""]))
def test_case_width_and_kana_change_nothing(words: list[str], between: str) -> None:
    text = between.join(words)
    hit = SCREEN.screen(text, JA)
    for written in (text.upper(), wide(text), katakana(text)):
        other = SCREEN.screen(written, EN)
        assert (hit and (hit.hazard, hit.certain)) == (other and (other.hazard, other.certain))


@pytest.mark.parametrize(
    "filling", ["あいうえお", "no ", "the ", "煙は出ていません。", "is ", "a", "swallowed my sock. ", "ー", " "]
)
def test_danger_at_the_end_of_a_very_long_text_is_heard(filling: str) -> None:
    text = filling * (50_000 // len(filling))
    assert SCREEN.screen(text, JA) is None
    hit = SCREEN.screen(f"{text}. it is on fire", JA)
    assert hit is not None
    assert hit.certain
