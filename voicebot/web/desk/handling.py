"""What an agent does with a contact, the same by socket and by address."""

from __future__ import annotations

import secrets
from typing import Literal

from voicebot.channels.chat import MAX_TEXT_BYTES, clean_text
from voicebot.desk.model import Contact, Medium
from voicebot.domain import (
    AgentSaid,
    ContactState,
    HandoffId,
    NoteWritten,
    Source,
    UtteranceId,
)
from voicebot.errors import Conflict, NotFound
from voicebot.people import SignedIn
from voicebot.web.desk.access import Access, agent_id, missing
from voicebot.web.desk.commands import Ring
from voicebot.web.desk.nodes import Calls
from voicebot.web.desk.ports import DeskPorts
from voicebot.web.desk.showing import contact_view, names_of
from voicebot.web.desk.views import ContactView
from voicebot.web.problems import Problem

_TALKING = (ContactState.ACCEPTED, ContactState.ACTIVE)


class Handling:
    """Every step checks that the contact is the agent's own; the desk decides who was first."""

    def __init__(self, ports: DeskPorts, access: Access, calls: Calls) -> None:
        self._ports, self._access, self._calls = ports, access, calls

    async def view(self, signed: SignedIn, contact: Contact) -> ContactView:
        """The contact for this person."""
        names = {}
        if contact.agent is not None:
            try:
                names = names_of([await self._ports.desk.agent(contact.agent)])
            except NotFound:
                names = {}
        company = self._access.company_of(contact.tenant)
        return contact_view(contact, company, signed.person.language, self._ports.clock.now(), names)

    async def accept(self, signed: SignedIn, contact: str) -> Contact:
        """Take an offer. Chats are active at once; an agent with a SIP phone is rung."""
        before = await self._access.contact(signed, contact)
        try:
            taken = await self._ports.desk.accept(before.id, agent_id(signed))
            if taken.medium is Medium.CHAT and taken.state is ContactState.ACCEPTED and not taken.callback:
                taken = await self._ports.desk.active(taken.id, agent_id(signed))
        except Conflict:
            raise await self._gone(before.id, signed) from None
        if taken.medium is Medium.VOICE and not taken.callback:
            await self.ring(signed, taken)
        return taken

    async def ring(self, signed: SignedIn, contact: Contact) -> bool:
        """Ring the agent's SIP phone, if that is what they answer with."""
        agent = await self._ports.desk.agent(agent_id(signed))
        if agent.endpoint == "browser" or contact.state not in _TALKING:
            return False
        command = Ring(
            agent=agent.id, name=agent.name, role="lead", uri=agent.endpoint, asked_by=agent.id, contact=contact.id
        )
        await self._calls.do(contact.conversation, contact.node, command)
        return True

    async def decline(self, signed: SignedIn, contact: str, reason: str) -> None:
        """Refuse an offer."""
        found = await self._access.contact(signed, contact)
        try:
            await self._ports.desk.decline(found.id, agent_id(signed), reason)
        except Conflict:
            raise await self._gone(found.id, signed) from None

    async def say(self, signed: SignedIn, contact: str, id: str, text: str) -> int:
        """Words to the customer of a chat; returns their seq. The same ``id`` is said once."""
        found = await self._access.speaking(signed, contact)
        if found.medium is not Medium.CHAT:
            raise Problem(409, "on_the_phone", "This customer is on the phone. Speak, or write a note.")
        if found.state is not ContactState.ACTIVE:
            raise Problem(409, "not_active", "This chat is not active. Accept it first; after wrap-up it is over.")
        return await self.write(signed, found, id, text, private=False)

    async def write(self, signed: SignedIn, contact: Contact, id: str, text: str, *, private: bool) -> int:
        """Put a person's words into the log of a contact's conversation; the store redacts them."""
        said = _clean(text)
        key = f"said:{signed.person.id}:{id}"
        event = AgentSaid(
            utterance=UtteranceId(f"{signed.person.id}:{id}"),
            agent=signed.person.id,
            name=signed.person.name,
            text=said,
            language=contact.language,
            source=Source.TEXT,
            private=private,
        )
        log = self._ports.log
        try:
            written = await log.append(contact.conversation, [event], self._ports.clock.now(), key=key)
        except Conflict:
            seq = await log.seq_of(contact.conversation, key)
            if seq is None:
                raise
            return seq
        return written[0].seq

    async def write_once(self, signed: SignedIn, contact: Contact, text: str, *, private: bool) -> int:
        """Words that came without an id of the client's own."""
        return await self.write(signed, contact, secrets.token_hex(8), text, private=private)

    async def note(self, signed: SignedIn, contact: str, text: str) -> None:
        """For colleagues."""
        found = await self._access.readable(signed, contact)
        event = NoteWritten(agent=signed.person.id, text=_clean(text))
        await self._ports.log.append(found.conversation, [event], self._ports.clock.now())

    async def close(self, signed: SignedIn, contact: str, code: str, resolved: bool | None, note: str) -> None:
        """Finish, with a code of the company's list."""
        found = await self._access.own(signed, contact, ContactState.ACTIVE, ContactState.WRAPUP)
        codes = [one.code for one in self._access.company_of(found.tenant).dispositions]
        if code not in codes:
            raise Problem(422, "unknown_disposition", f"code: use one of {', '.join(codes)}.")
        await self._ports.desk.close(found.id, agent_id(signed), code, resolved, clean_text(note))

    async def _gone(self, contact: HandoffId, signed: SignedIn) -> Problem:
        """Why an offer cannot be taken or refused any more."""
        try:
            now = await self._ports.desk.contact(contact)
        except NotFound:
            return missing()
        kind: Literal["taken", "offer_over"] = "offer_over"
        text = "This offer is over: the customer left, the time ran out, or it was never yours."
        if now.agent is not None and now.agent != signed.person.id and now.state.open:
            kind, text = "taken", "A colleague has this contact now. There is nothing to do for you."
        elif now.agent == signed.person.id and now.state in _TALKING:
            kind, text = "taken", "You have this contact already, maybe in another window."
        return Problem(409, kind, text)


def _clean(text: str) -> str:
    said = clean_text(text)
    if not said:
        raise Problem(422, "empty", "There is no text. Write something.")
    if len(said.encode("utf-8")) > MAX_TEXT_BYTES:
        raise Problem(422, "text_too_large", f"A message may have {MAX_TEXT_BYTES} bytes. Write a shorter one.")
    return said
