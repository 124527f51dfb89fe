"""What ``voicebot models`` does, as plain functions that return lines to print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from voicebot.speech.fetch import HUB, fetch
from voicebot.speech.registry import ModelStatus, Place, Registry


def list_models(registry: Registry) -> list[str]:
    """One line per model: id, size, languages, where it is, licence."""
    lines = [_line(status) for status in registry.list()]
    return lines + [f"{name:24}          your own model in {registry.own_dir}" for name in registry.own_models()]


def verify_models(registry: Registry) -> tuple[list[str], bool]:
    """Hash everything that is here; the flag is False when a model is wrong (exit code 3)."""
    lines, good = [], True
    for status in registry.verify():
        if status.place is Place.ABSENT:
            lines.append(f"-    {status.entry.id}: not on this machine")
        elif status.problem:
            lines.append(f"BAD  {status.problem}")
            good = False
        else:
            lines.append(f"ok   {status.entry.id}: {len(status.entry.files)} files, {status.path}")
    return lines, good


def fetch_model(registry: Registry, model: str, report: Callable[[str], None] | None = None, *, hub: str = HUB) -> Path:
    """Download a model of the catalogue, telling ``report`` about each whole per cent of each file.

    Raises:
        ModelError: unknown model, nothing to fetch, no network, wrong bytes.
    """
    last: dict[str, int] = {}

    def progress(name: str, done: int, total: int) -> None:
        percent = done * 100 // total
        if report is not None and last.get(name) != percent:
            last[name] = percent
            report(f"{name}: {percent} % of {_size(total)}")

    return fetch(registry.entry(model), registry.cache_dir, progress, hub=hub)


def _line(status: ModelStatus) -> str:
    entry = status.entry
    languages = "any language" if entry.languages == ("*",) else ", ".join(entry.languages)
    note = f" ({status.problem})" if status.problem else ""
    return (
        f"{entry.id:24} {_size(entry.size):>8}  {status.place:10}  {languages:12}  {entry.licence}  {entry.title}{note}"
    )


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
