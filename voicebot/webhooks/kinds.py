"""The notices other systems can subscribe to. Bodies hold ids and facts, never a transcript."""

KINDS = (
    "handoff.requested",
    "contact.offered",
    "contact.accepted",
    "contact.active",
    "contact.transferred",
    "contact.lost",
    "contact.wrapup",
    "contact.closed",
    "contact.cancelled",
    "callback.booked",
    "callback.tried",
    "conversation.ended",
)
