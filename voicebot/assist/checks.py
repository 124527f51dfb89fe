"""What is wrong with cards once all are read: names nobody knows, words that collide, words that are too common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from voicebot.assist.matching.phrases import PhraseIndex, compiled, line
from voicebot.assist.matching.words import Kind
from voicebot.assist.model import Card, Speaker
from voicebot.domain import JA, Language
from voicebot.flows.source import Node

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
GIVEN = frozenset(("summary", "name", "brand", "agent"))
"""Placeholders that are no slot: what the customer said in short, their name, the company's and the agent's."""
ATTRIBUTES = frozenset(("tenant", "channel", "language", "product"))
LEAST_EXAMPLES = 6
_LEAST_KANA = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What cards may refer to."""

    languages: tuple[Language, ...]
    intents: frozenset[str]
    slots: frozenset[str]
    steps: Mapping[str, frozenset[str]]
    """Steps by flow."""


def check_cards(
    cards: Mapping[str, tuple[Card, Node]],
    known: Known,
    neutral: Mapping[Language, tuple[str, ...]],
    forbidden: Mapping[Language, tuple[str, ...]],
) -> None:
    """Report every problem of the cards at their lines."""
    for card, node in cards.values():
        _names(card, node, known)
        _words(card, node, known)
        _placeholders(card, node, known)
        _brand(card, node, forbidden)
    for language in known.languages:
        _collisions(cards, language)
        _everyday(cards, language, neutral.get(language, ()))


def _names(card: Card, node: Node, known: Known) -> None:
    when, named = node.child("when"), card.triggers
    for intent in named.intents:
        if intent not in known.intents:
            when.bad("intents", f"Card {card.id}: there is no intent {intent!r}.", "Use one that domain.yml lists.")
    for slot in named.slots:
        if slot not in known.slots:
            when.bad("slots", f"Card {card.id}: there is no slot {slot!r}.", "Use one that domain.yml declares.")
    for name in named.attributes:
        if name not in ATTRIBUTES and not name.startswith("customer."):
            allowed = f"Use {', '.join(sorted(ATTRIBUTES))} or customer.<name>."
            when.bad("attributes", f"Card {card.id}: there is no attribute {name!r}.", allowed)
    before = named.own_speech.before if named.own_speech is not None else ()
    for key, step in [*(("flow_steps", step) for step in named.flow_steps), *(("own_speech", step) for step in before)]:
        flow, _, name = step.partition(".")
        if flow not in known.steps or (name and name not in known.steps[flow]):
            when.bad(key, f"Card {card.id}: there is no flow step {step!r}.", "Write flow or flow.step of flows.yml.")


def _words(card: Card, node: Node, known: Known) -> None:
    when, triggers = node.child("when"), card.triggers
    told = any(
        (
            triggers.phrases, triggers.intents, triggers.examples, triggers.slots, triggers.flow_steps,
            triggers.silence_s is not None, triggers.sentiment_below is not None, triggers.talk_over_ms is not None,
            triggers.own_speech is not None, triggers.digits_after,
        )
    )  # fmt: skip
    if not told:
        node.bad(None, f"Nothing calls for card {card.id}.", "Add `when:` with phrases, examples or another trigger.")
    for key, texts in (
        ("phrases", triggers.phrases), ("examples", triggers.examples), ("digits_after", triggers.digits_after)
    ):  # fmt: skip
        for language in known.languages if texts else ():
            if language not in texts:
                when.bad(key, f"Card {card.id} has no {key} in {language!r}.", f"Add them under `{key}:`.")
            elif key == "examples" and len(set(texts[language])) < LEAST_EXAMPLES:
                problem = f"Card {card.id} has {len(set(texts[language]))} examples in {language!r}."
                when.bad(key, problem, f"Write at least {LEAST_EXAMPLES} different ones.")
    for lists, place in _phrase_lists(card, node):
        for language, words in lists.items():
            for text in words:
                why = too_short(text, language)
                if why:
                    place.bad(None, f"Card {card.id}: the phrase {text!r} {why}.", "Add a word that makes it plain.")


def _phrase_lists(card: Card, node: Node) -> Iterator[tuple[Mapping[Language, tuple[str, ...]], Node]]:
    when = node.child("when")
    yield card.triggers.phrases, when.child("phrases")
    yield card.triggers.without, when.child("without")
    yield card.triggers.digits_after, when.child("digits_after")
    if card.triggers.own_speech is not None:
        yield card.triggers.own_speech.forbidden, when.child("own_speech")
        yield card.triggers.own_speech.missing, when.child("own_speech")


def too_short(text: str, language: Language) -> str:
    """Why a phrase says too little to be searched for; empty when it is fine."""
    phrase = compiled(text, language)
    if phrase.literal:
        return "" if len(phrase.written) >= 2 else "is too short"
    content = [word for word in phrase.words if word.kind is not Kind.NEGATOR]
    if not content:
        return "has no word of its own"
    if language == JA:
        sounds = "".join(word.sound for word in content)
        kanji = any("\u4e00" <= sign <= "\u9fff" for sign in text)
        if len(sounds) < (2 if kanji else _LEAST_KANA):
            return "is too short"
    elif sum(len(word.surface) for word in content) < _LEAST_KANA:
        return "is too short"
    return ""


def _placeholders(card: Card, node: Node, known: Known) -> None:
    for language, text in card.text.items():
        for words in (text.title, text.talk, text.novice, *text.do, *text.dont):
            for name in PLACEHOLDER.findall(words):
                if name not in known.slots and name not in GIVEN:
                    node.child(language).bad(
                        None,
                        f"Card {card.id}: {{{name}}} is no slot and no built-in value.",
                        f"Use a slot of domain.yml or one of {', '.join(sorted(GIVEN))}.",
                    )


def _brand(card: Card, node: Node, forbidden: Mapping[Language, tuple[str, ...]]) -> None:
    for language, text in card.text.items():
        index = PhraseIndex({"": forbidden.get(language, ())}, language)
        for words in (text.talk, text.novice):
            for match in index.find(line(words, language)):
                node.child(language).bad(
                    None,
                    f"Card {card.id} says {match.phrase!r}, which the company's voice forbids.",
                    "Word it another way, or take it out of forbidden_words.",
                )


def _collisions(cards: Mapping[str, tuple[Card, Node]], language: Language) -> None:
    owners: dict[tuple[object, ...], tuple[str, str]] = {}
    for card, node in cards.values():
        for text in card.triggers.phrases.get(language, ()):
            phrase = compiled(text, language)
            who = card.speaker if card.speaker is not Speaker.ANY else Speaker.CUSTOMER
            words = (phrase.written,) if phrase.literal else tuple(word.lemma for word in phrase.words)
            key = (who, phrase.literal, phrase.negative, phrase.gaps, words)
            other, its = owners.setdefault(key, (card.id, text))
            if other != card.id:
                node.child("when").child("phrases").bad(
                    language,
                    f"Card {card.id}: the phrase {text!r} is also {its!r} of {other}.",
                    "Let one card alone have it.",
                )


def _everyday(cards: Mapping[str, tuple[Card, Node]], language: Language, neutral: tuple[str, ...]) -> None:
    phrases = PhraseIndex(
        {name: card.triggers.phrases.get(language, ()) for name, (card, _) in cards.items()}, language
    )
    vetoes = PhraseIndex(
        {name: card.triggers.without.get(language, ()) for name, (card, _) in cards.items()}, language, even_denied=True
    )
    for text in neutral:
        said = line(text, language)
        vetoed = {match.owner for match in vetoes.find(said)}
        for match in phrases.find(said):
            if match.owner not in vetoed:
                cards[match.owner][1].child("when").child("phrases").bad(
                    language,
                    f"Card {match.owner}: {match.phrase!r} fires on the everyday sentence {text!r}.",
                    "Make the phrase longer, or add a `without:` phrase.",
                )
