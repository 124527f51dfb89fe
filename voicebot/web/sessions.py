"""Signing in and out over the API, and one's own sessions.

Annotations are evaluated here, because the dependencies are made by calls.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from voicebot.errors import TooManyAttempts
from voicebot.people import NewSession, SignedIn
from voicebot.web.cookies import set_cookie
from voicebot.web.people_views import OpenSessionView, SessionView
from voicebot.web.problems import Problem, ProblemDocument
from voicebot.web.signed_in import COOKIE, must_be_own_page, people_of, signed_in, where_of

Anybody = Annotated[SignedIn, Depends(signed_in())]
_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "Nobody is signed in, or login and password do not fit"},
    403: {"model": ProblemDocument, "description": "Forged, or not allowed"},
    429: {"model": ProblemDocument, "description": "Too many attempts; see Retry-After"},
}


class Credentials(BaseModel):
    """Who wants to sign in."""

    login: str = Field(max_length=256)
    password: str = Field(max_length=1024)


class PasswordChange(BaseModel):
    """One's own password, old and new."""

    old: str = Field(max_length=1024)
    new: str = Field(max_length=1024)


class PasswordByLink(BaseModel):
    """A new password, by the secret of a link."""

    link: str = Field(max_length=256)
    new: str = Field(max_length=1024)


class OpenSessionList(BaseModel):
    """Where somebody is signed in, latest first."""

    sessions: list[OpenSessionView]


def waits(error: TooManyAttempts) -> Problem:
    """The answer to attempts that come too fast."""
    return Problem(429, "too_many_attempts", str(error), {"Retry-After": str(error.retry_after_s)})


def router(*, cross_site: bool, left: Callable[[str, str], Awaitable[None]] | None = None) -> APIRouter:
    """``/api/session`` and ``/api/sessions``. ``cross_site``: see :func:`voicebot.web.cookies.set_cookie`.

    ``left(account, session)`` is awaited when somebody has ended a session of theirs.
    """
    routes = APIRouter(tags=["people"], responses=_ERRORS)

    def begun(request: Request, response: Response, new: NewSession) -> SessionView:
        longest_s = int(people_of(request).sessions.rules.longest.total_seconds())
        set_cookie(response, request, new.secret, longest_s, cross_site=cross_site)
        return SessionView.of(new.signed_in)

    @routes.post("/api/session", summary="Sign in", operation_id="sign_in")
    async def sign_in(request: Request, response: Response, given: Credentials) -> SessionView:
        """Begins a session, kept in a cookie. ``csrf`` must come back with every request that changes something."""
        must_be_own_page(request)
        sessions = people_of(request).sessions
        previous = request.cookies.get(COOKIE)
        try:
            new = await sessions.sign_in(given.login, given.password, where_of(request), previous)
        except TooManyAttempts as error:
            raise waits(error) from None
        return begun(request, response, new)

    @routes.get("/api/session", summary="Who is signed in", operation_id="session")
    async def session(who: Anybody) -> SessionView:
        """The account, what it may do, and the token against forged requests."""
        return SessionView.of(who)

    @routes.delete("/api/session", summary="Sign out", operation_id="sign_out", status_code=204)
    async def sign_out(request: Request, who: Anybody) -> Response:
        """Ends this session."""
        await people_of(request).sessions.sign_out(who)
        if left is not None:
            await left(who.person.id, who.session)
        response = Response(status_code=204)
        set_cookie(response, request, "", 0, cross_site=cross_site)
        return response

    @routes.post("/api/session/password", summary="Change one's own password", operation_id="change_password")
    async def change_password(request: Request, response: Response, given: PasswordChange, who: Anybody) -> SessionView:
        """Every other session ends, and this one goes on under a new secret."""
        accounts = people_of(request).accounts
        if not who.session:
            raise Problem(403, "not_allowed", "A token has no password. Ask the operator for a new token.")
        try:
            new = await accounts.change_own_password(who, given.old, given.new, where_of(request))
        except TooManyAttempts as error:
            raise waits(error) from None
        return begun(request, response, new)

    @routes.post("/api/session/link", summary="Set a password by a link", operation_id="use_link")
    async def use_link(request: Request, response: Response, given: PasswordByLink) -> SessionView:
        """The link works once; whoever used it is signed in."""
        must_be_own_page(request)
        return begun(
            request, response, await people_of(request).accounts.use_link(given.link, given.new, where_of(request))
        )

    @routes.get("/api/sessions", summary="One's own sessions", operation_id="sessions")
    async def sessions(request: Request, who: Anybody) -> OpenSessionList:
        """Where one is signed in."""
        found = await people_of(request).sessions.list(who.person.id)
        return OpenSessionList(sessions=[OpenSessionView.of(one, who.session) for one in found])

    @routes.delete("/api/sessions/{session}", summary="End a session", operation_id="end_session", status_code=204)
    async def end_session(request: Request, session: str, who: Anybody) -> Response:
        """Ends one of one's own sessions, such as one left open elsewhere."""
        if not await people_of(request).sessions.end(who.person.id, session):
            raise Problem(404, "not_found", "You have no such session. GET /api/sessions lists them.")
        if left is not None:
            await left(who.person.id, session)
        return Response(status_code=204)

    return routes
