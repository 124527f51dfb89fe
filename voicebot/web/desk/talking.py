"""On the phone: coming in, hold, mute, asking a colleague, three at once, passing on warm.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

from fastapi import APIRouter, Response

from voicebot.desk.model import Contact, Medium
from voicebot.domain import AgentId, ContactState
from voicebot.errors import ChannelError, NotFound
from voicebot.people import Capability, SignedIn
from voicebot.web.desk.access import agent_id, missing
from voicebot.web.desk.bodies import Complete, Consult, MediaAnswer, MediaOffer, Mute, Parties, Switch, Whisper
from voicebot.web.desk.commands import ChangeRole, Command, Hold, Join, Leave, Look, Outcome, Pause, Ring
from voicebot.web.desk.commands import Mute as MuteParty
from voicebot.web.desk.contacts import ERRORS, Agent, Anybody
from voicebot.web.desk.parts import DeskParts
from voicebot.web.desk.signs import InviteOverSign, InviteSign
from voicebot.web.desk.views import ContactView
from voicebot.web.problems import Problem
from voicebot.web.signed_in import must_be_able

OUTSIDE = "outside"
"""Names the party that was dialled by a SIP address; there is one at a time, and its number is kept nowhere."""
_TALKING = (ContactState.ACCEPTED, ContactState.ACTIVE)


def router(desk: DeskParts) -> APIRouter:
    """Everything about live calls."""
    routes = APIRouter(prefix="/api/desk/contacts/{contact}", tags=["desk: calls"], responses=ERRORS)
    ports, access = desk.ports, desk.access

    async def on_the_phone(signed: SignedIn, contact: str) -> Contact:
        found = await access.own(signed, contact, *_TALKING)
        if found.medium is not Medium.VOICE:
            raise Problem(409, "not_on_the_phone", "This customer is in a chat. There is no call to do that with.")
        return found

    async def do(contact: Contact, command: Command) -> Outcome:
        return await desk.calls.do(contact.conversation, contact.node, command)

    async def parties(contact: Contact, command: Command) -> Parties:
        outcome = await do(contact, command)
        return Parties(conversation=contact.conversation, parties=outcome.parties, on_hold=outcome.on_hold)

    @routes.post("/media", summary="Come in by browser", operation_id="desk_media")
    async def media(signed: Anybody, contact: str, body: MediaOffer) -> MediaAnswer:
        """The answer comes from the process that holds the call; the contact is active once sound flows."""
        match body.role:
            case "lead":
                found = await on_the_phone(signed, contact)
            case "expert":
                found = await access.contact(signed, contact)
                invitation = desk.invitations.read(body.invite, agent_id(signed))
                if invitation is None or invitation.contact != found.id:
                    raise Problem(403, "invite_over", "This invitation is over. Ask your colleague for another.")
            case _:
                found = await access.contact(signed, contact)
                must_be_able(signed, Capability.LISTEN_IN, found.tenant)
                await ports.audit(signed, "listened_in", found.id, found.tenant, {"role": body.role})
        person = signed.person
        outcome = await do(
            found, Join(agent=person.id, name=person.name, role=body.role, sdp=body.sdp, contact=found.id)
        )
        assert outcome.sdp is not None
        return MediaAnswer(sdp=outcome.sdp, conversation=found.conversation, role=body.role)

    @routes.delete("/media", summary="Go", operation_id="desk_media_leave", status_code=204)
    async def leave(signed: Anybody, contact: str) -> Response:
        """For experts and leaders; who leads hangs up, transfers or gives back instead."""
        found = await access.contact(signed, contact)
        if found.agent == signed.person.id and found.state in _TALKING:
            raise Problem(409, "you_lead", "You lead this call. Hang up, transfer it, or give it back to the bot.")
        await do(found, Leave(agent=signed.person.id))
        return Response(status_code=204)

    @routes.get("/parties", summary="Who is on the call", operation_id="desk_parties")
    async def who(signed: Anybody, contact: str) -> Parties:
        """Everybody but the customer."""
        return await parties(await access.readable(signed, contact), Look())

    @routes.post("/hold", summary="Music for the customer", operation_id="desk_hold")
    async def hold(signed: Agent, contact: str, body: Switch) -> Parties:
        """The customer hears music and is not heard."""
        return await parties(await on_the_phone(signed, contact), Hold(on=body.on))

    @routes.post("/mute", summary="Mute", operation_id="desk_mute")
    async def mute(signed: Anybody, contact: str, body: Mute) -> Parties:
        """Oneself; who leads may mute anybody."""
        if body.agent is None or body.agent == signed.person.id:
            return await parties(await access.contact(signed, contact), MuteParty(agent=signed.person.id, on=body.on))
        return await parties(await on_the_phone(signed, contact), MuteParty(agent=body.agent, on=body.on))

    @routes.post("/pause", summary="A secret is told", operation_id="desk_pause")
    async def pause(signed: Agent, contact: str, body: Switch) -> Parties:
        """Neither recorded nor written down while on, such as for a card number."""
        return await parties(await on_the_phone(signed, contact), Pause(on=body.on))

    @routes.post("/consult", summary="Ask a colleague", operation_id="desk_consult")
    async def consult(signed: Agent, contact: str, body: Consult) -> Parties:
        """The customer hears music. A colleague is invited on their screen; a SIP address is rung."""
        found = await access.own(signed, contact, *_TALKING)
        if body.agent is not None:
            await invite(signed, found, body.agent, body.note)
            if found.medium is Medium.CHAT:
                return Parties(conversation=found.conversation, parties=[])
        elif found.medium is Medium.CHAT:
            raise Problem(409, "not_on_the_phone", "A chat cannot ask a telephone. Ask a colleague.")
        outcome = await parties(found, Hold(on=True))
        if body.sip is not None:
            await ports.audit(signed, "rang_outside", found.id, found.tenant)
            me = signed.person.id
            ring = Ring(agent=OUTSIDE, name=OUTSIDE, role="expert", uri=body.sip, asked_by=me, contact=found.id)
            outcome = await parties(found, ring)
        return outcome

    async def invite(signed: SignedIn, contact: Contact, agent: str, note: str) -> None:
        colleague = await access.colleague(signed, agent)
        if colleague.id == signed.person.id:
            raise Problem(422, "yourself", "agent: choose a colleague, not yourself.")
        if not colleague.signed_in or contact.tenant not in (colleague.tenant, *colleague.grants):
            raise Problem(409, "not_there", "This colleague is not signed in. Choose somebody who is.")
        if contact.medium is Medium.VOICE and colleague.load.get(Medium.VOICE, 0) > 0:
            raise Problem(409, "on_the_phone", "This colleague is on the phone. Choose somebody else, or wait.")
        sign = InviteSign(
            contact=contact.id,
            by=signed.person.id,
            by_name=signed.person.name,
            note=note[:400],
            invite=desk.invitations.make(contact.id, colleague.id),
        )
        await desk.signs.to_agent(colleague.id, sign)

    @routes.post("/consult/end", summary="Advice is given", operation_id="desk_consult_end")
    async def consult_end(signed: Agent, contact: str, body: Complete | None = None) -> Parties:
        """The colleague goes, the customer is back. ``agent``: take back an invitation nobody has answered."""
        found = await access.own(signed, contact, *_TALKING)
        asked = body.agent if body is not None else None
        if asked is not None:
            await desk.signs.to_agent((await access.colleague(signed, asked)).id, InviteOverSign(contact=found.id))
        if found.medium is Medium.CHAT:
            return Parties(conversation=found.conversation, parties=[])
        for seat in (await do(found, Look())).parties:
            if seat.role == "expert":
                await do(found, Leave(agent=seat.agent, reason="consultation over"))
        return await parties(found, Hold(on=False))

    @routes.post("/conference", summary="All three", operation_id="desk_conference")
    async def conference(signed: Agent, contact: str) -> Parties:
        """The customer comes back and hears the colleague too."""
        return await parties(await on_the_phone(signed, contact), Hold(on=False))

    @routes.post("/complete_transfer", summary="Pass on warm", operation_id="desk_complete_transfer")
    async def complete(signed: Agent, contact: str, body: Complete | None = None) -> ContactView:
        """The colleague who was asked leads from now on; whoever passed on goes."""
        found = await access.own(signed, contact, *_TALKING)
        asked = body.agent if body is not None else None
        if found.medium is Medium.CHAT:
            if asked is None:
                raise Problem(422, "agent_needed", "agent: say which colleague leads this chat from now on.")
            return await desk.handling.view(signed, await hand_over(signed, found, asked))
        experts = [seat.agent for seat in (await do(found, Look())).parties if seat.role == "expert"]
        expert = asked if asked in experts else next(iter(experts), None)
        if expert is None:
            raise Problem(409, "nobody_there", "Nobody was asked yet. Ask a colleague first, then pass on.")
        moved = found if expert == OUTSIDE else await hand_over(signed, found, expert)
        await do(found, ChangeRole(agent=expert, role="lead"))
        try:
            await do(found, Hold(on=False))
            await do(found, Leave(agent=signed.person.id, reason="transferred"))
        except (ChannelError, NotFound):
            pass  # the customer or the colleague was faster
        if expert == OUTSIDE:  # the call outlives the contact, because they are on the line by now
            moved = await ports.desk.wrap_up(found.id, agent_id(signed))
        return await desk.handling.view(signed, moved)

    async def hand_over(signed: SignedIn, contact: Contact, to: str) -> Contact:
        colleague = await access.colleague(signed, to)
        if not colleague.signed_in or contact.tenant not in (colleague.tenant, *colleague.grants):
            raise Problem(409, "not_there", "This colleague is not signed in. Choose somebody who is.")
        await ports.desk.take_over(contact.id, colleague.id)
        return await ports.desk.active(contact.id, AgentId(colleague.id))

    @routes.post("/whisper", summary="Answer a colleague in a chat", operation_id="desk_whisper", status_code=204)
    async def whisper(signed: Anybody, contact: str, body: Whisper) -> Response:
        """Words for the colleague who leads; the customer never sees them."""
        found = await access.contact(signed, contact)
        invitation = desk.invitations.read(body.invite, agent_id(signed))
        if invitation is None or invitation.contact != found.id or not found.state.open:
            raise Problem(403, "invite_over", "This invitation is over. Ask your colleague for another.")
        if found.agent is None:
            raise missing()
        await desk.handling.write_once(signed, found, body.text, private=True)
        return Response(status_code=204)

    return routes
