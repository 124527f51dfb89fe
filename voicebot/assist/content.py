"""A company's cards from its files: ``flows/<company>/cards.yml``, and ``flows/core/cards.yml`` for every company.

A company's card replaces the core's of the same id. A version in the store has the file's shape as JSON and is checked
by the same rules.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from voicebot.assist.checks import Known, check_cards
from voicebot.assist.content_files import Texts, read_card, read_top
from voicebot.assist.model import Card, CardSet, OwnSpeech, Triggers
from voicebot.assist.written import Read, digest_of, from_files, from_sent, wrong_with
from voicebot.domain import Json, Language, TenantId
from voicebot.errors import ContentError
from voicebot.flows.loader import read_tenant_files
from voicebot.flows.source import Node, Reader

FILE = "cards.yml"
SHAPE = "1"


def load_assist(root: Path, tenant: TenantId | str) -> CardSet:
    """Read and check a company's cards. ``root`` is the folder of all flows; a company without cards has the core's.

    Raises:
        ContentErrors: something is wrong; it names every file, line and mend.
    """
    return from_files(root, str(tenant), FILE, _reading(tenant))


def check_assist(root: Path, tenant: TenantId | str) -> list[ContentError]:
    """What is wrong with a company's cards."""
    return wrong_with(lambda: load_assist(root, tenant))


def from_json(root: Path, tenant: TenantId | str, data: Json) -> CardSet:
    """The cards of an edited version, complete as :func:`to_json` gives them.

    Raises:
        ContentErrors: something is wrong; every problem names its card, none a line.
    """
    return from_sent(root, FILE, data, ("The version holds no cards.", "Send {cards: [...]}."), _reading(tenant))


def to_json(cards: CardSet) -> dict[str, Json]:
    """A version as JSON, in the shape of the file."""
    return {
        "version": SHAPE,
        "forbidden_words": _lists(cards.forbidden_words),
        "neutral": _lists(cards.neutral),
        "cards": [_card(card) for card in cards.cards.values()],
    }


def digest(cards: CardSet) -> str:
    """Name of a version by what it holds."""
    return digest_of(to_json(cards))


def read_cards(reader: Reader, nodes: list[Node], tenant: TenantId, known: Known | None = None) -> CardSet:
    """Cards of these files in order; what is wrong is left with the reader. ``known``: the company's, if at hand."""
    known = known if known is not None else known_of(reader, tenant)
    cards: dict[str, tuple[Card, Node]] = {}
    forbidden: dict[Language, tuple[str, ...]] = {}
    neutral: dict[Language, tuple[str, ...]] = {}
    for node in nodes:
        more_forbidden, more_neutral = read_top(node, known.languages)
        _merge(forbidden, more_forbidden)
        _merge(neutral, more_neutral)
        here: set[str] = set()
        for item in node.children("cards"):
            card = read_card(item, known.languages)
            if card is None:
                continue
            if card.id in here:
                item.bad("id", f"The card {card.id!r} stands twice.", "Give it another id or take one away.")
            here.add(card.id)
            cards[card.id] = card, item
    if not reader.problems:
        check_cards(cards, known, neutral, forbidden)
    found = CardSet(tenant, "", {name: card for name, (card, _) in cards.items()}, forbidden, neutral)
    return replace(found, version=digest(found))


def known_of(reader: Reader, tenant: TenantId) -> Known:
    """What the company's flows offer; their own mistakes are reported by their own check."""
    flows_reader = Reader(reader.root)
    content, domain = read_tenant_files(flows_reader, reader.root, tenant)
    if content is None:
        reader.problems.extend(flows_reader.problems[:1])
        return Known((), frozenset(), frozenset(), {})
    steps = {name: frozenset(flow.steps) for name, flow in content.flows.items()}
    return Known(content.tenant.languages, frozenset(domain.intents), frozenset(domain.slots), steps)


def _reading(tenant: TenantId | str) -> Read[CardSet]:
    return lambda reader, nodes: read_cards(reader, nodes, TenantId(tenant))


def _merge(into: dict[Language, tuple[str, ...]], more: Texts) -> None:
    for language, texts in more.items():
        into[language] = tuple(dict.fromkeys((*into.get(language, ()), *texts)))


def _lists(texts: Texts) -> dict[str, Json]:
    return {str(language): list(items) for language, items in texts.items()}


def _card(card: Card) -> Json:
    found: dict[str, Json] = {
        "id": card.id,
        "kind": card.kind.value,
        "speaker": card.speaker.value,
        "priority": card.priority,
        "cooldown_s": card.cooldown_s,
        "expires_s": card.expires_s,
        "mandatory": card.mandatory,
        "when": _when(card.triggers),
    }
    for language, text in card.text.items():
        full: dict[str, Json] = {
            "title": text.title,
            "talk": text.talk,
            "novice": text.novice,
            "do": list(text.do),
            "dont": list(text.dont),
        }
        found[language] = {key: value for key, value in full.items() if value}
    return found


def _when(triggers: Triggers) -> Json:
    found: dict[str, Json] = {
        "phrases": _lists(triggers.phrases),
        "without": _lists(triggers.without),
        "intents": list(triggers.intents),
        "examples": _lists(triggers.examples),
        "slots": dict(triggers.slots),
        "attributes": dict(triggers.attributes),
        "flow_steps": list(triggers.flow_steps),
        "silence_s": triggers.silence_s,
        "sentiment_below": triggers.sentiment_below,
        "talk_over_ms": triggers.talk_over_ms,
        "digits_after": _lists(triggers.digits_after),
        "own_speech": _own(triggers.own_speech),
    }
    return {key: value for key, value in found.items() if value not in ({}, [], None)}


def _own(own: OwnSpeech | None) -> Json:
    if own is None:
        return None
    found: dict[str, Json] = {
        "forbidden": _lists(own.forbidden),
        "missing": _lists(own.missing),
        "within_s": own.within_s,
        "before": list(own.before),
    }
    return {key: value for key, value in found.items() if value}


__all__ = ["check_assist", "digest", "from_json", "known_of", "load_assist", "read_cards", "to_json"]
