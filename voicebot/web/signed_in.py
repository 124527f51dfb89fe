"""Who asks: the session cookie or an API token, proof against forged requests, and the roles it takes.

Routers use these as dependencies::

    Leading = Annotated[SignedIn, Depends(signed_in(Role.LEADER, Role.MANAGER))]
    Reading = Annotated[SignedIn, Depends(able(Capability.READ_AUDIT))]

Whose data somebody may have is asked with :func:`must_be_able`, once the tenant is known.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from fastapi import Request, WebSocket
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse

from voicebot.domain import TenantId
from voicebot.people import Capability, People, Person, Role, SignedIn, Where, capabilities, may
from voicebot.people.rows import digest
from voicebot.web.problems import Problem

if TYPE_CHECKING:
    from voicebot.web.ports import TokenChecker

COOKIE = "voicebot_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_OPEN_UNTIL_CHANGED = frozenset(("/api/session", "/api/session/password"))
"""What somebody whose password must be changed may still use."""
SIGN_IN_AGAIN = 4401
NOT_FOR_YOU = 4403


def signed_in(*roles: Role) -> Callable[[Request], Awaitable[SignedIn]]:
    """A dependency: who is signed in, holding one of these roles; any role when none is named.

    Answers 401 without a living session or token, 403 without the role, without the CSRF token on methods that
    change something, for requests from another site, and while the password has to be changed.
    """

    async def dependency(request: Request) -> SignedIn:
        who = await _who(request)
        if not who.person.has(*roles):
            raise _forbidden()
        return who

    return dependency


def able(capability: Capability) -> Callable[[Request], Awaitable[SignedIn]]:
    """A dependency: who is signed in, able to do this somewhere. Ask :func:`must_be_able` once the tenant is known."""

    async def dependency(request: Request) -> SignedIn:
        who = await _who(request)
        if capability not in capabilities(who.person.roles):
            raise _forbidden()
        return who

    return dependency


async def visitor(request: Request, *roles: Role) -> SignedIn | None:
    """Who opens a page, None when they have to sign in first: answer :func:`to_login` then.

    Raises:
        Problem: 403, signed in without one of these roles.
    """
    who = await _session_or_token(request)
    if who is None or who.person.must_change:
        return None
    if not who.person.has(*roles):
        raise _forbidden()
    return who


def to_login(request: Request) -> RedirectResponse:
    """Off to the login page, and back here afterwards."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?{urlencode({'next': wanted})}", 303)


def must_be_able(who: SignedIn, capability: Capability, tenant: TenantId | None) -> None:
    """Refuse what a person may not do there: 404, as if that data did not exist, when it is another company's.

    Raises:
        Problem: 403 or 404.
    """
    if may(who.person, capability, tenant):
        return
    if tenant is not None and who.person.tenant not in (None, tenant) and tenant not in who.person.grants:
        raise Problem(404, "not_found", "There is nothing at this address for you.")
    raise _forbidden()


async def socket_signed_in(websocket: WebSocket, *roles: Role) -> SignedIn | None:
    """Who opens a socket, by cookie or bearer token; None when refused, and then the socket is closed already.

    A page of another origin is refused before the handshake. Otherwise the socket is accepted and closed with 4401
    (sign in again) or 4403 (not for you), so that a page can tell that from a broken line. A welcome socket is left
    for the caller to accept. Close it when :func:`session_over` returns.
    """
    if not _same_origin(websocket):
        await websocket.close(NOT_FOR_YOU, "foreign origin")
        return None
    who = await _session_or_token(websocket)
    if who is not None and not who.person.must_change and who.person.has(*roles):
        return who
    await websocket.accept()
    if who is None:
        await websocket.close(SIGN_IN_AGAIN, "sign in again")
    else:
        await websocket.close(NOT_FOR_YOU, "not for you")
    return None


async def session_over(connection: HTTPConnection, who: SignedIn) -> None:
    """Return when the session of an open socket has ended; never returns for API tokens. Close with 4401 then."""
    people = people_of(connection)
    if who.session:
        await people.sessions.over(who.session)
    else:
        await asyncio.Event().wait()


def people_of(connection: HTTPConnection) -> People:
    """The accounts of this application. Raises Problem where there are none."""
    people: People | None = getattr(connection.app.state, "people", None)
    if people is None:
        raise Problem(503, "no_accounts", "This server keeps no accounts.")
    return people


def where_of(connection: HTTPConnection) -> Where:
    """Where a request came from; behind proxies that are trusted, the server has put the client's address there."""
    address = connection.client.host if connection.client is not None else ""
    return Where(address[:64], connection.headers.get("user-agent", "")[:200])


def must_be_own_page(request: Request) -> None:
    """Refuse what another site's page sends. Raises Problem 403."""
    if not _same_origin(request):
        raise Problem(403, "foreign_origin", "This request came from another site. Use this server's own pages.")


def csrf_fits(who: SignedIn, given: str) -> bool:
    """Whether this is the token against forged requests of a session."""
    return hmac.compare_digest(given.encode(), who.csrf.encode())


async def _who(request: Request) -> SignedIn:
    who = await _session_or_token(request)
    if who is None:
        raise Problem(401, "signed_out", "Nobody is signed in. Sign in at /login.", {"WWW-Authenticate": "Bearer"})
    if who.session and request.method not in _SAFE:
        must_be_own_page(request)
        if not csrf_fits(who, request.headers.get(CSRF_HEADER, "")):
            raise Problem(403, "csrf", f"Send {CSRF_HEADER} with the value of csrf in GET /api/session.")
    if who.person.must_change and request.url.path not in _OPEN_UNTIL_CHANGED:
        raise Problem(403, "password_change_required", "Change your password first: POST /api/session/password.")
    return who


async def _session_or_token(connection: HTTPConnection) -> SignedIn | None:
    """A bearer token where one is sent, whatever cookie comes with it; else the session of the cookie."""
    address = where_of(connection).address
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await _of_token(connection.app.state.tokens, given.strip(), address)
    secret = connection.cookies.get(COOKIE, "")
    people: People | None = getattr(connection.app.state, "people", None)
    return await people.sessions.resume(secret, address) if secret and people is not None else None


async def _of_token(tokens: TokenChecker, token: str, address: str) -> SignedIn | None:
    access = await tokens.check(token)
    if access is None:
        return None
    name = f"token-{digest(token)[:12]}"
    roles = frozenset(role for role in Role if role.value == access.role)
    person = Person(id=name, tenant=access.tenant, login=name, name=name, roles=roles)
    return SignedIn(person, secrets.token_hex(16), "", datetime.max.replace(tzinfo=UTC), address)


def _same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser sent this from one of our own pages, as far as it says; other programs say nothing."""
    fetched = connection.headers.get("sec-fetch-site")
    if fetched not in (None, "same-origin", "none"):
        return False
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower() != ""


def _forbidden() -> Problem:
    return Problem(403, "not_allowed", "Your account may not do this. Ask an administrator for the role it takes.")


def role_names(roles: Collection[Role]) -> list[str]:
    """Roles as they are shown."""
    return sorted(role.value for role in roles)
