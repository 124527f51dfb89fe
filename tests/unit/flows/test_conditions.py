"""Flow predicates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.flows.conditions import ConditionSyntax, holds, names, parse

SLOTS = {"status": "shipped", "amount": 42.5, "count": "3", "opened": True, "refused": False, "text": "a long story"}


def lookup(scope, name):
    return SLOTS.get(name) if scope == "slots" else {"channel": "voice"}.get(name)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('slots.status = "shipped"', True),
        ("slots.status == 'lost'", False),
        ('slots.status != "lost"', True),
        ("slots.amount > 42", True),
        ("slots.amount <= 42", False),
        ("slots.count >= 3", True),
        ("slots.opened", True),
        ("not slots.opened", False),
        ("slots.refused", False),
        ("slots.missing", False),
        ("slots.opened = true", True),
        ("slots.refused is false", True),
        ("slots.missing is null", True),
        ("slots.status is not null", True),
        ("slots.missing is not null", False),
        ('slots.text contains "long"', True),
        ('slots.text not contains "short"', True),
        ("slots.status matches '^sh'", True),
        ("slots.status not matches '^x'", True),
        ('context.channel = "voice" and slots.opened', True),
        ('slots.refused or slots.status = "shipped" and not slots.refused', True),
        ("(slots.refused or slots.opened) and slots.missing", False),
        ("slots.missing > 3", False),
        ("slots.status > 3", False),
        ('slots.missing != "x"', True),
        ("true", True),
    ],
)
def test_predicates(text: str, wanted: bool):
    assert holds(parse(text), lookup) is wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "slots.x =",
        "slots.x = = 3",
        "status = 'x'",
        "(slots.x",
        "slots.x) ",
        "slots.x = 'open",
        "slots.x matches 3",
        "slots.x matches '('",
        "slots. = 3",
        "slots.x ? 3",
        "and slots.x",
        "not",
    ],
)
def test_bad_predicates_say_so(text: str):
    with pytest.raises(ConditionSyntax):
        parse(text)


def test_names_lists_every_variable():
    found = {(n.scope, n.name) for n in names(parse("slots.a = slots.b or not (context.c and slots.d > 1)"))}
    assert found == {("slots", "a"), ("slots", "b"), ("context", "c"), ("slots", "d")}


@given(st.text(max_size=40))
def test_any_text_parses_or_is_refused_and_never_breaks(text: str):
    try:
        condition = parse(text)
    except ConditionSyntax:
        return
    assert holds(condition, lookup) in (True, False)
