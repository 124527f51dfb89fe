"""Follow-ups and callback tasks: who does what until when."""

from __future__ import annotations

from dataclasses import asdict, replace
from uuid import uuid4

from sqlalchemy import RowMapping

from voicebot.desk.agent_port import Task
from voicebot.desk.callbacks import Promises
from voicebot.desk.embedded_core import DeskCore
from voicebot.domain import AgentId, CallbackWish, Language, TenantId
from voicebot.errors import BadMessage, NotFound
from voicebot.store import desk as rows
from voicebot.store.desk_tables import desk_tasks

_STATES = ("open", "done", "cancelled")


class Tasks:
    """The list of what was promised."""

    def __init__(self, core: DeskCore, promises: Promises) -> None:
        self._core, self._promises = core, promises

    async def tasks(
        self, tenant: TenantId, *, owner: AgentId | None = None, open_only: bool = True
    ) -> tuple[Task, ...]:
        """A company's tasks, the earliest due first."""
        async with self._core.store.reading() as connection:
            found = await rows.tasks_of(connection, tenant, ("open",) if open_only else _STATES)
        return tuple(_task(row) for row in found if owner is None or row["owner"] == owner)

    async def task(self, task: str) -> Task:
        """One task. Raises NotFound."""
        async with self._core.store.reading() as connection:
            row = await rows.one(connection, desk_tasks, id=task)
        if row is None:
            raise NotFound("There is no such task")
        return _task(row)

    async def add_task(self, task: Task, *, number: str | None = None) -> Task:
        """Promise something; the id is given here. ``number``: the desk rings it when the task is due.

        Raises:
            BadMessage: a number without the conversation it belongs to, or one that cannot be dialled.
        """
        if number is not None:
            task = await self._booked(task, number)
        kept = replace(task, id=uuid4().hex, created_at=self._core.clock.now(), state="open", done_at=None)
        async with self._core.work() as work:
            await rows.add(work.connection, desk_tasks, asdict(kept))
            await work.announce(kept.tenant, "task", kept.id)
        return kept

    async def change_task(self, task: Task, by: AgentId) -> Task:
        """Keep a task as it is given here. Raises NotFound."""
        now = self._core.clock.now()
        kept = replace(task, done_at=None if task.state == "open" else task.done_at or now)
        values = asdict(kept) | {"done_by": "" if kept.state == "open" else by}
        async with self._core.work() as work:
            if await rows.change(work.connection, desk_tasks, {"id": task.id, "tenant": task.tenant}, values) is None:
                raise NotFound("There is no such task")
            await work.announce(kept.tenant, "task", kept.id)
        return kept

    async def finish_task(self, task: str, by: AgentId, outcome: str = "") -> Task:
        """Done. Raises NotFound."""
        return await self.change_task(replace(await self.task(task), state="done", outcome=outcome), by)

    async def _booked(self, task: Task, number: str) -> Task:
        if task.conversation is None:
            raise BadMessage("A callback belongs to a conversation: say which")
        row = await self._core.store.conversation(task.conversation)
        wish = CallbackWish(
            None,
            task.tenant,
            task.conversation,
            Language(task.language) if task.language else row.language,
            number,
            not_before=task.due_at,
        )
        booked = await self._promises.keep_place(wish)
        return replace(task, text=f"{booked.reference} {task.text}".strip())


def _task(row: RowMapping) -> Task:
    return Task(**{name: row[name] for name in Task.__dataclass_fields__})
