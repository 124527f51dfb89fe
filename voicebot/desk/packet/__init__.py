"""The handoff packet: what an agent knows of a conversation the moment it is offered.

Built from the log alone, so that it is complete when every other service is down; a customer record, earlier contacts
and the dialogue's snapshot add to it when they can be had.
"""

from voicebot.desk.packet.build import ContactSummary, Packet, PacketContent, Previous, build_packet, summarise
from voicebot.desk.packet.customer import Customer, known_caller
from voicebot.desk.packet.schema import MAX_BYTES, validate
from voicebot.desk.packet.source import OFFER_PATIENCE_S, READING_PATIENCE_S, Cards, PacketSource

__all__ = [
    "MAX_BYTES",
    "OFFER_PATIENCE_S",
    "READING_PATIENCE_S",
    "Cards",
    "ContactSummary",
    "Customer",
    "Packet",
    "PacketContent",
    "PacketSource",
    "Previous",
    "build_packet",
    "known_caller",
    "summarise",
    "validate",
]
