"""The desk inside the product: one object for the customer's side, the console and the clockwork."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence

from voicebot.clock import Clock
from voicebot.desk.agent_port import DeskChange, QueueNow, Task
from voicebot.desk.attendance import Attendance
from voicebot.desk.calibration import Calibration
from voicebot.desk.callbacks import Promise, Promises
from voicebot.desk.company import DeskContent
from voicebot.desk.dialling import Dialler, Dialling
from voicebot.desk.embedded_asking import Asking
from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_following import Following
from voicebot.desk.figures import Figures
from voicebot.desk.floor import Floor
from voicebot.desk.handling import Handling
from voicebot.desk.heartbeats import Heartbeats
from voicebot.desk.losses import Losses
from voicebot.desk.model import Agent, Contact, Medium
from voicebot.desk.offers import Offers
from voicebot.desk.overdue import Overdue
from voicebot.desk.promised import Tasks
from voicebot.desk.router import Router
from voicebot.domain import (
    AgentId,
    CallbackBooked,
    CallbackWish,
    Channel,
    ContactState,
    ConversationId,
    DeskNews,
    DeskReply,
    HandoffId,
    HandoffRequest,
    Presence,
    QueueId,
    Skill,
    TenantId,
)
from voicebot.store import SqlStore


class EmbeddedDesk:
    """A :class:`~voicebot.desk.port.HandoffDesk` and the console's desk, on the product's own store.

    Any number of processes may have one on the same database; ``node`` names this process. Everything is in the store:
    a new desk on the same store goes on where another one stopped. ``dialler`` None: callbacks cannot be rung here.
    """

    def __init__(
        self,
        store: SqlStore,
        clock: Clock,
        contents: Mapping[TenantId, DeskContent],
        *,
        node: str,
        dialler: Dialler | None = None,
    ) -> None:
        core = DeskCore(store, clock, contents, node)
        self._promises = Promises(core)
        offers = Offers(core)
        losses = Losses(core, offers, self._promises)
        self._attendance = Attendance(core, losses)
        dialling = Dialling(core, dialler)
        self._heartbeats = Heartbeats(core, losses, dialling)
        self._asking, self._following = Asking(core, self._promises), Following(core)
        self._handling, self._offers = Handling(core, self._attendance, dialling), offers
        self._tasks, self._floor = Tasks(core, self._promises), Floor(core)
        overdue, calibration = Overdue(core), Calibration(core)
        self._router = Router(core, self._attendance, offers, self._heartbeats, dialling, overdue, calibration)
        self._core = core

    # --- the customer's side ------------------------------------------------------------------------------------------

    async def request(self, wish: HandoffRequest) -> DeskReply:
        """See :meth:`voicebot.desk.port.HandoffDesk.request`."""
        return await self._asking.request(wish)

    async def cancel(self, contact: HandoffId, why: str) -> bool:
        """See :meth:`voicebot.desk.port.HandoffDesk.cancel`."""
        return await self._asking.cancel(contact, why)

    async def moved_channel(self, contact: HandoffId, channel: Channel) -> bool:
        """See :meth:`voicebot.desk.embedded_asking.Asking.moved_channel`."""
        return await self._asking.moved_channel(contact, channel)

    async def keep_place(self, wish: CallbackWish) -> CallbackBooked:
        """See :meth:`voicebot.desk.port.HandoffDesk.keep_place`."""
        return await self._promises.keep_place(wish)

    async def standing(self, contact: HandoffId) -> DeskNews:
        """See :meth:`voicebot.desk.port.HandoffDesk.standing`."""
        return await self._following.standing(contact)

    def follow(self, contact: HandoffId) -> AsyncGenerator[DeskNews, None]:
        """See :meth:`voicebot.desk.port.HandoffDesk.follow`."""
        return self._following.follow(contact)

    async def open_contact(self, conversation: ConversationId) -> HandoffId | None:
        """See :meth:`voicebot.desk.port.HandoffDesk.open_contact`."""
        return await self._following.open_contact(conversation)

    async def callback_of(self, tenant: TenantId, number: str) -> Promise | None:
        """The open or lately tried callback of a number that calls in."""
        return await self._promises.callback_of(tenant, number)

    # --- agents -------------------------------------------------------------------------------------------------------

    async def sign_in(self, agent: AgentId, session: str, node: str) -> Agent:
        """See :meth:`voicebot.desk.attendance.Attendance.sign_in`."""
        return await self._attendance.sign_in(agent, session, node)

    async def enrol(self, agent: Agent) -> None:
        """Put a person on the roster who is not in the company's files."""
        await self._attendance.enrol(agent)

    async def set_presence(self, agent: AgentId, presence: Presence, reason: str = "") -> Agent:
        """See :meth:`voicebot.desk.attendance.Attendance.set_presence`."""
        return await self._attendance.set_presence(agent, presence, reason)

    async def heartbeat(self, agent: AgentId, session: str) -> None:
        """Alive. Raises Conflict when another session took over or the agent was signed out."""
        await self._core.fresh()
        self._heartbeats.beat(agent, session)

    async def sign_out(self, agent: AgentId, session: str) -> None:
        """See :meth:`voicebot.desk.attendance.Attendance.sign_out`."""
        await self._attendance.sign_out(agent, session)

    async def set_skills(self, agent: AgentId, skills: Mapping[Skill, int]) -> Agent:
        """See :meth:`voicebot.desk.attendance.Attendance.set_skills`."""
        return await self._attendance.set_skills(agent, skills)

    async def set_endpoint(self, agent: AgentId, endpoint: str) -> Agent:
        """See :meth:`voicebot.desk.attendance.Attendance.set_endpoint`."""
        return await self._attendance.set_endpoint(agent, endpoint)

    async def set_capacity(self, agent: AgentId, capacity: Mapping[Medium, int]) -> Agent:
        """See :meth:`voicebot.desk.attendance.Attendance.set_capacity`."""
        return await self._attendance.set_capacity(agent, capacity)

    # --- contacts -----------------------------------------------------------------------------------------------------

    async def accept(self, contact: HandoffId, agent: AgentId) -> Contact:
        """See :meth:`voicebot.desk.handling.Handling.accept`."""
        return await self._handling.accept(contact, agent)

    async def decline(self, contact: HandoffId, agent: AgentId, reason: str = "") -> None:
        """See :meth:`voicebot.desk.offers.Offers.decline`."""
        await self._offers.decline(contact, agent, reason)

    async def active(self, contact: HandoffId, agent: AgentId) -> Contact:
        """See :meth:`voicebot.desk.handling.Handling.active`."""
        return await self._handling.active(contact, agent)

    async def wrap_up(self, contact: HandoffId, agent: AgentId) -> Contact:
        """See :meth:`voicebot.desk.handling.Handling.wrap_up`."""
        return await self._handling.wrap_up(contact, agent)

    async def close(
        self, contact: HandoffId, agent: AgentId, code: str, resolved: bool | None = None, note: str = ""
    ) -> None:
        """See :meth:`voicebot.desk.handling.Handling.close`."""
        await self._handling.close(contact, agent, code, resolved, note)

    async def transfer(
        self,
        contact: HandoffId,
        agent: AgentId,
        *,
        queue: QueueId | None = None,
        to_agent: AgentId | None = None,
        note: str = "",
    ) -> Contact:
        """See :meth:`voicebot.desk.handling.Handling.transfer`."""
        return await self._handling.transfer(contact, agent, queue=queue, to_agent=to_agent, note=note)

    async def give_back(self, contact: HandoffId, agent: AgentId) -> Contact:
        """See :meth:`voicebot.desk.handling.Handling.give_back`."""
        return await self._handling.give_back(contact, agent)

    async def take_over(self, what: HandoffId | ConversationId, by: AgentId) -> Contact:
        """See :meth:`voicebot.desk.handling.Handling.take_over`."""
        return await self._handling.take_over(what, by)

    # --- the floor ----------------------------------------------------------------------------------------------------

    async def agent(self, agent: AgentId) -> Agent:
        """One agent. Raises NotFound."""
        return await self._attendance.agent(agent)

    async def agents(self, tenant: TenantId) -> tuple[Agent, ...]:
        """Everybody who takes a company's contacts."""
        return await self._floor.agents(tenant)

    def glance(self, contact: HandoffId) -> Contact | None:
        """An open contact as this process knows it, at no cost; another process may have changed it a moment ago."""
        return self._floor.glance(contact)

    async def contact(self, contact: HandoffId) -> Contact:
        """One contact, open or over. Raises NotFound."""
        return await self._floor.contact(contact)

    async def contacts(self, tenant: TenantId, *, states: Sequence[ContactState] = ()) -> tuple[Contact, ...]:
        """A company's contacts in these states; without any: the open ones."""
        return await self._floor.contacts(tenant, states=states)

    async def queues(self, tenant: TenantId) -> tuple[QueueNow, ...]:
        """How every queue of a company stands."""
        return await self._floor.queues(tenant)

    async def figures(self, tenant: TenantId) -> dict[QueueId | None, Figures]:
        """Today's figures by queue, and of the company under None."""
        return await self._floor.figures(tenant)

    async def occupancy(self, tenant: TenantId) -> dict[AgentId, float]:
        """How much of today's time at work each agent spent with customers (0..1)."""
        return await self._floor.occupancy(tenant)

    async def tasks(
        self, tenant: TenantId, *, owner: AgentId | None = None, open_only: bool = True
    ) -> tuple[Task, ...]:
        """A company's tasks, the earliest due first."""
        return await self._tasks.tasks(tenant, owner=owner, open_only=open_only)

    async def task(self, task: str) -> Task:
        """One task. Raises NotFound."""
        return await self._tasks.task(task)

    async def add_task(self, task: Task, *, number: str | None = None) -> Task:
        """See :meth:`voicebot.desk.promised.Tasks.add_task`."""
        return await self._tasks.add_task(task, number=number)

    async def change_task(self, task: Task, by: AgentId) -> Task:
        """See :meth:`voicebot.desk.promised.Tasks.change_task`."""
        return await self._tasks.change_task(task, by)

    async def finish_task(self, task: str, by: AgentId, outcome: str = "") -> Task:
        """See :meth:`voicebot.desk.promised.Tasks.finish_task`."""
        return await self._tasks.finish_task(task, by, outcome)

    def changes(self, tenant: TenantId) -> AsyncGenerator[DeskChange, None]:
        """See :meth:`voicebot.desk.floor.Floor.changes`."""
        return self._floor.changes(tenant)

    # --- the clockwork ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Route, until cancelled."""
        await self._router.run()

    async def tick(self) -> None:
        """Do once what :meth:`run` does every second."""
        await self._router.tick()

    async def enrol_rosters(self) -> None:
        """Put the people of the companies' files into the store; :meth:`run` begins with it."""
        await self._attendance.enrol_rosters()
