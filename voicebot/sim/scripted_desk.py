"""A desk that a script leads: it answers as told, and its news come when the script says so."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace

from voicebot.domain import (
    CallbackBooked,
    CallbackWish,
    ConversationId,
    DeskAnswer,
    DeskNews,
    DeskReply,
    HandoffId,
    HandoffRequest,
    NewsKind,
    Wait,
)
from voicebot.errors import NotFound

_LAST = frozenset({NewsKind.OVER, NewsKind.RETURNED, NewsKind.CALLBACK, NewsKind.FAILED})


@dataclass
class ScriptedDesk:
    """Satisfies the conversations' desk port. ``reply`` is what the next requests get; ``breaks`` makes calls fail."""

    reply: DeskReply = field(
        default_factory=lambda: DeskReply(DeskAnswer.QUEUED, position=2, wait=Wait(1, 3), callback_offered=True)
    )
    promise: CallbackBooked = field(default_factory=lambda: CallbackBooked("T-5521", "07700 900***"))
    breaks: Callable[[str], Exception | None] = lambda call: None
    requests: list[HandoffRequest] = field(default_factory=list)
    cancelled: list[tuple[HandoffId, str]] = field(default_factory=list)
    wishes: list[CallbackWish] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._standing: dict[HandoffId, DeskNews] = {}
        self._whose: dict[HandoffId, ConversationId] = {}
        self._followers: defaultdict[HandoffId, list[asyncio.Queue[DeskNews]]] = defaultdict(list)

    @property
    def contact(self) -> HandoffId:
        """The latest contact."""
        return self.requests[-1].handoff_id

    def tell(self, kind: NewsKind, *, contact: HandoffId | None = None, **details: object) -> DeskNews:
        """Something happens to the latest contact, or to the one named."""
        news = replace(DeskNews(contact or self.contact, kind), **details)  # type: ignore[arg-type]
        self._standing[news.contact] = news
        for follower in self._followers[news.contact]:
            follower.put_nowait(news)
        return news

    def followed(self, contact: HandoffId) -> int:
        """How many follow a contact now."""
        return len(self._followers[contact])

    def _break(self, call: str) -> None:
        if (problem := self.breaks(call)) is not None:
            raise problem

    async def request(self, wish: HandoffRequest) -> DeskReply:
        """Take a request; the same id again is the same contact."""
        self._break("request")
        self.requests.append(wish)
        if self.reply.answer not in (DeskAnswer.QUEUED, DeskAnswer.LONG, DeskAnswer.ELSEWHERE):
            return self.reply
        self._whose[wish.handoff_id] = wish.conversation
        self._standing.setdefault(
            wish.handoff_id,
            DeskNews(wish.handoff_id, NewsKind.WAITING, position=self.reply.position, wait=self.reply.wait),
        )
        return replace(self.reply, contact=wish.handoff_id)

    async def cancel(self, contact: HandoffId, why: str) -> bool:
        """Remember who left."""
        self._break("cancel")
        self.cancelled.append((contact, why))
        return self._whose.pop(contact, None) is not None

    async def keep_place(self, wish: CallbackWish) -> CallbackBooked:
        """Promise a call back."""
        self._break("keep_place")
        self.wishes.append(wish)
        if wish.contact is not None:
            self._whose.pop(wish.contact, None)
        return self.promise

    async def standing(self, contact: HandoffId) -> DeskNews:
        """The latest news."""
        self._break("standing")
        if contact not in self._standing:
            raise NotFound(f"There is no contact {contact}")
        return self._standing[contact]

    async def follow(self, contact: HandoffId) -> AsyncGenerator[DeskNews, None]:
        """The latest news, then all that follow."""
        self._break("follow")
        news = await self.standing(contact)
        queue: asyncio.Queue[DeskNews] = asyncio.Queue()
        self._followers[contact].append(queue)
        try:
            yield news
            while news.kind not in _LAST:
                news = await queue.get()
                yield news
        finally:
            self._followers[contact].remove(queue)

    async def open_contact(self, conversation: ConversationId) -> HandoffId | None:
        """The contact that is not over."""
        self._break("open_contact")
        return next((contact for contact, whose in self._whose.items() if whose == conversation), None)
