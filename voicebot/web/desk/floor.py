"""The floor and its figures.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from voicebot.people import Capability, SignedIn
from voicebot.web.desk.alerts import alerts
from voicebot.web.desk.bodies import Floor, StaffingTable, StaffingWanted
from voicebot.web.desk.contacts import ERRORS
from voicebot.web.desk.parts import DeskParts
from voicebot.web.desk.showing import agent_view, contact_view, names_of, queue_view
from voicebot.web.signed_in import able

Seer = Annotated[SignedIn, Depends(able(Capability.SEE_FLOOR))]
Planner = Annotated[SignedIn, Depends(able(Capability.STAFFING))]


def router(desk: DeskParts) -> APIRouter:
    """For leaders and managers."""
    routes = APIRouter(prefix="/api/desk", tags=["desk: leaders"], responses=ERRORS)
    ports = desk.ports

    @routes.get("/floor", summary="The whole floor now", operation_id="desk_floor")
    async def floor(
        signed: Seer, tenant: Annotated[str | None, Query(description="company id; one's own when left out")] = None
    ) -> Floor:
        """Agents, open contacts, queues, and what to look at."""
        company = desk.access.company(signed, tenant, Capability.SEE_FLOOR)
        agents, contacts, queues, tasks = await asyncio.gather(
            ports.desk.agents(company.tenant),
            ports.desk.contacts(company.tenant),
            ports.desk.queues(company.tenant),
            ports.desk.tasks(company.tenant),
        )
        now, language, names = ports.clock.now(), signed.person.language, names_of(agents)
        headlines = await desk.headlines.of(company.tenant, contacts, language)
        return Floor(
            server_time=now,
            agents=[agent_view(one) for one in agents],
            contacts=[
                contact_view(one, company, language, now, names, headlines.get(one.id))
                for one in sorted(contacts, key=lambda one: (one.enqueued_at, one.id))
            ],
            queues=[queue_view(one, language) for one in queues],
            alerts=alerts(
                agents, contacts, queues, tasks, now, company.wrapup_s, desk.floors.announced(company.tenant)
            ),
        )

    @routes.post("/staffing", summary="How many agents", operation_id="desk_staffing")
    def staffing(signed: Planner, body: StaffingWanted) -> StaffingTable:
        """Erlang C, or Erlang A where callers give up after ``patience_s`` on average."""
        return ports.staffing(body)

    return routes
