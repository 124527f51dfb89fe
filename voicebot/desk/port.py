"""What the customer's side asks of a desk, whichever desk it is: ours, or an outside one behind an adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from voicebot.domain import CallbackBooked, CallbackWish, ConversationId, DeskNews, DeskReply, HandoffId, HandoffRequest


class HandoffDesk(Protocol):
    """Takes conversations over from the bot. Every method may raise StoreError or BackendError."""

    async def request(self, wish: HandoffRequest) -> DeskReply:
        """Ask for a person. The same ``handoff_id`` twice is one contact and gives its present reply.

        Ownership of the conversation goes from bot to queue in the transaction that makes the contact.
        """
        ...

    async def cancel(self, contact: HandoffId, why: str) -> bool:
        """The customer left, or does not want to wait: withdraw it wherever it stands. False when it was over."""
        ...

    async def keep_place(self, wish: CallbackWish) -> CallbackBooked:
        """Turn a waiting contact into a callback with the same place, or book one where nothing was queued.

        The same contact or the same open number twice is one promise.
        """
        ...

    async def standing(self, contact: HandoffId) -> DeskNews:
        """Where the contact stands now. Raises NotFound."""
        ...

    def follow(self, contact: HandoffId) -> AsyncIterator[DeskNews]:
        """Every change from now on, beginning with how it stands; ends after over, returned, callback or failed.

        Works in every process that shares the store.
        """
        ...

    async def open_contact(self, conversation: ConversationId) -> HandoffId | None:
        """The conversation's contact that is not over, if any; for taking a conversation up after a restart."""
        ...
