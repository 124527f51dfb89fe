"""Who did what, read back and proved whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voicebot.clock import Clock
from voicebot.domain import Json, TenantId
from voicebot.people.model import SignedIn
from voicebot.store import SqlStore
from voicebot.store.people_audit import (
    BEGINNING,
    AuditLine,
    AuditRow,
    append_audit,
    audit_end,
    hash_of,
    read_audit,
)

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look through the whole log found. ``broken_at``: the first line that is not what was written.

    ``lines`` and ``hash`` name the end of the log; kept somewhere else, they show later whether its tail was cut off.
    """

    lines: int
    hash: str
    broken_at: int | None = None
    problem: str = ""


class AuditLog:
    """Appends and reads."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def __call__(
        self,
        who: SignedIn | str,
        what: str,
        on: str = "",
        tenant: TenantId | None = None,
        detail: Mapping[str, Json] | None = None,
        *,
        address: str = "",
    ) -> None:
        """Write one line in a transaction of its own.

        Args:
            who: who is signed in, or the name of what acted.
            what: a word such as ``took_over``, ``listened_in``, ``exported``.
            on: id of what it was done to.
            tenant: whose data it was; None: of the installation.
            detail: facts, never words, numbers or names of customers.
            address: where it came from, when ``who`` does not say.
        """
        if isinstance(who, SignedIn):
            address = address or who.address
            who = who.person.id
        async with self._store.writing() as connection:
            line = AuditLine(self._clock.now(), who, what, on, tenant, address, detail or {})
            await append_audit(connection, line)

    async def read(
        self, tenant: TenantId | None, *, every: bool = False, before_seq: int | None = None, limit: int = 100
    ) -> tuple[AuditRow, ...]:
        """Lines of one tenant (None: of the installation), or of ``every`` one; latest first."""
        async with self._store.reading() as connection:
            return await read_audit(connection, tenant=tenant, every=every, before_seq=before_seq, limit=limit)

    async def verify(self, noted: tuple[int, str] | None = None) -> Proof:
        """Go through the log from its first line and compute every hash again.

        Args:
            noted: number and hash of a line, noted earlier; a log that was written anew does not hold it.
        """
        last, previous = 0, BEGINNING
        async with self._store.reading() as connection:
            end, end_hash = await audit_end(connection)
        while True:
            async with self._store.reading() as connection:
                batch = await read_audit(connection, every=True, after_seq=last, limit=_BATCH)
            if not batch and last < end:
                return Proof(last, previous, last + 1, "the last lines are missing")
            if not batch and noted is not None and last < noted[0]:
                return Proof(last, previous, last + 1, "lines that were noted are missing")
            if not batch:
                return Proof(last, previous)
            for row in batch:
                if row.seq != last + 1:
                    return Proof(last, previous, last + 1, "a line is missing")
                if row.previous != previous:
                    return Proof(last, previous, row.seq, "it does not follow the line before")
                if row.hash != hash_of(row.seq, row.line, row.previous):
                    return Proof(last, previous, row.seq, "it was changed after it was written")
                if noted is not None and row.seq == noted[0] and row.hash != noted[1]:
                    return Proof(last, previous, row.seq, "it is not the line that was noted")
                if row.seq == end and row.hash != end_hash:
                    return Proof(last, previous, row.seq, "it is not the line that was written last")
                last, previous = row.seq, row.hash
