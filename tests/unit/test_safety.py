from __future__ import annotations

import gc
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.domain import EN, JA, Hazard
from voicebot.errors import ContentError
from voicebot.nlu.safety import SafetyScreen

ROOT = Path(__file__).parents[2]
RULES = ROOT / "nlu_data" / "core" / "safety.yml"
SCREEN = SafetyScreen.load(RULES)
LINES = yaml.safe_load((Path(__file__).parent / "safety_lines.yml").read_text(encoding="utf-8"))
LANGUAGES = {"ja": JA, "en": EN}
DANGERS = [
    (language, hazard, line) for language in LANGUAGES for hazard, lines in LINES[language].items() for line in lines
]
HARMLESS = [(language, line) for language in LANGUAGES for line in LINES[f"{language}_harmless"]]
DOUBTFUL = [(language, line) for language in LANGUAGES for line in LINES[f"{language}_ask"]]


@pytest.mark.parametrize(("language", "hazard", "line"), DANGERS)
def test_danger_is_heard(language: str, hazard: str, line: str) -> None:
    hit = SCREEN.screen(line, LANGUAGES[language])
    assert hit is not None
    assert hit.certain
    assert hit.phrase in line
    if hazard == "self_harm":
        assert hit.hazard is Hazard.SELF_HARM
    else:
        assert hit.hazard is not Hazard.SELF_HARM


@pytest.mark.parametrize(("language", "line"), HARMLESS)
def test_everyday_words_are_left_alone(language: str, line: str) -> None:
    assert SCREEN.screen(line, LANGUAGES[language]) is None


@pytest.mark.parametrize(("language", "line"), DOUBTFUL)
def test_doubt_asks_one_question(language: str, line: str) -> None:
    hit = SCREEN.screen(line, LANGUAGES[language])
    assert hit is not None
    assert not hit.certain


def test_there_are_enough_lines() -> None:
    for language in LANGUAGES:
        assert sum(len(lines) for lines in LINES[language].values()) >= 60
        assert len(LINES[f"{language}_harmless"]) >= 80


@pytest.mark.parametrize(("language", "hazard", "line"), DANGERS)
def test_both_languages_are_always_heard(language: str, hazard: str, line: str) -> None:
    other = EN if language == "ja" else JA
    assert SCREEN.screen(line, other) == SCREEN.screen(line, LANGUAGES[language])


@pytest.mark.parametrize(
    ("line", "hazard"),
    [
        ("ガス臭いです", Hazard.GAS_CO),
        ("電池を飲み込んだ", Hazard.INGESTION),
        ("手をやけどした", Hazard.INJURY),
        ("加湿器から煙", Hazard.FIRE_ELECTRIC),
        ("知らない男が家に", Hazard.CRIME),
        ("I can smell gas", Hazard.GAS_CO),
        ("he swallowed a battery", Hazard.INGESTION),
        ("it burned my hand", Hazard.INJURY),
        ("being followed", Hazard.CRIME),
        ("煙が出てて、もう死にたい", Hazard.SELF_HARM),
    ],
)
def test_the_kind_of_danger(line: str, hazard: Hazard) -> None:
    hit = SCREEN.screen(line, JA)
    assert hit is not None
    assert hit.hazard is hazard


@pytest.mark.parametrize(
    "line",
    [
        "加湿器から煙が",
        "あの、けむりが",
        "there's sm... smoke",
        "um the charger's melting and",
        "ガスくさ",
        "ﾊﾞｯﾃﾘｰが爆発",
        "SMOKE EVERYWHERE",
        "煙　が　出て",
    ],
)
def test_half_heard_and_oddly_written(line: str) -> None:
    hit = SCREEN.screen(line, JA)
    assert hit is not None
    assert hit.certain


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_screened(text: str) -> None:
    hit = SCREEN.screen(text, JA)
    assert hit is None or hit.phrase in text


@pytest.mark.parametrize(
    "piece", ["煙は出ていません。", "no smoke ", "ご飯が", "請求が", "a ", "あ", "swallowed ", "not "]
)
def test_long_text_is_screened_in_linear_time(piece: str) -> None:
    def cost(length: int) -> float:
        text = (piece * length)[:length]
        best = 9.0
        gc.disable()
        try:
            for _ in range(3):
                begun = time.process_time()
                SCREEN.screen(text, JA)
                best = min(best, time.process_time() - begun)
        finally:
            gc.enable()
        return best

    cost(100)
    assert cost(3600) < 10 * cost(900) + 0.05


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  fire_electric:", "  fire_electrics:", "unknown hazard"),
        ("'smo(?:k(?:e|", "'smo((?:k(?:e|", "regular expression"),
        ("'smo(?:k(?:e|", "'smo.*(?:k(?:e|", "repeats without end"),
        ("harmless:", "harmles:", "section is missing"),
        ("unlikely:", "unlikely: [", "not valid YAML"),
    ],
)
def test_a_broken_file_names_line_and_mend(tmp_path: Path, old: str, new: str, words: str) -> None:
    content = RULES.read_text(encoding="utf-8")
    assert old in content
    path = tmp_path / "safety.yml"
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=words) as caught:
        SafetyScreen.load(path)
    assert caught.value.line is not None
    assert caught.value.mend
