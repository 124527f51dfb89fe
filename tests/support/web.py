"""In-memory ports for tests of the web edge: a desk that keeps conversations and answers from a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from prometheus_client import CollectorRegistry

from voicebot.channels.chat import ChatEvent, From, Kind, Read, Typing
from voicebot.channels.rasa_rest import Reply
from voicebot.channels.resume import ResumeTokens
from voicebot.domain import (
    EN,
    JA,
    Button,
    Channel,
    ConversationId,
    Disposition,
    Entity,
    Event,
    IntentScore,
    Json,
    Language,
    NoticeGiven,
    Owner,
    Recorded,
    TenantId,
    Understanding,
)
from voicebot.errors import Conflict, Forbidden, NotFound
from voicebot.web.ports import Access, Company, Ports, WebSettings

SHOP = Company(TenantId("shop"), {JA: "あさなぎ", EN: "Asanagi"}, (JA, EN), JA, {JA: "sip:shop-ja@127.0.0.1:5060"})
TELECOM = Company(TenantId("telecom"), {JA: "ハーバーライン", EN: "Harbourline"}, (EN, JA), EN)
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """One thing the scripted bot says."""

    text: str
    kind: Kind = Kind.MESSAGE
    buttons: tuple[Button, ...] = ()
    sender: From = From.BOT
    name: str = ""


Script = Callable[[str, Language], Sequence[Line]]

_GREETING = {
    JA: "お問い合わせありがとうございます。AIの自動応答です。ご用件をどうぞ。",
    EN: "Thanks for getting in touch. I'm an automated assistant. How can I help?",
}


def ordering(text: str, language: Language) -> Sequence[Line]:
    """Asks for an order number, offers choices, hands over, ends: enough to exercise a widget."""
    ja = language == JA
    lower = text.lower()
    if "person" in lower or "担当者" in text:
        said = "担当者におつなぎします。" if ja else "I'm getting a person for you."
        return [Line(said), Line("", Kind.HANDOFF, sender=From.SYSTEM)]
    if text.startswith("Mina:"):
        return [Line(text.removeprefix("Mina:"), sender=From.AGENT, name="Mina")]
    if text in ("Mina comes", "Mina goes"):
        kind = Kind.JOINED if text == "Mina comes" else Kind.LEFT
        return [Line("", kind, sender=From.SYSTEM, name="Mina")]
    if "bye" in lower or "さようなら" in text:
        return [Line("ありがとうございました。" if ja else "Goodbye.", Kind.ENDED)]
    if "A20481137" in text:
        yes, no = ("はい", "いいえ") if ja else ("Yes", "No")
        said = "A、2048の1137ですね。" if ja else "A, 2048, 1137. Is that right?"
        return [Line(said, buttons=(Button(yes, yes), Button(no, no)))]
    if text in ("はい", "Yes"):
        return [
            Line(
                "発送済みで、お届けは明日の予定です。https://example.com/track"
                if ja
                else "It's on its way and due tomorrow. https://example.com/track"
            )
        ]
    return [Line("ご注文番号をお願いします。" if ja else "What's your order number?")]


@dataclass
class Conversation:
    id: ConversationId
    tenant: TenantId
    language: Language
    lines: list[ChatEvent] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    ended: bool = False
    sessions: int = 0
    signs: list[str] = field(default_factory=list)
    shown: list[Typing | Read] = field(default_factory=list)

    async def show(self, sign: Typing | Read) -> None:
        """Something an agent does that is no line."""
        self.shown.append(sign)
        async with self.changed:
            self.changed.notify_all()

    async def add(self, line: Line, client_id: str | None = None) -> int:
        seq = len(self.lines) + 1
        self.lines.append(
            ChatEvent(
                seq,
                NOON + timedelta(seconds=seq),
                line.sender,
                line.kind,
                line.text,
                self.language,
                client_id,
                line.buttons,
                line.name,
            )
        )
        self.ended = self.ended or line.kind is Kind.ENDED
        async with self.changed:
            self.changed.notify_all()
        return seq


class Session:
    def __init__(self, desk: ScriptedDesk, kept: Conversation, token: str, after: int, resumed: bool) -> None:
        self._desk, self._kept, self.token, self._after, self.resumed = desk, kept, token, after, resumed
        self.conversation, self.language = kept.id, kept.language

    async def send(self, client_id: str, text: str) -> int:
        if client_id in self._kept.ids:
            return self._kept.ids[client_id]
        if self._kept.ended:
            raise Conflict("the chat has ended")
        if self._desk.broken is not None:
            raise self._desk.broken
        seq = await self._kept.add(Line(text.replace("4111 1111 1111 1111", "[CARD]"), sender=From.CUSTOMER), client_id)
        self._kept.ids[client_id] = seq
        self._desk.answer(self._kept, text)
        return seq

    async def typing(self) -> None:
        self._kept.signs.append("typing")

    async def read(self, seq: int) -> None:
        self._kept.signs.append(f"read {seq}")

    async def events(self) -> AsyncIterator[ChatEvent | Typing | Read]:
        position = self._after
        while True:
            while position < len(self._kept.lines):
                event = self._kept.lines[position]
                position += 1
                yield event
            while self._kept.shown:
                yield self._kept.shown.pop(0)
            if self._kept.ended:
                return
            async with self._kept.changed:
                if position >= len(self._kept.lines) and not self._kept.shown:
                    await self._kept.changed.wait()

    async def end(self) -> None:
        await self._kept.add(Line("ended by the visitor", Kind.ENDED, sender=From.SYSTEM))

    async def leave(self) -> None:
        self._kept.sessions -= 1


class ScriptedDesk:
    """Chats in memory. ``gate`` holds the bot's answers back while it is cleared."""

    def __init__(self, script: Script = ordering) -> None:
        self.script = script
        self.tokens = ResumeTokens(b"a secret for tests only")
        self.kept: dict[ConversationId, Conversation] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken: Exception | None = None
        self._numbers = count(1)
        self._answers: set[asyncio.Task[None]] = set()

    async def join(self, tenant: TenantId, language: Language, token: str | None, last_seq: int) -> Session:
        if token is not None:
            id = self.tokens.read(token, tenant, datetime.now(UTC))
            if id not in self.kept:
                raise Forbidden("This chat token cannot be used. Start a new chat.")
            kept = self.kept[id]
        else:
            kept = Conversation(ConversationId(f"c{next(self._numbers)}"), tenant, language)
            self.kept[kept.id] = kept
            await kept.add(Line(_GREETING[language]))
        kept.sessions += 1
        issued = self.tokens.issue(kept.id, tenant, datetime.now(UTC))
        return Session(self, kept, issued, last_seq if token else 0, token is not None)

    def answer(self, kept: Conversation, text: str) -> None:
        task = asyncio.ensure_future(self._answer(kept, text))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, kept: Conversation, text: str) -> None:
        await self.gate.wait()
        kept.language = {"日本語でお願いします": JA, "English, please": EN}.get(text, kept.language)
        for line in self.script(text, kept.language):
            await kept.add(line)


class EchoMessages:
    """Answers what was said, per sender counted."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str, str | None]] = []

    async def exchange(self, tenant: TenantId, sender: str, text: str, language: Language | None) -> Sequence[Reply]:
        self.seen.append((tenant, sender, text, language))
        return (Reply(f"{len(text)} characters"), Reply("Is that right?", (Button("Yes", "yes"),)))


class FixedParser:
    async def parse(self, tenant: TenantId, text: str, language: Language | None) -> Understanding:
        at = text.find("A20481137")
        found = (Entity("order_number", "A20481137", "A20481137", at, at + 9, 0.99),) if at >= 0 else ()
        return Understanding(
            text,
            language or EN,
            "order_status",
            0.91,
            0.8,
            (IntentScore("order_status", 0.91), IntentScore("cancel_order", 0.05)),
            found,
            model=f"{tenant}-7",
        )

    def model(self, tenant: TenantId) -> str | None:
        return f"{tenant}-7"


@dataclass(frozen=True)
class Row:
    id: ConversationId
    tenant: TenantId
    channel: Channel = Channel.WEB_CHAT
    language: Language = EN
    owner: Owner = Owner.BOT
    disposition: Disposition | None = None
    started_at: datetime = NOON
    ended_at: datetime | None = None
    last_seq: int = 3


class ThreeEvents:
    """A log with two conversations of three events each."""

    rows = (Row(ConversationId("c1"), SHOP.tenant), Row(ConversationId("t1"), TELECOM.tenant))

    async def conversation(self, conversation: ConversationId) -> Row:
        for row in self.rows:
            if row.id == conversation:
                return row
        raise NotFound(f"no conversation {conversation}")

    async def conversations(self, tenant: TenantId, *, limit: int, before: datetime | None) -> Sequence[Row]:
        return [row for row in self.rows if row.tenant == tenant][:limit]

    async def events(self, conversation: ConversationId, after_seq: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        row = await self.conversation(conversation)
        all_events = [Recorded(row.id, seq, NOON, NoticeGiven(notice=f"n{seq}")) for seq in (1, 2, 3)]
        return all_events[after_seq : after_seq + limit]


class Tokens:
    known: Mapping[str, Access] = {
        "shop-token": Access(SHOP.tenant, "admin"),
        "all-token": Access(None, "admin"),
    }

    async def check(self, token: str) -> Access | None:
        return self.known.get(token)


class Switch:
    """Ready unless told why not."""

    def __init__(self) -> None:
        self.why: list[str] = []

    async def reasons(self) -> Sequence[str]:
        return self.why


def encode(event: Event) -> Mapping[str, Json]:
    assert isinstance(event, NoticeGiven)
    return {"type": type(event).__name__, "notice": event.notice}


def make_ports(settings: WebSettings | None = None, desk: ScriptedDesk | None = None) -> Ports:
    """Fresh ports; needs a running event loop."""
    return Ports(
        companies=(SHOP, TELECOM),
        chat=desk or ScriptedDesk(),
        messages=EchoMessages(),
        parser=FixedParser(),
        events=ThreeEvents(),
        tokens=Tokens(),
        readiness=Switch(),
        encode_event=encode,
        registry=CollectorRegistry(),
        settings=settings or WebSettings(),
    )
