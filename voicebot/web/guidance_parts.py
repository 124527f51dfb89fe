"""Scripts, knowledge and what comes after the call, made from content, settings and store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from fastapi import APIRouter

from voicebot.assist.after import Code, Company
from voicebot.assist.after_wording import ModelWording, Wording
from voicebot.assist.authoring import SCRIPTS, script_sets
from voicebot.assist.fitting import vectors_file
from voicebot.assist.knowledge_files import load_knowledge
from voicebot.assist.scripts import Guide, Values, guide, load_scripts
from voicebot.clock import Clock
from voicebot.desk import DeskContent
from voicebot.domain import Entity, Json, Language, TenantId
from voicebot.flows import TenantFlows
from voicebot.nlu.engine import UnderstandingService
from voicebot.nlu.entities import ClosedValues, find_entities
from voicebot.settings import Settings
from voicebot.store import SqlStore
from voicebot.store.assist_proposals import FaqProposals
from voicebot.web.assist.guidance import GuidanceParts, guidance_router
from voicebot.web.assist.ports import AssistParts
from voicebot.web.assist.shelves import Shelves
from voicebot.web.parts import today_of

_LABEL = "utter_label_"


@dataclass(frozen=True, slots=True)
class Guidance:
    """Everything but the console itself."""

    guides: Mapping[TenantId, Guide]
    companies: Mapping[TenantId, Company]
    shelves: Shelves
    proposals: FaqProposals
    wording: Wording | None
    read: Callable[[TenantId, Json], Guide | None]
    """Makes the scripts of a version's body ready; None when it holds none. Raises ContentErrors."""

    def router(self, parts: AssistParts) -> APIRouter:
        """By address."""
        return guidance_router(GuidanceParts(parts, self.companies, self.proposals, self.wording))


def guidance_of(
    flows: Path,
    content: Mapping[TenantId, TenantFlows],
    desks: Mapping[TenantId, DeskContent],
    store: SqlStore,
    clock: Clock,
    understanding: UnderstandingService,
    settings: Settings,
    stack: AsyncExitStack,
) -> Guidance:
    """Read scripts and documents of the companies that have a desk; ``stack`` gets what has to be closed.

    Raises:
        ContentErrors: a file is wrong.
    """
    guides: dict[TenantId, Guide] = {}
    companies: dict[TenantId, Company] = {}
    values: dict[TenantId, Values] = {}
    for tenant, desk in desks.items():
        found = finder(flows, content[tenant])
        scripts = load_scripts(flows, tenant)
        values[tenant] = _today(found, content[tenant], clock)
        guides[tenant] = guide(scripts, values[tenant])
        companies[tenant] = Company(
            zone=ZoneInfo(content[tenant].tenant.timezone),
            codes=[
                Code(one.code, {str(k): v for k, v in one.label.items()}, one.resolved.value)
                for one in desk.dispositions
            ],
            values=found,
            scripts=scripts,
            matters={
                intent: {
                    str(language): content[tenant].flows[flow].label(language)
                    for language in content[tenant].tenant.languages
                }
                for intent, flow in content[tenant].by_intent.items()
            },
            slots=slots_in_words(content[tenant]),
        )
    passages = {tenant: load_knowledge(flows, tenant) for tenant in desks}
    shelves = Shelves(passages, understanding, vectors_file(flows.parent / "models" / "assist", settings.data))
    read = version_guides(flows, values)
    return Guidance(guides, companies, shelves, FaqProposals(store, clock), _wording(settings, stack), read)


def slots_in_words(content: TenantFlows) -> dict[str, dict[str, str]]:
    """What a company's flows call the slots they ask for, by language."""
    found: dict[str, dict[str, str]] = {}
    for language in content.tenant.languages:
        for name, response in content.responses.get(language, {}).items():
            if name.startswith(_LABEL) and response.variants:
                found.setdefault(name.removeprefix(_LABEL), {})[str(language)] = response.variants[0].text
    return found


def version_guides(flows: Path, values: Mapping[TenantId, Values]) -> Callable[[TenantId, Json], Guide | None]:
    """Makes the scripts of a version's body ready, named as the version; None for a body of cards alone."""
    read = script_sets(flows)

    def of_version(tenant: TenantId, body: Json) -> Guide | None:
        held = isinstance(body, dict) and SCRIPTS in body
        return guide(read(tenant, body), values[tenant]) if held else None

    return of_version


Finder = Callable[[str, Language, date], Sequence[Entity]]


def finder(flows: Path, content: TenantFlows) -> Finder:
    """What finds values in words of a company's talk."""
    closed = ClosedValues.load(flows, str(content.tenant.id))

    def find(text: str, language: Language, today: date) -> Sequence[Entity]:
        return find_entities(text, language, today=today, country=content.tenant.country, closed=closed)

    return find


def _today(find: Finder, content: TenantFlows, clock: Clock) -> Callable[[str, Language], tuple[Entity, ...]]:
    return lambda text, language: tuple(find(text, language, today_of(content, clock.now())))


def _wording(settings: Settings, stack: AsyncExitStack) -> Wording | None:
    if not settings.assist_llm:
        return None
    client = httpx.AsyncClient()
    stack.push_async_callback(client.aclose)
    key = settings.assist_llm_key.get_secret_value()
    return ModelWording(client, settings.assist_llm, settings.assist_llm_model, key)
