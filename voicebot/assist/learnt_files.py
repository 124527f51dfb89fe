"""What cards have learnt, on disk: whether a folder changed, and which file is for the lines as they are now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from voicebot.assist.fitting import file_of, fit
from voicebot.assist.lines import Lines
from voicebot.assist.model import CardSet
from voicebot.domain import TenantId
from voicebot.errors import VoicebotError

ReadLines = Callable[[CardSet], Lines]
Stamp = tuple[str, int, int]
"""A file with its time of change and size; a file that is replaced has another."""
_NICE = 10


def stamp(file: Path) -> Stamp:
    """Of one file. Raises OSError."""
    told = file.stat()
    return str(file), told.st_mtime_ns, told.st_size


def stamps(folders: Iterable[Path], tenant: TenantId) -> frozenset[Stamp]:
    """Of every file that a company's cards have learnt."""
    found: set[Stamp] = set()
    for folder in folders:
        for file in (folder / str(tenant)).glob("*.npz"):
            try:
                found.add(stamp(file))
            except OSError:
                continue  # it was taken away meanwhile
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Newest:
    """``file`` None: nothing has been learnt from the lines as they are now. ``wrong``: why that cannot be told."""

    file: Path | None = None
    wrong: str = ""


def newest(read: ReadLines, cards: CardSet, folders: tuple[Path, ...], learn_into: Path | None, cache: Path) -> Newest:
    """The file for a version and its lines as they are now, first folder first; for a process of its own.

    It reads every line, which takes seconds. ``learn_into``: where a version that was edited here is learnt, since
    nobody else would; a version of the files waits for ``voicebot train``.
    """
    os.nice(_NICE)
    try:
        lines = read(cards)
        files = [file_of(folder, cards, lines) for folder in folders]
        found = next((file for file in files if file.is_file()), None)
        if found is None and learn_into is not None:
            found = file_of(learn_into, cards, lines)
            fit(cards, lines, found, cache)
    except (VoicebotError, OSError) as error:
        return Newest(wrong=str(error))  # as words: not every error can be sent to another process
    return Newest(found)


__all__ = ["Newest", "ReadLines", "Stamp", "newest", "stamp", "stamps"]
