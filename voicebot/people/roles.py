"""What each role may do: one table, and the one question everything asks of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from voicebot.domain import TenantId
from voicebot.people.model import Person, Role


class Capability(StrEnum):
    """Something a person may be allowed to do, named as the product asks for it."""

    TAKE_CONTACTS = "take_contacts"
    """Be offered contacts, talk to customers, close them."""
    SEE_FLOOR = "see_floor"
    """See every agent, queue and open contact of the company."""
    LISTEN_IN = "listen_in"
    """Listen to a live conversation, whisper to its agent, join it."""
    TAKE_OVER = "take_over"
    """Take a conversation from the bot or from another agent."""
    EDIT_SKILLS = "edit_skills"
    """Change an agent's skills, capacity and endpoint while they work."""
    ASSIGN_TASKS = "assign_tasks"
    """Give callbacks and follow-ups to somebody else."""
    STAFFING = "staffing"
    """Calculate staffing and read the figures of the floor."""
    READ_REPORTS = "read_reports"
    """Read figures that name no customer."""
    READ_CONVERSATIONS = "read_conversations"
    """Read the log of conversations that are not one's own."""
    EXPORT = "export"
    """Take conversations or figures out of the product."""
    EDIT_CONTENT = "edit_content"
    """Change flows, training data, canned answers, and train."""
    EDIT_ACCOUNTS = "edit_accounts"
    """Add and change the accounts of one's company."""
    EDIT_SETTINGS = "edit_settings"
    """Change webhooks, links to other systems and API tokens."""
    READ_AUDIT = "read_audit"
    """Read the audit log."""


_FLOOR = frozenset(
    (
        Capability.TAKE_CONTACTS,
        Capability.SEE_FLOOR,
        Capability.LISTEN_IN,
        Capability.TAKE_OVER,
        Capability.EDIT_SKILLS,
        Capability.ASSIGN_TASKS,
        Capability.STAFFING,
        Capability.READ_REPORTS,
        Capability.READ_CONVERSATIONS,
        Capability.EDIT_CONTENT,
    )
)

MAY: Mapping[Role, frozenset[Capability]] = {
    Role.AGENT: frozenset((Capability.TAKE_CONTACTS,)),
    Role.LEADER: _FLOOR,
    Role.MANAGER: _FLOOR | {Capability.EXPORT, Capability.EDIT_ACCOUNTS},
    Role.TRAINER: frozenset((Capability.READ_CONVERSATIONS, Capability.READ_REPORTS, Capability.EDIT_CONTENT)),
    Role.ADMIN: frozenset(Capability) - {Capability.TAKE_CONTACTS},
    Role.AUDITOR: frozenset((Capability.READ_AUDIT, Capability.READ_CONVERSATIONS, Capability.READ_REPORTS)),
}
"""The table. Roles add up: a person may do what any of their roles may."""

GRANTED = frozenset((Capability.TAKE_CONTACTS,))
"""What a person may do for a company that is not their own but was granted to them: serve its customers, no more."""

MAY_GIVE: Mapping[Role, frozenset[Role]] = {
    Role.ADMIN: frozenset(Role),
    Role.MANAGER: frozenset((Role.AGENT, Role.LEADER, Role.TRAINER)),
}
"""Which roles the holder of a role may give to others or take from them: nobody can raise anyone above themselves."""


def capabilities(roles: Iterable[Role]) -> frozenset[Capability]:
    """Everything these roles may do together."""
    return frozenset().union(*(MAY[role] for role in roles))


def may(person: Person, capability: Capability, tenant: TenantId | None) -> bool:
    """Whether a person may do this with data of ``tenant``; None means data of the installation as a whole.

    People of the installation reach every company; people of a company reach that company alone, apart from
    :data:`GRANTED`. A disabled person may do nothing.
    """
    if person.disabled or capability not in capabilities(person.roles):
        return False
    if person.tenant is None:
        return True
    if tenant is None:
        return False
    return tenant == person.tenant or (capability in GRANTED and tenant in person.grants)


def roles_given_by(person: Person) -> frozenset[Role]:
    """The roles this person may give and take."""
    return frozenset().union(*(MAY_GIVE.get(role, frozenset()) for role in person.roles))
