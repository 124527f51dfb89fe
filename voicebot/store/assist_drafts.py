"""Drafts of the assist content by author, and moving the live pointer without overwriting what nobody saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Column, ColumnElement, Integer, String, Table, and_, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.clock import Clock
from voicebot.domain import ConversationId, Json, Language, TenantId
from voicebot.errors import Conflict, NotFound
from voicebot.store.assist import assist_live, assist_versions, changed_topic
from voicebot.store.people_audit import AuditLine, append_audit
from voicebot.store.people_tables import audit
from voicebot.store.sql import SqlStore
from voicebot.store.tables import Instant, JsonColumn, conversations, events, metadata

assist_drafts = Table(
    "assist_drafts",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("author", String(64), primary_key=True),
    Column("base", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changes", JsonColumn, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

PUBLISHED, ROLLED_BACK = "assist_published", "assist_rolled_back"
"""Words of the audit log for what moves the live pointer."""
_FILES = "files"
_LED = ("AgentSaid", "PartyJoined")


class Overtaken(Conflict):
    """Something else is live than the person saw. ``by``: who let it count; empty when nobody is known to have."""

    def __init__(self, by: str = "") -> None:
        super().__init__("Somebody else changed what is live meanwhile. Look at what changed, then try again.")
        self.by = by


@dataclass(frozen=True, slots=True)
class DraftRow:
    """What one author changes. ``base``: the version it starts from; ``revision`` counts its saves from 1."""

    base: str
    revision: int
    changes: dict[str, Json]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """Another version goes live. ``expected``: what was live when the person looked; None stands for the files.

    ``what``: :data:`PUBLISHED` or :data:`ROLLED_BACK`. ``body``: what the version holds, for one that may not be kept
    yet. ``author_draft``: whose draft this publishes; it is gone afterwards.
    """

    expected: str | None
    version: str | None
    by: str
    what: str
    note: str = ""
    address: str = ""
    body: Json = None
    author_draft: str = ""


class AssistDrafts:
    """Every method may raise StoreError."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def draft(self, tenant: TenantId, author: str) -> DraftRow | None:
        """An author's draft."""
        query = select(assist_drafts).where(_mine(tenant, author))
        async with self._store.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return DraftRow(row.base, row.revision, cast(dict[str, Json], row.changes), row.updated_at)

    async def save(self, tenant: TenantId, author: str, base: str, changes: dict[str, Json], revision: int) -> DraftRow:
        """Keep a draft whose last ``revision`` the author saw; 0 for a new one. Raises Conflict: saved elsewhere."""
        now = self._clock.now()
        values = {"base": base, "revision": revision + 1, "changes": changes, "updated_at": now}
        refused = Conflict("This draft was saved in another window meanwhile. Load it again.")
        try:
            async with self._store.writing() as connection:
                if revision == 0:
                    await connection.execute(insert(assist_drafts).values(tenant=tenant, author=author, **values))
                else:
                    seen = update(assist_drafts).where(_mine(tenant, author), assist_drafts.c.revision == revision)
                    if (await connection.execute(seen.values(values))).rowcount != 1:
                        raise refused
        except IntegrityError:
            raise refused from None
        return DraftRow(base, revision + 1, changes, now)

    async def discard(self, tenant: TenantId, author: str) -> None:
        """Throw an author's draft away."""
        async with self._store.writing() as connection:
            await connection.execute(delete(assist_drafts).where(_mine(tenant, author)))

    async def move(self, tenant: TenantId, wanted: Move) -> None:
        """Let another version count, in one transaction with its line in the audit log and the notice to servers.

        Raises:
            Overtaken: something else than ``expected`` is live by now; nothing was changed.
            NotFound: there is no such version and no body to make it of.
        """
        now = self._clock.now()
        try:
            async with self._store.writing() as connection:
                await self._point(connection, tenant, wanted, now)
                if wanted.version is not None:
                    await self._kept(connection, tenant, wanted, now)
                if wanted.author_draft:
                    await connection.execute(delete(assist_drafts).where(_mine(tenant, wanted.author_draft)))
                detail: dict[str, Json] = {"before": wanted.expected or _FILES, "note": wanted.note[:200]}
                on = wanted.version or _FILES
                line = AuditLine(now, wanted.by, wanted.what, on, tenant, wanted.address, detail)
                await append_audit(connection, line)
                await self._store.announce_within(connection, changed_topic(tenant), on)
        except (IntegrityError, Overtaken):
            raise Overtaken(await self.mover(tenant)) from None

    async def mover(self, tenant: TenantId) -> str:
        """Who let count what is live now; empty when the files have always counted."""
        pointed = select(assist_live.c.by).where(assist_live.c.tenant == tenant)
        to_files = (
            select(audit.c.who)
            .where(audit.c.tenant == tenant, audit.c.subject == _FILES, audit.c.what.in_((PUBLISHED, ROLLED_BACK)))
            .order_by(audit.c.seq.desc())
            .limit(1)
        )
        async with self._store.reading() as connection:
            by: str | None = (await connection.execute(pointed)).scalar_one_or_none()
            if by is None:
                by = (await connection.execute(to_files)).scalar_one_or_none()
        return by or ""

    async def talks(
        self, tenant: TenantId, limit: int, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[tuple[ConversationId, Language], ...]:
        """Conversations in which a person spoke or led, the latest first."""
        spoken = exists().where(events.c.conversation == conversations.c.id, events.c.type.in_(_LED))
        query = select(conversations.c.id, conversations.c.language).where(conversations.c.tenant == tenant, spoken)
        if since is not None:
            query = query.where(conversations.c.started_at >= since)
        if until is not None:
            query = query.where(conversations.c.started_at < until)
        query = query.order_by(conversations.c.started_at.desc(), conversations.c.id).limit(limit)
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple((ConversationId(row.id), Language(row.language)) for row in rows)

    async def _point(self, connection: AsyncConnection, tenant: TenantId, wanted: Move, now: datetime) -> None:
        """Compare and set: the row itself decides who was first."""
        here = assist_live.c.tenant == tenant
        fresh = {"version": wanted.version, "since": now, "by": wanted.by}
        if wanted.expected is None:
            if wanted.version is None:
                taken = (await connection.execute(select(assist_live.c.version).where(here))).first()
                if taken is not None:
                    raise Overtaken
            else:
                await connection.execute(insert(assist_live).values(tenant=tenant, **fresh))
            return
        seen = and_(here, assist_live.c.version == wanted.expected)
        change = delete(assist_live).where(seen)
        if wanted.version is None:
            moved = (await connection.execute(change)).rowcount
        else:
            moved = (await connection.execute(update(assist_live).where(seen).values(fresh))).rowcount
        if moved != 1:
            raise Overtaken

    async def _kept(self, connection: AsyncConnection, tenant: TenantId, wanted: Move, now: datetime) -> None:
        same = and_(assist_versions.c.tenant == tenant, assist_versions.c.version == wanted.version)
        again = await connection.execute(update(assist_versions).where(same).values(published_at=now))
        if again.rowcount == 1:
            return
        if wanted.body is None:
            raise NotFound(f"There is no version {wanted.version} of the assist content.")
        row = {
            "tenant": tenant,
            "version": wanted.version,
            "body": wanted.body,
            "author": wanted.by,
            "note": wanted.note,
            "created_at": now,
            "published_at": now,
        }
        await connection.execute(insert(assist_versions).values(row))


def _mine(tenant: TenantId, author: str) -> ColumnElement[bool]:
    return and_(assist_drafts.c.tenant == tenant, assist_drafts.c.author == author)
