"""The authors' part of the product, wired: one line in the composition root."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import APIRouter

from voicebot.assist.workbench import Workbench
from voicebot.clock import Clock
from voicebot.domain import TenantId
from voicebot.people import People
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions
from voicebot.store.assist_drafts import AssistDrafts
from voicebot.web import authoring_pages
from voicebot.web.assist import authoring, previewing
from voicebot.web.assist.authors import Authors


def routers_on(
    bench: Workbench, companies: Collection[TenantId], store: SqlStore, people: People, clock: Clock
) -> tuple[APIRouter, ...]:
    """Pages and addresses of authors on this workbench."""
    authors = Authors(AssistVersions(store, clock), AssistDrafts(store, clock), bench, companies, people.accounts)
    return (
        authoring.router(authors),
        previewing.router(authors, store, people.audit, clock),
        authoring_pages.router(companies),
    )


@contextmanager
def authoring_routers(
    content: Path, companies: Collection[TenantId], store: SqlStore, people: People, clock: Clock
) -> Iterator[tuple[APIRouter, ...]]:
    """The same with a workbench of its own, whose process ends with the block. ``content``: flows and nlu_data."""
    bench = Workbench(content)
    try:
        yield routers_on(bench, companies, store, people, clock)
    finally:
        bench.close()
