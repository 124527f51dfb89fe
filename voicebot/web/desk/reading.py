"""From a text frame to a value, or to words that say what is wrong with it; pure."""

from __future__ import annotations

from pydantic import ValidationError

from voicebot.web.desk.frames import CLIENT_FRAME, MAX_FRAME_BYTES, ClientFrame


class Unusable(Exception):
    """A frame cannot be taken. The message never repeats what was sent."""

    def __init__(self, code: str, message: str, id: str | None = None) -> None:
        self.code, self.message, self.id = code, message, id
        super().__init__(message)


def read_frame(raw: str | bytes) -> ClientFrame:
    """One frame of a console.

    Raises:
        Unusable: ``binary``, ``too_large``, ``malformed`` or ``unknown_type``.
    """
    if isinstance(raw, bytes):
        raise Unusable("binary", "Send text frames holding one JSON object each.")
    if len(raw) > MAX_FRAME_BYTES or len(raw.encode("utf-8", "surrogatepass")) > MAX_FRAME_BYTES:
        raise Unusable("too_large", f"A frame may have {MAX_FRAME_BYTES} bytes. Send less.")
    try:
        return CLIENT_FRAME.validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
            raise Unusable("unknown_type", 'Set "type" to one of the types in the documentation.') from None
        if first["type"] == "json_invalid":
            raise Unusable("malformed", "The frame is not valid JSON. Send one JSON object per frame.") from None
        where = ".".join(str(part) for part in first["loc"]) or "frame"
        raise Unusable("malformed", f"{where[:100]}: {first['msg']}.") from None
