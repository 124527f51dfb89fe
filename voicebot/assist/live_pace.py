"""Who speaks when: both at once, and nobody. Pure; times come with what is given."""

from __future__ import annotations

from dataclasses import dataclass, replace

from voicebot.assist.sources import Speaking, Spoken
from voicebot.domain import Party


@dataclass(frozen=True, slots=True)
class _Span:
    """One utterance so far, in milliseconds of the contact."""

    utterance: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How a talk goes. ``speaking``: utterances that are open; ``quiet_since_s``: None while somebody speaks.

    Words that were written, and private ones, do not count. ``held``: the customer is on hold and hears music.
    """

    speaking: frozenset[str] = frozenset()
    quiet_since_s: float | None = None
    customer: _Span | None = None
    agent: _Span | None = None
    held: bool = False

    def heard(self, one: Spoken | Speaking, now_s: float) -> Pace:
        """After one more piece of news."""
        if one.private or (isinstance(one, Spoken) and one.written):
            return self
        if isinstance(one, Speaking):
            speaking = self.speaking | {one.utterance} if one.on else self.speaking - {one.utterance}
            span = _Span(one.utterance, one.at_ms, one.at_ms)
        else:
            speaking = self.speaking - {one.utterance} if one.final else self.speaking
            span = _Span(one.utterance, one.started_ms, one.ended_ms)
        quiet_s = None if speaking or self.held else now_s
        if not speaking and self.quiet_since_s is not None and not isinstance(one, Speaking):
            quiet_s = self.quiet_since_s if self._knows(one.utterance) else now_s
        moved = replace(self, speaking=speaking, quiet_since_s=quiet_s)
        if one.party is Party.CUSTOMER:
            return replace(moved, customer=_joined(self.customer, span))
        return replace(moved, agent=_joined(self.agent, span))

    def hold(self, on: bool, now_s: float) -> Pace:
        """The customer is on hold, or back. What was being said ends with a hold's beginning, silence begins anew."""
        speaking = frozenset[str]() if on else self.speaking
        nobody_yet = self.customer is None and self.agent is None
        return replace(self, held=on, speaking=speaking, quiet_since_s=None if on or speaking or nobody_yet else now_s)

    def silence_s(self, now_s: float) -> float:
        """How long nobody has spoken; 0 while somebody does, during a hold, and before anybody has."""
        return 0.0 if self.quiet_since_s is None else max(0.0, now_s - self.quiet_since_s)

    @property
    def talk_over_ms(self) -> int:
        """How long the last utterances of both went on at once."""
        if self.customer is None or self.agent is None:
            return 0
        start = max(self.customer.from_ms, self.agent.from_ms)
        return max(0, min(self.customer.to_ms, self.agent.to_ms) - start)

    @property
    def pair(self) -> str:
        """Names the two utterances that :attr:`talk_over_ms` is about."""
        return f"{self.customer.utterance if self.customer else ''}/{self.agent.utterance if self.agent else ''}"

    def _knows(self, utterance: str) -> bool:
        return any(span is not None and span.utterance == utterance for span in (self.customer, self.agent))


def _joined(before: _Span | None, span: _Span) -> _Span:
    if before is None or before.utterance != span.utterance:
        return span
    return _Span(span.utterance, min(before.from_ms, span.from_ms), max(before.to_ms, span.to_ms))
