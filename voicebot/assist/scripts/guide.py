"""Scripts ready for words: which steps an utterance does, and which answer it gives. About a millisecond."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from voicebot.assist.matching.phrases import MISHEARD, PhraseIndex, line
from voicebot.assist.model import Speaker
from voicebot.assist.scripts.manners import asking, figure, put_off
from voicebot.assist.scripts.model import Key, ScriptSet, ScriptStep, StepKind, Texts
from voicebot.domain import Answer, Entity, Json, Language
from voicebot.nlu.answers import answer_of

MEANING_AT, EXPECTED_AT = 0.62, 0.55
"""Likeness from which meaning alone ticks a step: any step, and the one the agent is at."""
WITH_VALUE_AT = 0.45
"""So much is enough where a value of the step's kinds was said as well."""
WITHOUT_VALUE_AT = 0.88
"""So much where it was not: "there is nothing to pay" has no amount."""
DOUBTED = 0.1
"""Words that only sound like a phrase do not count when the meaning is as far off as this."""
_OFFERED = 3
"""Whoever names so many values of one kind lists what there is and settles nothing."""

Values = Callable[[str, Language], tuple[Entity, ...]]
"""Values in a text, as :func:`voicebot.nlu.entities.find_entities` finds them for the company."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one party said, final words. ``similar``: likeness 0..1 by the names of :meth:`Guide.examples`.

    ``sure`` False: likeness is still to come, so only what was plainly said counts. ``again``: the same words with it.
    """

    party: Speaker
    text: str
    language: Language
    utterance: str = ""
    similar: Mapping[str, float] | None = None
    sure: bool = True
    again: bool = False


def name_of(key: Key) -> str:
    """A step as one word, as the meaning of examples is kept under."""
    return f"{key[0]}/{key[1]}"


def key_of(name: str) -> Key:
    """The reverse of :func:`name_of`."""
    script, _, step = name.partition("/")
    return script, step


@dataclass(frozen=True, slots=True)
class _Ears:
    phrases: PhraseIndex
    topics: PhraseIndex
    asks: PhraseIndex
    without: PhraseIndex
    answers: PhraseIndex


@dataclass(frozen=True, slots=True)
class Guide:
    """A company's scripts, ready. Build it once per version with :func:`guide`."""

    scripts: ScriptSet
    values: Values = field(repr=False)
    _ears: Mapping[Language, _Ears] = field(repr=False)

    def heard(self, spoken: Spoken, expected: Key | None) -> dict[Key, float]:
        """Steps that these words do, and how surely: only steps of the party that spoke."""
        ears = self._ears.get(spoken.language)
        if ears is None or not spoken.text.strip():
            return {}
        said = line(spoken.text, spoken.language)
        similar = spoken.similar or {}
        kinds = self._kinds(spoken)
        phrases = {match.owner: match.strength for match in ears.phrases.find(said)}
        topics = {match.owner: match.strength for match in ears.topics.find(said)}
        vetoed = {match.owner for match in ears.without.find(said)}
        late = spoken.party is Speaker.AGENT and put_off(spoken.text, spoken.language)
        fitting = {
            name_of(key): (key, step)
            for key, step in steps_of(self.scripts)
            if step.kind is not StepKind.ASK and step.party in (spoken.party, Speaker.ANY)
        }
        nearest = max((similar.get(name, 0.0) for name in fitting), default=0.0)
        asks = spoken.party is Speaker.AGENT and asking(spoken.text, spoken.language)
        found: dict[Key, float] = {}
        for name, (key, step) in fitting.items():
            if name in vetoed or (asks and step.kind is StepKind.CHECK and step.party is not Speaker.CUSTOMER):
                continue
            likeness = similar.get(name, 0.0)
            unlike = similar.get(name + "!", 0.0) > max(likeness, 0.2)
            if unlike and name not in phrases:
                continue
            if unlike or likeness < nearest:
                likeness = min(likeness, DOUBTED)
            strength = phrases.get(name, 0.0)
            if strength <= MISHEARD and spoken.similar is not None and likeness < DOUBTED:
                strength = 0.0
            valued = bool(kinds & set(step.values))
            if valued and (name in topics or not step.topics.get(spoken.language)):
                strength = max(strength, topics.get(name, 1.0))
            least = EXPECTED_AT if key == expected else MEANING_AT
            if step.values:
                least = WITH_VALUE_AT if valued else WITHOUT_VALUE_AT
            if likeness >= least:
                strength = max(strength, likeness)
            if strength <= MISHEARD and not spoken.sure:
                continue
            if strength and not (late and not valued):
                found[key] = strength
        return found

    def asked(self, spoken: Spoken) -> tuple[Key, ...]:
        """The steps whose question the agent puts with these words, the surest last."""
        ears = self._ears.get(spoken.language)
        if ears is None or spoken.party is not Speaker.AGENT or not spoken.text.strip():
            return ()
        found = sorted(ears.asks.find(line(spoken.text, spoken.language)), key=lambda match: match.strength)
        return tuple(key_of(match.owner) for match in found)

    def agreed(self, spoken: Spoken) -> bool | None:
        """Whether the customer says yes or no; None when neither clearly."""
        said = answer_of(spoken.text, spoken.language)
        return True if said is Answer.YES else False if said is Answer.NO else None

    def answer(self, step: ScriptStep, key: Key, spoken: Spoken) -> Json:
        """The value these words of the customer give to a question's slot; None when they give none."""
        if spoken.party is not Speaker.CUSTOMER or not spoken.text.strip():
            return None
        if step.yes_no:
            return self.agreed(spoken)
        if step.values and not step.answers:
            return self._value(step, spoken)
        ears = self._ears.get(spoken.language)
        if ears is None or not step.answers:
            return None
        start = name_of(key) + "="
        said_line = line(spoken.text, spoken.language)
        if any(match.owner == name_of(key) for match in ears.without.find(said_line)):
            return None
        found = {m.owner: m.strength for m in ears.answers.find(said_line) if m.owner.startswith(start)}
        for name, likeness in (spoken.similar or {}).items():
            if name.startswith(start) and likeness >= EXPECTED_AT:
                found[name] = max(likeness, found.get(name, 0.0))
        best = max(found, key=lambda name: found[name], default=None)
        return None if best is None else best.removeprefix(start)

    def examples(self, language: Language) -> dict[str, tuple[str, ...]]:
        """Sentences whose likeness is to be told with each utterance: of steps, of what is not (``!``), of answers."""
        found: dict[str, tuple[str, ...]] = {}
        for key, step in steps_of(self.scripts):
            name = name_of(key)
            found[name] = words(step.examples, language)
            found[name + "!"] = words(step.near, language)
            found |= {f"{name}={value}": words(texts, language) for value, texts in step.answers.items()}
        return {name: texts for name, texts in found.items() if texts}

    def _value(self, step: ScriptStep, spoken: Spoken) -> Json:
        """The one value of the question's kinds that was said."""
        said = {
            one.value
            for one in self.values(spoken.text, spoken.language)
            if one.name in step.values and not one.negated
        }
        return said.pop() if len(said) == 1 else None

    def _kinds(self, spoken: Spoken) -> set[str]:
        values = {(one.name, str(one.value)) for one in self.values(spoken.text, spoken.language)}
        counts = Counter(name for name, _ in values)
        kinds = {name for name, count in counts.items() if count < _OFFERED}
        return kinds | {"figure"} if figure(spoken.text, spoken.language) else kinds


def guide(scripts: ScriptSet, values: Values) -> Guide:
    """Make a version's scripts ready for words."""
    languages = dict.fromkeys(language for _, step in steps_of(scripts) for language in step.text)
    return Guide(scripts, values, {language: _ears(scripts, language) for language in languages})


def steps_of(scripts: ScriptSet) -> Iterator[tuple[Key, ScriptStep]]:
    """Every step that can be done."""
    for script in scripts.scripts.values():
        for step in script.steps.values():
            if step.ticked:
                yield (script.id, step.id), step


def _ears(scripts: ScriptSet, language: Language) -> _Ears:
    answers: dict[str, tuple[str, ...]] = {}
    for key, step in steps_of(scripts):
        if step.kind is StepKind.ASK:
            answers |= {f"{name_of(key)}={value}": words(texts, language) for value, texts in step.answers.items()}
    asks = {
        name_of(key): words(step.asks, language) + (words(step.phrases, language) if step.kind is StepKind.ASK else ())
        for key, step in steps_of(scripts)
    }
    return _Ears(
        PhraseIndex({name_of(key): words(step.phrases, language) for key, step in steps_of(scripts)}, language),
        PhraseIndex({name_of(key): words(step.topics, language) for key, step in steps_of(scripts)}, language),
        PhraseIndex(asks, language),
        PhraseIndex({name_of(key): words(step.without, language) for key, step in steps_of(scripts)}, language),
        PhraseIndex(answers, language),
    )


def words(texts: Texts, language: Language) -> tuple[str, ...]:
    """Texts of one language."""
    return texts.get(language, ())


__all__ = ["Guide", "Spoken", "guide", "key_of", "name_of", "steps_of"]
