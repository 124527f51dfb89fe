"""Both companies' real scripts, and a session of one that can be told what happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from tests.unit.assist.live_talk import CALL, SATO, says
from voicebot.assist.live_known import Known
from voicebot.assist.live_scripts import Guiding, Sense
from voicebot.assist.live_session import Insight, Led
from voicebot.assist.scripts import Guide, guide, load_scripts
from voicebot.domain import EN, Entity, Event, Language, Party, Recorded, ScriptMoved, TenantId
from voicebot.nlu.entities import ClosedValues, find_entities

FLOWS = Path(__file__).resolve().parents[3] / "flows"
BEGAN_S = datetime(2026, 11, 18, 3, 0, tzinfo=UTC).timestamp()
CUSTOMER, AGENT = Party.CUSTOMER, Party.AGENT


@cache
def ready(tenant: str) -> Guide:
    closed = ClosedValues.load(FLOWS, tenant)
    country = {"shop": "JP", "telecom": "GB"}[tenant]

    def values(text: str, language: Language) -> tuple[Entity, ...]:
        return tuple(find_entities(text, language, today=date(2026, 6, 1), country=country, closed=closed))

    return guide(load_scripts(FLOWS, tenant), values)


class GuidedTalk:
    """One agent's script in a conversation of a company."""

    def __init__(self, tenant: str = "telecom", queue: str = "", known: Known | None = None, live: bool = True) -> None:
        made = Led(CALL, TenantId(tenant), EN, SATO, since_s=BEGAN_S, queue=queue)
        self.guiding = Guiding(made, ready(tenant))
        self.now_s, self.seq = BEGAN_S, 0
        self.events: list[ScriptMoved] = []
        if live:
            self.goes_live(known)

    def goes_live(self, known: Known | None = None) -> list[ScriptMoved]:
        return self.keep(self.guiding.up_to_date(known or Known(EN), self.now_s))

    def keep(self, events: list[Event]) -> list[ScriptMoved]:
        came = [event for event in events if isinstance(event, ScriptMoved)]
        assert len(came) == len(events)
        self.events += came
        return came

    def happens(self, event: Event) -> list[ScriptMoved]:
        self.seq += 1
        self.now_s += 1
        at = datetime.fromtimestamp(self.now_s, UTC)
        return self.keep(self.guiding.logged(Recorded(CALL, self.seq, at, event), self.now_s))

    def hears(
        self, text: str, party: Party = CUSTOMER, intent: str = "", confidence: float = 0.9, **more: object
    ) -> list[ScriptMoved]:
        """As a session does: first what was plainly said, then again with its meaning."""
        self.now_s += 5
        spoken = replace(says(text, party), **more)  # type: ignore[arg-type]
        came = self.keep(self.guiding.said(spoken, self.now_s, sure=False))
        sense = Sense(Insight(intent, confidence if intent else 0.0), {})
        return came + self.keep(self.guiding.said(spoken, self.now_s, sense))

    def of(self, change: str) -> list[str]:
        return [event.step or event.script for event in self.events if event.change == change]
