"""Words of the customer on their way in: what may be logged of them, and what they mean."""

from __future__ import annotations

import unicodedata

from voicebot.conversation.services import Services
from voicebot.domain import Expectation, Heard, Language, Source, TenantId, Understanding, Understood, UtteranceId

SECRET_KINDS = frozenset({"card", "cvv", "pin", "password", "one_time_code"})
"""Kinds of redaction that mean: a secret was given where none belongs."""


def typed_digits(text: str) -> str:
    """A number typed on its own, spaces and hyphens left out; empty when there is anything else."""
    bare = unicodedata.normalize("NFKC", text).translate({ord(" "): None, ord("-"): None}).strip()
    return bare if bare.isascii() and bare.isdigit() else ""


def masked(services: Services, expects: Expectation, text: str) -> tuple[str, tuple[str, ...]]:
    """Words fit for the log, and what was hidden; while a secret is asked for, every digit may be part of it."""
    safe = services.redact(text)
    if not expects.sensitive or not any(character.isdigit() for character in safe.text):
        return safe.text, safe.found
    hidden = "".join("*" if character.isdigit() else character for character in safe.text)
    return hidden, (*safe.found, "one_time_code")


def heard(
    services: Services,
    expects: Expectation,
    utterance: UtteranceId,
    text: str,
    language: Language,
    source: Source,
    confidence: float,
    alternatives: tuple[str, ...],
    started_ms: int,
    ended_ms: int,
) -> Heard:
    """The log's line about words, without what must not be kept."""
    safe, found = masked(services, expects, text)
    return Heard(
        utterance=utterance,
        text=safe,
        language=language,
        source=source,
        confidence=confidence,
        alternatives=tuple(services.redact(other).text for other in alternatives),
        started_ms=started_ms,
        ended_ms=ended_ms,
        redacted=found,
    )


async def comprehend(
    services: Services,
    tenant: TenantId,
    model: str,
    expects: Expectation,
    now_spoken: Language,
    text: str,
    source: Source,
    alternatives: tuple[str, ...],
    heard_in: Language | None,
) -> Understanding:
    """What words mean. A secret given where none belongs is not interpreted at all.

    ``heard_in`` is the language the recogniser heard; typed text tells its language itself.

    Raises:
        UnderstandingError: a fault of ours; the words are lost, the next ones will be understood.
    """
    safe, found = masked(services, expects, text)
    spoken = heard_in or now_spoken
    if SECRET_KINDS & set(found):
        return Understanding(safe, spoken, "pii_card", 1.0, 1.0, source=source, model=model)
    if heard_in is None:
        known = services.languages[tenant]
        spoken = await services.understander.detect_language(text, known) or now_spoken
    with services.telemetry.stage_s.labels("understand").time():
        return await services.understander.understand(
            text,
            tenant=tenant,
            language=spoken,
            expects=expects,
            source=source,
            alternatives=alternatives,
            model=model,
        )


def understood(utterance: UtteranceId, meaning: Understanding, source: Source) -> Understood:
    """The log's line about a meaning."""
    return Understood(
        utterance=utterance,
        intent=meaning.intent,
        confidence=meaning.confidence,
        in_scope=meaning.in_scope,
        source=source,
        ranking=meaning.ranking[:5],
        entities=meaning.entities,
        answer=meaning.answer,
        model=meaning.model,
    )
