"""How like the steps of a script the words are: the calibrated likeness of cards, with steps in place of cards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from voicebot.assist.matching.meaning import Embedding, Meaning
from voicebot.assist.model import Card, CardKind, CardSet, CardText, Speaker, Triggers
from voicebot.assist.scripts.guide import name_of
from voicebot.assist.scripts.model import Script, ScriptSet, Texts
from voicebot.domain import Language


class StepMeaning:
    """Likeness of utterances to the steps of each script of one version; give it to :class:`Spoken`."""

    def __init__(self, scripts: Mapping[str, Meaning]) -> None:
        self._scripts = scripts

    @classmethod
    async def prepared(cls, scripts: ScriptSet, embedding: Embedding, cache_file: Path | None = None) -> StepMeaning:
        """Embed all examples and calibrate each script among its own steps."""
        found = {}
        for script in scripts.scripts.values():
            cards = as_cards(scripts, script)
            if cards.cards:
                found[script.id] = await Meaning.prepared(cards, embedding, cache_file)
        return cls(found)

    async def similar(self, script: str, text: str, language: Language, party: Speaker) -> Mapping[str, float] | None:
        """Likeness 0..1 by step of a script; None when it has no examples.

        Raises:
            UnderstandingError: the encoder failed; phrases still work without.
        """
        meaning = self._scripts.get(script)
        return None if meaning is None else await meaning.scores(text, language, party)


def as_cards(scripts: ScriptSet, script: Script) -> CardSet:
    """The steps of a script that have examples, as cards.

    Neutral is what is *not* a step, and what steps of the company's other scripts are like: without, any words would be
    most like some answer of a script that has few examples of its own.
    """
    cards: dict[str, Card] = {}
    neutral: dict[Language, list[str]] = {}
    for other in scripts.scripts.values():
        for step in other.steps.values() if other.id != script.id else ():
            for language, texts in step.examples.items():
                neutral.setdefault(language, []).extend(texts)
    for step in script.steps.values():
        for language, texts in step.near.items():
            neutral.setdefault(language, []).extend(texts)
        if step.examples:
            name = name_of((script.id, step.id))
            cards[name] = _card(name, step.examples, step.party)
        for value, texts_of in step.answers.items():
            name = f"{name_of((script.id, step.id))}={value}"
            cards[name] = _card(name, texts_of, Speaker.CUSTOMER)
    return CardSet(scripts.tenant, scripts.version, cards, {}, {lang: tuple(texts) for lang, texts in neutral.items()})


def _card(name: str, examples: Texts, party: Speaker) -> Card:
    text = {language: CardText(name) for language in examples}
    return Card(name, CardKind.CHECKLIST, Triggers(examples=examples), text, party)
