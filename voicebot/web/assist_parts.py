"""The assist of this process, made from content, settings and store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import APIRouter

from voicebot.assist.authoring import card_sets
from voicebot.assist.content import load_assist
from voicebot.assist.lines import read_lines
from voicebot.assist.live import AssistDesk
from voicebot.assist.live_editions import Editions
from voicebot.clock import Clock
from voicebot.domain import TenantId
from voicebot.nlu.engine import UnderstandingService
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions
from voicebot.web.assist import AssistParts, CardHeads, Companion, Insights, StepLikeness, router
from voicebot.web.desk import DeskParts
from voicebot.web.guidance_parts import Guidance


@dataclass(frozen=True, slots=True)
class LiveAssist:
    """What assists, and what the consoles ask of it. ``desk.run`` has to be run."""

    desk: AssistDesk
    companion: Companion
    store: SqlStore
    clock: Clock

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
) -> LiveAssist:
    """Read the cards of the companies that have a desk; ``stack`` gets what has to be closed.

    ``root``: the folder of content and models; ``data``: what this installation keeps.

    Raises:
        ContentErrors: a file of cards is wrong.
    """
    flows, versions = root / "flows", AssistVersions(store, clock)
    files = {tenant: load_assist(flows, tenant) for tenant in tenants}
    editions = Editions(files, versions, card_sets(flows), guidance.guides, guidance.read)
    vectors = data / "assist" / "vectors"
    heads = CardHeads(
        understanding,
        partial(read_lines, root / "nlu_data"),
        files,
        shipped=root / "models" / "assist",
        own=data / "assist" / "heads",
        cache_file=data / "embeddings.db",
    )
    insights, steps = Insights(understanding, heads), StepLikeness(understanding, vectors)
    for closing in (heads.close, steps.close, guidance.shelves.close):
        stack.push_async_callback(closing)
    desk = AssistDesk(store, editions, versions, clock, insights, steps, guidance.shelves)
    return LiveAssist(desk, Companion(desk, clock), store, clock)
