"""Read a loopback capture: per RTP stream the gaps between packets, what is missing, and when it is loud."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from voicebot.audio import alaw_decode, level_dbfs, ulaw_decode

LOUD_DBFS = -45.0
_LINK_BYTES = {0: 4, 1: 14, 101: 0, 113: 16, 276: 20}


@dataclass
class Stream:
    """One direction of one call. Times in seconds of the capture's clock."""

    source: tuple[str, int]
    target: tuple[str, int]
    times: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    loud: list[bool] = field(default_factory=list)

    @property
    def gaps_ms(self) -> np.ndarray:
        """Time between neighbouring packets."""
        return np.diff(np.array(self.times)) * 1000.0

    @property
    def missing(self) -> int:
        """Sequence numbers that never appeared between the first and the last."""
        if not self.numbers:
            return 0
        wide = np.unwrap(np.array(self.numbers, float), period=65536.0)
        return int(wide.max() - wide.min()) + 1 - len(np.unique(wide))

    def loud_spans(self, bridge_s: float) -> list[tuple[float, float]]:
        """From-to of what is loud; quieter stretches up to ``bridge_s`` do not end a span."""
        spans: list[tuple[float, float]] = []
        for at, loud in zip(self.times, self.loud, strict=True):
            if loud and spans and at - spans[-1][1] <= bridge_s:
                spans[-1] = (spans[-1][0], at + 0.02)
            elif loud:
                spans.append((at, at + 0.02))
        return spans


def streams(path: Path) -> list[Stream]:
    """Every G.711 stream in the capture, by source, target and SSRC."""
    found: dict[tuple[tuple[str, int], tuple[str, int], int], Stream] = {}
    for at, source, target, payload in _packets(path):
        if len(payload) < 12 or payload[0] >> 6 != 2 or 192 <= payload[1] <= 223:
            continue
        kind = payload[1] & 0x7F
        number, _, ssrc = struct.unpack("!HII", payload[2:12])
        stream = found.setdefault((source, target, ssrc), Stream(source, target))
        stream.times.append(at)
        stream.numbers.append(number)
        sound = payload[12 + 4 * (payload[0] & 0x0F) :]
        decode = {0: ulaw_decode, 8: alaw_decode}.get(kind)
        stream.loud.append(decode is not None and level_dbfs(decode(sound)) > LOUD_DBFS)
    return list(found.values())


def _packets(path: Path) -> Iterator[tuple[float, tuple[str, int], tuple[str, int], bytes]]:
    with path.open("rb") as file:
        head = file.read(24)
        little = head[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1")
        nano = head[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
        order = "<" if little else ">"
        link = struct.unpack(order + "I", head[20:24])[0] & 0xFFFF
        yield from _records(file, order, 1e-9 if nano else 1e-6, _LINK_BYTES[link])


def _records(
    file: IO[bytes], order: str, unit: float, link_bytes: int
) -> Iterator[tuple[float, tuple[str, int], tuple[str, int], bytes]]:
    while len(head := file.read(16)) == 16:
        seconds, part, kept, _ = struct.unpack(order + "IIII", head)
        frame = file.read(kept)[link_bytes:]
        if len(frame) < 28 or frame[0] >> 4 != 4 or frame[9] != 17:
            continue
        size = (frame[0] & 15) * 4
        source, target, length = struct.unpack("!HHH", frame[size : size + 6])
        hosts = [".".join(map(str, frame[at : at + 4])) for at in (12, 16)]
        yield seconds + part * unit, (hosts[0], source), (hosts[1], target), frame[size + 8 : size + length]
