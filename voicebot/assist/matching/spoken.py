"""What an utterance calls for: phrases, meaning, intent, mood and the agent's own words brought to one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voicebot.assist.engine import Candidate
from voicebot.assist.matching.aloud import card_hidden, number_aloud
from voicebot.assist.matching.filling import Context, values_for
from voicebot.assist.matching.phrases import EXACT, MISHEARD, WRITTEN, PhraseIndex, line
from voicebot.assist.matching.sentiment import Mood
from voicebot.assist.matching.words import Kind, Line
from voicebot.assist.model import Card, CardSet, Reason, Speaker
from voicebot.domain import JA, Language

MEANING_AT = 0.96
"""From this likelihood on, meaning alone calls for a card."""
AGAINST_VETO_AT = 0.97
"""So much is enough against words that speak against the card."""
WITH_INTENT_AT = 0.85
"""So much is enough where the understanding model names one of the card's intents as well."""
WITH_MOOD_AT = 0.9
"""So much where the words sound upset."""
WITH_PHRASE_AT = 0.7
"""So much where one of the card's phrases was said; a phrase that means something else calls for nothing."""
INTENT_SURE = 0.6
_LEAST_WORDS = {JA: 2}
_LEAST_WORDS_ELSE = 3


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one party said. ``final`` is False for words that may still change.

    ``intent`` and ``confidence`` are the understanding model's (customers only). ``meaning``: likelihood 0..1 by card
    (:mod:`voicebot.assist.matching.learnt`); None when it is not known, a card that is not in it was not learnt.
    ``waits``: the meaning is on its way, and phrases count only with it.
    """

    party: Speaker
    text: str
    language: Language
    utterance: str = ""
    final: bool = True
    intent: str = ""
    confidence: float = 0.0
    meaning: Mapping[str, float] | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class _Indexes:
    phrases: PhraseIndex
    vetoes: PhraseIndex
    forbidden: PhraseIndex
    notices: PhraseIndex
    numbers: PhraseIndex
    mood: Mood


@dataclass(frozen=True, slots=True)
class Matcher:
    """The cards of one version ready for words; building one takes about a second, asking it about a millisecond."""

    cards: CardSet
    _indexes: Mapping[Language, _Indexes] = field(repr=False)

    def candidates(self, spoken: Spoken, context: Context) -> list[Candidate]:
        """Every card these words call for, each once with its surest reason, the surest first."""
        indexes = self._indexes.get(spoken.language)
        if indexes is None or not spoken.text.strip():
            return []
        said = line(spoken.text, spoken.language)
        vetoed = {match.owner for match in indexes.vetoes.find(said)}
        best: dict[str, Candidate] = {}
        for name, reason, strength in self._calls(indexes, said, spoken):
            card = self.cards.cards[name]
            if name in vetoed and (spoken.meaning or {}).get(name, 0.0) < AGAINST_VETO_AT:
                continue
            if not context.holds(card) or card.speaker not in (spoken.party, Speaker.ANY):
                continue
            if name not in best or strength > best[name].strength:
                values = values_for(card, spoken.language, context)
                best[name] = Candidate(name, reason, strength, spoken.utterance, values)
        return sorted(best.values(), key=lambda one: (-one.strength, one.card))

    def has_phrase(self, spoken: Spoken) -> bool:
        """Whether a card's phrase is in words that may still change, so that their meaning is worth knowing now."""
        indexes = self._indexes.get(spoken.language)
        if indexes is None:
            return False
        found = indexes.phrases.find(line(spoken.text, spoken.language), more_may_come=True)
        return any(match.strength > MISHEARD for match in found)

    def sentiment(self, spoken: Spoken) -> float:
        """How upset the words are, -1 to 1."""
        indexes = self._indexes.get(spoken.language)
        if indexes is None:
            return 0.0
        return indexes.mood.of(line(spoken.text, spoken.language), spoken.intent, spoken.confidence)

    def notices(self, spoken: Spoken) -> frozenset[str]:
        """Cards whose missing notice has been given with these words of the agent."""
        indexes = self._indexes.get(spoken.language)
        if indexes is None or spoken.party is not Speaker.AGENT:
            return frozenset()
        return frozenset(match.owner for match in indexes.notices.find(line(spoken.text, spoken.language)))

    def _calls(self, indexes: _Indexes, said: Line, spoken: Spoken) -> list[tuple[str, Reason, float]]:
        found: list[tuple[str, Reason, float]] = []
        meaning = spoken.meaning or {}
        for match in indexes.phrases.find(said, more_may_come=not spoken.final):
            nearly = match.strength <= MISHEARD
            if spoken.waits or (nearly and not spoken.final) or meaning.get(match.owner, 1.0) < WITH_PHRASE_AT:
                continue
            found.append((match.owner, Reason.PHRASE, match.strength))
        found.extend((name, Reason.PHRASE, EXACT) for name in self._by_numbers(indexes, said, spoken.text))
        if spoken.party is Speaker.AGENT:
            for match in indexes.forbidden.find(said, more_may_come=not spoken.final):
                if match.strength >= WRITTEN:
                    found.append((match.owner, Reason.OWN_SPEECH, match.strength))
        if spoken.final:
            found.extend(self._by_meaning(said, spoken))
            if spoken.party is Speaker.CUSTOMER:
                found.extend(self._by_intent(spoken))
                found.extend(self._by_mood(indexes, said, spoken))
        return found

    def _by_numbers(self, indexes: _Indexes, said: Line, text: str) -> list[str]:
        if card_hidden(text):
            return [card.id for card in self.cards.cards.values() if card.triggers.digits_after]
        named = [match.owner for match in indexes.numbers.find(said)]
        return named if named and number_aloud(text) else []

    def _by_meaning(self, said: Line, spoken: Spoken) -> list[tuple[str, Reason, float]]:
        words = sum(word.kind is Kind.CONTENT for word in said.words)
        if words < _LEAST_WORDS.get(spoken.language, _LEAST_WORDS_ELSE):
            return []
        ranked = sorted((spoken.meaning or {}).items(), key=lambda pair: -pair[1])[:1]
        return [(name, Reason.MEANING, likeness) for name, likeness in ranked if likeness >= MEANING_AT]

    def _by_intent(self, spoken: Spoken) -> list[tuple[str, Reason, float]]:
        if not spoken.intent or spoken.confidence < INTENT_SURE:
            return []
        found: list[tuple[str, Reason, float]] = []
        for card in self.cards.cards.values():
            if spoken.intent not in card.triggers.intents:
                continue
            if not card.triggers.examples:
                found.append((card.id, Reason.INTENT, spoken.confidence))
            elif spoken.meaning is not None and spoken.meaning.get(card.id, 0.0) >= WITH_INTENT_AT:
                found.append((card.id, Reason.INTENT, max(spoken.meaning[card.id], WITH_INTENT_AT)))
        return found

    def _by_mood(self, indexes: _Indexes, said: Line, spoken: Spoken) -> list[tuple[str, Reason, float]]:
        mood = indexes.mood.of(said, spoken.intent, spoken.confidence)
        return [
            (card.id, Reason.SENTIMENT, min(1.0, -mood))
            for card in self.cards.cards.values()
            if card.triggers.sentiment_below is not None
            and mood < card.triggers.sentiment_below
            and (spoken.meaning or {}).get(card.id, 1.0) >= WITH_MOOD_AT
        ]


def matcher(cards: CardSet) -> Matcher:
    """Make a version's cards ready for words."""
    languages = dict.fromkeys(language for card in cards.cards.values() for language in card.text)
    return Matcher(cards, {language: _indexes(cards.cards, language) for language in languages})


def _indexes(cards: Mapping[str, Card], language: Language) -> _Indexes:
    own = {name: card.triggers.own_speech for name, card in cards.items() if card.triggers.own_speech is not None}
    return _Indexes(
        PhraseIndex({name: card.triggers.phrases.get(language, ()) for name, card in cards.items()}, language),
        PhraseIndex(
            {name: card.triggers.without.get(language, ()) for name, card in cards.items()}, language, even_denied=True
        ),
        PhraseIndex({name: rule.forbidden.get(language, ()) for name, rule in own.items()}, language),
        PhraseIndex({name: rule.missing.get(language, ()) for name, rule in own.items()}, language),
        PhraseIndex({name: card.triggers.digits_after.get(language, ()) for name, card in cards.items()}, language),
        Mood(language),
    )
