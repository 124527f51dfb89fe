"""Where the bot's words go, whatever the channel."""

from __future__ import annotations

import uuid
from typing import Protocol

from voicebot.domain import Say, SetPace, SetRecording, SwitchLanguage, UtteranceId


class Mouth(Protocol):
    """Delivers prompts. ``instant``: delivered at once, so what was said was also received."""

    @property
    def instant(self) -> bool:
        """Whether words arrive as a whole the moment they are handed over."""
        ...

    async def say(self, utterance: UtteranceId, prompt: Say) -> None:
        """Deliver one prompt, behind those before it; a voice returns before the prompt has been played."""
        ...

    async def follow(self, change: SwitchLanguage | SetPace | SetRecording) -> None:
        """Change how the channel hears and speaks from the next prompt on."""
        ...


def new_id(prefix: str = "") -> str:
    """A short random id that cannot be guessed."""
    return f"{prefix}{uuid.uuid4().hex}"
