"""Demo data speaks of "tomorrow" and "three days ago", so that it never grows stale."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

_RELATIVE = re.compile(r"^([+-]?)(\d{1,4})([dh])$")


def resolve(value: Any, now: datetime) -> Any:
    """Replace ``+1d`` by an ISO date and ``-2h`` by an ISO local time (minutes), throughout a tree of data."""
    match value:
        case dict():
            return {key: resolve(item, now) for key, item in value.items()}
        case list():
            return [resolve(item, now) for item in value]
        case str():
            return _one(value, now)
        case _:
            return value


def _one(text: str, now: datetime) -> str:
    found = _RELATIVE.match(text)
    if not found:
        return text
    count = int(found[2]) * (-1 if found[1] == "-" else 1)
    if found[3] == "d":
        return (now.date() + timedelta(days=count)).isoformat()
    return (now + timedelta(hours=count)).strftime("%Y-%m-%dT%H:%M")


def days_from(now: datetime, iso: str) -> int:
    """Whole days from today to an ISO date; negative when it is past."""
    return (date.fromisoformat(iso[:10]) - now.date()).days


def day(now: datetime, days: int) -> str:
    """The ISO date so many days from today."""
    return (now.date() + timedelta(days=days)).isoformat()
