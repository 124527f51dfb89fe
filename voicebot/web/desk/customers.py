"""What helps with the customer at hand: what is known of them, and reading their language.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from voicebot.domain import Language
from voicebot.people import Capability
from voicebot.web.desk.bodies import History, Interaction, Translated, TranslateText
from voicebot.web.desk.contacts import ERRORS, Agent
from voicebot.web.desk.parts import DeskParts
from voicebot.web.problems import Problem, ProblemDocument


def router(desk: DeskParts) -> APIRouter:
    """Customers and translation."""
    routes = APIRouter(prefix="/api/desk", tags=["desk: customers"], responses=ERRORS)
    ports = desk.ports

    @routes.get("/customers/{number}/history", summary="Earlier contacts", operation_id="desk_history")
    async def history(
        signed: Agent,
        number: Annotated[str, Path(min_length=3, max_length=40, pattern=r"^[+0-9() .-]+$")],
        tenant: Annotated[str | None, Query(description="company id; one's own when left out")] = None,
    ) -> History:
        """By telephone number, in any usual form. Every reading is audited, without the number."""
        company = desk.access.company(signed, tenant, Capability.TAKE_CONTACTS)
        known = await ports.customers.history(company.tenant, number)
        await ports.audit(signed, "history_read", "", company.tenant, {"known": known is not None})
        if known is None:
            return History(known=False)
        past = [
            Interaction(
                at=one.at,
                channel=one.channel,
                summary=one.summary,
                agent=one.agent,
                resolved=one.resolved,
                conversation=one.conversation,
            )
            for one in known.past
        ]
        return History(known=True, customer=dict(known.fields), interactions=past)

    @routes.post(
        "/translate",
        summary="Help with another language",
        operation_id="desk_translate",
        responses={501: {"model": ProblemDocument, "description": "No translator is connected"}},
    )
    async def translate(signed: Agent, body: TranslateText) -> Translated:
        """Machine translation, for reading and for a draft; nothing is stored."""
        if ports.translator is None:
            detail = "No translator is connected to this server. The operator can connect one."
            raise Problem(501, "no_translator", detail)
        text = await ports.translator.translate(body.text, Language(body.source), Language(body.target))
        return Translated(text=text, by=ports.translator.name)

    return routes
