"""Hides card numbers, phones, e-mail addresses and secrets before words are stored or shown.

Works on what people type and on what recognisers write for what they say, in English and Japanese at once. Order,
member and account numbers are no personal secret here and survive. Redacting twice changes nothing.
"""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from voicebot.spelled import Chain, Folded, Reading, find_chains, fold

__all__ = ["CARD_MASKS", "Redaction", "redact"]

_MASKS = {
    "card": ("[カード番号]", "[CARD]"),
    "phone": ("[電話番号]", "[PHONE]"),
    "email": ("[メール]", "[EMAIL]"),
    "pin": ("[暗証番号]", "[SECRET]"),
    "cvv": ("[暗証番号]", "[SECRET]"),
    "password": ("[暗証番号]", "[SECRET]"),
    "one_time_code": ("[暗証番号]", "[SECRET]"),
}
CARD_MASKS = _MASKS["card"]
"""What stands in the place of a payment card's number, in Japanese and in English."""
_MASK = re.compile("|".join(re.escape(mask) for mask in sorted({m for pair in _MASKS.values() for m in pair})))
_JAPANESE = re.compile(r"[、。ぁ-んァ-ヶ一-鿿]")
_ROUNDS = 6
_CLEAN: dict[str, None] = {}
"""Texts of late that hold nothing to hide. Words are looked at several times on their way to the log; once is enough."""
_CLEAN_KEPT = 256


@dataclass(frozen=True, slots=True)
class Redaction:
    """``text`` with masks in the language around them; ``found`` names what was hidden, in order, without repeats."""

    text: str
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    kind: str
    start: int
    end: int


def redact(text: str) -> Redaction:
    """Masks everything that must not be kept; linear in the length of the text, never fails."""
    if text in _CLEAN:
        return Redaction(text, ())
    found: list[str] = []
    for _ in range(_ROUNDS):
        hits = _resolve(_hits(text))
        if not hits:
            _CLEAN[text] = None
            if len(_CLEAN) > _CLEAN_KEPT:
                _CLEAN.pop(next(iter(_CLEAN), text), None)
            break
        found.extend(hit.kind for hit in hits)
        column = 0 if _JAPANESE.search(_MASK.sub("", text)) or _has_japanese_mask(text) else 1
        parts, at = [], 0
        for hit in hits:
            parts += [text[at : hit.start], _MASKS[hit.kind][column]]
            at = hit.end
        text = "".join([*parts, text[at:]])
    return Redaction(text, tuple(dict.fromkeys(found)))


def _has_japanese_mask(text: str) -> bool:
    return any(pair[0] in text for pair in _MASKS.values())


def _resolve(hits: list[_Hit]) -> list[_Hit]:
    out: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if out and hit.start < out[-1].end:
            out[-1] = _Hit(out[-1].kind, out[-1].start, max(out[-1].end, hit.end))
        else:
            out.append(hit)
    return out


def _hits(text: str) -> list[_Hit]:
    """Finds in ``text``; masks that are there already are a wall nothing reaches across."""
    blanked = _MASK.sub(lambda match: "\x00" * len(match.group()), text)
    folded = fold(blanked)
    chains = find_chains(folded)
    found = [*_emails(folded), *_passwords(folded), *_numbers(folded, chains)]
    return [_Hit(hit.kind, *folded.span(hit.start, hit.end)) for hit in found if hit.end > hit.start]


# --- e-mail and passwords ----------------------------------------------------------------------------------------

_TOP = r"(?:com|co|uk|jp|net|org|ne|ac|or|io|me|info|edu|gov|biz|de|fr|eu|us|dev|app)"
_WRITTEN_EMAIL = re.compile(r"[a-z0-9_.+%-]{1,64} ?[@＠] ?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}")
_WORD = r"[a-z0-9]{1,30}"
_JOINT = r"(?: ?(?:dot|underscore|hyphen|dash|plus|[._+-]) ?)"
_SPOKEN_EMAIL = re.compile(
    rf"(?<![a-z0-9])(?:(?:[a-z0-9] ){{1,20}}(?:[a-z0-9]{{1,30}} )?|(?:{_WORD}{_JOINT}){{0,5}}{_WORD} )at (?:{_WORD}(?: ?(?:dash|hyphen|-) ?| )){{0,2}}{_WORD}"
    rf"(?:(?: dot | ?\. ?)(?:{_WORD} ?)?){{0,2}}(?: dot | ?\. ?){_TOP}(?:(?: dot | ?\. ?){_TOP})*(?![a-z])"
)
_SPOKEN_EMAIL_JA = re.compile(
    r"[^\s、。,は「」がを:\x00]{1,40}[ 、]{0,2}(?:あっとまーく|あっと|@)[ 、]{0,2}[^、。\s\x00]{1,40}?[ 、]{0,2}(?:どっと|てん)[ 、]{0,2}"
    r"(?:こむ|じぇーぴー|じぇいぴー|ねっと|しーおー|えぬいー|おるぐ|えーしー|[a-z]{2,4})(?:[ 、]{0,2}どっと[ 、]{0,2}(?:こむ|じぇーぴー|じぇいぴー|[a-z]{2,4}))*"
)
_PASSWORD = re.compile(
    r"(?:(?:password|passphrase|pass word)(?: is| was|'s|:| =)? ?:? *|(?:ぱすわーど|あいことば)(?:は|が|:|を)?[ 、]*)[\"'「]?(?P<secret>[!-~]{3,64})[\"'」]?"
)
_NOT_SECRETS = frozenset(
    "wrong not incorrect the forgotten expired locked for to and reset please isn't doesn't wont won't is was has never again "
    "too it my i a an on in of or but because when that correct right changed working invalid rejected weak now still been "
    "page link field box screen email change recovery help keeps just said says no needs need can can't cannot so out".split()
)


def _emails(folded: Folded) -> Iterator[_Hit]:
    for pattern, text in ((_WRITTEN_EMAIL, folded.text), (_SPOKEN_EMAIL, folded.text), (_SPOKEN_EMAIL_JA, folded.kana)):
        if pattern is _WRITTEN_EMAIL and "@" not in text:
            continue
        if pattern is _SPOKEN_EMAIL and " at " not in text:
            continue
        if pattern is _SPOKEN_EMAIL_JA and "あっと" not in text and "@" not in text:
            continue
        for match in pattern.finditer(text):
            yield _Hit("email", match.start(), match.end())


def _passwords(folded: Folded) -> Iterator[_Hit]:
    for match in _PASSWORD.finditer(folded.kana):
        secret = match["secret"].rstrip(".,!?")
        bare = secret.strip("'\"")
        joined = bool(
            re.search(r"(?:is|was|'s|:|=|は|が|:) ?:? *[\"'「]?$", folded.kana[match.start() : match.start("secret")])
        )
        telling = joined or bool(re.search(r"[0-9]", bare))
        if telling and bare not in _NOT_SECRETS and len(bare) >= 3:
            yield _Hit("password", match.start("secret"), match.start("secret") + len(secret))


# --- numbers -----------------------------------------------------------------------------------------------------

_CARD_WORD = re.compile(r"card|かーど|くれじっと|クレカ|visa|びざ|mastercard|amex")
_OTHER_WORD = re.compile(
    r"order|member|account|注文|会員|契約番号|お客様番号|受付|ticket|reference|last four|ending|末尾|下4|下四"
)
_PHONE_WORD = re.compile(r"phone|mobile|call me|ring me|text me|tel\b|電話|携帯|けいたい|連絡先|でんわ|折り返し")
_SECRETS = (
    ("cvv", re.compile(r"(?<![a-z])(?:cvv2?|cvc2?|cv2|security (?:code|number)|(?:three|3) digits on the back)(?![a-z])|せきゅりてぃ[ー]?(?:こーど|番号)|裏(?:面)?の(?:3|三|さん)(?:桁|けた)")),
    ("pin", re.compile(r"(?<![a-z])(?:pin|passcode|pass code)(?![a-z])(?: number| code)?|暗証番号|あんしょうばんごう|ぴん(?:こーど|番号|は)|ぱすこーど|ぱすわーど|(?<![a-z])password")),
    ("one_time_code", re.compile(r"(?<![a-z])(?:one[- ]time (?:code|password|passcode)|otp|verification code|confirmation code|access code|(?<!post )(?<!error )(?:the )?code (?:is|was|you sent|i got|says|it sent))(?![a-z])|認証(?:こーど|番号)|確認(?:こーど|用の番号)|わんたいむ|(?<!えらー)こーどは")),
)  # fmt: skip
_SECRET_AFTER = re.compile(
    r"^ ?(?:is|'s|was|が|は|って|です[、。]?)? ?(?:my|the|our|私の|うちの)? ?(?P<word>cvv|cvc|pin(?![a-z])|security code|passcode|暗証番号|せきゅりてぃこーど)"
)
_REACH = 26
_DIGITS = re.compile(r"\d+")
_ORDER = re.compile(r"A\d{8}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+\d{9,14}|0044\d{9,11}|010\d{11,13}|0\d{9,10}|(?:44|81)0?[1-9]\d{8,9})(?!\d)")
_US_PHONE = re.compile(r"(?<!\d)(?:\+?1[ .-])?\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)")


def _luhn(digits: str) -> bool:
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _numbers(folded: Folded, chains: tuple[Chain, ...]) -> Iterator[_Hit]:
    for match in _US_PHONE.finditer(folded.text):
        yield _Hit("phone", match.start(), match.end())
    for chain in chains:
        yield from _chain_hits(folded, chain)
    yield from _scattered_cards(folded, chains)


def _chain_hits(folded: Folded, chain: Chain) -> Iterator[_Hit]:
    if chain.sure < 2:
        return
    orders = _order_spans(chain)
    masked: list[tuple[int, int]] = []
    for kind, reading, start, end in _candidates(folded, chain, bool(orders)):
        first, last = reading.span(start, end)
        inside_order = any(first < stop and begin < last for begin, stop in orders)
        if not inside_order and not any(first < stop and begin < last for begin, stop in masked):
            masked.append((first, last))
            yield _Hit(kind, first, last)


def _order_spans(chain: Chain) -> list[tuple[int, int]]:
    for reading in chain.readings:
        matches = list(_ORDER.finditer(reading.text))
        if matches:
            return [reading.span(*match.span()) for match in matches]
    return []


def _candidates(folded: Folded, chain: Chain, has_order: bool) -> Iterator[tuple[str, Reading, int, int]]:
    """Card, then phone, then secret, in the readings from most literal on; order numbers are parted off first."""
    before = folded.kana[max(0, chain.start - _REACH) : chain.start]
    readings = chain.readings[1:] if has_order and len(chain.readings) > 1 else chain.readings
    parted = _parts_are_plain(chain)
    for reading in readings:
        for match in _DIGITS.finditer(reading.text):
            size = len(match.group())
            if (
                size >= 13
                and not (parted and not _luhn(match.group()))
                and not _PHONE.fullmatch(
                    "+" + match.group() if reading.text[: match.start()].endswith("+") else match.group()
                )
            ):
                yield "card", reading, match.start(), match.end()
    for reading in readings:
        for match in _PHONE.finditer(reading.text):
            yield "phone", reading, match.start(), match.end()
    about_card, about_phone = _last_word(_CARD_WORD, before), _last_word(_PHONE_WORD, before)
    for reading in readings:
        for match in _DIGITS.finditer(reading.text):
            if about_card and len(match.group()) >= 8:
                yield "card", reading, match.start(), match.end()
            if about_phone and 9 <= len(match.group()) <= 11:
                yield "phone", reading, match.start(), match.end()
    secret = _secret_kind(folded, chain, before)
    if secret:
        for reading in readings:
            for match in _DIGITS.finditer(reading.text):
                if 3 <= len(match.group()) <= 10:
                    yield secret, reading, match.start(), match.end()


def _parts_are_plain(chain: Chain) -> bool:
    """Whether a long run is really several member, account or phone numbers written one after the other."""
    whole = chain.readings[0].text
    rest = [reading for reading in chain.readings[1:] if len(reading.text) < len(whole)]
    parts = [reading for reading in rest if re.fullmatch(r"\d{7,11}", reading.text)]
    return len(parts) >= 2 and sum(len(part.text) for part in parts) >= len(whole)


def _last_word(pattern: re.Pattern[str], before: str) -> bool:
    hits = [match.end() for match in pattern.finditer(before)]
    if not hits or "\x00" in before[hits[-1] :]:
        return False
    return _OTHER_WORD.search(before, hits[-1]) is None and re.search(r"\d", before[hits[-1] :]) is None


def _secret_kind(folded: Folded, chain: Chain, before: str) -> str | None:
    for kind, pattern in _SECRETS:
        hits = list(pattern.finditer(before))
        if hits:
            between = before[hits[-1].end() :]
            if "\x00" not in between and not re.search(r"\d|[。?]", between) and not _OTHER_WORD.search(between):
                return kind
    after = _SECRET_AFTER.match(folded.kana[chain.end : chain.end + _REACH])
    if after is None:
        return None
    return "pin" if after["word"] in ("pin", "passcode", "暗証番号") else "cvv"


def _scattered_cards(folded: Folded, chains: tuple[Chain, ...]) -> Iterator[_Hit]:
    """Card digits with words between them ("4111 and then it's 1111 …"): sixteen digits in close company."""
    group: list[tuple[Chain, str]] = []
    for chain in [*chains, None]:
        digits = "".join(re.findall(r"\d", chain.readings[0].text)) if chain is not None else ""
        near = chain is not None and group and chain.start - group[-1][0].end <= 16
        barrier = near and chain is not None and "\x00" in folded.text[group[-1][0].end : chain.start]
        if group and (not near or barrier):
            yield from _group_hits(folded, group)
            group = []
        if chain is not None and digits and not _order_spans(chain):
            group.append((chain, digits))


def _group_hits(folded: Folded, group: list[tuple[Chain, str]]) -> Iterator[_Hit]:
    if len(group) < 2:
        return
    digits = "".join(part for _, part in group)
    if not 13 <= len(digits) <= 19:
        return
    before = folded.kana[max(0, group[0][0].start - _REACH) : group[0][0].start]
    blocks = all(len(part) >= 2 for _, part in group)
    if (_luhn(digits) and blocks) or _last_word(_CARD_WORD, before):
        for chain, _ in group:
            yield _Hit("card", chain.start, chain.end)
