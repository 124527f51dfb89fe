"""Authors' YAML with line numbers, and the collecting of everything that is wrong with it.

One :class:`Reader` reads all files of a load, so that an author sees every mistake at once rather than the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from voicebot.domain import Json
from voicebot.errors import ContentError
from voicebot.flows.content import Place


class ContentErrors(ContentError):
    """Everything that is wrong with the files of one load; ``problems`` has them one by one."""

    def __init__(self, problems: Sequence[ContentError]) -> None:
        first = problems[0]
        super().__init__(first.file, first.line, first.problem, first.mend)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Node:
    """A mapping in a file: typed access to its keys, each wrong one reported with its line."""

    def __init__(self, reader: Reader, file: str, data: Mapping[str, Any], line: int) -> None:
        self.reader, self.file, self.data, self.line = reader, file, data, line

    def __contains__(self, key: str) -> bool:
        return key in self.data

    @property
    def place(self) -> Place:
        """Where the mapping starts."""
        return Place(self.file, self.line)

    def line_of(self, key: str) -> int:
        """The line of a key, 1-based."""
        if isinstance(self.data, CommentedMap) and key in self.data:
            try:
                return int(self.data.lc.key(key)[0]) + 1
            except (KeyError, TypeError):
                return self.line
        return self.line

    def bad(self, key: str | None, problem: str, mend: str) -> None:
        """Report something wrong at a key (or at the mapping itself)."""
        self.reader.bad(self.file, self.line_of(key) if key else self.line, problem, mend)

    def only(self, allowed: frozenset[str], what: str) -> None:
        """Report keys that are not allowed here."""
        for key in self.data:
            if key not in allowed:
                self.bad(
                    str(key), f"{what} does not know the key {key!r}.", f"Use one of {', '.join(sorted(allowed))}."
                )

    def text(self, key: str, default: str = "") -> str:
        """A text (numbers are taken as text)."""
        value = self.data.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            self.bad(key, f"{key!r} must be a text.", "Put it in quotes on one line.")
            return default
        return str(value)

    def flag(self, key: str, default: bool = False) -> bool:
        """A yes/no switch."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.bad(key, f"{key!r} must be true or false.", "Write true or false without quotes.")
            return default
        return value

    def number(self, key: str, default: float) -> float:
        """A number."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.bad(key, f"{key!r} must be a number.", "Write digits without quotes.")
            return default
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self.data.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or any(not isinstance(item, (str, int)) for item in value):
            self.bad(key, f"{key!r} must be a list of texts.", "Write [one, two].")
            return ()
        return tuple(str(item) for item in value)

    def child(self, key: str) -> Node:
        """The mapping under a key; an empty one if there is none."""
        value = self.data.get(key)
        if value is None:
            return Node(self.reader, self.file, {}, self.line_of(key))
        if not isinstance(value, dict):
            self.bad(key, f"{key!r} must be a mapping.", "Indent `name: value` lines under it.")
            return Node(self.reader, self.file, {}, self.line_of(key))
        return Node(self.reader, self.file, value, self.line_of(key))

    def children(self, key: str) -> list[Node]:
        """The list of mappings under a key."""
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.bad(key, f"{key!r} must be a list.", "Start each entry with `- `.")
            return []
        return nodes_of(self, value, self.line_of(key))

    def plain(self, key: str) -> Json:
        """Any value as plain JSON."""
        return plain(self.data.get(key))


def nodes_of(parent: Node, items: list[Any], line: int) -> list[Node]:
    """Wrap list entries that are mappings; report the others."""
    found: list[Node] = []
    for index, item in enumerate(items):
        at = int(items.lc.item(index)[0]) + 1 if isinstance(items, CommentedSeq) else line
        if isinstance(item, dict):
            found.append(Node(parent.reader, parent.file, item, at))
        else:
            parent.reader.bad(parent.file, at, f"{item!r} stands where a mapping is needed.", "Write `- name: value`.")
    return found


def plain(value: Any) -> Json:
    """Strip ruamel's classes."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (bool, int, float)) or value is None:
        return cast(Json, value)
    return str(value)


class Reader:
    """Reads files and remembers problems."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[ContentError] = []
        self.texts: list[str] = []

    def bad(self, file: str, line: int | None, problem: str, mend: str) -> None:
        """Remember one problem."""
        self.problems.append(ContentError(file, line, problem, mend))

    def read(self, path: Path, *, required: bool = True) -> Node | None:
        """A file's top mapping; None when it is missing or is not YAML."""
        shown = self.shown(path)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            if required:
                self.bad(shown, None, "The file is missing.", "Create it, or take the folder away.")
            return None
        except (OSError, UnicodeDecodeError) as error:
            self.bad(shown, None, f"The file cannot be read: {error}.", "Save it as UTF-8 text.")
            return None
        self.texts.append(text)
        try:
            data = YAML(typ="rt").load(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.bad(
                shown,
                mark.line + 1 if mark is not None else None,
                f"This is not YAML: {error.problem or error.context}.",
                "Check the indentation, quotes and brackets on this line and the one above.",
            )
            return None
        except YAMLError as error:
            self.bad(shown, None, f"This is not YAML: {error}.", "Check the file's indentation.")
            return None
        if not isinstance(data, dict):
            self.bad(shown, 1, "The file must hold a mapping.", 'Start it with `version: "3.1"` and a key.')
            return None
        return Node(self, shown, data, 1)

    def shown(self, path: Path) -> str:
        """The path as an author knows it."""
        try:
            return str(path.relative_to(self.root.parent))
        except ValueError:
            return str(path)

    def stop_if_bad(self) -> None:
        """Raise everything found so far."""
        if self.problems:
            raise ContentErrors(self.problems)
