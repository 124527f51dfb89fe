"""The words a chat widget and the server exchange, one JSON object per WebSocket text frame.

Pure: bytes in, values out, values in, text out. Client to server::

    {"type": "hello", "token": resume token or absent, "last_seq": highest seq already shown}
    {"type": "message", "id": client-made id, "text": words}      the same id is taken once, however often it is sent
    {"type": "typing"}                                            the visitor is writing
    {"type": "read", "seq"}                                       the visitor has seen everything up to this line
    {"type": "bye"}                                               the visitor ends the chat

Server to client::

    {"type": "welcome", "conversation", "token", "lang", "resumed"}
    {"type": "event", "seq", "at", "from", "kind", "text", "lang", "id"?, "name"?, "via"?, "buttons"?}
    {"type": "ack", "id", "seq"}                                  the message is stored under this seq
    {"type": "typing", "from", "expires_ms"}                      0: the writing has stopped
    {"type": "read", "from", "seq"}                               the agent has seen everything up to this line
    {"type": "error", "code", "message", "id"?, "retry_after_ms"?}
    {"type": "restarting", "message"}                             followed by close 1012; come back with the token

``seq`` rises within a conversation and may have gaps. After a break the client says hello with its token and
``last_seq`` and gets everything later, in order.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from voicebot.domain import Button, ConversationId, Language
from voicebot.errors import BadMessage

MAX_FRAME_BYTES = 64 * 1024
"""Largest frame that is looked at; UTF-8 bytes."""
MAX_TEXT_BYTES = 8 * 1024
"""Largest message of a visitor; UTF-8 bytes."""
MAX_TOKEN_CHARS = 1024
TYPING_EXPIRES_MS = 20_000

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufffe\uffff]")


class Close:
    """WebSocket close codes used (RFC 6455 section 7.4, 1012 and 1013 from the IANA registry)."""

    NORMAL = 1000
    UNSUPPORTED_DATA = 1003
    INVALID_DATA = 1007
    POLICY = 1008
    TOO_BIG = 1009
    FAILED = 1011
    RESTARTING = 1012
    TRY_LATER = 1013


class FrameError(BadMessage):
    """A frame cannot be taken. ``code`` is for programs; ``close`` is set when the connection has to end."""

    def __init__(self, code: str, message: str, *, id: str | None = None, close: int | None = None) -> None:
        self.code, self.message, self.id, self.close = code, message, id, close
        super().__init__(message)


# --- client to server ------------------------------------------------------------------------------------------------


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Hello(_Frame):
    """The first frame of every connection; ``token`` resumes an earlier chat."""

    type: Literal["hello"]
    token: Annotated[str, Field(max_length=MAX_TOKEN_CHARS)] | None = None
    last_seq: Annotated[int, Field(ge=0, le=2**53)] = 0


class Message(_Frame):
    """Words of the visitor. ``id`` is made by the client, so that sending again after a break is harmless."""

    type: Literal["message"]
    id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
    text: str


class VisitorTyping(_Frame):
    """The visitor is writing."""

    type: Literal["typing"]


class VisitorRead(_Frame):
    """The visitor has seen everything up to ``seq``."""

    type: Literal["read"]
    seq: Annotated[int, Field(ge=1, le=2**53)]


class Bye(_Frame):
    """The visitor ends the chat."""

    type: Literal["bye"]


ClientFrame = Hello | Message | VisitorTyping | VisitorRead | Bye
_CLIENT: TypeAdapter[ClientFrame] = TypeAdapter(Annotated[ClientFrame, Field(discriminator="type")])


def parse_frame(raw: str | bytes) -> ClientFrame:
    """Read one frame of a client.

    Raises:
        FrameError: ``too_large`` (close 1009), ``binary`` (close 1003), ``malformed``, ``unknown_type``, ``empty`` or
            ``text_too_large``. The message says what to do and never repeats what the visitor wrote.
    """
    if isinstance(raw, bytes):
        raise FrameError("binary", "Send text frames holding one JSON object each.", close=Close.UNSUPPORTED_DATA)
    if len(raw) > MAX_FRAME_BYTES or len(raw.encode("utf-8", "surrogatepass")) > MAX_FRAME_BYTES:
        raise FrameError("too_large", f"A frame may have {MAX_FRAME_BYTES} bytes. Send less.", close=Close.TOO_BIG)
    try:
        frame = _CLIENT.validate_json(raw)
    except ValidationError as error:
        raise _frame_error(error) from None
    if isinstance(frame, Message):
        text = clean_text(frame.text)
        if not text:
            raise FrameError("empty", "The message has no text.", id=frame.id)
        if len(text.encode("utf-8")) > MAX_TEXT_BYTES:
            raise FrameError(
                "text_too_large", f"A message may have {MAX_TEXT_BYTES} bytes. Send a shorter one.", id=frame.id
            )
        return frame.model_copy(update={"text": text})
    return frame


def clean_text(text: str) -> str:
    """Words without control characters and outer white space; every kind of line break becomes a newline."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _frame_error(error: ValidationError) -> FrameError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return FrameError("unknown_type", 'Set "type" to one of hello, message, typing, read, bye.')
    if first["type"] == "json_invalid":
        return FrameError("malformed", "The frame is not valid JSON. Send one JSON object per frame.")
    where = ".".join(str(part) for part in first["loc"]) or "frame"
    return FrameError("malformed", f"{where}: {first['msg']}.")


# --- server to client ------------------------------------------------------------------------------------------------


class From(StrEnum):
    """Who a line in the chat comes from; ``system`` is us, not speaking as the bot."""

    BOT = "bot"
    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


class Kind(StrEnum):
    """What a line in the chat is: words, a notice, a person asked for, come or gone, a change of channel, the end."""

    MESSAGE = "message"
    NOTICE = "notice"
    HANDOFF = "handoff"
    JOINED = "joined"
    LEFT = "left"
    MOVED = "moved"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """One line a visitor sees. ``id`` is the client's own id of a message of the customer, if known.

    ``name``: which person it is from or about, as customers may know them. ``via``: the channel it came by when that
    was not the chat (``voice``).
    """

    seq: int
    at: datetime
    sender: From
    kind: Kind
    text: str
    language: Language
    id: str | None = None
    buttons: tuple[Button, ...] = ()
    name: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody is about to write; forgotten after ``expires_ms``, at once when that is 0."""

    sender: From = From.BOT
    expires_ms: int = TYPING_EXPIRES_MS


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody has seen everything up to ``seq``."""

    seq: int
    sender: From = From.AGENT


@dataclass(frozen=True, slots=True)
class Welcome:
    """The chat is open. ``resumed`` is false when a new conversation was begun."""

    conversation: ConversationId
    token: str
    language: Language
    resumed: bool


@dataclass(frozen=True, slots=True)
class Ack:
    """The message ``id`` is stored as number ``seq``."""

    id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something was not taken; ``id`` names the message, if it was one."""

    code: str
    message: str
    id: str | None = None
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Restarting:
    """The server goes down in order; the chat is kept."""

    message: str = "We are restarting. Your chat is kept and will continue in a moment."


ServerFrame = Welcome | ChatEvent | Ack | Typing | Read | Trouble | Restarting


def encode_frame(frame: ServerFrame) -> str:
    """The JSON text of a frame for the client; absent values are left out."""
    return json.dumps(_as_json(frame), ensure_ascii=False, separators=(",", ":"))


def _as_json(frame: ServerFrame) -> dict[str, Any]:
    match frame:
        case Welcome():
            return {
                "type": "welcome",
                "conversation": frame.conversation,
                "token": frame.token,
                "lang": frame.language,
                "resumed": frame.resumed,
            }
        case ChatEvent():
            body: dict[str, Any] = {
                "type": "event",
                "seq": frame.seq,
                "at": frame.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "from": frame.sender.value,
                "kind": frame.kind.value,
                "text": frame.text,
                "lang": frame.language,
            }
            if frame.id is not None:
                body["id"] = frame.id
            if frame.name:
                body["name"] = frame.name
            if frame.via:
                body["via"] = frame.via
            if frame.buttons:
                body["buttons"] = [{"title": button.title, "payload": button.payload} for button in frame.buttons]
            return body
        case Ack():
            return {"type": "ack", "id": frame.id, "seq": frame.seq}
        case Typing():
            return {"type": "typing", "from": frame.sender.value, "expires_ms": frame.expires_ms}
        case Read():
            return {"type": "read", "from": frame.sender.value, "seq": frame.seq}
        case Trouble():
            trouble: dict[str, Any] = {"type": "error", "code": frame.code, "message": frame.message}
            if frame.id is not None:
                trouble["id"] = frame.id
            if frame.retry_after_ms is not None:
                trouble["retry_after_ms"] = frame.retry_after_ms
            return trouble
        case Restarting():
            return {"type": "restarting", "message": frame.message}
