"""What the scripted desk tells: people, queues, two customers and their packets, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from voicebot.web.desk.views import AgentView, ChoiceView, QueueView, ReplyView, WaitView

XSS = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
NAMES = {"S01": "佐伯 みなみ", "S02": "堂本 亮", "S04": "真壁 隆", "S06": "Tomás Reyes", "L01": "三雲 志保"}
SKILLS = {
    "S01": {"orders": 4, "returns": 3, "lang:ja": 5, "lang:en": 3},
    "S02": {"orders": 3, "sales": 4, "lang:ja": 5},
    "S04": {"tech": 5, "safety": 5, "lang:ja": 5},
    "S06": {"tech": 3, "orders": 2, "lang:en": 5},
    "L01": {"orders": 5, "complaints": 4, "lang:ja": 5},
}


def now() -> datetime:
    """Pages show times that pass, so the script's clock is the real one."""
    return datetime.now(UTC)


def pick(lang: str, ja: str, en: str) -> str:
    """The text in the agent's language."""
    return ja if lang == "ja" else en


def agent(id: str, presence: str = "available", **changes: Any) -> AgentView:
    """A colleague."""
    fields: dict[str, Any] = {
        "id": id,
        "name": NAMES[id],
        "team": "front",
        "presence": presence,
        "reason": "",
        "since": now() - timedelta(minutes=7),
        "busy": False,
        "load": {"chat": 0, "voice": 0},
        "capacity": {"voice": 1, "chat": 3},
        "skills": SKILLS[id],
        "endpoint": "browser",
        "language": "ja",
        "version": 1,
    }
    return AgentView.model_validate({**fields, **changes})


def queues(lang: str) -> list[QueueView]:
    """Two queues, one of them in trouble."""
    return [
        QueueView(
            id="q_general",
            label=pick(lang, "ご注文・返品", "Orders and returns"),
            waiting=2,
            longest_wait_s=84,
            wait=WaitView(low_min=1, high_min=3),
            agents_free=1,
            agents_busy=3,
            service_level=0.83,
            target=0.8,
            target_s=20,
        ),
        QueueView(
            id="q_tech",
            label=pick(lang, "技術サポート", "Technical help"),
            waiting=5,
            longest_wait_s=412,
            wait=None,
            agents_free=0,
            agents_busy=1,
            service_level=0.61,
            target=0.8,
            target_s=30,
        ),
    ]


def breaks(lang: str) -> list[ChoiceView]:
    """Why somebody may be away."""
    words = (("lunch", "昼休憩", "Lunch"), ("short", "小休憩", "Short break"), ("training", "研修", "Training"))
    return [ChoiceView(code=code, label=pick(lang, ja, en)) for code, ja, en in words]


def dispositions(lang: str) -> list[ChoiceView]:
    """How a contact may have ended."""
    words = (
        ("refund_chased", "返金を確認・督促", "Refund chased"),
        ("resolved", "解決済み", "Resolved"),
        ("follow_up", "後日フォロー", "Follow-up needed"),
    )
    return [ChoiceView(code=code, label=pick(lang, ja, en)) for code, ja, en in words]


def replies(filled: bool) -> list[ReplyView]:
    """Canned answers, with the customer's facts or without."""
    return [
        ReplyView(
            id="hold", title="お待ちください", text="お調べしますので、少々お待ちください。", language="ja", missing=[]
        ),
        ReplyView(
            id="refund",
            title="返金の予定",
            text=f"ご注文 {'A55670021' if filled else '{order_number}'} の返金は、あと4日ほどで完了する予定です。",
            language="ja",
            missing=[] if filled else ["order_number"],
        ),
        ReplyView(
            id="call", title="お名前の確認", text="{name}さま、ありがとうございます。", language="ja", missing=["name"]
        ),
        ReplyView(id="wait", title="One moment", text="Let me look into that for you.", language="en", missing=[]),
    ]


def headline(lang: str, medium: str) -> dict[str, Any]:
    """The chat's customer is angry about a refund; the caller smells burning."""
    if medium == "chat":
        return {
            "who": pick(lang, "大河内 勝さま(本人確認: 簡易)", "Masaru Okochi (verified: light)"),
            "why": pick(lang, "空気清浄機の返金がまだ", "Refund for an air purifier is late"),
            "tried": pick(
                lang, "返金状況を確認 → 手続き中、予定日を説明", "Looked up the refund: in progress, date told"
            ),
            "ask": pick(lang, "早めてほしい・担当者希望", "Wants it sooner, asked for a person"),
            "opening_line": (
                "大河内さま、空気清浄機の返金が遅くご心配をおかけしております。予定日を早められるか、今確認いたします。"
            ),
            "alerts": ["slow_speaker", "angry"],
        }
    return {
        "who": pick(lang, "お客さま(未確認)", "Customer (not verified)"),
        "why": pick(lang, "ヒーターから焦げくさい臭い", "Heater smells of burning"),
        "ask": pick(lang, "安全の確認", "Is it safe?"),
        "opening_line": "まず、コンセントから抜いていただけましたでしょうか。",
        "alerts": ["emergency"],
    }


def packet(lang: str, contact: str, conversation: str, medium: str) -> dict[str, Any]:
    """A packet as the schema has it: confirmed, heard, refused and missing slots, evidence and earlier contacts."""
    at = now().isoformat()
    slot = {"sensitive": False, "confidence": 0.9}
    return {
        "schema_version": "1.0",
        "handoff_id": contact,
        "tenant": "shop",
        "created_at": at,
        "contact": {
            "contact_id": contact,
            "channel": "voice" if medium == "voice" else "web_chat",
            "language": "ja",
            "entry_point": "/chat/shop",
        },
        "conversation": {
            "conversation_id": conversation,
            "started_at": at,
            "bot_turns": 4,
            "previous_contacts": [
                {
                    "at": (now() - timedelta(days=3)).isoformat(),
                    "channel": "voice",
                    "summary": pick(lang, "返品の受付", "Return arranged"),
                    "agent": "堂本 亮",
                    "resolved": True,
                }
            ],
        },
        "headline": headline(lang, medium),
        "customer": {
            "identified": True,
            "customer_id": "3003359",
            "display_name": "大河内 勝",
            "phone_masked": "03-****-3333",
            "crm_url": None,
        },
        "verification": {"level": "light", "method": ["order_and_phone4"], "at": at, "attempts": 1},
        "intent": {
            "name": "refund_status",
            "label": pick(lang, "返金状況", "Refund status"),
            "confidence": 0.91,
            "source": "nlu",
        },
        "slots": [
            {
                "name": "order_number",
                "label": pick(lang, "注文番号", "Order number"),
                "value": "A55670021",
                "display": "A55670021",
                "status": "confirmed",
                "source_turn": 4,
                **slot,
            },
            {
                "name": "product",
                "label": pick(lang, "商品", "Product"),
                "value": "空気清浄機",
                "display": "空気清浄機",
                "status": "heard",
                "source_turn": 2,
                **slot,
            },
            {"name": "email", "label": pick(lang, "メール", "Email"), "status": "refused", **slot},
            {"name": "account", "label": pick(lang, "振込口座", "Bank account"), "status": "missing", **slot},
        ],
        "attempts": [{"at": at, "what": "refunds.get", "result": "ok", "detail": "processing, +4 days"}],
        "handoff_reason": "customer_asked",
        "sentiment": {"label": "negative", "score": -0.62, "basis": "text", "evidence": ["二週間も待っている"]},
        "summary": {
            "text": pick(
                lang,
                "返品済みの空気清浄機(A55670021)の返金が未着。手続き中で4日後の予定と案内したが、早期を希望し担当者を要望。",
                "Refund of the returned air purifier (A55670021) has not arrived. Told 4 more days; wants it sooner.",
            ),
            "language": lang,
            "method": "template",
            "source_turns": [2, 6],
        },
        "routing": {
            "queue": "q_general",
            "skills": {"returns": 2},
            "priority": 4,
            "enqueued_at": at,
            "promised": {"wait_min": [1, 3], "callback": False},
        },
        "privacy": {"recording": "on", "ai_disclosed": True, "redacted": ["phone"]},
        "assist": {
            "next_steps": [pick(lang, "返金予定日の前倒しを経理に確認", "Ask accounts to bring the date forward")]
        },
        "transcript": [],
    }


def bot_part(medium: str) -> list[dict[str, Any]]:
    """What was said before anybody was asked, as the log has it."""
    spoken = "speech" if medium == "voice" else "text"
    said = {"response": "r", "language": "ja"}
    return [
        {"type": "Said", "utterance": "b1", "text": "AIの自動応答です。ご用件をどうぞ。", **said},
        {
            "type": "Heard",
            "utterance": "c1",
            "text": "あのー、空気清浄機の返金がね、まだなんだよ",
            "language": "ja",
            "source": spoken,
            "confidence": 0.52,
        },
        {"type": "Said", "utterance": "b2", "text": "ご注文番号をお願いします。", **said},
        {
            "type": "Heard",
            "utterance": "c2",
            "text": "A55670021",
            "language": "ja",
            "source": spoken,
            "confidence": 0.9,
        },
        {"type": "Said", "utterance": "b3", "text": "ご返金は手続き中で、あと4日ほどかかります。", **said},
        {
            "type": "Heard",
            "utterance": "c3",
            "text": "二週間も待ってるんだ。人に代わって",
            "language": "ja",
            "source": spoken,
            "confidence": 0.9,
        },
        {"type": "Played", "utterance": "b3", "text": "ご返金は手続き中で、", "complete": False},
        {"type": "ContactChanged", "handoff": "h", "change": "queued", "queue": "q_general"},
    ]
