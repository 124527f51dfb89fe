"""Statements on the desk's tables, each inside a transaction of :meth:`voicebot.store.SqlStore.writing` or ``reading``.

Rows go in and out as mappings of column to value; what they mean is the desk's business. Whoever takes locks takes
them in this order, which keeps transactions from waiting for each other in a ring: agents (by id), contacts,
callbacks, conversations.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table, and_, delete, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicebot.store.desk_tables import (
    LOAD_STATES,
    OPEN_PROMISES,
    OPEN_STATES,
    desk_agents,
    desk_callbacks,
    desk_contacts,
    desk_nodes,
    desk_presence,
    desk_tasks,
)
from voicebot.store.tables import conversations, events

Values = Mapping[str, Any]


async def add(connection: AsyncConnection, table: Table, values: Values) -> None:
    """Insert one row; a taken key raises IntegrityError."""
    await connection.execute(insert(table).values(dict(values)))


async def one(connection: AsyncConnection, table: Table, **where: Any) -> RowMapping | None:
    """The row whose columns are as given; the first, should there be several."""
    return (await connection.execute(select(table).where(_all(table, where)).limit(1))).mappings().first()


async def many(connection: AsyncConnection, table: Table, **where: Any) -> Sequence[RowMapping]:
    """Every row whose columns are as given; a list, tuple or set stands for any of its values."""
    return (await connection.execute(select(table).where(_all(table, where)))).mappings().all()


async def change(connection: AsyncConnection, table: Table, where: Values, values: Values) -> RowMapping | None:
    """Update the one row that is still as ``where`` says and return it; None when it is not so any more."""
    statement = update(table).where(_all(table, where)).values(dict(values)).returning(*table.c)
    return (await connection.execute(statement)).mappings().first()


async def lock_agent(connection: AsyncConnection, agent: str) -> RowMapping | None:
    """The agent's row, held until the transaction ends: on both databases nobody else can change the agent's load.

    A write, so that SQLite's one writer is taken too; the version moves on.
    """
    return await change(connection, desk_agents, {"id": agent}, {"version": desk_agents.c.version + 1})


async def loads(connection: AsyncConnection, agents: Collection[str] | None = None) -> Mapping[str, Mapping[str, int]]:
    """How many contacts each agent has by channel, counted and not remembered."""
    query = (
        select(desk_contacts.c.agent, desk_contacts.c.channel, func.count())
        .where(desk_contacts.c.state.in_(LOAD_STATES), desk_contacts.c.agent.is_not(None))
        .group_by(desk_contacts.c.agent, desk_contacts.c.channel)
    )
    if agents is not None:
        query = query.where(desk_contacts.c.agent.in_(agents))
    found: dict[str, dict[str, int]] = {}
    for agent, channel, count in (await connection.execute(query)).all():
        found.setdefault(agent, {})[channel] = count
    return found


async def open_contacts(connection: AsyncConnection, tenants: Collection[str]) -> Sequence[RowMapping]:
    """Every contact of these companies that is not over."""
    return await many(connection, desk_contacts, tenant=tuple(tenants), state=OPEN_STATES)


async def contacts_since(connection: AsyncConnection, tenant: str, since: datetime) -> Sequence[RowMapping]:
    """Contacts of a company that were made at or after a moment, in order."""
    query = (
        select(desk_contacts)
        .where(desk_contacts.c.tenant == tenant, desk_contacts.c.enqueued_at >= since)
        .order_by(desk_contacts.c.enqueued_at, desk_contacts.c.id)
    )
    return (await connection.execute(query)).mappings().all()


async def completions(connection: AsyncConnection, tenant: str, since: datetime) -> Sequence[RowMapping]:
    """Contacts of a company that agents have finished since a moment, latest last."""
    query = (
        select(desk_contacts)
        .where(
            desk_contacts.c.tenant == tenant,
            desk_contacts.c.closed_at >= since,
            desk_contacts.c.active_at.is_not(None),
        )
        .order_by(desk_contacts.c.closed_at)
    )
    return (await connection.execute(query)).mappings().all()


async def number_known(connection: AsyncConnection, tenant: str, number: str) -> Sequence[RowMapping]:
    """Promises for a number, the latest first."""
    query = (
        select(desk_callbacks)
        .where(desk_callbacks.c.tenant == tenant, desk_callbacks.c.number == number)
        .order_by(desk_callbacks.c.created_at.desc())
    )
    return (await connection.execute(query)).mappings().all()


async def promises_left(connection: AsyncConnection) -> Sequence[RowMapping]:
    """Promises that are still to be rung although their contact is over."""
    query = (
        select(desk_callbacks)
        .join(desk_contacts, desk_contacts.c.id == desk_callbacks.c.contact)
        .where(desk_callbacks.c.state.in_(OPEN_PROMISES), desk_contacts.c.state.not_in(OPEN_STATES))
    )
    return (await connection.execute(query)).mappings().all()


async def forget_numbers(connection: AsyncConnection, now: datetime) -> int:
    """Remove the numbers of promises that are over and whose time for a returned call has passed."""
    statement = (
        update(desk_callbacks)
        .where(desk_callbacks.c.forget_at <= now, desk_callbacks.c.number.is_not(None))
        .values(number=None)
    )
    return (await connection.execute(statement)).rowcount


async def owner_to(connection: AsyncConnection, conversation: str, expected: Collection[str], new: str) -> bool:
    """Compare and set who leads a conversation."""
    statement = (
        update(conversations)
        .where(conversations.c.id == conversation, conversations.c.owner.in_(expected))
        .values(owner=new, owner_version=conversations.c.owner_version + 1)
    )
    return (await connection.execute(statement)).rowcount == 1


async def beat_agents(connection: AsyncConnection, sessions: Mapping[str, str], now: datetime) -> None:
    """Note that these agents' sessions are alive; a session that was taken over is not."""
    for agent, session in sorted(sessions.items()):
        await connection.execute(
            update(desk_agents)
            .where(desk_agents.c.id == agent, desk_agents.c.session == session)
            .values(heartbeat_at=now)
        )


async def beat_node(connection: AsyncConnection, node: str, now: datetime) -> None:
    """Note that a server process is alive."""
    if await change(connection, desk_nodes, {"id": node}, {"heartbeat_at": now}) is None:
        await add(connection, desk_nodes, {"id": node, "heartbeat_at": now})


async def silent_agents(connection: AsyncConnection, limit: datetime) -> Sequence[str]:
    """Agents who are signed in and whose console has not been heard since a moment."""
    query = (
        select(desk_agents.c.id)
        .where(
            desk_agents.c.presence != "offline",
            or_(desk_agents.c.heartbeat_at.is_(None), desk_agents.c.heartbeat_at <= limit),
        )
        .order_by(desk_agents.c.id)
    )
    return (await connection.execute(query)).scalars().all()


async def silent_nodes(connection: AsyncConnection, limit: datetime) -> Sequence[str]:
    """Server processes that have not been heard since a moment."""
    query = select(desk_nodes.c.id).where(desk_nodes.c.heartbeat_at <= limit).order_by(desk_nodes.c.id)
    return (await connection.execute(query)).scalars().all()


async def remove(connection: AsyncConnection, table: Table, **where: Any) -> None:
    """Delete the rows whose columns are as given."""
    await connection.execute(delete(table).where(_all(table, where)))


async def contact_at(connection: AsyncConnection, contact: str) -> RowMapping | None:
    """A contact together with ``last_seq``, the number its conversation's log had reached at that very moment."""
    query = (
        select(desk_contacts, conversations.c.last_seq)
        .join(conversations, conversations.c.id == desk_contacts.c.conversation)
        .where(desk_contacts.c.id == contact)
    )
    return (await connection.execute(query)).mappings().first()


async def presence_log(connection: AsyncConnection, tenant: str, since: datetime) -> Sequence[RowMapping]:
    """Every change of presence of a company's agents since a moment, each agent's in order."""
    query = (
        select(desk_presence)
        .where(desk_presence.c.tenant == tenant, desk_presence.c.at >= since)
        .order_by(desk_presence.c.agent, desk_presence.c.at, desk_presence.c.id)
    )
    return (await connection.execute(query)).mappings().all()


async def changes_since(connection: AsyncConnection, tenant: str, since: datetime) -> Sequence[RowMapping]:
    """Every change of a company's contacts since a moment, from the log alone, in order of time."""
    query = (
        select(events.c.conversation, events.c.seq, events.c.at, events.c.body)
        .join(conversations, conversations.c.id == events.c.conversation)
        .where(events.c.type == "ContactChanged", events.c.at >= since, conversations.c.tenant == tenant)
        .order_by(events.c.at, events.c.conversation, events.c.seq)
    )
    return (await connection.execute(query)).mappings().all()


async def first_told(connection: AsyncConnection, tenant: str, since: datetime) -> Sequence[Mapping[str, Any]]:
    """The first range each customer was told since a moment, and when an agent answered; only those who were."""
    query = (
        select(events.c.at, events.c.body, desk_contacts.c.id, desk_contacts.c.active_at)
        .join(desk_contacts, desk_contacts.c.conversation == events.c.conversation)
        .where(
            events.c.type == "WaitTold",
            events.c.at >= since,
            desk_contacts.c.tenant == tenant,
            desk_contacts.c.active_at.is_not(None),
            desk_contacts.c.promised.is_(False),
        )
        .order_by(events.c.at, events.c.conversation, events.c.seq)
    )
    found: dict[str, Mapping[str, Any]] = {}
    for at, body, contact, active_at in (await connection.execute(query)).all():
        if body["handoff"] == contact and body.get("low_min") is not None and body.get("high_min") is not None:
            told = {"at": at, "low_min": body["low_min"], "high_min": body["high_min"], "active_at": active_at}
            found.setdefault(contact, told)
    return tuple(found.values())


async def tasks_of(connection: AsyncConnection, tenant: str, states: Collection[str]) -> Sequence[RowMapping]:
    """Follow-ups of a company in these states, the earliest due first."""
    query = (
        select(desk_tasks)
        .where(desk_tasks.c.tenant == tenant, desk_tasks.c.state.in_(states))
        .order_by(desk_tasks.c.due_at, desk_tasks.c.id)
    )
    return (await connection.execute(query)).mappings().all()


def _all(table: Table, where: Values) -> ColumnElement[bool]:
    return and_(true(), *(_is(table.c[name], value) for name, value in where.items()))


def _is(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    if value is None:
        return column.is_(None)
    if isinstance(value, list | tuple | set | frozenset):
        return column.in_(value)
    same: ColumnElement[bool] = column == value
    return same
