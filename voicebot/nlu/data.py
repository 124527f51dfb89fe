"""Rasa 3.x training data, with the place of every line, so that each finding can name file and line.

Reads ``nlu:`` lists of intents (block or list form), synonyms, regexes and lookups; files are merged; unknown keys are
left alone. Folder layout: ``<root>/core/<language>/*.yml`` and ``<root>/<tenant>/<language>/*.yml``; files whose name
begins with ``test_`` are held out and never trained on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from voicebot.domain import Language, TenantId
from voicebot.errors import ContentError
from voicebot.nlu.annotations import BrokenMark, Mark, read_marks

OUT_OF_SCOPE = "out_of_scope"
ASK_FAQ = "ask_faq"
CORE = "core"
_KINDS = ("intent", "synonym", "regex", "lookup")
_UNKNOWN = Language("")


@dataclass(frozen=True, slots=True)
class Example:
    """One training line. ``text`` is plain, ``source`` as written; ``line`` counts from 1."""

    text: str
    intent: str
    language: Language
    file: Path
    line: int
    source: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A line of a synonym, regex or lookup: ``name`` is the canonical value, the regex's or the lookup's name."""

    kind: str
    name: str
    text: str
    language: Language
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Everything read, and every problem found on the way, in file order."""

    examples: tuple[Example, ...] = ()
    terms: tuple[Term, ...] = ()
    problems: tuple[ContentError, ...] = ()

    def __add__(self, other: TrainingData) -> TrainingData:
        return TrainingData(self.examples + other.examples, self.terms + other.terms, self.problems + other.problems)

    @property
    def intents(self) -> tuple[str, ...]:
        """Names of the intents, sorted."""
        return tuple(sorted({example.intent for example in self.examples}))

    def checked(self) -> TrainingData:
        """Itself if nothing is broken; raises the first problem otherwise."""
        if self.problems:
            raise self.problems[0]
        return self


def read_files(files: Iterable[Path], language: Language = _UNKNOWN) -> TrainingData:
    """Read and merge files of one language."""
    data = TrainingData()
    for file in files:
        data += read_file(file, language)
    return data


def data_files(root: Path, tenant: TenantId | str, *, held_out: bool = False) -> list[tuple[Path, Language]]:
    """The tenant's files and the shared core's with their language, sorted; held-out ones on request instead."""
    found = []
    for owner in dict.fromkeys((CORE, str(tenant))):
        for folder in sorted(path for path in (root / owner).glob("*") if path.is_dir()):
            for file in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
                if file.name.startswith("test_") == held_out and not file.name.startswith("."):
                    found.append((file, Language(folder.name)))
    return found


def read_tenant(root: Path, tenant: TenantId | str, *, held_out: bool = False) -> TrainingData:
    """Read core and tenant, every language together."""
    data = TrainingData()
    for file, language in data_files(root, tenant, held_out=held_out):
        data += read_file(file, language)
    return data


def read_file(file: Path, language: Language = _UNKNOWN) -> TrainingData:
    """Read one file; what is broken lands in ``problems`` and the rest is still read."""
    return _Reading(file, language).read()


@dataclass
class _Reading:
    file: Path
    language: Language
    examples: list[Example] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    problems: list[ContentError] = field(default_factory=list)

    def read(self) -> TrainingData:
        try:
            self._document(YAML(typ="rt", pure=True).compose(self.file.read_text(encoding="utf-8-sig")))
        except UnicodeDecodeError:
            self._problem(None, "the file is not UTF-8.", "Save it as UTF-8.")
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._problem(
                mark.line + 1 if mark else None,
                f"this is not valid YAML ({error.problem or error.context}).",
                "Check indentation, quotes and the colon after each key on this line and the one above.",
            )
        except YAMLError as error:
            self._problem(None, f"this is not valid YAML ({str(error).splitlines()[0]}).", "Check the file's syntax.")
        except OSError as error:
            self._problem(None, f"the file cannot be read ({error.strerror}).", "Check the path and its permissions.")
        return TrainingData(tuple(self.examples), tuple(self.terms), tuple(self.problems))

    def _problem(self, line: int | None, problem: str, mend: str) -> None:
        self.problems.append(ContentError(self.file, line, problem, mend))

    def _document(self, node: Node | None) -> None:
        if node is None:
            return
        if not isinstance(node, MappingNode):
            self._problem(_line(node), "the file is not a mapping.", "Begin it with 'version: \"3.1\"' and 'nlu:'.")
            return
        for key, value in self._pairs(node):
            if key != "nlu" or _empty(value):
                continue
            if not isinstance(value, SequenceNode):
                self._problem(_line(value), "'nlu' is not a list.", "Write '- intent: name' items under it.")
                continue
            for item in value.value:
                self._item(item)

    def _pairs(self, node: MappingNode) -> Iterator[tuple[str, Node]]:
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                self._problem(_line(key), f"the key '{name}' is written twice.", "Join the two under one key.")
            seen.add(name)
            yield name, value

    def _item(self, item: Node) -> None:
        if not isinstance(item, MappingNode):
            self._problem(_line(item), "this is no training item.", "Write '- intent: name' and 'examples: |'.")
            return
        pairs = dict(self._pairs(item))
        kind = next((kind for kind in _KINDS if kind in pairs), None)
        if kind is None:
            self._problem(
                _line(item),
                "this item is neither intent, synonym, regex nor lookup.",
                "Name it, e.g. '- intent: name'.",
            )
            return
        name = str(pairs[kind].value).strip() if isinstance(pairs[kind], ScalarNode) else ""
        if not name:
            self._problem(_line(item), f"the {kind} has no name.", f"Write '{kind}: name'.")
            return
        if "examples" not in pairs or _empty(pairs["examples"]):
            self._problem(_line(item), f"the {kind} '{name}' has no examples.", "Add 'examples: |' and '- ' lines.")
            return
        for line, text in self._lines(pairs["examples"]):
            self._add(kind, name, line, text)

    def _add(self, kind: str, name: str, line: int, source: str) -> None:
        if kind != "intent":
            self.terms.append(Term(kind, name, source, self.language, self.file, line))
            return
        try:
            text, marks = read_marks(source)
        except BrokenMark as broken:
            self._problem(line, broken.problem, broken.mend)
            return
        self.examples.append(Example(text, name, self.language, self.file, line, source, marks))

    def _lines(self, node: Node) -> Iterator[tuple[int, str]]:
        if isinstance(node, SequenceNode):
            for item in node.value:
                yield from self._listed(item)
        elif isinstance(node, ScalarNode):
            block = node.style in ("|", ">")
            first = _line(node) + 1 if block else _line(node)
            for offset, raw in enumerate(str(node.value).split("\n")):
                line = first + offset if block else first
                text = raw.strip()
                if text.startswith("- ") and text[2:].strip():
                    yield line, text[2:].strip()
                elif text and text != "-":
                    self._problem(line, "this example does not begin with '- '.", "Put '- ' before it.")
        else:
            self._problem(_line(node), "'examples' is a mapping.", "Write 'examples: |' and '- ' lines below.")

    def _listed(self, item: Node) -> Iterator[tuple[int, str]]:
        if isinstance(item, MappingNode):
            value = dict(self._pairs(item)).get("text")
        else:
            value = item
        if not isinstance(value, ScalarNode) or not str(value.value).strip():
            self._problem(_line(item), "this example has no text.", "Write '- text: the example'.")
            return
        line = _line(value) + (1 if value.style in ("|", ">") else 0)
        text = " ".join(str(value.value).split())
        yield line, text.removeprefix("- ").strip()


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and str(node.value).strip() in ("", "null", "~")
