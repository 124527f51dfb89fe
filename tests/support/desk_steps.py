"""Steps that tests of the embedded desk have in common."""

from __future__ import annotations

from tests.support.desk import Floor
from voicebot.domain import (
    AgentId,
    ContactChanged,
    HandoffId,
)


async def changes(floor: Floor, contact: HandoffId) -> list[str]:
    row = await floor.desk.contact(contact)
    log = await floor.store.events(row.conversation)
    return [item.event.change for item in log if isinstance(item.event, ContactChanged)]


async def talking(floor: Floor, agent: str = "S01", **more: object) -> HandoffId:
    """A contact that this agent, the only one free, talks with."""
    wish = await floor.wish(**more)  # type: ignore[arg-type]
    await floor.desk.request(wish)
    await floor.desk.tick()
    await floor.desk.accept(wish.handoff_id, AgentId(agent))
    await floor.desk.active(wish.handoff_id, AgentId(agent))
    return wish.handoff_id
