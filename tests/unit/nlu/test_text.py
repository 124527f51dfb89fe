import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain import EN, JA
from voicebot.nlu.text import MAX_CHARS, detect_language, normalise


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Um, I'd like, er, to RETURN it!", "i'd like to return it"),
        ("えーと、返品したいです。", "返品したいです"),
        ("あのー、荷物が", "荷物が"),
        ("あの商品を返したい", "あの商品を返したい"),
        ("uh huh", "uh huh"),
        ("ＡＢＣ１２３", "abc123"),
        ("the umbrella is her error", "the umbrella is her error"),
        ("えっと", "えっと"),
        ("。。。", ""),
    ],
)
def test_fillers_and_spelling(text: str, plain: str) -> None:
    assert normalise(text) == plain


@given(st.text(st.characters(), max_size=3000))
def test_any_text_is_survived(text: str) -> None:
    plain = normalise(text)
    assert len(plain) <= MAX_CHARS
    assert plain == plain.encode("utf-8").decode("utf-8").strip()
    assert "\x00" not in plain
    detect_language(text, (JA, EN))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("日本語でお願いします", JA),
        ("wifiの設定がわかりません", JA),
        ("can you speak English", EN),
        ("hello", EN),
        ("I'd like to return a kettle", EN),
        ("A20481137", None),
        ("0312", None),
        ("OK", None),
        ("Yamamoto", None),
        ("nihongo de onegaishimasu", None),
        ("", None),
        ("Panasonic", None),
    ],
)
def test_script_tells_the_language(text: str, found: str | None) -> None:
    assert detect_language(text, (JA, EN)) == found


def test_only_candidates_are_given() -> None:
    assert detect_language("日本語で", (EN,)) is None
    assert detect_language("please speak English", (JA,)) is None
