"""Agent assist over HTTP, and beside the consoles."""

from voicebot.web.assist.addresses import TAG, router
from voicebot.web.assist.card_heads import CardHeads
from voicebot.web.assist.companion import Companion
from voicebot.web.assist.insight import Insights
from voicebot.web.assist.ports import AssistParts, Knowledge, KnowledgeEntry
from voicebot.web.assist.steps import StepLikeness

__all__ = [
    "TAG", "AssistParts", "CardHeads", "Companion", "Insights", "Knowledge", "KnowledgeEntry", "StepLikeness", "router",
]  # fmt: skip
