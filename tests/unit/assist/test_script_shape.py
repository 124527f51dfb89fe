"""Which steps only some talks come to, on real scripts and on one with every kind of way."""

from __future__ import annotations

from tests.unit.assist.guided import ready
from voicebot.assist.scripts.shape import branches


def of(tenant: str, script: str) -> dict[str, str]:
    return dict(branches(ready(tenant).scripts.scripts[script]))


def test_a_branch_names_the_question_that_decides() -> None:
    assert of("shop", "shop_complaint") == {"safety": "hurt", "refund_day": "remedy", "new_day": "remedy"}
    assert of("telecom", "telecom_fault") == {
        "priority": "depends", "engineer": "works", "owed": "works", "close": "works",
    }  # fmt: skip


def test_what_every_talk_comes_to_is_no_branch() -> None:
    for tenant in ("shop", "telecom"):
        for name, script in ready(tenant).scripts.scripts.items():
            assert script.first not in of(tenant, name)
