"""What has been loaded is no business of the collector any more; what conversations leave behind still is."""

from __future__ import annotations

import subprocess
import sys

_IN_A_PROCESS_OF_ITS_OWN = """
import gc, weakref
from voicebot.memory import settle

class Ring:
    def __init__(self): self.me = self

loaded = [Ring() for _ in range(50_000)]
settle()
frozen, watched = gc.get_freeze_count(), len(gc.get_objects())
left = weakref.ref(Ring())
gc.collect()
print(frozen > 50_000, watched < 5_000, left() is None, gc.isenabled())
"""


def test_what_was_loaded_is_not_looked_at_again_and_what_is_left_behind_is_collected() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IN_A_PROCESS_OF_ITS_OWN], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["True"] * 4
