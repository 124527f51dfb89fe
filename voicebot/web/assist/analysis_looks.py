"""Looking at talks: read once, kept for a minute, so that a page, its lists and its export are about the same talks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from voicebot.assist.analysis import Company, Outcome, Period, Reader, Reading, RecordedSound, Report, Talk, report
from voicebot.clock import Clock
from voicebot.domain import Language, TenantId
from voicebot.people import AuditLog

_KEPT_S = 60.0
_MOST_KEPT = 3

Labels = Mapping[str, Mapping[Language, str]]
"""What an id is called, by language."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A company as analysis shows it. ``scripts``: steps in order; ``labels``: by ``card:``, ``script:``, ``step:``."""

    company: Company
    scripts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    labels: Labels = field(default_factory=dict)

    def label(self, kind: str, name: str, language: Language) -> str:
        """The words for an id, the id itself where there are none."""
        texts = self.labels.get(f"{kind}:{name}") or {}
        return texts.get(language) or next(iter(texts.values()), "") or name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class AnalysisParts:
    """What the addresses of the analysis stand on.

    ``reader`` reads single talks here; ``read`` whole periods, elsewhere. ``sound``: None if nothing is recorded.
    """

    reader: Reader
    read: Callable[[Company, Period, datetime], Awaitable[Reading]]
    companies: Mapping[TenantId, Analysed]
    audit: AuditLog
    clock: Clock
    sound: RecordedSound | None = None


class Looks:
    """The talks that were read lately. One reading runs at a time: others wait instead of slowing calls down."""

    def __init__(self, parts: AnalysisParts) -> None:
        self._parts = parts
        self._kept: dict[tuple[TenantId, datetime, datetime], tuple[float, Reading]] = {}
        self._turn = asyncio.Lock()

    async def read(self, tenant: TenantId, period: Period) -> Reading:
        """The talks of a company in a period."""
        key = (tenant, period.since, period.until)
        clock = self._parts.clock
        async with self._turn:
            kept = self._kept.get(key)
            if kept is not None and clock.monotonic() - kept[0] < _KEPT_S:
                return kept[1]
            self._kept.pop(key, None)
            read = await self._parts.read(self._parts.companies[tenant].company, period, clock.now())
            self._kept[key] = clock.monotonic(), read
            while len(self._kept) > _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            return read

    async def report(self, tenant: TenantId, talks: Sequence[Talk], outcome: Outcome, *, agents: bool) -> Report:
        """The figures of these talks, reckoned beside the event loop."""
        scripts = self._parts.companies[tenant].scripts
        return await asyncio.to_thread(report, talks, outcome, scripts, agents=agents)
