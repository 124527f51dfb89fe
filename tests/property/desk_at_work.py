"""A desk on a real store in virtual time, and what can be seen of it, for machines that do things to it."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.support.desk import MIDDAY, SHOP, TELECOM, Floor, Ringing, companies
from voicebot.desk import Contact, DialOutcome
from voicebot.desk.embedded_rows import contact_from
from voicebot.domain import (
    ContactState,
    HandoffId,
    HandoffRequest,
    Recorded,
)
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore
from voicebot.store.desk import contacts_since, open_contacts, promises_left

T = TypeVar("T")
CONTENTS = companies()


class Rung(Ringing):
    """Gives outcomes in turn and notes when it rang."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock, self._turn = clock, itertools.cycle(list(DialOutcome))
        self.live: set[HandoffId] = set()
        self.at: list[datetime] = []
        self.patient = False

    async def ring(self, contact: Contact, number: str, ring_s: float) -> DialOutcome:
        assert contact.id not in self.live, "two live dials for one promise"
        self.live.add(contact.id)
        self.rung.append((contact.id, number))
        self.at.append(self._clock.now())
        await asyncio.sleep(0)
        while self.patient:  # noqa: ASYNC110 - the loop stands still between two rules
            await asyncio.sleep(0.001)
        self.live.discard(contact.id)
        return next(self._turn)


class DeskAtWork(RuleBasedStateMachine):
    """A floor of two companies; what happens on it, and what must be so, is for whoever builds on it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="voicebot-desk-"))
        self.clock = VirtualClock(MIDDAY)
        self.dialler = Rung(self.clock)
        self.wishes: dict[HandoffId, HandoffRequest] = {}
        self.tq: dict[HandoffId, datetime] = {}
        self.alive: set[str] = set()
        self.nodes = itertools.count(1)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def _open(self, file: Path) -> None:
        self.store = await SqlStore.open(f"sqlite+aiosqlite:///{file}", lambda words: words)
        self.floor = await self._started()

    async def _started(self) -> Floor:
        """A desk whose board is kept current by its own changes alone, as that of the only process is."""
        floor = await Floor(self.store, self.clock, CONTENTS, node="n1", dialler=self.dialler).open()
        await floor.desk._core.load()
        floor.desk._core.following = True
        return floor

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.do(self.settled())
            self.do(self.store.close())
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- looking ------------------------------------------------------------------------------------------------------

    def contacts(self) -> list[Contact]:
        return self.do(self._contacts())

    async def _contacts(self) -> list[Contact]:
        async with self.store.reading() as connection:
            found = [contact_from(row) for row in await open_contacts(connection, (SHOP, TELECOM))]
        board = {contact.id: contact for contact in self.floor.desk._core.board.contacts()}
        assert {contact.id: contact for contact in found} == board, "the board is what the store holds"
        return found

    def pick(self, data: st.DataObject, *states: ContactState) -> Contact | None:
        found = sorted((c for c in self.contacts() if c.state in states), key=lambda c: c.id)
        return data.draw(st.sampled_from(found)) if found else None

    async def settled(self) -> None:
        """Until nothing is being dialled."""
        async with asyncio.timeout(20):
            while any(task.get_name().startswith("dial ") for task in asyncio.all_tasks()):  # noqa: ASYNC110
                await asyncio.sleep(0.002)

    async def rings(self, contact: HandoffId) -> bool:
        """The customer's phone rings, or it was not to be rung now."""
        async with asyncio.timeout(20):
            while contact not in self.dialler.live:
                if not any(task.get_name() == f"dial {contact}" for task in asyncio.all_tasks()):
                    return False
                await asyncio.sleep(0.002)
        return True

    async def promises_left(self) -> list[str]:
        """References of promises that nobody would ever keep."""
        async with self.store.reading() as connection:
            return [row["reference"] for row in await promises_left(connection)]

    async def rows_of(self, tenant: Any) -> list[dict[str, Any]]:
        async with self.store.reading() as connection:
            return [dict(row) for row in await contacts_since(connection, tenant, MIDDAY)]

    async def log_of(self, tenant: Any) -> list[Recorded]:
        found: list[Recorded] = []
        for row in await self.store.conversations(tenant, limit=10_000):
            found += await self.store.events(row.id) if row.last_seq else ()
        return found
