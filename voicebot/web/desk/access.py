"""Who may see and do what at the desk. What belongs to another company looks as if it did not exist."""

from __future__ import annotations

from voicebot.desk.model import Agent, Contact
from voicebot.domain import AgentId, ContactState, ConversationId, HandoffId, TenantId
from voicebot.errors import NotFound
from voicebot.people import Capability, Person, SignedIn, may
from voicebot.web.desk.ports import DeskCompany, DeskPorts
from voicebot.web.ports import ConversationRow
from voicebot.web.problems import Problem

MISSING = "There is nothing under this id for you. It may belong to another company or be gone."


def missing() -> Problem:
    """Not there, or not for this person; which of both is not told."""
    return Problem(404, "not_found", MISSING)


class Access:
    """Questions about people and what they ask for, answered with the thing or a problem."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    def company(self, signed: SignedIn, tenant: str | None, capability: Capability) -> DeskCompany:
        """The company asked for, else one's own."""
        wanted = TenantId(tenant) if tenant else signed.person.tenant
        if wanted is None:
            if len(self._ports.companies) != 1:
                raise Problem(422, "company_needed", "Say which company: ?tenant=... with one of its ids.")
            wanted = next(iter(self._ports.companies))
        company = self._ports.companies.get(wanted)
        if company is None or not _reaches(signed.person, wanted):
            raise missing()
        if not may(signed.person, capability, wanted):
            raise Problem(403, "not_allowed", "Your role may not do this. Ask a leader of your team.")
        return company

    def company_of(self, tenant: TenantId) -> DeskCompany:
        """The desk content of a company; an empty one when it has none."""
        return self._ports.companies.get(tenant) or DeskCompany(tenant, ())

    async def contact(self, signed: SignedIn, contact: str) -> Contact:
        """A contact of a company this person works for."""
        try:
            found = await self._ports.desk.contact(HandoffId(contact))
        except NotFound:
            raise missing() from None
        if not _reaches(signed.person, found.tenant):
            raise missing()
        return found

    async def readable(self, signed: SignedIn, contact: str) -> Contact:
        """A contact whose details may be read: one's own, or any of the company for leaders."""
        found = await self.contact(signed, contact)
        if found.agent != signed.person.id and not may(signed.person, Capability.SEE_FLOOR, found.tenant):
            raise Problem(403, "not_yours", "This contact is not yours. A leader can open it.")
        return found

    async def own(self, signed: SignedIn, contact: str, *states: ContactState) -> Contact:
        """A contact this person leads now, in one of these states."""
        found = await self.contact(signed, contact)
        if found.agent != signed.person.id or not found.state.open:
            raise Problem(409, "not_yours", "You do not lead this contact now. Reload to see who does.")
        if states and found.state not in states:
            wanted = " or ".join(states)
            raise Problem(409, "wrong_state", f"The contact is {found.state}, this needs {wanted}. Reload to see it.")
        return found

    async def speaking(self, signed: SignedIn, contact: str) -> Contact:
        """A contact this person leads now. For words and signs, which come often: asked of memory first."""
        known = self._ports.desk.glance(HandoffId(contact))
        if known is not None and known.agent == signed.person.id and _reaches(signed.person, known.tenant):
            return known
        return await self.own(signed, contact)

    async def conversation(self, signed: SignedIn, conversation: str, capability: Capability) -> ConversationRow:
        """A conversation of a company in which this person may do this."""
        try:
            row = await self._ports.log.conversation(ConversationId(conversation))
        except NotFound:
            raise missing() from None
        if not _reaches(signed.person, row.tenant):
            raise missing()
        if not may(signed.person, capability, row.tenant):
            raise Problem(403, "not_allowed", "Your role may not do this. Ask a leader of your team.")
        return row

    async def colleague(self, signed: SignedIn, agent: str) -> Agent:
        """Somebody of a company this person works for."""
        try:
            found = await self._ports.desk.agent(AgentId(agent))
        except NotFound:
            raise missing() from None
        if not any(_reaches(signed.person, tenant) for tenant in (found.tenant, *found.grants)):
            raise missing()
        return found


def _reaches(person: Person, tenant: TenantId) -> bool:
    return person.tenant is None or tenant == person.tenant or tenant in person.grants


def tenants_of(person: Person, known: tuple[TenantId, ...]) -> tuple[TenantId, ...]:
    """The companies whose desk this person sees on the socket."""
    return tuple(tenant for tenant in known if _reaches(person, tenant))


def agent_id(signed: SignedIn) -> AgentId:
    """The person as an agent."""
    return AgentId(signed.person.id)
