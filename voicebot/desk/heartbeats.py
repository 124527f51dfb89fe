"""Signs of life: of agents' consoles and of server processes. Who is silent for too long is taken for dead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from voicebot.desk.dialling import Dialling
from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.losses import Losses
from voicebot.desk.model import Agent, Medium
from voicebot.domain import AgentId, ContactState, Owner
from voicebot.errors import Conflict
from voicebot.store import desk as rows
from voicebot.store.desk_tables import OPEN_STATES, desk_contacts, desk_nodes

BEAT_S = 5.0
DEAD_S = 15.0
LINE_LOST = "line_lost"


class Heartbeats:
    """Collects beats, writes them together, and acts on those that stay away."""

    def __init__(self, core: DeskCore, losses: Losses, dialling: Dialling) -> None:
        self._core, self._losses, self._dialling = core, losses, dialling
        self._beats: dict[str, str] = {}
        self._node_beat_at: float | None = None

    def beat(self, agent: AgentId, session: str) -> None:
        """A console is alive; it is written with the next :meth:`flush`.

        Raises:
            Conflict: another session took over, or this one counted as dead.
        """
        known = self._core.board.agent(agent)
        if known is None or known.session != session:
            raise Conflict("This session is signed out, or another one took over")
        self._beats[agent] = session

    async def flush(self) -> None:
        """Write the beats that came, and our own when it is due."""
        beats, self._beats = self._beats, {}
        due = self._node_beat_at is None or self._core.clock.monotonic() - self._node_beat_at >= BEAT_S
        if not beats and not due:
            return
        async with self._core.store.writing() as connection:
            now = self._core.clock.now()
            await rows.beat_agents(connection, beats, now)
            if due:
                await rows.beat_node(connection, self._core.node, now)
        if due:
            self._node_beat_at = self._core.clock.monotonic()

    async def bury(self) -> None:
        """Sign out agents whose console is silent, and end the calls of processes that are."""
        limit = self._core.clock.now() - timedelta(seconds=DEAD_S)
        async with self._core.store.reading() as connection:
            agents = await rows.silent_agents(connection, limit)
            nodes = await rows.silent_nodes(connection, limit)
        for agent in agents:
            await self._bury_agent(AgentId(agent))
        for node in nodes:
            if node != self._core.node:
                await self._bury_node(node)

    async def _bury_agent(self, agent: AgentId) -> None:
        try:
            async with self._core.work() as work:
                held = await work.agent(agent)
                if self._alive(held):
                    return
                await self._losses.agent_gone(work, held, "connection_lost")
        except Conflict:
            pass  # a contact moved meanwhile; the next tick looks again

    def _alive(self, agent: Agent) -> bool:
        limit = self._core.clock.now() - timedelta(seconds=DEAD_S)
        return not agent.signed_in or (agent.heartbeat_at is not None and agent.heartbeat_at > limit)

    async def _bury_node(self, node: str) -> None:
        """The lines a process held are gone with it; chats and promises live on."""
        async with self._core.store.reading() as connection:
            held = await rows.many(connection, desk_contacts, node=node, state=OPEN_STATES)
        try:
            for row in sorted(held, key=lambda item: str(item["id"])):
                await self._line_lost(row["id"])
        except Conflict:
            return  # the next tick looks again
        await self._dialling.node_gone(node)
        async with self._core.store.writing() as connection:
            await rows.remove(connection, desk_nodes, id=node)

    async def _line_lost(self, name: str) -> None:
        async with self._core.work() as work:
            row = await rows.one(work.connection, desk_contacts, id=name)
            if row is not None and row["agent"] is not None:
                await work.agent(row["agent"])
            contact = await work.contact(row["id"]) if row is not None else None
            if contact is None or contact.medium is not Medium.VOICE or contact.callback:
                return
            match contact.state:
                case ContactState.ACTIVE:
                    await work.move(contact, "wrapup", detail=LINE_LOST, state=ContactState.WRAPUP, wrapup_at=work.now)
                case ContactState.QUEUED | ContactState.OFFERED | ContactState.ACCEPTED:
                    gone: dict[str, Any] = {"state": ContactState.CANCELLED, "agent": None, "lease_until": None}
                    await work.move(
                        contact,
                        "cancelled",
                        detail=LINE_LOST,
                        who=contact.agent,
                        outcome=LINE_LOST,
                        closed_at=work.now,
                        **gone,
                    )
                    led = (Owner.QUEUE.value, Owner.AGENT.value)
                    await rows.owner_to(work.connection, contact.conversation, led, Owner.BOT.value)
                case _:
                    return
