"""One worker process seen from its owner: start, ask, stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import voicebot
from voicebot.errors import ModelError, SpeechError
from voicebot.speech import wire

_STOP_GRACE_S = 3.0


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """What to run: ``factory`` is ``module:function`` and gets ``config``; ``threads`` caps its numeric libraries."""

    name: str
    factory: str
    config: Mapping[str, Any] = field(default_factory=dict)
    threads: int = 1
    nice: int = 0


class WorkerProcess:
    """A process that answers one message at a time. Not shared: its pool task is the only user."""

    def __init__(self, spec: WorkerSpec, start_timeout_s: float) -> None:
        self._spec = spec
        self._start_timeout_s = start_timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self.rss_mb = 0.0
        self.loaded_ms = 0.0

    @property
    def pid(self) -> int | None:
        """Process id while it is alive."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start and wait for the model to be loaded.

        Raises:
            ModelError: the worker says that its model is missing or wrong.
            SpeechError: it ended or took too long.
        """
        await self.stop()
        config = json.dumps({**self._spec.config, "threads": self._spec.threads, "nice": self._spec.nice})
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "voicebot.speech.worker",
            self._spec.factory,
            config,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_environment(self._spec.threads),
        )
        header, _ = await self._exchange(None, self._start_timeout_s)
        if "failed" in header:
            await self.stop()
            kind = ModelError if header.get("model") else SpeechError
            raise kind(str(header["failed"]))
        self.loaded_ms = float(header.get("loaded_ms", 0.0))

    async def ask(self, message: wire.Message, timeout_s: float) -> wire.Message:
        """Send one message and wait for the answer.

        Raises:
            SpeechError: the process died, or was ended because it took longer than ``timeout_s``.
        """
        return await self._exchange(message, timeout_s)

    async def stop(self) -> None:
        """Close the pipe, give the process a moment to end, then end it."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_GRACE_S if process.returncode is None else 0.5):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await process.stdin.wait_closed()

    async def _exchange(self, message: wire.Message | None, timeout_s: float) -> wire.Message:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise SpeechError(f"{self._spec.name}: the worker is not running.")
        try:
            async with asyncio.timeout(timeout_s):
                if message is not None:
                    process.stdin.write(wire.pack(*message))
                    await process.stdin.drain()
                header, payload = await wire.receive(process.stdout)
        except TimeoutError as problem:
            await self._end()
            raise SpeechError(f"{self._spec.name}: no answer within {timeout_s:g} s; worker ended.") from problem
        except (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError, ValueError) as problem:
            await self._end()
            raise SpeechError(f"{self._spec.name}: the worker process died.") from problem
        self.rss_mb = float(header.get("rss_mb", 0.0))
        return header, payload

    async def _end(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self.stop()


def _environment(threads: int) -> dict[str, str]:
    """The worker's environment: as many threads as it was given, offline, and the same ``voicebot``."""
    inherited = os.environ.get("PYTHONPATH")
    source = str(Path(voicebot.__file__).parent.parent)
    count = str(threads)
    return {
        **os.environ,
        "PYTHONPATH": source if not inherited else os.pathsep.join((source, inherited)),
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "HF_HUB_OFFLINE": "1",
    }
