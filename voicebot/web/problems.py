"""Errors as RFC 9457 problem documents that say what to do, and never repeat what a customer wrote."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from voicebot.errors import VoicebotError

_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One thing wrong with a request; ``where`` is the path to it."""

    where: str
    problem: str


class ProblemDocument(BaseModel):
    """What every failed request answers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:voicebot:problem:unknown_company",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "There is no such company here. Check the address.",
                    "code": "unknown_company",
                }
            ]
        }
    )
    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None


class Problem(Exception):
    """A request is refused. ``detail`` says what is wrong and what to do."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.code, self.detail, self.headers = status, code, detail, headers
        super().__init__(detail)


def unknown_company() -> Problem:
    """The address names a company that is not served; which ones are is not told."""
    return Problem(404, "unknown_company", "There is no such company here. Check the address.")


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document as a response."""
    body: dict[str, Any] = {
        "type": f"urn:voicebot:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI) -> None:
    """Answer every error of the application in this form."""

    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return problem_response(error.status, error.code, error.detail, headers=error.headers)

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code, detail = _HTTP.get(error.status_code, (f"http_{error.status_code}", str(error.detail)))
        headers = dict(error.headers) if error.headers else None
        return problem_response(error.status_code, code, detail, headers=headers)

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            detail = "The body is not valid JSON. Send one JSON object with Content-Type: application/json."
            return problem_response(400, "malformed_json", detail)
        listed = [{"where": _where(one["loc"]), "problem": str(one["msg"])} for one in found]
        detail = "The request cannot be used: " + "; ".join(f"{e['where']}: {e['problem']}" for e in listed) + "."
        return problem_response(422, "invalid_request", detail, errors=listed)

    async def product(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, VoicebotError)
        return problem_response(error.http_status, _snake(type(error).__name__), str(error))

    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        _log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
        detail = "Something failed on our side. Try again; the operator finds the reason in the log."
        return problem_response(500, "internal", detail)

    app.add_exception_handler(Problem, refused)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(VoicebotError, product)
    app.add_exception_handler(Exception, unexpected)


_HTTP = {
    400: ("bad_request", "The request body could not be read. Send JSON in UTF-8."),
    404: ("not_found", "There is nothing at this address. The addresses are listed in /openapi.json."),
    405: ("method_not_allowed", "This address does not take that method. See /openapi.json."),
}


def _where(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "request"


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))
