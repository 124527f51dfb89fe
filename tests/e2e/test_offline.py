"""With outgoing network blocked the product starts, gets ready and serves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_everything_runs_in_a_network_that_has_only_loopback(tmp_path: Path) -> None:
    space = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    done = subprocess.run(
        [*space, sys.executable, "-m", "tests.support.offline", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "It's on its way" in done.stdout
