"""Contacts by address: what an agent reads of one and does with it.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from voicebot.desk.model import Contact, Medium
from voicebot.desk.packet import READING_PATIENCE_S
from voicebot.domain import AgentId, ContactState, Language, QueueId
from voicebot.errors import NotFound
from voicebot.people import Capability, SignedIn
from voicebot.web.desk import canned
from voicebot.web.desk.access import agent_id, missing
from voicebot.web.desk.bodies import (
    Close,
    ContactList,
    NoteText,
    Reason,
    Replies,
    Suggestion,
    Transcript,
    Transfer,
)
from voicebot.web.desk.commands import HangUp, Refer
from voicebot.web.desk.parts import DeskParts
from voicebot.web.desk.showing import contact_view, label, names_of, packet_address
from voicebot.web.desk.suggest import suggest
from voicebot.web.desk.views import ContactView, EventView
from voicebot.web.problems import Problem, ProblemDocument
from voicebot.web.signed_in import able, signed_in

ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "Nobody is signed in"},
    403: {"model": ProblemDocument, "description": "Not with this role, or the CSRF token is missing"},
    404: {"model": ProblemDocument, "description": "Nothing under this id for you"},
    409: {"model": ProblemDocument, "description": "It is not, or no longer, as you thought; reload"},
    422: {"model": ProblemDocument, "description": "A field is missing or wrong"},
}
Anybody = Annotated[SignedIn, Depends(signed_in())]
Agent = Annotated[SignedIn, Depends(able(Capability.TAKE_CONTACTS))]
_TALKING = (ContactState.ACCEPTED, ContactState.ACTIVE)


def router(desk: DeskParts) -> APIRouter:
    """Reading and handling contacts."""
    routes = APIRouter(prefix="/api/desk", tags=["desk: contacts"], responses=ERRORS)
    ports, access, handling = desk.ports, desk.access, desk.handling

    async def shown(signed: SignedIn, contact: Contact) -> ContactView:
        return await handling.view(signed, contact)

    async def packet_of(signed: SignedIn, contact: Contact, language: str | None = None) -> dict[str, Any]:
        spoken = Language(language or signed.person.language)
        return dict(await ports.packets.packet(contact, spoken, patience_s=READING_PATIENCE_S))

    @routes.get("/contacts", summary="Open contacts", operation_id="desk_contacts")
    async def contacts(
        signed: Anybody,
        mine: Annotated[bool, Query(description="only one's own")] = True,
        tenant: Annotated[str | None, Query(description="company id; one's own when left out")] = None,
    ) -> ContactList:
        """Longest waiting first. Those of others need the role leader or manager."""
        company = access.company(signed, tenant, Capability.TAKE_CONTACTS if mine else Capability.SEE_FLOOR)
        found = await ports.desk.contacts(company.tenant)
        names = names_of(await ports.desk.agents(company.tenant))
        now = ports.clock.now()
        return ContactList(
            contacts=[
                contact_view(one, company, signed.person.language, now, names)
                for one in sorted(found, key=lambda one: (one.enqueued_at, one.id))
                if not mine or one.agent == signed.person.id
            ]
        )

    @routes.get("/contacts/{contact}", summary="One contact", operation_id="desk_contact")
    async def one(signed: Anybody, contact: str) -> ContactView:
        """How it stands."""
        return await shown(signed, await access.readable(signed, contact))

    @routes.get(
        "/contacts/{contact}/packet",
        summary="The handoff packet",
        operation_id="desk_packet",
        response_description="valid against the handoff schema, version 1.0",
    )
    async def packet(
        signed: Anybody,
        contact: str,
        invite: Annotated[str | None, Query(max_length=2000, description="a colleague's invitation")] = None,
        language: Annotated[str | None, Query(pattern="^[a-z]{2,3}$", description="one's own when left out")] = None,
    ) -> dict[str, Any]:
        """Everything known when the customer was handed over, labels in the reader's language."""
        found = await access.contact(signed, contact)
        invitation = desk.invitations.read(invite, agent_id(signed))
        if invitation is None or invitation.contact != found.id:
            found = await access.readable(signed, contact)
        if found.agent != signed.person.id:
            await ports.audit(signed, "packet_read", found.id, found.tenant)
        return await packet_of(signed, found, language)

    @routes.get("/contacts/{contact}/events", summary="The conversation's log", operation_id="desk_events")
    async def events(
        signed: Anybody,
        contact: str,
        after_seq: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=2000)] = 1000,
    ) -> Transcript:
        """Everything that happened, redacted, the bot's part first. The socket sends the same as it happens."""
        found = await access.readable(signed, contact)
        page = await ports.log.events(found.conversation, after_seq, limit)
        return Transcript(
            conversation=found.conversation,
            events=[EventView(seq=one.seq, at=one.at, event=dict(ports.encode_event(one.event))) for one in page],
            next_after_seq=page[-1].seq if len(page) == limit else None,
        )

    @routes.post("/contacts/{contact}/accept", summary="Take an offer", operation_id="desk_accept")
    async def accept(signed: Agent, contact: str) -> ContactView:
        """409 ``taken`` or ``offer_over`` when it is gone."""
        return await shown(signed, await handling.accept(signed, contact))

    @routes.post("/contacts/{contact}/decline", summary="Refuse an offer", operation_id="desk_decline", status_code=204)
    async def decline(signed: Agent, contact: str, body: Reason | None = None) -> Response:
        """It goes to somebody else."""
        await handling.decline(signed, contact, body.reason if body is not None else "")
        return Response(status_code=204)

    @routes.post("/contacts/{contact}/active", summary="Ring my phone again", operation_id="desk_active")
    async def active(signed: Agent, contact: str) -> ContactView:
        """For agents with a SIP phone: rings it and connects. A browser posts its SDP to ``media`` instead."""
        found = await access.own(signed, contact, *_TALKING)
        if found.medium is Medium.CHAT:
            found = await ports.desk.active(found.id, agent_id(signed))
        elif not await handling.ring(signed, found):
            raise Problem(409, "browser", "You answer in the browser: post its SDP to media.")
        return await shown(signed, found)

    @routes.post("/contacts/{contact}/wrap_up", summary="The talk is over", operation_id="desk_wrap_up")
    @routes.post("/contacts/{contact}/hang_up", summary="Hang up", operation_id="desk_hang_up")
    async def wrap_up(signed: Agent, contact: str) -> ContactView:
        """Ends the customer's call or chat and begins wrap-up."""
        found = await access.own(signed, contact, *_TALKING, ContactState.WRAPUP)
        if found.medium is Medium.VOICE and found.state is not ContactState.WRAPUP:
            try:
                await desk.calls.do(found.conversation, found.node, HangUp())
            except NotFound:
                pass  # the customer was faster
        return await shown(signed, await ports.desk.wrap_up(found.id, agent_id(signed)))

    @routes.post("/contacts/{contact}/close", summary="Finish", operation_id="desk_close", status_code=204)
    async def close(signed: Agent, contact: str, body: Close) -> Response:
        """A disposition of the company's list is required; 422 names the codes."""
        await handling.close(signed, contact, body.code, body.resolved, body.note)
        return Response(status_code=204)

    @routes.get("/contacts/{contact}/suggestion", summary="A disposition to choose", operation_id="desk_suggestion")
    async def suggestion(signed: Anybody, contact: str) -> Suggestion:
        """What the facts point to, with the facts; ``code`` null when they point nowhere."""
        found = await access.readable(signed, contact)
        company = access.company_of(found.tenant)
        suggested = suggest(await packet_of(signed, found), company.dispositions)
        if suggested is None:
            return Suggestion(code=None)
        chosen = suggested.disposition
        return Suggestion(
            code=chosen.code,
            label=label(chosen.label, signed.person.language, chosen.code),
            resolved=chosen.resolved,
            because=list(suggested.because),
        )

    @routes.get("/contacts/{contact}/replies", summary="Canned answers", operation_id="desk_replies")
    async def replies(
        signed: Anybody, contact: str, language: Annotated[str | None, Query(pattern="^[a-z]{2,3}$")] = None
    ) -> Replies:
        """In the customer's language, confirmed slots filled in; ``missing`` names what has to be typed."""
        found = await access.readable(signed, contact)
        company = access.company_of(found.tenant)
        written = Language(language or found.language)
        values = {"agent_name": signed.person.name, "brand": label(company.brand, written, "")}
        values |= canned.values_of(await packet_of(signed, found))
        views = [canned.filled(reply, written, values) for reply in company.replies]
        return Replies(replies=[view for view in views if view is not None])

    @routes.post("/contacts/{contact}/note", summary="A note for colleagues", operation_id="desk_note", status_code=204)
    async def note(signed: Anybody, contact: str, body: NoteText) -> Response:
        """Kept in the log; the customer never sees it."""
        await handling.note(signed, contact, body.text)
        return Response(status_code=204)

    @routes.post("/contacts/{contact}/transfer", summary="Pass the customer on", operation_id="desk_transfer")
    async def transfer(signed: Agent, contact: str, body: Transfer) -> ContactView:
        """To a queue, a colleague or, on the phone, a SIP address, at once; the customer keeps their place in time."""
        found = await access.own(signed, contact, *_TALKING)
        me = agent_id(signed)
        if body.sip is None:
            if body.agent is not None:
                await access.colleague(signed, body.agent)
            try:
                moved = await ports.desk.transfer(
                    found.id,
                    me,
                    queue=QueueId(body.queue) if body.queue is not None else None,
                    to_agent=AgentId(body.agent) if body.agent is not None else None,
                    note=body.note,
                )
            except NotFound:
                raise missing() from None
            return await shown(signed, moved)
        if found.medium is not Medium.VOICE:
            raise Problem(409, "not_on_the_phone", "A chat cannot be transferred to a telephone. Offer a callback.")
        await ports.audit(signed, "transferred_outside", found.id, found.tenant)
        if body.note:
            await handling.note(signed, contact, body.note)
        headers = {"X-Voicebot-Handoff": found.id, "X-Voicebot-Packet": packet_address(found)}
        await desk.calls.do(found.conversation, found.node, Refer(uri=body.sip, headers=headers))
        return await shown(signed, await ports.desk.wrap_up(found.id, me))

    @routes.post("/contacts/{contact}/return", summary="Back to the bot", operation_id="desk_return")
    async def give_back(signed: Agent, contact: str) -> ContactView:
        """The bot goes on where the conversation stands."""
        found = await access.own(signed, contact, *_TALKING)
        return await shown(signed, await ports.desk.give_back(found.id, agent_id(signed)))

    @routes.post("/contacts/{contact}/files", summary="Files are off", operation_id="desk_files", status_code=403)
    async def files(signed: Anybody, contact: str) -> Response:
        """Always refused: files are switched off in this product."""
        await access.contact(signed, contact)
        raise Problem(403, "files_off", "Files are switched off in chats, so nothing was taken.")

    return routes
