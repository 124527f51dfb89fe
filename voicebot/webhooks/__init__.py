"""Signed notices to other systems, tried again until taken or given up."""

from voicebot.webhooks.delivery import Delivery, Webhook, Webhooks
from voicebot.webhooks.kinds import KINDS
from voicebot.webhooks.signing import HEADER, check, sign

__all__ = ["HEADER", "KINDS", "Delivery", "Webhook", "Webhooks", "check", "sign"]
