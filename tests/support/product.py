"""The whole product as its users meet it: the demo back end and ``voicebot serve`` as processes on free ports."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_S = 300
_HANDED_OUT: set[int] = set()
"""Ports given away already: a product takes its telephone's only when it is warm."""


@dataclass(frozen=True, slots=True)
class RunningProduct:
    """Addresses and process ids of a product that is ready."""

    http: str
    sip: str
    actions: str
    data: Path
    token: str
    pid: int
    back_end_pid: int
    ready_s: float
    process: subprocess.Popen[bytes]

    def get(self, path: str, *, token: str | None = None) -> Any:
        return fetch(f"{self.http}{path}", token=self.token if token is None else token)

    def events(self, conversation: str) -> list[dict[str, Any]]:
        body = self.get(f"/api/conversations/{conversation}/events")
        return list(body["events"])

    def conversations(self, tenant: str) -> list[dict[str, Any]]:
        return list(self.get(f"/api/conversations?tenant={tenant}")["conversations"])

    def log(self) -> str:
        """What the server wrote to its log."""
        return (self.data / "voicebot.log").read_text(errors="replace")

    def workers(self, marked: str) -> list[int]:
        """Process ids of the worker processes whose command line holds ``marked``."""
        return [pid for pid in descendants(self.pid) if pid != self.pid and marked in command_line(pid)]

    def post(self, path: str, body: Any) -> Any:
        return fetch(f"{self.http}{path}", body=body)


def fetch(url: str, *, token: str = "", body: Any = None, timeout: float = 30) -> Any:
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode())
    if body is not None:
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)


def free_port() -> int:
    """A port free for TCP and UDP below those of outgoing connections, so that none of them takes it meanwhile."""
    for _ in range(500):
        port = secrets.randbelow(5000) + 10000
        if port in _HANDED_OUT:
            continue
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        _HANDED_OUT.update((port, port + 1))
        return port
    raise RuntimeError("no free port on loopback")


def free_block(size: int) -> int:
    """The first of ``size`` UDP ports for sound; high, so that outgoing connections do not take them meanwhile."""
    return 20000 + secrets.randbelow(90) * 100 if size <= 400 else 20000


@contextmanager
def running(data: Path, **more: str) -> Iterator[RunningProduct]:
    """Start the product, wait until it is ready, stop it by its process id."""
    http, actions, sip, rtp = free_port(), free_port(), free_port(), free_block(400)
    environment = {
        **os.environ,
        "VOICEBOT_DATA": str(data),
        "VOICEBOT_HTTP": f"127.0.0.1:{http}",
        "VOICEBOT_NODE_URL": f"http://127.0.0.1:{http}",
        "VOICEBOT_SIP": f"127.0.0.1:{sip}",
        "VOICEBOT_ACTIONS": f"http://127.0.0.1:{actions}",
        "VOICEBOT_RTP_PORTS": f"{rtp}-{rtp + 399}",
        "VOICEBOT_PRERENDER": "false",
        "VOICEBOT_DRAIN_S": "2",
        "VOICEBOT_MESSAGES": f"spool:{data / 'messages.jsonl'}",
        **more,
    }
    data.mkdir(parents=True, exist_ok=True)
    with open(data / "back_end.log", "w") as back_log, open(data / "voicebot.log", "w") as log:
        back_end = subprocess.Popen(
            [sys.executable, "-m", "voicebot.demo", "--host", "127.0.0.1", "--port", str(actions)],
            stdout=back_log, stderr=back_log, env=environment,
        )  # fmt: skip
        began = time.monotonic()
        product = subprocess.Popen(
            [sys.executable, "-m", "voicebot.cli", "serve"], stdout=log, stderr=log, env=environment
        )
        try:
            _wait_ready(f"http://127.0.0.1:{http}/readyz", product, data / "voicebot.log")
            ready_s = time.monotonic() - began
            issued = subprocess.run(
                [sys.executable, "-m", "voicebot.cli", "token"],
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            yield RunningProduct(
                f"http://127.0.0.1:{http}", f"127.0.0.1:{sip}", f"http://127.0.0.1:{actions}", data,
                issued.stdout.strip().splitlines()[-1], product.pid, back_end.pid, ready_s, product,
            )  # fmt: skip
        finally:
            for process in (product, back_end):
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
            for process in (product, back_end):
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(READY_S * 5):
        if process.poll() is not None:
            raise RuntimeError(f"voicebot serve ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        try:
            fetch(url, timeout=5)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"voicebot was not ready within {READY_S} s:\n{log.read_text()[-3000:]}")


def resident_mb(pid: int) -> float:
    """Resident memory of a process and all its descendants; shared pages counted once each (PSS)."""
    total = 0.0
    for one in descendants(pid):
        try:
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) / 1024
        except (OSError, ProcessLookupError):
            continue
    return total


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def descendants(pid: int) -> list[int]:
    found = [pid]
    for place in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in place.read_text().split():
                found += descendants(int(child))
        except OSError:
            continue
    return found
