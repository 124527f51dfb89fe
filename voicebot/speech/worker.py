"""The inside of a worker process: load one engine, then answer messages until the owner closes the pipe.

Run as ``python -m voicebot.speech.worker MODULE:FACTORY JSON``. ``FACTORY(config)`` returns an :class:`Engine`.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import IO, Any, Protocol

from voicebot.errors import ModelError, VoicebotError
from voicebot.speech import wire


class Engine(Protocol):
    """A loaded model. Called with one message at a time."""

    def __call__(self, header: wire.Header, payload: bytes) -> wire.Message:
        """Answer one message."""
        ...


def main(arguments: list[str]) -> int:
    """Serve until standard input ends."""
    factory_name, config_text = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, replies = _claim_pipes()
    config: dict[str, Any] = json.loads(config_text)
    if nice := int(config.get("nice", 0)):
        os.nice(nice)
    started = time.perf_counter()
    try:
        engine = _load(factory_name, config)
    except VoicebotError as problem:
        _send(replies, {"failed": str(problem), "model": isinstance(problem, ModelError)})
        return 3
    loaded_ms = (time.perf_counter() - started) * 1000.0
    _send(replies, {"ready": True, "loaded_ms": loaded_ms, "name": getattr(engine, "name", "")})
    while (message := wire.read(requests)) is not None:
        try:
            header, payload = engine(*message)
        except VoicebotError as problem:
            header, payload = {"failed": str(problem)}, b""
        except Exception as problem:  # the text of a library's exception may hold customer words: name its kind only
            header, payload = {"failed": f"the engine raised {_place(problem)}"}, b""
        _send(replies, header, payload)
    return 0


def resident_mb() -> float:
    """Resident memory of this process in MiB (0 where the system does not say)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _load(name: str, config: dict[str, Any]) -> Engine:
    module, _, factory = name.partition(":")
    engine: Engine = getattr(importlib.import_module(module), factory)(config)
    return engine


def _claim_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the message pipes for messages: whatever a library prints goes to standard error."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return requests, replies


def _send(replies: IO[bytes], header: wire.Header, payload: bytes = b"") -> None:
    try:
        replies.write(wire.pack({**header, "rss_mb": round(resident_mb(), 1)}, payload))
        replies.flush()
    except BrokenPipeError:  # the owner has gone, so there is nobody left to serve
        os._exit(0)


def _place(problem: Exception) -> str:
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
    return type(problem).__name__ + where


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
