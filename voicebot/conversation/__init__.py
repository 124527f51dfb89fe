"""Conversations from hello to goodbye: the only place where hearing, thinking and speaking meet."""

from voicebot.conversation.conversation import Conversation
from voicebot.conversation.mouth import Mouth
from voicebot.conversation.services import Services

__all__ = ["Conversation", "Mouth", "Services"]
