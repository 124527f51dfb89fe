"""Where other processes of this installation send commands for calls that this one holds.

Annotations are evaluated at once here, because FastAPI reads them inside the function that builds the routes.
"""

from fastapi import APIRouter, Request
from pydantic import ValidationError

from voicebot.web.desk.commands import Outcome
from voicebot.web.desk.nodes import take
from voicebot.web.desk.parts import DeskParts
from voicebot.web.problems import Problem


def router(desk: DeskParts) -> APIRouter:
    """One address; only requests signed with the shared secret are taken."""
    routes = APIRouter()

    @routes.post("/api/node/calls/{conversation}", include_in_schema=False)
    async def command(request: Request, conversation: str) -> Outcome:
        body = await request.body()
        try:
            return await take(
                desk.switchboard, desk.signer, "POST", request.url.path, body, request.headers, conversation
            )
        except ValidationError:
            detail = "The command is not known here. Run the same version on every server."
            raise Problem(422, "unknown_command", detail) from None

    return routes
