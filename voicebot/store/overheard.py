"""What people are saying at this moment: announced to whoever listens now, redacted, and kept nowhere.

Every door at which people talk announces under :func:`topic`; consoles and the assist listen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from voicebot.domain import ConversationId, Language, Party, UtteranceId

_MOST_TEXT = 600
"""A notice has room for less than 8,000 bytes; of a longer text the end is what counts."""

Moment = Literal["began", "said", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overheard:
    """A party began to speak, has said ``text`` so far, or fell silent.

    The words written down in the end carry the same ``utterance``. ``agent`` is empty for the customer. Times are
    milliseconds since the contact began; ``ended_ms`` is the end of the last speech heard. ``private``: the customer
    does not hear it.
    """

    moment: Moment
    party: Party
    utterance: UtteranceId
    language: Language
    agent: str = ""
    text: str = ""
    started_ms: int = 0
    ended_ms: int = 0
    private: bool = False


def topic(conversation: ConversationId) -> str:
    """Where it is announced."""
    return f"partial.{conversation}"


def to_notice(one: Overheard) -> str:
    """As it is announced."""
    fields = {
        "moment": one.moment,
        "party": one.party.value,
        "agent": one.agent,
        "utterance": one.utterance,
        "text": one.text[-_MOST_TEXT:],
        "language": one.language,
        "started_ms": one.started_ms,
        "ended_ms": one.ended_ms,
        "private": one.private,
    }
    return json.dumps(fields, ensure_ascii=False)


def from_notice(notice: str) -> Overheard | None:
    """What was announced; None for a notice of another version, or that notices may have been missed."""
    try:
        read = json.loads(notice)
        moment = read["moment"]
        if moment not in ("began", "said", "ended"):
            return None
        return Overheard(
            moment=moment,
            party=Party(read["party"]),
            utterance=UtteranceId(str(read["utterance"])),
            language=Language(str(read["language"])),
            agent=str(read["agent"]),
            text=str(read["text"]),
            started_ms=int(read["started_ms"]),
            ended_ms=int(read["ended_ms"]),
            private=bool(read["private"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
