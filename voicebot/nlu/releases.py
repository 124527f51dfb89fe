"""Released models on disk: ``<models>/<tenant>/<version>/`` and a text file ``current`` naming the live one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from voicebot.domain import TenantId
from voicebot.errors import ModelError
from voicebot.nlu.model import Model, read_manifest

_CURRENT, _PREVIOUS = "current", "previous"


def current(models: Path, tenant: TenantId | str) -> str | None:
    """Version that is live, if any."""
    return _read(models / str(tenant) / _CURRENT)


def previous(models: Path, tenant: TenantId | str) -> str | None:
    """Version that was live before, if any."""
    return _read(models / str(tenant) / _PREVIOUS)


def folder_of(models: Path, tenant: TenantId | str, version: str) -> Path:
    """Folder of a version.

    Raises:
        ModelError: no such version; the text names those there are.
    """
    folder = models / str(tenant) / version
    if "/" in version or version.startswith(".") or not (folder / "manifest.json").is_file():
        there = ", ".join(versions(models, tenant)) or "none"
        raise ModelError(f"{tenant} has no model {version!r}; there are: {there}. Train one with 'voicebot train'.")
    return folder


def versions(models: Path, tenant: TenantId | str) -> list[str]:
    """Every version, oldest first."""
    found = [path.parent for path in (models / str(tenant)).glob("*/manifest.json")]
    return [path.name for path in sorted(found, key=lambda path: (read_manifest(path)["created"], path.name))]


def save(model: Model, models: Path, tenant: TenantId | str) -> Path:
    """Write a model beside the others; a folder appears complete or not at all."""
    home = models / str(tenant)
    home.mkdir(parents=True, exist_ok=True)
    fresh = home / f".{model.version}.{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    model.save(fresh)
    target = home / model.version
    if target.exists():
        old = home / f".{model.version}.old.{os.getpid()}"
        target.rename(old)
        fresh.rename(target)
        shutil.rmtree(old)
    else:
        fresh.rename(target)
    return target


def release(models: Path, tenant: TenantId | str, version: str) -> None:
    """Make a version the live one; the one before is remembered for a rollback."""
    folder_of(models, tenant, version)
    live = current(models, tenant)
    if live != version:
        if live is not None:
            _write(models / str(tenant) / _PREVIOUS, live)
        _write(models / str(tenant) / _CURRENT, version)


def prune(models: Path, tenant: TenantId | str, keep: int, also: Sequence[str] = ()) -> list[str]:
    """Delete all but the newest ``keep`` versions, the live one, the one before and ``also``; returns the deleted."""
    safe = {current(models, tenant), previous(models, tenant), *also}
    old = [version for version in versions(models, tenant)[: -keep or None] if version not in safe]
    for version in old:
        shutil.rmtree(models / str(tenant) / version)
    return old


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text + "\n", "utf-8")
    fresh.replace(path)
