"""A caller who answers each question from a list, through the real flows, entities and demo back end.

Only the choice of the intent is given; nothing else is decided by the test.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voicebot.demo.call import ActionCall
from voicebot.demo.registry import actions_of
from voicebot.demo.state import DemoState
from voicebot.domain import (
    ActionDone,
    Begun,
    CallAction,
    Channel,
    Contact,
    Effect,
    End,
    FaqScore,
    Given,
    HandOff,
    IntentScore,
    Json,
    Keys,
    Language,
    Say,
    Source,
    TenantId,
    Understanding,
    Utterance,
)
from voicebot.flows import Dialogue, TenantFlows, load_flows
from voicebot.nlu.answers import answer_of
from voicebot.nlu.entities import ClosedValues, find_entities

FLOWS = Path(__file__).parents[2] / "flows"
NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
_LONGEST = 40


@functools.cache
def content_of(tenant: str) -> TenantFlows:
    """The company's real content."""
    return load_flows(FLOWS, tenant)


@functools.cache
def closed_of(tenant: str) -> ClosedValues:
    """The company's real closed lists."""
    return ClosedValues.load(FLOWS, tenant)


def plain(name: str, value: Json, language: Language) -> tuple[str, str]:
    """Values as they are, so that tests can look for them."""
    return str(value), str(value)


def backend() -> DemoState:
    """A fresh demo back end at the tests' fixed time."""
    return DemoState(lambda: NOW, FLOWS)


@dataclass
class Walk:
    """One conversation. ``answers`` maps the response that asks to what the caller says; ``#`` first means keys."""

    tenant: str
    language: str
    answers: Mapping[str, str]
    state: DemoState = field(default_factory=backend)
    channel: Channel = Channel.WEB_CHAT
    asked: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    actions: list[tuple[str, str]] = field(default_factory=list)
    handoff: HandOff | None = None
    ended: bool = False
    broken: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        content = content_of(self.tenant)
        self.dialogue = Dialogue(content, plain, lambda: NOW.date())
        self.content = content
        begun = Begun(Contact(TenantId(self.tenant), self.channel, Language(self.language)), {})
        self.talk = self.dialogue.opening_state(begun)
        self._text = ""
        self._take(begun)

    def start(self, intent: str, text: str, faq: tuple[FaqScore, ...] = ()) -> Walk:
        """Say the request and answer what is asked until nothing is asked that the caller can answer."""
        self.asked.clear()
        self.texts.clear()
        self.hear(text, intent, faq)
        for _ in range(_LONGEST):
            if self.handoff or self.ended or not self.asked:
                return self
            reply = self.answers.get(self.asked[-1])
            if reply is None:
                return self
            if reply.startswith("#"):
                self._take(Keys(reply[1:]))
            else:
                self.hear(reply.replace("{code}", self.code))
        raise AssertionError(f"the conversation goes round in circles: {self.asked}")

    @property
    def code(self) -> str:
        """The newest one-time code in the customer's own messages."""
        codes = [m["body"] for m in self.state.data["outbox"] if m["kind"] == "one_time_code"]
        return codes[-1] if codes else ""

    def hear(self, text: str, intent: str = "out_of_scope", faq: tuple[FaqScore, ...] = ()) -> None:
        """The caller says something; entities and yes or no are found in the words."""
        self._text = text
        expects = self.expects
        language = self.talk.language
        entities = find_entities(
            text, language, today=NOW.date(), country=self.content.tenant.country,
            expects=expects.entities if expects else (), closed=closed_of(self.tenant),
        )  # fmt: skip
        sure = 0.1 if intent == "out_of_scope" else 0.9
        self._take(
            Utterance(
                Understanding(
                    text=text, language=language, intent=intent, confidence=sure, in_scope=0.5,
                    ranking=(IntentScore(intent, sure),), entities=entities, answer=answer_of(text, language), faq=faq,
                    source=Source.TEXT,
                )
            )
        )  # fmt: skip

    def _take(self, given: Given) -> None:
        step = self.dialogue.step(self.talk, given, NOW)
        self.talk, self.expects = step.state, step.expects
        for effect in step.effects:
            self._effect(effect)
        call = next((effect for effect in step.effects if isinstance(effect, CallAction)), None)
        if call is not None:
            self._take(self._run(call))

    def _effect(self, effect: Effect) -> None:
        match effect:
            case Say(response=response, text=text):
                assert "{" not in text, text
                self.asked.append(response)
                self.texts.append(text)
            case HandOff():
                self.handoff = effect
            case End():
                self.ended = True

    def _run(self, call: CallAction) -> ActionDone:
        if call.action in self.broken:
            self.actions.append((call.action, "error"))
            return ActionDone(call.action, failed=True)
        action = actions_of(self.tenant)[call.action]
        result: dict[str, Any] = action(
            ActionCall(self.tenant, "walk", self.state, str(self.talk.language), self._text, call.slots)
        )
        self.actions.append((call.action, result["outcome"]))
        return ActionDone(call.action, result)

    def outcome(self, action: str) -> str:
        """The last outcome of an action; it must have run."""
        return next(outcome for name, outcome in reversed(self.actions) if name == action)

    def said(self, response: str) -> str:
        """The text of a response; it must have been said."""
        assert response in self.asked, (response, self.asked, self.actions)
        return self.texts[len(self.asked) - 1 - self.asked[::-1].index(response)]
