"""One reader of the desk's changes per company and process, handing each to the consoles it concerns."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol

from voicebot.desk import DeskChange, QueueNow, Task
from voicebot.desk.model import Agent, Contact
from voicebot.domain import AgentId, HandoffId, TenantId
from voicebot.errors import NotFound, StoreError
from voicebot.web.desk.ports import DeskPorts

_log = logging.getLogger(__name__)
_RETRY_S = 1.0
QUEUES_EVERY_S = 1.0
ALERTED_FOR = timedelta(minutes=15)
"""How long a leader who looks later still sees what was announced."""


class Watcher(Protocol):
    """A console, as the floor sees it. None of these may wait."""

    @property
    def tenants(self) -> Sequence[TenantId]:
        """The companies it looks at."""
        ...

    def contact_changed(self, contact: Contact) -> None:
        """A contact is different now."""
        ...

    def agent_changed(self, agent: Agent) -> None:
        """An agent is different now."""
        ...

    def task_changed(self, task: Task) -> None:
        """A task is different now."""
        ...

    def alerted(self, tenant: TenantId, what: str) -> None:
        """Something a leader should look at: a kind and the id it is about, with a colon between."""
        ...

    def queues_changed(self, tenant: TenantId, queues: Sequence[QueueNow]) -> None:
        """The queues of a company as they stand."""
        ...

    def missed_something(self) -> None:
        """Changes were lost: start from the present state."""
        ...


class Floors:
    """The companies that somebody looks at."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._floors: dict[TenantId, _Floor] = {}

    @asynccontextmanager
    async def watched_by(self, watcher: Watcher) -> AsyncIterator[None]:
        """The watcher hears of every change until the block ends."""
        for tenant in watcher.tenants:
            self._floors.setdefault(tenant, _Floor(self._ports, tenant)).add(watcher)
        try:
            yield
        finally:
            for tenant in watcher.tenants:
                if self._floors[tenant].remove(watcher):
                    await self._floors.pop(tenant).close()

    def announced(self, tenant: TenantId) -> Sequence[str]:
        """What leaders of a company were alerted to of late while somebody looked at it, the newest first."""
        floor = self._floors.get(tenant)
        return () if floor is None else floor.announced()


class _Floor:
    """One company."""

    def __init__(self, ports: DeskPorts, tenant: TenantId) -> None:
        self._ports, self._tenant = ports, tenant
        self._watchers: set[Watcher] = set()
        self._moved = asyncio.Event()
        self._announced: dict[str, datetime] = {}
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def add(self, watcher: Watcher) -> None:
        self._watchers.add(watcher)
        if not self._tasks:
            self._tasks = (asyncio.create_task(self._feed()), asyncio.create_task(self._queues()))

    def remove(self, watcher: Watcher) -> bool:
        """Whether nobody is left."""
        self._watchers.discard(watcher)
        return not self._watchers

    def announced(self) -> Sequence[str]:
        since = self._ports.clock.now() - ALERTED_FOR
        self._announced = {what: at for what, at in self._announced.items() if at >= since}
        return sorted(self._announced, key=lambda what: self._announced[what], reverse=True)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _feed(self) -> None:
        while True:
            try:
                async with aclosing(self._ports.desk.changes(self._tenant)) as changes:
                    async for change in changes:
                        await self._tell(change)
            except StoreError as error:
                _log.error("changes of the desk cannot be read, trying again: %s", type(error).__name__)
            await self._ports.clock.sleep(_RETRY_S)
            for watcher in tuple(self._watchers):
                watcher.missed_something()

    async def _tell(self, change: DeskChange) -> None:
        desk = self._ports.desk
        try:
            match change.kind:
                case "contact":
                    contact = await desk.contact(HandoffId(change.id))
                    for watcher in tuple(self._watchers):
                        watcher.contact_changed(contact)
                case "agent":
                    agent = await desk.agent(AgentId(change.id))
                    for watcher in tuple(self._watchers):
                        watcher.agent_changed(agent)
                case "task":
                    task = await desk.task(change.id)
                    for watcher in tuple(self._watchers):
                        watcher.task_changed(task)
                case "alert":
                    self._announced[change.id] = self._ports.clock.now()
                    for watcher in tuple(self._watchers):
                        watcher.alerted(self._tenant, change.id)
        except NotFound:
            _log.debug("a change of something that is gone")
        if change.kind != "task":
            self._moved.set()

    async def _queues(self) -> None:
        """How the queues stand, after changes and at most once in a while."""
        while True:
            await self._moved.wait()
            self._moved.clear()
            try:
                queues = await self._ports.desk.queues(self._tenant)
            except StoreError as error:
                _log.warning("the queues cannot be read: %s", type(error).__name__)
            else:
                for watcher in tuple(self._watchers):
                    watcher.queues_changed(self._tenant, queues)
            await self._ports.clock.sleep(QUEUES_EVERY_S)
