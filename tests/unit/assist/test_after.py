"""What is prepared when the talk is over: promises, dispositions, notes, the cure, and a model's words checked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from voicebot.assist.after import AfterCall, Code, Company, Sentence, prepare
from voicebot.assist.after_facts import story
from voicebot.assist.after_promises import due_of, kind_of
from voicebot.assist.after_wording import ModelWording, borne_out
from voicebot.assist.scripts import load_scripts
from voicebot.domain import (
    EN,
    JA,
    ActionCalled,
    AgentSaid,
    ConversationId,
    Event,
    Heard,
    Language,
    Recorded,
    ScriptMoved,
    Source,
    Understood,
    UtteranceId,
)
from voicebot.nlu.entities import ClosedValues, find_entities

FLOWS = Path(__file__).resolve().parents[3] / "flows"
TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = datetime(2026, 6, 1, 10, 0, tzinfo=TOKYO)
CLOSED = ClosedValues.load(FLOWS, "shop")
CODES = (
    Code("order_cancelled", {"en": "Order cancelled", "ja": "注文をキャンセル"}, "yes"),
    Code("fault_fixed", {"en": "Product works again", "ja": "製品の不具合が解消"}, "yes"),
    Code("callback_agreed", {"en": "Callback agreed", "ja": "折り返しのお約束"}, "no"),
    Code("follow_up", {"en": "We follow up", "ja": "後日ご連絡"}, "no"),
    Code("order_placed", {"en": "Order placed", "ja": "ご注文を承り"}, "yes"),
    Code("silent", {"en": "No one there", "ja": "無言・応答なし"}),
)


def values(text: str, language: Language, today: date):
    return find_entities(text, language, today=today, country="JP", closed=CLOSED)


COMPANY = Company(
    TOKYO,
    CODES,
    values,
    load_scripts(FLOWS, "shop"),
    {"cancel_order": {"en": "cancelling an order", "ja": "注文のキャンセル"}},
)


def log(*events: Event) -> list[Recorded]:
    return [
        Recorded(ConversationId("c"), seq, MONDAY.astimezone(UTC) + timedelta(seconds=seq), event)
        for seq, event in enumerate(events, 1)
    ]


def said(text: str, language: Language = EN, *, private: bool = False) -> AgentSaid:
    return AgentSaid(
        utterance=UtteranceId(text),
        agent="S01",
        name="Mina",
        text=text,
        language=language,
        source=Source.SPEECH,
        private=private,
    )


def heard(text: str, language: Language = EN) -> Heard:
    return Heard(utterance=UtteranceId(text), text=text, language=language, source=Source.SPEECH)


def understood(intent: str) -> Understood:
    return Understood(utterance=UtteranceId(intent), intent=intent, confidence=0.9, in_scope=1.0, source=Source.SPEECH)


@pytest.mark.parametrize(
    ("text", "language", "kind", "due"),
    [
        ("I'll call you back within two hours.", EN, "callback", "2026-06-01T12:00"),
        ("We'll email you the form by Friday.", EN, "send", "2026-06-05T17:00"),
        ("I'll get back to you within two working days.", EN, "callback", "2026-06-03T17:00"),
        ("I will ring you tomorrow.", EN, "callback", "2026-06-02T17:00"),
        ("I'll check with the warehouse and let you know.", EN, "find_out", None),
        ("本日中に折り返しお電話いたします。", JA, "callback", "2026-06-01T17:00"),
        ("明日の午後三時までにご連絡いたします。", JA, "callback", "2026-06-02T15:00"),
        ("書類は3日以内にお送りいたします。", JA, "send", "2026-06-04T17:00"),
        ("担当に確認のうえ、ご連絡いたします。", JA, "find_out", None),
        ("Shall I call you back tomorrow?", EN, None, None),
        ("If you wait, I'll call you back.", EN, None, None),
        ("We won't call you again.", EN, None, None),
        ("折り返しお電話いたしましょうか。", JA, None, None),
        ("You can email us any time.", EN, None, None),
    ],
)
def test_promises_have_a_kind_and_a_time(text: str, language: Language, kind: str | None, due: str | None) -> None:
    assert kind_of(text, language) == kind
    if kind is not None:
        found = due_of(text, language, MONDAY, values)
        assert (found and found.isoformat()[:16]) == due


def test_everything_prepared_points_to_the_log() -> None:
    events = log(
        heard("Please cancel my order, the kettle."), understood("cancel_order"),
        ActionCalled(action="action_cancel_order", outcome="ok", took_ms=9),
        said("It's cancelled. I'll call you back tomorrow about the refund."),
        said("He sounds upset, I'll call you in an hour.", private=True),
    )  # fmt: skip
    after = prepare(
        events, COMPANY, EN, [Sentence("The customer wants to cancel.", (1,)), Sentence("No evidence.", ())]
    )
    assert after.dispositions[0].code == "order_cancelled" and 3 in after.dispositions[0].turns
    assert [(one.kind, one.turn, one.due.isoformat()[:10]) for one in after.follow_ups] == [
        ("callback", 4, "2026-06-02")
    ]
    assert [one.turns for one in after.summary] == [(1,), (4,)]
    assert after.notes[EN] == "Matter: cancelling an order. Result: Order cancelled. To do: call back by 2 June 17:00."
    assert after.notes[JA] == "用件：注文のキャンセル。結果：注文をキャンセル。対応予定：6月2日17時までに折り返し。"


def test_a_script_suggests_its_disposition_and_names_required_fields() -> None:
    moved = ScriptMoved(script="shop_order", version="v", agent="S01", change="done", step="order_number")
    after = prepare(log(heard("I'd like a kettle."), moved), COMPANY, JA, script="shop_order")
    assert after.dispositions[0].code == "order_placed"
    assert after.missing == ("product", "quantity")
    assert after.summary[-1].text == "応対で済んだこと：注文番号を伝える。"
    undone = ScriptMoved(script="shop_order", version="v", agent="S01", change="undone", step="order_number")
    assert not prepare(log(heard("I'd like a kettle."), moved, undone), COMPANY, JA).dispositions


def test_what_cured_it_is_redacted_and_taken_only_when_the_customer_says_so() -> None:
    lines = (
        heard("The humidifier keeps beeping and won't start, my number is 090-1234-5678."),
        said("Please take the tank out and put it in again until it clicks."),
        said("Is it working now?"),
    )
    assert prepare(log(*lines, heard("No, it still beeps.")), COMPANY, EN).solved is None
    after = prepare(log(*lines, heard("Yes!")), COMPANY, EN)
    assert after.solved is not None
    assert "090" not in after.solved.problem and "humidifier keeps beeping" in after.solved.problem
    assert after.solved.solution == "Please take the tank out and put it in again until it clicks."
    assert after.solved.turns == (1, 2, 4)
    assert after.dispositions[0].code == "fault_fixed"


def test_nobody_there() -> None:
    assert prepare([], COMPANY, EN).summary == ()
    assert prepare(log(ActionCalled(action="x", outcome="ok", took_ms=1)), COMPANY, EN).dispositions[0].code == "silent"


TALK = log(
    heard("The kettle I ordered for 6,600 yen came broken."),
    said("I'm sorry. I'll refund the 6,600 yen by Friday."),
)
GOOD = [
    {"text": "The customer reported that the kettle came broken.", "turns": [1]},
    {"text": "The agent promised to refund 6,600 yen by Friday.", "turns": [2]},
]


@pytest.mark.parametrize(
    ("text", "turns", "holds"),
    [
        ("The kettle came broken.", (1,), True),
        ("The kettle was ordered for 6600 yen.", (1,), True),
        ("The agent will refund 9,900 yen by Friday.", (2,), False),
        ("The agent promised a free toaster and a voucher.", (2,), False),
        ("Ms Takahashi ordered a kettle.", (1,), False),
        ("The kettle came broken.", (2,), False),
        ("The kettle came broken.", (7,), False),
        ("The kettle came broken.", (), False),
    ],
)
def test_a_sentence_is_borne_out_by_its_turns(text: str, turns: tuple[int, ...], holds: bool) -> None:
    assert borne_out(Sentence(text, turns), (), story(TALK), EN) is holds


Answer = Callable[[dict[str, object]], tuple[int, str, float]]


@asynccontextmanager
async def model(answer: Answer) -> AsyncIterator[str]:
    """A small real HTTP server that speaks the chat completions protocol."""

    tasks: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(one.split(":")[1]) for one in head.lower().split("\r\n") if one.startswith("content-length"))
        status, body, wait_s = answer(json.loads(await reader.readexactly(length)))
        assert head.startswith("POST /v1/chat/completions")
        try:
            await asyncio.wait_for(reader.read(1), wait_s) if wait_s else None
        except TimeoutError:
            pass
        data = body.encode()
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        await asyncio.gather(*(task for task in tasks if task is not None))
        await server.wait_closed()


def answered(sentences: object) -> str:
    return json.dumps(
        {"choices": [{"message": {"content": "```json\n" + json.dumps({"sentences": sentences}) + "\n```"}}]}
    )


async def worded(url: str, patience_s: float = 5.0) -> tuple[AfterCall, AfterCall]:
    before = prepare(TALK, COMPANY, EN, [Sentence("About: a broken item.", (1,))])
    async with httpx.AsyncClient() as client:
        return before, await ModelWording(client, url, "small", patience_s=patience_s).word(before, story(TALK), EN)


async def test_a_good_model_words_the_summary() -> None:
    asked: list[Mapping[str, object]] = []

    def answer(body: dict[str, object]) -> tuple[int, str, float]:
        asked.append(body)
        return 200, answered(GOOD), 0

    async with model(answer) as url:
        _, after = await worded(url)
    assert asked[0]["model"] == "small"
    assert [one.text for one in after.summary] == [one["text"] for one in GOOD] and after.method == "model"


async def test_invented_sentences_are_dropped_and_the_template_speaks_of_the_rest() -> None:
    bad = [
        GOOD[0],
        {"text": "The agent promised to refund 8,800 yen by Friday.", "turns": [2]},
        {"text": "Elsewhere.", "turns": [99]},
    ]
    async with model(lambda _: (200, answered(bad), 0)) as url:
        before, after = await worded(url)
    assert [one.text for one in after.summary] == [GOOD[0]["text"], before.summary[-1].text]


@pytest.mark.parametrize(
    "answer",
    [
        (500, "no", 0.0),
        (200, "not json", 0.0),
        (200, json.dumps({"choices": []}), 0.0),
        (200, answered("none"), 0.0),
        (200, answered([{"text": "x", "turns": ["one"]}]), 0.0),
        (200, answered([]), 0.0),
        (200, answered(GOOD), 30.0),
    ],
)
async def test_whatever_a_model_does_the_template_stands(answer: tuple[int, str, float]) -> None:
    async with model(lambda _: answer) as url:
        before, after = await worded(url, patience_s=0.3 if answer[2] else 5.0)
    assert after == before


async def test_no_model_at_all() -> None:
    async with model(lambda _: (200, "", 0)) as url:
        pass
    before, after = await worded(url)
    assert after == before
