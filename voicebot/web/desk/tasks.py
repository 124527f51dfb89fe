"""Follow-ups and callbacks: who promised what by when.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from voicebot.desk import Task
from voicebot.domain import AgentId
from voicebot.errors import NotFound
from voicebot.people import Capability, SignedIn, may
from voicebot.web.desk.access import agent_id, missing
from voicebot.web.desk.bodies import TaskChange, TaskList, TaskNew
from voicebot.web.desk.contacts import ERRORS, Agent, Anybody
from voicebot.web.desk.parts import DeskParts
from voicebot.web.desk.showing import names_of, task_view
from voicebot.web.desk.views import TaskView
from voicebot.web.problems import Problem
from voicebot.web.signed_in import must_be_able


def router(desk: DeskParts) -> APIRouter:
    """Promises."""
    routes = APIRouter(prefix="/api/desk/tasks", tags=["desk: tasks"], responses=ERRORS)
    ports, access = desk.ports, desk.access

    async def shown(task: Task) -> TaskView:
        names = {}
        if task.owner is not None:
            try:
                names = names_of([await ports.desk.agent(task.owner)])
            except NotFound:
                names = {}
        return task_view(task, ports.clock.now(), names)

    async def owner_of(signed: SignedIn, wanted: str, task: Task) -> AgentId:
        """Who a task may be given to: oneself, or anybody of the company by those who assign."""
        if wanted != signed.person.id:
            must_be_able(signed, Capability.ASSIGN_TASKS, task.tenant)
        owner = await access.colleague(signed, wanted)
        if task.tenant not in (owner.tenant, *owner.grants):
            raise missing()
        return owner.id

    @routes.get("", summary="Tasks by due time", operation_id="desk_tasks")
    async def tasks(
        signed: Anybody,
        everybody: Annotated[bool, Query(description="those of colleagues too; for leaders")] = False,
        done: Annotated[bool, Query(description="finished ones too")] = False,
        tenant: Annotated[str | None, Query(description="company id; one's own when left out")] = None,
    ) -> TaskList:
        """One's own, and those that nobody has yet."""
        capability = Capability.ASSIGN_TASKS if everybody else Capability.TAKE_CONTACTS
        company = access.company(signed, tenant, capability)
        found = await ports.desk.tasks(company.tenant, open_only=not done)
        names = names_of(await ports.desk.agents(company.tenant))
        now = ports.clock.now()
        return TaskList(
            tasks=[
                task_view(task, now, names)
                for task in found
                if everybody or task.owner is None or task.owner == signed.person.id
            ]
        )

    @routes.post("", summary="Promise something", operation_id="desk_task_add", status_code=201)
    async def add(signed: Agent, body: TaskNew) -> TaskView:
        """A follow-up for somebody to do, or a callback that the desk rings when it is due."""
        contact = await access.readable(signed, body.contact) if body.contact is not None else None
        if contact is None and signed.person.tenant is None:
            raise Problem(422, "contact_needed", "contact: say which contact this is about.")
        tenant = contact.tenant if contact is not None else signed.person.tenant
        assert tenant is not None
        task = Task(
            id="",
            tenant=tenant,
            kind=body.kind,
            text=body.text.strip(),
            owner=agent_id(signed),
            due_at=body.due_at,
            state="open",
            created_at=ports.clock.now(),
            created_by=signed.person.id,
            contact=contact.id if contact is not None else None,
            conversation=contact.conversation if contact is not None else None,
            language=contact.language if contact is not None else signed.person.language,
        )
        if body.owner is not None:
            task = replace(task, owner=await owner_of(signed, body.owner, task))
        return await shown(await ports.desk.add_task(task, number=body.number))

    @routes.patch("/{task}", summary="Finish, give away or move a task", operation_id="desk_task_change")
    async def change(signed: Anybody, task: str, body: TaskChange) -> TaskView:
        """Whoever owns it, and leaders. A task without an owner may be taken by anybody."""
        try:
            found = await ports.desk.task(task)
        except NotFound:
            raise missing() from None
        if not may(signed.person, Capability.TAKE_CONTACTS, found.tenant):
            must_be_able(signed, Capability.ASSIGN_TASKS, found.tenant)
        mine = found.owner in (None, signed.person.id)
        if not mine:
            must_be_able(signed, Capability.ASSIGN_TASKS, found.tenant)
        if found.state != "open":
            raise Problem(409, "finished", "This task is finished already. Add another one.")
        owner = await owner_of(signed, body.owner, found) if body.owner is not None else found.owner
        after = replace(
            found,
            owner=owner,
            due_at=body.due_at or found.due_at,
            text=body.text.strip() if body.text is not None else found.text,
            state=body.state or found.state,
            outcome=body.outcome or found.outcome,
            done_at=ports.clock.now() if body.state is not None else None,
        )
        return await shown(await ports.desk.change_task(after, agent_id(signed)))

    return routes
