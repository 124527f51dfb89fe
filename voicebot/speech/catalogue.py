"""The list of speech models as data, read from ``models/speech.yml`` and checked on the way in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from voicebot.errors import ContentError

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ModelFile(BaseModel):
    """One file of a model. ``parts`` are ``module/path`` inside installed packages, joined in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    size: Annotated[int, Field(gt=0)]
    sha256: Sha256
    parts: tuple[str, ...] = ()


class ModelEntry(BaseModel):
    """One model: what it is for, who may use it, and its exact bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    kind: Literal["transcriber", "synthesizer", "voice_activity"]
    engine: Literal["whisper", "piper", "openjtalk", "kokoro", "silero"]
    title: str
    languages: tuple[str, ...]
    licence: str
    packages: tuple[str, ...] = ()
    hub: str | None = None
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    files: Annotated[tuple[ModelFile, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_source(self) -> ModelEntry:
        if self.hub is not None:
            if self.revision is None:
                raise ValueError("a model from a hub needs a pinned revision")
            if any(file.parts for file in self.files):
                raise ValueError("a model from a hub has no parts in packages")
        elif not all(file.parts for file in self.files):
            raise ValueError("every file needs parts in a package, or the model a hub")
        return self

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str:
        """Eight characters that change with the weights."""
        return max(self.files, key=lambda file: file.size).sha256[:8]


class Catalogue(BaseModel):
    """All known models."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[ModelEntry, ...]


def read_catalogue(path: Path) -> dict[str, ModelEntry]:
    """Entries by id.

    Raises:
        ContentError: the file is missing, is not YAML, or an entry is wrong.
    """
    try:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ContentError(
            path, None, "the model catalogue cannot be read.", "Restore it from the release."
        ) from problem
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else None
        raise ContentError(path, line, f"not valid YAML: {problem.problem}.", "Correct the syntax there.") from problem
    try:
        catalogue = Catalogue.model_validate(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ContentError(path, None, f"{where}: {first['msg']}.", "Correct that entry.") from problem
    entries: dict[str, ModelEntry] = {}
    for entry in catalogue.models:
        if entry.id in entries:
            raise ContentError(path, None, f"the model {entry.id} is listed twice.", "Remove one of the entries.")
        entries[entry.id] = entry
    return entries
