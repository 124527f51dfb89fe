"""Who signs out takes no contacts from that moment on, whether their console is still open or not."""

from __future__ import annotations

import logging
import secrets

from voicebot.domain import AgentId
from voicebot.errors import NotFound, VoicebotError
from voicebot.people import SignedIn
from voicebot.web.desk.agent_desk import AgentDesk

_log = logging.getLogger(__name__)
SIGNED_OUT = "signed_out"
"""The desk's reason for an agent who left on purpose; nothing but their own wish brings them back."""


def console_session(signed: SignedIn) -> str:
    """A name for one console at the desk. It tells which sign-in it belongs to, in whichever process it was made."""
    return f"{signed.session}.{secrets.token_hex(8)}" if signed.session else secrets.token_hex(12)


class Leaving:
    """Called when a sign-in, or every one of somebody's, has been ended on purpose."""

    def __init__(self, desk: AgentDesk) -> None:
        self._desk = desk

    async def __call__(self, account: str, session: str | None) -> None:
        """End work at the desk if the agent's console was opened by this sign-in (None: by any); failures are logged.

        The desk misses the console's heartbeat soon anyway, so nobody is kept from signing out by it.
        """
        try:
            agent = await self._desk.agent(AgentId(account))
            by, found, _ = agent.session.partition(".")
            if found and session in (by, None):
                await self._desk.sign_out(agent.id, agent.session)
        except NotFound:
            return  # this person takes no contacts
        except VoicebotError as error:
            _log.error("an agent who signed out is at the desk until the heartbeat is missed: %s", type(error).__name__)
