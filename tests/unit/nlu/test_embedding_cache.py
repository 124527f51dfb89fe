"""Embedding many lines: every line once, by whoever has time, the same whoever did it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from voicebot.nlu.encoders import EmbeddingCache, Float32


class Counting:
    """An encoder that says how long a text is, and remembers what it was asked."""

    dim = 2

    def __init__(self, identity: str, scale: float = 1.0) -> None:
        self.name = self.identity = identity
        self.scale, self.asked = scale, list[str]()

    def encode(self, text: str) -> Float32:
        self.asked.append(text)
        return np.array([len(text), self.scale], np.float32)


TEXTS = [f"line {'x' * place}" for place in range(9)]


def test_helpers_share_the_lines_of_their_own_kind(tmp_path: Path) -> None:
    slow, fast, helper = Counting("slow"), Counting("fast", 2.0), Counting("slow")
    with EmbeddingCache(tmp_path / "kept.db") as cache:
        parts = cache.embed_all([slow, fast], [*TEXTS, TEXTS[0]], helpers=[helper])
    assert [part.shape for part in parts] == [(10, 2), (10, 2)]
    assert parts[0][:, 0].tolist() == [*map(len, TEXTS), len(TEXTS[0])] and set(parts[1][:, 1]) == {2.0}
    assert sorted(slow.asked + helper.asked) == sorted(TEXTS) and slow.asked and helper.asked
    assert sorted(fast.asked) == sorted(TEXTS)


def test_what_is_known_is_not_asked_again(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "kept.db") as cache:
        cache.embed_all([Counting("slow")], TEXTS)
    slow, helper = Counting("slow"), Counting("slow")
    with EmbeddingCache(tmp_path / "kept.db") as cache:
        (part,) = cache.embed_all([slow], [*TEXTS, "new"], helpers=[helper])
    assert part[-1].tolist() == [3.0, 1.0] and slow.asked + helper.asked == ["new"]


def test_nothing_to_embed(tmp_path: Path) -> None:
    with EmbeddingCache(None) as cache:
        (part,) = cache.embed_all([Counting("slow")], [])
    assert part.shape == (0, 2)
