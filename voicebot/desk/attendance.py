"""Agents coming, going and being available: who can be given work now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_rows import values_of
from voicebot.desk.embedded_work import Work
from voicebot.desk.losses import Losses
from voicebot.desk.model import Agent, Medium
from voicebot.domain import AgentId, Presence, Skill
from voicebot.errors import Conflict, NotFound
from voicebot.store import desk as rows
from voicebot.store.desk_tables import desk_agents

_ROSTER = ("tenant", "name", "team", "language", "skills", "capacity", "grants", "endpoint")


class Attendance:
    """Changes how agents stand."""

    def __init__(self, core: DeskCore, losses: Losses) -> None:
        self._core, self._losses = core, losses

    async def enrol_rosters(self) -> None:
        """Put every company's people into the store; one whose entry changed in the files takes its new values."""
        contents = self._core.contents.items()
        await self._enrol([entry.as_agent(tenant) for tenant, desk in contents for entry in desk.agents.values()])

    async def enrol(self, agent: Agent) -> None:
        """Put a person on the roster. Skills and places that a leader changed live stay until the entry changes."""
        await self._enrol([agent])

    async def _enrol(self, agents: Sequence[Agent]) -> None:
        while True:
            async with self._core.store.reading() as connection:
                known = {row["id"]: row["roster"] for row in await rows.many(connection, desk_agents)}
            changed = [(agent, mark) for agent in agents if known.get(agent.id) != (mark := _mark(agent))]
            if not changed:
                return
            try:
                async with self._core.work() as work:
                    for agent, mark in sorted(changed, key=lambda pair: pair[0].id):
                        await _keep(work, agent, mark, new=agent.id not in known)
                return
            except IntegrityError:
                continue  # another process puts the same roster in

    async def sign_in(self, agent: AgentId, session: str, node: str) -> Agent:
        """Begin work: on a break until set available. A second session takes over the first, contacts included.

        Raises:
            NotFound: nobody of this id is on a roster.
        """
        await self._core.fresh()
        async with self._core.work() as work:
            held = await work.agent(agent)
            here: dict[str, Any] = {"session": session, "node": node, "heartbeat_at": work.now}
            if held.signed_in and held.session == session:
                return await work.change_agent(held, **here)
            await self._losses.offers_back(work, held)
            stopped: dict[str, Any] = {"presence": Presence.BREAK, "presence_reason": "", "available_since": None}
            return await work.change_agent(held, **here, **stopped)

    async def set_presence(self, agent: AgentId, presence: Presence, reason: str = "") -> Agent:
        """Available, on a break or away; an offer that rings goes back when the agent takes nothing now."""
        async with self._core.work() as work:
            held = await work.agent(agent)
            if not held.signed_in:
                raise Conflict("Sign in first")
            if presence is Presence.OFFLINE:
                return await self._losses.agent_gone(work, held, reason or "signed_out")
            if presence is not Presence.AVAILABLE:
                await self._losses.offers_back(work, held)
            since = held.available_since if presence is held.presence else work.now
            free = since if presence is Presence.AVAILABLE else None
            to: dict[str, Any] = {
                "presence": presence,
                "presence_reason": reason[:64],
                "available_since": free,
                "rest_until": None,
            }
            return await work.change_agent(held, **to)

    async def sign_out(self, agent: AgentId, session: str) -> None:
        """End work; open contacts go back to the queue. A session that was taken over changes nothing."""
        async with self._core.work() as work:
            held = await work.agent(agent)
            if held.signed_in and held.session == session:
                await self._losses.agent_gone(work, held, "signed_out")

    async def rest(self, work: Work, agent: Agent, seconds: float) -> Agent:
        """A pause after a hard contact; the agent may end it."""
        if agent.presence is not Presence.AVAILABLE or seconds <= 0:
            return agent
        until = work.now + timedelta(seconds=seconds)
        to: dict[str, Any] = {"presence": Presence.RESTING, "presence_reason": "hard_contact", "available_since": None}
        return await work.change_agent(agent, rest_until=until, **to)

    async def end_rests(self) -> None:
        """Those whose pause is over are available again."""
        now = self._core.clock.now()
        if not any(agent.presence is Presence.RESTING for agent in self._core.board.agents()):
            return
        async with self._core.store.reading() as connection:
            resting = await rows.many(connection, desk_agents, presence=Presence.RESTING.value)
        for row in resting:
            if row["rest_until"] is None or row["rest_until"] > now:
                continue
            async with self._core.work() as work:
                held = await work.agent(row["id"])
                if held.presence is Presence.RESTING:
                    to: dict[str, Any] = {
                        "presence": Presence.AVAILABLE,
                        "presence_reason": "",
                        "available_since": work.now,
                    }
                    await work.change_agent(held, rest_until=None, **to)

    async def set_skills(self, agent: AgentId, skills: Mapping[Skill, int]) -> Agent:
        """A leader's live change; levels 1 to 5, 0 takes a skill away."""
        kept = {skill: min(5, level) for skill, level in skills.items() if level > 0}
        return await self._set(agent, skills=kept)

    async def set_endpoint(self, agent: AgentId, endpoint: str) -> Agent:
        """``browser`` or a SIP address."""
        if endpoint != "browser" and not endpoint.startswith(("sip:", "sips:")):
            raise Conflict("An endpoint is `browser` or a SIP address")
        return await self._set(agent, endpoint=endpoint[:256])

    async def set_capacity(self, agent: AgentId, capacity: Mapping[Medium, int]) -> Agent:
        """How many contacts at a time, by medium; those under way stay."""
        held = await self.agent(agent)
        return await self._set(agent, capacity={**held.capacity, **{m: max(0, n) for m, n in capacity.items()}})

    async def agent(self, agent: AgentId) -> Agent:
        """One agent. Raises NotFound."""
        await self._core.fresh()
        known = self._core.board.agent(agent)
        if known is None:
            await self._core.look_at({agent}, set())
            known = self._core.board.agent(agent)
        if known is None:
            raise NotFound(f"There is no agent {agent} at the desk")
        return known

    async def _set(self, agent: AgentId, **to: object) -> Agent:
        async with self._core.work() as work:
            held = await work.agent(agent)
            after = await work.change_agent(held, **to)
        return replace(after, load=held.load)


def _entry(agent: Agent) -> dict[str, Any]:
    return {name: getattr(agent, name) for name in _ROSTER}


def _mark(agent: Agent) -> str:
    return hashlib.sha256(json.dumps(values_of(**_entry(agent)), sort_keys=True).encode()).hexdigest()


async def _keep(work: Work, agent: Agent, mark: str, *, new: bool) -> None:
    if new:
        values = {"id": agent.id, **values_of(**_entry(agent)), "roster": mark, "presence": Presence.OFFLINE.value}
        await rows.add(work.connection, desk_agents, values)
    else:
        await work.change_agent(await work.agent(agent.id), **_entry(agent), roster=mark)
