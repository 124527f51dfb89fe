"""The talks of a company in a period, read from the log in small batches.

Memory holds one short row a talk; words are looked at and let go. About 2 ms of work a talk of fifty events, in slices
beside the event loop, because the same process carries calls.
"""

from __future__ import annotations

import asyncio
from array import array
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Row, and_, or_, select

from voicebot.assist.analysis.outcomes import Outcome
from voicebot.assist.analysis.phrases import LEAST_TALKS, Phrases
from voicebot.assist.analysis.talks import READ, Codes, Handled, Talk, talks_of
from voicebot.domain import Channel, ConversationId, Language, Recorded, TenantId
from voicebot.errors import NotFound
from voicebot.store import SqlStore, event_from_json
from voicebot.store.desk_tables import desk_agents, desk_contacts
from voicebot.store.outside_tables import interactions
from voicebot.store.tables import conversations, events

REPEAT_WITHIN = timedelta(days=7)
MOST_TALKS = 50_000
_BATCH = 12
_TYPES = tuple(sorted(kind.__name__ for kind in READ))


@dataclass(frozen=True, slots=True)
class Period:
    """From this moment up to, not including, that one."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Company:
    """What analysis must know of a company. ``groups``: the matter an intent belongs to, where that is not its own."""

    tenant: TenantId
    codes: Codes = field(default_factory=Codes)
    groups: Mapping[str, str] | None = None

    def group(self, intent: str) -> str:
        """The matter an intent belongs to."""
        return (self.groups or {}).get(intent, intent)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. ``complete`` is False when there were more talks than are read at once: take a shorter period."""

    talks: tuple[Talk, ...]
    complete: bool = True


class Reader:
    """Reads talks of one store."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def read(self, company: Company, period: Period, now: datetime, least: int = LEAST_TALKS) -> Reading:
        """Every talk an agent took up in the period and that is over.

        Args:
            company: whose.
            period: when the agents took them up.
            now: the present; contacts younger than a week cannot be told to be repeated.
            least: in how many talks a phrase has to be met.
        """
        phrases = Phrases()
        found: list[tuple[Talk, array[int]]] = []
        complete = True
        async for batch in self._contacts(company.tenant, period):
            if len(found) >= MOST_TALKS:
                complete = False
                break
            for talk in await self._talks(batch, company.codes, phrases.said):
                keys = [mark[7:] for mark in talk.talked.marks if mark.startswith("phrase:")]
                marks = frozenset(mark for mark in talk.talked.marks if not mark.startswith("phrase:"))
                lean = replace(talk, talked=replace(talk.talked, marks=marks))
                found.append((lean, phrases.talk(talk.talked.agent, keys)))
        shown = {number: f"phrase:{text}" for number, text in phrases.common(least).items()}
        repeats = await self._repeats(company, period, now)
        return Reading(tuple(_whole(talk, numbers, shown, repeats) for talk, numbers in found), complete)

    async def one(self, tenant: TenantId, conversation: ConversationId, codes: Codes) -> tuple[Talk, ...]:
        """The talks of one conversation, with words and moments.

        Raises:
            NotFound: no agent has had a talk in such a conversation of this company.
        """
        query = _query(tenant).where(desk_contacts.c.conversation == conversation)
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        if not rows:
            raise NotFound(f"No agent has had a talk in a conversation {conversation}")
        return tuple(await self._talks(rows, codes, None, keep=True))

    async def log(self, conversation: ConversationId) -> tuple[Recorded, ...]:
        """What tells whether a conversation may be listened to: its notices, and what happened to its recording."""
        query = (
            select(events.c.seq, events.c.at, events.c.body)
            .where(events.c.conversation == conversation, events.c.type.in_(("NoticeGiven", "RecordingChanged")))
            .order_by(events.c.seq)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Recorded(conversation, row.seq, row.at, event_from_json(row.body)) for row in rows)

    async def names(self, tenant: TenantId) -> Mapping[str, str]:
        """The company's agents' names by id."""
        query = select(desk_agents.c.id, desk_agents.c.name).where(desk_agents.c.tenant == tenant)
        async with self._store.reading() as connection:
            return {row.id: row.name for row in await connection.execute(query)}

    async def _contacts(self, tenant: TenantId, period: Period) -> AsyncIterator[Sequence[Row[tuple[object, ...]]]]:
        """Contacts in batches."""
        column = desk_contacts.c.answered_at
        query = _query(tenant).where(column >= period.since, column < period.until).order_by(column, desk_contacts.c.id)
        after: tuple[datetime, str] | None = None
        while True:
            page = query.limit(_BATCH)
            if after is not None:
                page = page.where(or_(column > after[0], and_(column == after[0], desk_contacts.c.id > after[1])))
            async with self._store.reading() as connection:
                rows = (await connection.execute(page)).all()
            if rows:
                yield rows
            if len(rows) < _BATCH:
                return
            after = rows[-1].answered_at, rows[-1].id

    async def _talks(
        self,
        rows: Sequence[Row[tuple[object, ...]]],
        codes: Codes,
        said: Callable[[str, Language, str], Collection[str]] | None,
        *,
        keep: bool = False,
    ) -> list[Talk]:
        contacts: dict[str, list[Handled]] = {}
        began: dict[str, datetime] = {}
        for row in rows:
            contacts.setdefault(row.conversation, []).append(_handled(row))
            began[row.conversation] = row.started_at
        query = (
            select(events.c.conversation, events.c.seq, events.c.at, events.c.body)
            .where(events.c.conversation.in_(contacts), events.c.type.in_(_TYPES))
            .order_by(events.c.conversation, events.c.seq)
        )
        async with self._store.reading() as connection:
            logged = (await connection.execute(query)).all()

        def told() -> list[Talk]:
            found: list[Talk] = []
            for name, items in groupby(logged, key=lambda row: str(row.conversation)):
                log = (Recorded(ConversationId(name), row.seq, row.at, event_from_json(row.body)) for row in items)
                found += talks_of(log, began[name], contacts[name], codes, keep=keep, said=said)
            return sorted(found, key=lambda talk: talk.at)

        return await asyncio.to_thread(told)

    async def _repeats(self, company: Company, period: Period, now: datetime) -> Mapping[str, bool]:
        """By conversation, whether the customer was back about the same matter; only where that can be told."""
        query = (
            select(
                interactions.c.conversation,
                interactions.c.customer,
                interactions.c.number,
                interactions.c.at,
                interactions.c.intent,
            )
            .where(
                interactions.c.tenant == company.tenant,
                interactions.c.at >= period.since,
                interactions.c.at < period.until + REPEAT_WITHIN + timedelta(days=1),
            )
            .order_by(interactions.c.at)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).all()
        met: dict[tuple[str, str, str], list[tuple[datetime, str]]] = {}
        for row in rows:
            for kind, who in (("customer", row.customer), ("number", row.number)):
                if who and row.intent:
                    met.setdefault((kind, who, company.group(row.intent)), []).append((row.at, row.conversation))
        found: dict[str, bool] = {}
        for row in rows:
            if not row.intent or not (row.customer or row.number) or row.at + REPEAT_WITHIN > now:
                continue
            keys = (("customer", row.customer), ("number", row.number))
            found[row.conversation] = any(
                _back(met[kind, who, company.group(row.intent)], row.at, row.conversation) for kind, who in keys if who
            )
        return found


def _back(met: Sequence[tuple[datetime, str]], at: datetime, conversation: str) -> bool:
    place = bisect_right(met, at, key=lambda one: one[0])
    later = (one for one in met[place : place + 2] if one[1] != conversation)
    return any(when <= at + REPEAT_WITHIN for when, _ in later)


def _query(tenant: TenantId):  # type: ignore[no-untyped-def]  # SQLAlchemy's own type says no more than this
    return (
        select(
            desk_contacts.c.id,
            desk_contacts.c.conversation,
            desk_contacts.c.channel,
            desk_contacts.c.language,
            desk_contacts.c.intent,
            desk_contacts.c.queue,
            desk_contacts.c.answered_at,
            conversations.c.started_at,
        )
        .join(conversations, conversations.c.id == desk_contacts.c.conversation)
        .where(desk_contacts.c.tenant == tenant, desk_contacts.c.closed_at.is_not(None))
    )


def _handled(row: Row[tuple[object, ...]]) -> Handled:
    return Handled(
        row.id,
        row.conversation,
        row.channel,
        Language(row.language),
        row.intent,
        row.queue,
        row.channel == Channel.VOICE,
    )


def _whole(talk: Talk, numbers: array[int], shown: Mapping[int, str], repeats: Mapping[str, bool]) -> Talk:
    """The row with the phrases that count, and whether the customer came back."""
    said = {shown[number] for number in numbers if number in shown}
    outcomes, judged = talk.talked.outcomes, talk.judged
    repeated = repeats.get(talk.talked.conversation)
    if repeated is not None and Outcome.SOLD in judged:
        judged = judged | {Outcome.REPEATED}
        outcomes = outcomes | {Outcome.REPEATED} if repeated else outcomes
    talked = replace(talk.talked, marks=talk.talked.marks | said, outcomes=outcomes)
    return replace(talk, talked=talked, judged=judged)
