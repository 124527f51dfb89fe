"""Content of one tenant: core files first, the tenant's own on top; problems are gathered and raised together."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeVar

from voicebot.domain import Language
from voicebot.flows.content import FaqEntry, Flow, Response, TenantFlows
from voicebot.flows.content_files import Domain, read_domain, read_faq, read_policy, read_responses, read_tenant
from voicebot.flows.flow_files import read_flows
from voicebot.flows.source import Reader

_T = TypeVar("_T")

CORE = "core"


def load_flows(root: Path, tenant: str) -> TenantFlows:
    """Load and check everything ``tenant`` runs on.

    ``root`` is the folder that holds ``core`` and the tenants. Raises :class:`~voicebot.flows.ContentErrors`, which
    lists every mistake with file, line and mend.
    """
    from voicebot.flows.validate import check_content

    reader = Reader(root)
    content, domain = read_tenant_files(reader, root, tenant)
    reader.stop_if_bad()
    assert content is not None
    reader.problems.extend(check_content(content, domain))
    reader.stop_if_bad()
    return content


def tenants(root: Path) -> tuple[str, ...]:
    """The tenants under a content folder."""
    return tuple(sorted(path.parent.name for path in root.glob("*/tenant.yml")))


def read_tenant_files(reader: Reader, root: Path, tenant: str) -> tuple[TenantFlows | None, Domain]:
    """Read without cross-checks; None when a file is too broken to go on."""
    flows: dict[str, Flow] = {}
    domain = Domain()
    for folder in (root / CORE, root / tenant):
        if (node := reader.read(folder / "flows.yml")) is not None:
            flows.update(read_flows(node))
        if (node := reader.read(folder / "domain.yml")) is not None:
            read_domain(node, domain)
    policy_node = reader.read(root / CORE / "policy.yml")
    policy = read_policy(policy_node) if policy_node is not None else None
    tenant_node = reader.read(root / tenant / "tenant.yml")
    company = read_tenant(tenant_node, tenant) if tenant_node is not None else None
    if company is None or policy is None:
        return None, domain
    responses: dict[Language, dict[str, Response]] = {}
    faq: dict[Language, dict[str, FaqEntry]] = {}
    for language in company.languages:
        responses[language] = {}
        for folder in (root / CORE / language, root / tenant / language):
            if (node := reader.read(folder / "responses.yml")) is not None:
                responses[language].update(read_responses(node))
        node = reader.read(root / tenant / language / "faq.yml", required=False)
        faq[language] = read_faq(node) if node is not None else {}
    slot_entities = dict(domain.slot_entities)
    for flow in flows.values():
        for collect in flow.collects:
            if collect.entities:
                slot_entities.setdefault(collect.slot, collect.entities[0])
    by_intent = {intent: flow.id for flow in flows.values() for intent, _ in flow.intents}
    digest = hashlib.sha256("\0".join(reader.texts).encode()).hexdigest()[:12]
    content = TenantFlows(
        tenant=company,
        policy=policy,
        flows=flows,
        responses=responses,
        faq=faq,
        slot_entities=slot_entities,
        slot_initial=domain.slot_initial,
        by_intent=by_intent,
        version=digest,
    )
    return content, domain
