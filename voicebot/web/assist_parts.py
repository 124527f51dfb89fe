"""The assist of this process, made from content, settings and store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import APIRouter

from voicebot.assist.authoring import card_sets
from voicebot.assist.content import load_assist
from voicebot.assist.fitting import vectors_file
from voicebot.assist.lines import read_lines
from voicebot.assist.live import AssistDesk
from voicebot.assist.live_editions import Editions
from voicebot.clock import Clock
from voicebot.domain import TenantId
from voicebot.nlu.engine import UnderstandingService
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions
from voicebot.web.assist import AssistParts, CardHeads, Companion, Insights, StepLikeness, router
from voicebot.web.assist.shelves import Shelves
from voicebot.web.desk import DeskParts
from voicebot.web.guidance_parts import Guidance


@dataclass(frozen=True, slots=True)
class LiveAssist:
    """What assists, and what the consoles ask of it. ``runners`` have to be run.

    ``warm`` makes everything ready that takes the models; an agent's first contact waits for nothing then. ``heads``:
    what cards have learnt.
    """

    desk: AssistDesk
    companion: Companion
    store: SqlStore
    clock: Clock
    warm: Callable[[], Awaitable[None]] | None = None
    heads: CardHeads | None = None

    @property
    def runners(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """What goes on beside requests."""
        return (self.desk.run,) if self.heads is None else (self.desk.run, self.heads.watch)

    def notes(self) -> Sequence[str]:
        """What does not work as it should while agents are assisted."""
        return () if self.heads is None else self.heads.notes

    def routers(self, console: DeskParts, guidance: Guidance | None = None) -> Sequence[APIRouter]:
        """The assist by address."""
        parts = AssistParts(console, self.desk, self.store, self.clock, guidance.shelves if guidance else None)
        return (router(parts), *([guidance.router(parts)] if guidance else []))


def assist_of(
    root: Path,
    tenants: Iterable[TenantId],
    store: SqlStore,
    clock: Clock,
    understanding: UnderstandingService,
    data: Path,
    stack: AsyncExitStack,
    guidance: Guidance,
    late: Callable[[], float],
) -> LiveAssist:
    """Read the cards of the companies that have a desk; ``stack`` gets what has to be closed.

    ``root``: the folder of content and models; ``data``: what this installation keeps; ``late``: seconds by which the
    event loop is late.

    Raises:
        ContentErrors: a file of cards is wrong.
    """
    flows, versions = root / "flows", AssistVersions(store, clock)
    files = {tenant: load_assist(flows, tenant) for tenant in tenants}
    editions = Editions(files, versions, card_sets(flows), guidance.guides, guidance.read)
    models = root / "models" / "assist"
    heads = CardHeads(
        understanding,
        partial(read_lines, root / "nlu_data", leave_out=True),
        files,
        shipped=models,
        own=data / "assist" / "heads",
        cache_file=data / "embeddings.db",
        clock=clock,
    )
    insights, steps = Insights(understanding, heads), StepLikeness(understanding, vectors_file(models, data))
    for closing in (heads.close, steps.close, guidance.shelves.close):
        stack.push_async_callback(closing)
    desk = AssistDesk(store, editions, versions, clock, insights, steps, guidance.shelves, late)
    warm = partial(_warm, editions, heads, steps, guidance.shelves)
    return LiveAssist(desk, Companion(desk, clock), store, clock, warm, heads)


async def _warm(editions: Editions, heads: CardHeads, steps: StepLikeness, shelves: Shelves) -> None:
    for tenant in editions.tenants:
        edition = await editions.current(tenant)
        await heads.ready(edition.cards)
        shelves.begin(tenant)
        if edition.guide is not None:
            for script in edition.guide.scripts.scripts:
                await steps.ready(edition.guide, script)
