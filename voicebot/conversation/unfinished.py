"""Words that are not over yet may end in the middle of a card number or a code: such an end is not shown to anybody."""

from __future__ import annotations

import re
from collections.abc import Callable

from voicebot.spelled import find_chains, fold

_MANY = 3
_MAY_FOLLOW = re.compile(r"[\s、。,.!?！？\-のはがをです]*(?:[a-z]{1,4}[\s,.]*)?", re.IGNORECASE)
"""Part of a word may stand behind the row: the recogniser is in the middle of the next number."""


def shown_so_far(text: str, masked: Callable[[str], str]) -> str:
    """What may be seen of an utterance that goes on; ``masked`` takes out of a text what is recognised as a secret.

    A row of three or more digits at the end, written or spelled in words, is left out until what follows tells
    whether it belongs to an order or to a card.
    """
    safe = masked(text)
    folded = fold(safe)
    for chain in reversed(find_chains(folded)):
        start, end = folded.span(chain.start, chain.end)
        if not _MAY_FOLLOW.fullmatch(safe[end:]):
            break
        if max((len(reading.text) for reading in chain.readings), default=0) >= _MANY:
            return f"{safe[:start].rstrip()} …".lstrip()
    return safe
