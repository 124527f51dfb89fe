"""A process beside the server does not outlive it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

_A_SERVER_THAT_IS_KILLED = """
import os, signal, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from voicebot.beside import end_with_the_server

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=end_with_the_server, initargs=(10,))
    assert pool.submit(os.nice, 0).result() == os.nice(0) + 10
    pool.submit(time.sleep, 120)
    print(*pool._processes, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_beside_a_server_that_is_killed_ends_too(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(_A_SERVER_THAT_IS_KILLED)
    told = subprocess.run([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert told.returncode == -9
    beside = Path(f"/proc/{int(told.stdout)}")
    end = time.monotonic() + 30
    while beside.exists():
        assert time.monotonic() < end, "it stays behind"
        time.sleep(0.05)
