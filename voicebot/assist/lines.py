"""Lines that cards learn from: ``<card>.yml`` and ``quiet*.yml`` under ``nlu_data/assist/examples/<company or core>``.

``due`` lines call for the card, ``not`` lines sound as if they did; ``quiet`` holds ordinary turns that call for none.
``<card>.<anything>.yml`` adds to the lines of the same card. A company's lines replace the core's, as its card does.
Cards learn from the passages for tuning too (``split: dev``): a turn that ``calls`` for a card is due for it, and one
of a party for whose cards nothing is due in the whole passage is quiet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voicebot.assist.evaluate_files import Passage, read_passages
from voicebot.assist.model import CardSet, Speaker
from voicebot.assist.written import CORE, digest_of, wrong_with
from voicebot.domain import Json, Language, TenantId
from voicebot.errors import ContentError
from voicebot.flows.source import Node, Reader
from voicebot.nlu.data import read_tenant

QUIET = "quiet"
Texts = Mapping[Language, Sequence[str]]
Said = tuple[str, tuple[str, ...]]
"""A turn of a passage and the cards that it calls for, none where it is quiet."""
_PARTIES = (Speaker.CUSTOMER, Speaker.AGENT)
_LEARNT_SPLIT = "dev"


@dataclass(frozen=True, slots=True)
class CardLines:
    """What is said where a card is due, and what only sounds like it."""

    due: Texts = field(default_factory=dict)
    near: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines of a company. ``quiet`` by party; ``requests``: intent and text of what customers ask the bot.

    ``talks``: turns of the passages, by party. ``left_out``: files of cards that the version does not have.
    """

    cards: Mapping[str, CardLines] = field(default_factory=dict)
    quiet: Mapping[Speaker, Texts] = field(default_factory=dict)
    requests: Mapping[Language, Sequence[tuple[str, str]]] = field(default_factory=dict)
    talks: Mapping[Speaker, Mapping[Language, Sequence[Said]]] = field(default_factory=dict)
    left_out: Sequence[str] = ()

    @property
    def digest(self) -> str:
        """Name of these lines by what they hold."""
        body: list[Json] = [
            [[card, _plain(one.due), _plain(one.near)] for card, one in self.cards.items()],
            [[party.value, _plain(texts)] for party, texts in self.quiet.items()],
            [[str(language), [list(one) for one in some]] for language, some in self.requests.items()],
            [
                [party.value, str(language), [[text, list(calls)] for text, calls in some]]
                for party, texts in self.talks.items()
                for language, some in texts.items()
            ],
        ]
        return digest_of(body)


def read_lines(data: Path, cards: CardSet, *, leave_out: bool = False) -> Lines:
    """Every line of a company in the languages of its cards. ``data``: the folder ``nlu_data``.

    ``leave_out``: lines of a card that the company does not have are not wrong, since a version may lack it.

    Raises:
        ContentErrors: a file is wrong; names file, line and mend.
    """
    tenant = cards.tenant
    languages = tuple(dict.fromkeys(language for card in cards.cards.values() for language in card.text))
    reader = Reader(data)
    found: dict[str, CardLines] = {}
    quiet: dict[Speaker, Texts] = {}
    left_out: list[str] = []
    for owner in (CORE, str(tenant)):
        own: dict[str, CardLines] = {}
        for path in sorted((data / "assist" / "examples" / owner).glob("*.yml")):
            node = reader.read(path)
            if node is None:
                continue
            if path.stem.startswith(QUIET):
                _add(quiet, _quiet(node, languages))
            elif (name := _name(node, path.stem.partition(".")[0])) in cards.cards:
                own[name] = _together(own.get(name, CardLines()), _lines(node, languages), node)
            elif owner != CORE and leave_out:
                left_out.append(node.file)
            elif owner != CORE:
                node.bad("card", f"There is no card {name!r}.", f"Use an id of flows/{owner}/cards.yml.")
        found |= own
    reader.stop_if_bad()
    talks = _talks(read_passages(data, tenant, languages), cards)
    return Lines(found, quiet, _requests(data, tenant), talks, left_out)


def check_lines(data: Path, cards: CardSet) -> list[ContentError]:
    """What is wrong with a company's lines."""
    return wrong_with(lambda: read_lines(data, cards))


def _requests(data: Path, tenant: TenantId | str) -> dict[Language, list[tuple[str, str]]]:
    found: dict[Language, list[tuple[str, str]]] = {}
    for example in read_tenant(data, tenant).examples:
        found.setdefault(example.language, []).append((example.intent, example.text))
    return found


def _talks(passages: Sequence[Passage], cards: CardSet) -> dict[Speaker, dict[Language, list[Said]]]:
    """Where something is due for a party, its other turns are left out: they may belong to the same matter."""
    found: dict[Speaker, dict[Language, list[Said]]] = {party: {} for party in _PARTIES}
    for passage in (one for one in passages if one.split == _LEARNT_SPLIT):
        for party, texts in found.items():
            mine = {name for name, card in cards.cards.items() if card.speaker in (party, Speaker.ANY)}
            for turn in (one for one in passage.turns if one.who is party):
                if turn.calls & mine or not passage.due & mine:
                    texts.setdefault(passage.language, []).append((turn.text, tuple(sorted(turn.calls & mine))))
    return found


def _name(node: Node, stem: str) -> str:
    name = node.text("card")
    if name != stem:
        node.bad("card", f"The file is named {stem!r} and its card {name!r}.", "Give both the same name.")
    return name


def _lines(node: Node, languages: Sequence[Language]) -> CardLines:
    node.only(frozenset({"card", "ja", "en", *languages}), "A file of lines")
    due: dict[Language, tuple[str, ...]] = {}
    near: dict[Language, tuple[str, ...]] = {}
    for language in languages:
        inner = node.child(language)
        inner.only(frozenset({"due", "not"}), "Lines of a card")
        due[language], near[language] = inner.texts("due"), inner.texts("not")
    return CardLines(due, near)


def _together(before: CardLines, more: CardLines, node: Node) -> CardLines:
    """With the lines of one file more of the same card."""
    due, near = _joined(before.due, more.due), _joined(before.near, more.near)
    for language in due:
        inner = node.child(language)
        for text in sorted({*due[language]} & {*near.get(language, ())}):
            inner.bad("not", f"{text!r} is both due and not.", "Take it out of one of the lists.")
    return CardLines(due, near)


def _quiet(node: Node, languages: Sequence[Language]) -> dict[Speaker, Texts]:
    node.only(frozenset({"ja", "en", *languages}), "A file of quiet lines")
    return {party: {language: node.child(language).texts(party.value) for language in languages} for party in _PARTIES}


def _add(into: dict[Speaker, Texts], more: Mapping[Speaker, Texts]) -> None:
    for party, texts in more.items():
        into[party] = _joined(into.get(party, {}), texts)


def _joined(before: Texts, more: Texts) -> Texts:
    return {language: (*before.get(language, ()), *some) for language, some in more.items()}


def _plain(texts: Texts) -> Json:
    return {str(language): list(some) for language, some in texts.items()}


__all__ = ["CardLines", "Lines", "check_lines", "read_lines"]
