"""Guided scripts, what is prepared after the call, and proposals for the FAQ, by address.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from voicebot.assist.after import Company, prepare
from voicebot.assist.after_facts import Sentence, story
from voicebot.assist.after_wording import Wording
from voicebot.assist.scripts import Change, Clicked, Guide, Key, ScriptState, choose, missing, moved, replayed, start
from voicebot.assist.scripts import step as script_step
from voicebot.desk.model import Contact
from voicebot.domain import ContactState, Event, Language, Recorded, ScriptMoved, TenantId
from voicebot.people import Capability, SignedIn
from voicebot.store.assist_proposals import FaqProposals, Proposal
from voicebot.web.assist.ports import AssistParts
from voicebot.web.problems import Problem
from voicebot.web.signed_in import able, must_be_able

_MINE = (ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)
_PAGE = 2000
Agent = Annotated[SignedIn, Depends(able(Capability.TAKE_CONTACTS))]
Editor = Annotated[SignedIn, Depends(able(Capability.EDIT_CONTENT))]
Words = Annotated[str, Field(min_length=1, max_length=1000)]


@dataclass(frozen=True, slots=True)
class GuidanceParts:
    """What these addresses stand on: scripts and wrap-up words by company. ``wording`` None: no language model."""

    assist: AssistParts
    guides: Mapping[TenantId, Guide]
    companies: Mapping[TenantId, Company]
    proposals: FaqProposals
    wording: Wording | None = None


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StepClick(_Taken):
    """What became of a step; ``script`` is the one the step belongs to."""

    script: Annotated[str, Field(max_length=64)]
    step: Annotated[str, Field(max_length=64)]
    what: Literal["done", "undone", "skipped"]


class ProposalNew(_Taken):
    """A problem and its cure, as the agent words them; phone numbers and the like are hidden."""

    problem: Words
    solution: Words
    turns: Annotated[list[int], Field(max_length=20)] = []


class Decision(_Taken):
    """What a trainer makes of a proposal."""

    state: Literal["accepted", "declined"]


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

    def guide(tenant: TenantId) -> Guide:
        if tenant not in parts.guides:
            raise Problem(404, "no_scripts", "This company has no guided scripts.")
        return parts.guides[tenant]

    async def note(contact: Contact, signed: SignedIn, script: str, changes: tuple[Change, ...], *first: Event) -> None:
        version = guide(contact.tenant).scripts.version
        more = [moved(one, script=script, version=version, agent=signed.person.id) for one in changes]
        if first or more:
            await log.append(contact.conversation, [*first, *more], clock.now())

    @routes.get("/contacts/{contact}/script", summary="The script and where it stands", operation_id="assist_script")
    async def script(signed: Agent, contact: str) -> dict[str, Any]:
        """``fits``: the script for the customer's matter; ``state``: null before one is started."""
        mine = await own(signed, contact)
        prepared, told = guide(mine.tenant), await events(mine)
        intents = story(told).intents
        fits = choose(prepared.scripts, intent=intents[-1] if intents else mine.intent, queue=mine.queue)
        state = replayed(prepared, told, {})
        return {
            "version": prepared.scripts.version,
            "fits": fits.id if fits is not None else None,
            "scripts": {one.id: dict(one.names) for one in prepared.scripts.scripts.values()},
            "state": None if state is None else _state(prepared, state),
        }

    @routes.post(
        "/contacts/{contact}/script/{name}",
        summary="Begin a script",
        operation_id="assist_script_start",
        status_code=204,
    )
    async def begin(signed: Agent, contact: str, name: str) -> Response:
        """Questions that the talk has answered already are done at once."""
        mine = await own(signed, contact)
        prepared = guide(mine.tenant)
        if name not in prepared.scripts.scripts:
            raise Problem(404, "no_script", "There is no such script.")
        slots = story(await events(mine)).slots
        _, changes = start(prepared, name, slots, {"channel": mine.channel.value}, clock.now().timestamp())
        version = prepared.scripts.version
        first = ScriptMoved(script=name, version=version, agent=signed.person.id, change="started", by="clicked")
        await note(mine, signed, name, changes, first)
        return Response(status_code=204)

    @routes.post("/contacts/{contact}/steps", summary="Tick a step", operation_id="assist_step", status_code=204)
    async def click(signed: Agent, contact: str, body: StepClick) -> Response:
        """By hand, where the talk did not."""
        mine = await own(signed, contact)
        prepared = guide(mine.tenant)
        state = replayed(prepared, await events(mine), {})
        if state is None:
            raise Problem(409, "no_script", "No script has been started in this contact.")
        given = Clicked((body.script, body.step), body.what)
        _, changes = script_step(prepared, state, given, clock.now().timestamp())
        await note(mine, signed, state.script, changes)
        return Response(status_code=204)

    @routes.get("/contacts/{contact}/after", summary="What is prepared", operation_id="assist_after")
    async def after(
        signed: Agent, contact: str, language: Annotated[str | None, Query(pattern="^[a-z]{2,3}$")] = None
    ) -> dict[str, Any]:
        """Summary with turns, dispositions, follow-ups, notes, problem and cure, what the script still wants."""
        mine = await own(signed, contact)
        company = parts.companies.get(mine.tenant)
        if company is None:
            raise Problem(404, "no_desk", "This company has no desk.")
        told = await events(mine)
        spoken = Language(language) if language else mine.language
        packet = await parts.assist.desk.ports.packets.packet(mine, spoken)
        prepared = parts.guides.get(mine.tenant)
        state = replayed(prepared, told, {}) if prepared is not None else None
        block = packet["summary"]
        told_before = [Sentence(str(block["text"]), tuple(block["source_turns"]))] if block["text"] else []
        made = prepare(told, company, spoken, told_before, state.script if state is not None else "")
        if parts.wording is not None:
            made = await parts.wording.word(made, story(told), spoken)
        open_steps = missing(prepared.scripts, state) if prepared is not None and state is not None else ()
        return {
            "method": made.method,
            "summary": [{"text": one.text, "turns": list(one.turns)} for one in made.summary],
            "dispositions": [
                {"code": one.code, "weight": one.weight, "turns": list(one.turns)} for one in made.dispositions
            ],
            "follow_ups": [
                {"kind": one.kind, "text": one.text, "due": one.due.isoformat(), "turn": one.turn, "said": one.said}
                for one in made.follow_ups
            ],
            "notes": {str(each): text for each, text in made.notes.items()},
            "solved": None
            if made.solved is None
            else {
                "problem": made.solved.problem,
                "solution": made.solved.solution,
                "turns": list(made.solved.turns),
                "language": made.solved.language,
            },
            "missing": list(made.missing),
            "missing_steps": [_key(key) for key in open_steps],
        }

    @routes.post(
        "/contacts/{contact}/proposals", summary="Propose for the FAQ", operation_id="assist_propose", status_code=201
    )
    async def propose(signed: Agent, contact: str, body: ProposalNew) -> dict[str, Any]:
        """A trainer decides."""
        mine = await own(signed, contact)
        turns = tuple(body.turns)
        made = await parts.proposals.add(
            mine.tenant, mine.conversation, mine.language, body.problem, body.solution, turns, signed.person.id
        )
        return _proposal(made)

    @routes.get("/{tenant}/proposals", summary="Proposals for the FAQ", operation_id="assist_proposals")
    async def proposals(signed: Editor, tenant: str, everything: bool = False) -> dict[str, Any]:
        """Those that wait for a decision, the latest first."""
        must_be_able(signed, Capability.EDIT_CONTENT, TenantId(tenant))
        found = await parts.proposals.all(TenantId(tenant), open_only=not everything)
        return {"proposals": [_proposal(one) for one in found]}

    @routes.post(
        "/{tenant}/proposals/{proposal}", summary="Decide", operation_id="assist_proposal_decide", status_code=204
    )
    async def decide(signed: Editor, tenant: str, proposal: str, body: Decision) -> Response:
        """An accepted one still has to be written into the FAQ."""
        must_be_able(signed, Capability.EDIT_CONTENT, TenantId(tenant))
        await parts.proposals.decide(TenantId(tenant), proposal, body.state, signed.person.id)
        return Response(status_code=204)

    return routes


def _state(prepared: Guide, state: ScriptState) -> dict[str, Any]:
    script = prepared.scripts.scripts[state.script]
    shown = dict.fromkeys([*((script.id, name) for name in script.steps), *state.passed, *state.marks])
    return {
        "script": state.script,
        "at": _key(state.at) if state.at is not None else None,
        "ended": state.ended,
        "missing": [_key(key) for key in missing(prepared.scripts, state)],
        "steps": [_step(prepared, state, key) for key in shown],
    }


def _step(prepared: Guide, state: ScriptState, key: Key) -> dict[str, Any]:
    one = prepared.scripts.step(key)
    assert one is not None
    mark = state.marks.get(key)
    return {
        **_key(key),
        "kind": one.kind.value,
        "party": one.party.value,
        "mandatory": one.mandatory,
        "mark": mark.what if mark is not None else None,
        "by": mark.by if mark is not None else None,
        "utterance": mark.utterance if mark is not None else "",
        "text": {
            str(language): {"label": text.label, "say": text.say, "novice": text.novice}
            for language, text in one.text.items()
        },
    }


def _key(key: Key) -> dict[str, str]:
    return {"script": key[0], "step": key[1]}


def _proposal(one: Proposal) -> dict[str, Any]:
    at: datetime = one.created_at
    return {
        "id": one.id,
        "conversation": one.conversation,
        "language": one.language,
        "problem": one.problem,
        "solution": one.solution,
        "turns": list(one.turns),
        "author": one.author,
        "state": one.state,
        "created_at": at.isoformat(),
    }
