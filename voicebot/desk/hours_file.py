"""Reading ``hours`` and ``timezone`` of ``tenant.yml``; everything wrong is reported with its line."""

from __future__ import annotations

from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from voicebot.desk.hours import OpeningHours, Spans, SpecialDay, parse_day, parse_spans, public_holidays
from voicebot.domain import Language, Skill
from voicebot.flows.source import Node

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_T = TypeVar("_T")


def spans(node: Node, key: str, default: _T) -> Spans | _T:
    """Hours under a key; the default when there are none."""
    if key not in node:
        return default
    try:
        return parse_spans(node.text(key))
    except ValueError as error:
        node.bad(key, f"The hours cannot be read: {error}.", 'Write "09:00-20:00", "24x7" or "closed".')
        return default


def read_hours(tenant: Node, known: frozenset[Skill], languages: tuple[Language, ...]) -> OpeningHours:
    """``hours`` and ``timezone`` of ``tenant.yml``."""
    node = tenant.child("hours")
    try:
        zone = ZoneInfo(tenant.text("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        tenant.bad("timezone", "There is no such time zone.", "Write an IANA name such as Asia/Tokyo.")
        zone = ZoneInfo("UTC")
    weekdays, weekend = spans(node, "weekdays", ()), spans(node, "weekend", ())
    week = tuple(spans(node, day, weekdays if index < 5 else weekend) for index, day in enumerate(WEEK))
    always: list[Skill] = []
    for name in node.data:
        if name in ("text", "weekdays", "weekend", "public_holidays", "closed", "special", *WEEK):
            continue
        if name in known and str(node.data[name]) == "24x7":
            always.append(Skill(str(name)))
        else:
            node.bad(str(name), f"hours does not know {name!r}.", "Name a skill that is staffed 24x7, or a day.")
    public = node.child("public_holidays")
    public.only(frozenset({"country", "subdivision", "hours"}), "public_holidays")
    country, subdivision = public.text("country"), public.text("subdivision") or None
    try:
        public_holidays(country, subdivision, 2026)
    except NotImplementedError:
        public.bad("country", "No holidays are known for this country or part of it.", "Write ISO codes: GB, ENG.")
        country = ""
    text = node.child("text") if isinstance(node.data.get("text"), dict) else None
    return OpeningHours(
        zone,
        week,
        country,
        subdivision,
        spans(public, "hours", None) if country else None,
        tuple(_special_days(node)),
        frozenset(always),
        {language: text.text(language) for language in languages} if text is not None else {},
    )


def _special_days(node: Node) -> list[SpecialDay]:
    found: list[SpecialDay] = []
    for key in ("closed", "special"):
        for item in _entries(node, key):
            if isinstance(item, Node):
                item.only(frozenset({"date", "from", "to", "name", "hours"}), "a closing day")
                first = item.text("date") or item.text("from")
                day = _special(
                    item, None, first, item.text("to") or first, spans(item, "hours", ()), item.child("name")
                )
            else:
                day = _special(node, key, str(item), str(item), (), None)
            found.extend([day] if day is not None else [])
    return found


def _entries(node: Node, key: str) -> list[Any]:
    value = node.data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        node.bad(key, f"{key!r} must be a list of days.", 'Write ["12-25", "2026-08-13"].')
        return []
    days = [item for item in value if isinstance(item, dict)]
    mappings = iter(Node(node.reader, node.file, item, _line(node, key, item)) for item in days)
    return [next(mappings) if isinstance(item, dict) else item for item in value]


def _line(node: Node, key: str, item: Any) -> int:
    mark = getattr(item, "lc", None)
    return int(mark.line) + 1 if mark is not None and mark.line is not None else node.line_of(key)


def _special(node: Node, key: str | None, first: str, last: str, open_: Spans, name: Node | None) -> SpecialDay | None:
    try:
        (year, start), (_, end) = parse_day(first), parse_day(last)
    except ValueError:
        node.bad(key, f"{first or 'Nothing'!r} is not a day.", "Write MM-DD for every year, or YYYY-MM-DD.")
        return None
    words = {Language(str(lang)): name.text(lang) for lang in name.data} if name is not None else {}
    return SpecialDay(start, end, year, open_, words)
