"""Pure parts of the console: frames from anybody, suggestions, canned answers, alerts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from voicebot.desk import Agent, Contact, QueueNow, Task
from voicebot.desk.model import Medium
from voicebot.domain import JA, AgentId, Channel, ContactState, ConversationId, HandoffId, Presence, QueueId, TenantId
from voicebot.web.desk.alerts import alerts
from voicebot.web.desk.canned import filled, values_of
from voicebot.web.desk.frames import MAX_FRAME_BYTES, Hello, Say
from voicebot.web.desk.ports import Disposition, Reply
from voicebot.web.desk.reading import Unusable, read_frame
from voicebot.web.desk.showing import title_of
from voicebot.web.desk.suggest import suggest

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
_TYPES = ["hello", "heartbeat", "presence", "accept", "decline", "say", "typing", "read", "watch", "unwatch", "x"]
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_frames = st.fixed_dictionaries(
    {"type": st.sampled_from(_TYPES)},
    optional={name: _values for name in ("contact", "id", "text", "seq", "seen", "presence", "state", "conversation")},
)


@given(st.text() | st.binary() | _values.map(json.dumps) | _frames.map(json.dumps))
def test_any_frame_is_a_value_or_a_refusal_that_repeats_nothing(raw: str | bytes) -> None:
    try:
        frame = read_frame(raw)
    except Unusable as refused:
        assert refused.code in ("binary", "malformed", "unknown_type", "too_large")
        assert len(refused.message) < 400
    else:
        assert frame.type in _TYPES


def test_frames_are_bounded_and_unknown_fields_ignored() -> None:
    assert isinstance(read_frame('{"type": "hello", "new": 1}'), Hello)
    assert isinstance(read_frame('{"type": "say", "contact": "c", "id": "1", "text": "あ"}'), Say)
    for raw in ("x" * (MAX_FRAME_BYTES + 1), "あ" * (MAX_FRAME_BYTES // 2)):
        try:
            read_frame(raw)
        except Unusable as refused:
            assert refused.code == "too_large"
        else:
            raise AssertionError("taken")


def packet(**fields: Any) -> dict[str, Any]:
    return {"intent": {"name": "", "history": []}, "attempts": [], "headline": {"alerts": []}, "slots": [], **fields}


DISPOSITIONS = [
    Disposition(code, {JA: code}, True)
    for code in ("order_answered", "order_cancelled", "return_arranged", "safety_reported", "callback_agreed")
]


def test_what_was_done_weighs_more_than_what_was_asked() -> None:
    done = [{"what": "cancel_order", "result": "ok"}]
    found = suggest(packet(intent={"name": "return_request", "history": []}, attempts=done), DISPOSITIONS)
    assert found is not None and found.disposition.code == "order_cancelled"
    assert found.because == ("done:cancel_order",)


def test_danger_decides_and_nothing_known_suggests_nothing() -> None:
    intent = {"name": "return_request", "history": ["order_status", "return_request"]}
    found = suggest(packet(intent=intent, headline={"alerts": ["emergency"]}), DISPOSITIONS)
    assert found is not None and found.disposition.code == "safety_reported"
    found = suggest(packet(intent=intent), DISPOSITIONS)
    assert found is not None and found.disposition.code == "return_arranged"
    assert suggest(packet(), DISPOSITIONS) is None
    private = Disposition("privacy_request", {JA: "privacy_request"}, False)
    assert suggest(packet(intent={"name": "request_human", "history": []}), [*DISPOSITIONS, private]) is None
    assert suggest(packet(intent={"name": "weather", "history": []}), DISPOSITIONS) is None


def test_only_confirmed_and_harmless_slots_are_filled_in() -> None:
    def slot(name: str, status: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "status": status, "value": "v", "display": f"<{name}>", **more}

    values = values_of(
        packet(
            slots=[
                slot("order_number", "confirmed"), slot("date", "heard"), slot("address", "refused"),
                slot("card", "confirmed", sensitive=True), slot("size", "corrected"),
            ],
            customer={"display_name": "田中 花子"},
        )
    )  # fmt: skip
    assert values == {"order_number": "<order_number>", "size": "<size>", "customer_name": "田中 花子"}
    reply = Reply("r", {JA: "{customer_name}様、{order_number}は{date}です。{order_number} {Not} {}"})
    shown = filled(reply, JA, values)
    assert shown is not None
    assert shown.text == "田中 花子様、<order_number>は{date}です。<order_number> {Not} {}"
    assert shown.missing == ["date"]
    assert filled(reply, "en", values) is None  # type: ignore[arg-type]


def test_a_value_that_looks_like_a_place_is_not_filled_again() -> None:
    shown = filled(Reply("r", {JA: "{a}"}), JA, {"a": "{b}", "b": "secret"})
    assert shown is not None and shown.text == "{b}"


def test_titles_are_the_beginning() -> None:
    assert title_of("ただいま確認しております。少々お待ちくださいませ。") == "ただいま確認しております"
    assert title_of("I'm checking that now. One moment, please.") == "I'm checking that now"
    assert len(title_of("a" * 100)) == 40


QUEUE = QueueNow(QueueId("q"), {JA: "q"}, 0, 0.0, None, None, 1, 0, None, 0.8, 20.0, 5)
AGENT = Agent(AgentId("S01"), TenantId("shop"), "a")
CONTACT = Contact(
    HandoffId("ho-1"), TenantId("shop"), ConversationId("c-1"), Channel.VOICE, JA, QueueId("q"), {}, 5, NOW
)


def kinds(**floor: Any) -> list[str]:
    empty: dict[str, Any] = {"agents": [], "contacts": [], "queues": [], "tasks": [], "now": NOW, "wrapup_s": {}}
    return [one.kind for one in alerts(**(empty | floor))]


def test_a_quiet_floor_alerts_nobody_and_a_bad_one_says_why() -> None:
    assert kinds(agents=[AGENT], contacts=[CONTACT], queues=[QUEUE]) == []
    assert kinds(contacts=[replace(CONTACT, priority=1)]) == ["emergency"]
    assert kinds(queues=[replace(QUEUE, waiting=1, agents_free=0)]) == ["unstaffed"]
    assert kinds(queues=[replace(QUEUE, waiting=1, longest_wait_s=61.0)]) == ["long_wait"]
    form = replace(CONTACT, state=ContactState.WRAPUP, wrapup_at=NOW - timedelta(seconds=61))
    assert kinds(contacts=[form], wrapup_s={Medium.VOICE: 60.0}) == ["wrapup_overdue"]
    assert kinds(contacts=[form], wrapup_s={Medium.VOICE: 62.0}) == []
    assert kinds(announced=["unstaffed:q_tech", "wrapup_overdue:ho-1"]) == ["unstaffed"]
    assert kinds(queues=[replace(QUEUE, waiting=1, agents_free=0)], announced=["unstaffed:q"]) == ["unstaffed"]
    assert kinds(queues=[replace(QUEUE, waiting=5)]) == ["queue_full"]
    assert kinds(queues=[replace(QUEUE, service_level=0.79)]) == ["service_level"]
    assert kinds(agents=[replace(AGENT, presence=Presence.NO_ANSWER)]) == ["no_answer"]
    task = Task("t", TenantId("shop"), "follow_up", "x", None, NOW - timedelta(seconds=1), "open", NOW)
    assert kinds(tasks=[task]) == ["task_overdue"]
    assert kinds(tasks=[replace(task, state="done")]) == []
