"""What a speech worker and its owner say to each other: a JSON header and raw bytes, framed by their lengths.

No pickle: a worker may be a program of another licence, and its answers are only data.
"""

from __future__ import annotations

import asyncio
import json
import struct
from typing import IO, Any

Header = dict[str, Any]
Message = tuple[Header, bytes]
_LENGTHS = struct.Struct(">II")
_MAX_PAYLOAD = 256 * 1024 * 1024


def pack(header: Header, payload: bytes = b"") -> bytes:
    """One message as bytes."""
    head = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(head), len(payload)) + head + payload


def read(stream: IO[bytes]) -> Message | None:
    """The next message, or ``None`` when the other side has gone."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_bytes, payload_bytes = _LENGTHS.unpack(lengths)
    head = stream.read(head_bytes)
    payload = stream.read(payload_bytes)
    if len(head) < head_bytes or len(payload) < payload_bytes:
        return None
    return json.loads(head), payload


async def receive(stream: asyncio.StreamReader) -> Message:
    """The next message.

    Raises:
        asyncio.IncompleteReadError: the other side has gone.
        ValueError: the bytes are not a message.
    """
    head_bytes, payload_bytes = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
    if head_bytes > _MAX_PAYLOAD or payload_bytes > _MAX_PAYLOAD:
        raise ValueError("Message lengths are out of range.")
    head = json.loads(await stream.readexactly(head_bytes))
    return head, await stream.readexactly(payload_bytes)
