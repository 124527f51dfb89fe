"""Where a draft's cards would have come up in past conversations, told line by line as it is found.

The answer is one JSON object a line. Whoever has seen enough ends the request; nothing goes on after that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from starlette.responses import StreamingResponse

from voicebot.assist.authoring import applied
from voicebot.assist.preview import Score, Talk
from voicebot.clock import Clock
from voicebot.domain import Json, TenantId
from voicebot.errors import ContentError, VoicebotError
from voicebot.people import AuditLog, Capability, SignedIn
from voicebot.store import SqlStore, whole_log
from voicebot.web.assist import authoring_bodies as bodies
from voicebot.web.assist.authoring import checked_item
from voicebot.web.assist.authors import Authors
from voicebot.web.problems import Problem, unknown_company
from voicebot.web.signed_in import able, must_be_able

T = TypeVar("T")
Editing = Annotated[SignedIn, Depends(able(Capability.EDIT_CONTENT))]
AT_ONCE = 2
"""So many previews run in one process; a third is asked to wait."""
MOST_PLACES = 500
_LOOK_S = 0.3
_MOST_EVENTS = 20_000


def router(authors: Authors, store: SqlStore, audit: AuditLog, clock: Clock) -> APIRouter:
    """``/api/assist/{tenant}/preview``."""
    routes = APIRouter(prefix="/api/assist/{tenant}", tags=["assist"])
    running: set[object] = set()

    @routes.post("/preview", operation_id="preview_draft")
    async def preview(request: Request, tenant: str, wanted: bodies.Preview, who: Editing) -> StreamingResponse:
        """Lines of type begin, talk (progress, with the places found), score, and end or problem."""
        company = TenantId(tenant)
        must_be_able(who, Capability.EDIT_CONTENT, company)
        must_be_able(who, Capability.READ_CONVERSATIONS, company)
        if not authors.known(company):
            raise unknown_company()
        working = await authors.working(company, who.person.id)
        changes = working.changes
        if wanted.item is not None:
            changes = working.with_item("cards", wanted.cards[0], checked_item("cards", wanted.cards[0], wanted.item))
        body = applied(working.base.body, changes)
        if len(running) >= AT_ONCE:
            raise Problem(429, "busy", "Other previews are running. Try again in a minute.", {"Retry-After": "30"})
        mine = object()
        running.add(mine)
        await audit(who, "assist_previewed", ",".join(wanted.cards), company)

        async def lines() -> AsyncIterator[str]:
            try:
                async for line in _found(request, company, wanted, body, working.live.body):
                    yield json.dumps(line, ensure_ascii=False) + "\n"
            except ContentError as error:
                yield json.dumps({"type": "problem", "detail": f"{error.problem} {error.mend}"}) + "\n"
            except VoicebotError as error:
                yield json.dumps({"type": "problem", "detail": str(error)}) + "\n"
            finally:
                running.discard(mine)

        return StreamingResponse(lines(), media_type="application/x-ndjson", headers={"Cache-Control": "no-store"})

    async def _found(
        request: Request, tenant: TenantId, wanted: bodies.Preview, body: dict[str, Json], live: dict[str, Json]
    ) -> AsyncIterator[dict[str, Any]]:
        until = clock.now() + timedelta(seconds=wanted.most_s)
        cards = frozenset(wanted.cards)
        talks = await authors.drafts.talks(tenant, wanted.talks, wanted.since, wanted.until)
        yield {"type": "begin", "talks": len(talks), "meaning": False}
        before = await authors.bench.score(tenant, live)
        after = await authors.bench.score(tenant, body)
        yield (
            {"type": "score", "cards": {name: _scores(before.get(name), after.get(name)) for name in ("", *cards)}}
            if after
            else {"type": "score", "cards": {}}
        )
        places = 0
        for done, (name, language) in enumerate(talks, 1):
            if clock.now() >= until:
                yield {"type": "end", "why": "time", "done": done - 1}
                return
            talk = Talk(name, language, await whole_log(store, name, most=_MOST_EVENTS))
            found = await _unless_left(request, authors.bench.places(tenant, body, cards, talk))
            if found is None:
                return
            yield {"type": "talk", "done": done, "places": [asdict(one) for one in found[: MOST_PLACES - places]]}
            places += len(found)
            if places >= MOST_PLACES:
                yield {"type": "end", "why": "many", "done": done}
                return
        yield {"type": "end", "why": "done", "done": len(talks)}

    return routes


async def _unless_left(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """What the work gives; None, and the work given up, once nobody listens any more."""
    task = asyncio.create_task(work)
    try:
        while not await request.is_disconnected():
            done, _ = await asyncio.wait((task,), timeout=_LOOK_S)
            if done:
                return task.result()
        return None
    finally:
        task.cancel()


def _scores(before: Score | None, after: Score | None) -> Mapping[str, Any]:
    return {"before": _score(before), "after": _score(after)}


def _score(one: Score | None) -> Mapping[str, Any] | None:
    return None if one is None else {**asdict(one), "precision": one.precision, "recall": one.recall}
