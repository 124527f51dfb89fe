"""Back-end actions of one conversation, timed and logged; a back end that fails is an outcome, not an end."""

from __future__ import annotations

from collections.abc import Mapping

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
from voicebot.errors import BackendError, VoicebotError

_IDENTIFY = "action_identify_caller"


def faulted(services: Services, error: VoicebotError, where: str) -> Faulted:
    """Count a fault of ours and word it for the log."""
    code = type(error).__name__
    services.telemetry.faults.labels(code).inc()
    return Faulted(code=code, where=where)


class BackEnd:
    """The action server as one conversation sees it."""

    def __init__(self, services: Services, conversation: ConversationId, contact: Contact) -> None:
        self._services, self._conversation, self._contact = services, conversation, contact

    async def run(self, call: CallAction, language: Language, latest_text: str) -> tuple[ActionDone, list[Event]]:
        """Run one action; returns its result and the events about it."""
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
            done = ActionDone(call.action, failed=True)
            events.append(faulted(self._services, error, call.action))
        took_ms = round((clock.monotonic() - began) * 1000)
        self._services.telemetry.stage_s.labels("action").observe(took_ms / 1000)
        outcome = "error" if done.failed else str(done.slots.get("outcome", "ok"))
        events.append(ActionCalled(action=call.action, outcome=outcome, took_ms=took_ms))
        return done, events

    async def identify(self, language: Language) -> tuple[Mapping[str, Json], list[Event]]:
        """What is known of the number that calls; nothing for a hidden one."""
        if self._contact.caller_number is None:
            return {}, []
        call = CallAction(_IDENTIFY, {"caller_number": self._contact.caller_number})
        done, events = await self.run(call, language, "")
        return ({} if done.failed else done.slots), events
