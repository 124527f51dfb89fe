"""What a console asks for by its socket, carried out."""

from __future__ import annotations

from voicebot.channels.rate import TokenBucket
from voicebot.conversation.ending import to_its_end
from voicebot.desk.model import Medium
from voicebot.domain import ContactState, ConversationId, Presence
from voicebot.errors import Conflict
from voicebot.people import Capability
from voicebot.web.desk.access import agent_id, missing
from voicebot.web.desk.console import Console
from voicebot.web.desk.frames import (
    Accept,
    Ack,
    AgentTyping,
    Beat,
    ClientFrame,
    Decline,
    Heartbeat,
    Hello,
    Read,
    Say,
    SetPresence,
    Trouble,
    Unwatch,
    Watch,
)
from voicebot.web.desk.opening import MINE
from voicebot.web.desk.outbox import Outbox
from voicebot.web.desk.parts import DeskParts
from voicebot.web.desk.signs import ReadSign, TypingSign
from voicebot.web.problems import Problem


class Taking:
    """Raises Problem, Conflict or another error of the product for what cannot be done; the connection answers it."""

    def __init__(self, desk: DeskParts, console: Console, outbox: Outbox) -> None:
        self._desk, self._console, self._outbox, self._signed = desk, console, outbox, console.signed
        settings = desk.ports.settings
        now_s = desk.ports.clock.monotonic()
        self._offline = False
        self._messages = TokenBucket.full(settings.message_burst, settings.messages_per_s, now_s)

    async def take(self, frame: ClientFrame) -> None:
        """One frame after hello."""
        match frame:
            case Heartbeat():
                await self._beat()
            case SetPresence():
                await self._set_presence(frame)
            case Accept(contact=contact):
                await self._desk.handling.accept(self._signed, contact)
            case Decline(contact=contact, reason=reason):
                await self._desk.handling.decline(self._signed, contact, reason)
            case Say():
                await self._say(frame)
            case AgentTyping() | Read():
                await self._sign(frame)
            case Watch():
                await self._watch(frame)
            case Unwatch(conversation=conversation):
                self._console.listening.unwatch(ConversationId(conversation))
            case Hello():
                raise Problem(409, "hello_again", "This connection has begun already. Open another one.")

    async def _beat(self) -> None:
        if self._console.agent is not None:
            try:
                await self._desk.ports.desk.heartbeat(self._console.agent, self._console.session)
            except Conflict:
                if not await self._console.check_session() and not self._offline:
                    await self._console.wake()
        self._outbox.push(Beat(server_time=self._desk.ports.clock.now()))

    async def _set_presence(self, frame: SetPresence) -> None:
        agent, desk = self._console.agent, self._desk.ports.desk
        if agent is None:
            raise Problem(403, "takes_no_contacts", "You take no contacts here, so there is no presence to set.")
        if frame.state == "offline":
            self._offline = True
            await to_its_end(desk.sign_out(agent, self._console.session))
            return
        if self._offline or await self._console.check_session():
            await self._console.wake()
            self._offline = False
        if frame.state == "break":
            known = [code for tenant in self._console.tenants for code in self._desk.access.company_of(tenant).breaks]
            if frame.reason not in known and known:
                raise Problem(422, "unknown_break", f"reason: use one of {', '.join(dict.fromkeys(known))}.")
        await desk.set_presence(agent, Presence(frame.state), frame.reason if frame.state == "break" else "")

    async def _say(self, frame: Say) -> None:
        self._messages, wait_s = self._messages.take(self._desk.ports.clock.monotonic())
        if wait_s > 0:
            detail = "Too many messages at once. This one was not taken; send it again a little later."
            wait_ms = int(wait_s * 1000) + 1
            self._outbox.push(
                Trouble(code="rate_limited", message=detail, id=frame.id, contact=frame.contact, retry_after_ms=wait_ms)
            )
            return
        seq = await self._desk.handling.say(self._signed, frame.contact, frame.id, frame.text)
        self._outbox.push(Ack(id=frame.id, seq=seq))

    async def _sign(self, frame: AgentTyping | Read) -> None:
        contact = await self._desk.access.speaking(self._signed, frame.contact)
        if contact.medium is not Medium.CHAT or contact.state not in (ContactState.ACTIVE, ContactState.WRAPUP):
            return  # nobody is there to see it; a page that is a moment behind need not be told
        sign = (
            TypingSign(who="agent", on=frame.on)
            if isinstance(frame, AgentTyping)
            else ReadSign(who="agent", seq=frame.seq)
        )
        await self._desk.signs.to_conversation(contact.conversation, sign)

    async def _watch(self, frame: Watch) -> None:
        if self._console.listening.full:
            raise Problem(409, "too_many", "You follow many conversations already. Stop following one first.")
        conversation = ConversationId(frame.conversation)
        if frame.invite is not None:
            invitation = self._desk.invitations.read(frame.invite, agent_id(self._signed))
            if invitation is None:
                raise Problem(403, "invite_over", "This invitation is over. Ask your colleague for another.")
            if (await self._desk.ports.desk.contact(invitation.contact)).conversation != conversation:
                raise missing()
        elif not await self._own(conversation):
            row = await self._desk.access.conversation(self._signed, conversation, Capability.LISTEN_IN)
            await self._desk.ports.audit(self._signed, "watched", conversation, row.tenant)
        self._console.listening.watch(conversation, frame.after_seq)

    async def _own(self, conversation: ConversationId) -> bool:
        """Whether this person leads it now; a page that takes no contacts, such as the assist alone, asks the desk."""
        if any(one.conversation == conversation for one in self._console.mine):
            return True
        me = self._signed.person.id
        for tenant in self._console.tenants:
            led = await self._desk.ports.desk.contacts(tenant, states=MINE[1:])
            if any(one.conversation == conversation and one.agent == me for one in led):
                return True
        return False
