"""Reading ``cards.yml``, key by key; everything wrong is reported with its line.

The same reader takes a version that was edited in the browser: its JSON has the shape of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from voicebot.assist.model import Card, CardKind, CardText, OwnSpeech, Speaker, Triggers
from voicebot.domain import Language
from voicebot.flows.source import Node

_FILE_KEYS = frozenset("version forbidden_words neutral cards".split())
_CARD_KEYS = frozenset("id kind speaker priority cooldown_s expires_s mandatory when".split())
_WHEN_KEYS = frozenset(
    "phrases without intents examples slots attributes flow_steps silence_s sentiment_below talk_over_ms"
    " digits_after own_speech".split()
)
_TEXT_KEYS = frozenset("title talk novice do dont".split())
_OWN_KEYS = frozenset("forbidden missing within_s before".split())

COOLDOWN_S = (30.0, 3600.0)
EXPIRES_S = (8.0, 600.0)
_SILENCE_S = (3.0, 120.0)
_TALK_OVER_MS = (300.0, 10_000.0)

T = TypeVar("T")
Texts = Mapping[Language, tuple[str, ...]]


def read_top(node: Node, languages: tuple[Language, ...]) -> tuple[Texts, Texts]:
    """Forbidden words and neutral sentences of a file."""
    node.only(_FILE_KEYS, "cards.yml")
    return by_language(node, "forbidden_words", languages), by_language(node, "neutral", languages)


def by_language(node: Node, key: str, languages: tuple[Language, ...]) -> Texts:
    """Lists of texts by language; languages the company does not speak are left out."""
    inner = node.child(key)
    return {language: inner.texts(language) for language in languages if inner.texts(language)}


def read_card(node: Node, languages: tuple[Language, ...]) -> Card | None:
    """One entry of ``cards``; None when it has no id."""
    name = node.text("id")
    if not name:
        node.bad(None, "This card has no id.", "Add `id: card_...`.")
        return None
    node.only(_CARD_KEYS | {"ja", "en"} | frozenset(languages), f"Card {name}")
    kind = _one_of(node, "kind", CardKind, CardKind.SCRIPT, name)
    mandatory = node.flag("mandatory")
    if mandatory and kind is not CardKind.COMPLIANCE:
        node.bad("mandatory", f"Card {name}: only a compliance card is mandatory.", "Write `kind: compliance`.")
    if "kind" not in node:
        node.bad(None, f"Card {name} has no kind.", f"Add `kind:` with one of {', '.join(CardKind)}.")
    return Card(
        name,
        kind,
        read_triggers(node, name, languages),
        {language: _text(node, language, name) for language in languages},
        _one_of(node, "speaker", Speaker, Speaker.CUSTOMER, name),
        _within(node, "cooldown_s", 180.0, COOLDOWN_S, name),
        _within(node, "expires_s", 60.0, EXPIRES_S, name),
        int(_within(node, "priority", 5, (1, 9), name)),
        mandatory,
    )


def read_triggers(node: Node, name: str, languages: tuple[Language, ...]) -> Triggers:
    """``when`` of a card; what it names is checked later."""
    when = node.child("when")
    when.only(_WHEN_KEYS, f"`when` of {name}")
    own = when.child("own_speech") if "own_speech" in when else None
    below = when.number("sentiment_below", 0.0) if "sentiment_below" in when else None
    if below is not None and not -1 <= below < 0:
        when.bad("sentiment_below", f"Card {name}: {below:g} is no bad mood.", "Write a number from -1 to below 0.")
    return Triggers(
        by_language(when, "phrases", languages),
        by_language(when, "without", languages),
        when.texts("intents"),
        by_language(when, "examples", languages),
        _pairs(when, "slots"),
        _pairs(when, "attributes"),
        when.texts("flow_steps"),
        _within(when, "silence_s", 0, _SILENCE_S, name) if "silence_s" in when else None,
        below,
        int(_within(when, "talk_over_ms", 0, _TALK_OVER_MS, name)) if "talk_over_ms" in when else None,
        by_language(when, "digits_after", languages),
        None if own is None else _own(own, name, languages),
    )


def _own(node: Node, name: str, languages: tuple[Language, ...]) -> OwnSpeech:
    node.only(_OWN_KEYS, f"`own_speech` of {name}")
    own = OwnSpeech(
        by_language(node, "forbidden", languages),
        by_language(node, "missing", languages),
        node.number("within_s", 0.0),
        node.texts("before"),
    )
    if not own.forbidden and not own.missing:
        node.bad(None, f"Card {name}: own_speech names no words.", "Add `forbidden:` or `missing:` by language.")
    if own.missing and own.within_s <= 0 and not own.before:
        node.bad(None, f"Card {name}: nothing says when the words are missing.", "Add `within_s:` or `before:`.")
    return own


def _text(node: Node, language: Language, name: str) -> CardText:
    inner = node.child(language)
    inner.only(_TEXT_KEYS, f"Card {name} in {language}")
    if not inner.text("title"):
        node.bad(
            language if language in node else None,
            f"Card {name} has no wording in {language!r}.",
            f"Add `{language}: {{title: ..., talk: ...}}`.",
        )
    elif not inner.text("talk") and not inner.texts("do"):
        inner.bad(None, f"Card {name} says nothing in {language!r}.", "Add `talk:` or `do:`.")
    return CardText(
        inner.text("title"), inner.text("talk"), inner.texts("do"), inner.texts("dont"), inner.text("novice")
    )


def _pairs(node: Node, key: str) -> Mapping[str, str]:
    inner = node.child(key)
    return {str(name): inner.text(str(name)) for name in inner.data}


def _one_of(node: Node, key: str, kinds: type[T], default: T, name: str) -> T:
    value = node.text(key)
    if not value:
        return default
    known = [str(item) for item in kinds]  # type: ignore[attr-defined]
    if value not in known:
        node.bad(key, f"Card {name}: there is no {key} {value!r}.", f"Use one of {', '.join(known)}.")
        return default
    return kinds(value)  # type: ignore[call-arg]


def _within(node: Node, key: str, default: float, span: tuple[float, float], name: str) -> float:
    value = node.number(key, default)
    if key in node and not span[0] <= value <= span[1]:
        node.bad(key, f"Card {name}: {key} is {value:g}.", f"Write a number from {span[0]:g} to {span[1]:g}.")
        return default
    return value
