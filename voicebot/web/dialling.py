"""Calls that we make by telephone: agents' SIP phones, and customers who were promised a call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from voicebot.channels.line import VoiceLine
from voicebot.channels.sip import NotReached, Outcome, SipServer
from voicebot.conversation.callback_call import CallbackCall
from voicebot.conversation.live import LiveCalls
from voicebot.conversation.voice_services import VoiceServices
from voicebot.desk.dialling import DialOutcome
from voicebot.desk.model import Contact
from voicebot.domain import HandoffId, Language
from voicebot.errors import ChannelError, VoicebotError

_log = logging.getLogger(__name__)

_OUTCOMES = {
    Outcome.BUSY: DialOutcome.BUSY,
    Outcome.NO_ANSWER: DialOutcome.NO_ANSWER,
    Outcome.DECLINED: DialOutcome.BUSY,
}
_NO_SUCH_NUMBER = frozenset({404, 410, 484, 604})
_ANNOUNCED = {
    "ja": "お約束のお電話です。担当者におつなぎします。少々お待ちください。",
    "en": "This is the call you asked for. I'm connecting you with one of our team. One moment, please.",
}


class Telephones:
    """A dialler for the desk and for the console on one telephone, which may not be open (yet)."""

    def __init__(
        self,
        telephone: Callable[[], SipServer | None],
        services: Callable[[], VoiceServices],
        live: LiveCalls,
        address: str,
        customer_left: Callable[[HandoffId], Coroutine[Any, Any, None]],
    ) -> None:
        self._telephone, self._services, self._live, self._address = telephone, services, live, address
        self._customer_left = customer_left
        self._calls: set[asyncio.Task[None]] = set()

    async def dial(self, uri: str, headers: Mapping[str, str], timeout_s: float) -> VoiceLine:
        """Ring an agent's phone. Raises ChannelError."""
        return await self._open().dial(uri, headers, timeout_s)

    async def ring(self, contact: Contact, number: str, ring_s: float) -> DialOutcome:
        """Ring a customer; the call goes on in a task of its own once it is answered."""
        uri = self._address.format(number=number) if self._address else number
        try:
            line = await self._open().dial(uri, {"X-Handoff-Id": contact.id}, ring_s)
        except NotReached as problem:
            if problem.status in _NO_SUCH_NUMBER:
                return DialOutcome.WRONG_NUMBER
            return _OUTCOMES.get(problem.outcome, DialOutcome.FAILED)
        except ChannelError as problem:
            _log.warning("a callback could not be dialled: %s", problem)
            return DialOutcome.FAILED
        call = CallbackCall(
            self._services(),
            self._live,
            line,
            contact.conversation,
            contact.language,
            announced(contact.language),
            lambda: self._customer_left(contact.id),
        )
        task = asyncio.create_task(call.hold(), name=f"callback {contact.id}")
        self._calls.add(task)
        task.add_done_callback(self._over)
        return DialOutcome.ANSWERED

    async def close(self) -> None:
        """End the callbacks that are going on."""
        for task in tuple(self._calls):
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def _open(self) -> SipServer:
        telephone = self._telephone()
        if telephone is None:
            raise ChannelError("This server has no telephone. Set VOICEBOT_SIP, or answer in the browser.")
        return telephone

    def _over(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            what = error if isinstance(error, VoicebotError) else type(error).__name__
            _log.error("a callback broke: %s", what)


def announced(language: Language) -> str:
    """What a customer hears first when we call back."""
    return _ANNOUNCED.get(language, _ANNOUNCED["en"])
