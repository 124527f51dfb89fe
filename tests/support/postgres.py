"""An ephemeral PostgreSQL cluster from Debian's package: made, started, stopped and removed by its test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEND = "PostgreSQL is not installed. Run: apt-get install postgresql"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError(MEND)
    return Path(on_path).parent


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster. ``url`` is the ``postgresql+psycopg://`` address of an empty database on loopback."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def cluster() -> Iterator[str]:
    """Yield the address of an empty database."""
    with stoppable_cluster() as made:
        yield made.url


@contextmanager
def stoppable_cluster() -> Iterator[Cluster]:
    """Yield a cluster that the test may stop and start again."""
    binaries = _binaries()
    user = None
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = "postgres" if "postgres" in names else "nobody"
    folder = Path(tempfile.mkdtemp(prefix="voicebot-pg-"))
    if user is not None:
        shutil.chown(folder, user)
    port = free_port()
    data = folder / "data"

    def run(*command: str | Path) -> None:
        subprocess.run(
            [str(part) for part in command], user=user, check=True, capture_output=True, cwd=folder, timeout=60
        )

    def start() -> None:
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        with open(folder / "log", "a") as log:
            if user is not None:
                shutil.chown(folder / "log", user)
            subprocess.run(
                [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-t", "60", "-o", options, "start"],
                user=user,
                check=True,
                stdout=log,
                stderr=log,
                cwd=folder,
                timeout=90,
            )

    def stop() -> None:
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")

    try:
        run(binaries / "initdb", "-D", data, "-U", "voicebot", "--auth=trust", "-E", "UTF8", "--no-locale", "-N")
        start()
        try:
            yield Cluster(f"postgresql+psycopg://voicebot@127.0.0.1:{port}/postgres", stop, start)
        finally:
            if (data / "postmaster.pid").exists():
                stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
