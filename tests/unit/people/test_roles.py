"""Who may do what, and where."""

from __future__ import annotations

import itertools

import pytest

from voicebot.domain import TenantId
from voicebot.people import Capability, Person, Role, capabilities, may, roles_given_by
from voicebot.people.roles import GRANTED, MAY

SHOP, TELECOM = TenantId("shop"), TenantId("telecom")


def person(*roles: Role, tenant: TenantId | None = SHOP, **more: object) -> Person:
    return Person("p", tenant, "p", "P", frozenset(roles), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("role", "capability"), list(itertools.product(Role, Capability)))
def test_the_wall_between_companies(role: Role, capability: Capability) -> None:
    held = capability in MAY[role]
    assert may(person(role), capability, SHOP) is held
    assert may(person(role), capability, TELECOM) is False
    assert may(person(role), capability, None) is False
    assert may(person(role, tenant=None), capability, TELECOM) is held
    assert may(person(role, tenant=None), capability, None) is held
    assert may(person(role, disabled=True), capability, SHOP) is False
    granted = person(role, grants=(TELECOM,))
    assert may(granted, capability, TELECOM) is (held and capability in GRANTED)


def test_every_role_has_its_line_and_every_capability_somebody() -> None:
    assert set(MAY) == set(Role)
    assert capabilities(Role) == set(Capability)
    assert capabilities(()) == frozenset()


def test_leaders_lead_and_agents_and_auditors_do_not() -> None:
    for capability in (Capability.LISTEN_IN, Capability.TAKE_OVER, Capability.EDIT_SKILLS, Capability.SEE_FLOOR):
        assert may(person(Role.LEADER), capability, SHOP)
        assert not may(person(Role.AGENT, Role.AUDITOR, Role.TRAINER), capability, SHOP)
    assert not may(person(Role.LEADER), Capability.READ_AUDIT, SHOP)
    assert may(person(Role.AUDITOR), Capability.READ_AUDIT, SHOP)


@pytest.mark.parametrize("role", list(Role))
def test_nobody_gives_a_role_that_may_more_than_their_own(role: Role) -> None:
    giver = person(role)
    for given in roles_given_by(giver):
        if role is not Role.ADMIN:
            assert Capability.EDIT_ACCOUNTS not in MAY[given]
    assert bool(roles_given_by(giver)) == (Capability.EDIT_ACCOUNTS in MAY[role])
