"""A server process with a router and some agents who take what they are offered; killed by its test.

``python -m tests.support.desk_process ADDRESS NODE AGENT...``
"""

from __future__ import annotations

import asyncio
import random
import sys
from contextlib import aclosing
from dataclasses import replace

from tests.support.desk import SHOP, companies
from voicebot.clock import SystemClock
from voicebot.desk import DeskContent, EmbeddedDesk
from voicebot.domain import AgentId, ContactState, HandoffId, Presence, TenantId
from voicebot.errors import Conflict
from voicebot.store import SqlStore


def quick() -> dict[TenantId, DeskContent]:
    """The shop, open around the clock, where an offer lapses after three seconds."""
    shop = companies()[SHOP]
    queues = {name: replace(queue, always_open=True, cap=None) for name, queue in shop.queues.items()}
    return {SHOP: replace(shop, queues=queues, times=replace(shop.times, voice_lease_s=3.0, exclude_s=2.0))}


class Worker:
    """One agent: takes every offer after a moment, talks for a moment, closes."""

    def __init__(self, desk: EmbeddedDesk, agent: AgentId, node: str, code: str) -> None:
        self._desk, self._agent, self._node, self._code = desk, agent, node, code
        self._pause = random.Random(agent)

    async def work(self) -> None:
        session = f"{self._node}-{self._agent}"
        await self._desk.sign_in(self._agent, session, self._node)
        changes = self._desk.changes(SHOP)
        async with aclosing(changes), asyncio.TaskGroup() as tasks:
            tasks.create_task(self._beat(session))
            await self._desk.set_presence(self._agent, Presence.AVAILABLE)
            async for change in changes:
                if change.kind == "contact":
                    await self._look(HandoffId(change.id))

    async def _beat(self, session: str) -> None:
        while True:
            await self._desk.heartbeat(self._agent, session)
            await asyncio.sleep(2)

    async def _look(self, name: HandoffId) -> None:
        contact = await self._desk.contact(name)
        if contact.state is not ContactState.OFFERED or contact.agent != self._agent:
            return
        await asyncio.sleep(self._pause.uniform(0.05, 0.2))
        try:
            await self._desk.accept(name, self._agent)
            await self._desk.active(name, self._agent)
            await asyncio.sleep(self._pause.uniform(0.0, 0.1))
            await self._desk.close(name, self._agent, self._code, True)
        except Conflict:
            print("conflict", flush=True)


async def main(address: str, node: str, agents: list[str]) -> None:
    store = await SqlStore.open(address, lambda words: words)
    contents = quick()
    desk = EmbeddedDesk(store, SystemClock(), contents, node=node)
    code = contents[SHOP].dispositions[0].code
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(desk.run())
        await desk.enrol_rosters()
        for agent in agents:
            tasks.create_task(Worker(desk, AgentId(agent), node, code).work())
        print("ready", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
