"""From a console's contact to a session of the assist."""

from __future__ import annotations

from voicebot.assist.live import AssistDesk
from voicebot.assist.live_session import Led
from voicebot.clock import Clock
from voicebot.desk.model import Contact


class Companion:
    """A :class:`voicebot.web.desk.ports.Accompanying`."""

    def __init__(self, assist: AssistDesk, clock: Clock) -> None:
        self._assist, self._clock = assist, clock

    async def accompany(self, contact: Contact, agent_name: str, brand: str) -> None:
        """See :meth:`voicebot.assist.live.AssistDesk.accompany`."""
        if contact.agent is None:
            return
        since = contact.active_at or contact.accepted_at or self._clock.now()
        await self._assist.accompany(
            Led(
                conversation=contact.conversation,
                tenant=contact.tenant,
                language=contact.language,
                agent=contact.agent,
                agent_name=agent_name,
                brand=brand,
                since_s=since.timestamp(),
                queue=str(contact.queue),
            )
        )
