"""``flows/<company>/<language>/faq.yml`` and ``flows/<company>/documents/<language>/*.md`` as passages.

A document is Markdown with front matter: ``title``, ``source``, ``updated``. Every heading begins a passage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from voicebot.domain import Language, TenantId
from voicebot.errors import ContentError
from voicebot.flows.content_files import read_faq, read_tenant
from voicebot.flows.source import Reader

LONGEST_CHARS = 900
"""A longer section is cut between paragraphs."""
_FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*\n", re.DOTALL)
_HEADING = re.compile(r"^#{1,4}\s+(.+?)\s*$", re.MULTILINE)
_KEYS = ("title", "source", "updated")


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that can be shown. ``wordings``: what it is searched by besides its text's words."""

    entry: str
    language: Language
    title: str
    text: str
    source: str
    updated: str
    wordings: tuple[str, ...]


def load_knowledge(root: Path, tenant: TenantId | str) -> tuple[Passage, ...]:
    """Every passage of a company, in its languages.

    Raises:
        ContentErrors: a file is wrong; it names file, line and mend.
    """
    reader = Reader(root)
    node = reader.read(root / str(tenant) / "tenant.yml")
    languages = read_tenant(node, str(tenant)).languages if node is not None else ()
    found: list[Passage] = []
    for language in languages:
        found += _faq(reader, root / str(tenant) / language / "faq.yml", language)
        for path in sorted((root / str(tenant) / "documents" / language).glob("*.md")):
            found += _document(reader, path, language)
    reader.stop_if_bad()
    return tuple(found)


def check_knowledge(root: Path, tenant: TenantId | str) -> list[ContentError]:
    """What is wrong with a company's documents."""
    reader = Reader(root)
    for path in sorted((root / str(tenant) / "documents").glob("*/*.md")):
        _document(reader, path, Language(path.parent.name))
    return list(reader.problems)


def _faq(reader: Reader, path: Path, language: Language) -> list[Passage]:
    node = reader.read(path, required=False)
    if node is None:
        return []
    source = reader.shown(path)
    return [
        Passage(
            f"faq/{entry.id}", language, entry.questions[0], entry.answer, source, "", (*entry.questions, entry.answer)
        )
        for entry in read_faq(node).values()
        if entry.questions
    ]


def _document(reader: Reader, path: Path, language: Language) -> list[Passage]:
    shown = reader.shown(path)
    text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    front = _FRONT.match(text)
    if front is None:
        reader.bad(shown, 1, "The document has no front matter.", "Begin it with --- title, source, updated ---.")
        return []
    try:
        head = YAML(typ="safe").load(front.group(1))
    except YAMLError:
        head = None
    if not isinstance(head, dict) or any(not head.get(key) for key in _KEYS):
        reader.bad(shown, 2, "The front matter lacks title, source or updated.", "Write one `key: value` per line.")
        return []
    title, source, updated = (str(head[key]) for key in _KEYS)
    body = text[front.end() :]
    pieces = _HEADING.split(body)
    sections = [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    made: list[Passage] = []
    for heading, section in sections:
        for part in _parts(section):
            name = f"{path.stem}/{len(made) + 1}"
            label = f"{title}: {heading}" if heading else title
            made.append(
                Passage(name, language, label, part, source, updated, (label, part, *_sentences(part, language)))
            )
    if not made:
        reader.bad(shown, None, "The document says nothing.", "Write something under a heading, or take it away.")
    return made


def _parts(section: str) -> list[str]:
    parts: list[str] = []
    for paragraph in (" ".join(one.split()) for one in re.split(r"\n\s*\n", section)):
        if not paragraph:
            continue
        if parts and len(parts[-1]) + len(paragraph) < LONGEST_CHARS:
            parts[-1] = f"{parts[-1]}\n{paragraph}"
        else:
            parts.append(paragraph)
    return parts


def _sentences(text: str, language: Language) -> list[str]:
    end = r"(?<=[。！？])" if language == "ja" else r"(?<=[.!?])\s+"
    return [sentence for one in re.split(end, text) if len(sentence := one.strip()) > 8]
