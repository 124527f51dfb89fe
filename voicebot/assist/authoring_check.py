"""A version's body, checked by the validator of the files; each problem with the card or step and field it is about.

The validator reports lines. A body has none, so every place of it is given a number of its own, and the numbers are
turned back into places. A company's flows are read once for as long as its files stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from voicebot.assist.authoring import CARDS, SCRIPTS, Body
from voicebot.assist.authoring_words import in_japanese
from voicebot.assist.checks import Known
from voicebot.assist.content import read_cards
from voicebot.assist.model import CardSet
from voicebot.assist.scripts.files import read_scripts
from voicebot.domain import Json, TenantId
from voicebot.errors import ContentError
from voicebot.flows.content import TenantFlows
from voicebot.flows.content_files import Domain
from voicebot.flows.loader import read_tenant_files
from voicebot.flows.source import Node, Reader

Path_ = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong. ``kind``: card, script or other; ``step`` of a script; ``field``: dotted path inside the item.

    ``problem`` and ``mend`` by language of the page.
    """

    kind: str
    id: str
    step: str
    field: str
    problem: Mapping[str, str]
    mend: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Company:
    """What a company's flows offer to cards and scripts."""

    known: Known
    flows: TenantFlows
    domain: Domain


def company_of(root: Path, tenant: str) -> Company:
    """The company's flows. Raises ContentErrors: they cannot be read."""
    files = sorted((*(root / "core").rglob("*.yml"), *(root / tenant).rglob("*.yml")))
    return _company(root, tenant, tuple((str(file), file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=8)
def _company(root: Path, tenant: str, _stamps: tuple[tuple[str, int], ...]) -> Company:
    reader = Reader(root)
    content, domain = read_tenant_files(reader, root, tenant)
    if content is None:
        reader.stop_if_bad()
        raise ContentError(f"flows/{tenant}", None, "The flows cannot be read.", "Run the check of the flows.")
    steps = {name: frozenset(flow.steps) for name, flow in content.flows.items()}
    known = Known(content.tenant.languages, frozenset(domain.intents), frozenset(domain.slots), steps)
    return Company(known, content, domain)


def checked(root: Path, tenant: str, body: Body) -> tuple[CardSet, tuple[Trouble, ...]]:
    """The cards of a body, and everything wrong with it. With troubles the cards may be fewer than written."""
    company = company_of(root, tenant)
    places: list[Path_] = [()]
    reader = Reader(root)
    node = Node(reader, CARDS, cast(Mapping[str, Any], _numbered(body.get(CARDS) or {}, (CARDS,), places)), 0)
    cards = read_cards(reader, [node], TenantId(tenant), company.known)
    scripts = Node(reader, SCRIPTS, cast(Mapping[str, Any], _numbered(body.get(SCRIPTS) or {}, (SCRIPTS,), places)), 0)
    domain = replace(company.domain, slots=dict(company.domain.slots))
    own = Reader(root)
    scripts.reader = own
    read_scripts(own, [scripts], TenantId(tenant), (company.flows, domain))
    found = [_trouble(one, places, body) for one in (*reader.problems, *own.problems)]
    return cards, tuple(dict.fromkeys(found))


def troubles(root: Path, tenant: str, body: Body) -> tuple[Trouble, ...]:
    """Everything wrong with a body."""
    return checked(root, tenant, body)[1]


def _numbered(value: Json, path: Path_, places: list[Path_]) -> Any:
    """The same with a number for every place, where the reader looks for lines."""
    if isinstance(value, dict):
        made = CommentedMap()
        for key, item in value.items():
            made[key] = _numbered(item, (*path, key), places)
            places.append((*path, key))
            made.lc.add_kv_line_col(key, [len(places) - 2, 0, len(places) - 2, 0])
        return made
    if isinstance(value, list):
        listed = CommentedSeq()
        for at, item in enumerate(value):
            listed.append(_numbered(item, (*path, str(at)), places))
            places.append((*path, str(at)))
            listed.lc.add_idx_line_col(at, [len(places) - 2, 0])
        return listed
    return value


def _trouble(error: ContentError, places: list[Path_], body: Body) -> Trouble:
    line = error.line or 0
    path = places[line] if 0 <= line < len(places) else ()
    kind, name, step, field = _where(path, body)
    problem_ja, mend_ja = in_japanese(error.problem, error.mend)
    return Trouble(
        kind, name, step, field,
        _Words(en=error.problem, ja=problem_ja), _Words(en=error.mend, ja=mend_ja),
    )  # fmt: skip


class _Words(dict[str, str]):
    """A sentence by language; troubles that say the same are one."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


def _where(path: Path_, body: Body) -> tuple[str, str, str, str]:
    held: Any = body
    match path:
        case ("cards", "cards", at, *rest):
            return "card", str(_at(held, "cards", "cards", at, "id") or ""), "", ".".join(rest)
        case ("scripts", "flows", name, "steps", at, *rest):
            step = _at(held, "scripts", "flows", name, "steps", at, "id")
            return "script", name, str(step or at), ".".join(rest)
        case ("scripts", "flows", name, *rest):
            return "script", name, "", ".".join(rest)
        case _:
            return "other", "", "", ".".join(path)


def _at(value: Any, *path: str) -> Any:
    for key in path:
        if isinstance(value, list):
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value.get(key)
    return value


__all__ = ["Company", "Trouble", "checked", "company_of", "troubles"]
