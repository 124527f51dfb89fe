"""The packet's contract: JSON Schema 2020-12, and a size that fits in one message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from voicebot.errors import VoicebotError

MAX_BYTES = 64 * 1024
"""A packet's largest size as UTF-8 JSON; a longer transcript is cut at its beginning and read from the log."""
VERSION = "1.0"


class PacketError(VoicebotError):
    """A packet breaks its own contract; the text names the place and never a value."""


@cache
def _validator() -> Draft202012Validator:
    text = (Path(__file__).parent / "handoff.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text), format_checker=Draft202012Validator.FORMAT_CHECKER)


def validate(body: Mapping[str, Any]) -> None:
    """Check a packet against the schema.

    Raises:
        PacketError: naming the first field that is wrong.
    """
    for error in _validator().iter_errors(body):
        place = "/".join(str(part) for part in error.absolute_path) or "packet"
        raise PacketError(f"The handoff packet is wrong at {place}: it breaks the rule '{error.validator}'.")


def size(body: Mapping[str, Any]) -> int:
    """Bytes of the packet as it is sent."""
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
