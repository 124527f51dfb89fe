"""The labelled passages that cards are measured on: ``nlu_data/assist/<company>/<language>.yml``, ``.unseen.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from voicebot.assist.model import Speaker
from voicebot.domain import Language, TenantId
from voicebot.errors import ContentError
from voicebot.flows.source import Node, Reader

SPLITS = ("dev", "held")


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a passage. ``calls``: the cards that these words make due; told only where cards learn from it."""

    who: Speaker
    text: str
    calls: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Passage:
    """A short piece of talk and the cards that are due in it; none when the agent is better left alone.

    ``near``: the card that a careless matcher shows here. ``split``: dev is tuned on, held only judges.
    """

    id: str
    language: Language
    turns: tuple[Turn, ...]
    due: frozenset[str]
    near: str
    split: str


def read_passages(
    data: Path, tenant: TenantId | str, languages: tuple[Language, ...], cards: frozenset[str] | None = None
) -> tuple[Passage, ...]:
    """All passages of a company. ``data``: the folder ``nlu_data``; ``cards``: ids that may be due, None for any.

    Raises:
        ContentError: a file is wrong; names line and mend.
    """
    reader = Reader(data)
    found: list[Passage] = []
    for name, language in ((f"{one}{part}.yml", one) for one in languages for part in ("", ".unseen")):
        node = reader.read(data / "assist" / str(tenant) / name, required=False)
        if node is not None:
            found.extend(_passage(item, language, cards) for item in node.children("passages"))
    reader.stop_if_bad()
    return tuple(found)


def read_heard(data: Path, tenant: TenantId | str, language: Language) -> dict[str, tuple[str, ...]]:
    """What a recogniser made of the turns, by passage (``<language>.heard.yml``); empty when nobody has run one."""
    path = data / "assist" / str(tenant) / f"{language}.heard.yml"
    reader = Reader(data)
    node = reader.read(path, required=False)
    if node is None:
        reader.stop_if_bad()
        return {}
    inner = node.child("heard")
    return {str(name): inner.texts(str(name)) for name in inner.data}


def _passage(node: Node, language: Language, cards: frozenset[str] | None) -> Passage:
    node.only(frozenset({"id", "turns", "due", "near", "split", "note"}), "A passage")
    due = frozenset(node.texts("due"))
    for card in sorted(due - (due if cards is None else cards)):
        node.bad("due", f"There is no card {card!r}.", "Use an id of cards.yml.")
    split = node.text("split", "dev")
    if split not in SPLITS:
        node.bad("split", f"There is no split {split!r}.", "Write dev or held.")
    turns: list[Turn] = []
    for item in node.children("turns"):
        who = item.text("who")
        if who not in (Speaker.CUSTOMER, Speaker.AGENT):
            item.bad("who", f"Nobody is {who!r}.", "Write customer or agent.")
            continue
        item.only(frozenset({"who", "text", "calls"}), "A turn")
        calls = frozenset(item.texts("calls"))
        for card in sorted(calls - due):
            item.bad("calls", f"{card!r} is not due in this passage.", "Write it under due, or take it out of calls.")
        turns.append(Turn(Speaker(who), item.text("text"), calls))
    return Passage(node.text("id"), language, tuple(turns), due, node.text("near"), split)


__all__ = ["SPLITS", "ContentError", "Passage", "Turn", "read_heard", "read_passages"]
