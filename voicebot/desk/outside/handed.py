"""A contact that another desk has, as a contact of ours: read from the conversation's log, which is all there is."""

from __future__ import annotations

from datetime import datetime

from voicebot.desk.model import LANGUAGE_LEVEL, Contact, language_skill
from voicebot.domain import (
    ContactChanged,
    ConversationId,
    HandoffId,
    HandoffRequest,
    HandoffRequested,
    QueueId,
    Skill,
)
from voicebot.errors import NotFound
from voicebot.store import SqlStore, whole_log


def as_contact(wish: HandoffRequest, now: datetime) -> Contact:
    """A wish as the contact a packet is made of, for desks that keep their own."""
    return Contact(
        wish.handoff_id,
        wish.tenant,
        wish.conversation,
        wish.channel,
        wish.language,
        QueueId(""),
        {Skill(skill): wish.min_level for skill in wish.skills} | {language_skill(wish.language): LANGUAGE_LEVEL},
        wish.priority,
        now,
        reason=wish.reason,
        intent=wish.intent,
    )


def conversation_of(contact: HandoffId) -> ConversationId:
    """A contact's id holds its conversation's: ``ho-<conversation>-<count>``. Raises NotFound."""
    name = contact.removeprefix("ho-").rpartition("-")[0]
    if not name or not contact.startswith("ho-"):
        raise NotFound("There is no such contact.")
    return ConversationId(name)


async def handed_over(store: SqlStore, contact: HandoffId) -> Contact:
    """The contact as it was asked for: skills, priority and reason of the last wish before the desk took it.

    Raises:
        NotFound: no such contact was handed over.
    """
    name = conversation_of(contact)
    wish: HandoffRequested | None = None
    for recorded in await whole_log(store, name):
        match recorded.event:
            case HandoffRequested() as event:
                wish = event
            case ContactChanged(handoff=handed, change="queued") if handed == contact and wish is not None:
                row = await store.conversation(name)
                asked = HandoffRequest(
                    contact, row.tenant, name, row.channel, row.language,
                    wish.skills, wish.min_level, wish.priority, wish.reason, wish.intent,
                )  # fmt: skip
                return as_contact(asked, recorded.at)
            case _:
                pass
    raise NotFound("There is no such contact.")
