"""The assist of the scripted desk, in the product's own shapes: cards, one script, knowledge, what comes after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request

from tests.support.desk_script import XSS, now, pick
from tests.support.desk_server import ScriptedFloor
from voicebot.web.assist.bodies import CardTextView, CardView, ContentView, EntryView, Found
from voicebot.web.assist.guidance_bodies import (
    AfterView,
    DispositionView,
    FollowUpView,
    ProposalNew,
    ScriptsView,
    ScriptView,
    Sentence,
    SolvedView,
    StepChange,
    StepTextView,
    StepView,
)
from voicebot.web.problems import Problem

VERSION = "v1"
PRICE = (
    "お値段は大切なところですね。{product}は電気代まで含めると、年間{saving}お得です。本体の価格でお比べでしょうか。"
)


def _card(name: str, kind: str, expires_s: float = 60, *, mandatory: bool = False, **text: CardTextView) -> CardView:
    return CardView(id=name, kind=kind, mandatory=mandatory, priority=5, expires_s=expires_s, text=text)


def cards() -> list[CardView]:
    """Cards as the content address tells them."""
    return [
        _card(
            "price",
            "rebuttal",
            ja=CardTextView(
                title="価格がネックのとき",
                talk=PRICE,
                do=["比べている商品と条件を先に聞く", "1年あたりの総費用で示す"],
                dont=["他社を悪く言う", "今日だけと急がせる"],
                novice="まず気持ちを受け止め、比べている条件を聞いてから費用の話に進みます。",
            ),
            en=CardTextView(
                title="Price is the sticking point",
                talk="That makes sense. Over a year the {product} costs {saving} less to run. Is it the tag price?",
                do=["Ask what they compare with", "Show the yearly total cost"],
                dont=["Run down competitors", "Invent urgency"],
                novice="Take the concern seriously first, ask for the conditions, then talk about costs.",
            ),
        ),
        _card(
            "terms",
            "compliance",
            120,
            mandatory=True,
            ja=CardTextView(
                title="確定前に読み上げ",
                talk="商品、数量、送料込みの金額、お届け日、返品条件をお伝えします。",
                do=["全項目を読む"],
                dont=["定期を単品のように案内"],
            ),
            en=CardTextView(title="Read before confirming", talk="State item, quantity, total, date and returns."),
        ),
        _card("evil", "script", ja=CardTextView(title="{name}さま", talk="{name}さま、お待たせしました。")),
    ]


def _step(id: str, ja: str, en: str, say: str = "", depends: str = "", *, mandatory: bool = False) -> StepView:
    text = {"ja": StepTextView(label=ja, say=say), "en": StepTextView(label=en, say=say)}
    return StepView(
        id=id,
        kind="say",
        party="agent",
        mandatory=mandatory,
        branch=bool(depends),
        depends=depends,
        settles=["phone"] if id == "greet" else [],
        text=text,
    )


def script() -> ScriptView:
    """One script with a branch and mandatory steps."""
    return ScriptView(
        id="return_goods",
        suggested=True,
        required=["order_id", "phone"],
        names={"ja": "返品の受付", "en": "Taking a return"},
        steps=[
            _step("greet", "お詫びとお名前の確認", "Apologise and confirm the name"),
            _step(
                "order", "注文番号を確認", "Confirm the order number", "ご注文番号は{order_id}ですね。", mandatory=True
            ),
            _step("reason", "返品の理由を聞く", "Ask for the reason"),
            _step("fault", "症状を詳しく聞く", "Ask about the fault", depends="reason", mandatory=True),
            _step("mind", "未使用か確認", "Check it is unused", depends="reason"),
            _step("deadline", "返金の時期を案内", "Tell when the refund comes", mandatory=True),
        ],
    )


SLOTS = {
    "order_id": {"ja": "ご注文番号", "en": "the order number"},
    "phone": {"ja": "電話番号", "en": "the telephone number"},
    "saving": {"ja": "比べている商品", "en": "what they compare with"},
}
ENTRIES = {
    one.entry: one
    for one in (
        EntryView(
            entry="refund_days",
            title="返金にかかる日数は?",
            text="返品の到着から7営業日以内に、お支払いに使われた方法へ返金します。",
            source="返品ガイド 3章",
            language="ja",
            score=0.8,
        ),
        EntryView(
            entry="refund_card",
            title="クレジットカードへの返金",
            text="カード会社の締め日により、翌月または翌々月のご請求と相殺されます。",
            source="FAQ 112",
            language="ja",
            score=0.6,
        ),
    )
}


def after(lang: str) -> AfterView:
    """What is proposed once the talk is over."""
    return AfterView(
        method="template",
        summary=[
            Sentence(text=pick(lang, "返品した空気清浄機の返金が未着。", "The refund has not arrived."), turns=[2, 6]),
            Sentence(text=pick(lang, "4日後の予定と案内した。", "Told it comes in 4 days."), turns=[5]),
        ],
        dispositions=[DispositionView(code="refund_chased", weight=2.0, turns=[5])],
        follow_ups=[
            FollowUpView(
                kind="callback",
                text=pick(lang, "返金予定日を電話で連絡", "Call back with the refund date"),
                due_at=now() + timedelta(days=1),
                said=True,
                turns=[6],
            )
        ],
        notes={
            "ja": "返金の前倒しを経理に依頼。結果は折り返し連絡。",
            "en": "Asked accounts to bring it forward.",
        },
        solved=SolvedView(
            problem=pick(lang, "返金が予定より遅い", "The refund is late"),
            solution=pick(lang, "経理に前倒しを依頼し、予定日を折り返し連絡", "Ask accounts, call back with the date"),
            turns=[2, 6],
            language=lang,
        ),
        missing_slots=["phone"],
        missing_steps=[],
    )


class ScriptedAssist:
    """What a test lets happen on screen, as the log has it."""

    def __init__(self, floor: ScriptedFloor, contact: str) -> None:
        self._floor, self._contact = floor, contact

    async def show(self, card: str, place: str = "prominent", **more: Any) -> None:
        known = {"product": "AirPure 300", "saving": "6,800円"} | more.pop("values", {})
        values = {name: value for name, value in known.items() if value is not None}
        event = {"type": "CardShown", "card": card, "version": VERSION, "agent": "S01", "reason": "phrase"}
        await self._happens({**event, "utterance": "c1", "place": place, "values": values, **more})

    async def end(self, card: str, how: str, why: str = "") -> None:
        await self._happens({"type": "CardEnded", "card": card, "agent": "S01", "how": how, "why": why})

    async def script(
        self, change: str, step: str = "", by: str = "script", utterance: str = "", agent: str = "S01"
    ) -> None:
        event = {"type": "ScriptMoved", "script": "return_goods", "version": VERSION, "agent": agent}
        await self._happens({**event, "change": change, "step": step, "by": by, "utterance": utterance})

    async def know(self, entry: str) -> None:
        told = {"entry": entry, "source": ENTRIES[entry].source, "agent": "S01", "score": 0.8}
        await self._happens({"type": "KnowledgeShown", **told, "asked": False, "utterance": "c1"})

    async def speech(self, utterance: str, text: str, start_ms: int, end_ms: int, who: str = "customer") -> None:
        said = {"utterance": utterance, "text": text, "language": "ja", "source": "speech", "confidence": 0.9}
        times = {"started_ms": start_ms, "ended_ms": end_ms}
        mine = {"type": "AgentSaid", "agent": "S01", "name": "佐伯 みなみ", "private": False}
        await self._happens({**said, **times, **(mine if who == "agent" else {"type": "Heard"})})

    async def hears(self, utterance: str, text: str, party: str = "customer") -> None:
        conversation = self._floor.contacts[self._contact].conversation
        frame = {"type": "partial", "conversation": conversation, "party": party, "utterance": utterance, "text": text}
        await self._floor.push_json(frame)

    async def _happens(self, event: dict[str, Any]) -> None:
        await self._floor.happens(self._contact, event)


def assist_routes(floor: ScriptedFloor) -> APIRouter:
    """The assist's addresses as the product has them."""
    routes = APIRouter(prefix="/api/assist")

    @routes.get("/{tenant}/content")
    async def content(tenant: str, version: str) -> ContentView:
        return ContentView(tenant=tenant, version=version, cards=cards())

    @routes.post("/contacts/{contact}/cards/{card}")
    async def feedback(contact: str, card: str, request: Request) -> None:
        body = await request.json()
        floor.posted.append((f"{contact}/cards/{card}", body))
        if floor.refuse_assist:
            raise Problem(503, "unavailable", "Try again in a moment.")
        await ScriptedAssist(floor, contact).end(card, body["how"], body["why"])

    @routes.post("/contacts/{contact}/ask")
    async def ask(contact: str, request: Request) -> None:
        await ScriptedAssist(floor, contact).show((await request.json())["card"], reason="asked", utterance="")

    @routes.get("/contacts/{contact}/search")
    async def search(contact: str, q: str) -> Found:
        return Found(entries=[one for one in ENTRIES.values() if q in one.title + one.text])

    @routes.get("/contacts/{contact}/knowledge/{entry}")
    async def knowledge(contact: str, entry: str) -> EntryView:
        return ENTRIES[entry]

    @routes.post("/contacts/{contact}/corrections")
    async def correct(contact: str, request: Request) -> None:
        body = await request.json()
        floor.posted.append((f"{contact}/corrections", body))
        await floor.happens(contact, {"type": "TranscriptCorrected", "agent": "S01", **body})

    @routes.get("/contacts/{contact}/scripts")
    async def scripts(contact: str) -> ScriptsView:
        return ScriptsView(version=VERSION, scripts=[script()], running=None, slots=SLOTS)

    @routes.post("/contacts/{contact}/scripts/{name}/start", status_code=204)
    async def start(contact: str, name: str) -> None:
        assist = ScriptedAssist(floor, contact)
        await assist.script("started")
        await assist.script("entered", "greet")

    @routes.post("/contacts/{contact}/scripts/{name}/steps/{step}", status_code=204)
    async def move(contact: str, name: str, step: str, body: StepChange) -> None:
        floor.posted.append((f"{contact}/steps/{step}", body.model_dump()))
        await ScriptedAssist(floor, contact).script(body.change, step, "clicked")

    @routes.get("/contacts/{contact}/after")
    async def written(contact: str, language: str = "ja") -> AfterView:
        return after(language)

    @routes.post("/contacts/{contact}/proposals", status_code=201)
    async def propose(contact: str, body: ProposalNew) -> dict[str, str]:
        floor.posted.append((f"{contact}/proposals", body.model_dump()))
        return {"id": "p1"}

    return routes


__all__ = ["PRICE", "XSS", "ScriptedAssist", "assist_routes"]
