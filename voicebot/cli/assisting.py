"""``voicebot test assist``: how good the agents' cards are on labelled passages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from voicebot.assist.content import load_assist
from voicebot.assist.evaluate import (
    A_MINUTE,
    PRECISION,
    RECALL,
    Figures,
    Heard,
    measure,
    understood,
    worst,
)
from voicebot.assist.evaluate_files import SPLITS, Passage, Turn, read_heard, read_passages
from voicebot.assist.evaluate_noise import noisy
from voicebot.assist.fitting import load
from voicebot.assist.matching import matcher
from voicebot.assist.matching.learnt import Learnt
from voicebot.assist.model import CardSet
from voicebot.cli.learning import learn
from voicebot.domain import TenantId
from voicebot.errors import SettingsError
from voicebot.flows import TenantFlows, load_flows
from voicebot.nlu.engine import UnderstandingService
from voicebot.settings import Settings
from voicebot.web.parts import languages_of, today_of, understood_of

_console = Console(highlight=False)


async def test_assist(settings: Settings, tenant: str | None, *, noise: bool) -> int:
    """Print a table a company and language; the exit code is 1 when a row misses a target."""
    if tenant is not None and tenant not in settings.tenants:
        raise SettingsError(f"There is no company {tenant}. There are: {', '.join(settings.tenants)}.")
    names = settings.tenants if tenant is None else (tenant,)
    root = settings.content
    flows = {TenantId(name): load_flows(root / "flows", name) for name in names}
    worker = UnderstandingService(
        models=root / "models" / "nlu",
        companies=[understood_of(one, root) for one in flows.values()],
        safety=root / "nlu_data" / "core" / "safety.yml",
        today=lambda name: today_of(flows[name], datetime.now(UTC)),
    )
    await worker.start()
    try:
        good = [await _company(settings, worker, name, one, noise=noise) for name, one in flows.items()]
    finally:
        await worker.close()
    return 0 if all(good) else 1


async def _company(
    settings: Settings, worker: UnderstandingService, tenant: TenantId, flows: TenantFlows, *, noise: bool
) -> bool:
    data = settings.content / "nlu_data"
    cards = load_assist(settings.content / "flows", tenant)
    meaning = Learnt(load(learn(settings, cards)), worker)
    languages = languages_of(flows)
    passages = read_passages(data, tenant, languages, frozenset(cards.cards))
    rows = {"as written": passages}
    if noise:
        rows["mistakes made up"] = _with_mistakes(passages)
        heard = {language: read_heard(data, tenant, language) for language in languages}
        told = [
            _said(passage, heard[passage.language][passage.id])
            for passage in passages
            if len(heard[passage.language].get(passage.id, ())) == len(passage.turns)
        ]
        if told:
            rows["heard by the recogniser"] = tuple(told)
    good = True
    for name, some in rows.items():
        good = _print(tenant, name, cards, await understood(some, tenant, worker, meaning)) and good
    return good


def _with_mistakes(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    return tuple(_said(one, [noisy(turn.text, one.language) for turn in one.turns]) for one in passages)


def _said(passage: Passage, texts: Iterable[str]) -> Passage:
    turns = tuple(Turn(turn.who, text) for turn, text in zip(passage.turns, texts, strict=True))
    return replace(passage, turns=turns)


def _print(tenant: TenantId, name: str, cards: CardSet, heard: tuple[Heard, ...]) -> bool:
    ready = matcher(cards)
    table = Table(title=f"{tenant}, {name}")
    for column in ("language", "split", "passages", "precision", "recall", "cards a minute", "too soon", "good"):
        table.add_column(column)
    good, found = True, list[tuple[str, Figures]]()
    for language in dict.fromkeys(one.passage.language for one in heard):
        for split in SPLITS:
            some = [one for one in heard if one.passage.language == language and one.passage.split == split]
            if not some:
                continue
            figures = measure(cards, some, ready)
            good = good and figures.good
            found.append((f"{language} {split}", figures))
            table.add_row(
                language,
                split,
                str(figures.passages),
                f"{figures.precision:.3f}",
                f"{figures.recall:.3f}",
                f"{figures.a_minute:.2f}",
                str(figures.too_soon),
                "yes" if figures.good else "no",
            )
    _console.print(table)
    _console.print(
        f"Targets: precision {PRECISION}, recall {RECALL}, at most {A_MINUTE} cards a minute, none too soon."
    )
    for where, figures in found:
        for card, right, wrong, missed in worst(figures, 6):
            _console.print(f"  {where} {card}: {right} right, {wrong} wrong, {missed} missed")
    return good
