"""The router: wakes when something changes and once a second, and does whatever is due.

Every server process runs one. They need not know of each other: what two of them decide at the same moment, the store
lets one of them do.
"""

from __future__ import annotations

import asyncio
import logging

from voicebot.desk.attendance import Attendance
from voicebot.desk.calibration import Calibration
from voicebot.desk.dialling import Dialling
from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_work import topic_of
from voicebot.desk.heartbeats import Heartbeats
from voicebot.desk.offers import Offers
from voicebot.desk.overdue import Overdue
from voicebot.domain import AgentId, HandoffId, TenantId
from voicebot.errors import StoreError

TICK_S = 1.0
_RELOAD_S = 15.0
_BEHIND_S = 0.05
"""A change of another process is left to that process for so long."""
_SLOW_EVERY = 10

_log = logging.getLogger(__name__)


class Router:
    """Runs the desk's clockwork in one process."""

    def __init__(
        self,
        core: DeskCore,
        attendance: Attendance,
        offers: Offers,
        heartbeats: Heartbeats,
        dialling: Dialling,
        overdue: Overdue,
        calibration: Calibration,
    ) -> None:
        self._core, self._attendance, self._offers = core, attendance, offers
        self._heartbeats, self._dialling, self._overdue = heartbeats, dialling, overdue
        self._calibration = calibration
        self._ticks = 0
        self._changed = asyncio.Event()
        self._agents: set[AgentId] = set()
        self._contacts: set[HandoffId] = set()
        self._all = False

    async def run(self) -> None:
        """Until cancelled. A store that cannot be reached is tried again; everything is in it."""
        await self._begin()
        try:
            async with asyncio.TaskGroup() as tasks:
                for tenant in self._core.contents:
                    tasks.create_task(self._follow(tenant))
                tasks.create_task(self._catching_up())
                tasks.create_task(self._ticking())
                tasks.create_task(self._routing())
        finally:
            self._core.following = False
            await self._dialling.close()

    async def tick(self) -> None:
        """What is due by time alone: beats, the silent, leases, pauses, forms, callbacks; then offers."""
        await self._core.fresh()
        await self._heartbeats.flush()
        await self._heartbeats.bury()
        await self._offers.lapse()
        await self._attendance.end_rests()
        await self._overdue.look()
        await self._calibration.look()
        if self._ticks % _SLOW_EVERY == 0:
            await self._dialling.lost()
            await self._dialling.postpone()
            await self._dialling.forget()
        self._ticks += 1
        await self._offers.route()

    async def _begin(self) -> None:
        while True:
            try:
                await self._attendance.enrol_rosters()
                await self._core.load()
                break
            except StoreError as error:
                _log.warning("The desk waits for its store: %s", type(error).__name__)
                await self._core.clock.sleep(TICK_S)
        self._core.following = True
        self._core.woken.set()

    async def _routing(self) -> None:
        """Offer whenever something has changed."""
        while True:
            await self._core.woken.wait()
            self._core.woken.clear()
            try:
                await self._offers.route()
            except StoreError as error:
                _log.warning("Offers wait for the store: %s", type(error).__name__)

    async def _ticking(self) -> None:
        loaded_at = self._core.clock.monotonic()
        while True:
            try:
                await self.tick()
                if self._core.clock.monotonic() - loaded_at >= _RELOAD_S:
                    await self._core.load()
                    loaded_at = self._core.clock.monotonic()
            except StoreError as error:
                _log.warning("The desk waits for its store: %s", type(error).__name__)
            await self._core.clock.sleep(TICK_S)

    async def _follow(self, tenant: TenantId) -> None:
        """Note what other processes change."""
        notices = self._core.store.changes(topic_of(tenant))
        try:
            async for notice in notices:
                kind, _, rest = notice.partition(":")
                version, _, name = rest.partition(":")
                if kind == "":
                    self._all = True
                elif kind not in ("agent", "contact") or self._core.board.knows(kind, int(version), name):
                    continue
                elif kind == "agent":
                    self._agents.add(AgentId(name))
                else:
                    self._contacts.add(HandoffId(name))
                self._changed.set()
        finally:
            await notices.aclose()

    async def _catching_up(self) -> None:
        """Keep the board as other processes make it; what comes in a burst is read together."""
        while True:
            await self._changed.wait()
            await self._core.clock.sleep(_BEHIND_S)
            self._changed.clear()
            agents, contacts, everything = self._agents, self._contacts, self._all
            self._agents, self._contacts, self._all = set(), set(), False
            try:
                if everything:
                    await self._core.load()
                    self._core.woken.set()
                else:
                    await self._core.look_at(agents, contacts)
            except StoreError as error:
                _log.warning("Changes could not be read: %s", type(error).__name__)
                self._all = True
                self._changed.set()
                await self._core.clock.sleep(TICK_S)
