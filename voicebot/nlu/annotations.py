"""Entity marks inside a training line, as Rasa writes them.

``[text](entity)``, ``[text](entity:value)``, ``[text]{"entity": "city", "value": "Tokyo", "role": "to"}`` and the list
form ``[text][{...}, {...}]``. A backslash before a bracket keeps it as plain text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_MARK = re.compile(
    r"(?<!\\)\[(?P<text>(?:\\.|[^\[\]\\])+?)\]"
    r"(?:\((?P<entity>[^():]+?)(?::(?P<value>[^()]+))?\)|(?P<dict>\{[^{}]*\})|\[(?P<list>\{.*?\})\])"
)
_OPENED = re.compile(r"(?<!\\)\](?=[({])|(?<!\\)\[(?=[^\]]*[({][^\]]*$)")
_ESCAPED = re.compile(r"\\([\[\](){}\\])")
_NAME = re.compile(r"^[^\W\d][\w.\-]*$")


class BrokenMark(ValueError):
    """A mark cannot be read; ``mend`` says how to write it."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.problem, self.mend = problem, mend


@dataclass(frozen=True, slots=True)
class Mark:
    """One marked value; ``start``/``end`` index the plain text."""

    start: int
    end: int
    entity: str
    value: str
    role: str | None = None
    group: str | None = None


def read_marks(line: str) -> tuple[str, tuple[Mark, ...]]:
    """Split a training line into plain text and marks; raises :class:`BrokenMark`."""
    plain: list[str] = []
    marks: list[Mark] = []
    length = at = 0
    for match in _MARK.finditer(line):
        before = _unescape(_checked(line[at : match.start()]))
        inside = _unescape(match["text"])
        plain += [before, inside]
        start = length + len(before)
        length = start + len(inside)
        at = match.end()
        for entity in _entities_of(match, inside):
            marks.append(Mark(start, length, *entity))
    rest = _unescape(_checked(line[at:]))
    plain.append(rest)
    return "".join(plain), tuple(marks)


def _entities_of(match: re.Match[str], inside: str) -> list[tuple[str, str, str | None, str | None]]:
    if match["entity"] is not None:
        return [(_name(match["entity"]), (match["value"] or inside).strip(), None, None)]
    source = match["dict"] or f"[{match['list']}]"
    try:
        found = json.loads(source)
    except json.JSONDecodeError as error:
        raise BrokenMark(
            f"the mark {source} is not valid JSON.",
            'Write it as [text]{"entity": "name", "value": "value"} with double quotes.',
        ) from error
    rows = []
    for item in found if isinstance(found, list) else [found]:
        if not isinstance(item, dict) or not isinstance(item.get("entity"), str):
            raise BrokenMark(f"the mark {source} names no entity.", 'Add "entity": "name" to it.')
        role, group = item.get("role"), item.get("group")
        rows.append(
            (
                _name(item["entity"]),
                str(item.get("value", inside)),
                None if role is None else str(role),
                None if group is None else str(group),
            )
        )
    return rows


def _name(name: str) -> str:
    name = name.strip()
    if not _NAME.match(name):
        raise BrokenMark(
            f"'{name}' is no entity name.",
            "Use letters, digits and _ only; put a backslash before a bracket that is meant as text.",
        )
    return name


def _checked(piece: str) -> str:
    """A left-over bracket next to a parenthesis is a mark somebody mistyped."""
    if _OPENED.search(piece):
        raise BrokenMark(
            "a mark is not closed or not opened.",
            "Write it as [text](entity); put a backslash before a bracket that is meant as text.",
        )
    if "[](" in piece or "[]{" in piece:
        raise BrokenMark("a mark has no text.", "Put the marked words between [ and ].")
    return piece


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
