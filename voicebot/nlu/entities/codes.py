"""Codes with letters in them: UK postcodes, error codes, model names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from voicebot.nlu.entities.found import Found, Search
from voicebot.spelled import Chain

_AREAS = frozenset(
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G "
    "GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW "
    "OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC "
    "WD WF WN WR WS WV YO ZE".split()
)
_POSTCODE = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2})(\d[A-Z\d]?)(\d)([A-Z0]{2})(?![A-Z0-9])")
_DISTRICT = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2})(\d{1,2}|\d[A-Z])(?![A-Z0-9])")
_ERROR = re.compile(r"(?<![A-Z0-9])([EHF])(\d{1,2})(?![A-Z0-9])")
_MODEL = re.compile(r"(?<![A-Z0-9])([A-Z]{2,3})(\d{2,4})([A-Z]?)(?![A-Z0-9])")
_ERROR_WORD = re.compile(r"error|code|えらー|表示|display|showing|says")
_AREA_WORD = re.compile(r"postcode|post code|area|district|outage|郵便番号|ぽすとこーど|地域|えりあ")


def find_codes(search: Search) -> Iterator[Found]:
    """Postcodes, error codes and models, each from the first reading that has its shape."""
    for chain in search.chains:
        if any(char.isalpha() for char in chain.readings[0].text):
            yield from _postcode(search, chain)
            yield from _error_code(search, chain)
            yield from _model(search, chain)


def _postcode(search: Search, chain: Chain) -> Iterator[Found]:
    wanted = search.wants("postcode")
    for reading in chain.readings:
        for match in _POSTCODE.finditer(reading.text):
            area, district, sector, unit = match.groups()
            known = area in _AREAS
            if not known and not wanted:
                continue
            start, end = reading.span(*match.span())
            confidence = (1.0 if known else 0.5) * (1.0 if reading is chain.readings[0] else 0.9)
            yield Found("postcode", f"{area}{district} {sector}{unit.replace('0', 'O')}", start, end, confidence, 88)
            return
    if search.country != "GB" and not wanted:
        return
    for reading in chain.readings:
        hit = _DISTRICT.search(reading.text)
        if hit is not None and hit[1] in _AREAS and (len(hit[1]) == 2 or _AREA_WORD.search(search.kana)):
            start, end = reading.span(*hit.span())
            if wanted or _AREA_WORD.search(search.kana) or search.text[start:end].replace(" ", "").isalnum():
                yield Found("postcode_area", hit[1] + hit[2], start, end, 0.9, 55)
                return


def _error_code(search: Search, chain: Chain) -> Iterator[Found]:
    for reading in chain.readings:
        hit = _ERROR.search(reading.text)
        if hit is None:
            continue
        start, end = reading.span(*hit.span())
        named = search.wants("error_code") or bool(_ERROR_WORD.search(search.kana))
        if (
            not named
            and search.text[start : start + 1] == "e"
            and re.match(r"e-? ?\d+ ?(?:円|ポンド|mail)", search.text[start:])
        ):
            return
        yield Found("error_code", hit[1] + hit[2], start, end, 1.0 if named else 0.85, 72)
        return


def _model(search: Search, chain: Chain) -> Iterator[Found]:
    wanted = search.wants("model")
    for reading in chain.readings:
        hit = _MODEL.search(reading.text)
        if hit is None:
            continue
        if not wanted and (search.country == "GB" and hit[1] in _AREAS and len(hit[2]) <= 2):
            return
        if hit[1] + hit[2] in ("COVID19",) or hit[1] in ("TH", "ST", "ND", "RD"):
            return
        start, end = reading.span(*hit.span())
        yield Found("model", "".join(hit.groups()), start, end, 1.0 if wanted else 0.85, 68)
        return
