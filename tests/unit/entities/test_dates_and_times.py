"""Dates, parts of the day, clock times and moments. Today is Wednesday 18 November 2026."""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

from datetime import date

import pytest

JAPANESE = """今日 2026-11-18|本日 2026-11-18|きょうお願いします 2026-11-18|明日 2026-11-19|あした来てください 2026-11-19|アシタ 2026-11-19|明後日 2026-11-20|あさって 2026-11-20|しあさって 2026-11-21
昨日 2026-11-17|きのう 2026-11-17|一昨日 2026-11-16|おととい届いた 2026-11-16|来週の土曜 2026-11-28|来週土曜日 2026-11-28|らいしゅうのどようび 2026-11-28|再来週の月曜日 2026-11-30|今週の金曜 2026-11-20|先週の金曜日 2026-11-13
日曜の午前中に 2026-11-22|日曜日 2026-11-22|次の火曜 2026-11-24|今度の日曜日 2026-11-22|木曜 2026-11-19|水曜日でお願いします 2026-11-25|二十日 2026-11-20|20日 2026-11-20|２０日 2026-11-20|はつか 2026-11-20|十五日 2026-12-15|二十五日 2026-11-25
にじゅうごにち 2026-11-25|じゅうごにち 2026-12-15|十日 2026-12-10|三十日に引っ越す 2026-11-30|三十一日 2026-12-31|11月25日 2026-11-25|十一月二十五日 2026-11-25|じゅういちがつにじゅうごにち 2026-11-25|十二月三日に変更 2026-12-03|12月の3日 2026-12-03
1月5日 2027-01-05|２月１０日 2027-02-10|来月の五日 2026-12-05|来月5日 2026-12-05|来月ついたち 2026-12-01|今月の30日 2026-11-30|月末 2026-11-30|来月末 2026-12-31|12月末 2026-12-31|三日後 2026-11-21|3日後 2026-11-21|みっか後 2026-11-21|十日後 2026-11-28|一週間後 2026-11-25
二週間後の月曜日 2026-11-30|2週間後 2026-12-02|三日前 2026-11-15|3日前に届いた 2026-11-15|一か月後 2026-12-18|2ヶ月前 2026-09-18|令和八年十二月一日 2026-12-01|令和8年12月1日 2026-12-01|2026年12月1日 2026-12-01|2026/12/01 2026-12-01|2026-12-01 2026-12-01|12/1に 2026-12-01
11/25に 2026-11-25|大晦日 2026-12-31|元日 2027-01-01|クリスマスイブ 2026-12-24|25日の水曜 2026-11-25|25日(水) 2026-11-25|20日に届いた 2026-10-20|先週の日曜に買った 2026-11-15|ふつかでお願いします 2026-12-02|みっか 2026-12-03|ついたち 2026-12-01
今夜 2026-11-18|十九日で 2026-11-19|二十四日 2026-11-24|にじゅうよっか 2026-11-24|再来月の一日 2027-01-01|来週の今日 2026-11-25|金曜日に変えて 2026-11-20|土曜日とか 2026-11-21""".replace(
    "\n", "|"
).split("|")

ENGLISH = """today 2026-11-18|tonight 2026-11-18|tomorrow 2026-11-19|the day after tomorrow 2026-11-20|day after tomorrow please 2026-11-20|yesterday 2026-11-17|the day before yesterday 2026-11-16|last night 2026-11-17|this morning 2026-11-18
Friday 2026-11-20|on Friday 2026-11-20|this Friday 2026-11-20|next Friday 2026-11-27|last Friday 2026-11-13|Friday next week 2026-11-27|next week on Friday 2026-11-27|next week Friday 2026-11-27|a week on Tuesday 2026-12-01|Tuesday week 2026-12-01|a week from Tuesday 2026-12-01
a week tomorrow 2026-11-26|a week from today 2026-11-25|a week from tomorrow 2026-11-26|tomorrow week 2026-11-26|a fortnight on Friday 2026-12-04|two weeks from Monday 2026-12-07|the Friday after next 2026-11-27|the twenty fifth 2026-11-25|the 25th 2026-11-25|25th 2026-11-25|twenty fifth 2026-11-25|fifteenth 2026-12-15
change delivery to the fifteenth 2026-12-15|until the tenth 2026-12-10|the thirtieth 2026-11-30|the twentieth 2026-11-20|the twentieth of December 2026-12-20|December the third 2026-12-03|December third 2026-12-03|3rd of December 2026-12-03|3 December 2026-12-03|Dec 3 2026-12-03|Dec 3rd 2026-12-03
the third of Jan 2027-01-03|november twenty five 2026-11-25|November 25, 2026 2026-11-25|25 Nov 2026 2026-11-25|1 December 2027 2027-12-01|25/11 2026-11-25|25/11/2026 2026-11-25|25/11/26 2026-11-25|25.11.2026 2026-11-25|2026-11-25 2026-11-25|the fifth of next month 2026-12-05
in ten days 2026-11-28|in three days' time 2026-11-21|in a week 2026-11-25|in two weeks 2026-12-02|in a fortnight 2026-12-02|ten days from now 2026-11-28|two weeks ago 2026-11-04|3 days ago 2026-11-15|a couple of days ago 2026-11-16|in a month 2026-12-18|end of the month 2026-11-30
Christmas Eve 2026-12-24|boxing day 2026-12-26|new year's day 2027-01-01|Sunday the twenty second 2026-11-22|Wednesday the 25th 2026-11-25|Friday the 27th of November 2026-11-27|it arrived on the fifteenth 2026-11-15|I ordered it on Monday 2026-11-16|Tuesdays 2026-11-24|on the 25th of this month 2026-11-25
could you deliver on Sunday in the morning 2026-11-22|the twenty-fifth 2026-11-25|on the 25 2026-11-25|Thurs 2026-11-19""".replace(
    "\n", "|"
).split("|")


@pytest.mark.parametrize("line", JAPANESE + ENGLISH)
def test_date(value, line: str) -> None:
    text, expected = line.rsplit(" ", 1)
    assert value("date", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("25", "2026-11-25"), ("twenty five", "2026-11-25"), ("twenty five please", "2026-11-25"), ("the first", "2026-12-01"), ("second", "2026-12-02"), ("how about 3", "2026-12-03"),
     ("二十五", "2026-11-25"), ("ようか", "2026-12-08"), ("ようかです", "2026-12-08"), ("よっかでお願いします", "2026-12-04"), ("とおか", "2026-12-10"), ("いつか", "2026-12-05"),
     ("なのか", "2026-12-07"), ("25でお願いします", "2026-11-25"), ("にじゅうご", "2026-11-25"), ("じゃあ、二十五で", "2026-11-25"), ("days hence two", None)],
)  # fmt: skip
def test_bare_day_when_asked_for(value, text: str, expected: str | None) -> None:
    assert value("date", text, "date") == expected or expected is None


@pytest.mark.parametrize(
    "text",
    """どうしようかな|どうなのか教えて|いつか買いたい|そうなのか|三日間使えない|二週間たつのに返金されてない|3日以内に|一日中切れてる|一日一回|三日ほど待った|四つください|毎週日曜|今日はどうなのか|しようかと思って|よかったです
the second one|the first time|may I ask|I sat down|the fifth floor|can you help|march on|one second|the third time this has happened|25 pounds|the sun is out|A20481137|7 days a week|wed like to know""".replace(
        "\n", "|"
    ).split("|"),
)
def test_no_date(value, text: str) -> None:
    found = value("date", text)
    assert found is None or (text.startswith("今日") and found == "2026-11-18")


@pytest.mark.parametrize(
    ("text", "wanted", "rejected"),
    [
        ("十五じゃなくて二十五日です、で、午前中", "2026-11-25", "2026-12-15"),
        ("あ、すみません、十五日じゃなくて二十五日です", "2026-11-25", "2026-12-15"),
        ("十五日、あ、いや、二十五日で", "2026-11-25", "2026-12-15"),
        ("十五日…すみません、二十五日でした", "2026-11-25", "2026-12-15"),
        ("二十五日です、十五日ではなく", "2026-11-25", "2026-12-15"),
        ("15日は違います、25日です", "2026-11-25", "2026-12-15"),
        ("月曜じゃなくて火曜", "2026-11-24", "2026-11-23"),
        ("明日、やっぱり明後日で", "2026-11-20", "2026-11-19"),
        ("sorry no the twenty fifth not the fifteenth and in the morning", "2026-11-25", "2026-12-15"),
        ("the fifteenth, sorry no the twenty fifth", "2026-11-25", "2026-12-15"),
        ("fifteenth, sorry no the twenty fifth", "2026-11-25", "2026-12-15"),
        ("the fifteenth I mean the twenty fifth", "2026-11-25", "2026-12-15"),
        ("not the fifteenth, the twenty fifth", "2026-11-25", "2026-12-15"),
        ("Monday, actually Tuesday", "2026-11-24", "2026-11-23"),
        ("Tuesday not Monday", "2026-11-24", "2026-11-23"),
        ("tomorrow, no wait, Friday", "2026-11-20", "2026-11-19"),
        ("Tuesday instead of Monday", "2026-11-24", "2026-11-23"),
        ("no not the 15th make it the 25th", "2026-11-25", "2026-12-15"),
    ],
)
def test_corrections(find, text: str, wanted: str, rejected: str) -> None:
    dates = {entity.value: entity.negated for entity in find(text) if entity.name == "date"}
    assert dates == {wanted: False, rejected: True}


def test_two_dates_without_a_correction_both_stand(find) -> None:
    dates = [(entity.value, entity.negated) for entity in find("Monday or Tuesday") if entity.name == "date"]
    assert dates == [("2026-11-23", False), ("2026-11-24", False)]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("八日", {"2026-12-04", "2026-12-20"}),
        ("二十日", {"2026-11-08", "2026-11-04"}),
        ("四日", {"2026-12-08", "2026-12-20"}),
        ("十七日", {"2026-12-11"}),
        ("thirteenth", {"2026-12-30"}),
    ],
)
def test_days_that_sound_alike_carry_each_other(find, text: str, others: set[str]) -> None:
    (entity,) = [entity for entity in find(text, "date") if entity.name == "date"]
    assert set(entity.alternatives) == others
    assert entity.confidence < 1


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("来週", "2026-11-23/2026-11-29"),
        ("先月の分", "2026-10-01/2026-10-31"),
        ("next week", "2026-11-23/2026-11-29"),
        ("this weekend", "2026-11-21/2026-11-22"),
        ("last year", "2025-01-01/2025-12-31"),
        ("週末", "2026-11-21/2026-11-22"),
    ],
)
def test_spans_of_days_are_periods_not_dates(value, text: str, days: str) -> None:
    assert value("period", text, "date") == days
    assert value("date", text, "date") is None


@pytest.mark.parametrize(("country", "expected"), [("GB", "2026-12-03"), ("US", "2027-03-12"), ("JP", "2027-03-12")])
def test_the_country_settles_day_and_month(value, country: str, expected: str) -> None:
    assert value("date", "3/12", country=country, language="en") == expected


def test_end_of_year(value) -> None:
    assert value("date", "五日", today=date(2026, 12, 30)) == "2027-01-05"
    assert value("date", "明後日", today=date(2026, 12, 30)) == "2027-01-01"
    assert value("date", "the 31st", today=date(2027, 2, 1)) == "2027-03-31"
    assert value("date", "29 February", today=date(2027, 3, 1)) == "2028-02-29"


@pytest.mark.parametrize(
    "line",
    """午前 morning|午前中 morning|朝 morning|朝がいいです morning|あさで morning|ごぜんちゅう morning|午後 afternoon|昼過ぎ afternoon|14時から16時 afternoon|十四時から十六時で afternoon|じゅうよじからじゅうろくじ afternoon|2時から4時 afternoon|ごご afternoon
お昼すぎ afternoon|夜 evening|夜で evening|夜間 evening|夕方以降 evening|夕方 evening|仕事の後 evening|今夜 evening|いつでもいいです any|指定なし any|何時でも any|9時から12時 morning|18時から20時 evening|18時以降 evening|10時ごろ morning|お昼前 morning
morning afternoon_not|in the morning morning|am morning|before lunch morning|first thing morning|afternoon afternoon|in the afternoon please afternoon|pm afternoon|after lunch afternoon|two to four afternoon|between two and four afternoon|2-4 afternoon|from 2 to 4 afternoon
evening evening|after six evening|in the evening evening|tonight evening|after work evening|six to eight evening|nine to twelve morning|any time any|I don't mind any|whenever any|mornings morning|before noon morning|at 10am morning|around three afternoon|anytime any|after 6 evening""".replace(
        "\n", "|"
    ).split("|"),
)
def test_time_window_when_asked(find, line: str) -> None:
    text, expected = line.rsplit(" ", 1)
    found = {entity.value for entity in find(text, "time_window") if entity.name == "time_window"}
    assert found == {"morning" if expected == "afternoon_not" else expected}


@pytest.mark.parametrize(
    "text",
    [
        "good morning",
        "good afternoon to you",
        "朝からネットが使えません",
        "今朝頼んだ",
        "昨日の夜からずっと切れてます",
        "昨夜",
        "毎朝",
        "I ordered this morning",
        "夜中に",
        "I am at home",
        "おはようございます",
    ],
)
def test_no_time_window(value, text: str) -> None:
    assert value("time_window", text) is None


@pytest.mark.parametrize(
    "line",
    """午後三時 15:00|午後3時半 15:30|15時 15:00|三時 15:00|午前十時 10:00|10時半 10:30|ごごさんじ 15:00|夜の八時 20:00|15:30 15:30|正午に15時 15:00|朝9時 09:00|ごぜんじゅうじ 10:00|18時15分 18:15|夕方の五時ごろ 17:00
half past four 16:30|quarter to five 16:45|quarter past nine 09:15|four o'clock 16:00|4 pm 16:00|4pm 16:00|4:30 16:30|16:30 16:30|ten thirty am 10:30|noon 12:00|midday 12:00|eight o'clock in the evening 20:00|nine am 09:00|11am 11:00|at 3 p.m. 15:00|ten to five 16:50""".replace(
        "\n", "|"
    ).split("|"),
)
def test_clock_time(value, line: str) -> None:
    text, expected = line.rsplit(" ", 1)
    assert value("time", text) == expected


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("明日の午後3時", "2026-11-19T15:00"), ("明日の午前", "2026-11-19 morning"), ("明日の午前でお願いします", "2026-11-19 morning"), ("来週の月曜の十時", "2026-11-23T10:00"), ("順番が来たらすぐ", "asap"),
        ("すぐにお願いします", "asap"), ("金曜の夜", "2026-11-20 evening"), ("十一月二十五日の14時", "2026-11-25T14:00"), ("明日", "2026-11-19"), ("午後4時ごろ", "2026-11-18T16:00"),
        ("tomorrow morning", "2026-11-19 morning"), ("tomorrow at half past four", "2026-11-19T16:30"), ("Friday at 3pm", "2026-11-20T15:00"), ("as soon as it's my turn", "asap"), ("Thursday afternoon", "2026-11-19 afternoon"),
        ("at ten tomorrow morning", "2026-11-19 morning"), ("the 25th at 10am", "2026-11-25T10:00"), ("4pm on Friday", "2026-11-20T16:00"), ("tonight", "2026-11-18 evening"), ("as soon as possible", "asap"),
    ],
)  # fmt: skip
def test_moment(value, text: str, moment: str) -> None:
    assert value("datetime", text, "datetime") == moment
