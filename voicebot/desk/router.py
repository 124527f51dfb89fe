"""The router: wakes when something changes and once a second, and does whatever is due.

Every server process runs one. They need not know of each other: what two of them decide at the same moment, the store
lets one of them do.
"""

from __future__ import annotations

import asyncio
import logging

from voicebot.desk.attendance import Attendance
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
    ) -> None:
        self._core, self._attendance, self._offers = core, attendance, offers
        self._heartbeats, self._dialling, self._overdue = heartbeats, dialling, overdue
        self._ticks = 0

    async def run(self) -> None:
        """Until cancelled. A store that cannot be reached is tried again; everything is in it."""
        await self._begin()
        followers = [asyncio.create_task(self._follow(tenant)) for tenant in self._core.contents]
        ticking = asyncio.create_task(self._ticking())
        try:
            while True:
                await self._core.woken.wait()
                self._core.woken.clear()
                await self._safely()
        finally:
            self._core.following = False
            for task in (*followers, ticking):
                task.cancel()
            await asyncio.gather(*followers, ticking, return_exceptions=True)
            await self._dialling.close()

    async def tick(self) -> None:
        """What is due by time alone: beats, the silent, leases, pauses, forms, callbacks; then offers."""
        await self._core.fresh()
        await self._heartbeats.flush()
        await self._heartbeats.bury()
        await self._offers.lapse()
        await self._attendance.end_rests()
        await self._overdue.look()
        if self._ticks % _SLOW_EVERY == 0:
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

    async def _safely(self) -> None:
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
        """Keep the board as other processes make it."""
        notices = self._core.store.changes(topic_of(tenant))
        try:
            async for notice in notices:
                await self._notice(notice)
        finally:
            await notices.aclose()

    async def _notice(self, notice: str) -> None:
        kind, _, rest = notice.partition(":")
        version, _, name = rest.partition(":")
        try:
            match kind:
                case "agent" if not self._core.board.knows(kind, int(version), name):
                    await self._core.clock.sleep(_BEHIND_S)
                    await self._core.look_at({AgentId(name)}, set())
                case "contact" if not self._core.board.knows(kind, int(version), name):
                    await self._core.clock.sleep(_BEHIND_S)
                    await self._core.look_at(set(), {HandoffId(name)})
                case "":
                    await self._core.load()
                    self._core.woken.set()
        except StoreError as error:
            _log.warning("A change could not be read: %s", type(error).__name__)
