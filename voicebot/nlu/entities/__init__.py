"""Values in what a customer said: order numbers, dates, amounts, products. Pure, both languages at once."""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from voicebot.domain import EN, Entity, Language
from voicebot.nlu.entities.closed import ClosedValues
from voicebot.nlu.entities.codes import find_codes
from voicebot.nlu.entities.dates_en import find_english_dates, find_english_periods
from voicebot.nlu.entities.dates_ja import find_japanese_dates, find_japanese_periods
from voicebot.nlu.entities.digits import find_digits
from voicebot.nlu.entities.found import Found, Search
from voicebot.nlu.entities.negation import mark_negated
from voicebot.nlu.entities.quantities import find_amounts, find_numbers
from voicebot.nlu.entities.sounds import as_characters, miscounted_four
from voicebot.nlu.entities.times import find_moments, find_times, find_windows

__all__ = ["ClosedValues", "find_entities"]

_SHARES_ITS_PLACE = frozenset({"time_window", "time", "datetime", "phone_last4"})
_LONGEST_TEXT = 4000
_SPELLED = frozenset({"order_number", "member_number", "account_number", "phone_last4", "one_time_code"})
_MISHEARD = 0.5
_LAST_FOUR = "phone_last4"


def find_entities(
    text: str,
    language: Language,
    *,
    today: date,
    country: str,
    expects: tuple[str, ...] = (),
    closed: ClosedValues,
    alternatives: tuple[str, ...] = (),
) -> tuple[Entity, ...]:
    """All values of ``text``, those named in ``expects`` tried hardest, in the order they were said.

    ``country`` is the tenant's (``JP``, ``GB``): it settles currency, day/month order and phone formats. Other texts the
    recogniser thought of (``alternatives``) fill an expected value the best text lacks (``start`` is -1 then) and
    otherwise appear in ``Entity.alternatives``. An expected number or code that no text holds is looked for by sound. Only the first 4,000 characters are searched.
    """
    found = _search(text[:_LONGEST_TEXT], language, today, country, expects, closed)
    for other in alternatives[:5]:
        if other and other != text:
            found = _add_alternative(
                found, _search(other[:_LONGEST_TEXT], language, today, country, expects, closed), expects
            )
    missing = [name for name in expects if name in _SPELLED and not any(entity.name == name for entity in found)]
    if missing and language == EN:
        readings = [as_characters(heard[:_LONGEST_TEXT]) for heard in (text, *alternatives[:5])]
        found += _misheard(missing, [_search(heard, language, today, country, expects, closed) for heard in readings])
    if _LAST_FOUR in expects:
        found = _with_run_of_four(found, (text, *alternatives[:5]))
    return tuple(found)


def _with_run_of_four(found: list[Entity], readings: tuple[str, ...]) -> list[Entity]:
    """Four equal digits that were miscounted: the value if the best text says so, otherwise a further reading."""
    runs = [run for reading in readings if (run := miscounted_four(reading[:_LONGEST_TEXT])) is not None]
    held = next((entity for entity in found if entity.name == _LAST_FOUR), None)
    if not runs or (held is not None and held.value == runs[0]):
        return found
    if held is None:
        return [*found, Entity(_LAST_FOUR, runs[0], confidence=_MISHEARD)]
    others = tuple(dict.fromkeys((runs[0], *held.alternatives)))
    if held.start < 0 and miscounted_four(readings[0]) is not None:
        changed = replace(held, value=runs[0], alternatives=tuple(dict.fromkeys((held.value, *held.alternatives))))
    else:
        changed = replace(held, alternatives=others)
    return [changed if entity is held else entity for entity in found]


def _misheard(names: list[str], readings: list[list[Entity]]) -> list[Entity]:
    """Of each missing name the value that most readings agree on, the others as alternatives."""
    made = []
    for name in names:
        values = Counter(entity.value for found in readings for entity in found if entity.name == name)
        if values:
            best, *others = (value for value, _ in values.most_common(4))
            made.append(Entity(name, best, confidence=_MISHEARD, alternatives=tuple(others)))
    return made


def _search(
    text: str, language: Language, today: date, country: str, expects: tuple[str, ...], closed: ClosedValues
) -> list[Entity]:
    search = Search.of(text, language, today, country, expects)
    items = [
        *find_digits(search),
        *find_codes(search),
        *find_english_dates(search),
        *find_japanese_dates(search),
        *find_english_periods(search),
        *find_japanese_periods(search),
        *find_times(search),
        *find_windows(search),
        *find_amounts(search),
        *find_numbers(search),
        *closed.find(search),
    ]
    kept = mark_negated(search, settle(search, items))
    moments = list(find_moments(search, kept))
    return [search.entity(item) for item in sorted([*kept, *moments], key=lambda item: (item.start, item.end))]


def settle(search: Search, items: Iterable[Found]) -> list[Found]:
    """Of overlapping finds keeps the asked-for one, then the higher rank, then the longer."""
    ordered = sorted(
        items, key=lambda item: (not search.wants(item.name), -item.rank, item.start - item.end, -item.confidence)
    )
    kept: list[Found] = []
    cover: dict[int, list[Found]] = {}
    for item in ordered:
        places = range(item.start, item.end)
        if not any(_clash(item, other) for place in places for other in cover.get(place, ())):
            kept.append(item)
            for place in places:
                cover.setdefault(place, []).append(item)
    return sorted(kept, key=lambda item: (item.start, item.end))


def _clash(item: Found, other: Found) -> bool:
    if item.end <= other.start or other.end <= item.start:
        return False
    if item.name == other.name:
        return True
    if item.rank == other.rank == 35:
        return False
    return not (item.name in _SHARES_ITS_PLACE and other.name in ("date", "time", "time_window", "phone_number"))


def _add_alternative(found: list[Entity], others: list[Entity], expects: tuple[str, ...]) -> list[Entity]:
    out = list(found)
    for other in others:
        same = [index for index, entity in enumerate(out) if entity.name == other.name]
        if not same:
            if other.name in expects and not other.negated:
                confidence = round(other.confidence * 0.8, 3)
                out.append(replace(other, start=-1, end=-1, confidence=confidence, verbatim=False))
            continue
        if len(same) == 1 and not out[same[0]].negated:
            entity = out[same[0]]
            if other.value != entity.value and other.value not in entity.alternatives and not other.negated:
                out[same[0]] = replace(entity, alternatives=(*entity.alternatives, other.value))
    return out
