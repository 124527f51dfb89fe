"""Cards and scripts in the browser: drafts, versions and what differs. For those who may edit content."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from voicebot.assist.authoring import BRAND, CARDS, LISTS, SCRIPTS, SLOTS, applied, changes_between, differences, tidied
from voicebot.assist.authoring import items as items_of
from voicebot.assist.authoring_check import Trouble
from voicebot.domain import Json, TenantId
from voicebot.people import Capability, SignedIn
from voicebot.store.assist_drafts import Overtaken
from voicebot.web.assist import authoring_bodies as bodies
from voicebot.web.assist.authors import Authors, Working
from voicebot.web.problems import Problem, problem_response, unknown_company
from voicebot.web.signed_in import able, must_be_able, where_of

Editing = Annotated[SignedIn, Depends(able(Capability.EDIT_CONTENT))]
Kind = Annotated[bodies.Kind, Path()]
Id = Annotated[str, Path(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,63}$")]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_DEEPEST = 14
_LARGEST_ITEM = 64_000


def router(authors: Authors) -> APIRouter:
    """``/api/assist/{tenant}/drafts`` and ``/versions``."""
    routes = APIRouter(prefix="/api/assist/{tenant}", tags=["assist"])

    def allowed(who: SignedIn, tenant: str) -> TenantId:
        company = TenantId(tenant)
        must_be_able(who, Capability.EDIT_CONTENT, company)
        if not authors.known(company):
            raise unknown_company()
        return company

    async def seen(who: SignedIn, tenant: str, revision: int | None = None) -> tuple[TenantId, Working]:
        company = allowed(who, tenant)
        working = await authors.working(company, who.person.id)
        if revision is not None and revision != working.revision:
            raise Problem(409, "draft_moved", "This draft was saved in another window meanwhile. Load it again.")
        return company, working

    async def overtaken(error: Overtaken, **more: Any) -> Response:
        """Who was first, by id and name; null when no person was: the files themselves have changed."""
        by = {"id": error.by, "name": await authors.called(error.by)} if error.by else None
        what = f"{by['name']} changed what is live meanwhile." if by else "What is live has changed meanwhile."
        return _refused(409, "overtaken", f"{what} Look at what changed, then try again.", by=by, **more)

    async def saved(
        who: SignedIn, tenant: TenantId, working: Working, changes: dict[str, Json], at: tuple[str, str]
    ) -> bodies.Saved:
        row = await authors.save(tenant, who.person.id, working, changes)
        body = applied(working.base.body, changes)
        wrong = await authors.bench.troubles(tenant, body)
        state: bodies.State = next(
            (one.state for one in _items(working, body)[cast(bodies.Kind, at[0])] if one.id == at[1]), "live"
        )
        return bodies.Saved(revision=row.revision, state=state, troubles=_views(wrong))

    @routes.get("/drafts", operation_id="read_draft")
    async def draft(tenant: str, who: Editing) -> bodies.DraftView:
        """One's own draft, complete, and what it may refer to."""
        company, working = await seen(who, tenant)
        body = working.body
        return bodies.DraftView(
            live=working.live.name,
            base=working.base.name,
            revision=working.revision,
            updated_at=working.updated_at,
            outdated=working.base.name != working.live.name,
            items=_items(working, body),
            names=await authors.bench.names(company),
            troubles=_views(await authors.bench.troubles(company, body)),
        )

    @routes.put("/drafts/{kind}/{id}", operation_id="save_draft_item")
    async def save(tenant: str, kind: Kind, id: Id, wanted: bodies.ItemSave, who: Editing) -> bodies.Saved:
        """Keep one item, wrong or not: only what is right can be published."""
        company, working = await seen(who, tenant, wanted.revision)
        return await saved(
            who, company, working, working.with_item(kind, id, checked_item(kind, id, wanted.item)), (kind, id)
        )

    @routes.post("/drafts/{kind}/{id}/restore", operation_id="restore_draft_item")
    async def restore(tenant: str, kind: Kind, id: Id, wanted: bodies.Revision, who: Editing) -> bodies.Saved:
        """Take one change back."""
        company, working = await seen(who, tenant, wanted.revision)
        return await saved(who, company, working, working.without(kind, id), (kind, id))

    @routes.get("/drafts/{kind}/{id}/yaml", operation_id="read_draft_item_yaml", response_class=PlainTextResponse)
    async def item_yaml(tenant: str, kind: bodies.What, id: Id, who: Editing) -> Response:
        """One card or script as the file has it."""
        _, working = await seen(who, tenant)
        held = items_of(working.body)[kind].get(id)
        if held is None:
            raise Problem(404, "not_found", "There is no such item in this draft.")
        one: Json = {CARDS: [held]} if kind == CARDS else {"flows": {id: held}}
        return PlainTextResponse(await authors.bench.yaml({kind: one}, kind))

    @routes.post("/drafts/check", operation_id="check_draft_item")
    async def check(tenant: str, wanted: bodies.ItemCheck, who: Editing) -> bodies.Checked:
        """What the validator says with this item in the draft; nothing is kept."""
        company, working = await seen(who, tenant)
        changes = working.with_item(wanted.kind, wanted.id, checked_item(wanted.kind, wanted.id, wanted.item))
        return bodies.Checked(
            troubles=_views(await authors.bench.troubles(company, applied(working.base.body, changes)))
        )

    @routes.delete("/drafts", status_code=204, operation_id="discard_draft")
    async def discard(tenant: str, who: Editing) -> None:
        """Throw one's own draft away."""
        await authors.drafts.discard(allowed(who, tenant), who.person.id)

    @routes.post("/drafts/rebase", operation_id="rebase_draft")
    async def rebase(tenant: str, wanted: bodies.Revision, who: Editing) -> bodies.Checked:
        """Put one's changes upon what is live now; where both changed an item, one's own stays."""
        company, working = await seen(who, tenant, wanted.revision)
        await authors.rebase(company, who.person.id, working)
        body = applied(working.live.body, working.changes)
        return bodies.Checked(troubles=_views(await authors.bench.troubles(company, body)))

    @routes.get("/drafts/differences", operation_id="draft_differences")
    async def changed(tenant: str, who: Editing) -> bodies.Compared:
        """What publishing would change."""
        _, working = await seen(who, tenant)
        return _compared(working.live.name, "draft", working.live.body, working.body)

    @routes.post("/drafts/publish", operation_id="publish_draft")
    async def publish(request: Request, tenant: str, wanted: bodies.Publish, who: Editing) -> Response:
        """Make one's draft the live version. 422 with what is wrong; 409 with who was first and what changed."""
        company, working = await seen(who, tenant, wanted.revision)
        if not working.changes:
            raise Problem(422, "nothing_changed", "This draft changes nothing. Edit something first.")
        if wrong := await authors.bench.troubles(company, working.body):
            return _refused(
                422, "mistakes", "The draft has mistakes. Mend them, then publish.", troubles=_dumped(_views(wrong))
            )
        address = where_of(request).address
        try:
            name = await authors.publish(company, who.person.id, working, wanted.note, address)
        except Overtaken as error:
            now = await authors.live(company)
            found = _compared(working.base.name, now.name, working.base.body, now.body)
            return await overtaken(error, live=now.name, differences=_dumped(found.differences))
        return JSONResponse(bodies.Moved(live=name).model_dump())

    @routes.get("/drafts/export/{what}.yml", operation_id="export_draft", response_class=PlainTextResponse)
    async def export_draft(tenant: str, what: bodies.What, who: Editing) -> Response:
        """One's draft as a file."""
        _, working = await seen(who, tenant)
        return _file(await authors.bench.yaml(working.body, what), what)

    @routes.post("/drafts/import", operation_id="import_draft")
    async def take_in(tenant: str, wanted: bodies.Import, who: Editing) -> bodies.Checked:
        """Replace all cards or all scripts of one's draft by those of a file."""
        company, working = await seen(who, tenant, wanted.revision)
        body = {**working.body, wanted.what: await authors.bench.parsed(wanted.yaml, wanted.what)}
        changes = changes_between(working.base.body, body)
        await authors.save(company, who.person.id, working, changes)
        return bodies.Checked(troubles=_views(await authors.bench.troubles(company, body)))

    @routes.get("/versions", operation_id="read_assist_versions")
    async def versions(tenant: str, who: Editing) -> bodies.Versions:
        """The latest first; what the files hold now is the last, unless it is kept as a version as well."""
        company = allowed(who, tenant)
        live = (await authors.live(company)).name
        files = (await authors.version(company, "files-now")).name
        listed = [
            bodies.VersionView(
                version=one.version, author=one.author, note=one.note, created_at=one.created_at,
                published_at=one.published_at, live=one.version == live,
            )
            for one in await authors.versions.all(company)
        ]  # fmt: skip
        if all(one.version != files for one in listed):
            listed.append(
                bodies.VersionView(
                    version=files, author="files", note="", created_at=None, published_at=None, live=files == live
                )
            )
        return bodies.Versions(live=live, versions=listed)

    @routes.get("/versions/compare", operation_id="compare_assist_versions")
    async def compare(
        tenant: str,
        before: Annotated[str, Query(max_length=64)],
        after: Annotated[str, Query(max_length=64)],
        who: Editing,
    ) -> bodies.Compared:
        """What differs between two versions, by card and field."""
        company = allowed(who, tenant)
        one, other = await authors.version(company, before), await authors.version(company, after)
        return _compared(one.name, other.name, one.body, other.body)

    @routes.get(
        "/versions/{version}/export/{what}.yml", operation_id="export_assist_version", response_class=PlainTextResponse
    )
    async def export_version(tenant: str, version: Name, what: bodies.What, who: Editing) -> Response:
        """A version as a file."""
        held = await authors.version(allowed(who, tenant), version)
        return _file(await authors.bench.yaml(held.body, what), what)

    @routes.post("/versions/{version}/live", operation_id="roll_back_assist")
    async def roll_back(
        request: Request, tenant: str, version: Name, wanted: bodies.RollBack, who: Editing
    ) -> Response:
        """Make an earlier version live again. 409 with who moved it meanwhile; 422: it does not fit."""
        company = allowed(who, tenant)
        held = await authors.version(company, version)
        if wrong := await authors.bench.troubles(company, held.body):
            return _refused(
                422,
                "mistakes",
                "This version does not fit the company's flows any more.",
                troubles=_dumped(_views(wrong)),
            )
        try:
            name = await authors.roll_back(
                company, who.person.id, wanted.live, version, wanted.note, where_of(request).address
            )
        except Overtaken as error:
            return await overtaken(error, live=(await authors.live(company)).name)
        return JSONResponse(bodies.Moved(live=name).model_dump())

    return routes


def checked_item(kind: str, id: str, item: dict[str, Any] | None) -> Json:
    """An item as it is kept. Raises Problem: too large, too deep, or not what its address says."""
    if item is None:
        if kind == BRAND:
            raise Problem(422, "invalid_request", "The company's lists can be emptied, not taken away.")
        return None
    if kind == BRAND and id not in LISTS:
        raise Problem(422, "invalid_request", f"There is no list {id}. Use one of {', '.join(LISTS)}.")
    if kind == CARDS and item.get("id") != id:
        raise Problem(422, "invalid_request", "The card's id is not the one of its address.")
    if _depth(item) > _DEEPEST or len(str(item)) > _LARGEST_ITEM:
        raise Problem(413, "item_too_large", f"One item holds at most {_LARGEST_ITEM} characters in {_DEEPEST} levels.")
    return tidied(cast(Json, item))


def _depth(value: Any) -> int:
    level, found = [value], 0
    while level and found <= _DEEPEST + 1:
        found += 1
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return found


def _items(working: Working, body: dict[str, Json]) -> dict[bodies.Kind, list[bodies.Item]]:
    base, now = items_of(working.base.body), items_of(body)
    found: dict[bodies.Kind, list[bodies.Item]] = {}
    for kind in (CARDS, SCRIPTS, SLOTS, BRAND):
        listed: list[bodies.Item] = []
        for id in [*now[kind], *(id for id in base[kind] if id not in now[kind])]:
            before, after = base[kind].get(id), now[kind].get(id)
            state: bodies.State = (
                "gone" if after is None else "new" if before is None else "live" if before == after else "changed"
            )
            held = after if after is not None else before
            listed.append(bodies.Item(id=id, state=state, item=held if isinstance(held, dict) else {}))
        found[cast(bodies.Kind, kind)] = listed
    return found


def _compared(before: str, after: str, one: dict[str, Json], other: dict[str, Json]) -> bodies.Compared:
    found = [bodies.DifferenceView.of(each) for each in differences(one, other)]
    return bodies.Compared(before=before, after=after, differences=found)


def _views(wrong: Sequence[Trouble]) -> list[bodies.TroubleView]:
    return [bodies.TroubleView.of(one) for one in wrong]


def _dumped(views: Sequence[bodies.TroubleView] | Sequence[bodies.DifferenceView]) -> list[dict[str, Any]]:
    return [one.model_dump() for one in views]


def _refused(status: int, code: str, detail: str, **more: Any) -> Response:
    """A problem document that holds more than words."""
    plain = problem_response(status, code, detail)
    body = {**json.loads(bytes(plain.body)), **more}
    return JSONResponse(body, status_code=status, media_type=plain.media_type)


def _file(text: str, what: str) -> Response:
    return PlainTextResponse(
        text, media_type="application/yaml", headers={"Content-Disposition": f'attachment; filename="{what}.yml"'}
    )
