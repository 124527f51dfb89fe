"""Talk analysis over HTTP: figures for those who read reports, agents' for those who lead, one's own for agents.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from voicebot.assist.analysis import (
    Choice,
    Outcome,
    Period,
    Talk,
    averages,
    clips,
    findings_csv,
    funnels_csv,
    may_be_heard,
    outcome_share,
    talks_csv,
)
from voicebot.domain import ConversationId, Language, TenantId
from voicebot.people import Capability, SignedIn, may
from voicebot.web.assist import analysis_bodies as bodies
from voicebot.web.assist.analysis_looks import AnalysisParts, Looks
from voicebot.web.problems import Problem, ProblemDocument
from voicebot.web.signed_in import able, must_be_able

LONGEST = timedelta(days=184)
_FIRST = timedelta(days=28)
Reporter = Annotated[SignedIn, Depends(able(Capability.READ_REPORTS))]
Worker = Annotated[SignedIn, Depends(able(Capability.TAKE_CONTACTS))]
Lister = Annotated[SignedIn, Depends(able(Capability.READ_CONVERSATIONS))]
Coach = Annotated[SignedIn, Depends(able(Capability.SEE_FLOOR))]
Exporter = Annotated[SignedIn, Depends(able(Capability.EXPORT))]
_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "Nobody is signed in"},
    403: {"model": ProblemDocument, "description": "Not for this role"},
    404: {"model": ProblemDocument, "description": "No such company or talk for this person"},
    422: {"model": ProblemDocument, "description": "Not a period that can be looked at"},
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks to look at."""

    tenant: str | None
    since: datetime | None
    until: datetime | None
    outcome: Outcome
    choice: Choice


def _wanted(
    tenant: Annotated[str | None, Query(description="company id; one's own when left out")] = None,
    since: Annotated[AwareDatetime | None, Query(description="28 days ago when left out")] = None,
    until: Annotated[AwareDatetime | None, Query(description="now when left out")] = None,
    outcome: Outcome = Outcome.RESOLVED,
    channel: str = "",
    language: str = "",
    matter: str = "",
    agent: Annotated[str, Query(description="for those who lead people only")] = "",
) -> Wanted:
    return Wanted(tenant, since, until, outcome, Choice(channel, language, matter, agent))


Look = Annotated[Wanted, Depends(_wanted)]


class _Asked:
    """Requests answered with talks this person may look at."""

    def __init__(self, parts: AnalysisParts) -> None:
        self._parts, self._looks = parts, Looks(parts)

    def tenant(self, who: SignedIn, wanted: str | None, capability: Capability) -> TenantId:
        companies = self._parts.companies
        tenant = TenantId(wanted) if wanted else who.person.tenant
        if tenant is None and len(companies) == 1:
            tenant = next(iter(companies))
        if tenant is None:
            raise Problem(422, "company_needed", f"Say which company: ?tenant= one of {', '.join(sorted(companies))}.")
        must_be_able(who, capability, tenant)
        if tenant not in companies:
            raise Problem(404, "not_found", "There is nothing at this address for you.")
        return tenant

    def period(self, look: Wanted) -> Period:
        """Whole minutes, so that one page asks for one reading."""
        until = look.until or self._parts.clock.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
        since = look.since or until - _FIRST
        if not timedelta() < until - since <= LONGEST:
            raise Problem(422, "period", f"Choose a period of at most {LONGEST.days} days that ends after it begins.")
        return Period(since, until)

    async def talks(self, who: SignedIn, tenant: TenantId, look: Wanted) -> tuple[list[Talk], bool]:
        """The chosen talks, and whether all of the period could be read."""
        if look.choice.agent and look.choice.agent != who.person.id:
            must_be_able(who, Capability.SEE_FLOOR, tenant)
        read = await self._looks.read(tenant, self.period(look))
        return [talk for talk in read.talks if look.choice.takes(talk)], read.complete

    async def names(self, who: SignedIn, tenant: TenantId, talks: Iterable[Talk]) -> Mapping[str, str]:
        """The agents of these talks by id, in order of names, for those who lead people; nobody for others."""
        if not may(who.person, Capability.SEE_FLOOR, tenant):
            return {}
        known = await self._parts.reader.names(tenant)
        met = {talk.talked.agent for talk in talks if talk.talked.agent}
        return dict(sorted(((agent, known.get(agent, agent)) for agent in met), key=lambda one: one[1]))

    @property
    def looks(self) -> Looks:
        return self._looks


def router(parts: AnalysisParts) -> APIRouter:
    """Everything under ``/api/assist/analysis``."""
    routes = APIRouter(prefix="/api/assist/analysis", tags=["assist: analysis"], responses=_ERRORS)
    asked = _Asked(parts)

    @routes.get("", summary="What goes with an outcome", operation_id="analysis")
    async def look_at(
        who: Reporter,
        look: Look,
        lang: Annotated[str, Query(pattern="^[a-z]{0,3}$", description="of names; the person's when left out")] = "",
    ) -> bodies.ReportView:
        """Shares, comparisons, funnels, measures and suggestions for the talks of a period."""
        tenant = asked.tenant(who, look.tenant, Capability.READ_REPORTS)
        period = asked.period(look)
        talks, complete = await asked.talks(who, tenant, look)
        names = await asked.names(who, tenant, talks)
        made = await asked.looks.report(tenant, talks, look.outcome, agents=bool(names) and not look.choice.agent)
        shown = bodies.report_parts(made, parts.companies[tenant], Language(lang) or who.person.language, names)
        allowed = {
            name: may(who.person, capability, tenant)
            for name, capability in (
                ("conversations", Capability.READ_CONVERSATIONS),
                ("clips", Capability.SEE_FLOOR),
                ("export", Capability.EXPORT),
            )
        }
        head = {"tenant": tenant, "since": period.since, "until": period.until, "outcome": look.outcome}
        return bodies.ReportView.model_validate({**head, "complete": complete, **shown, "may": allowed})

    @routes.get("/mine", summary="One's own figures", operation_id="analysis_mine")
    async def mine(who: Worker, look: Look) -> bodies.OwnView:
        """An agent's own outcomes and measures, beside everybody's together; no colleague is named."""
        tenant = asked.tenant(who, look.tenant, Capability.TAKE_CONTACTS)
        period = asked.period(look)
        talks, _ = await asked.talks(who, tenant, look)
        own = [talk for talk in talks if talk.talked.agent == who.person.id]

        def shares(some: list[Talk]) -> dict[str, bodies.ShareView]:
            return bodies.shares_view({outcome: outcome_share(some, outcome) for outcome in Outcome})

        return bodies.OwnView(
            since=period.since,
            until=period.until,
            talks=len(own),
            outcomes=shares(own),
            measures=bodies.averages_view(averages([talk.measures for talk in own])),
            everybody=shares(talks),
            everybody_measures=bodies.averages_view(averages([talk.measures for talk in talks])),
        )

    @routes.get("/talks", summary="Talks with or without an outcome", operation_id="analysis_talks")
    async def listed(
        who: Lister,
        look: Look,
        won: bool = True,
        mark: Annotated[str, Query(description="such as card:price or phrase:...; only talks with it")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> bodies.TalkList:
        """Latest first."""
        tenant = asked.tenant(who, look.tenant, Capability.READ_CONVERSATIONS)
        talks, _ = await asked.talks(who, tenant, look)
        names = await asked.names(who, tenant, talks)
        fitting = [
            talk
            for talk in reversed(talks)
            if look.outcome in talk.judged
            and (look.outcome in talk.talked.outcomes) is won
            and (not mark or mark in talk.talked.marks)
        ]
        shown = [bodies.talk_view(one, look.outcome, names.get(one.talked.agent, "")) for one in fitting[:limit]]
        return bodies.TalkList(talks=shown, of=len(fitting))

    async def _coached(who: SignedIn, tenant: str | None, conversation: str) -> tuple[TenantId, tuple[Talk, ...]]:
        company = asked.tenant(who, tenant, Capability.SEE_FLOOR)
        must_be_able(who, Capability.READ_CONVERSATIONS, company)
        codes = parts.companies[company].company.codes
        return company, await parts.reader.one(company, ConversationId(conversation), codes)

    @routes.get("/talks/{conversation}", summary="A talk for coaching", operation_id="analysis_talk")
    async def coached(
        who: Coach, conversation: str, tenant: Annotated[str | None, Query()] = None
    ) -> list[bodies.CoachedView]:
        """Moments worth listening to and the words, by agent. Every reading is audited."""
        company, talks = await _coached(who, tenant, conversation)
        await parts.audit(who, "coaching_read", conversation, company)
        heard = parts.sound is not None and may_be_heard(await parts.reader.log(ConversationId(conversation)))
        kept = heard and parts.sound is not None and parts.sound.there(ConversationId(conversation))
        names = await asked.names(who, company, talks)
        return [
            bodies.CoachedView(
                conversation=conversation,
                agent=names.get(talk.talked.agent, talk.talked.agent),
                at=talk.at,
                sound=kept,
                clips=[bodies.clip_view(clip) for clip in clips(talk)],
                lines=[bodies.line_view(line) for line in talk.lines],
            )
            for talk in talks
        ]

    @routes.get("/talks/{conversation}/sound", summary="The sound of a moment", operation_id="analysis_sound")
    async def sound(
        who: Coach,
        conversation: str,
        from_ms: Annotated[int, Query(ge=0)],
        to_ms: Annotated[int, Query(ge=1)],
        tenant: Annotated[str | None, Query()] = None,
    ) -> Response:
        """A WAV of at most two minutes: the customer left, the agent right. Every listening is audited."""
        company, _ = await _coached(who, tenant, conversation)
        name = ConversationId(conversation)
        if parts.sound is None or not may_be_heard(await parts.reader.log(name)):
            raise Problem(404, "no_sound", "No sound of this talk is kept, or the caller did not agree to it.")
        made = await asyncio.to_thread(parts.sound.cut, name, from_ms, to_ms)
        await parts.audit(who, "clip_heard", conversation, company, {"from_ms": from_ms, "to_ms": to_ms})
        return Response(made, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    @routes.get("/export.csv", summary="Tables for a spreadsheet", operation_id="analysis_export")
    async def export(
        who: Exporter, look: Look, table: Literal["findings", "funnels", "talks"] = "findings"
    ) -> Response:
        """RFC 4180 with a byte order mark; cells that a spreadsheet would run are made harmless. Audited."""
        tenant = asked.tenant(who, look.tenant, Capability.EXPORT)
        talks, complete = await asked.talks(who, tenant, look)
        if table == "talks":
            text = await asyncio.to_thread(talks_csv, talks)
        else:
            made = await asked.looks.report(tenant, talks, look.outcome, agents=True)
            text = findings_csv(made.found, look.outcome) if table == "findings" else funnels_csv(made.funnels)
        told = {"table": table, "outcome": look.outcome.value, "talks": len(talks), "complete": complete}
        await parts.audit(who, "analysis_exported", "", tenant, told)
        name = f'attachment; filename="talks-{table}.csv"'
        return Response(text.encode(), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})

    return routes


__all__ = ["router"]
