"""Back-end actions of one conversation, timed and logged; a back end that fails is an outcome, not an end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from voicebot.conversation.ending import outlasting
from voicebot.conversation.services import Services
from voicebot.domain import (
    ActionCalled,
    ActionDone,
    CallAction,
    Contact,
    ConversationId,
    Event,
    Faulted,
    Json,
    Language,
)
from voicebot.errors import BackendError, Unanswered, VoicebotError

_IDENTIFY = "action_identify_caller"


def faulted(services: Services, error: VoicebotError, where: str) -> Faulted:
    """Count a fault of ours and word it for the log."""
    code = type(error).__name__
    services.telemetry.faults.labels(code).inc()
    return Faulted(code=code, where=where)


class CutOff(asyncio.CancelledError):
    """Whoever waited for a change is gone, and the change has come to its end: ``done``, and what to log of it."""

    def __init__(self, done: ActionDone, events: list[Event]) -> None:
        super().__init__("the customer left before the answer came")
        self.done = done
        self.events = [replace(one, unheard=True) if isinstance(one, ActionCalled) else one for one in events]


class BackEnd:
    """The action server as one conversation sees it."""

    def __init__(self, services: Services, conversation: ConversationId, contact: Contact) -> None:
        self._services, self._conversation, self._contact = services, conversation, contact

    async def run(self, call: CallAction, language: Language, latest_text: str) -> tuple[ActionDone, list[Event]]:
        """Run one action; returns its result and the events about it.

        A look-up ends with the task that waits for it. A change does not: it is awaited for as long as the action
        server may take, because a change that nobody knows the end of is worse than a late one.

        Raises:
            CutOff: the task was cancelled while a change was under way, which has ended since.
        """
        if not call.changes:
            return await self._run(call, language, latest_text)
        (done, events), cancelled = await outlasting(self._run(call, language, latest_text))
        if cancelled:
            raise CutOff(done, events)
        return done, events

    async def _run(self, call: CallAction, language: Language, latest_text: str) -> tuple[ActionDone, list[Event]]:
        clock = self._services.clock
        began = clock.monotonic()
        events: list[Event] = []
        try:
            done = await self._services.actions.run(
                call,
                conversation=self._conversation,
                tenant=self._contact.tenant,
                language=language,
                latest_text=latest_text,
            )
        except BackendError as error:
            done = ActionDone(call.action, failed=True, unanswered=isinstance(error, Unanswered))
            events.append(faulted(self._services, error, call.action))
        took_ms = round((clock.monotonic() - began) * 1000)
        self._services.telemetry.stage_s.labels("action").observe(took_ms / 1000)
        events.append(ActionCalled(action=call.action, outcome=_outcome(done), took_ms=took_ms))
        return done, events

    async def identify(self, language: Language) -> tuple[Mapping[str, Json], list[Event]]:
        """What is known of the number that calls; nothing for a hidden one."""
        if self._contact.caller_number is None:
            return {}, []
        call = CallAction(_IDENTIFY, {"caller_number": self._contact.caller_number})
        done, events = await self.run(call, language, "")
        return ({} if done.failed else done.slots), events


def _outcome(done: ActionDone) -> str:
    if done.failed:
        return "timeout" if done.unanswered else "error"
    return str(done.slots.get("outcome", "ok"))
