"""What the web edge needs from the rest of the product, as ports: it knows no store, no model and no flow.

The composition root (:mod:`voicebot.web.app`) builds a :class:`Ports`; tests build one in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from voicebot.channels.chat import ChatEvent, Read, Typing
from voicebot.channels.rasa_rest import Reply
from voicebot.domain import ConversationId, Event, Json, Language, Recorded, TenantId, Understanding
from voicebot.people import People, Provider

if TYPE_CHECKING:
    from voicebot.web.continuing import ContinueDoor
    from voicebot.web.desk.parts import DeskParts


@dataclass(frozen=True, slots=True)
class Company:
    """What the pages say about a company. ``phone`` holds an address to call per language, if there is one."""

    tenant: TenantId
    brand: Mapping[Language, str]
    languages: tuple[Language, ...]
    default_language: Language
    phone: Mapping[Language, str] = field(default_factory=dict)

    def language(self, wanted: str | None) -> Language:
        """The company's language nearest to ``wanted`` (``ja-JP`` counts as ``ja``), else its first language."""
        primary = (wanted or "").split("-")[0].lower()
        return next((language for language in self.languages if language == primary), self.default_language)

    def name(self, language: Language) -> str:
        """The brand as written in this language."""
        return self.brand.get(language) or next(iter(self.brand.values()))


class ChatSession(Protocol):
    """One visitor's connection to one conversation. Several connections may share a conversation (two tabs)."""

    @property
    def conversation(self) -> ConversationId:
        """The conversation this connection belongs to."""
        ...

    @property
    def token(self) -> str:
        """A fresh resume token."""
        ...

    @property
    def language(self) -> Language:
        """The language spoken now."""
        ...

    @property
    def resumed(self) -> bool:
        """Whether the conversation was there before."""
        ...

    async def send(self, client_id: str, text: str) -> int:
        """Take words of the visitor and return their seq as soon as they are stored; replies come by :meth:`events`.

        The same ``client_id`` is taken once and always gives the same seq. Raises Conflict once the chat has ended.
        """
        ...

    async def typing(self) -> None:
        """The visitor is writing: whoever waits for their words may know."""
        ...

    async def read(self, seq: int) -> None:
        """The visitor has seen everything up to ``seq``."""
        ...

    def events(self) -> AsyncIterator[ChatEvent | Typing | Read]:
        """History after the ``last_seq`` of :meth:`ChatDesk.join`, then what happens; ends when the chat is over."""
        ...

    async def end(self) -> None:
        """The visitor says goodbye: the conversation ends."""
        ...

    async def leave(self) -> None:
        """The connection is gone; the conversation stays and may be resumed. Called exactly once, also after end."""
        ...


class ChatDesk(Protocol):
    """Where visitors begin and take up chats."""

    async def join(self, tenant: TenantId, language: Language, token: str | None, last_seq: int) -> ChatSession:
        """Begin a conversation, or resume the one of ``token``.

        Raises:
            Forbidden: the token is forged, expired, of another company, or its conversation is gone.
        """
        ...


class CallDoor(Protocol):
    """Where calls of web pages are taken."""

    @property
    def ice(self) -> Sequence[Mapping[str, Json]]:
        """STUN and TURN servers, as ``RTCPeerConnection`` takes them."""
        ...

    @property
    def unavailable(self) -> str:
        """Why no call can be taken now; empty when one can."""
        ...

    async def call(self, tenant: TenantId, language: Language, sdp: str) -> str:
        """Answer an offer with our SDP; the call goes on by itself. Raises ChannelError."""
        ...

    async def check(self, sdp: str) -> str:
        """Answer with a line that echoes. Raises ChannelError."""
        ...


class MessageDesk(Protocol):
    """Conversations without a connection: one request, the replies it caused."""

    async def exchange(self, tenant: TenantId, sender: str, text: str, language: Language | None) -> Sequence[Reply]:
        """Take one message of ``sender`` and return what the bot answers, in order."""
        ...


class Parser(Protocol):
    """Understanding of a single text, without a conversation."""

    async def parse(self, tenant: TenantId, text: str, language: Language | None) -> Understanding:
        """What the text means; the language is recognised when not given."""
        ...

    def model(self, tenant: TenantId) -> str | None:
        """Id of the model that answers for this company now."""
        ...


class ConversationRow(Protocol):
    """The summary line of a conversation."""

    @property
    def id(self) -> ConversationId:
        """Its id."""
        ...

    @property
    def tenant(self) -> TenantId:
        """Whose it is."""
        ...

    @property
    def channel(self) -> str:
        """How the customer came."""
        ...

    @property
    def language(self) -> Language:
        """The language spoken last."""
        ...

    @property
    def owner(self) -> str:
        """Who leads it: bot, queue or agent."""
        ...

    @property
    def disposition(self) -> str | None:
        """How it ended; None while it goes on."""
        ...

    @property
    def started_at(self) -> datetime:
        """When it began, UTC."""
        ...

    @property
    def ended_at(self) -> datetime | None:
        """When it ended, UTC; None while it goes on."""
        ...

    @property
    def last_seq(self) -> int:
        """Number of its latest event."""
        ...


class EventReader(Protocol):
    """The event log, read only; the store has this shape."""

    async def conversation(self, conversation: ConversationId) -> ConversationRow:
        """One conversation. Raises NotFound."""
        ...

    async def conversations(
        self, tenant: TenantId, *, limit: int, before: datetime | None
    ) -> Sequence[ConversationRow]:
        """A company's conversations, newest first, begun before ``before``."""
        ...

    async def events(self, conversation: ConversationId, after_seq: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Events later than ``after_seq``, in order. Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """What a bearer token opens: one company, or every company when ``tenant`` is None."""

    tenant: TenantId | None
    role: str

    def opens(self, tenant: TenantId) -> bool:
        """Whether this company's data may be read."""
        return self.tenant is None or self.tenant == tenant


class TokenChecker(Protocol):
    """Knows API tokens."""

    async def check(self, token: str) -> Access | None:
        """What the token opens; None when unknown or expired."""
        ...


class Readiness(Protocol):
    """Whether callers and visitors can be served."""

    async def reasons(self) -> Sequence[str]:
        """Why not, in words an operator understands; empty when ready."""
        ...


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the edge behaves. ``origins``: web origins that may open a chat or frame a chat page, ``*`` for any.

    ``desk_origins``: sites that may show the console in a frame, named one by one. ``cookie_cross_site``: they are
    other sites than this server's, so that the session's cookie has to allow that.
    """

    origins: tuple[str, ...] = ()
    list_companies: bool = True
    max_body_bytes: int = 256 * 1024
    max_chats: int = 2000
    hello_s: float = 15.0
    send_s: float = 20.0
    message_burst: int = 8
    messages_per_s: float = 1.0
    strikes: int = 20
    cookie_cross_site: bool = False
    desk_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the web edge is connected to; the first of ``companies`` answers at addresses that name none.

    ``more``: routers of parts that bring their own addresses. ``notes``: what an operator should know of while
    everybody is served.
    """

    companies: tuple[Company, ...]
    chat: ChatDesk
    messages: MessageDesk
    parser: Parser
    events: EventReader
    tokens: TokenChecker
    readiness: Readiness
    encode_event: Callable[[Event], Mapping[str, Json]]
    registry: CollectorRegistry
    settings: WebSettings = WebSettings()
    people: People | None = None
    oidc: Provider | None = None
    calls: CallDoor | None = None
    desk: DeskParts | None = None
    links: ContinueDoor | None = None
    more: tuple[APIRouter, ...] = ()
    notes: Callable[[], Sequence[str]] = tuple

    def company(self, tenant: str) -> Company | None:
        """The company under this id."""
        return next((company for company in self.companies if company.tenant == tenant), None)
