"""The handoff packet: what an agent knows of a conversation the moment it is offered.

Built from the log alone, so that it is complete when every other service is down; a customer record, earlier contacts
and the dialogue's snapshot add to it when they can be had.
"""

from voicebot.desk.packet.build import Packet, PacketContent, Previous, build_packet
from voicebot.desk.packet.customer import Customer
from voicebot.desk.packet.schema import MAX_BYTES, validate
from voicebot.desk.packet.source import Cards, PacketSource

__all__ = [
    "MAX_BYTES",
    "Cards",
    "Customer",
    "Packet",
    "PacketContent",
    "PacketSource",
    "Previous",
    "build_packet",
    "validate",
]
