"""From a version's cards and their lines to heads on disk, in any process: ``voicebot train`` or beside the server.

A file is named after what it was made of, so that nobody needs to be told which is the newest.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from voicebot.assist.lines import CardLines, Lines
from voicebot.assist.matching.heads import Heads, Row, fitted
from voicebot.assist.matching.heads_file import load, save
from voicebot.assist.model import CardSet, Speaker
from voicebot.domain import Language
from voicebot.nlu.encoders import EmbeddingCache, Encoder, Progress, standard_encoders, standard_identities
from voicebot.nlu.text import normalise

RECIPE = "4"
"""Changes with every change of what :func:`fit` makes of the same lines."""
_PARTIES = (Speaker.CUSTOMER, Speaker.AGENT)
_NICE = 10
_NOTHING = CardLines()


def file_of(folder: Path, cards: CardSet, lines: Lines) -> Path:
    """Where the heads of this version and these lines are kept under ``folder``.

    Raises:
        ModelError: an encoder is not installed.
    """
    made_of = "\n".join((RECIPE, cards.version, lines.digest, *standard_identities()))
    return folder / str(cards.tenant) / f"{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.npz"


def vectors_file(models: Path, data: Path) -> Path:
    """Where vectors of knowledge and of scripts' steps are kept: with the cards' models if one may write there.

    ``models``: the folder ``models/assist``; ``data``: what this installation keeps.
    """
    return (models if may_write(models) else data / "assist") / "vectors.db"


def may_write(folder: Path) -> bool:
    """Whether files can be made in a folder, which is made itself if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def fit(
    cards: CardSet,
    lines: Lines,
    file: Path,
    cache_file: Path | None = None,
    encoders: Sequence[Encoder] | None = None,
    progress: Progress | None = None,
    helpers: Sequence[Encoder] = (),
) -> dict[Speaker, Heads]:
    """Embed every line (about ten milliseconds each unless ``cache_file`` knows it), learn, write ``file``.

    Raises:
        ModelError: an encoder cannot be loaded.
    """
    rows = {party: some for party in _PARTIES if (some := rows_of(cards, lines, party))}
    texts = list(dict.fromkeys(row.text for some in rows.values() for row in some))
    place = {text: number for number, text in enumerate(texts)}
    encoders = standard_encoders() if encoders is None else encoders
    with EmbeddingCache(cache_file) as cache:
        parts = cache.embed_all(encoders, [normalise(text) for text in texts], progress, helpers)
    heads: dict[Speaker, Heads] = {}
    for party, some in rows.items():
        chosen = [place[row.text] for row in some]
        due = list(dict.fromkeys(row.card for row in some if row.card))
        heads[party] = fitted(due, some, [part[chosen] for part in parts])
    save(file, heads)
    return heads


def fit_politely(cards: CardSet, lines: Lines, file: Path, cache_file: Path | None) -> None:
    """:func:`fit` in a process of its own that gives way to the calls of the same machine."""
    os.nice(_NICE)
    fit(cards, lines, file, cache_file)


def rows_of(cards: CardSet, lines: Lines, party: Speaker) -> list[Row]:
    """What one party says, each line once; empty when no card that listens to them has lines."""
    found: dict[tuple[str, Language], Row] = {}
    for row in _rows(cards, lines, party):
        found.setdefault((row.text, row.language), row)
    return list(found.values()) if any(row.card for row in found.values()) else []


def _rows(cards: CardSet, lines: Lines, party: Speaker) -> Iterator[Row]:
    """Lines with a card first: a line that stands twice belongs to its card."""
    mine = [card for card in cards.cards.values() if card.speaker in (party, Speaker.ANY)]
    taught = {card.id for card in mine if any(lines.cards.get(card.id, _NOTHING).due.values())}
    for card in mine:
        for texts in (card.triggers.examples, lines.cards.get(card.id, _NOTHING).due):
            for language, some in texts.items():
                yield from (Row(text, language, card.id) for text in some)
    for language, said in lines.talks.get(party, {}).items():
        for text, calls in said:
            first, *also = [name for name in calls if name in taught] or [""]
            yield Row(text, language, first, also=tuple(also))
    quiet = [lines.quiet.get(party, {}), cards.neutral]
    quiet += [card.triggers.examples for card in cards.cards.values() if card not in mine]
    for texts in quiet:
        for language, some in texts.items():
            yield from (Row(text, language) for text in some)
    for card in mine:
        for language, some in lines.cards.get(card.id, _NOTHING).near.items():
            yield from (Row(text, language, near=card.id) for text in some)
    if party is Speaker.CUSTOMER:
        named = {intent for card in cards.cards.values() for intent in card.triggers.intents}
        for language, requests in lines.requests.items():
            yield from (Row(text, language, asked=False) for intent, text in requests if intent not in named)


__all__ = ["RECIPE", "file_of", "fit", "fit_politely", "load", "may_write", "rows_of", "vectors_file"]
