"""What agents tell the assist about a contact of theirs: everything ends as an event of the conversation's log."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from typing import Literal

from voicebot.assist.engine import Candidate
from voicebot.assist.live_known import Known
from voicebot.assist.matching import values_for
from voicebot.assist.model import Reason
from voicebot.desk.model import Contact
from voicebot.domain import (
    AgentSaid,
    CardEnded,
    CardShown,
    Event,
    Heard,
    Recorded,
    TranscriptCorrected,
    UtteranceId,
)
from voicebot.errors import Conflict
from voicebot.redaction import redact
from voicebot.web.assist.ports import AssistParts
from voicebot.web.problems import Problem

How = Literal["used", "copied", "useful", "dismissed"]
_PAGE = 1000


class Feedback:
    """``agent`` is who asks; that the contact is theirs was checked before."""

    def __init__(self, parts: AssistParts) -> None:
        self._parts = parts

    async def on_card(self, contact: Contact, agent: str, card: str, how: How, why: str) -> None:
        """Note what was done with a card, once for each showing and ``how``.

        Raises:
            Problem: 404, the card was never shown to this agent here.
        """
        shown = None
        async for recorded in self._log(contact):
            match recorded.event:
                case CardShown(card=one, agent=whom) if (one, whom) == (card, agent):
                    shown = recorded.seq
        if shown is None:
            raise Problem(404, "not_shown", "This card was not shown in this conversation. Reload to see which were.")
        event = CardEnded(card=card, agent=agent, how=how, why=why)
        await self._once(contact, event, f"card {shown} {how}")

    async def ask(self, contact: Contact, agent: str, agent_name: str, card: str) -> None:
        """Show a card because the agent wants it.

        Raises:
            Problem: 404, there is no such card in the version this conversation uses.
        """
        edition = await self._parts.assist.edition_of(contact.tenant, contact.conversation)
        found = edition.cards.cards.get(card)
        if found is None:
            raise Problem(404, "no_card", "There is no such card in the version this conversation uses. Reload.")
        known = Known(contact.language)
        async for recorded in self._log(contact):
            known = known.after(recorded.event)
        brand = self._parts.desk.access.company_of(contact.tenant).brand.get(known.language, "")
        values = values_for(found, known.language, known.context(brand=brand, agent=agent_name))
        one = Candidate(card, Reason.ASKED, 1.0, "", values)
        event = CardShown(
            card=one.card, version=edition.cards.version, agent=agent, reason=one.reason.value, values=one.values
        )
        await self._parts.log.append(contact.conversation, [event], self._parts.clock.now())

    async def correct(self, contact: Contact, agent: str, utterance: str, text: str) -> None:
        """Mend what the recogniser wrote; the same correction twice is one.

        Raises:
            Problem: 404, nobody said that here.
        """
        said, reads = False, None
        async for recorded in self._log(contact):
            match recorded.event:
                case Heard(utterance=name) | AgentSaid(utterance=name) if name == utterance:
                    said = True
                case TranscriptCorrected(utterance=name) if name == utterance:
                    reads = recorded
        if not said:
            raise Problem(404, "no_utterance", "These words are not in this conversation. Reload to see what was said.")
        safe = redact(text).text
        if reads is not None and isinstance(reads.event, TranscriptCorrected) and reads.event.text == safe:
            return
        event = TranscriptCorrected(utterance=UtteranceId(utterance), text=safe, agent=agent)
        mark = hashlib.sha256(f"{utterance}\n{safe}\n{reads.seq if reads is not None else 0}".encode()).hexdigest()
        await self._once(contact, event, f"mend {mark[:40]}")

    async def _once(self, contact: Contact, event: Event, key: str) -> None:
        try:
            await self._parts.log.append(contact.conversation, [event], self._parts.clock.now(), key=key)
        except Conflict:
            return

    async def _log(self, contact: Contact) -> AsyncGenerator[Recorded, None]:
        seq = 0
        while page := await self._parts.log.events(contact.conversation, seq, _PAGE):
            for recorded in page:
                yield recorded
            seq = page[-1].seq
