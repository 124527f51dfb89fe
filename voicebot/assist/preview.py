"""Where a draft's cards would have come up in conversations of the past. Pure: events in, places out.

A conversation is played through the very session that assists people live, from the moment a person led it. Two things
are told apart: every place whose words call for a card, and those where restraint (cooldown, pauses, priority, floor)
would have let it on the screen. Meaning needs the encoder and is not counted; intents are those of the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from voicebot.assist.live_session import Edition, Insight, Led, Session
from voicebot.assist.matching import Spoken as Words
from voicebot.assist.model import Speaker
from voicebot.assist.sources import Spoken, of_event
from voicebot.domain import (
    EN,
    AgentId,
    AgentSaid,
    CardEnded,
    CardShown,
    ConversationId,
    Event,
    Language,
    Party,
    PartyJoined,
    Recorded,
    TenantId,
    Understood,
    UtteranceId,
)

_BEFORE = 3
_LONGEST_SILENCE_S = 130


@dataclass(frozen=True, slots=True)
class Place:
    """One place. ``before``: what was said just before, as (party, words). ``shown``: restraint would have let it.

    ``live``: cards that came on screen for the same words then; ``how`` they ended, where known.
    """

    conversation: str
    seq: int
    at: str
    card: str
    reason: str
    party: str
    text: str
    before: tuple[tuple[str, str], ...]
    shown: bool
    live: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as the worker gets it."""

    id: ConversationId
    language: Language
    events: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A labelled piece of talk: who said what, and the cards that are due in it."""

    id: str
    language: Language
    turns: tuple[tuple[Speaker, str], ...]
    due: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """How cards did on labelled passages. Precision and recall are None where nothing was shown, or nothing due."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Share of shown cards that were due."""
        shown = self.right + self.wrong
        return self.right / shown if shown else None

    @property
    def recall(self) -> float | None:
        """Share of due cards that were shown."""
        due = self.right + self.missed
        return self.right / due if due else None

    def plus(self, shown: frozenset[str], due: frozenset[str]) -> Score:
        """With one more passage."""
        right = len(shown & due)
        return Score(self.right + right, self.wrong + len(shown - due), self.missed + len(due - shown))


def places(talk: Talk, tenant: TenantId, edition: Edition, cards: frozenset[str]) -> tuple[Place, ...]:
    """Every place of a conversation where one of these cards comes up; none when no person led it."""
    lead = _lead(talk.events)
    if lead is None:
        return ()
    agent, began = lead
    session = Session(Led(talk.id, tenant, talk.language, AgentId(agent), since_s=began.at.timestamp()), edition)
    meant = {one.event.utterance: one.event for one in talk.events if isinstance(one.event, Understood)}
    ended = {one.event.card: one.event.how for one in talk.events if isinstance(one.event, CardEnded)}
    live: dict[str, list[tuple[str, str]]] = {}
    for one in talk.events:
        if isinstance(one.event, CardShown):
            live.setdefault(one.event.utterance, []).append((one.event.card, ended.get(one.event.card, "")))
    found: list[Place] = []
    said: list[tuple[str, str]] = []
    before_s = began.at.timestamp()
    for one in talk.events:
        if isinstance(one.event, CardShown | CardEnded):
            continue
        now_s = one.at.timestamp()
        if one.seq < began.seq:
            session.logged(one, now_s)
        elif not session.live:
            session.logged(one, now_s)
            found += _places(talk, one, session.up_to_date(now_s), cards, said, live, "")
        else:
            found += _quiet(talk, one, session, before_s, cards, said, live)
            found += _moment(talk, one, session, meant, cards, said, live)
        before_s = now_s
        spoken = of_event(one.event)
        if spoken is not None and not spoken.private:
            said.append((spoken.party.value, spoken.text))
    return tuple(found)


def score(passages: Sequence[Passage], tenant: TenantId, edition: Edition) -> dict[str, Score]:
    """How an edition does on labelled passages, by card and over all under the empty name."""
    known = frozenset(edition.cards.cards)
    found = {name: Score() for name in ("", *known)}
    for passage in passages:
        shown = _shown_in(passage, tenant, edition)
        found[""] = found[""].plus(shown, passage.due)
        for name in known:
            found[name] = found[name].plus(shown & {name}, passage.due & {name})
    return found


def _shown_in(passage: Passage, tenant: TenantId, edition: Edition) -> frozenset[str]:
    """Cards whose words are in a passage. Restraint is left aside: passages are short, and labelled without it."""
    led = Led(ConversationId(passage.id), tenant, passage.language, AgentId(""))
    context = Session(led, edition).context
    shown: set[str] = set()
    for at, (party, text) in enumerate(passage.turns):
        words = Words(party, text, passage.language, f"{at}")
        shown |= {one.card for one in edition.matcher.candidates(words, context)}
    return frozenset(shown)


def _lead(events: Sequence[Recorded]) -> tuple[str, Recorded] | None:
    """Who led first, and the event with which that began."""
    for one in events:
        match one.event:
            case PartyJoined(agent=agent, role="lead"):
                return agent, one
            case AgentSaid(agent=agent, private=False):
                return agent, one
    return None


def _moment(
    talk: Talk,
    one: Recorded,
    session: Session,
    meant: Mapping[UtteranceId, Understood],
    cards: frozenset[str],
    said: list[tuple[str, str]],
    live: Mapping[str, list[tuple[str, str]]],
) -> Iterator[Place]:
    spoken = of_event(one.event)
    now_s = one.at.timestamp()
    if spoken is None:
        yield from _places(talk, one, session.logged(one, now_s), cards, said, live, "")
        return
    if spoken.private:
        return
    session.known = session.known.after(one.event)
    about = meant.get(spoken.utterance)
    insight = None if about is None else Insight(about.intent, about.confidence)
    called = session.edition.matcher.candidates(_words(spoken, insight), session.context)
    events = session.said(spoken, now_s, insight)
    shown = {event.card for event in events if isinstance(event, CardShown)}
    for candidate in called:
        if candidate.card in cards:
            yield _place(talk, one, candidate.card, candidate.reason.value, said, live, spoken, candidate.card in shown)
    rest = [event for event in events if isinstance(event, CardShown) and event.card not in {c.card for c in called}]
    yield from _places(talk, one, rest, cards, said, live, spoken.utterance)


def _quiet(
    talk: Talk,
    one: Recorded,
    session: Session,
    before_s: float,
    cards: frozenset[str],
    said: list[tuple[str, str]],
    live: Mapping[str, list[tuple[str, str]]],
) -> Iterator[Place]:
    """The seconds since the event before, one by one, as the session lived them."""
    gap_s = min(int(one.at.timestamp() - before_s), _LONGEST_SILENCE_S)
    for second in range(1, gap_s + 1):
        yield from _places(talk, one, session.tick(before_s + second), cards, said, live, "")


def _places(
    talk: Talk,
    one: Recorded,
    events: Sequence[Event],
    cards: frozenset[str],
    said: list[tuple[str, str]],
    live: Mapping[str, list[tuple[str, str]]],
    utterance: str,
) -> Iterator[Place]:
    for event in events:
        if isinstance(event, CardShown) and event.card in cards:
            about = replace(_NOBODY, utterance=UtteranceId(utterance))
            yield _place(talk, one, event.card, event.reason, said, live, about, True)


_NOBODY = Spoken(party=Party.BOT, utterance=UtteranceId(""), text="", language=EN)
"""Stands where silence, time or a value called for a card, and no words."""


def _place(
    talk: Talk,
    one: Recorded,
    card: str,
    reason: str,
    said: list[tuple[str, str]],
    live: Mapping[str, list[tuple[str, str]]],
    spoken: Spoken,
    shown: bool,
) -> Place:
    party = spoken.party.value if spoken.text else ""
    return Place(
        talk.id, one.seq, one.at.isoformat(), card, reason, party, spoken.text,
        tuple(said[-_BEFORE:]), shown, tuple(live.get(spoken.utterance, ())),
    )  # fmt: skip


def _words(spoken: Spoken, insight: Insight | None) -> Words:
    about = insight or Insight()
    party = Speaker.CUSTOMER if spoken.party is Party.CUSTOMER else Speaker.AGENT
    return Words(
        party, spoken.text, spoken.language, spoken.utterance, intent=about.intent, confidence=about.confidence
    )


__all__ = ["Passage", "Place", "Score", "Talk", "places", "score"]
