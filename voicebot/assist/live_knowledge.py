"""When the company's knowledge is asked unbidden: for a customer's question, seldom, and nothing twice. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from voicebot.assist.live_session import Led
from voicebot.assist.sources import Spoken
from voicebot.domain import Event, KnowledgeShown, Language, Party, Recorded, TenantId, TranscriptionChanged

COOLDOWN_S = 20.0
"""Least seconds between two entries that nobody asked for."""


class Answer(Protocol):
    """An entry that answers."""

    @property
    def entry(self) -> str:
        """Its id."""
        ...

    @property
    def source(self) -> str:
        """Where it stands."""
        ...

    @property
    def score(self) -> float:
        """0..1, how surely it answers."""
        ...


class Answering(Protocol):
    """What a company knows."""

    def begin(self, tenant: TenantId) -> None:
        """Somebody talks: get ready beside the talk."""
        ...

    async def unasked(self, tenant: TenantId, text: str, language: Language) -> Sequence[Answer]:
        """What very likely answers a question, best first; empty for anything else. Raises UnderstandingError."""
        ...


class Knowing:
    """One agent's knowledge in one conversation; used as :class:`voicebot.assist.live_scripts.Guiding` is."""

    def __init__(self, led: Led) -> None:
        self._led = led
        self._shown: frozenset[str] = frozenset()
        self._until_s = 0.0
        self._before = (self._shown, self._until_s)
        self._paused = False

    def revert(self) -> None:
        """What was returned last could not be written."""
        self._shown, self._until_s = self._before

    def logged(self, recorded: Recorded, at_s: float) -> None:
        """An event of the log that is not this session's own."""
        match recorded.event:
            case KnowledgeShown(agent=agent, entry=entry) if agent == self._led.agent:
                self._note(entry, at_s)
            case TranscriptionChanged(on=on):
                self._paused = not on

    def wants(self, spoken: Spoken, now_s: float) -> bool:
        """Whether the knowledge is to be asked about these words at all."""
        mine = spoken.party is Party.CUSTOMER and spoken.final and not spoken.private
        return mine and not self._paused and now_s >= self._until_s

    def found(self, spoken: Spoken, answers: Sequence[Answer], now_s: float) -> list[Event]:
        """The best answer that this agent has not seen in this conversation."""
        if not self.wants(spoken, now_s):
            return []
        best = next((one for one in answers if one.entry not in self._shown), None)
        if best is None:
            return []
        self._before = (self._shown, self._until_s)
        self._note(best.entry, now_s)
        return [
            KnowledgeShown(
                entry=best.entry,
                source=best.source,
                agent=self._led.agent,
                score=best.score,
                utterance=spoken.utterance,
            )
        ]

    def _note(self, entry: str, at_s: float) -> None:
        self._shown |= {entry}
        self._until_s = max(self._until_s, at_s + COOLDOWN_S)
