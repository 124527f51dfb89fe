"""Short messages to customers, and the one-use links in them."""

from voicebot.messages.gateways import FileGateway, Gateway, HttpSmsGateway, Message, WebhookGateway
from voicebot.messages.links import Link, Links
from voicebot.messages.outbox import MessageOutbox
from voicebot.messages.reaching import dialled, texts_to

__all__ = [
    "FileGateway",
    "Gateway",
    "HttpSmsGateway",
    "Link",
    "Links",
    "Message",
    "MessageOutbox",
    "WebhookGateway",
    "dialled",
    "texts_to",
]
