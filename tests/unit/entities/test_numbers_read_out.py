"""Order, member and account numbers, phones and codes as people and recognisers give them."""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import pytest

ORDER_JA = """エーの二〇四八一一三七|Ａ２０４８１１３７|Aの2048の1137|エーの、二〇四八の、一一三七です|えーの20481137|A-2048-1137です|エイ二〇四八一一三七
えーと、エーの二〇四八、えっと、一一三七です|A二千四十八の千百三十七|エーのにーぜろよんはちのいちいちさんなな|エー、にいまるよんはち、いちいちさんしちです
注文番号はA20481137です|注文番号は20481137です|A 2 0 4 8 1 1 3 7|A204 81137|a20481137|エーのニーゼロヨンハチのイチイチサンナナ|えいにぜろよんはちいちいちさんなな
英の2048の1137|Aの2,048の1,137です|エー二零四八一一三七|Ａの２０４８の１１３７です。|番号ですか、A20481137ですね|エーのつーぜろふぉーえいとの1137|A、20、48、11、37|あの、ええと、A、2048、1137""".replace(
    "\n", "|"
).split("|")
ORDER_EN = """a two oh four eight double one three seven|A20481137|A-2048-1137|A 2048 1137|a 2 0 4 8 1 1 3 7|Hey 2048 1137|hey, 2048, double 137|A 2048 double 137
it's A two zero four eight one one three seven|A two oh four eight eleven thirty seven|a twenty forty eight eleven thirty seven|order number 20481137|alpha 2048 1137
A for apple 2048 1137|A for alpha two oh four eight double one three seven please|my order is A2048 1137|ay two o four eight one one three seven|eh 20481137|A as in apple 2 0 4 8 1 1 3 7
um A, two oh four eight, er, double one, three seven|A 20 48 11 37|a two thousand and forty eight eleven hundred and thirty seven|A, 2048, 1137.|where is A20481137|it's A. 2048. 1137.
A 2-0-4-8-1-1-3-7""".replace("\n", "|").split("|")


@pytest.mark.parametrize("text", ORDER_JA + ORDER_EN)
def test_order_number(value, text: str) -> None:
    assert value("order_number", text, "order_number") == "A20481137"


@pytest.mark.parametrize(
    "text",
    [
        "2048 double 137",
        "20481137",
        "2048 1137",
        "二〇四八一一三七",
        "にーぜろよんはちいちいちさんなな",
        "8 2048 1137",
        "8-20481137",
    ],
)
def test_order_number_without_its_letter(value, text: str) -> None:
    assert value("order_number", text, "order_number") == "A20481137"


@pytest.mark.parametrize(
    "text",
    [
        "A2048113",
        "A 2048 113",
        "2048",
        "a two oh four eight",
        "エーの二〇四八",
        "A204811377",
        "I have a kettle",
        "2026-11-25",
        "20261125",
        "四つ",
        "a a a a",
    ],
)
def test_no_order_number(value, text: str) -> None:
    assert value("order_number", text) is None


def test_a_second_try_in_one_breath_wins(value) -> None:
    assert value("order_number", "A two oh four eight, no sorry, A three one one two oh oh nine four") == "A31120094"
    assert value("order_number", "A31120094じゃなくてA20481137です") == "A20481137"
    assert value("order_number", "A31120094, sorry, A20481137") == "A20481137"


def test_where_it_was_said_and_how(find) -> None:
    (entity,) = find("注文番号はＡ２０４８１１３７です")
    assert (entity.text, entity.start, entity.end, entity.verbatim) == ("Ａ２０４８１１３７", 5, 14, False)
    (entity,) = find("cancel A20481137 please")
    assert (entity.text, entity.start, entity.verbatim) == ("A20481137", 7, True)


@pytest.mark.parametrize(
    "text",
    """三零零一一八七|3001187|さんぜろぜろいちいちはちなな|三〇〇の一一八七です|会員番号は300の1187です|サンゼロゼロイチイチハチナナ|三百の千百八十七|３００１１８７|三 零 零 一 一 八 七
three double oh double one eight seven|3 0 0 1 1 8 7|three zero zero one one eight seven|300 1187|three hundred eleven eighty seven|my member number is 3001187|three oh oh double one 87|300-1187|3, 0, 0, 1, 1, 8, 7.|it's 3001187 thanks""".replace(
        "\n", "|"
    ).split("|"),
)
def test_member_number(value, text: str) -> None:
    assert value("member_number", text, "member_number") == "3001187"


@pytest.mark.parametrize(
    "text",
    """四一〇〇二七七八一|410027781|よんいちぜろぜろにななななはちいち|四一零の零二七の七八一|410の027の781です|４１００２７７８１
four one double oh two double seven eight one|410 027 781|4 1 0 0 2 7 7 8 1|four ten oh two seven seven eight one|account number 410027781|four one zero zero two seven seven eight one|4100 27781|four one oh oh two double 781|my account is 410-027-781""".replace(
        "\n", "|"
    ).split("|"),
)
def test_account_number(value, text: str) -> None:
    assert value("account_number", text, "account_number", tenant="telecom") == "410027781"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("ゼロキューゼロのゼロゼロゼロゼロの一一一一", "09000001111"),
        ("090-0000-1111", "09000001111"),
        ("０９０ー００００ー１１１１です", "09000001111"),
        ("ぜろきゅうぜろのぜろぜろぜろぜろのいちいちいちいち", "09000001111"),
        ("電話は〇九〇〇〇〇〇一一一一", "09000001111"),
        ("+81 90 0000 1111", "09000001111"),
        ("090 0000 1111でお願いします", "09000001111"),
        ("れいきゅうれいのれいれいれいれいのいちいちいちいち", "09000001111"),
        ("0300003333", "0300003333"),
        ("03の0000の3333", "0300003333"),
        ("九十の零零零零の千百十一", None),
        ("+44 7700 900123", "+447700900123"),
        ("010 44 7700 900123です", "+447700900123"),
        ("0044 7700 900123です", "+447700900123"),
        ("プラス四四の七七零零の九零零一二三です", "+447700900123"),
    ],
)
def test_japanese_phone(value, text: str, number: str | None) -> None:
    assert value("phone_number", text, country="JP") == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("oh double seven double oh nine hundred one two three", "07700900123"),
        ("+44 7700 900123", "07700900123"),
        ("+44 (0)7700 900123", "07700900123"),
        ("07700 900123", "07700900123"),
        ("my mobile is 07700 900 123", "07700900123"),
        ("zero seven seven zero zero nine zero zero one two three", "07700900123"),
        ("oh seven seven oh oh nine oh oh one two three", "07700900123"),
        ("plus four four seven seven double oh nine double oh one two three", "07700900123"),
        ("0044 7700 900123", "07700900123"),
        ("07 700 900 123", "07700900123"),
        ("0 double 7 double 0 900 123", "07700900123"),
        ("020 7946 0123", "02079460123"),
        ("07700 90012", None),
        ("+1 202 555 0123", "+12025550123"),
        ("+81 90 0000 1111", "+819000001111"),
        ("0081 90 0000 1111", "+819000001111"),
        ("call me back on seven", None),
    ],
)
def test_british_phone(value, text: str, number: str | None) -> None:
    assert value("phone_number", text) == number


@pytest.mark.parametrize(
    "text",
    """いちいちいちいち|一一一一|1111|１１１１です|一一の一一|千百十一|下4桁は1111です|下四桁いちいちいちいちです|えっと、1、1、1、1です|一一一一にします|イチイチイチイチ|末尾が1111です|ワンワンワンワン
one one one one|double one double one|eleven eleven|1 1 1 1|the last four digits are 1111|last four is one one one one|it ends in 1111|1,111|quadruple one|triple one one|it's one one one one|09000001111""".replace(
        "\n", "|"
    ).split("|"),
)
def test_last_four_of_the_phone(value, text: str) -> None:
    assert value("phone_last4", text, "phone_last4") == "1111"


def test_four_digits_mean_nothing_unasked(value) -> None:
    assert value("phone_last4", "1111") is None
    assert value("phone_last4", "my last four digits are 0123") == "0123"


@pytest.mark.parametrize(
    "text",
    [
        "482913",
        "四八二九一三",
        "the code is 482913",
        "four eight two nine one three",
        "48 29 13",
        "よんはちにーきゅういちさん",
        "コードは482の913です",
        "482-913",
    ],
)
def test_one_time_code(value, text: str) -> None:
    assert value("one_time_code", text, "one_time_code") == "482913"


def test_other_texts_of_the_recogniser_help(find) -> None:
    (entity,) = [
        e
        for e in find("2048 113", "order_number", alternatives=("A 2048 1137", "A 2048 1131"))
        if e.name == "order_number"
    ]
    assert (entity.value, entity.start, entity.alternatives) == ("A20481137", -1, ("A20481131",))
    (entity,) = find("A20481137", "order_number", language="en", alternatives=("A20481131",))
    assert (entity.value, entity.alternatives) == ("A20481137", ("A20481131",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("イーさん", "E3"), ("エイチゼロナナ", "H07"), ("E3", "E3"), ("エラーE3が出て3回試した", "E3"), ("Ｅ３です", "E3"), ("イー3", "E3"),
        ("エフ十二", "F12"), ("いーの3", "E3"), ("Eさん", "E3"), ("エッチ07", "H07"), ("液晶にH07と出て止まってしまいました", "H07"), ("エイチのゼロのなな", "H07"),
        ("e three", "E3"), ("E 3", "E3"), ("e-3", "E3"), ("it says h oh seven", "H07"), ("H zero seven", "H07"), ("error E3", "E3"), ("eff twelve", "F12"),
        ("echo three", "E3"), ("hotel zero seven", "H07"), ("showing E03", "E03"), ("aitch oh seven", "H07"), ("the display says H07 and it just stops", "H07"),
    ],
)  # fmt: skip
def test_error_code(value, text: str, code: str) -> None:
    assert value("error_code", text) == code


@pytest.mark.parametrize(
    "text", ["A20481137", "three of them", "いいです", "いいえ、三つです", "hello", "I'm 3rd", "エイチエムです"]
)
def test_no_error_code(value, text: str) -> None:
    assert value("error_code", text) is None


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("b s three one a b", "BS3 1AB"), ("Bravo Sierra three one alpha bravo", "BS3 1AB"), ("BS3 1AB", "BS3 1AB"), ("bs31ab", "BS3 1AB"),
        ("bs3 1ab please", "BS3 1AB"), ("b for bravo s for sierra 3 1 a b", "BS3 1AB"), ("it's B S 3, 1 A B", "BS3 1AB"), ("bee ess three one ay bee", "BS3 1AB"),
        ("S E fifteen three Q F", "SE15 3QF"), ("SE15 3QF", "SE15 3QF"), ("se one five three queue eff", "SE15 3QF"), ("my postcode is LS6 2QT", "LS6 2QT"),
        ("L S six two Q T", "LS6 2QT"), ("lima sierra six two quebec tango", "LS6 2QT"), ("L for lima S for sugar six two Q T", "LS6 2QT"), ("M1 1AE", "M1 1AE"),
        ("w1a 0ax", "W1A 0AX"), ("EC1A 1BB", "EC1A 1BB"), ("e c one a one b b", "EC1A 1BB"), ("we're moving to BS3 1AB next month", "BS3 1AB"),
        ("SE 15 3 QF", "SE15 3QF"), ("see eff one oh one a b", "CF10 1AB"), ("BS 3 1 AB", "BS3 1AB"), ("the postcode is b s 3 1 a b thanks", "BS3 1AB"),
        ("ビーエス三の一エービー", "BS3 1AB"), ("転居先のLS6 2QTは対応エリアですか", "LS6 2QT"), ("エスイー15、3キューエフ", None),
    ],
)  # fmt: skip
def test_postcode(value, text: str, postcode: str | None) -> None:
    found = value("postcode", text, "postcode", country="GB", tenant="telecom")
    assert found == postcode or postcode is None


def test_the_outer_half_of_a_postcode_is_an_area(value) -> None:
    assert value("postcode_area", "is there an outage in SE15", tenant="telecom") == "SE15"
    assert value("postcode", "is there an outage in SE15", tenant="telecom") is None


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("KR30のふたの部品はまだありますか", "KR30"), ("ケーアール三十", "KR30"), ("けーあーる30です", "KR30"), ("K R 30", "KR30"), ("ＫＲ３０", "KR30"),
        ("is the lid for the KR30 still available", "KR30"), ("k r thirty", "KR30"), ("kay ar thirty", "KR30"), ("kilo romeo three zero", "KR30"), ("KR-30", "KR30"),
        ("kr15", "KR15"), ("KR fifteen", "KR15"), ("A20481137", None), ("the 25th", None), ("E3", None),
    ],
)  # fmt: skip
def test_model(value, text: str, model: str | None) -> None:
    assert value("model", text, "model", country="JP") == model
