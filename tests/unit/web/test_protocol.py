from __future__ import annotations

import json
import string
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.channels.chat import (
    MAX_FRAME_BYTES,
    MAX_TEXT_BYTES,
    Ack,
    Bye,
    ChatEvent,
    Close,
    FrameError,
    From,
    Hello,
    Kind,
    Message,
    Restarting,
    Trouble,
    Typing,
    VisitorTyping,
    Welcome,
    encode_frame,
    parse_frame,
)
from voicebot.domain import EN, JA, Button, ConversationId
from voicebot.errors import BadMessage


def refused(raw: str | bytes) -> FrameError:
    with pytest.raises(FrameError) as caught:
        parse_frame(raw)
    return caught.value


def test_frames_of_a_client_are_read() -> None:
    assert parse_frame('{"type":"hello"}') == Hello(type="hello")
    assert parse_frame('{"type":"hello","token":"t","last_seq":7,"later":1}') == Hello(
        type="hello", token="t", last_seq=7
    )
    assert parse_frame('{"type":"message","id":"a-1","text":" 炊飯器 \\r\\n2台 "}') == Message(
        type="message", id="a-1", text="炊飯器 \n2台"
    )
    assert parse_frame('{"type":"typing"}') == VisitorTyping(type="typing")
    assert parse_frame('{"type":"bye"}') == Bye(type="bye")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "malformed"),
        ("{", "malformed"),
        ("[]", "malformed"),
        ("null", "malformed"),
        ('"hello"', "malformed"),
        ("[" * 30_000, "malformed"),
        ('{"type":"message","id":"a","text":"\\ud800"}', "malformed"),
        ('{"type":"nosuch"}', "unknown_type"),
        ("{}", "unknown_type"),
        ('{"type":["hello"]}', "unknown_type"),
        ('{"type":"hello","last_seq":-1}', "malformed"),
        ('{"type":"hello","last_seq":"1"}', "malformed"),
        ('{"type":"hello","last_seq":1e400}', "malformed"),
        ('{"type":"message","text":"hi"}', "malformed"),
        ('{"type":"message","id":"","text":"hi"}', "malformed"),
        ('{"type":"message","id":"a b","text":"hi"}', "malformed"),
        ('{"type":"message","id":"a","text":7}', "malformed"),
        ('{"type":"message","id":"a","text":" \\u0000\\n "}', "empty"),
    ],
)
def test_what_is_no_frame_is_refused_with_a_code(raw: str, code: str) -> None:
    error = refused(raw)
    assert error.code == code
    assert isinstance(error, BadMessage)
    assert error.close is None


def test_refusals_never_repeat_the_words() -> None:
    for raw in (
        '{"type":"message","id":"a b","text":"4111 1111 1111 1111"}',
        '{"type":"message","id":"a","text":["4111 1111 1111 1111"]}',
        '{"type":"4111 1111 1111 1111"}',
        '{"text":"4111 1111 1111 1111"',
    ):
        assert "4111" not in str(refused(raw))


def test_sizes_are_counted_in_bytes() -> None:
    fits = "あ" * (MAX_TEXT_BYTES // 3)
    assert isinstance(parse_frame(json.dumps({"type": "message", "id": "a", "text": fits})), Message)
    too_long = refused(json.dumps({"type": "message", "id": "a", "text": fits + "ああ"}))
    assert (too_long.code, too_long.id, too_long.close) == ("text_too_large", "a", None)
    too_big = refused(json.dumps({"type": "hello", "pad": "x" * MAX_FRAME_BYTES}))
    assert (too_big.code, too_big.close) == ("too_large", Close.TOO_BIG)
    wide = refused('{"type":"hello","pad":"' + "あ" * (MAX_FRAME_BYTES // 3) + '"}')
    assert wide.code == "too_large"
    assert refused(b"\x00\x01").close == Close.UNSUPPORTED_DATA


@given(st.text())
def test_any_text_is_a_frame_or_a_frame_error(raw: str) -> None:
    try:
        parse_frame(raw)
    except FrameError:
        pass


@given(st.text(min_size=1), st.text(string.ascii_letters + string.digits + "-_.:", min_size=1, max_size=64))
def test_message_text_has_no_control_characters(text: str, id: str) -> None:
    try:
        frame = parse_frame(json.dumps({"type": "message", "id": id, "text": text}))
    except FrameError as error:
        assert error.code in ("empty", "text_too_large")
        return
    assert isinstance(frame, Message)
    assert frame.id == id
    assert frame.text == frame.text.strip() != ""
    assert not any(ord(c) < 32 and c not in "\n\t" for c in frame.text)


def test_frames_of_the_server_are_json_objects_without_empty_fields() -> None:
    at = datetime(2026, 1, 5, 21, 30, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    event = ChatEvent(3, at, From.BOT, Kind.MESSAGE, "はい", JA, buttons=(Button("はい", "はい"),))
    assert json.loads(encode_frame(event)) == {
        "type": "event",
        "seq": 3,
        "at": "2026-01-05T12:30:00.123Z",
        "from": "bot",
        "kind": "message",
        "text": "はい",
        "lang": "ja",
        "buttons": [{"title": "はい", "payload": "はい"}],
    }
    mine = ChatEvent(4, at.astimezone(UTC), From.CUSTOMER, Kind.MESSAGE, "x", EN, id="m-1")
    assert json.loads(encode_frame(mine))["id"] == "m-1"
    assert json.loads(encode_frame(Welcome(ConversationId("c"), "t", EN, True))) == {
        "type": "welcome",
        "conversation": "c",
        "token": "t",
        "lang": "en",
        "resumed": True,
    }
    assert json.loads(encode_frame(Ack("m-1", 4))) == {"type": "ack", "id": "m-1", "seq": 4}
    assert json.loads(encode_frame(Typing()))["from"] == "bot"
    assert json.loads(encode_frame(Trouble("code", "text"))) == {"type": "error", "code": "code", "message": "text"}
    assert json.loads(encode_frame(Trouble("c", "t", "m-1", 5)))["retry_after_ms"] == 5
    assert json.loads(encode_frame(Restarting()))["type"] == "restarting"
