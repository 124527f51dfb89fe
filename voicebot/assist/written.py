"""What people write for the assist: a file of the core and one of the company, or the same sent as JSON.

Cards and scripts are read the same way; what stands in the files is for their own readers to say.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from voicebot.domain import Json
from voicebot.errors import ContentError
from voicebot.flows.source import ContentErrors, Node, Reader

CORE = "core"
_DIGEST_CHARS = 12
T = TypeVar("T")
Read = Callable[[Reader, list[Node]], T]
"""Makes something of the files in order; what is wrong is left with the reader."""


def from_files(root: Path, tenant: str, file: str, read: Read[T]) -> T:
    """Read ``file`` of the core and then of the company; either may be missing. ``root``: the folder of all flows.

    Raises:
        ContentErrors: something is wrong; it names every file, line and mend.
    """
    reader = Reader(root)
    found = (reader.read(root / folder / file, required=False) for folder in (CORE, tenant))
    made = read(reader, [node for node in found if node is not None])
    reader.stop_if_bad()
    return made


def from_sent(root: Path, file: str, data: Json, empty: tuple[str, str], read: Read[T]) -> T:
    """Read what was edited in the browser. ``empty``: problem and mend when ``data`` is no mapping.

    Raises:
        ContentErrors: something is wrong; no problem names a line.
    """
    if not isinstance(data, dict):
        raise ContentErrors([ContentError(file, None, *empty)])
    reader = Reader(root)
    made = read(reader, [Node(reader, file, cast(Mapping[str, Any], data), 1)])
    if reader.problems:
        raise ContentErrors([ContentError(one.file, None, one.problem, one.mend) for one in reader.problems])
    return made


def wrong_with(load: Callable[[], object]) -> list[ContentError]:
    """What is wrong with what ``load`` reads."""
    try:
        load()
    except ContentErrors as errors:
        return list(errors.problems)
    return []


def digest_of(body: Json) -> str:
    """Name of content by what it holds, whatever the order of its keys."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARS]


__all__ = ["CORE", "Read", "digest_of", "from_files", "from_sent", "wrong_with"]
