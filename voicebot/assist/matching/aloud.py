"""Numbers that are read aloud: "it's a Visa, ready? five five two", 「十六桁だよね、四九二九の」."""

from __future__ import annotations

import re

from voicebot.redaction import CARD_MASKS
from voicebot.spelled import find_chains, fold

LEAST_DIGITS = 3
"""So many digits one after another are a number being read out; fewer are a count."""
_UNIT = re.compile(
    r" ?(?:yen|pounds?|pence|dollars?|euros?|percent|[%円£$¥]|ポンド|ドル|人|個|本|箱|回|分|時|日|月|年|度)"
)
_DIGITS = re.compile(r"\d+")
"""What stands beside them may be a sound that was taken for a letter: "are seven four one", 「えー」."""
_ROUND = re.compile(r"\b(?:hundred|thousand)\b|[百千万]")
"""An amount; nobody reads a card's number out like that."""
_MONEY = re.compile(r"[£$¥€] ?$")


def number_aloud(text: str) -> bool:
    """Whether somebody reads out a number digit by digit; an amount, a date or a count is none."""
    folded = fold(text)
    for chain in find_chains(folded):
        longest = max((len(run) for run in _DIGITS.findall(chain.readings[0].text)), default=0)
        if min(chain.sure, longest) < LEAST_DIGITS or _ROUND.search(folded.text[chain.start : chain.end]):
            continue
        after, before = folded.text[chain.end :], folded.text[: chain.start]
        if not _UNIT.match(after) and not _MONEY.search(before):
            return True
    return False


def card_hidden(text: str) -> bool:
    """Whether redaction has taken a payment card's number out of these words."""
    return any(mask in text for mask in CARD_MASKS)
