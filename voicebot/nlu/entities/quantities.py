"""Money and counts: 一万九千八百円, "forty two fifty", 二つ, "a couple"."""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from voicebot.nlu.entities.found import Found, Search
from voicebot.spelled import EN_NUMBER, JA_NUMBER, english_value, japanese_value

_CURRENCIES = {"GB": "GBP", "JP": "JPY", "US": "USD", "IE": "EUR", "FR": "EUR", "DE": "EUR"}
_EN_UNIT = {
    "pound": "GBP", "quid": "GBP", "gbp": "GBP", "yen": "JPY", "jpy": "JPY", "dollar": "USD", "usd": "USD",
    "buck": "USD", "euro": "EUR", "eur": "EUR",
}  # fmt: skip
_JA_UNIT = {"円": "JPY", "えん": "JPY", "ぽんど": "GBP", "どる": "USD", "ゆーろ": "EUR"}
_SIGN = {"£": "GBP", "$": "USD", "¥": "JPY", "€": "EUR", "\\": "JPY"}
_GLUED = rf"(?:(?<![a-z0-9.,])[0-9]{{1,3}}(?:,[0-9]{{3}})*(?:\.[0-9]{{1,2}})?(?![0-9])|{EN_NUMBER})"
_SIGNED = re.compile(r"(?P<sign>[£$¥€\\]) ?(?P<n>[0-9][0-9,]{0,14}(?:\.[0-9]{1,2})?)(?![0-9])")
_EN_MONEY = re.compile(
    rf"(?P<n>(?<![a-z])a|{_GLUED}) ?(?P<unit>{'|'.join(_EN_UNIT)})s?(?![a-z])"
    rf"(?: (?:and )?(?P<minor>{_GLUED})(?: ?(?:pence|cents?|p))?(?![a-z0-9]))?"
)
_GBP_CODE = re.compile(r"(?<![a-z])(?P<unit>gbp|usd|eur|jpy) (?P<n>[0-9][0-9,]{0,14}(?:\.[0-9]{1,2})?)")
_PENCE = re.compile(rf"(?P<n>{_GLUED}) ?(?:pence|p)(?![a-z])")
_TWO_PART = re.compile(
    r"(?<![a-z0-9])(?P<major>(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|[0-9]{1,3})"
    r" (?P<minor>(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|[0-9]{2})(?![a-z0-9])"
    r"(?! (?:pounds?|p\b|of|hundred|thousand|nine|oh))"
)
_PAY_WORD = re.compile(r"pay|charge|fee|bill|cost|owe|balance|price|amount|払|請求|料金|金額")
_JA_MONEY = re.compile(
    rf"(?P<n>{JA_NUMBER})(?P<unit>{'|'.join(_JA_UNIT)})(?:(?P<minor>{JA_NUMBER})(?:ぺんす|せんと)?)?(?![0-9])"
)
_JA_PENCE = re.compile(rf"(?P<n>{JA_NUMBER})ぺんす")
_WHOLE = re.compile(
    r"(?<![a-z])(?:the (?:full|whole|total)(?: amount| balance| bill| thing| lot)?|all of it|(?:pay )?it all|everything i owe|the lot|in full|full amount)(?![a-z])"
    r"|全額|ぜんがく|全部(?=払|で|お支払|$|、|お願い)|残り全部"
)
_COUNTERS = r"つ|台|だい|個|こ(?=$|[、。\sくおでを])|コ|本|枚|まい|点(?!滅|検|灯)|袋|箱|セット|せっと|ぱっく|缶|足|冊|名(?!前|義)|人(?!の担当|間)|杯|組|ケ(?!月)|丁|包"
_JA_COUNT = re.compile(rf"(?P<n>{JA_NUMBER})(?P<counter>{_COUNTERS})(?!目|前)")
_JA_NATIVE = {
    "ひとつ": 1, "ふたつ": 2, "みっつ": 3, "みつ": 3, "よっつ": 4, "いつつ": 5, "むっつ": 6, "ななつ": 7, "やっつ": 8,
    "ここのつ": 9, "ひとり": 1, "ふたり": 2, "いっこ": 1, "いちだい": 1, "いっぽん": 1, "さんぼん": 3, "ろっぽん": 6,
    "はっぽん": 8, "ろっこ": 6, "はっこ": 8, "じゅっこ": 10,
}  # fmt: skip
_JA_NATIVE_WORD = re.compile("|".join(sorted(_JA_NATIVE, key=len, reverse=True)))
_NOT_COUNT_JA = re.compile(
    r"^(?:の(?:理由|質問)|でも|ずつ|目)|^(?:聞|きき|お聞|質問|確認|伺|うかが|教え|お願いがあ|相談)|^お(?:聞|伺|尋)"
)
_EN_COUNT = re.compile(
    rf"(?<![a-z0-9£$¥€])(?P<n>(?:a |the )?(?P<couple>couple|pair|dozen|half a dozen)(?: of)?|{EN_NUMBER}|both)(?![a-z0-9:/%]| ?(?:am|pm|o'?clock|pounds?|pence|yen|dollars?|%|percent))"
)
_UNIT_AFTER = re.compile(
    r"^ ?(?:days?|weeks?|months?|years?|hours?|minutes?|mins?|seconds?|times|gig|gb|mb|meg|digits?|numbers?|percent|o'|nights?|of (?:the|my|these|those)|"
    r"hundred|thousand|past|quarter|st\b|nd\b|rd\b|th\b|i |is |was |that |thing|more thing|moment|second)"
)
_REFERRING = re.compile(
    r"(?:this|that|the|which|another|no|new|every|last|first|any|each|some|wrong|right|old|other|only|order|number|code|error|level|plan|from|fibre|fiber|to|room|option|for|at|by|after|before|on|than|or) $"
)


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount:.0f} JPY" if currency == "JPY" else f"{amount:.2f} {currency}"


def find_amounts(search: Search) -> Iterator[Found]:
    """``42.00 GBP``, ``19800 JPY``, or ``full`` for the whole balance."""
    currency = _CURRENCIES.get(search.country, "GBP")
    for pattern in (_SIGNED, _GBP_CODE):
        for match in pattern.finditer(search.text):
            unit = _SIGN[match["sign"]] if pattern is _SIGNED else match["unit"].upper()
            yield _amount(match, Decimal(match["n"].replace(",", "")), unit)
    for match in _EN_MONEY.finditer(search.text):
        number = english_value(match["n"])
        minor = english_value(match["minor"]) if match["minor"] else None
        if number is not None:
            unit = _EN_UNIT[match["unit"]]
            cents = minor if minor is not None and 1 <= minor <= 99 and minor == int(minor) and unit != "JPY" else None
            end = match.end() if cents is not None or match["minor"] is None else match.start("minor") - 1
            yield _amount(match, number + (cents or 0) / Decimal(100), unit, end)
    for match in _PENCE.finditer(search.text):
        number = english_value(match["n"])
        if number is not None and currency == "GBP":
            yield _amount(match, number / 100, "GBP", rank=57)
    for match in _JA_MONEY.finditer(search.kana):
        number = japanese_value(match["n"])
        if number is not None:
            unit = _JA_UNIT[match["unit"]]
            minor = japanese_value(match["minor"]) if match["minor"] and unit != "JPY" else None
            cents = minor if minor is not None and minor <= 99 and minor == int(minor) else None
            end = match.end() if cents is not None else match.end("unit")
            yield _amount(match, number + (cents or 0) / Decimal(100), unit, end)
    for match in _JA_PENCE.finditer(search.kana):
        number = japanese_value(match["n"])
        if number is not None:
            yield _amount(match, number / 100, "GBP", rank=57)
    wanted = search.wants("amount")
    if wanted:
        for match in _WHOLE.finditer(search.kana):
            yield Found("amount", "full", match.start(), match.end(), 0.95, 40)
    alone = _TWO_PART.fullmatch(search.text.strip(" .")) is not None
    if wanted or alone or _PAY_WORD.search(search.kana) or re.search(r"extra|this", search.text):
        yield from _two_part(search, currency, wanted)
    if wanted:
        yield from _bare(search, currency)


def _amount(match: re.Match[str], amount: Decimal, unit: str, end: int | None = None, rank: int = 62) -> Found:
    return Found("amount", _money(amount, unit), match.start(), end or match.end(), 1.0, rank)


def _two_part(search: Search, currency: str, wanted: bool) -> Iterator[Found]:
    """Reads "forty two fifty" as 42.50 where there are pence."""
    if currency == "JPY":
        return
    for match in _TWO_PART.finditer(search.text):
        major, minor = english_value(match["major"]), english_value(match["minor"])
        if major is not None and minor is not None and 10 <= minor <= 99:
            confidence = 0.9 if wanted else 0.75
            yield Found("amount", _money(major + minor / 100, currency), match.start(), match.end(), confidence, 56)


_BARE_EN = re.compile(f"{EN_NUMBER}")
_BARE_JA = re.compile(rf"{JA_NUMBER}(?=$|[、。\s]|です|で(?:$|お)|だけ|払|を)")


def _bare(search: Search, currency: str) -> Iterator[Found]:
    for match in _BARE_EN.finditer(search.text):
        number = english_value(match.group())
        if number is not None and 0 < number < 10**7:
            yield Found("amount", _money(number, currency), match.start(), match.end(), 0.7, 30)
    for match in _BARE_JA.finditer(search.kana):
        number = japanese_value(match.group())
        if number is not None and 1 < number < 10**7 and not match.group().isascii():
            yield Found("amount", _money(number, currency), match.start(), match.end(), 0.7, 30)


def find_numbers(search: Search) -> Iterator[Found]:
    """Counts of things (``number``); a bare number only when one is asked for."""
    wanted = search.wants("number")
    for match in _JA_COUNT.finditer(search.kana):
        number = japanese_value(match["n"])
        if number is None or number != int(number) or _NOT_COUNT_JA.search(search.after(match.end())):
            continue
        if match["n"] in ("に", "し", "ご", "く", "いち") and match["counter"] not in ("だい", "まい"):
            continue
        yield Found("number", str(int(number)), match.start(), match.end(), 1.0 if wanted else 0.9, 48)
    for match in _JA_NATIVE_WORD.finditer(search.kana):
        if not _NOT_COUNT_JA.search(search.after(match.end())) or wanted:
            yield Found(
                "number", str(_JA_NATIVE[match.group()]), match.start(), match.end(), 1.0 if wanted else 0.85, 47
            )
    for match in _EN_COUNT.finditer(search.text):
        found = _english_count(search, match, wanted)
        if found is not None:
            yield found
    if wanted:
        for match in re.finditer(rf"(?<![0-9a-z]){JA_NUMBER}(?=$|[、。\s]|で|お願い|ください|下さい)", search.kana):
            number = japanese_value(match.group())
            if number is not None and number == int(number) and not match.group().isascii():
                yield Found("number", str(int(number)), match.start(), match.end(), 0.8, 20)


def _english_count(search: Search, match: re.Match[str], wanted: bool) -> Found | None:
    words = match["n"]
    couple = {"couple": 2, "pair": 2, "dozen": 12, "half a dozen": 6}.get(match["couple"] or "")
    number = Decimal(couple) if couple else Decimal(2) if words == "both" else english_value(words)
    if number is None or number != int(number) or not 0 < number < 1000:
        return None
    if words == "both" and not wanted:
        return None
    after = search.text[match.end() : match.end() + 16]
    before = search.text[max(0, match.start() - 16) : match.start()]
    if _UNIT_AFTER.search(after):
        return None
    if not wanted:
        spelled = not words.isdigit()
        if couple:
            return Found("number", str(couple), match.start(), match.end(), 0.7, 25)
        if _REFERRING.search(before) or not re.match(r" (?!and\b|to\b|or\b|of\b)[a-z]{3}", after):
            return None
        if spelled and words == "one" and not re.match(r" (?:please|kettle|filter)", after):
            return None
    elif number == 1 and re.search(r"(?:this|that|which|no) $", before):
        return None
    return Found("number", str(int(number)), match.start(), match.end(), 0.95 if wanted else 0.75, 25)
