# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voicebot import redaction
from voicebot.redaction import Redaction, redact

CARD = "4111111111111111"


@pytest.mark.parametrize(
    ("text", "mask", "gone"),
    [
        ("カード番号は4111の1111の1111の1111です", "[カード番号]", ["4111", "1111"]),
        ("よんいちいちいち いちいちいちいち いちいちいちいち いちいちいちいち", "[カード番号]", ["いち"]),
        ("my card is four one one one, one one one one, 1111 1111", "[CARD]", ["four", "one", "1111"]),
        ("電話は090-0000-1111です", "[電話番号]", ["0000", "1111"]),
        ("call me on 07700 900123", "[PHONE]", ["07700", "900123"]),
        ("メールは chika@example.jp です", "[メール]", ["chika", "example"]),
        ("暗証番号は4649", "[暗証番号]", ["4649"]),
        ("my CVV is 123", "[SECRET]", ["123"]),
        ("4111 1111 1111 1111", "[CARD]", ["1111"]),
        ("4111-1111-1111-1111", "[CARD]", ["1111"]),
        ("4111111111111111", "[CARD]", ["1111"]),
        ("４１１１　１１１１　１１１１　１１１１です", "[カード番号]", ["１１"]),
        ("カード番号は4111 1111 1111 1111です", "[カード番号]", ["4111"]),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[CARD]", ["1 1"]),
        ("四一一一の一一一一の一一一一の一一一一", "[カード番号]", ["一一"]),
        ("four triple one, quadruple one, quadruple one, quadruple one", "[CARD]", ["triple", "quadruple"]),
        ("forty one eleven eleven eleven eleven eleven eleven eleven", "[CARD]", ["eleven"]),
        ("it's 4111 and then 1111 and then 1111 and 1111", "[CARD]", ["4111", "1111"]),
        ("4111111111111112", "[CARD]", ["4111"]),
        ("378282246310005", "[CARD]", ["3782"]),
        ("カードは4111 1111まで言いました", "[カード番号]", ["4111"]),
        ("よんいちいちいちの、いちいちいちいちの、いちいちいちいちの、いちいちいちいちです", "[カード番号]", ["いち"]),
        ("my card number is 4111 1111 1111 1111 expiry 12 27", "[CARD]", ["4111"]),
        ("0300003333にかけて", "[電話番号]", ["3333"]),
        ("ゼロキューゼロのゼロゼロゼロゼロの一一一一です", "[電話番号]", ["キュー", "一一"]),
        ("〇九〇の〇〇〇〇の一一一一", "[電話番号]", ["一一"]),
        ("+81 90 0000 1111です", "[電話番号]", ["0000"]),
        ("+44 7700 900123", "[PHONE]", ["900123"]),
        ("+1 202 555 0123", "[PHONE]", ["0123"]),
        ("call 202-555-0123 please", "[PHONE]", ["0123"]),
        ("oh double seven double oh nine hundred one two three", "[PHONE]", ["seven", "hundred"]),
        ("my mobile's oh seven seven oh oh nine oh oh one two three", "[PHONE]", ["seven"]),
        ("phone number 7700 900123", "[PHONE]", ["900123"]),
        ("chika.minakami+shop@mail.example.co.jp", "[EMAIL]", ["chika"]),
        ("it's chika at example dot com", "[EMAIL]", ["chika", "example"]),
        ("chika dot minakami at example dot co dot uk", "[EMAIL]", ["minakami", "example"]),
        ("c h i k a at example dot jp please", "[EMAIL]", ["c h i", "example"]),
        ("チカアットマークイグザンプルドットジェーピーです", "[メール]", ["チカ", "イグザンプル"]),
        ("メールはchikaアットマークexampleドットコムです", "[メール]", ["chika", "example"]),
        ("ｃｈｉｋａ＠ｅｘａｍｐｌｅ．ｊｐ です", "[メール]", ["ｃｈｉｋａ"]),
        ("暗証番号はよんろくよんきゅうです", "[暗証番号]", ["よんろく"]),
        ("暗証番号 四六四九", "[暗証番号]", ["四六"]),
        ("my pin is four six four nine", "[SECRET]", ["four"]),
        ("PIN: 4649", "[SECRET]", ["4649"]),
        ("4649 is my pin", "[SECRET]", ["4649"]),
        ("セキュリティコードは123です", "[暗証番号]", ["123"]),
        ("裏の三桁は一二三", "[暗証番号]", ["一二三"]),
        ("security code 123", "[SECRET]", ["123"]),
        ("the code is 482913", "[SECRET]", ["482913"]),
        ("認証コードは482913です", "[暗証番号]", ["482913"]),
        ("ワンタイムパスワードは四八二九一三", "[暗証番号]", ["四八"]),
        ("my password is hunter2", "[SECRET]", ["hunter2"]),
        ("パスワードはsakura99です", "[暗証番号]", ["sakura99"]),
        ("password: Tr0ub4dor", "[SECRET]", ["Tr0ub4dor"]),
        ("カード番号は4111の1111の1111の1111で、電話は090-0000-1111です", "[電話番号]", ["4111", "0000"]),
    ],
)  # fmt: skip
def test_hidden(text: str, mask: str, gone: list[str]) -> None:
    redaction = redact(text)
    assert mask in redaction.text
    assert redaction.found
    for piece in gone:
        assert piece not in redaction.text


@pytest.mark.parametrize(
    "text",
    """注文番号はA20481137です|エラーE3が出て3回試した|A20481137|エーの二〇四八一一三七です|order number A20481137 please|a two oh four eight double one three seven|会員番号は3001187です|account number 410027781|四一〇〇二七七八一
A20481137とA31120094の件|A20481137 A31120094|3001187 3002240|配達は11月25日の14時から16時|2026-11-25 14:30|19,800円|forty two pounds fifty|SE15 3QF|my postcode is BS3 1AB|下4桁は1111です|the last four are 1111|E3 H07|KR30
パスワードを忘れました|I forgot my password|my password is wrong|the password is not working|暗証番号を忘れた|カードで払います|I paid by card yesterday|電話番号を変えたい|look at this|meet me at home|いつもお世話になっております|pin it on the door|the error code is E3
カードで払いました、注文番号は20481137です|110番|999|フリーダイヤル|二〇二六年十一月二十五日|three double oh double one eight seven""".replace(
        "\n", "|"
    ).split("|"),
)
def test_kept(text: str) -> None:
    assert redact(text).text == text
    assert redact(text).found == ()


def test_an_order_number_beside_a_card_survives() -> None:
    redaction = redact("注文番号はA20481137で、カードは4111 1111 1111 1111です")
    assert redaction.text == "注文番号はA20481137で、カードは[カード番号]です"
    assert redaction.found == ("card",)
    assert redact("A20481137、09000001111").text == "A20481137、[電話番号]"


def test_the_mask_is_in_the_language_of_the_text() -> None:
    assert redact("my card is 4111 1111 1111 1111").text == "my card is [CARD]"
    assert redact("カードは4111 1111 1111 1111です").text == "カードは[カード番号]です"


PIECES = st.sampled_from(
    [
        "4111",
        "1111",
        "090",
        "07700",
        " ",
        "-",
        "の",
        "、",
        "card ",
        "カード",
        "暗証番号は",
        "pin ",
        "code is ",
        "one ",
        "いち",
        "A",
        "20481137",
        "@",
        "a@b.jp",
        " at ",
        " dot com",
        "password is ",
        "x9",
        "です",
        "and ",
        "電話",
        "+44",
        "[CARD]",
        "[暗証番号]",
        "二千",
        "double ",
        "123",
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.one_of(PIECES, st.characters()), max_size=25).map("".join))
@example("暗証番号は4649と1234")
@example("password is password is x9")
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once.text).text == once.text


@settings(deadline=None)
@given(st.integers(10**15, 10**16 - 1).map(str), st.sampled_from([" ", "-", "", "の", "、", ", "]), st.data())
def test_no_sixteen_digits_get_through(number: str, between: str, data) -> None:
    spoken = data.draw(st.sampled_from(["digits", "kanji", "kana", "words"]))
    table = {"digits": "0123456789", "kanji": "〇一二三四五六七八九"}.get(spoken)
    kana = ["ゼロ", "いち", "にー", "さん", "よん", "ごー", "ろく", "なな", "はち", "きゅう"]
    words = ["zero ", "one ", "two ", "three ", "four ", "five ", "six ", "seven ", "eight ", "nine "]
    said = [table[int(c)] if table else kana[int(c)] if spoken == "kana" else words[int(c)] for c in number]
    text = between.join("".join(said[i : i + 4]) for i in range(0, 16, 4))
    assert redact(text).found == ("card",)
    assert redact(text).text.strip() in ("[CARD]", "[カード番号]")


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "いち", "a@", "card ", "pin ", "password is ", "090", "at dot ", "c h i "]
)
def test_long_text_is_redacted(piece: str) -> None:
    text = (piece * 8000)[:8000]
    assert redact(redact(text).text).text == redact(text).text


def test_only_texts_without_secrets_are_remembered() -> None:
    card, plain = "my card is 4111 1111 1111 1111", "where is my parcel, please"
    for _ in range(2):
        assert redact(card) == Redaction("my card is [CARD]", ("card",))
        assert redact(plain) == Redaction(plain, ())
    for number in range(1000):
        redact(f"parcel {number} of many")
    assert card not in redaction._CLEAN
    assert len(redaction._CLEAN) <= redaction._CLEAN_KEPT
