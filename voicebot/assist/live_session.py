"""One agent's assist in one conversation: from what happens to the cards' events. No input or output, no waiting.

Every method returns the events to append. The session takes them for written unless :meth:`Session.revert` is called,
so that its own events are passed over when the log gives them back (``own``); those of others move it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from voicebot.assist import engine
from voicebot.assist.engine import AssistState, Candidate, Change, Show, Take
from voicebot.assist.kept import Kept
from voicebot.assist.live_known import Known
from voicebot.assist.live_pace import Pace
from voicebot.assist.matching import Context, Matcher, entered, known, missing, silent, talked_over
from voicebot.assist.matching import Spoken as Words
from voicebot.assist.model import CardSet, Reason, Speaker
from voicebot.assist.ranking import Usefulness
from voicebot.assist.scripts import Guide
from voicebot.assist.sources import Speaking, Spoken, of_event
from voicebot.domain import (
    AgentId,
    CardEnded,
    CardShown,
    ConversationId,
    Event,
    FlowChanged,
    HoldChanged,
    Language,
    Party,
    Recorded,
    SlotSet,
    TenantId,
    TranscriptionChanged,
    UtteranceId,
)

_JUST_SAID_S = 10.0
"""Words of so long ago still count for whoever takes over."""
_REMEMBERED, _MOST_JUST_SAID = 400, 8


@dataclass(frozen=True, slots=True)
class Led:
    """A conversation that an agent leads. ``since_s``: when the agent took over, on the clock of the day.

    ``queue``: where the contact waited.
    """

    conversation: ConversationId
    tenant: TenantId
    language: Language
    agent: AgentId
    agent_name: str = ""
    brand: str = ""
    since_s: float = 0.0
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Insight:
    """What words mean: the customer's intent, and likeness to the cards' examples (None: not known)."""

    intent: str = ""
    confidence: float = 0.0
    meaning: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a company's cards and scripts, ready for words. ``guide`` None: it has no scripts."""

    cards: CardSet
    matcher: Matcher
    guide: Guide | None = None


class Session:
    """See the module. Times are seconds of the day's clock, those of the log included."""

    def __init__(self, led: Led, edition: Edition) -> None:
        self.led, self.edition = led, edition
        self.state = AssistState()
        self.known = Known(led.language)
        self.usefulness = Usefulness()
        self.live = False
        self._before = self.state
        self._pace = Pace()
        self._said: dict[str, bool] = {}
        self._notices: frozenset[str] = frozenset()
        self._kept = Kept()
        self._overlapped = ""
        self._fresh = True
        self._just_said: list[tuple[float, Spoken]] = []

    @property
    def context(self) -> Context:
        """What is known besides the words."""
        return self.known.context(brand=self.led.brand, agent=self.led.agent_name)

    def revert(self) -> None:
        """What was returned last could not be written."""
        self.state = self._before

    # --- what happens -------------------------------------------------------------------------------------------------

    def up_to_date(self, now_s: float) -> list[Event]:
        """The log has been read; from here on things happen now. What stands open already may call for a card."""
        self.live = True
        offered = list(known(self.edition.cards, self.known.slots, self.known.language, self.context))
        if self.known.flow:
            offered += entered(self.edition.cards, self.known.flow, "", self.known.language, self.context)
        return self._offer(offered, now_s) if self._fresh else []

    def just_said(self, now_s: float) -> list[Spoken]:
        """Words from the moment the agent came, or the connection was away: still to be held against the cards."""
        said, self._just_said = self._just_said, []
        return [spoken for at_s, spoken in said if now_s - at_s <= _JUST_SAID_S]

    def logged(self, recorded: Recorded, now_s: float) -> list[Event]:
        """An event of the log that is not this session's own."""
        event, at_s = recorded.event, now_s if self.live else recorded.at.timestamp()
        self.known = self.known.after(event)
        match event:
            case CardShown(agent=agent) if agent == self.led.agent:
                return self._shown_elsewhere(event, at_s)
            case CardEnded(agent=agent) if agent == self.led.agent:
                return self._ended_elsewhere(event)
            case TranscriptionChanged(on=on):
                return self._pause(not on)
            case HoldChanged(on=on):
                self._pace = self._pace.hold(on, at_s)
        if not self.live:
            self._listened(event, at_s)
            return []
        match event:
            case FlowChanged(flow=flow, change="started"):
                found = entered(self.edition.cards, flow, "", self.known.language, self.context)
                found += self._missing(now_s, flow)
                return self._offer(found, now_s)
            case SlotSet():
                found = known(self.edition.cards, self.known.slots, self.known.language, self.context)
                return self._offer(found, now_s)
        spoken = of_event(event)
        return [] if spoken is None else self.said(spoken, now_s)

    def said(self, spoken: Spoken, now_s: float, insight: Insight | None = None, *, sure: bool = True) -> list[Event]:
        """Words; again with what they mean once that is known. ``sure`` False: their meaning is still to come."""
        if spoken.private or self.state.paused:
            return []
        if not spoken.final and self._said.get(spoken.utterance):
            return []  # announced late: the final words are known
        self._said[spoken.utterance] = spoken.final
        while len(self._said) > _REMEMBERED:
            del self._said[next(iter(self._said))]
        self._pace = self._pace.heard(spoken, now_s)
        words = replace(_words(spoken, insight, final=spoken.final and sure), waits=not sure)
        if spoken.final:
            self._notices |= self.edition.matcher.notices(words)
        found = self.edition.matcher.candidates(words, self.context)
        if found:
            self._kept = self._kept.plus(found, now_s)
        return self._offer(found + self._talk_over(), now_s)

    def is_urgent(self, spoken: Spoken) -> bool:
        """Whether words that may still change are worth their meaning at once: a card's phrase is among them."""
        known = spoken.final or spoken.private or self.state.paused or self._said.get(spoken.utterance, False)
        return not known and self.edition.matcher.has_phrase(_words(spoken, None, final=False))

    def passed_over(self, event: Event, spoken: Spoken, now_s: float) -> None:
        """Words that nobody has time for: they count for who speaks when, and call for nothing."""
        self.known = self.known.after(event)
        if not spoken.private:
            self._said[spoken.utterance] = True
            self._pace = self._pace.heard(spoken, now_s)

    def speaking(self, one: Speaking, now_s: float) -> list[Event]:
        """Somebody began to speak or fell silent."""
        self._pace = self._pace.heard(one, now_s)
        return self._offer(self._talk_over(), now_s)

    def tick(self, now_s: float) -> list[Event]:
        """A second has gone by."""
        found = self._kept.at(now_s)
        cards, language = self.edition.cards, self.known.language
        quiet_s = self._pace.silence_s(now_s)
        if quiet_s > 0:
            found += silent(cards, quiet_s, language, self.context)
        found += self._missing(now_s)
        return self._offer(found, now_s)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _offer(self, candidates: Sequence[Candidate], now_s: float) -> list[Event]:
        self._before = self.state
        self.state, changes = engine.offer(
            self.state, self.edition.cards, candidates, self.usefulness, now_s, intent=self.known.intent
        )
        return self._events(changes)

    def _events(self, changes: Sequence[Change]) -> list[Event]:
        return [self._event(change) for change in changes]

    def _event(self, change: Change) -> Event:
        match change:
            case Show(candidate=one, place=place):
                self._fresh = False
                return CardShown(
                    card=one.card,
                    version=self.edition.cards.version,
                    agent=self.led.agent,
                    reason=one.reason.value,
                    utterance=UtteranceId(one.utterance),
                    place=place,
                    values=one.values,
                )
            case Take(card=card, how=how, why=why):
                return CardEnded(card=card, agent=self.led.agent, how=how, why=why)

    def _shown_elsewhere(self, event: CardShown, at_s: float) -> list[Event]:
        """Asked for by the agent, or shown by an earlier connection of theirs."""
        self._fresh = False
        self._before = self.state
        candidate = Candidate(event.card, Reason.ASKED, 1.0, event.utterance, event.values)
        self.state, changes = engine.ask(self.state, self.edition.cards, candidate, at_s, intent=self.known.intent)
        taken = [change for change in changes if isinstance(change, Take)]
        return self._events(taken) if self.live else []

    def _ended_elsewhere(self, event: CardEnded) -> list[Event]:
        self._before = self.state
        self.state, _ = engine.end(self.state, event.card, event.how, event.why)
        if self.live:
            self.usefulness = self.usefulness.plus(event.card, self.known.intent, event.how)
        return []

    def _pause(self, on: bool) -> list[Event]:
        self._before = self.state
        self._kept = Kept()
        self.state, changes = engine.pause(self.state, on)
        return self._events(changes) if self.live else []

    def _listened(self, event: Event, at_s: float) -> None:
        """Words from before: what the agent said already counts for notices, what was said just now is kept."""
        spoken = of_event(event)
        if spoken is not None and not spoken.private:
            self._said[spoken.utterance] = True
            if at_s >= self.led.since_s:
                self._just_said = [*self._just_said[-_MOST_JUST_SAID:], (at_s, spoken)]
            if spoken.agent == self.led.agent:
                self._notices |= self.edition.matcher.notices(_words(spoken, None, final=True))

    def _missing(self, now_s: float, entering: str = "") -> list[Candidate]:
        elapsed_s = max(0.0, now_s - self.led.since_s)
        language = self.known.language
        return missing(self.edition.cards, self._notices, elapsed_s, language, self.context, entering=entering)

    def _talk_over(self) -> list[Candidate]:
        """Once for each two utterances that went on at once."""
        overlap_ms, pair = self._pace.talk_over_ms, self._pace.pair
        if not overlap_ms or pair == self._overlapped:
            return []
        found = talked_over(self.edition.cards, overlap_ms, self.known.language, self.context)
        if found:
            self._overlapped = pair
        return [replace(one, utterance=pair) for one in found]


def _words(spoken: Spoken, insight: Insight | None, *, final: bool) -> Words:
    insight = insight or Insight()
    return Words(
        party=Speaker.CUSTOMER if spoken.party is Party.CUSTOMER else Speaker.AGENT,
        text=spoken.text,
        language=spoken.language,
        utterance=spoken.utterance,
        final=final,
        intent=insight.intent,
        confidence=insight.confidence,
        meaning=insight.meaning,
    )
