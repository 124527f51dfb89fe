"""Problems and cures that could become FAQ entries, waiting for a trainer. Only redacted words are kept."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, String, Table, Text, and_, insert, select, update

from voicebot.clock import Clock
from voicebot.domain import ConversationId, Language, TenantId
from voicebot.errors import NotFound
from voicebot.redaction import redact
from voicebot.store.sql import SqlStore
from voicebot.store.tables import Instant, JsonColumn, metadata

faq_proposals = Table(
    "faq_proposals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("conversation", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("problem", Text, nullable=False),
    Column("solution", Text, nullable=False),
    Column("turns", JsonColumn, nullable=False),
    Column("author", String(64), nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),
    Column("created_at", Instant, nullable=False),
    Column("decided_by", String(64)),
    Column("decided_at", Instant),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal. ``state``: open, accepted or declined; ``turns`` are event numbers of the conversation."""

    id: str
    tenant: TenantId
    conversation: ConversationId
    language: Language
    problem: str
    solution: str
    turns: tuple[int, ...]
    author: str
    state: str
    created_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


class FaqProposals:
    """Proposals of all companies. Every method may raise StoreError."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def add(
        self,
        tenant: TenantId,
        conversation: ConversationId,
        language: Language,
        problem: str,
        solution: str,
        turns: tuple[int, ...],
        author: str,
    ) -> Proposal:
        """Keep one; its words are redacted again, whoever edited them."""
        made = Proposal(
            uuid.uuid4().hex, tenant, conversation, language, redact(problem).text, redact(solution).text, turns,
            author, "open", self._clock.now(),
        )  # fmt: skip
        row = {
            "id": made.id,
            "tenant": tenant,
            "conversation": conversation,
            "language": language,
            "problem": made.problem,
            "solution": made.solution,
            "turns": list(turns),
            "author": author,
            "state": made.state,
            "created_at": made.created_at,
        }
        async with self._store.writing() as connection:
            await connection.execute(insert(faq_proposals).values(row))
        return made

    async def all(self, tenant: TenantId, *, open_only: bool = True, limit: int = 200) -> tuple[Proposal, ...]:
        """The latest first."""
        query = select(faq_proposals).where(faq_proposals.c.tenant == tenant)
        if open_only:
            query = query.where(faq_proposals.c.state == "open")
        query = query.order_by(faq_proposals.c.created_at.desc(), faq_proposals.c.id).limit(limit)
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(Proposal(**{**row, "turns": tuple(row["turns"])}) for row in rows)

    async def decide(self, tenant: TenantId, proposal: str, state: Literal["accepted", "declined"], by: str) -> None:
        """Take or refuse an open proposal. Raises NotFound when there is no such open one."""
        table = faq_proposals.c
        mine = and_(table.tenant == tenant, table.id == proposal, table.state == "open")
        values = {"state": state, "decided_by": by, "decided_at": self._clock.now()}
        async with self._store.writing() as connection:
            if (await connection.execute(update(faq_proposals).where(mine).values(values))).rowcount != 1:
                raise NotFound("This proposal is not open any more.")
