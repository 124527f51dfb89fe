"""The handoff packet: complete, within its contract, honest about what is not known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from voicebot.desk.model import Contact
from voicebot.desk.packet import (
    MAX_BYTES,
    OFFER_PATIENCE_S,
    READING_PATIENCE_S,
    Customer,
    PacketContent,
    PacketSource,
    Previous,
    build_packet,
)
from voicebot.desk.packet.customer import masked_phone
from voicebot.desk.packet.schema import size
from voicebot.domain import (
    EN,
    JA,
    ActionCalled,
    Alerted,
    Channel,
    ChannelChanged,
    ContactChanged,
    ConversationId,
    Disposition,
    Ended,
    Event,
    FlowChanged,
    HandoffId,
    HandoffReason,
    HandoffRequested,
    Heard,
    Language,
    NoticeGiven,
    Played,
    QueueId,
    Recorded,
    RecordingChanged,
    Said,
    Skill,
    SlotSet,
    SlotStatus,
    Source,
    Started,
    TenantId,
    Understood,
    UtteranceId,
    Verification,
    Verified,
)
from voicebot.errors import StoreError
from voicebot.flows import load_flows
from voicebot.readout import Readout
from voicebot.sim.clock import VirtualClock

AT = datetime(2026, 2, 3, 1, 12, 10, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
SHOP = load_flows(ROOT / "flows", "shop")
LABELS = {"product": {"air_purifier": {"ja": "空気清浄機", "en": "air purifier"}}}
COMPANY = PacketContent(SHOP, Readout(LABELS, "JP", lambda: date(2026, 2, 3)))


def contact(**more: object) -> Contact:
    values: dict[str, object] = {
        "id": HandoffId("ho-7f31c2d9"),
        "tenant": TenantId("shop"),
        "conversation": ConversationId("c-88"),
        "channel": Channel.VOICE,
        "language": JA,
        "queue": QueueId("q_general"),
        "required": {Skill("returns"): 2, Skill("lang:ja"): 3},
        "priority": 4,
        "enqueued_at": AT + timedelta(minutes=2),
    }
    return Contact(**{**values, **more})  # type: ignore[arg-type]


def log(events: Sequence[Event]) -> list[Recorded]:
    return [
        Recorded(ConversationId("c-88"), seq, AT + timedelta(seconds=seq), event)
        for seq, event in enumerate(events, start=1)
    ]


def heard(name: str, text: str, intent: str, language: Language = JA) -> tuple[Event, ...]:
    return (
        Heard(utterance=UtteranceId(name), text=text, language=language, source=Source.SPEECH, confidence=0.88),
        Understood(utterance=UtteranceId(name), intent=intent, confidence=0.91, in_scope=1, source=Source.SPEECH),
    )


def said(name: str, text: str, *, complete: bool = True) -> tuple[Event, ...]:
    return (
        Said(utterance=UtteranceId(name), text=text, response="utter_x", language=JA),
        Played(utterance=UtteranceId(name), text=text if complete else text[:4], complete=complete, played_ms=900),
    )


REFUND: tuple[Event, ...] = (
    Started(tenant=TenantId("shop"), channel=Channel.VOICE, language=JA, entry_point="shop-ja"),
    NoticeGiven(notice="ai"),
    NoticeGiven(notice="recording"),
    *said("b1", "あさなぎ通販でございます。"),
    *heard("u1", "あのー、空気清浄機の返金がね、まだなんだよ", "refund_status"),
    FlowChanged(flow="refund_status", change="started"),
    *heard("u2", "A55670021", "refund_status"),
    SlotSet(flow="refund_status", slot="order_number", value="A55670021", status=SlotStatus.CONFIRMED),
    SlotSet(flow="refund_status", slot="product", value="air_purifier", status=SlotStatus.HEARD),
    SlotSet(flow="refund_status", slot="card_number", value="", status=SlotStatus.HEARD, sensitive=True),
    ActionCalled(action="action_verify_light", outcome="ok", took_ms=5),
    Verified(level=Verification.LIGHT, method="verify_light"),
    ActionCalled(action="action_refund_status", outcome="processing", took_ms=7),
    *said("b2", "返金は手続き中で、四日後の予定です。", complete=False),
    *heard("u3", "二週間も待っているんだよ、担当者に代わって", "express_frustration"),
    Alerted(alert="angry"),
    HandoffRequested(
        skills=("returns",), min_level=2, priority=4, reason=HandoffReason.FRUSTRATION, intent="refund_status"
    ),
)


def packet(events: Sequence[Event] = REFUND, **more: object):  # type: ignore[no-untyped-def]
    values: dict[str, object] = {"agent_language": JA, "now": AT + timedelta(minutes=3)}
    return build_packet(log(events), contact(), COMPANY, **{**values, **more})  # type: ignore[arg-type]


def test_the_headline_says_who_why_what_was_tried_and_what_is_wanted() -> None:
    head = packet(customer=Customer(id="3003359", name="大河内 勝", phone="0312343333")).headline
    assert head["who"] == "大河内 勝さま(本人確認: 簡易)"
    assert "空気清浄機" in head["why"] and "返金" in head["why"]
    assert "確認済み" in head["tried"] and "返金" in head["tried"]
    assert head["alerts"] == ["angry"]
    assert head["opening_line"].startswith("大河内 勝さま、") and "返金" in head["opening_line"]


def test_labels_speak_the_agents_language_and_the_opening_line_the_customers() -> None:
    body = packet(agent_language=EN).body
    assert body["intent"]["label"] == "your refund" and body["headline"]["who"].startswith("Name not known")
    assert "返金" in body["headline"]["opening_line"]
    assert body["summary"]["language"] == "en"


@pytest.mark.parametrize(("outcome", "result"), [("ok", "ok"), ("error", "failed"), ("timeout", "timeout")])
@pytest.mark.parametrize(("agent", "gone"), [(JA, "お客様には未案内"), (EN, "the customer was not told")])
def test_a_change_that_ended_when_the_customer_had_gone_is_told(
    outcome: str, result: str, agent: Language, gone: str
) -> None:
    change = ActionCalled(action="action_reschedule", outcome=outcome, took_ms=900, unheard=True)
    attempt = packet((*REFUND[:-1], change, REFUND[-1]), agent_language=agent).body["attempts"][-1]
    assert attempt["result"] == result
    assert attempt["detail"].startswith(outcome) and gone in attempt["detail"]


def test_confirmed_heard_and_secret_values_are_told_apart() -> None:
    slots = {slot["name"]: slot for slot in packet().body["slots"]}
    assert slots["order_number"]["status"] == "confirmed" and slots["order_number"]["display"] == "A55670021"
    assert slots["product"] | {"status": "heard", "display": "空気清浄機"} == slots["product"]
    assert slots["card_number"]["value"] is None and slots["card_number"]["display"] == "(非表示)"


def test_every_sentence_points_to_turns_of_the_transcript() -> None:
    made = packet()
    turns = {row["turn"] for row in made.body["transcript"]}
    assert made.evidence and all(claim.turns and set(claim.turns) <= turns for claim in made.evidence)
    assert "".join(claim.text for claim in made.evidence) == made.body["summary"]["text"]


def test_the_transcript_holds_what_was_heard_not_what_was_meant_to_be_said() -> None:
    rows = {row["turn"]: row for row in packet().body["transcript"] if row["who"] == "bot"}
    cut_off = [row for row in rows.values() if row["interrupted"]]
    assert [row["text"] for row in cut_off] == ["返金は手"]


def test_an_angry_customer_without_a_matter_is_not_asked_again() -> None:
    words = "何回同じこと言わせるんだ、もう二週間だぞ"
    events = (
        Started(tenant=TenantId("shop"), channel=Channel.VOICE, language=JA),
        *heard("u1", words, "express_frustration"),
        HandoffRequested(skills=("general",), min_level=1, priority=3, reason=HandoffReason.FRUSTRATION),
    )
    head = packet(events).headline
    assert "angry" in head["alerts"] and words in head["opening_line"] and "申し訳ございません" in head["opening_line"]


def test_nothing_known_is_said_to_be_unknown() -> None:
    events = (Started(tenant=TenantId("shop"), channel=Channel.WEB_CHAT, language=EN),)
    body = packet(events, agent_language=EN).body
    assert body["headline"]["why"] == "Unknown" and body["sentiment"]["label"] == "unknown"
    assert body["headline"]["tried"] == "Nothing tried yet" and body["customer"]["identified"] is False


def test_earlier_contacts_the_refused_recording_and_the_vulnerable_are_alerts() -> None:
    previous = [Previous(AT - timedelta(days=1), "web_chat", "返金の問い合わせ", "佐伯", resolved=False)]
    events = (*REFUND, RecordingChanged(on=False, reason="off_by_request"))
    body = packet(events, previous=previous, customer=Customer(vulnerable=True)).body
    assert body["headline"]["alerts"] == ["vulnerable", "angry", "repeat_contact", "no_recording"]
    assert body["privacy"]["recording"] == "off_by_request"
    assert body["conversation"]["previous_contacts"][0]["agent"] == "佐伯"


def test_a_long_talk_is_cut_at_its_beginning_and_says_so() -> None:
    talk = [event for turn in range(900) for event in heard(f"x{turn}", "とても長い話です。" * 12, "refund_status")]
    body = packet((*REFUND, *talk)).body
    assert size(body) <= MAX_BYTES
    first, last = body["transcript"][0], body["transcript"][-1]
    assert first["event"].startswith("transcript_truncated:") and last["turn"] == len(REFUND) + len(talk) - 1


def test_a_chat_that_began_as_a_call_says_how_the_call_ended() -> None:
    dropped = Ended(disposition=Disposition.ABANDONED_IN_FLOW, by="system")
    moved = (dropped, ChannelChanged(channel=Channel.WEB_CHAT))
    body = packet((*REFUND, *moved)).body
    (before,) = body["conversation"]["resumed_from"]
    ended_at = AT + timedelta(seconds=len(REFUND) + 1)
    assert (before["channel"], before["end_reason"]) == ("voice", "dropped")
    assert datetime.fromisoformat(before["ended_at"]) == ended_at
    late = (*REFUND, *moved, Verified(level=Verification.NONE, method="late_link"))
    assert packet(late).body["verification"]["level"] == "none"


def test_a_requeued_contact_keeps_its_time_and_shows_what_happened() -> None:
    events = (*REFUND, ContactChanged(handoff="ho-7f31c2d9", change="lost", agent="S01"))
    body = build_packet(
        log(events), contact(attempt=2, excluded={}), COMPANY, agent_language=JA, now=AT + timedelta(minutes=9)
    ).body
    assert body["routing"]["attempt"] == 2 and body["routing"]["waited_s"] == 420.0
    assert body["transcript"][-1]["event"] == "lost"


@given(st.text(max_size=300), st.text(max_size=80), st.sampled_from([JA, EN]))
def test_whatever_was_said_the_packet_keeps_its_contract(words: str, name: str, agent: Language) -> None:
    events = (
        Started(tenant=TenantId("shop"), channel=Channel.VOICE, language=JA, entry_point=words),
        *heard("u1", words, words[:10]),
        SlotSet(flow=name, slot="order_number", value=words, status=SlotStatus.REFUSED),
        ActionCalled(action=name, outcome=words, took_ms=1),
        HandoffRequested(skills=(), min_level=1, priority=1, reason=HandoffReason.EMERGENCY, intent=name),
    )
    body = packet(events, agent_language=agent, customer=Customer(name=name or None, phone=words)).body
    schema = json.loads((ROOT / "voicebot/desk/packet/handoff.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(body)


@pytest.mark.parametrize(
    ("number", "shown"), [("09012345678", "090-****-5678"), ("+447700900123", "447-*****-0123"), ("119", None)]
)
def test_a_phone_number_is_masked(number: str, shown: str | None) -> None:
    assert masked_phone(number) == shown


class _Log:
    async def events(self, conversation: ConversationId, after_seq: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        return [one for one in log(REFUND) if one.seq > after_seq][:limit]

    async def load_state(self, conversation: ConversationId) -> object:
        return {"dialogue": {"customer": [["customer_name", "大河内 勝"]], "caller_number": "0312343333"}}


class _Down:
    async def customer(self, *_: object) -> Customer | None:
        raise StoreError("The record store is down.")

    async def previous(self, *_: object, **__: object) -> Sequence[Previous]:
        raise StoreError("The record store is down.")


async def test_a_record_store_that_is_down_takes_nothing_from_the_packet() -> None:
    source = PacketSource(_Log(), {TenantId("shop"): COMPANY}, VirtualClock(AT), _Down())  # type: ignore[arg-type]
    made = await source.packet(contact(), JA)
    assert made.headline["who"] == "大河内 勝さま(本人確認: 簡易)" and made.body["slots"]
    assert made.body["customer"]["phone_masked"] == "031-***-3333"


class _Slow:
    """A record store on another machine: its answers come a few turns of the loop later."""

    async def customer(self, *_: object) -> Customer | None:
        for _turn in range(20):
            await asyncio.sleep(0)
        return Customer(vip=True)

    async def previous(self, *_: object, **__: object) -> Sequence[Previous]:
        await self.customer()
        return [Previous(AT - timedelta(days=1), "voice", "配送の確認", None, None)]


async def test_whoever_opens_the_packet_waits_for_the_record_longer_than_an_offer() -> None:
    source = PacketSource(_Log(), {TenantId("shop"): COMPANY}, VirtualClock(AT), _Slow())  # type: ignore[arg-type]
    assert OFFER_PATIENCE_S < READING_PATIENCE_S
    hurried = await source.packet(contact(), JA, patience_s=0)
    read = await source.packet(contact(), JA, patience_s=60)
    assert hurried.body["conversation"]["previous_contacts"] == []
    assert [one["summary"] for one in read.body["conversation"]["previous_contacts"]] == ["配送の確認"]
