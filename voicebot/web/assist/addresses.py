"""The assist by address: cards and their words, what agents do with them, knowledge, corrections.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from voicebot.assist.model import CardSet, CardText
from voicebot.desk.model import Contact
from voicebot.domain import ContactState, KnowledgeShown, Language, TenantId
from voicebot.people import Capability, SignedIn, may
from voicebot.web.assist.bodies import (
    CardFeedback,
    CardTextView,
    CardView,
    CardWanted,
    ContentView,
    Correction,
    EntryView,
    Found,
)
from voicebot.web.assist.feedback import Feedback
from voicebot.web.assist.ports import AssistParts, Knowledge, KnowledgeEntry
from voicebot.web.desk.access import missing
from voicebot.web.problems import Problem, ProblemDocument
from voicebot.web.signed_in import able, signed_in

TAG = {"name": "desk: assist", "description": "Cards beside the conversation, knowledge, corrections."}
_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "Nobody is signed in"},
    403: {"model": ProblemDocument, "description": "Not with this role, or the CSRF token is missing"},
    404: {"model": ProblemDocument, "description": "Nothing under this id for you"},
    409: {"model": ProblemDocument, "description": "The contact is not yours, or no longer; reload"},
}
Anybody = Annotated[SignedIn, Depends(signed_in())]
Agent = Annotated[SignedIn, Depends(able(Capability.TAKE_CONTACTS))]
_MINE = (ContactState.ACCEPTED, ContactState.ACTIVE, ContactState.WRAPUP)
_READERS = (Capability.TAKE_CONTACTS, Capability.SEE_FLOOR, Capability.EDIT_CONTENT, Capability.READ_REPORTS)
_FOR_GOOD, _ASK_AGAIN = "private, max-age=86400, immutable", "private, no-cache"


def router(parts: AssistParts) -> APIRouter:
    """Reading cards, and what agents do with them in contacts of their own."""
    routes = APIRouter(prefix="/api/assist", tags=["desk: assist"], responses=_ERRORS)
    feedback, access = Feedback(parts), parts.desk.access

    async def own(signed: SignedIn, contact: str) -> Contact:
        return await access.own(signed, contact, *_MINE)

    def knowledge() -> Knowledge:
        if parts.knowledge is None:
            raise Problem(503, "no_knowledge", "This installation has no knowledge to search.")
        return parts.knowledge

    @routes.get("/{tenant}/content", summary="The cards", operation_id="assist_content", response_model=ContentView)
    async def content(
        signed: Anybody,
        tenant: str,
        request: Request,
        response: Response,
        version: Annotated[str, Query(max_length=64, description="the live one when left out")] = "",
    ) -> Any:
        """Every card of a version. A version never changes; its ETag is its name."""
        company = TenantId(tenant)
        if not any(may(signed.person, one, company) for one in _READERS):
            raise missing()
        editions = parts.assist.editions
        edition = await (editions.edition(company, version) if version else editions.current(company))
        tag = f'"{edition.cards.version}"'
        headers = {"ETag": tag, "Cache-Control": _FOR_GOOD if version else _ASK_AGAIN}
        if tag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=headers)
        response.headers.update(headers)
        return _content(edition.cards)

    @routes.post(
        "/contacts/{contact}/cards/{card}",
        summary="What I did with a card",
        operation_id="assist_card",
        status_code=204,
    )
    async def on_card(signed: Agent, contact: str, card: str, body: CardFeedback) -> Response:
        """The same twice is noted once."""
        await feedback.on_card(await own(signed, contact), signed.person.id, card, body.how, body.why)
        return Response(status_code=204)

    @routes.post("/contacts/{contact}/ask", summary="Show a card", operation_id="assist_ask", status_code=204)
    async def ask(signed: Agent, contact: str, body: CardWanted) -> Response:
        """It comes as an event of the conversation."""
        await feedback.ask(await own(signed, contact), signed.person.id, signed.person.name, body.card)
        return Response(status_code=204)

    @routes.post(
        "/contacts/{contact}/corrections", summary="Mend the transcript", operation_id="assist_correct", status_code=204
    )
    async def correct(signed: Agent, contact: str, body: Correction) -> Response:
        """Everybody who follows sees it; the original stays in the log."""
        await feedback.correct(await own(signed, contact), signed.person.id, body.utterance, body.text)
        return Response(status_code=204)

    @routes.get("/contacts/{contact}/search", summary="Search the knowledge", operation_id="assist_search")
    async def search(
        signed: Agent,
        contact: str,
        q: Annotated[str, Query(min_length=1, max_length=500)],
        language: Annotated[
            str | None, Query(pattern="^[a-z]{2,3}$", description="the customer's when left out")
        ] = None,
    ) -> Found:
        """Questions and documents of the company; what comes first is noted as shown."""
        mine = await own(signed, contact)
        found = await knowledge().search(mine.tenant, q, Language(language or mine.language))
        if found:
            best = found[0]
            event = KnowledgeShown(
                entry=best.entry, source=best.source, agent=signed.person.id, score=best.score, asked=True
            )
            await parts.log.append(mine.conversation, [event], parts.clock.now())
        return Found(entries=[_entry(one) for one in found])

    @routes.get("/contacts/{contact}/knowledge/{entry:path}", summary="One answer", operation_id="assist_entry")
    async def one(
        signed: Agent, contact: str, entry: str, language: Annotated[str | None, Query(pattern="^[a-z]{2,3}$")] = None
    ) -> EntryView:
        """An entry that came on the screen by itself."""
        mine = await own(signed, contact)
        return _entry(await knowledge().entry(mine.tenant, entry, Language(language or mine.language)))

    return routes


def _content(cards: CardSet) -> ContentView:
    return ContentView(
        tenant=cards.tenant,
        version=cards.version,
        cards=[
            CardView(
                id=card.id,
                kind=card.kind.value,
                mandatory=card.mandatory,
                priority=card.priority,
                expires_s=card.expires_s,
                text={str(language): _text(text) for language, text in card.text.items()},
            )
            for card in cards.cards.values()
        ],
    )


def _text(text: CardText) -> CardTextView:
    return CardTextView(title=text.title, talk=text.talk, novice=text.novice, do=list(text.do), dont=list(text.dont))


def _entry(one: KnowledgeEntry) -> EntryView:
    return EntryView(
        entry=one.entry,
        title=one.title,
        text=one.text,
        source=one.source,
        language=one.language,
        score=round(one.score, 3),
        url=one.url,
    )
