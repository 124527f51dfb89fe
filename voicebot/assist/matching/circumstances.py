"""What calls for a card without words: silence, talking over each other, a flow step, a value, a notice not given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicebot.assist.engine import Candidate
from voicebot.assist.matching.filling import Context, values_for
from voicebot.assist.model import Card, CardSet, OwnSpeech, Reason
from voicebot.domain import Language


def silent(cards: CardSet, silence_s: float, language: Language, context: Context) -> list[Candidate]:
    """Nobody has spoken for so long."""

    def called(card: Card) -> bool:
        return card.triggers.silence_s is not None and silence_s >= card.triggers.silence_s

    return _all(cards, Reason.SILENCE, language, context, called)


def talked_over(cards: CardSet, overlap_ms: float, language: Language, context: Context) -> list[Candidate]:
    """Both have spoken at once for so long."""

    def called(card: Card) -> bool:
        return card.triggers.talk_over_ms is not None and overlap_ms >= card.triggers.talk_over_ms

    return _all(cards, Reason.TALK_OVER, language, context, called)


def entered(cards: CardSet, flow: str, step: str, language: Language, context: Context) -> list[Candidate]:
    """A flow, or a step of it, has begun."""

    def called(card: Card) -> bool:
        return bool({flow, f"{flow}.{step}"} & set(card.triggers.flow_steps))

    return _all(cards, Reason.FLOW, language, context, called)


def known(cards: CardSet, slots: Mapping[str, str], language: Language, context: Context) -> list[Candidate]:
    """Values have become known; a card wants all of its slots, ``*`` for any value."""

    def called(card: Card) -> bool:
        wanted = card.triggers.slots
        return bool(wanted) and all(
            bool(slots.get(name)) if value == "*" else slots.get(name) == value for name, value in wanted.items()
        )

    return _all(cards, Reason.SLOT, language, context, called)


def missing(
    cards: CardSet,
    given: frozenset[str],
    elapsed_s: float,
    language: Language,
    context: Context,
    *,
    entering: str = "",
) -> list[Candidate]:
    """A notice is due and has not been given.

    ``given``: cards whose notice was heard (:meth:`~voicebot.assist.matching.spoken.Matcher.notices`); ``elapsed_s``
    since the agent took over; ``entering``: flow, or flow.step, that begins.
    """

    def called(card: Card) -> bool:
        own = card.triggers.own_speech
        return own is not None and bool(own.missing) and card.id not in given and _due(own, elapsed_s, entering)

    return _all(cards, Reason.OWN_SPEECH, language, context, called)


def _due(own: OwnSpeech, elapsed_s: float, entering: str) -> bool:
    late = own.within_s > 0 and elapsed_s >= own.within_s
    return late or bool({entering, entering.partition(".")[0]} & set(own.before) - {""})


def _all(
    cards: CardSet, reason: Reason, language: Language, context: Context, called: Callable[[Card], bool]
) -> list[Candidate]:
    return [
        Candidate(card.id, reason, 1.0, "", values_for(card, language, context))
        for card in cards.cards.values()
        if called(card) and context.holds(card)
    ]
