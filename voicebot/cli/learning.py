"""Learning the agents' cards from the command line: the same files a running server looks for."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from voicebot.assist.content import load_assist
from voicebot.assist.fitting import file_of, fit, vectors_file
from voicebot.assist.knowledge_files import load_knowledge
from voicebot.assist.lines import read_lines
from voicebot.assist.matching.meaning import texts_of
from voicebot.assist.model import CardSet
from voicebot.assist.scripts import load_scripts
from voicebot.assist.scripts.likeness import as_cards
from voicebot.domain import TenantId
from voicebot.nlu.cli_nlu import Bar
from voicebot.nlu.encoders import EmbeddingCache, helping_encoders, standard_encoders
from voicebot.nlu.text import normalise
from voicebot.settings import Settings

_console = Console(highlight=False)


def learn_cards(settings: Settings, tenants: Iterable[str]) -> None:
    """Learn the cards of companies as they are in the files, unless that has been done.

    Raises:
        ContentErrors: cards or lines are wrong; names every file, line and mend.
    """
    for tenant in tenants:
        learn(settings, load_assist(settings.content / "flows", tenant))
        _embed_beside(settings, tenant)


def _embed_beside(settings: Settings, tenant: str) -> None:
    """Vectors of what the company knows and of its scripts' steps, so that no agent's first question waits for them."""
    flows = settings.content / "flows"
    texts = [text for passage in load_knowledge(flows, tenant) for text in passage.wordings]
    scripts = load_scripts(flows, TenantId(tenant))
    for script in scripts.scripts.values():
        texts += texts_of(as_cards(scripts, script))
    file = vectors_file(settings.content / "models" / "assist", settings.data)
    with Bar(_console) as bar, EmbeddingCache(file) as cache:
        cache.embed_all(standard_encoders(), [normalise(text) for text in dict.fromkeys(texts)], bar.show)


def learn(settings: Settings, cards: CardSet) -> Path:
    """The file of a version's heads, learnt now if it is not there."""
    lines = read_lines(settings.content / "nlu_data", cards)
    file = file_of(settings.content / "models" / "assist", cards, lines)
    if file.is_file():
        _console.print(f"{cards.tenant}: the cards are learnt already ({file.name}).")
        return file
    settings.data.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with Bar(_console) as bar:
        cache = settings.data / "embeddings.db"
        heads = fit(cards, lines, file, cache, progress=bar.show, helpers=helping_encoders())
    told = ", ".join(f"{len(one.cards)} from the {party.value}'s words" for party, one in heads.items())
    _console.print(f"{cards.tenant}: cards learnt: {told}; {time.monotonic() - began:.1f} s.")
    return file


__all__ = ["learn", "learn_cards"]
