"""What a script lets the desk say, one word or one mapping each.

Answers: ``queued``, ``long``, ``closed``, ``unstaffed``, ``recorded`` with
``{position, wait: [1, 3], opens_at, callback, chat}``. News: ``waiting``, ``taken``, ``lost``, ``moved``, ``returned``,
``over``, ``callback``, ``failed`` with ``{position, wait, agent}``. ``not_booked``: a call back cannot be promised.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voicebot.domain import (
    AgentId,
    CallbackBooked,
    DeskAnswer,
    DeskNews,
    DeskReply,
    HandoffId,
    NewsKind,
    Wait,
)

_ANSWERS = {answer.value: answer for answer in DeskAnswer}
_NEWS = {kind.value: kind for kind in NewsKind}


def desk_word(said: str | Mapping[str, Any], conversation: str) -> DeskReply | DeskNews:
    """One step of a script. Raises ValueError for a word the desk does not know."""
    word, details = (said, {}) if isinstance(said, str) else next(iter(said.items()))
    details = details or {}
    contact = HandoffId(f"ho-{conversation}")
    wait = Wait(*details["wait"]) if "wait" in details else None
    position = details.get("position")
    if word == "not_booked":
        return DeskNews(contact, NewsKind.FAILED)
    if word in _ANSWERS:
        answer = _ANSWERS[word]
        opens = details.get("opens_at")
        return DeskReply(
            answer,
            contact=contact if answer in (DeskAnswer.QUEUED, DeskAnswer.LONG, DeskAnswer.ELSEWHERE) else None,
            position=position,
            wait=wait,
            opens_at=opens if isinstance(opens, datetime) or opens is None else datetime.fromisoformat(str(opens)),
            callback_offered=bool(details.get("callback", False)),
            chat_offered=bool(details.get("chat", False)),
        )
    if word in _NEWS:
        name = str(details.get("agent", ""))
        return DeskNews(contact, _NEWS[word], AgentId(name.lower()) if name else None, name, position, wait)
    raise ValueError(f"The desk does not know {word!r}; it knows {', '.join((*_ANSWERS, *_NEWS, 'not_booked'))}.")


def promise(number: str) -> CallbackBooked:
    """The reference every script gets."""
    return CallbackBooked("T-5521", f"{number[:-3]}***")
