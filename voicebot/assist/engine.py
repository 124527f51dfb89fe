"""Which card is on screen now: a pure machine over what is said and what the agent does.

Restraint is the rule: one prominent card and one beside it, a pause after each, none twice for the same words, none
while a secret is told, and none that agents have found useless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from voicebot.assist.model import Card, CardSet, Reason
from voicebot.assist.ranking import FLOOR, Usefulness

Place = Literal["prominent", "second"]
End = Literal["used", "copied", "useful", "dismissed", "expired", "replaced"]

GAP_S = 12.0
"""Least seconds between two cards that nobody asked for; words with a mandatory card do not wait."""
PER_WINDOW, WINDOW_S = 4, 160.0
"""At most four cards in 160 s, that is 1.5 a minute over any longer stretch."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A card that something calls for. ``strength`` 0..1: how sure the match is. ``values`` fill its placeholders."""

    card: str
    reason: Reason
    strength: float
    utterance: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OnScreen:
    """A card that is shown. ``until_s``: when it goes by itself, on the session's clock."""

    card: str
    place: Place
    utterance: str
    intent: str
    since_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Show:
    """Put a card on the screen."""

    candidate: Candidate
    place: Place


@dataclass(frozen=True, slots=True)
class Take:
    """Take a card off the screen."""

    card: str
    how: End
    why: str = ""


Change = Show | Take


@dataclass(frozen=True, slots=True)
class AssistState:
    """Where one conversation's assist stands. Times are seconds on any steady clock."""

    screen: tuple[OnScreen, ...] = ()
    last_shown_s: Mapping[str, float] = field(default_factory=dict)
    shown_at_s: tuple[float, ...] = ()
    answered: frozenset[tuple[str, str]] = frozenset()
    dismissed: Mapping[str, int] = field(default_factory=dict)
    paused: bool = False


def offer(
    state: AssistState,
    cards: CardSet,
    candidates: Sequence[Candidate],
    usefulness: Usefulness,
    now_s: float,
    *,
    intent: str = "",
) -> tuple[AssistState, tuple[Change, ...]]:
    """Show the best of what was called for, if anything is worth it now.

    ``candidates`` may come for the same utterance several times, from partials and from the final words: a card that
    was shown for it is not shown again.
    """
    state, changes = expire(state, now_s)
    if state.paused:
        return state, changes
    fitting = [(card, one) for one in candidates if (card := _card(state, cards, one, usefulness, now_s, intent))]
    fitting.sort(key=lambda pair: _rank(pair[0], pair[1], usefulness, intent))
    for card, one in fitting:
        if not _room(state, card, one, now_s):
            continue
        state, more = _show(state, cards, card, one, now_s, intent)
        return state, changes + more
    return state, changes


def ask(
    state: AssistState, cards: CardSet, candidate: Candidate, now_s: float, *, intent: str = ""
) -> tuple[AssistState, tuple[Change, ...]]:
    """Show a card because the agent wants it: no pause, cooldown or floor applies."""
    state, changes = expire(state, now_s)
    card = cards.cards.get(candidate.card)
    if card is None:
        return state, changes
    state, more = _show(state, cards, card, replace(candidate, reason=Reason.ASKED), now_s, intent)
    return state, changes + more


def end(state: AssistState, card: str, how: End, why: str = "") -> tuple[AssistState, tuple[Change, ...]]:
    """The agent did something with a card; ``useful`` and ``copied`` leave it on the screen."""
    if not any(one.card == card for one in state.screen):
        return state, ()
    if how in ("useful", "copied"):
        return state, (Take(card, how, why),)
    times = dict(state.dismissed)
    if how == "dismissed":
        times[card] = times.get(card, 0) + 1
    left = tuple(one for one in state.screen if one.card != card)
    return replace(state, screen=_moved_up(left), dismissed=times), (Take(card, how, why),)


def expire(state: AssistState, now_s: float) -> tuple[AssistState, tuple[Change, ...]]:
    """Take off what has been there long enough."""
    gone = [one for one in state.screen if now_s >= one.until_s]
    if not gone:
        return state, ()
    left = tuple(one for one in state.screen if now_s < one.until_s)
    return replace(state, screen=_moved_up(left)), tuple(Take(one.card, "expired") for one in gone)


def pause(state: AssistState, on: bool) -> tuple[AssistState, tuple[Change, ...]]:
    """While a secret is told nothing new is shown; what is on the screen goes."""
    if on == state.paused:
        return state, ()
    taken = tuple(Take(one.card, "replaced", "paused") for one in state.screen) if on else ()
    return replace(state, paused=on, screen=() if on else state.screen), taken


def _card(
    state: AssistState, cards: CardSet, one: Candidate, usefulness: Usefulness, now_s: float, intent: str
) -> Card | None:
    """The candidate's card if it may be shown at all."""
    card = cards.cards.get(one.card)
    if card is None or any(shown.card == card.id for shown in state.screen):
        return None
    if one.utterance and (card.id, one.utterance) in state.answered:
        return None
    last = state.last_shown_s.get(card.id)
    if last is not None and now_s - last < card.cooldown_s:
        return None
    if card.mandatory:
        return card
    if state.dismissed.get(card.id, 0) >= 2 or usefulness.expected(card.id, intent) < FLOOR:
        return None
    return card


def _rank(card: Card, one: Candidate, usefulness: Usefulness, intent: str) -> tuple[bool, int, float, str]:
    """Mandatory first, then priority, then expected use; smaller is better."""
    return not card.mandatory, card.priority, -one.strength * usefulness.expected(card.id, intent), card.id


def _room(state: AssistState, card: Card, one: Candidate, now_s: float) -> bool:
    if card.mandatory:
        return True
    recent = [at for at in state.shown_at_s if now_s - at < WINDOW_S]
    return len(recent) < PER_WINDOW and (not recent or now_s - recent[-1] >= GAP_S)


def _show(
    state: AssistState, cards: CardSet, card: Card, one: Candidate, now_s: float, intent: str
) -> tuple[AssistState, tuple[Change, ...]]:
    """The newest card is the prominent one; what was prominent moves beside it, unless it is mandatory and unused."""
    screen = [shown for shown in state.screen if shown.card != card.id]
    held = next((shown for shown in screen if shown.place == "prominent" and cards.cards[shown.card].mandatory), None)
    place: Place = "second" if held is not None and not card.mandatory else "prominent"
    kept = held if place == "second" else next((shown for shown in screen if shown.place == "prominent"), None)
    taken = tuple(Take(shown.card, "replaced") for shown in screen if shown is not kept)
    fresh = OnScreen(card.id, place, one.utterance, intent, now_s, now_s + card.expires_s)
    others = () if kept is None else (replace(kept, place="prominent" if place == "second" else "second"),)
    answered = state.answered | {(card.id, one.utterance)} if one.utterance else state.answered
    after = replace(
        state,
        screen=(*others, fresh),
        last_shown_s={**state.last_shown_s, card.id: now_s},
        shown_at_s=(*(at for at in state.shown_at_s if now_s - at < WINDOW_S), now_s),
        answered=answered,
    )
    return after, (*taken, Show(one, place))


def _moved_up(left: tuple[OnScreen, ...]) -> tuple[OnScreen, ...]:
    """A card beside a prominent one that has gone becomes the prominent one."""
    if len(left) == 1 and left[0].place == "second":
        return (replace(left[0], place="prominent"),)
    return left
