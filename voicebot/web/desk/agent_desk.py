"""The desk as the console asks for it: agents, contacts, queues, promises."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

from voicebot.desk.agent_port import DeskChange, QueueNow, Task
from voicebot.desk.model import Agent, Contact, Medium
from voicebot.domain import (
    AgentId,
    ContactState,
    ConversationId,
    HandoffId,
    Presence,
    QueueId,
    Skill,
    TenantId,
)


class AgentDesk(Protocol):
    """The desk as the console uses it. Conflict: it is not as the caller thought; NotFound: no such thing."""

    async def sign_in(self, agent: AgentId, session: str, node: str) -> Agent:
        """Begin work; another session of the same agent is replaced and its contacts come along."""
        ...

    async def set_presence(self, agent: AgentId, presence: Presence, reason: str = "") -> Agent:
        """Available or on a break."""
        ...

    async def heartbeat(self, agent: AgentId, session: str) -> None:
        """Alive. Raises Conflict when another session took over or the agent was signed out."""
        ...

    async def sign_out(self, agent: AgentId, session: str) -> None:
        """End work; open contacts go back to the queue."""
        ...

    async def accept(self, contact: HandoffId, agent: AgentId) -> Contact:
        """Take an offer."""
        ...

    async def decline(self, contact: HandoffId, agent: AgentId, reason: str = "") -> None:
        """Refuse an offer."""
        ...

    async def active(self, contact: HandoffId, agent: AgentId) -> Contact:
        """Agent and customer are connected."""
        ...

    async def wrap_up(self, contact: HandoffId, agent: AgentId) -> Contact:
        """The talk is over."""
        ...

    async def close(self, contact: HandoffId, agent: AgentId, code: str, resolved: bool | None, note: str = "") -> None:
        """Finish with a disposition of the company's list."""
        ...

    async def transfer(
        self,
        contact: HandoffId,
        agent: AgentId,
        *,
        queue: QueueId | None = None,
        to_agent: AgentId | None = None,
        note: str = "",
    ) -> Contact:
        """Back into a queue, without this agent."""
        ...

    async def give_back(self, contact: HandoffId, agent: AgentId) -> Contact:
        """Back to the bot."""
        ...

    async def take_over(self, what: HandoffId | ConversationId, by: AgentId) -> Contact:
        """Lead it now, whoever led it before."""
        ...

    async def agent(self, agent: AgentId) -> Agent:
        """One agent."""
        ...

    async def agents(self, tenant: TenantId) -> Sequence[Agent]:
        """Everybody who takes contacts of a company."""
        ...

    def glance(self, contact: HandoffId) -> Contact | None:
        """An open contact as this process knows it, at no cost; another process may have changed it a moment ago."""
        ...

    async def contact(self, contact: HandoffId) -> Contact:
        """One contact."""
        ...

    async def contacts(self, tenant: TenantId, *, states: Sequence[ContactState] = ()) -> Sequence[Contact]:
        """A company's contacts in these states; empty: the open ones."""
        ...

    async def queues(self, tenant: TenantId) -> Sequence[QueueNow]:
        """How every queue stands."""
        ...

    async def set_skills(self, agent: AgentId, skills: Mapping[Skill, int]) -> Agent:
        """Replace the skills."""
        ...

    async def set_capacity(self, agent: AgentId, capacity: Mapping[Medium, int]) -> Agent:
        """Replace the capacity."""
        ...

    async def set_endpoint(self, agent: AgentId, endpoint: str) -> Agent:
        """``browser`` or a SIP address."""
        ...

    async def tasks(self, tenant: TenantId, *, owner: AgentId | None = None, open_only: bool = True) -> Sequence[Task]:
        """Tasks by due time."""
        ...

    async def task(self, task: str) -> Task:
        """One task."""
        ...

    async def add_task(self, task: Task, *, number: str | None = None) -> Task:
        """Promise something; ``id`` is given by the desk. ``number``: where a callback rings."""
        ...

    async def change_task(self, task: Task, by: AgentId) -> Task:
        """Keep a task as it is given here."""
        ...

    def changes(self, tenant: TenantId) -> AsyncGenerator[DeskChange, None]:
        """Every change from now on, from every process."""
        ...


__all__ = ["AgentDesk", "DeskChange", "QueueNow", "Task"]
