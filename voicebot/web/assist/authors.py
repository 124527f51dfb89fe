"""What authors work on, brought together: the files, published versions, their own draft, and the workbench."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from voicebot.assist.authoring import FILES, applied, changes_between, name_of
from voicebot.assist.workbench import Workbench
from voicebot.domain import Json, TenantId
from voicebot.errors import NotFound
from voicebot.people import Accounts
from voicebot.store.assist import AssistVersions
from voicebot.store.assist_drafts import PUBLISHED, ROLLED_BACK, AssistDrafts, DraftRow, Move, Overtaken


@dataclass(frozen=True, slots=True)
class Held:
    """A version with its body."""

    name: str
    body: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Working:
    """What an author sees: what is live, and their draft over the version it starts from."""

    live: Held
    base: Held
    changes: dict[str, Json]
    revision: int = 0
    updated_at: datetime | None = None

    @property
    def body(self) -> dict[str, Json]:
        """The draft, complete."""
        return applied(self.base.body, self.changes)

    def with_item(self, kind: str, id: str, item: Json) -> dict[str, Json]:
        """The changes with one item more; an item that is as it was is no change."""
        changes = {name: dict(cast(Mapping[str, Json], held)) for name, held in self.changes.items()}
        changes.setdefault(kind, {})[id] = item
        body = applied(self.base.body, cast(Mapping[str, Json], changes))
        return changes_between(self.base.body, body)

    def without(self, kind: str, id: str) -> dict[str, Json]:
        """The changes with one taken back."""
        changes = {name: dict(cast(Mapping[str, Json], held)) for name, held in self.changes.items()}
        changes.get(kind, {}).pop(id, None)
        return {name: cast(Json, held) for name, held in changes.items() if held}


class Authors:
    """One per process. ``companies``: those that have content here."""

    def __init__(
        self,
        versions: AssistVersions,
        drafts: AssistDrafts,
        bench: Workbench,
        companies: Collection[TenantId],
        accounts: Accounts,
    ) -> None:
        self.versions, self.drafts, self.bench, self._companies = versions, drafts, bench, frozenset(companies)
        self._accounts = accounts

    def known(self, tenant: TenantId) -> bool:
        """Whether this server has the company."""
        return tenant in self._companies

    async def live(self, tenant: TenantId) -> Held:
        """What counts now."""
        pointer = await self.versions.live(tenant)
        return await self._files(tenant) if pointer is None else await self.version(tenant, pointer)

    async def version(self, tenant: TenantId, name: str) -> Held:
        """A version by its name. Raises NotFound."""
        if name.startswith(FILES):
            files = await self._files(tenant)
            if name in (files.name, f"{FILES}now"):
                return files
        body = await self.versions.body(tenant, name)
        if not isinstance(body, dict):
            raise NotFound(f"There is no version {name} of the assist content.")
        return Held(name, body)

    async def working(self, tenant: TenantId, author: str) -> Working:
        """What an author sees; a draft whose base is gone starts from what is live."""
        live = await self.live(tenant)
        row = await self.drafts.draft(tenant, author)
        if row is None:
            return Working(live, live, {})
        try:
            base = live if row.base == live.name else await self.version(tenant, row.base)
        except NotFound:
            base = live
        return Working(live, base, row.changes, row.revision, row.updated_at)

    async def save(self, tenant: TenantId, author: str, seen: Working, changes: dict[str, Json]) -> DraftRow:
        """Keep changes upon the base. Raises Conflict: saved in another window."""
        await self._kept(tenant, seen.base)
        return await self.drafts.save(tenant, author, seen.base.name, changes, seen.revision)

    async def rebase(self, tenant: TenantId, author: str, seen: Working) -> DraftRow:
        """Put the draft's changes upon what is live now."""
        await self._kept(tenant, seen.live)
        changes = changes_between(seen.live.body, applied(seen.live.body, seen.changes))
        return await self.drafts.save(tenant, author, seen.live.name, changes, seen.revision)

    async def publish(self, tenant: TenantId, author: str, seen: Working, note: str, address: str) -> str:
        """Make the draft the live version; its name. Raises Overtaken: another is live than the draft starts from."""
        if seen.base.name != seen.live.name:
            files = seen.base.name.startswith(FILES) and seen.live.name.startswith(FILES)
            raise Overtaken("" if files else await self.drafts.mover(tenant))
        name = name_of(seen.body)
        await self.drafts.move(
            tenant,
            Move(self._pointer(seen.base.name, await self._files(tenant)), name, author, PUBLISHED, note,
                 address, seen.body, author),
        )  # fmt: skip
        return name

    async def roll_back(self, tenant: TenantId, author: str, seen: str, name: str, note: str, address: str) -> str:
        """Make an earlier version live again. ``seen``: what was live when the person looked. Raises Overtaken."""
        wanted, files = await self.version(tenant, name), await self._files(tenant)
        expected, version = self._pointer(seen, files), self._pointer(wanted.name, files)
        move = Move(expected, version, author, ROLLED_BACK, note, address, wanted.body)
        await self.drafts.move(tenant, move)
        return wanted.name

    async def called(self, account: str) -> str:
        """What somebody is called; who is no longer there keeps their id."""
        try:
            return (await self._accounts.get(account)).name
        except NotFound:
            return account

    def _pointer(self, name: str, files: Held) -> str | None:
        """The files as they are now are no row: the pointer is empty."""
        return None if name == files.name else name

    async def _files(self, tenant: TenantId) -> Held:
        body = await self.bench.files(tenant)
        return Held(FILES + name_of(body), body)

    async def _kept(self, tenant: TenantId, held: Held) -> None:
        """What a draft starts from must outlive the files' next change."""
        if held.name.startswith(FILES):
            await self.versions.save(tenant, held.name, cast(Json, held.body), "files")


__all__ = ["Authors", "Held", "Working"]
