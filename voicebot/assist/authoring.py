"""What authors change in the browser: a version's body, a draft as changes over it, and what differs between two.

A version's body is ``{"cards": <cards.yml>, "scripts": <scripts.yml>}`` as JSON, complete: the core's cards included. A
draft names the version it starts from and holds only the items that differ, so that it can be put upon a later one.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from voicebot.assist.content import from_json, to_json
from voicebot.assist.model import CardSet
from voicebot.assist.scripts.files import scripts_from_json, scripts_to_json
from voicebot.assist.scripts.model import ScriptSet
from voicebot.domain import Json, TenantId
from voicebot.errors import ContentError
from voicebot.flows.source import plain

Body = Mapping[str, Json]
CARDS, SCRIPTS, SLOTS, BRAND = "cards", "scripts", "slots", "brand"
LISTS = ("forbidden_words", "neutral")
_MOST_VALUES = 100_000
FILES = "files-"
"""Names of versions that are the files begin with this; what follows is the digest of what they hold."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs. ``kind``: card, script, slot or brand; ``field`` empty: the whole item came or went."""

    kind: str
    id: str
    field: str
    before: Json
    after: Json


def files_body(cards: CardSet, scripts: ScriptSet | None) -> dict[str, Json]:
    """The body of a company's files."""
    found = {} if scripts is None else scripts_to_json(scripts)
    whole: Json = {CARDS: to_json(cards), SCRIPTS: {"version": "3.1", "slots": {}, "flows": {}, **found}}
    return applied(_dict(tidied(whole)), {})


def tidied(value: Json) -> Json:
    """The same without what says nothing: empty texts, lists and mappings; whole numbers without a fraction."""
    match value:
        case dict():
            kept = {key: tidied(item) for key, item in value.items()}
            return {key: item for key, item in kept.items() if item is not None and item not in ("", [], {})}
        case list():
            return [tidied(item) for item in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def name_of(body: Body) -> str:
    """A version's name by what it holds: the same content has the same name everywhere."""
    text = json.dumps(dict(body), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def card_sets(root: Path) -> Callable[[TenantId, Json], CardSet]:
    """Makes the cards of a version's body, named as the version; a body of cards alone is taken as well.

    Raises:
        ContentErrors: the body does not fit the company's flows.
    """

    def read(tenant: TenantId, body: Json) -> CardSet:
        held = _dict(body)
        if SCRIPTS not in held:
            return from_json(root, tenant, body)
        return replace(from_json(root, tenant, held.get(CARDS)), version=name_of(held))

    return read


def script_sets(root: Path) -> Callable[[TenantId, Json], ScriptSet]:
    """Makes the scripts of a version's body, named as the version. Raises ContentErrors."""

    def read(tenant: TenantId, body: Json) -> ScriptSet:
        held = _dict(body)
        return replace(scripts_from_json(root, tenant, held.get(SCRIPTS)), version=name_of(held))

    return read


def items(body: Body) -> dict[str, dict[str, Json]]:
    """Everything of a body by kind and id."""
    cards, scripts = _dict(body.get(CARDS)), _dict(body.get(SCRIPTS))
    listed = cards.get("cards")
    found = [_dict(card) for card in listed] if isinstance(listed, list) else []
    return {
        CARDS: {str(card.get("id", "")): cast(Json, card) for card in found},
        SCRIPTS: dict(_dict(scripts.get("flows"))),
        SLOTS: dict(_dict(scripts.get("slots"))),
        BRAND: {name: cards.get(name, {}) for name in LISTS},
    }


def applied(base: Body, changes: Mapping[str, Json]) -> dict[str, Json]:
    """A body with a draft's changes upon it; null takes an item away, new items come last."""
    found = items(base)
    for kind, held in found.items():
        for name, item in _dict(changes.get(kind)).items():
            if item is None:
                held.pop(name, None)
            else:
                held[name] = item
    cards: dict[str, Json] = {"version": "1", **found[BRAND], "cards": list(found[CARDS].values())}
    return {CARDS: cards, SCRIPTS: {"version": "3.1", "slots": found[SLOTS], "flows": found[SCRIPTS]}}


def changes_between(base: Body, body: Body) -> dict[str, Json]:
    """What has to be changed in ``base`` to have ``body``; empty kinds are left out."""
    before, after = items(base), items(body)
    found: dict[str, Json] = {}
    for kind in before:
        names = [*after[kind], *(name for name in before[kind] if name not in after[kind])]
        differ = {name: after[kind].get(name) for name in names if before[kind].get(name) != after[kind].get(name)}
        if differ:
            found[kind] = cast(Json, differ)
    return found


def differences(before: Body, after: Body) -> tuple[Difference, ...]:
    """Every field that differs between two bodies, item by item."""
    old, new = items(before), items(after)
    found: list[Difference] = []
    for kind in old:
        for name in [*old[kind], *(name for name in new[kind] if name not in old[kind])]:
            one, other = old[kind].get(name), new[kind].get(name)
            if one is None or other is None:
                if one != other:
                    found.append(Difference(kind.rstrip("s"), name, "", one, other))
            else:
                fields = _fields(_by_step(one), _by_step(other))
                found += [Difference(kind.rstrip("s"), name, *field) for field in fields]
    return tuple(found)


def to_yaml(body: Body, what: str) -> str:
    """``cards`` or ``scripts`` of a body as the file has them."""
    held = dict(_dict(body.get(what)))
    yaml = YAML(typ="rt")
    yaml.width, yaml.allow_unicode = 140, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(held, text)
    return text.getvalue()


def from_yaml(text: str, what: str) -> Json:
    """``cards`` or ``scripts`` from a file's text, still to be checked. Raises ContentError: it is not YAML."""
    file = f"{what}.yml"
    try:
        held = _spelled_out(YAML(typ="rt").load(text), [_MOST_VALUES], file)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise ContentError(file, line, "This is not YAML.", "Check indentation, quotes and brackets.") from None
    except RecursionError:
        raise ContentError(file, None, "The file is nested too deeply.", f"Send a {file} as it was exported.") from None
    if not isinstance(held, dict):
        raise ContentError(file, 1, "The file must hold a mapping.", f"Send a {file} as it was exported.")
    return tidied(held)


def _spelled_out(value: Any, left: list[int], file: str) -> Json:
    """Plain JSON with aliases written out; few lines of YAML can name values without end, so these are counted."""
    left[0] -= 1
    if left[0] < 0:
        raise ContentError(file, None, "The file holds too many values.", "Write fewer aliases, or import in parts.")
    if isinstance(value, dict):
        return {str(key): _spelled_out(item, left, file) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelled_out(item, left, file) for item in value]
    return plain(value)


def _by_step(item: Json) -> Json:
    """A script's steps by their ids, so that a step that moved is no change of every step after it."""
    held = _dict(item)
    steps = held.get("steps")
    if not isinstance(steps, list):
        return item
    named = {str(_dict(step).get("id", at)): step for at, step in enumerate(steps)}
    return {**held, "steps": {**named, "order": list(named)}}


def _fields(before: Json, after: Json, path: str = "") -> Iterator[tuple[str, Json, Json]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _fields(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif before != after:
        yield path, before, after


def _dict(value: Any) -> dict[str, Json]:
    return cast(dict[str, Json], value) if isinstance(value, dict) else {}


__all__ = [
    "FILES", "Body", "Difference", "applied", "card_sets", "changes_between", "differences", "files_body", "from_yaml",
    "items", "name_of", "script_sets", "tidied", "to_yaml",
]  # fmt: skip
