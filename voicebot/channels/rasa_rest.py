"""The shapes of Rasa's REST channel and of ``/model/parse``, so that clients of a Rasa server need no change.

As answered by Rasa 3.6: ``POST /webhooks/rest/webhook`` takes ``{sender, message, metadata}`` and gives
``[{recipient_id, text, buttons?}]``; ``POST /model/parse`` takes ``{text}`` and gives text, intent, entities and
ranking. Ours adds ``language`` on the way in, and ``language``, ``in_scope``, ``answer`` and ``model`` on the way out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from voicebot.channels.chat import MAX_TEXT_BYTES, clean_text
from voicebot.domain import Button, Entity, Understanding


def _words(text: str) -> str:
    text = clean_text(text)
    if not text:
        raise ValueError("write some text")
    if len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        raise ValueError(f"at most {MAX_TEXT_BYTES} bytes of text")
    return text


Words = Annotated[str, Field(max_length=MAX_TEXT_BYTES), AfterValidator(_words)]
LanguageTag = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]


class Metadata(BaseModel):
    """What a client may add to a message; unknown keys are left alone."""

    model_config = ConfigDict(extra="ignore")
    language: LanguageTag | None = Field(None, description="ja or en; the company's first language when absent")


class WebhookMessage(BaseModel):
    """One message to the bot over Rasa's REST channel."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {"sender": "visitor-1", "message": "where is my order", "metadata": {"language": "en"}},
                {"sender": "visitor-2", "message": "注文した炊飯器がまだ届きません", "metadata": {"language": "ja"}},
            ]
        },
    )
    sender: str = Field(
        min_length=1, max_length=200, description="who writes; one conversation goes on as long as it stays the same"
    )
    message: Words = Field(description="the words of the customer")
    metadata: Metadata | None = None


class WebhookButton(BaseModel):
    """A choice the customer can click."""

    title: str
    payload: str


class WebhookReply(BaseModel):
    """One reply of the bot."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"recipient_id": "visitor-1", "text": "What's your order number?"}]}
    )
    recipient_id: str
    text: str
    buttons: list[WebhookButton] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing the bot answered."""

    text: str
    buttons: tuple[Button, ...] = ()


def webhook_replies(sender: str, replies: Sequence[Reply]) -> list[WebhookReply]:
    """Replies in the shape of Rasa's REST channel, in the order they were said."""
    return [
        WebhookReply(
            recipient_id=sender,
            text=reply.text,
            buttons=[WebhookButton(title=b.title, payload=b.payload) for b in reply.buttons] or None,
        )
        for reply in replies
    ]


class ParseRequest(BaseModel):
    """A text to be understood; nothing is stored."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {"text": "where is my order A20481137", "language": "en"},
                {"text": "注文番号はA20481137です", "language": "ja"},
            ]
        },
    )
    text: Words
    language: LanguageTag | None = Field(None, description="ja or en; recognised from the text when absent")
    message_id: str | None = Field(None, max_length=200)


class ParsedIntent(BaseModel):
    """An intent and how sure we are of it, 0 to 1."""

    name: str
    confidence: float


class ParsedEntity(BaseModel):
    """A value found in the text; ``start`` and ``end`` are character offsets, -1 when not tied to one place."""

    entity: str
    value: str
    start: int
    end: int
    confidence_entity: float
    extractor: str = "voicebot"
    text: str | None = None
    negated: bool = False


class ParseResult(BaseModel):
    """What one text means. ``in_scope`` is the percentile 0..1 of the out-of-scope score, apart from confidence."""

    text: str
    intent: ParsedIntent
    entities: list[ParsedEntity]
    intent_ranking: list[ParsedIntent]
    text_tokens: list[tuple[int, int]]
    language: str
    in_scope: float
    answer: str | None = None
    model: str


def parse_result(understanding: Understanding) -> ParseResult:
    """An understanding in the shape of ``/model/parse``."""
    return ParseResult(
        text=understanding.text,
        intent=ParsedIntent(name=understanding.intent, confidence=understanding.confidence),
        entities=[_entity(entity) for entity in understanding.entities],
        intent_ranking=[ParsedIntent(name=i.name, confidence=i.confidence) for i in understanding.ranking],
        text_tokens=[match.span() for match in re.finditer(r"\S+", understanding.text)],
        language=understanding.language,
        in_scope=understanding.in_scope,
        answer=understanding.answer.value if understanding.answer is not None else None,
        model=understanding.model,
    )


def _entity(entity: Entity) -> ParsedEntity:
    return ParsedEntity(
        entity=entity.name,
        value=entity.value,
        start=entity.start,
        end=entity.end,
        confidence_entity=entity.confidence,
        text=entity.text or None,
        negated=entity.negated,
    )


class VersionInfo(BaseModel):
    """The answer of ``GET /version``."""

    version: str
    minimum_compatible_version: str


class StatusInfo(BaseModel):
    """The answer of ``GET /status``."""

    model_config = ConfigDict(protected_namespaces=())
    model_file: str | None
    model_id: str | None
    num_active_training_jobs: int = 0


__all__ = [
    "Metadata",
    "ParseRequest",
    "ParseResult",
    "ParsedEntity",
    "ParsedIntent",
    "Reply",
    "StatusInfo",
    "VersionInfo",
    "WebhookButton",
    "WebhookMessage",
    "WebhookReply",
    "parse_result",
    "webhook_replies",
]
