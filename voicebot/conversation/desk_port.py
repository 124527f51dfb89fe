"""The desk as a conversation sees it: asked for a person, followed, left. The embedded desk and adapters satisfy it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from voicebot.domain import (
    CallbackBooked,
    CallbackWish,
    Channel,
    ConversationId,
    DeskNews,
    DeskReply,
    HandoffId,
    HandoffRequest,
    Language,
    TenantId,
    Texts,
)


class HandoffDesk(Protocol):
    """Takes conversations over from the bot. Every method may raise StoreError or BackendError."""

    async def request(self, wish: HandoffRequest) -> DeskReply:
        """Ask for a person; the same ``handoff_id`` twice is one contact."""
        ...

    async def cancel(self, contact: HandoffId, why: str) -> bool:
        """The customer left, or does not want to wait. False when it was over."""
        ...

    async def keep_place(self, wish: CallbackWish) -> CallbackBooked:
        """Turn the contact into a callback, or book one where nothing was queued."""
        ...

    async def standing(self, contact: HandoffId) -> DeskNews:
        """Where the contact stands now. Raises NotFound."""
        ...

    def follow(self, contact: HandoffId) -> AsyncIterator[DeskNews]:
        """How it stands and every change from now on, to its end."""
        ...

    async def open_contact(self, conversation: ConversationId) -> HandoffId | None:
        """The conversation's contact that is not over, if any."""
        ...


@runtime_checkable
class MovesContacts(Protocol):
    """A desk whose contacts may change their channel; an outside desk has been given a telephone call and keeps it."""

    async def moved_channel(self, contact: HandoffId, channel: Channel) -> bool:
        """The customer goes on by another channel: the same contact at the same place, from now on of that channel.

        Raises:
            Conflict: somebody has taken it already.
        """
        ...


class ChatLinks(Protocol):
    """Links by which a caller goes on in a chat."""

    def texts(self, tenant: TenantId, number: str | None) -> Texts:
        """What a link that is texted to a number would do."""
        ...

    async def send(self, conversation: ConversationId, number: str, language: Language) -> None:
        """Send one to a phone and log it. Raises BackendError or StoreError."""
        ...
