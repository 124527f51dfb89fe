"""Live calls of this process: carries out what people at the desk ask for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine

from voicebot.channels.line import CallDetails, VoiceLine
from voicebot.conversation.live import CallControl, LiveCalls
from voicebot.domain import AgentId, ConversationId, HandoffId
from voicebot.errors import ChannelError, Conflict, NotFound, VoicebotError
from voicebot.media import Role
from voicebot.web.desk.agent_desk import AgentDesk
from voicebot.web.desk.commands import (
    ChangeRole,
    Command,
    HangUp,
    Hold,
    Join,
    Leave,
    Look,
    Mute,
    Outcome,
    Pause,
    Refer,
    Ring,
)
from voicebot.web.desk.live import Dialler, Headset
from voicebot.web.desk.signs import Signs, Troubled
from voicebot.web.desk.views import PartyOnCall, PartyRole

_log = logging.getLogger(__name__)


class Switchboard:
    """Lines come in beside the request that asked for them: a browser connects only after it has our answer."""

    def __init__(
        self, calls: LiveCalls, headset: Headset, dialler: Dialler, desk: AgentDesk, signs: Signs, ring_s: float
    ) -> None:
        self._calls, self._headset, self._dialler, self._desk, self._signs = calls, headset, dialler, desk, signs
        self._ring_s = ring_s
        self._coming: set[asyncio.Task[None]] = set()

    def holds(self, conversation: ConversationId) -> bool:
        """Whether the call is here."""
        return conversation in self._calls

    async def do(self, conversation: ConversationId, command: Command) -> Outcome:
        """Carry a command out.

        Raises:
            NotFound: the call is not here.
            ChannelError: the call is over, or the person is not on it.
        """
        call = self._calls.find(conversation)
        sdp = None
        match command:
            case Join():
                sdp = await self._join(call, command)
            case Ring():
                self._bring_in(self._ring(call, command))
            case Leave():
                await call.leave(AgentId(command.agent), command.reason)
            case ChangeRole():
                await call.role(AgentId(command.agent), Role(command.role))
            case Hold():
                await call.hold(command.on)
            case Mute():
                await call.mute(AgentId(command.agent), command.on)
            case Pause():
                await call.pause(command.on)
            case HangUp():
                await call.hang_up()
            case Refer():
                await call.refer(command.uri, command.headers)
            case Look():
                pass
        return Outcome(parties=_parties(call), on_hold=call.on_hold, sdp=sdp)

    async def close(self) -> None:
        """Lines that are still coming in are given up."""
        for task in tuple(self._coming):
            task.cancel()
        await asyncio.gather(*self._coming, return_exceptions=True)

    async def _join(self, call: CallControl, command: Join) -> str:
        details = CallDetails(caller=command.agent, called=str(call.conversation))
        line, sdp = await self._headset.answer(command.sdp, details)
        contact = HandoffId(command.contact) if command.contact is not None else None
        self._bring_in(self._connect(call, line, command.agent, command.name, command.role, contact, command.agent))
        return sdp

    async def _ring(self, call: CallControl, command: Ring) -> None:
        contact = HandoffId(command.contact) if command.contact is not None else None
        try:
            headers = {"X-Handoff-Id": command.contact} if command.contact is not None else {}
            line = await self._dialler.dial(command.uri, headers, self._ring_s)
        except ChannelError as error:
            _log.info("a phone was not reached: %s", type(error).__name__)
            text = "The phone did not answer. Try again, or answer in the browser."
            await self._tell(command.asked_by, contact, "phone_not_reached", text)
            return
        await self._connect(call, line, command.agent, command.name, command.role, contact, command.asked_by)

    async def _connect(
        self,
        call: CallControl,
        line: VoiceLine,
        agent: str,
        name: str,
        role: PartyRole,
        contact: HandoffId | None,
        asked_by: str,
    ) -> None:
        """Bring a line into the call; the contact is active once its lead is connected."""
        try:
            await line.answer()
            await call.join(AgentId(agent), name, line, Role(role))
            if role == "lead":
                await _only_lead(call, AgentId(agent))
            if contact is not None and role == "lead":
                await self._desk.active(contact, AgentId(agent))
        except (Conflict, NotFound) as error:
            _log.info("a line came in too late for its contact: %s", type(error).__name__)
        except VoicebotError as error:
            _log.warning("a line did not come in: %s", type(error).__name__)
            await line.hang_up("not connected")
            text = "Your line could not be connected. Check microphone and network, then try again."
            await self._tell(asked_by, contact, "media_failed", text)

    async def _tell(self, agent: str, contact: HandoffId | None, code: str, message: str) -> None:
        await self._signs.to_agent(AgentId(agent), Troubled(contact=contact or "", code=code, message=message))

    def _bring_in(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)


async def _only_lead(call: CallControl, lead: AgentId) -> None:
    """Whoever led before goes; the customer is never left alone, because the new lead is there already."""
    for seat in call.parties():
        if seat.role is Role.LEAD and seat.agent != lead:
            await call.leave(seat.agent, "taken over")


def _parties(call: CallControl) -> list[PartyOnCall]:
    return [
        PartyOnCall(agent=seat.agent, name=seat.name, role=_shown(seat.role), muted=seat.muted)
        for seat in call.parties()
    ]


def _shown(role: Role) -> PartyRole:
    match role:
        case Role.LEAD:
            return "lead"
        case Role.EXPERT:
            return "expert"
        case Role.WHISPERER:
            return "whisperer"
        case Role.SPEAKER:
            return "speaker"
        case _:
            return "listener"
