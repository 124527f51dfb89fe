"""One joined feature space: centred sentence embeddings side by side, n-grams next to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]

NGRAM_WEIGHT = np.float32(0.6)
"""Length of the n-gram part against 1 for the embedding part."""


def joined(parts: Sequence[Float32], means: Sequence[Float32]) -> Float32:
    """Centre each encoder's vectors, scale each to length 1, join them and scale the whole to length 1.

    ``parts``: one (n, dim_i) array per encoder; the result is (n, sum of dim_i). A dot product of two rows is the mean
    of the encoders' centred cosines.
    """
    blocks = []
    for part, mean in zip(parts, means, strict=True):
        centred = part.astype(np.float32) - mean
        length = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
        blocks.append(centred / length)
    return np.asarray(np.hstack(blocks) / np.sqrt(len(blocks)), np.float32)


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities along the last axis."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    powers = np.exp(shifted)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def mean_of_best(similarities: Float32, count: int) -> Float32:
    """Mean of the ``count`` largest values of each row; fewer columns than that are all taken, none give zero."""
    columns = similarities.shape[1]
    if columns == 0:
        return np.zeros(len(similarities), np.float32)
    best = np.partition(similarities, max(columns - count, 0), axis=1)[:, max(columns - count, 0) :]
    return np.asarray(best.mean(axis=1), np.float32)
