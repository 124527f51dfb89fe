"""Forms that stay open: their leader is told once when the time for wrapping up is over."""

from __future__ import annotations

from datetime import timedelta

from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.model import Contact
from voicebot.domain import ContactState, HandoffId
from voicebot.store import desk as rows
from voicebot.store.desk_tables import desk_contacts


class Overdue:
    """Watches the wrap-up timers. Nothing is closed by itself: a disposition is what an agent says."""

    def __init__(self, core: DeskCore) -> None:
        self._core = core
        self._told: set[HandoffId] = set()

    async def look(self) -> None:
        """Alert to every form that has become overdue; one process does it."""
        now = self._core.clock.now()
        wrapping = [item for item in self._core.board.contacts() if item.state is ContactState.WRAPUP]
        self._told &= {contact.id for contact in wrapping}
        for contact in wrapping:
            limit = timedelta(seconds=self._core.content(contact.tenant).times.wrapup_s)
            if contact.id not in self._told and contact.wrapup_at is not None and contact.wrapup_at + limit <= now:
                self._told.add(contact.id)
                await self._alert(contact)

    async def _alert(self, contact: Contact) -> None:
        async with self._core.work() as work:
            still = {"id": contact.id, "state": ContactState.WRAPUP.value, "overdue_told": False}
            if await rows.change(work.connection, desk_contacts, still, {"overdue_told": True}) is not None:
                await work.announce(contact.tenant, "alert", f"wrapup_overdue:{contact.id}")
