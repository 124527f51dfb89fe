"""Numbers and codes that are read out character by character."""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import phonenumbers

from voicebot.nlu.entities.found import Found, Search
from voicebot.spelled import Chain, Folded, Reading, find_chains

_LAST_FOUR = re.compile(
    r"(?:last|final|ending(?: in)?|ends(?: in)?)(?: the)?(?: four| 4)?(?: digits?| numbers?)?|下 ?(?:4|四|よん) ?(?:桁|けた|ケタ)"
    r"|(?:末尾|最後の?|うしろの?|後ろの?)(?:の?(?:4|四|よん)(?:桁|けた))?"
)
_CODE_WORD = re.compile(
    r"code|passcode|one[- ]time|otp|text(?:ed)? me|コード|認証|確認番号|ワンタイム|メッセージの番号|こーど"
)
_ORDER_WORD = re.compile(r"order|注文|おーだー|オーダー")
_MEMBER_WORD = re.compile(r"member|会員|めんばー")
_ACCOUNT_WORD = re.compile(r"account|口座|契約番号|お客様番号|アカウント|あかうんと")
_PHONE_WORD = re.compile(r"phone|mobile|call|ring|number|電話|携帯|けいたい|番号")
_A_LETTER = r"A"


def find_digits(search: Search) -> Iterator[Found]:
    """Order, member and account numbers, phones and codes, each from the first reading that has its shape."""
    text = _without_last_four(search)
    for chain in text.chains:
        if len(max(chain.readings, key=lambda reading: len(reading.text)).text) >= 4:
            for finder in _FINDERS:
                found = finder(text, chain)
                if found is not None:
                    yield found


def _without_last_four(search: Search) -> Search:
    """The "four" of "last four digits" is no digit of the number."""
    if not any(word in search.kana for word in ("last", "final", "end", "下", "末", "最後", "ろ")):
        return search
    masked = _LAST_FOUR.sub(lambda match: "\x00" * len(match.group()), search.kana)
    if masked == search.kana:
        return search
    folded = search.folded
    blank = Folded(folded.original, masked, masked, folded.starts, folded.ends)
    return Search(blank, search.language, search.today, search.country, search.expects, find_chains(blank))


def _first(chain: Chain, pattern: re.Pattern[str]) -> tuple[Reading, re.Match[str]] | None:
    for reading in chain.readings:
        match = pattern.search(reading.text)
        if match is not None:
            return reading, match
    return None


def _others(chain: Chain, pattern: re.Pattern[str], value: str, make: Callable[[str], str]) -> tuple[str, ...]:
    seen = []
    for reading in chain.readings:
        match = pattern.search(reading.text)
        if match is not None and (other := make(match.group(1))) != value and other not in seen:
            seen.append(other)
    return tuple(seen[:3])


def _shaped(
    name: str, chain: Chain, pattern: re.Pattern[str], rank: int, confidence: float, make: Callable[[str], str] = str
) -> Found | None:
    hit = _first(chain, pattern)
    if hit is None:
        return None
    reading, match = hit
    start, end = reading.span(*match.span())
    value = make(match.group(1))
    literal = 1.0 if reading is chain.readings[0] else 0.9
    return Found(name, value, start, end, round(confidence * literal, 3), rank, _others(chain, pattern, value, make))


_ORDER = re.compile(r"A(\d{8})(?!\d)")
_EIGHT = re.compile(r"(?<!\d)(\d{8})(?!\d)")
_EIGHT_AFTER_8 = re.compile(r"(?<!\d)8(\d{8})(?!\d)")
_SEVEN = re.compile(r"(?<!\d)(\d{7})(?!\d)")
_NINE = re.compile(r"(?<!\d)(\d{9})(?!\d)")
_SIX = re.compile(r"(?<!\d)(\d{6})(?!\d)")
_FOUR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_PHONE = re.compile(r"(?<!\d)(\+\d{9,14}|00[1-9]\d{9,12}|010[1-9]\d{9,12}|0\d{9,10})(?!\d)")
_LONGEST_AT_HOME = 11
_CODES = {"GB": "+44", "JP": "+81"}
_BARE_PHONE = re.compile(r"(?<!\d)([1-9]\d{8,9})(?!\d)")


def _order(value: str) -> str:
    return "A" + value


def _order_number(search: Search, chain: Chain) -> Found | None:
    found = _shaped("order_number", chain, _ORDER, 90, 1.0, _order)
    if found is not None:
        return found
    wanted = search.wants("order_number")
    about = bool(_ORDER_WORD.search(search.before(chain.start)))
    bare = _shaped("order_number", chain, _EIGHT, 85 if wanted else 60, 0.95 if wanted or about else 0.6, _order)
    if bare is not None:
        date_like = re.fullmatch(r"A20[2-9]\d[01]\d[0-3]\d", bare.value) and not (wanted or about)
        return None if date_like else bare
    if wanted or about:
        return _shaped("order_number", chain, _EIGHT_AFTER_8, 80, 0.6, _order)
    return None


def _plain(name: str, pattern: re.Pattern[str], word: re.Pattern[str]) -> Callable[[Search, Chain], Found | None]:
    def find(search: Search, chain: Chain) -> Found | None:
        wanted = search.wants(name)
        about = wanted or bool(word.search(search.before(chain.start)))
        if not about and chain.sure < 4:
            return None
        return _shaped(name, chain, pattern, 80 if wanted else 70 if about else 50, 1.0 if about else 0.7)

    return find


def _one_time_code(search: Search, chain: Chain) -> Found | None:
    wanted = search.wants("one_time_code")
    if not wanted and not _CODE_WORD.search(search.before(chain.start)):
        return None
    return _shaped("one_time_code", chain, _SIX, 80 if wanted else 70, 1.0)


def _phone_last4(search: Search, chain: Chain) -> Found | None:
    asked = "\x00" in search.kana
    wanted = search.wants("phone_last4")
    if not wanted and not asked:
        return None
    found = _shaped("phone_last4", chain, _FOUR, 78, 1.0 if wanted else 0.9)
    if found is None and wanted:
        whole = _shaped("phone_last4", chain, _PHONE, 40, 0.85, lambda number: number[-4:])
        return whole
    return found


def phone_value(number: str, country: str) -> str | None:
    """National form of the country's own (``09012345678``), ``+…`` for all others; None when it cannot be a number."""
    for prefix in ("010", "00"):
        if number.startswith(prefix) and len(number) > _LONGEST_AT_HOME:
            number = "+" + number.removeprefix(prefix)
    own = _CODES.get(country)
    if own is not None and number.startswith(own):
        number = "0" + number.removeprefix(own).removeprefix("0")
    elif number.startswith("+"):
        try:
            parsed = phonenumbers.parse(number)
        except phonenumbers.NumberParseException:
            return None
        return number if phonenumbers.is_possible_number(parsed) else None
    if not re.fullmatch(r"0\d{9,10}", number):
        return None
    mobile = re.match(r"0[5789]0[0-9]|07[0-9]{3}", number)
    if mobile and len(number) == 10 and re.match(r"0[5789]0" if country == "JP" else r"07", number):
        return None
    return number


def _phone_number(search: Search, chain: Chain) -> Found | None:
    for reading in chain.readings:
        for match in _PHONE.finditer(reading.text):
            value = phone_value(match.group(1), search.country)
            if value is not None:
                start, end = reading.span(*match.span())
                sure = reading is chain.readings[0]
                return Found("phone_number", value, start, end, 1.0 if sure else 0.9, 82)
    if search.wants("phone_number") and (hit := _first(chain, _BARE_PHONE)):
        value = phone_value("0" + hit[1].group(1), search.country)
        if value is not None:
            start, end = hit[0].span(*hit[1].span())
            return Found("phone_number", value, start, end, 0.6, 75)
    return None


_FINDERS: tuple[Callable[[Search, Chain], Found | None], ...] = (
    _order_number,
    _plain("member_number", _SEVEN, _MEMBER_WORD),
    _plain("account_number", _NINE, _ACCOUNT_WORD),
    _one_time_code,
    _phone_number,
    _phone_last4,
)
