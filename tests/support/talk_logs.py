"""Talks of agents as events in a real store, with effects, losses and ratios that a test plants."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import insert

from voicebot.domain import (
    EN,
    AgentSaid,
    CardEnded,
    CardShown,
    Channel,
    ContactChanged,
    ConversationId,
    Disposition,
    Ended,
    Event,
    Heard,
    Language,
    NoticeGiven,
    ScriptMoved,
    Source,
    Started,
    TenantId,
    UtteranceId,
    WrappedUp,
)
from voicebot.store import SqlStore
from voicebot.store.desk_tables import desk_contacts
from voicebot.store.outside_tables import interactions
from voicebot.store.tables import conversations

SHOP = TenantId("shop")
BEGIN = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
STEPS = ("greet", "needs", "offer", "close")


@dataclass(slots=True)
class Told:
    """One talk to be written. ``said``: who (agent or customer), from, to in ms since the agent came, words."""

    name: str
    agent: str = "S01"
    intent: str = "subscription_cancel"
    code: str = "subscription_ended"
    resolved: bool | None = True
    shown: Sequence[str] = ()
    used: Sequence[str] = ()
    dismissed: Sequence[str] = ()
    steps: Sequence[str] = ()
    lost_at: str = ""
    used_at: dict[str, str] = field(default_factory=dict)
    said: Sequence[tuple[str, int, int, str]] = ()
    at: datetime = BEGIN
    language: Language = EN
    channel: Channel = Channel.VOICE
    transferred: bool = False
    customer: str = ""
    length_s: int = 120
    waited_s: int = 20
    told_of_recording: bool = True


def events_of(told: Told) -> list[tuple[float, Event]]:
    """Seconds since the conversation began, and what happened; the agent comes after ``waited_s``."""
    handoff, wait = f"ho-{told.name}", float(told.waited_s)
    change = {"handoff": handoff, "queue": "q", "agent": told.agent}
    found: list[tuple[float, Event]] = [
        (0, Started(tenant=SHOP, channel=told.channel, language=told.language)),
        *([(0.0, NoticeGiven(notice="recording"))] if told.told_of_recording else []),
        (5, ContactChanged(change="queued", handoff=handoff, queue="q")),
        (wait, ContactChanged(change="active", **change)),
    ]
    for step in told.steps:
        move = {"script": "sale", "version": "1", "agent": told.agent, "step": step}
        found.append((wait + 0.01, ScriptMoved(change="entered", **move)))
        if step in told.used_at:
            card = told.used_at[step]
            found += _card(card, told.agent, wait + 0.01, "used")
        if step != told.lost_at:
            found.append((wait + 0.01, ScriptMoved(change="done", **move)))
    for card in told.shown:
        how = "used" if card in told.used else "dismissed" if card in told.dismissed else "expired"
        found += _card(card, told.agent, wait + 1, how)
    for number, (who, start, end, words) in enumerate(told.said):
        begin, until = round(wait * 1000) + start, round(wait * 1000) + end
        typed = told.channel is not Channel.VOICE
        source = Source.TEXT if typed else Source.SPEECH
        times = {"started_ms": 0 if typed else begin, "ended_ms": 0 if typed else until}
        utterance = UtteranceId(f"u{number}")
        if who == "agent":
            event: Event = AgentSaid(
                utterance=utterance,
                agent=told.agent,
                name="Sato",
                text=words,
                language=told.language,
                source=source,
                **times,
            )
        else:
            event = Heard(utterance=utterance, text=words, language=told.language, source=source, **times)
        found.append((until / 1000, event))
    over = wait + told.length_s
    if told.transferred:
        found.append((over, ContactChanged(change="transferred", **change)))
        found.append((over + 5, ContactChanged(change="active", handoff=handoff, queue="q", agent="S99")))
        change["agent"], over = "S99", over + 60
    wrapped = WrappedUp(handoff=handoff, agent=change["agent"], code=told.code, resolved=told.resolved)
    found += [
        (over, ContactChanged(change="wrapup", **change)),
        (over + 5, ContactChanged(change="closed", **change, detail=told.code)),
        (over + 5, wrapped),
        (over + 5, Ended(disposition=Disposition.HANDLED_BY_AGENT, by="agent")),
    ]
    return sorted(found, key=lambda one: one[0])


def _card(card: str, agent: str, at_s: float, how: str) -> list[tuple[float, Event]]:
    return [
        (at_s, CardShown(card=card, version="1", agent=agent, reason="phrase")),
        (at_s, CardEnded(card=card, agent=agent, how=how)),  # type: ignore[arg-type]
    ]


async def write(store: SqlStore, talks: Sequence[Told]) -> None:
    """Everything in one transaction: conversations, their events, their contacts, the customers' history."""
    async with store.writing() as connection:
        for told in talks:
            name, begun = ConversationId(told.name), told.at - timedelta(seconds=told.waited_s)
            await connection.execute(insert(conversations).values(_conversation(told, begun)))
            for at_s, together in groupby(events_of(told), key=lambda one: one[0]):
                events = [event for _, event in together]
                await store.append_within(connection, name, events, begun + timedelta(seconds=at_s))
            await connection.execute(insert(desk_contacts).values(_contact(told)))
            if told.customer:
                await connection.execute(insert(interactions).values(_interaction(told)))


def _conversation(told: Told, begun: datetime) -> dict[str, object]:
    return {
        "id": told.name,
        "tenant": SHOP,
        "channel": told.channel.value,
        "language": told.language,
        "owner": "agent",
        "started_at": begun,
    }


def _contact(told: Told) -> dict[str, object]:
    return {
        "id": f"ho-{told.name}",
        "tenant": SHOP,
        "conversation": told.name,
        "channel": told.channel.value,
        "language": told.language,
        "queue": "q",
        "required": {},
        "priority": 5,
        "enqueued_at": told.at - timedelta(seconds=10),
        "state": "closed",
        "reason": "customer_asked",
        "intent": told.intent,
        "preferred": {},
        "excluded": {},
        "agent": "S99" if told.transferred else told.agent,
        "answered_at": told.at,
        "closed_at": told.at + timedelta(seconds=told.length_s + 5),
    }


def _interaction(told: Told) -> dict[str, object]:
    return {
        "conversation": told.name,
        "tenant": SHOP,
        "customer": told.customer,
        "at": told.at + timedelta(seconds=told.length_s + 5),
        "channel": told.channel.value,
        "summary": "",
        "intent": told.intent,
    }


def rebuttals(seed: int, *, lift: float, number: int = 400, shown: float = 1.0) -> list[Told]:
    """Calls in which an objection comes up and a card with it; where it is used, ``lift`` more customers stay.

    The harder of two matters sees the card used more often. Another card, ``idle``, is used at random.
    """
    chance = random.Random(seed)
    made = []
    for at in range(number):
        hard = chance.random() < 0.5
        came_up = chance.random() < shown
        used = came_up and chance.random() < (0.7 if hard else 0.3)
        idle = chance.random() < 0.4
        kept = chance.random() < (0.35 if hard else 0.65) + (lift if used else 0.0)
        made.append(
            Told(
                f"c{seed}-{at}",
                agent=f"S0{at % 7}",
                intent="hard" if hard else "easy",
                code="customer_kept" if kept else "subscription_ended",
                shown=("idle", *(("rebuttal",) if came_up else ())),
                used=(*(("idle",) if idle else ()), *(("rebuttal",) if used else ())),
                at=BEGIN + timedelta(minutes=10 * at),
            )
        )
    return made
