"""Leaders: listen, whisper, join, take over, and live changes of agents.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from voicebot.desk.model import Contact, Medium, medium_of
from voicebot.domain import Channel, ContactState, ConversationId, Owner, Skill
from voicebot.people import Capability, SignedIn
from voicebot.web.desk.access import agent_id
from voicebot.web.desk.bodies import AgentChange, Supervise, Supervised
from voicebot.web.desk.commands import ChangeRole, Join, Leave, Look
from voicebot.web.desk.contacts import ERRORS
from voicebot.web.desk.parts import DeskParts
from voicebot.web.desk.showing import agent_view
from voicebot.web.desk.views import AgentView, PartyRole
from voicebot.web.ports import ConversationRow
from voicebot.web.problems import Problem
from voicebot.web.signed_in import able, must_be_able, signed_in

Listener = Annotated[SignedIn, Depends(able(Capability.LISTEN_IN))]
Taker = Annotated[SignedIn, Depends(able(Capability.TAKE_OVER))]
Anybody = Annotated[SignedIn, Depends(signed_in())]


def router(desk: DeskParts) -> APIRouter:
    """What leaders do. Everything is audited."""
    routes = APIRouter(prefix="/api/desk", tags=["desk: leaders"], responses=ERRORS)
    ports, access = desk.ports, desk.access

    async def open_contact(row: ConversationRow) -> Contact | None:
        found = await ports.desk.contacts(row.tenant)
        return next((one for one in found if one.conversation == row.id), None)

    async def come_in(signed: SignedIn, conversation: str, role: PartyRole, body: Supervise) -> Supervised:
        row = await access.conversation(signed, conversation, Capability.LISTEN_IN)
        contact = await open_contact(row)
        view = await desk.handling.view(signed, contact) if contact is not None else None
        await ports.audit(signed, "listened_in", row.id, row.tenant, {"role": role})
        if medium_of(Channel(row.channel)) is Medium.CHAT:
            await write(signed, contact, role, body.text)
            return Supervised(conversation=row.id, contact=view, role=role)
        node = contact.node if contact is not None else ""
        person = signed.person
        if body.sdp is not None:
            join = Join(agent=person.id, name=person.name, role=role, sdp=body.sdp)
            outcome = await desk.calls.do(row.id, node, join)
            return Supervised(conversation=row.id, contact=view, role=role, sdp=outcome.sdp)
        seats = (await desk.calls.do(row.id, node, Look())).parties
        if person.id not in [seat.agent for seat in seats]:
            raise Problem(422, "sdp_needed", "sdp: send your browser's offer to come into the call.")
        await desk.calls.do(row.id, node, ChangeRole(agent=person.id, role=role))
        return Supervised(conversation=row.id, contact=view, role=role)

    async def write(signed: SignedIn, contact: Contact | None, role: PartyRole, text: str | None) -> None:
        if text is None:
            return
        if role == "listener":
            raise Problem(422, "only_listening", "text: whoever listens says nothing. Whisper or join instead.")
        if contact is None or contact.state is not ContactState.ACTIVE:
            raise Problem(409, "nobody_leads", "No agent leads this chat now. Take it over to write to the customer.")
        await desk.handling.write_once(signed, contact, text, private=role == "whisperer")

    @routes.post("/conversations/{conversation}/listen", summary="Listen", operation_id="desk_listen")
    async def listen(signed: Listener, conversation: str, body: Supervise) -> Supervised:
        """Hear everybody, be heard by nobody. Chats are read by ``watch`` on the socket."""
        return await come_in(signed, conversation, "listener", body)

    @routes.post("/conversations/{conversation}/whisper", summary="Whisper", operation_id="desk_leader_whisper")
    async def whisper(signed: Listener, conversation: str, body: Supervise) -> Supervised:
        """Be heard by the agent alone. Already on the call: no ``sdp`` needed."""
        return await come_in(signed, conversation, "whisperer", body)

    @routes.post("/conversations/{conversation}/join", summary="Join", operation_id="desk_join")
    async def join(signed: Listener, conversation: str, body: Supervise) -> Supervised:
        """Be heard by everybody."""
        return await come_in(signed, conversation, "speaker", body)

    @routes.post(
        "/conversations/{conversation}/leave", summary="Go", operation_id="desk_supervise_leave", status_code=204
    )
    async def leave(signed: Listener, conversation: str) -> Response:
        """Leave a call one has come into."""
        row = await access.conversation(signed, conversation, Capability.LISTEN_IN)
        contact = await open_contact(row)
        if contact is not None and contact.agent == signed.person.id:
            raise Problem(409, "you_lead", "You lead this call. Hang up, transfer it, or give it back to the bot.")
        node = contact.node if contact is not None else ""
        await desk.calls.do(row.id, node, Leave(agent=signed.person.id))
        return Response(status_code=204)

    @routes.post("/conversations/{conversation}/take_over", summary="Take over", operation_id="desk_take_over")
    async def take_over(signed: Taker, conversation: str) -> Supervised:
        """Lead it now, whoever led it: the bot, the queue or an agent. On the phone, post the SDP to media next."""
        row = await access.conversation(signed, conversation, Capability.TAKE_OVER)
        contact = await open_contact(row)
        if contact is None and row.owner != Owner.BOT:
            raise Problem(409, "over", "This conversation is over, so there is nothing to take over.")
        await ports.audit(signed, "took_over", row.id, row.tenant)
        me = agent_id(signed)
        taken = await ports.desk.take_over(contact.id if contact is not None else ConversationId(row.id), me)
        if taken.medium is Medium.CHAT:
            taken = await ports.desk.active(taken.id, me)
        else:
            seats = (await desk.calls.do(row.id, taken.node, Look())).parties
            if me in [seat.agent for seat in seats]:
                await desk.calls.do(row.id, taken.node, ChangeRole(agent=me, role="lead"))
                for seat in seats:
                    if seat.role == "lead" and seat.agent != me:
                        await desk.calls.do(row.id, taken.node, Leave(agent=seat.agent, reason="taken over"))
                taken = await ports.desk.active(taken.id, me)
        view = await desk.handling.view(signed, taken)
        return Supervised(conversation=row.id, contact=view, role="lead")

    @routes.patch("/agents/{agent}", summary="Change an agent now", operation_id="desk_change_agent")
    async def change(signed: Anybody, agent: str, body: AgentChange) -> AgentView:
        """Skills, capacity, telephone. Everybody may change their own telephone, leaders everything."""
        found = await access.colleague(signed, agent)
        only_own_phone = found.id == signed.person.id and body.skills is None and body.capacity is None
        if not only_own_phone:
            must_be_able(signed, Capability.EDIT_SKILLS, found.tenant)
        changed: list[str] = []
        if body.skills is not None:
            gone = {skill: 0 for skill in found.skills if skill not in body.skills}
            given = {Skill(skill): level for skill, level in body.skills.items()}
            found = await ports.desk.set_skills(found.id, {**gone, **given})
            changed.append("skills")
        if body.capacity is not None:
            capacity = {Medium(medium): count for medium, count in body.capacity.items()}
            found = await ports.desk.set_capacity(found.id, capacity)
            changed.append("capacity")
        if body.endpoint is not None:
            found = await ports.desk.set_endpoint(found.id, body.endpoint)
            changed.append("endpoint")
        await ports.audit(signed, "agent_changed", found.id, found.tenant, {"fields": [*changed]})
        return agent_view(found)

    return routes
