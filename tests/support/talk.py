"""A conversation with the engine in which the test decides what was understood and what the back end answers."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from voicebot.domain import (
    EN,
    ActionDone,
    Answer,
    Begun,
    CallAction,
    Channel,
    Contact,
    DeskAnswer,
    DeskReply,
    Effect,
    End,
    Entity,
    Event,
    FaqScore,
    Given,
    HandOff,
    IntentScore,
    Json,
    Keys,
    Language,
    SafetyHit,
    Say,
    Silence,
    Source,
    TenantId,
    Texts,
    Understanding,
    Unintelligible,
    Utterance,
)
from voicebot.flows import Dialogue, DialogueState, Step, TenantFlows, load_flows
from voicebot.flows.handoff import DESK

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)


@functools.cache
def lamps() -> TenantFlows:
    """The test company on the real core."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "core").symlink_to(ROOT / "flows" / "core")
        (root / "lamps").symlink_to(ROOT / "tests" / "fixtures" / "flows" / "lamps")
        return load_flows(root, "lamps")


def plain(name: str, value: Json, language: Language) -> tuple[str, str]:
    return str(value), f"<{value}>"


RECORDED = DeskReply(DeskAnswer.RECORDED)


class Talk:
    """One conversation; ``effects`` and ``events`` are those of the last step, ``log`` all events so far.

    ``desk`` is what the desk answers at once; None lets the test answer.
    """

    def __init__(
        self,
        content: TenantFlows | None = None,
        *,
        language: Language = EN,
        channel: Channel = Channel.VOICE,
        source: Source = Source.SPEECH,
        customer: Mapping[str, Json] | None = None,
        desk: DeskReply | None = RECORDED,
        texts: Texts = Texts.NONE,
    ) -> None:
        self.desk = desk
        self.content = content or lamps()
        self.dialogue = Dialogue(self.content, plain, lambda: date(2026, 11, 18))
        self.source = source
        self.now = NOW
        begun = Begun(Contact(TenantId("lamps"), channel, language, "07700900123"), customer or {}, texts)
        self.log: list[Event] = []
        self.spoken: list[str] = []
        self.state: DialogueState = self.dialogue.opening_state(begun)
        self.take(begun)

    def take(self, given: Given) -> Step:
        step = self.dialogue.step(self.state, given, self.now)
        if self.desk is not None and step.awaiting == DESK:
            after = self.dialogue.step(step.state, self.desk, self.now)
            step = replace(after, effects=step.effects + after.effects, events=step.events + after.events)
        self.step = step
        self.state = self.step.state
        assert DialogueState.from_json(self.state.to_json()).to_json() == self.state.to_json()
        self.effects, self.events = self.step.effects, self.step.events
        self.log += self.events
        self.spoken += self.texts
        return self.step

    def say(
        self,
        text: str,
        intent: str = "out_of_scope",
        confidence: float | None = None,
        *,
        entities: tuple[Entity, ...] = (),
        answer: Answer | None = None,
        faq: tuple[FaqScore, ...] = (),
        safety: SafetyHit | None = None,
        ranking: tuple[IntentScore, ...] = (),
        language: Language | None = None,
    ) -> Step:
        sure = (0.9 if intent != "out_of_scope" else 0.1) if confidence is None else confidence
        return self.take(
            Utterance(
                Understanding(
                    text=text,
                    language=language or self.state.language,
                    intent=intent,
                    confidence=sure,
                    in_scope=0.5,
                    ranking=ranking or (IntentScore(intent, sure),),
                    entities=entities,
                    answer=answer,
                    faq=faq,
                    safety=safety,
                    source=self.source,
                )
            )
        )

    def values(self, text: str, *entities: Entity, intent: str = "out_of_scope", answer: Answer | None = None) -> Step:
        return self.say(text, intent, entities=entities, answer=answer)

    def yes(self) -> Step:
        return self.say("yes", "affirm", answer=Answer.YES)

    def no(self) -> Step:
        return self.say("no", "deny", answer=Answer.NO)

    def maybe(self) -> Step:
        return self.say("I'm good", "ambiguous_ok", answer=Answer.AMBIGUOUS)

    def keys(self, digits: str) -> Step:
        return self.take(Keys(digits))

    def silence(self) -> Step:
        return self.take(Silence())

    def noise(self) -> Step:
        return self.take(Unintelligible(noisy=True))

    def done(self, outcome: str = "ok", **slots: Any) -> Step:
        assert self.state.awaiting is not None
        return self.take(ActionDone(self.state.awaiting, {"outcome": outcome, **slots}))

    def broken(self) -> Step:
        assert self.state.awaiting is not None
        return self.take(ActionDone(self.state.awaiting, failed=True))

    @property
    def texts(self) -> list[str]:
        return [effect.text for effect in self.effects if isinstance(effect, Say)]

    @property
    def said(self) -> str:
        return " ".join(self.texts)

    @property
    def keys_said(self) -> list[str]:
        return [effect.response for effect in self.effects if isinstance(effect, Say)]

    def one(self, kind: type[Any]) -> Any:
        found: list[Effect | Event] = [item for item in (*self.effects, *self.events) if isinstance(item, kind)]
        assert len(found) == 1, found
        return found[0]

    @property
    def handoff(self) -> HandOff | None:
        return next((effect for effect in self.effects if isinstance(effect, HandOff)), None)

    @property
    def ended(self) -> End | None:
        return next((effect for effect in self.effects if isinstance(effect, End)), None)

    @property
    def called(self) -> CallAction | None:
        return next((effect for effect in self.effects if isinstance(effect, CallAction)), None)

    def logged(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.log if isinstance(event, kind)]


def lamp(value: str = "desk", *, negated: bool = False) -> Entity:
    return Entity("lamp", value, value, negated=negated)


def day(value: str, *, negated: bool = False) -> Entity:
    return Entity("date", value, value, negated=negated)


def window(value: str = "morning") -> Entity:
    return Entity("time_window", value, value)


def serial(value: str = "L1234", *, verbatim: bool = False) -> Entity:
    return Entity("serial", value, value, verbatim=verbatim)


def in_repair() -> Talk:
    """A talk in the middle of the repair flow: the product is known, the day is asked for."""
    talk = Talk()
    talk.values("mend my desk lamp", lamp(), intent="lamp_repair")
    return talk
