"""Offers: made by one conditional write while the agent's row is held, and taken back when their time is over."""

from __future__ import annotations

from datetime import timedelta

from voicebot.desk.choose import assignments
from voicebot.desk.embedded_core import DeskCore
from voicebot.desk.embedded_work import Moved, Work
from voicebot.desk.model import Agent, Contact
from voicebot.desk.relax import serves
from voicebot.desk.rules import free
from voicebot.domain import AgentId, ContactState, HandoffId, NoteWritten
from voicebot.errors import Conflict, NotFound

_ROUNDS = 5
"""How often an outdated board is read again at once; the next change or tick goes on."""


class Offers:
    """Gives waiting contacts to free agents. Safe beside any number of others doing the same on one database."""

    def __init__(self, core: DeskCore) -> None:
        self._core = core

    async def route(self) -> int:
        """Make every offer that the board allows now; how many were made."""
        made = 0
        for _ in range(_ROUNDS):
            board = self._core.board
            pairs = assignments(board.agents(), board.contacts(), self._core.queues, self._core.clock.now())
            won = 0
            for contact, agent in pairs:
                won += await self.offer(contact, agent)
            made += won
            if won == len(pairs):
                break
            await self._look_again(pairs)
        return made

    async def offer(self, contact: Contact, agent: Agent) -> bool:
        """Offer one contact to one agent; False when either is not as the board has them any more."""
        times = self._core.content(contact.tenant).times
        try:
            async with self._core.work() as work:
                held = await work.agent(agent.id)
                same = (held.skills, held.grants, held.session) == (agent.skills, agent.grants, agent.session)
                if not (same and serves(held, contact) and free(held, contact)):
                    return False
                await work.move(
                    contact,
                    "offered",
                    state=ContactState.OFFERED,
                    agent=agent.id,
                    offered_at=work.now,
                    lease_until=work.now + timedelta(seconds=times.lease_s(contact.medium)),
                )
        except (Conflict, NotFound):
            return False
        return True

    async def lapse(self) -> None:
        """Take back offers that nobody answered; their agents are silent until they say that they are back."""
        now = self._core.clock.now()
        for contact in self._core.board.contacts():
            if contact.state is ContactState.OFFERED and contact.lease_until is not None and contact.lease_until <= now:
                await self._lapse(contact)

    async def _lapse(self, contact: Contact) -> None:
        assert contact.agent is not None
        try:
            async with self._core.work() as work:
                agent = await work.agent(contact.agent)
                await self.back(work, contact, "timed_out", exclude=True)
                await work.silent(agent)
        except Conflict:
            await self._core.look_at({contact.agent}, {contact.id})

    async def back(self, work: Work, contact: Contact, moved: Moved, *, exclude: bool, detail: str = "") -> Contact:
        """Put an offered contact back in its place. ``exclude``: its agent is not asked again for a while."""
        who = contact.agent
        excluded = {agent: until for agent, until in contact.excluded.items() if until > work.now}
        if exclude and who is not None:
            times = self._core.content(contact.tenant).times
            excluded[who] = work.now + timedelta(seconds=times.exclude_s)
        return await work.move(
            contact,
            moved,
            detail=detail,
            who=who,
            state=ContactState.QUEUED,
            agent=None,
            lease_until=None,
            offered_at=None,
            excluded=excluded,
            attempt=contact.attempt + 1,
        )

    async def decline(self, contact: HandoffId, agent: AgentId, reason: str = "") -> None:
        """The agent does not take it: back in its place at once, and not to this agent for a while.

        Raises:
            Conflict: the offer is gone, or is not this agent's.
        """
        async with self._core.work() as work:
            await work.agent(agent)
            found = await work.contact(contact)
            if found.state is not ContactState.OFFERED or found.agent != agent:
                raise Conflict("This offer is gone")
            await self.back(work, found, "declined", exclude=True, detail=reason)

    async def _look_again(self, pairs: list[tuple[Contact, Agent]]) -> None:
        await self._core.look_at({agent.id for _, agent in pairs}, {contact.id for contact, _ in pairs})


def note_of(agent: AgentId, text: str) -> tuple[NoteWritten, ...]:
    """A note for the log, if there is one."""
    return (NoteWritten(agent=agent, text=text),) if text.strip() else ()
