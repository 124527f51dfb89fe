"""Which of several values the customer rejects: "not the kettle, the rice cooker", 十五じゃなくて二十五日です."""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from voicebot.nlu.entities.found import Found, Search

_NOT_BEFORE = re.compile(
    r"(?<![a-z])(?:not|isn'?t|wasn'?t|ain'?t|aren'?t|never|instead of|rather than|i don'?t (?:mean|want|need)|didn'?t (?:say|mean|want)|forget|nothing to do with)"
    r"(?: (?:the|a|an|my|for|on|to|it'?s|about|about the|in|in the|until|till|by|that|this|want|of|at))*[ ,]*$"
)
_QUESTION_OF_NOT = re.compile(r"(?<![a-z])(?:why|whether|if)(?![a-z])[^.]{0,12}$")
_NOT_AFTER_JA = re.compile(
    r"^(?:日|曜日?|の(?:方|ほう|こと|件))?(?:は|とか|に)?、?(?:"
    r"(?:じゃ|では|で|じゃあ)(?:な(?:くて|く(?!な[るっ])|い(?!ですか|でしょうか|か[なね]|の?か)|かった)|あり(?:ま)?せん(?!か))"
    r"|違(?:い(?!ます?か)|う(?!か)|って|くて)|ちが(?:い|う|って)|(?:は|を)?やめて?(?:、|$|(?:に|で)?(?:して)?、)|(?:よりも?|の代わり|のかわり|以外))"
)
_NOT_AFTER_EN = re.compile(r"^,? (?:is|was|are|'s)?(?: ?(?:not right|wrong|isn'?t right|incorrect|no good))(?![a-z])")
_CHANGE_EN = re.compile(
    r"(?<![a-z])(?:sorry|i mean|i meant|actually|make (?:that|it)|no wait|wait no|wait|rather|correction|scratch that|oops|"
    r"no|nope|my mistake|let me correct|on second thou?ghts?|changed? (?:it|that)? ?to|better make|or rather)(?![a-z])"
)
_CHANGE_JA = re.compile(
    r"(?:^|[、。.,…\s]|で|だ|す|に)(?:あ、?)?(?:いや|いえ|すみません|すいません|失礼|間違|まちが|ごめん|訂正|ちが|違|やっぱ|じゃなく|ではなく|というか|もとい)"
)
_LISTING = re.compile(r"(?:\band\b|\bor\b|と|や|か|または|それと|あと)")


def mark_negated(search: Search, found: Sequence[Found]) -> list[Found]:
    """Sets ``negated`` on values that are denied, or replaced by a later value of the same name."""
    marked = [replace(item, negated=_denied(search, item)) for item in found]
    by_name: dict[str, list[int]] = {}
    for index, item in enumerate(marked):
        by_name.setdefault(item.name, []).append(index)
    for indexes in by_name.values():
        for earlier, later in pairwise(indexes):
            first, second = marked[earlier], marked[later]
            if second.negated or first.value == second.value or second.start < first.end:
                continue
            between = search.kana[first.end : second.start]
            if len(between) <= 40 and (_CHANGE_EN.search(between) or _CHANGE_JA.search(between)):
                marked[earlier] = replace(first, negated=True)
    return marked


def _denied(search: Search, item: Found) -> bool:
    before = search.before(item.start, 32)
    match = _NOT_BEFORE.search(before)
    if match is not None and not _QUESTION_OF_NOT.search(before[: match.start()]):
        return True
    after = search.after(item.end, 16)
    return bool(_NOT_AFTER_JA.search(after) or _NOT_AFTER_EN.search(after))
