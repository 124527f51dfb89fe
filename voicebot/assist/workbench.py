"""Checking and previewing in a process of its own, at low priority: calls on this server never wait for it."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

from ruamel.yaml import YAML

from voicebot.assist.authoring import Body, files_body, from_yaml, to_yaml
from voicebot.assist.authoring_check import Trouble, checked, company_of
from voicebot.assist.content import load_assist
from voicebot.assist.live_session import Edition
from voicebot.assist.matching import matcher
from voicebot.assist.model import Speaker
from voicebot.assist.preview import Passage, Place, Score, Talk, places, score
from voicebot.assist.scripts.files import load_scripts
from voicebot.beside import end_with_the_server
from voicebot.domain import Json, Language, TenantId
from voicebot.errors import ContentError, UnderstandingError

T = TypeVar("T")
_NICE = 10


class Workbench:
    """``content``: the folder with ``flows`` and ``nlu_data``. The process starts with the first use."""

    def __init__(self, content: Path) -> None:
        self._content = content
        self._pool: ProcessPoolExecutor | None = None

    async def files(self, tenant: TenantId) -> dict[str, Json]:
        """The body of a company's files. Raises ContentErrors: the files are wrong."""
        return await self._run(partial(_files, self._content / "flows", tenant))

    async def troubles(self, tenant: TenantId, body: Body) -> tuple[Trouble, ...]:
        """Everything wrong with a body."""
        return await self._run(partial(_troubles, self._content / "flows", tenant, dict(body)))

    async def names(self, tenant: TenantId) -> dict[str, list[str]]:
        """What cards and scripts may refer to: languages, intents, slots, flows, steps."""
        return await self._run(partial(_names, self._content / "flows", tenant))

    async def places(self, tenant: TenantId, body: Body, cards: frozenset[str], talk: Talk) -> tuple[Place, ...]:
        """Where these cards come up in a conversation."""
        return await self._run(partial(_places, self._content / "flows", tenant, _text(body), cards, talk))

    async def score(self, tenant: TenantId, body: Body) -> dict[str, Score]:
        """How a body does on the labelled passages for tuning; empty when the company has none."""
        return await self._run(partial(_score, self._content, tenant, _text(body)))

    async def yaml(self, body: Body, what: str) -> str:
        """``cards`` or ``scripts`` of a body as a file."""
        return await self._run(partial(to_yaml, dict(body), what))

    async def parsed(self, text: str, what: str) -> Json:
        """A file's text. Raises ContentError: it is not YAML."""
        return await self._run(partial(from_yaml, text, what))

    def close(self) -> None:
        """End the process; what runs in it is given up."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def _run(self, work: partial[T]) -> T:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=end_with_the_server, initargs=(_NICE,))
        try:
            found, told = await asyncio.get_running_loop().run_in_executor(self._pool, _telling, work)
        except BrokenProcessPool as error:
            self._pool = None
            raise UnderstandingError("Checking stopped half way. Try again.") from error
        if told is not None:
            raise ContentError(*told)
        assert found is not None
        return found


def _telling(work: partial[T]) -> tuple[T | None, tuple[str, int | None, str, str] | None]:
    """Content errors as values: they do not survive the way between processes."""
    try:
        return work(), None
    except ContentError as error:
        return None, (error.file, error.line, error.problem, error.mend)


def _text(body: Body) -> str:
    return json.dumps(dict(body), ensure_ascii=False, sort_keys=True)


def _files(flows: Path, tenant: TenantId) -> dict[str, Json]:
    stamps = tuple(
        (str(file), file.stat().st_mtime_ns)
        for folder in ("core", tenant)
        for file in sorted((flows / folder).rglob("*.yml"))
    )
    return _files_kept(flows, tenant, stamps)


@lru_cache(maxsize=8)
def _files_kept(flows: Path, tenant: TenantId, _stamps: tuple[tuple[str, int], ...]) -> dict[str, Json]:
    return files_body(load_assist(flows, tenant), load_scripts(flows, tenant))


def _troubles(flows: Path, tenant: TenantId, body: dict[str, Json]) -> tuple[Trouble, ...]:
    return checked(flows, tenant, body)[1]


def _names(flows: Path, tenant: TenantId) -> dict[str, list[str]]:
    company = company_of(flows, tenant)
    return {
        "languages": [str(language) for language in company.known.languages],
        "intents": sorted(company.known.intents),
        "slots": sorted(company.known.slots),
        "flows": sorted(company.known.steps),
        "flow_steps": sorted(f"{flow}.{step}" for flow, steps in company.known.steps.items() for step in steps),
        "queues": sorted({queue for queue in _queues(flows, tenant)}),
    }


def _queues(flows: Path, tenant: TenantId) -> Sequence[str]:
    file = flows / tenant / "desk.yml"
    held = YAML(typ="safe").load(file) if file.is_file() else {}
    listed = held.get("queues", []) if isinstance(held, dict) else []
    return [str(one["id"]) for one in listed if isinstance(one, dict) and "id" in one]


@lru_cache(maxsize=4)
def _edition(flows: Path, tenant: TenantId, text: str) -> Edition:
    body = json.loads(text)
    cards, wrong = checked(flows, tenant, body)
    if any(one.kind != "script" for one in wrong):
        raise ContentError("cards", None, "These cards have mistakes.", "Mend what the check names, then preview.")
    return Edition(cards, matcher(cards))


def _places(flows: Path, tenant: TenantId, text: str, cards: frozenset[str], talk: Talk) -> tuple[Place, ...]:
    return places(talk, tenant, _edition(flows, tenant, text), cards)


def _score(content: Path, tenant: TenantId, text: str) -> dict[str, Score]:
    files = sorted((content / "nlu_data" / "assist" / tenant).glob("*.yml"))
    passages = [one for file in files if "." not in file.stem for one in _read(file)]
    return score(passages, tenant, _edition(content / "flows", tenant, text)) if passages else {}


@lru_cache(maxsize=8)
def _read(file: Path) -> tuple[Passage, ...]:
    """Passages for tuning; those that judge are in files of their own and never looked at while editing."""
    held: Mapping[str, list[dict[str, Json]]] = YAML(typ="safe", pure=False).load(file)
    return tuple(_passage(one, Language(file.stem)) for one in held["passages"] if one["split"] == "dev")


def _passage(one: Mapping[str, Json], language: Language) -> Passage:
    turns, due = one["turns"], one["due"]
    assert isinstance(turns, list) and isinstance(due, list)
    said = [turn for turn in turns if isinstance(turn, dict)]
    return Passage(
        str(one["id"]),
        language,
        tuple((Speaker(str(turn["who"])), str(turn["text"])) for turn in said),
        frozenset(str(card) for card in due),
    )


__all__ = ["Workbench"]
