# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import pytest

POUNDS = """四十二ポンド=42.00 GBP|42ポンド=42.00 GBP|４２ポンド払います=42.00 GBP|よんじゅうにポンド=42.00 GBP|十ポンドも多い=10.00 GBP|四ポンド九十九=4.99 GBP|四十二ポンド五十ペンス=42.50 GBP|五十ペンス=0.50 GBP|42.50ポンド=42.50 GBP|百ポンド=100.00 GBP
forty two pounds=42.00 GBP|pay forty two pounds=42.00 GBP|forty two fifty=42.50 GBP|four ninety nine=4.99 GBP|£42=42.00 GBP|£42.50=42.50 GBP|£1,234.50=1234.50 GBP|42 pounds=42.00 GBP|42 quid=42.00 GBP|forty two pounds fifty=42.50 GBP|forty two pounds and fifty pence=42.50 GBP
ten pound=10.00 GBP|fifty pence=0.50 GBP|50p=0.50 GBP|a hundred pounds=100.00 GBP|one hundred and twenty pounds=120.00 GBP|forty-two pounds=42.00 GBP|42.50 pounds=42.50 GBP|a thousand pounds=1000.00 GBP|two hundred quid=200.00 GBP|forty six pounds fifty=46.50 GBP|GBP 42.00=42.00 GBP|a pound=1.00 GBP""".replace(
    "\n", "|"
).split("|")
YEN = """一万九千八百円=19800 JPY|いちまんきゅうせんはっぴゃくえん=19800 JPY|19800円=19800 JPY|19,800円=19800 JPY|１９，８００円=19800 JPY|1万9800円=19800 JPY|1万9千8百円=19800 JPY|千円=1000 JPY|三千円=3000 JPY|さんぜんえん=3000 JPY|ごせんえん=5000 JPY
百円=100 JPY|六千六百円です=6600 JPY|ろくせんろっぴゃくえん=6600 JPY|十二万円=120000 JPY|二十ドル=20.00 USD|¥19,800=19800 JPY|￥500=500 JPY|一億二千万円=120000000 JPY|万九千八百円=19800 JPY|八千八百円払いました=8800 JPY|にまんえん=20000 JPY|さんびゃくえん=300 JPY|はっせんはっぴゃくえん=8800 JPY
20 dollars=20.00 USD|$5.99=5.99 USD|19800 yen=19800 JPY|five hundred yen=500 JPY""".replace("\n", "|").split("|")


@pytest.mark.parametrize("line", POUNDS)
def test_pounds(value, line: str) -> None:
    text, amount = line.split("=")
    assert value("amount", text, "amount", country="GB", tenant="telecom") == amount


@pytest.mark.parametrize("line", YEN)
def test_yen_and_others(value, line: str) -> None:
    text, amount = line.split("=")
    assert value("amount", text, country="JP") == amount


@pytest.mark.parametrize(
    ("text", "country", "amount"),
    [
        ("forty two", "GB", "42.00 GBP"),
        ("42", "GB", "42.00 GBP"),
        ("四十二", "GB", "42.00 GBP"),
        ("四十二です", "GB", "42.00 GBP"),
        ("五千", "JP", "5000 JPY"),
        ("the full amount", "GB", "full"),
        ("all of it please", "GB", "full"),
        ("全額お願いします", "GB", "full"),
        ("全部払います", "JP", "full"),
        ("just twenty", "GB", "20.00 GBP"),
    ],
)
def test_bare_amount_when_asked_for(value, text: str, country: str, amount: str) -> None:
    assert value("amount", text, "amount", country=country, tenant="telecom") == amount


@pytest.mark.parametrize(
    "text",
    [
        "forty two",
        "A20481137",
        "the twenty fifth",
        "二十五日",
        "三回",
        "at four thirty",
        "11月25日",
        "ten gig",
        "fibre five hundred",
        "円い形",
        "応援",
    ],
)
def test_no_amount(value, text: str) -> None:
    assert value("amount", text) is None


@pytest.mark.parametrize(
    "line",
    """二つ=2|ふたつ=2|一台=1|いちだい=1|2台お願いします=2|三個=3|さんこ=3|五本=5|十枚=10|ひとつください=1|みっつ=3|よっつ=4|いつつ=5|むっつ=6|ななつ=7|やっつ=8|ここのつ=9|１０個=10|十二本=12|二袋=2|3セット=3|2箱=2|加湿器を二台=2|フィルター三枚ください=3|一つでいいです=1|二人です=2
a couple=2|a couple of them=2|two humidifiers please=2|a pair=2|a dozen=12|half a dozen=6|three kettles=3|2 filters please=2|I want four filters=4|a pair of filters=2|ten kettles=10|twelve filters=12""".replace(
        "\n", "|"
    ).split("|"),
)
def test_count(value, line: str) -> None:
    text, number = line.split("=")
    assert value("number", text) == number


@pytest.mark.parametrize(
    "line",
    "二=2|2=2|にです=2|三でお願いします=3|two=2|just one=1|one please=1|2 please=2|make it three=3|both=2|一つ=1|ひとつ=1|12=12|a couple please=2|seven=7".split(
        "|"
    ),
)
def test_bare_count_when_asked_for(value, line: str) -> None:
    text, number = line.split("=")
    assert value("number", text, "number") == number


@pytest.mark.parametrize(
    "text",
    "that one|the other one|I want this one|one more time|two days ago|ten minutes|一つ聞きたいんですが|ひとつお伺いしたい|点滅|名前|一人の担当|A20481137|order number 12|4 pm|forty two pounds|いつ届きますか|こちら|three times|one moment".split(
        "|"
    ),
)
def test_no_count(value, text: str) -> None:
    assert value("number", text) is None
