"""What a router looks at: everybody who takes contacts and everything that is open, kept in memory and up to date.

The store is the truth. The board only spares reading it whole for every decision; an offer made from an outdated board
is refused by the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from voicebot.desk.model import Agent, Contact, Medium
from voicebot.domain import AgentId, ContactState, HandoffId, TenantId

_LOADING = (ContactState.OFFERED, ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)
_REMEMBERED = 10_000


class Board:
    """Agents with their loads, and open contacts. Older versions never replace newer ones."""

    def __init__(self) -> None:
        self._agents: dict[AgentId, Agent] = {}
        self._contacts: dict[HandoffId, Contact] = {}
        self._gone: dict[HandoffId, int] = {}
        self._held: defaultdict[AgentId, set[HandoffId]] = defaultdict(set)

    def mark(self) -> Mapping[HandoffId, int]:
        """What is known now; taken before the store is read, for :meth:`replace_all`."""
        return {contact.id: contact.version for contact in self._contacts.values()}

    def replace_all(
        self, agents: Iterable[Agent], contacts: Iterable[Contact], before: Mapping[HandoffId, int] | None = None
    ) -> None:
        """Take over what the store held; what has become known since ``before`` was marked is newer and stays."""
        for agent in agents:
            self.see_agent(agent)
        found = {contact.id: contact for contact in contacts}
        for name, version in (before or {}).items():
            known = self._contacts.get(name)
            if name not in found and known is not None and known.version == version:
                self._forget(known)
        for contact in found.values():
            self.see_contact(contact)

    def knows(self, kind: str, version: int, name: str) -> bool:
        """Whether an announced change is old news."""
        if kind == "agent":
            agent = self._agents.get(AgentId(name))
            return agent is not None and agent.version >= version
        contact = self._contacts.get(HandoffId(name))
        return max(-1 if contact is None else contact.version, self._gone.get(HandoffId(name), -1)) >= version

    def see_agent(self, agent: Agent) -> None:
        """An agent as they are now."""
        known = self._agents.get(agent.id)
        if known is None or known.version <= agent.version:
            self._agents[agent.id] = agent
            self._reckon(agent.id)

    def see_contact(self, contact: Contact) -> None:
        """A contact as it is now; one that is over is forgotten."""
        known = self._contacts.get(contact.id)
        if known == contact:
            return
        newest = max(-1 if known is None else known.version, self._gone.get(contact.id, -1))
        if contact.version < newest:
            return
        if known is not None:
            self._forget(known)
        if contact.state.open:
            self._contacts[contact.id] = contact
            if contact.agent is not None and contact.state in _LOADING:
                self._held[contact.agent].add(contact.id)
                self._reckon(contact.agent)
        else:
            self._gone[contact.id] = contact.version
            while len(self._gone) > _REMEMBERED:
                del self._gone[next(iter(self._gone))]

    def agent(self, agent: AgentId) -> Agent | None:
        """One agent."""
        return self._agents.get(agent)

    def contact(self, contact: HandoffId) -> Contact | None:
        """One open contact."""
        return self._contacts.get(contact)

    def agents(self, tenant: TenantId | None = None) -> tuple[Agent, ...]:
        """Everybody, or everybody who serves a company."""
        return tuple(a for a in self._agents.values() if tenant is None or tenant == a.tenant or tenant in a.grants)

    def contacts(self, tenant: TenantId | None = None) -> tuple[Contact, ...]:
        """Every open contact, or a company's."""
        return tuple(c for c in self._contacts.values() if tenant is None or c.tenant == tenant)

    def held_by(self, agent: AgentId) -> tuple[Contact, ...]:
        """The contacts that take the agent's capacity."""
        return tuple(self._contacts[name] for name in self._held.get(agent, ()))

    def _forget(self, known: Contact) -> None:
        del self._contacts[known.id]
        if known.agent is not None:
            self._held[known.agent].discard(known.id)
            self._reckon(known.agent)

    def _reckon(self, agent: AgentId) -> None:
        known = self._agents.get(agent)
        if known is None:
            return
        load: dict[Medium, int] = {}
        for contact in self.held_by(agent):
            load[contact.medium] = load.get(contact.medium, 0) + 1
        if known.load != load:
            self._agents[agent] = replace(known, load=load)
