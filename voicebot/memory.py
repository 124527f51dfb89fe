"""How the process looks after memory once it is ready."""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 10_000, 20, 20


def settle() -> None:
    """Take what has been loaded out of the collector's rounds: it stays until the end.

    Going through models, vocabularies and content takes the collector some 400 ms, in which nobody is heard or
    answered. After this it only looks at what conversations leave behind, less often. See ``gc.freeze`` in Python's
    library.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
