"""What the store keeps of a conversation beside its log, so that it can be taken up again."""

from __future__ import annotations

from voicebot.domain import Json, UtteranceId
from voicebot.flows import DialogueState


def snapshot(state: DialogueState, answered: UtteranceId | None) -> Json:
    """What a conversation resumes from: the dialogue, and the last utterance that went into it."""
    return {"dialogue": state.to_json(), "answered": answered}


def from_snapshot(kept: Json) -> tuple[DialogueState | None, UtteranceId | None]:
    """The dialogue and the last utterance in it; nothing when the conversation was cut off before its greeting."""
    match kept:
        case {"dialogue": dict() as dialogue, "answered": answered}:
            return DialogueState.from_json(dialogue), UtteranceId(answered) if isinstance(answered, str) else None
        case _:
            return None, None


def number_of(kept: Json) -> str | None:
    """The number a customer called from who has come into a chat since."""
    match kept:
        case {"dialogue": {"caller_number": str(number)}}:
            return number
        case _:
            return None
