"""Guided scripts, what is prepared after the call, and proposals for the FAQ, by address.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from voicebot.assist.after import Company, prepare
from voicebot.assist.after_facts import Sentence, story
from voicebot.assist.after_wording import Wording
from voicebot.assist.live_known import Known
from voicebot.assist.live_scripts import begun, words_since
from voicebot.assist.scripts import Change, Clicked, Guide, answered, choose, missing, moved, replayed
from voicebot.assist.scripts import step as script_step
from voicebot.desk.model import Contact
from voicebot.domain import ContactState, Event, Language, Recorded, ScriptMoved, TenantId
from voicebot.people import Capability, SignedIn
from voicebot.store.assist_proposals import FaqProposals
from voicebot.web.assist.guidance_bodies import (
    AfterView,
    Decision,
    ProposalNew,
    Proposals,
    ProposalView,
    ScriptsView,
    StepChange,
)
from voicebot.web.assist.guidance_views import after_view, proposal_view, run_view, script_view, slot_names
from voicebot.web.assist.ports import AssistParts
from voicebot.web.problems import Problem
from voicebot.web.signed_in import able, must_be_able

_MINE = (ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)
_PAGE = 2000
Agent = Annotated[SignedIn, Depends(able(Capability.TAKE_CONTACTS))]
Editor = Annotated[SignedIn, Depends(able(Capability.EDIT_CONTENT))]


@dataclass(frozen=True, slots=True)
class GuidanceParts:
    """What these addresses stand on: wrap-up words by company. ``wording`` None: no language model."""

    assist: AssistParts
    companies: Mapping[TenantId, Company]
    proposals: FaqProposals
    wording: Wording | None = None


def guidance_router(parts: GuidanceParts) -> APIRouter:
    """Agents steer scripts of their own contacts; leaders and trainers decide on proposals."""
    routes = APIRouter(prefix="/api/assist", tags=["desk: assist"])
    access, log, clock = parts.assist.desk.access, parts.assist.log, parts.assist.clock

    async def own(signed: SignedIn, contact: str) -> Contact:
        return await access.own(signed, contact, *_MINE)

    async def events(contact: Contact) -> list[Recorded]:
        found: list[Recorded] = []
        while page := await log.events(contact.conversation, found[-1].seq if found else 0, _PAGE):
            found += page
            if len(page) < _PAGE:
                break
        return found

    async def guide_of(contact: Contact) -> Guide | None:
        return (await parts.assist.assist.edition_of(contact.tenant, contact.conversation)).guide

    async def guide(contact: Contact) -> Guide:
        found = await guide_of(contact)
        if found is None:
            raise Problem(404, "no_scripts", "This company has no guided scripts.")
        return found

    async def note(
        contact: Contact, signed: SignedIn, used: Guide, script: str, changes: tuple[Change, ...], *first: Event
    ) -> None:
        version = used.scripts.version
        more = [moved(one, script=script, version=version, agent=signed.person.id) for one in changes]
        if first or more:
            await log.append(contact.conversation, [*first, *more], clock.now())

    @routes.get("/contacts/{contact}/scripts", summary="The scripts and where one stands", operation_id="assist_script")
    async def scripts(signed: Agent, contact: str) -> ScriptsView:
        """``suggested``: fits the customer's matter. A company without scripts has an empty list."""
        mine = await own(signed, contact)
        prepared, told = await guide_of(mine), await events(mine)
        company = parts.companies.get(mine.tenant)
        named = company.slots if company is not None else {}
        if prepared is None:
            return ScriptsView(version="", scripts=[], running=None, slots=slot_names((), named))
        known = Known(mine.language)
        for recorded in told:
            known = known.after(recorded.event)
        fits = choose(prepared.scripts, flow=known.flow, intent=known.intent or mine.intent, queue=mine.queue)
        moves = [one.event for one in told if isinstance(one.event, ScriptMoved)]
        proposed = {one.script for one in moves if one.change == "proposed"}
        state = replayed(prepared, told, {})
        return ScriptsView(
            version=prepared.scripts.version,
            scripts=[
                script_view(one, suggested=one.id in proposed or one is fits)
                for one in prepared.scripts.scripts.values()
            ],
            running=None if state is None else run_view(prepared, state),
            slots=slot_names(prepared.scripts.scripts.values(), named),
        )

    @routes.post(
        "/contacts/{contact}/scripts/{script}/start",
        summary="Begin a script",
        operation_id="assist_script_start",
        status_code=204,
    )
    async def begin(signed: Agent, contact: str, script: str) -> Response:
        """It comes as events of the conversation; what was said since the agent came is heard at once."""
        mine = await own(signed, contact)
        prepared = await guide(mine)
        if script not in prepared.scripts.scripts:
            raise Problem(404, "no_script", "There is no such script in the version this conversation uses. Reload.")
        told = await events(mine)
        words = words_since(told, mine.active_at or mine.accepted_at)
        now_s = clock.now().timestamp()
        context = {"channel": mine.channel.value}
        _, changes = begun(prepared, script, story(told).slots, context, words, now_s)
        version = prepared.scripts.version
        first = ScriptMoved(script=script, version=version, agent=signed.person.id, change="started", by="clicked")
        await note(mine, signed, prepared, script, changes, first)
        return Response(status_code=204)

    @routes.post(
        "/contacts/{contact}/scripts/{script}/steps/{step}",
        summary="Tick a step",
        operation_id="assist_step",
        status_code=204,
    )
    async def click(signed: Agent, contact: str, script: str, step: str, body: StepChange) -> Response:
        """By hand, where the talk did not. ``script`` is the one that the step belongs to."""
        mine = await own(signed, contact)
        prepared = await guide(mine)
        state = replayed(prepared, await events(mine), {})
        if state is None:
            raise Problem(409, "no_script", "No script has been started in this contact.")
        if prepared.scripts.step((script, step)) is None:
            raise Problem(404, "no_step", "There is no such step in the version this conversation uses. Reload.")
        given = Clicked((script, step), body.change)
        _, changes = script_step(prepared, state, given, clock.now().timestamp())
        await note(mine, signed, prepared, state.script, changes)
        return Response(status_code=204)

    @routes.get("/contacts/{contact}/after", summary="What is prepared", operation_id="assist_after")
    async def after(
        signed: Agent, contact: str, language: Annotated[str | None, Query(pattern="^[a-z]{2,3}$")] = None
    ) -> AfterView:
        """Summary with turns, dispositions, follow-ups, notes, problem and cure, what the script still wants."""
        mine = await own(signed, contact)
        company = parts.companies.get(mine.tenant)
        if company is None:
            raise Problem(404, "no_desk", "This company has no desk.")
        told = await events(mine)
        spoken = Language(language) if language else mine.language
        packet = await parts.assist.desk.ports.packets.packet(mine, spoken)
        prepared = await guide_of(mine)
        state = replayed(prepared, told, {}) if prepared is not None else None
        block = packet["summary"]
        told_before = [Sentence(str(block["text"]), tuple(block["source_turns"]))] if block["text"] else []
        if prepared is not None:
            company = replace(company, scripts=prepared.scripts)
        script, known = (state.script, answered(prepared.scripts, state)) if prepared and state else ("", ())
        made = prepare(told, company, spoken, told_before, script, known)
        if parts.wording is not None:
            made = await parts.wording.word(made, story(told), spoken)
        left = missing(prepared.scripts, state) if prepared is not None and state is not None else ()
        return after_view(made, left)

    @routes.post(
        "/contacts/{contact}/proposals", summary="Propose for the FAQ", operation_id="assist_propose", status_code=201
    )
    async def propose(signed: Agent, contact: str, body: ProposalNew) -> ProposalView:
        """A trainer decides."""
        mine = await own(signed, contact)
        turns = tuple(body.turns)
        made = await parts.proposals.add(
            mine.tenant, mine.conversation, mine.language, body.problem, body.solution, turns, signed.person.id
        )
        return proposal_view(made)

    @routes.get("/{tenant}/proposals", summary="Proposals for the FAQ", operation_id="assist_proposals")
    async def proposals(signed: Editor, tenant: str, everything: bool = False) -> Proposals:
        """Those that wait for a decision, the latest first."""
        must_be_able(signed, Capability.EDIT_CONTENT, TenantId(tenant))
        found = await parts.proposals.all(TenantId(tenant), open_only=not everything)
        return Proposals(proposals=[proposal_view(one) for one in found])

    @routes.post(
        "/{tenant}/proposals/{proposal}", summary="Decide", operation_id="assist_proposal_decide", status_code=204
    )
    async def decide(signed: Editor, tenant: str, proposal: str, body: Decision) -> Response:
        """An accepted one still has to be written into the FAQ."""
        must_be_able(signed, Capability.EDIT_CONTENT, TenantId(tenant))
        await parts.proposals.decide(TenantId(tenant), proposal, body.state, signed.person.id)
        return Response(status_code=204)

    return routes
