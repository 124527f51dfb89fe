"""What a script is made of for others: which steps only some talks come to, and what its likeness is measured by."""

from __future__ import annotations

from tests.unit.assist.guided import ready
from voicebot.assist.scripts.likeness import as_cards
from voicebot.assist.scripts.shape import branches
from voicebot.domain import EN


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


def test_what_other_scripts_say_is_neutral_for_the_likeness_of_one() -> None:
    scripts = ready("telecom").scripts
    cards = as_cards(scripts, scripts.scripts["telecom_fault"])
    others = scripts.scripts["telecom_cancel"].steps["exit_fee"].examples[EN]
    assert set(others) <= set(cards.neutral[EN])
    own = as_cards(scripts, scripts.scripts["telecom_cancel"])
    assert not set(others) & set(own.neutral[EN]) and "telecom_cancel/exit_fee" in own.cards
