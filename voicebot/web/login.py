"""The login page: a plain form that works without scripts; also for changing a password and for password links."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from voicebot.errors import PeopleError, SignInRefused, TooManyAttempts
from voicebot.people import NewSession, SignedIn
from voicebot.people.passwords import PasswordProblem, UnfitPassword
from voicebot.web.cookies import set_cookie
from voicebot.web.pages import STATIC, page_language
from voicebot.web.problems import Problem
from voicebot.web.signed_in import COOKIE, csrf_fits, must_be_own_page, people_of, where_of

HOME = "/desk"
_TEMPLATES = Path(__file__).parent / "templates"
_UNFIT = {
    PasswordProblem.SHORT: "error_short",
    PasswordProblem.LONG: "error_long",
    PasswordProblem.GUESSED: "error_guessed",
    PasswordProblem.SAME: "error_same",
}


class _Wrong(Exception):
    """The form comes back, with this text and status."""

    def __init__(self, text: str, status: int, wait_s: int = 0) -> None:
        self.text, self.status, self.wait_s = text, status, wait_s


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: an address of our own, or the desk."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\", "/login")):
        return HOME
    return wanted if wanted.isprintable() and "\\" not in wanted else HOME


def router(*, cross_site: bool, outside: str = "") -> APIRouter:
    """``/login``. ``outside``: where signing in at an identity provider begins, if there is one."""
    routes = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    def page(request: Request, mode: str, wrong: _Wrong | None = None, **values: str) -> HTMLResponse:
        lang = page_language(request, request.query_params.get("lang"))
        texts = _texts(lang)
        kept = {key: values[key] for key in ("next", "link") if values.get(key)}
        query = kept | {"lang": lang}
        body = templates.get_template("login.html").render(
            lang=lang,
            texts=texts,
            mode=mode,
            action=f"/login?{urlencode({'lang': lang})}",
            error="" if wrong is None else texts[wrong.text].format(seconds=wrong.wait_s),
            next=values.get("next", HOME),
            login=values.get("login", ""),
            link=values.get("link", ""),
            csrf=values.get("csrf", ""),
            languages={code: f"/login?{urlencode(query | {'lang': code})}" for code in ("ja", "en")},
            outside=f"{outside}?{urlencode({'next': values.get('next', HOME)})}" if outside else "",
        )
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
        if wrong is not None and wrong.wait_s:
            headers["Retry-After"] = str(wrong.wait_s)
        return HTMLResponse(body, 200 if wrong is None else wrong.status, headers)

    @routes.get("/login")
    async def show(request: Request) -> Response:
        onward = safe_next(request.query_params.get("next"))
        link = request.query_params.get("link", "")
        if link:
            return page(request, "link", link=link, next=onward)
        who = await _holder(request)
        if who is not None:
            if who.person.must_change or "change" in request.query_params:
                return page(request, "change", csrf=who.csrf, next=onward)
            return RedirectResponse(onward, 303)
        told = request.query_params.get("problem", "")
        known = {"outside": _Wrong("error_outside", 200), "expired": _Wrong("error_expired", 200)}
        return page(request, "sign_in", known.get(told), next=onward)

    @routes.post("/login")
    async def take(request: Request) -> Response:
        given = {key: values[0] for key, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        mode, onward = given.get("mode", "sign_in"), safe_next(given.get("next"))
        who = await _holder(request)
        try:
            _own_page(request)
            begun = await _taken(request, mode, given, who)
        except _Wrong as wrong:
            if mode == "change" and who is not None:
                return page(request, "change", wrong, csrf=who.csrf, next=onward)
            if mode == "link":
                return page(request, "link", wrong, link=given.get("link", ""), next=onward)
            return page(request, "sign_in", wrong, login=given.get("login", "")[:100], next=onward)
        must_change = begun.signed_in.person.must_change
        response = RedirectResponse(f"/login?{urlencode({'next': onward})}" if must_change else onward, 303)
        longest_s = int(people_of(request).sessions.rules.longest.total_seconds())
        set_cookie(response, request, begun.secret, longest_s, cross_site=cross_site)
        return response

    return routes


async def _taken(request: Request, mode: str, given: dict[str, str], who: SignedIn | None) -> NewSession:
    people, where = people_of(request), where_of(request)
    try:
        if mode == "link":
            return await people.accounts.use_link(given.get("link", ""), given.get("new", ""), where)
        if mode == "change":
            if who is None or not csrf_fits(who, given.get("csrf", "")):
                raise _Wrong("error_expired", 403)
            old, new = given.get("old", ""), given.get("new", "")
            return await people.accounts.change_own_password(who, old, new, where)
        if not given.get("login") or not given.get("password"):
            raise _Wrong("error_empty", 422)
        return await people.sessions.sign_in(given["login"], given["password"], where, request.cookies.get(COOKIE))
    except TooManyAttempts as error:
        raise _Wrong("error_wait", 429, error.retry_after_s) from None
    except SignInRefused:
        raise _Wrong({"link": "error_link", "change": "error_old"}.get(mode, "error_refused"), 401) from None
    except UnfitPassword as error:
        raise _Wrong(_UNFIT[error.problem], 422) from None
    except PeopleError:
        raise _Wrong("error_refused", 422) from None


def _own_page(request: Request) -> None:
    try:
        must_be_own_page(request)
    except Problem:
        raise _Wrong("error_foreign", 403) from None


async def _holder(request: Request) -> SignedIn | None:
    secret = request.cookies.get(COOKIE, "")
    return await people_of(request).sessions.resume(secret, where_of(request).address) if secret else None


@cache
def _texts(lang: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((STATIC / "texts" / f"login.{lang}.json").read_text("utf-8"))
    return texts
