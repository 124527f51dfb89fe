"""Accounts, roles, sessions, and who did what."""

from voicebot.people.accounts import Accounts, Wanted
from voicebot.people.audit import AuditLog, Proof
from voicebot.people.model import NewSession, OpenSession, Person, Role, SignedIn, Where
from voicebot.people.outside import ClaimRules, Outside, Provider
from voicebot.people.passwords import Passwords, generated_password
from voicebot.people.people import People
from voicebot.people.roles import Capability, capabilities, may, roles_given_by
from voicebot.people.roster import RosterLine, seed_roster
from voicebot.people.sessions import SessionRules, Sessions

__all__ = [
    "Accounts",
    "AuditLog",
    "Capability",
    "ClaimRules",
    "NewSession",
    "OpenSession",
    "Outside",
    "Passwords",
    "People",
    "Person",
    "Proof",
    "Provider",
    "Role",
    "RosterLine",
    "SessionRules",
    "Sessions",
    "SignedIn",
    "Wanted",
    "Where",
    "capabilities",
    "generated_password",
    "may",
    "roles_given_by",
    "seed_roster",
]
