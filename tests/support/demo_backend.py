"""The real demo back end in a process of its own, for tests that look at what actions do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], url: str, *, folder: Path = ROOT, patience_s: float = 60) -> Iterator[str]:
    """Run a server until the block ends; entered when ``url/health`` answers."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as it:
        try:
            until = time.monotonic() + patience_s
            while True:
                if it.poll() is not None:
                    raise RuntimeError(f"{command} ended: {it.stdout.read().decode() if it.stdout else ''}")
                try:
                    if httpx.get(f"{url}/health", timeout=2).status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
                if time.monotonic() > until:
                    raise RuntimeError(f"{command} did not become healthy in {patience_s:g} s")
                time.sleep(0.1)
            yield url
        finally:
            it.terminate()
            it.wait(10)


@contextmanager
def demo_backend() -> Iterator[str]:
    """The demo back end; its address."""
    port = free_port()
    command = [sys.executable, "-m", "voicebot.demo", "--port", str(port)]
    with serving(command, f"http://127.0.0.1:{port}") as url:
        yield url
