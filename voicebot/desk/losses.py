"""Agents who go, by sign-out or by a lost connection: what they had is put where somebody else takes it on."""

from __future__ import annotations

from typing import Any

from voicebot.desk.callbacks import Promises
from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_work import Work
from voicebot.desk.model import Agent, Contact
from voicebot.desk.offers import Offers
from voicebot.desk.rules import after_loss
from voicebot.domain import ContactState, Owner, Presence, WrappedUp

_HELD = (ContactState.OFFERED, ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)
WRAPUP_LOST = "wrapup_lost"
"""Disposition of a contact whose agent was gone before the form was filled in; kept for the leader."""


class Losses:
    """Frees what an agent held."""

    def __init__(self, core: DeskCore, offers: Offers, promises: Promises) -> None:
        self._core, self._offers, self._promises = core, offers, promises

    async def agent_gone(self, work: Work, agent: Agent, why: str) -> Agent:
        """Sign the agent out; offers go back, customers go back to the front, forms are closed for the leader."""
        for contact in sorted(await work.open_of(agent.id, _HELD), key=lambda item: item.id):
            await self._free(work, contact, agent, why)
        return await work.change_agent(
            agent, presence=Presence.OFFLINE, presence_reason=why, available_since=None, session="", node=""
        )

    async def offers_back(self, work: Work, agent: Agent) -> None:
        """The agent stays but takes nothing now: what rings at their desk goes back to its place."""
        for contact in sorted(await work.open_of(agent.id, (ContactState.OFFERED,)), key=lambda item: item.id):
            await self._offers.back(work, contact, "withdrawn", exclude=False)

    async def _free(self, work: Work, contact: Contact, agent: Agent, why: str) -> None:
        match contact.state:
            case ContactState.OFFERED:
                await self._offers.back(work, contact, "withdrawn", exclude=False, detail=why)
            case ContactState.WRAPUP:
                wrapped = WrappedUp(handoff=contact.id, agent=agent.id, code=WRAPUP_LOST)
                gone: dict[str, Any] = {"state": ContactState.CLOSED, "closed_at": work.now, "outcome": WRAPUP_LOST}
                await work.move(contact, "closed", wrapped, detail=WRAPUP_LOST, **gone)
            case _:
                await self.requeue(work, contact, why)

    async def requeue(self, work: Work, contact: Contact, why: str) -> Contact:
        """A customer whose agent is gone: back in the queue at a better place, with the time they first asked."""
        talking = contact.state is ContactState.ACTIVE
        after = await work.move(
            contact,
            "lost",
            detail=why,
            state=ContactState.QUEUED,
            priority=after_loss(contact.priority),
            agent=None,
            lease_until=None,
            offered_at=None,
            accepted_at=None,
            active_at=None,
            callback=contact.callback and not talking,
            attempt=contact.attempt + 1,
        )
        if after.callback:
            await self._promises.interrupted(work, after)
            await work.lead(after, (Owner.AGENT, Owner.BOT), Owner.BOT)
        else:
            await work.lead(after, (Owner.AGENT, Owner.QUEUE), Owner.QUEUE)
        return after
