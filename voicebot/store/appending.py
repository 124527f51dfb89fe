"""Appends to the log: many that come at once become one transaction, each with its own outcome.

A transaction costs a flush to disk and a dozen round trips, whatever it holds. While one is being written the next
appends gather, and go together; an append that nobody else competes with waits for nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from voicebot.domain import ChannelChanged, ConversationId, Ended, Event, Json, LanguageChanged, Recorded
from voicebot.errors import Conflict, NotFound, StoreError
from voicebot.store.codec import event_from_json, event_to_json, redacted
from voicebot.store.tables import conversations, events, seen_keys, states

MOST = 200
"""Appends of one transaction."""

Outcome = tuple[Recorded, ...] | Conflict | NotFound | StoreError
"""What became of one append; the errors are raised where it was asked for."""


@dataclass(frozen=True, slots=True)
class Append:
    """Events to be written at the end of a conversation's log. ``bodies`` are redacted."""

    conversation: ConversationId
    bodies: Sequence[dict[str, Json]]
    at: datetime
    changes: Mapping[str, Any]
    expected_seq: int | None = None
    key: str | None = None
    state: Json | None = None


def append_of(
    conversation: ConversationId,
    events_: Sequence[Event],
    at: datetime,
    redact: Callable[[str], str],
    expected_seq: int | None = None,
    key: str | None = None,
    state: Json | None = None,
) -> Append:
    """Events as they will stand in the tables."""
    bodies = [redacted(event_to_json(item), redact) for item in events_]
    return Append(conversation, bodies, at, _read_model(events_, at), expected_seq, key, state)


def write_all(connection: Connection, wanted: Sequence[Append]) -> list[Outcome]:
    """Write appends inside a transaction, in order. One that cannot be is an error among the outcomes, and no harm.

    A ``key`` that was used before raises SQLAlchemy's IntegrityError, and the transaction is lost. The rows of
    conversations are locked in the order of their ids, so that two processes never wait for each other in a circle.
    """
    names = sorted({item.conversation for item in wanted})
    query = select(conversations.c.id, conversations.c.last_seq).where(conversations.c.id.in_(names))
    rows = connection.execute(query.order_by(conversations.c.id).with_for_update())
    last: dict[str, int] = {row.id: row.last_seq for row in rows}
    moved: dict[str, dict[str, Any]] = {}
    keys: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    kept: dict[str, dict[str, Any]] = {}
    outcomes: list[Outcome] = []
    for item in wanted:
        name, before = item.conversation, last.get(item.conversation)
        if before is None:
            outcomes.append(NotFound(f"There is no conversation {name}"))
            continue
        if item.expected_seq is not None and item.expected_seq != before:
            outcomes.append(Conflict(f"Conversation {name} is at {before}, not at {item.expected_seq}"))
            continue
        numbered = list(enumerate(item.bodies, before + 1))
        last[name] = before + len(numbered)
        moved[name] = {**moved.get(name, {}), **item.changes, "last_seq": last[name]}
        if item.key is not None:
            keys.append({"conversation": name, "key": item.key, "seq": before + 1})
        written += [
            {"conversation": name, "seq": seq, "at": item.at, "type": body["type"], "body": body}
            for seq, body in numbered
        ]
        if item.state is not None:
            kept[name] = {"conversation": name, "at": item.at, "body": item.state}
        outcomes.append(tuple(Recorded(name, seq, item.at, event_from_json(body)) for seq, body in numbered))
    _move(connection, moved)
    if keys:
        connection.execute(insert(seen_keys), keys)
    if written:
        connection.execute(insert(events), written)
    if kept:
        keep_states(connection, list(kept.values()))
    return outcomes


def keep_states(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Snapshots of conversations, one each, instead of those before."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    put = make(states)
    columns = {"at": put.excluded["at"], "body": put.excluded["body"]}
    connection.execute(put.on_conflict_do_update(index_elements=["conversation"], set_=columns), rows)


def _move(connection: Connection, moved: Mapping[str, dict[str, Any]]) -> None:
    plain = [{"name": name, "last": row["last_seq"]} for name, row in moved.items() if len(row) == 1]
    if plain:
        change = update(conversations).where(conversations.c.id == bindparam("name"))
        connection.execute(change.values(last_seq=bindparam("last")), plain)
    for name, row in moved.items():
        if len(row) > 1:
            connection.execute(update(conversations).where(conversations.c.id == name).values(row))


def _read_model(events_: Sequence[Event], at: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for item in events_:
        match item:
            case Ended(disposition=disposition):
                changes |= {"ended_at": at, "disposition": disposition.value}
            case LanguageChanged(language=language):
                changes["language"] = language
            case ChannelChanged(channel=channel):
                changes |= {"channel": channel.value, "ended_at": None, "disposition": None}
            case _:
                pass
    return changes


class Appends:
    """Appends in the order they were asked for. ``write`` writes some in one transaction and tells each outcome."""

    def __init__(self, write: Callable[[Sequence[Append]], Awaitable[Sequence[Outcome]]]) -> None:
        self._write = write
        self._waiting: list[tuple[Append, asyncio.Future[tuple[Recorded, ...]]]] = []
        self._working: asyncio.Task[None] | None = None

    async def put(self, wanted: Append) -> tuple[Recorded, ...]:
        """Write it; returns once it is on disk. Whoever stops waiting before it is being written takes it back.

        Raises:
            Conflict, NotFound, StoreError: nothing of it was written.
        """
        done: asyncio.Future[tuple[Recorded, ...]] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, done))
        if self._working is None:
            self._working = asyncio.create_task(self._work(), name="writing the log")
        return await done

    async def close(self) -> None:
        """Everything that was asked for is written."""
        if self._working is not None:
            await asyncio.wait({self._working})

    async def _work(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            some = [(wanted, done) for wanted, done in some if not done.done()]
            outcomes: Sequence[Outcome] = []
            try:
                if some:
                    outcomes = await self._write([wanted for wanted, _ in some])
            except BaseException as error:
                for _, done in some:
                    if not done.done():
                        done.set_exception(StoreError(f"The store cannot be written: {type(error).__name__}"))
                if not isinstance(error, Exception):
                    self._working = None
                    raise
                continue
            for (_, done), outcome in zip(some, outcomes, strict=True):
                if done.done():
                    continue
                if isinstance(outcome, tuple):
                    done.set_result(outcome)
                else:
                    done.set_exception(outcome)
        self._working = None
