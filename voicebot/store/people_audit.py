"""The audit log: appended to, never changed, every line holding the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.domain import Json, TenantId
from voicebot.store.people_tables import audit, audit_head

BEGINNING = "0" * 64
"""What the first line names as the hash before it."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what to what. ``detail`` never holds words, numbers or names of customers."""

    at: datetime
    who: str
    what: str
    on: str = ""
    tenant: TenantId | None = None
    address: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A line as it was written. ``hash`` is sha256 over everything else in it, ``previous`` included."""

    seq: int
    line: AuditLine
    previous: str
    hash: str


def hash_of(seq: int, line: AuditLine, previous: str) -> str:
    """sha256 over the line in a form that is the same on every machine."""
    at = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [seq, at, line.who, line.what, line.on, line.tenant, line.address, dict(line.detail), previous]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


async def append_audit(connection: AsyncConnection, line: AuditLine) -> AuditRow:
    """Write one line; writers take turns from here to the end of their transactions."""
    turn = update(audit_head).where(audit_head.c.id == 1).values(seq=audit_head.c.seq + 1)
    head = (await connection.execute(turn.returning(audit_head.c.seq, audit_head.c.hash))).one()
    line = AuditLine(
        line.at, line.who[:80], line.what[:48], line.on[:128], line.tenant, line.address[:64], dict(line.detail)
    )
    row = AuditRow(head.seq, line, head.hash, hash_of(head.seq, line, head.hash))
    await connection.execute(
        insert(audit).values(
            seq=row.seq,
            at=line.at,
            who=line.who,
            what=line.what,
            subject=line.on,
            tenant=line.tenant,
            address=line.address,
            detail=dict(line.detail),
            previous=row.previous,
            hash=row.hash,
        )
    )
    await connection.execute(update(audit_head).where(audit_head.c.id == 1).values(hash=row.hash))
    return row


async def read_audit(
    connection: AsyncConnection,
    *,
    tenant: TenantId | None = None,
    every: bool = False,
    before_seq: int | None = None,
    after_seq: int | None = None,
    limit: int = 100,
) -> tuple[AuditRow, ...]:
    """Lines of a tenant or of ``every`` one: the latest first, or in order from ``after_seq`` on."""
    query = select(audit).limit(limit)
    query = query.order_by(audit.c.seq.desc() if after_seq is None else audit.c.seq)
    if not every:
        query = query.where(audit.c.tenant == tenant)
    if before_seq is not None:
        query = query.where(audit.c.seq < before_seq)
    if after_seq is not None:
        query = query.where(audit.c.seq > after_seq)
    return tuple(
        AuditRow(
            row.seq,
            AuditLine(row.at, row.who, row.what, row.subject, row.tenant, row.address, row.detail),
            row.previous,
            row.hash,
        )
        for row in (await connection.execute(query)).all()
    )


async def audit_end(connection: AsyncConnection) -> tuple[int, str]:
    """Number and hash of the last line."""
    row = (await connection.execute(select(audit_head.c.seq, audit_head.c.hash))).one()
    return row.seq, row.hash
