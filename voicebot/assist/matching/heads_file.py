"""Heads on disk: arrays and JSON in one ``.npz``, nothing that could run code when it is read."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from voicebot.assist.matching.heads import Heads
from voicebot.assist.model import Speaker
from voicebot.domain import Language
from voicebot.errors import ModelError
from voicebot.nlu.vectorizer import Vectorizer

_HALF = ("rows",)
"""Kept with 16 bits: a third of the file, and no score changes by more than a thousandth."""
_KEPT_VERSIONS = 3
_ARRAYS = ("rows", "owners", "dual", "ngrams", "centre", "spread", "weights")


def save(path: Path, heads: Mapping[Speaker, Heads]) -> None:
    """Write at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {}
    told: dict[str, Any] = {}
    for party, one in heads.items():
        told[party.value] = {
            "cards": one.cards,
            "bias": one.bias,
            "vectorizer": one.vectorizer.to_json(),
            "languages": {language: len(means) for language, means in one.means.items()},
        }
        arrays[f"{party.value}/idf"] = one.vectorizer.idf
        arrays |= {f"{party.value}/{name}": getattr(one, name) for name in _ARRAYS}
        arrays |= {f"{party.value}/{name}": getattr(one, name).astype(np.float16) for name in _HALF}
        for language, means in one.means.items():
            arrays |= {f"{party.value}/mean/{language}/{place}": mean for place, mean in enumerate(means)}
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            np.savez(file, told=np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), np.uint8), **arrays)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _forget_old(path.parent)


def _forget_old(folder: Path) -> None:
    """Only the newest files stay: every change of a line makes another."""
    files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_KEPT_VERSIONS:]:
        file.unlink(missing_ok=True)


def load(path: Path) -> dict[Speaker, Heads]:
    """What :func:`save` wrote.

    Raises:
        ModelError: the file cannot be used.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            told = json.loads(kept["told"].tobytes())
            return {Speaker(name): _heads(name, one, kept) for name, one in told.items()}
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"The cards' model {path.name} cannot be used ({type(error).__name__}). "
            "Delete the file and run 'voicebot train'."
        ) from error


def _heads(name: str, told: dict[str, Any], kept: Mapping[str, Any]) -> Heads:
    return Heads(
        cards=tuple(told["cards"]),
        bias=float(told["bias"]),
        vectorizer=Vectorizer.from_json(told["vectorizer"], kept[f"{name}/idf"]),
        means={
            Language(language): tuple(kept[f"{name}/mean/{language}/{place}"] for place in range(count))
            for language, count in told["languages"].items()
        },
        **{array: kept[f"{name}/{array}"] for array in _ARRAYS if array not in _HALF},
        **{array: kept[f"{name}/{array}"].astype(np.float32) for array in _HALF},
    )


__all__ = ["load", "save"]
