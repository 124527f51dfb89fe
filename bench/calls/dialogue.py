"""One simulated customer on a real phone: listens to the prompt, answers when it is over, calls again when it ends."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.e2e.phone.clients import Phone
from voicebot.audio import Pcm, level_dbfs

_LOUD_DBFS = -45.0
_STEP_MS = 100


@dataclass
class Customer:
    """What one caller went through."""

    phone: Phone
    address: str
    lines: list[Path]
    gap_ms: int = 900
    patience_ms: int = 12000
    calls: int = 0
    failed: int = 0
    spoken: int = 0
    ended_by_bot: int = 0
    failures: list[str] = field(default_factory=list)
    _position: int = 0
    _file: Path | None = None

    async def talk(self, seconds: float) -> None:
        """Hold calls for ``seconds``."""
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 2:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._one_call()
        await self.phone.hang_up()

    async def _one_call(self) -> None:
        self.calls += 1
        start = len(self.phone.events)
        await self.phone.dial(self.address, answered=False)
        try:
            await self._seen(start, "CALL_ESTABLISHED", 15)
        except TimeoutError:
            self.failed += 1
            self.failures.append(str([event.get("param") for event in self.phone.events[start:]])[-300:])
            await self.phone.hang_up()
            await asyncio.sleep(1)
            return
        self._file = None
        bot_spoke, quiet_ms = False, 0
        for line in self.lines * 1000:
            while True:
                if self._closed(start):
                    self.ended_by_bot += 1
                    return
                loud = self._loud_step()
                bot_spoke, quiet_ms = (True, 0) if loud else (bot_spoke, quiet_ms + _STEP_MS)
                if quiet_ms >= (self.gap_ms if bot_spoke else self.patience_ms):
                    break
                await asyncio.sleep(_STEP_MS / 1000)
            await self.phone.play(line)
            self.spoken += 1
            words_ms = float(line.stem.rsplit("-", 1)[1])
            await asyncio.sleep(words_ms / 1000)
            self._loud_step()
            bot_spoke, quiet_ms = False, 0

    async def _seen(self, start: int, kind: str, timeout_s: float) -> None:
        async with asyncio.timeout(timeout_s):
            while not any(event.get("type") == kind for event in self.phone.events[start:]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def _closed(self, start: int) -> bool:
        return any(event.get("type") == "CALL_CLOSED" for event in self.phone.events[start:])

    def _loud_step(self) -> bool:
        """Whether anything loud was recorded since the last look."""
        if self._file is None:
            files = sorted((self.phone.folder / "rec").glob("*-dec.wav"), key=lambda file: file.stat().st_mtime_ns)
            if len(files) < self.calls - self.failed:
                return False
            self._file, self._position = files[-1], 44
        with self._file.open("rb") as file:
            file.seek(self._position)
            raw = file.read()
        raw = raw[: len(raw) // 160 * 160]
        self._position += len(raw)
        blocks = np.frombuffer(raw, "<i2").reshape(-1, 80)
        return any(level_dbfs(block.astype(np.int16)) > _LOUD_DBFS for block in blocks)


def with_length(folder: Path, index: int, sound: Pcm) -> Path:
    """File name of a line that carries how long its words last."""
    return folder / f"line{index}-{sound.ms:.0f}.wav"
