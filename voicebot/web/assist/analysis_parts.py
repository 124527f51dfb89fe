"""What the analysis shows of each company, made from its content."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from fastapi import APIRouter

from voicebot.assist.analysis import Company, Reader, RecordedSound
from voicebot.assist.analysis.codes import load_codes
from voicebot.assist.analysis.elsewhere import read_elsewhere
from voicebot.assist.content import load_assist
from voicebot.assist.scripts.files import load_scripts
from voicebot.clock import Clock
from voicebot.desk import DeskContent
from voicebot.desk.company import Resolved
from voicebot.domain import Language, TenantId
from voicebot.flows import TenantFlows
from voicebot.people import AuditLog
from voicebot.settings import Settings
from voicebot.store import SqlStore
from voicebot.web import analysis_pages
from voicebot.web.assist import analysis
from voicebot.web.assist.analysis_looks import Analysed, AnalysisParts

_RESOLVED = {Resolved.YES: True, Resolved.NO: False, Resolved.UNKNOWN: None}


def analysis_parts(
    root: Path,
    content: Mapping[TenantId, TenantFlows],
    desks: Mapping[TenantId, DeskContent],
    store: SqlStore,
    audit: AuditLog,
    clock: Clock,
    recordings: Path | None,
    url: str,
) -> AnalysisParts:
    """The analysis of every company that has a desk.

    Args:
        root: the folder of all flows.
        content: flows by company.
        desks: desks by company.
        store: the log.
        audit: where looking and listening is written down.
        clock: the time.
        recordings: the folder of recordings; None where none are made.
        url: of the store, for the process that reads whole periods.

    Raises:
        ContentErrors: a company's cards, scripts or outcomes are wrong.
    """
    companies = {tenant: _analysed(root, tenant, content[tenant], desk) for tenant, desk in desks.items()}
    return AnalysisParts(
        Reader(store),
        partial(read_elsewhere, url),
        companies,
        audit,
        clock,
        None if recordings is None else RecordedSound(recordings),
    )


def analysis_routers(
    settings: Settings,
    content: Mapping[TenantId, TenantFlows],
    desks: Mapping[TenantId, DeskContent],
    store: SqlStore,
    audit: AuditLog,
    clock: Clock,
) -> tuple[APIRouter, ...]:
    """The page and its addresses. Raises ContentErrors."""
    recordings = settings.data / "recordings" if settings.recordings else None
    parts = analysis_parts(
        settings.content / "flows", content, desks, store, audit, clock, recordings, settings.store_url
    )
    return analysis.router(parts), analysis_pages.router()


def _analysed(root: Path, tenant: TenantId, flows: TenantFlows, desk: DeskContent) -> Analysed:
    resolved = {one.code: _RESOLVED[one.resolved] for one in desk.dispositions}
    cards, scripts = load_assist(root, tenant), load_scripts(root, tenant)
    labels: dict[str, Mapping[Language, str]] = {
        f"card:{name}": {language: text.title for language, text in card.text.items()}
        for name, card in cards.cards.items()
    }
    for name, script in scripts.scripts.items():
        labels[f"script:{name}"] = {Language(language): text for language, text in script.names.items()}
        for step in script.steps.values():
            labels[f"step:{name}/{step.id}"] = {language: text.label for language, text in step.text.items()}
    return Analysed(
        Company(tenant, load_codes(root, tenant, resolved), flows.by_intent),
        {name: [step.id for step in script.steps.values() if step.ticked] for name, script in scripts.scripts.items()},
        labels,
    )
