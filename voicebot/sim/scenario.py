"""Scripts of conversations played in text against the real dialogue, understanding and back end.

A play is a list of steps; each is one mapping::

    - C: words of the customer             - K: "20481137"      (keys; a trailing # is the terminator)
    - partial: words so far                (only the danger screen sees them)
    - silence: true                        - noise: true         - hangs_up: true
    - D: the desk's answer, or news of it (see :mod:`voicebot.sim.desk_words`); a wish for a person that no such step
         follows is recorded only
    - waits: seconds that pass
    - opens_link: fresh                    (or late: the call goes on in the chat by a link that was texted)
    - B: what the bot must say now         (regular expression, in the text or as spoken; a list: all of them)
    - not_B: what the bot must not say now

Time is the given clock's: nothing sleeps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from ruamel.yaml import YAML

from voicebot.domain import (
    ActionCalled,
    ActionDone,
    Begun,
    BookCallback,
    CallAction,
    Channel,
    Contact,
    ConversationId,
    DeskAnswer,
    DeskReply,
    Effect,
    Event,
    Expectation,
    Given,
    HandOff,
    Heard,
    HungUp,
    Keys,
    Language,
    SafetyHit,
    Said,
    Say,
    Silence,
    Source,
    TenantId,
    Understanding,
    Understood,
    Unintelligible,
    Utterance,
    UtteranceId,
)
from voicebot.flows import Dialogue, DialogueState, Step, reopened
from voicebot.sim.desk_words import desk_word, promise

_CHECKS = frozenset({"B", "not_B"})
_SECRETS = frozenset({"card", "cvv", "pin", "password", "one_time_code"})


class Understands(Protocol):
    """What a play needs of understanding."""

    async def understand(
        self, text: str, *, tenant: TenantId, language: Language, expects: Expectation, source: Source = Source.TEXT
    ) -> Understanding:
        """Interpret one utterance."""
        ...

    async def detect_language(self, text: str, candidates: Sequence[Language]) -> Language | None:
        """The language of the words, None when they do not tell."""
        ...


class Acts(Protocol):
    """What a play needs of the back end."""

    async def run(
        self, call: CallAction, *, conversation: ConversationId, tenant: TenantId, language: Language, latest_text: str
    ) -> ActionDone:
        """Run one action."""
        ...


class Redacts(Protocol):
    """Masks secrets: ``(text, kinds found)``."""

    def __call__(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Redact one text."""
        ...


@dataclass(frozen=True, slots=True)
class Play:
    """One conversation to play. ``expect`` is checked by :mod:`voicebot.sim.expect`."""

    scenario: str
    name: str
    tenant: TenantId
    channel: Channel
    language: Language
    caller: str | None
    steps: tuple[Mapping[str, Any], ...]
    expect: tuple[Mapping[str, Any], ...]
    place: str


@dataclass
class Turn:
    """What happened between two inputs: who gave what, what was said and logged."""

    given: str
    effects: list[Effect] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Everything the bot said in this turn."""
        return " ".join(effect.text for effect in self.effects if isinstance(effect, Say))

    @property
    def spoken(self) -> str:
        """The same as the voice says it."""
        return " ".join(effect.spoken for effect in self.effects if isinstance(effect, Say))


@dataclass
class Played:
    """A finished play."""

    play: Play
    turns: list[Turn]
    state: DialogueState

    @property
    def events(self) -> list[Event]:
        """The log."""
        return [event for turn in self.turns for event in turn.events]

    @property
    def effects(self) -> list[Effect]:
        """Everything asked for."""
        return [effect for turn in self.turns for effect in turn.effects]

    def transcript(self) -> str:
        """Both sides, for a failing test to show."""
        return "\n".join(f"{turn.given}\n    B: {turn.said}" for turn in self.turns)


class ScenarioFailed(AssertionError):
    """The bot did not say what the script says it must."""


def load_plays(path: Path) -> list[Play]:
    """The plays of a scenario file."""
    data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    shared = tuple(data.get("expect", ()))
    plays = []
    for item in data["plays"]:
        plays.append(
            Play(
                scenario=data["scenario"],
                name=item["name"],
                tenant=TenantId(item.get("tenant", data.get("tenant"))),
                channel=Channel(item.get("channel", data.get("channel", "voice"))),
                language=Language(item["language"]),
                caller=item.get("caller"),
                steps=tuple(item["steps"]),
                expect=(*shared, *item.get("expect", ())),
                place=f"{path.name}:{item['name']}",
            )
        )
    return plays


class Player:
    """Plays scripts. ``screen`` is the danger screen for partial words; ``now`` the virtual time."""

    def __init__(
        self,
        dialogues: Mapping[TenantId, Dialogue],
        understander: Understands,
        actions: Acts,
        redact: Redacts,
        screen: Callable[[str, Language], SafetyHit | None],
        now: Callable[[], datetime],
    ) -> None:
        self._dialogues, self._understander, self._actions = dialogues, understander, actions
        self._redact, self._screen, self._now = redact, screen, now
        self._count = 0

    async def play(self, play: Play) -> Played:
        """Play one script to its end; raises :class:`ScenarioFailed` at the first wrong sentence."""
        return await _Performance(self, play).perform()

    def conversation(self, play: Play) -> ConversationId:
        """A fresh id."""
        self._count += 1
        return ConversationId(f"{play.scenario}-{play.name}-{self._count}")


class _Performance:
    def __init__(self, player: Player, play: Play) -> None:
        self._player, self._play = player, play
        self._dialogue = player._dialogues[play.tenant]
        self._id = player.conversation(play)
        self._text = ""
        self._utterances = 0
        self._step: Step | None = None
        self._next: Mapping[str, Any] = {}
        self._passed = timedelta()

    async def perform(self) -> Played:
        play = self._play
        contact = Contact(play.tenant, play.channel, play.language, play.caller, "")
        opening = Turn("(begins)")
        customer = await self._identify(opening, play.caller)
        begun = Begun(contact, customer)
        played = Played(play, [opening], self._dialogue.opening_state(begun))
        await self._take(played, begun)
        for at, step in enumerate(play.steps):
            self._next = next((later for later in play.steps[at + 1 :] if not _CHECKS & later.keys()), {})
            await self._one(played, step)
        return played

    async def _identify(self, turn: Turn, caller: str | None) -> Mapping[str, Any]:
        if caller is None:
            return {}
        done = await self._act(
            turn, CallAction("action_identify_caller", {"caller_number": caller}), self._play.language
        )
        return done.slots

    async def _one(self, played: Played, step: Mapping[str, Any]) -> None:
        (kind, value), *_ = step.items()
        state = played.state
        match kind:
            case "B" | "not_B":
                self._check(played, str(kind), value)
            case "C":
                played.turns.append(Turn(f"C: {value}"))
                await self._hear(played, str(value))
            case "partial":
                played.turns.append(Turn(f"(partial) {value}"))
                hit = self._player._screen(str(value), state.language)
                if hit is not None and hit.certain:
                    await self._take(played, hit)
            case "K":
                played.turns.append(Turn(f"K: {value}"))
                await self._take(played, Keys(str(value).rstrip("#")))
            case "silence":
                played.turns.append(Turn("(silence)"))
                await self._take(played, Silence())
            case "noise":
                played.turns.append(Turn("(noise)"))
                await self._take(played, Unintelligible(noisy=True))
            case "hangs_up":
                played.turns.append(Turn("(hangs up)"))
                await self._take(played, HungUp())
            case "D":
                played.turns.append(Turn(f"D: {value}"))
                await self._take(played, desk_word(value, str(self._id)))
            case "opens_link":
                played.turns.append(Turn(f"(opens the link, {value})"))
                await self._come_back(played, fresh=value == "fresh")
            case "waits":
                self._passed += timedelta(seconds=float(value))
            case _:
                raise ValueError(f"{self._play.place}: unknown step {kind!r}")

    async def _come_back(self, played: Played, *, fresh: bool) -> None:
        """The same conversation in the chat, from what was stored."""
        stored = DialogueState.from_json(played.state.to_json())
        played.state, events = reopened(stored, Channel.WEB_CHAT, fresh=fresh, in_line=False)
        played.turns[-1].events.extend(events)
        first = self._dialogue.go_on(played.state, self._player._now() + self._passed)
        assert first is not None, "a conversation that has moved begins with words"
        await self._take(played, first)

    def _check(self, played: Played, kind: str, value: Any) -> None:
        turn = played.turns[-1]
        said = f"{turn.said}\n{turn.spoken}"
        for pattern in value if isinstance(value, list) else [value]:
            found = re.search(str(pattern), said, re.IGNORECASE) is not None
            if found != (kind == "B"):
                wanted = "should have said" if kind == "B" else "should not have said"
                raise ScenarioFailed(f"{self._play.place}: the bot {wanted} {pattern!r}\n{played.transcript()}")

    async def _hear(self, played: Played, text: str) -> None:
        self._utterances += 1
        name = UtteranceId(f"u{self._utterances}")
        masked, kinds = self._player._redact(text)
        state = played.state
        source = Source.SPEECH if state.channel is Channel.VOICE else Source.TEXT
        played.turns[-1].events.append(
            Heard(utterance=name, text=masked, language=state.language, source=source, redacted=kinds)
        )
        self._text = masked
        expects = self._step.expects if self._step is not None else Expectation()
        if _SECRETS & set(kinds) or expects.sensitive:
            meaning = Understanding(masked, state.language, "pii_card", 1.0, 1.0, source=source)
        else:
            candidates = self._dialogue.content.tenant.languages
            language = await self._player._understander.detect_language(text, candidates) or state.language
            meaning = await self._player._understander.understand(
                text, tenant=self._play.tenant, language=language, expects=expects, source=source
            )
        played.turns[-1].events.append(
            Understood(
                utterance=name,
                intent=meaning.intent,
                confidence=meaning.confidence,
                in_scope=meaning.in_scope,
                source=source,
                ranking=meaning.ranking[:5],
                entities=meaning.entities,
                answer=meaning.answer,
                model=meaning.model,
            )
        )
        await self._take(played, Utterance(meaning))

    async def _take(self, played: Played, given: Given | Step) -> None:
        turn = played.turns[-1]
        while True:
            stored = DialogueState.from_json(played.state.to_json()) if _nothing_secret(played.state) else played.state
            now = self._player._now() + self._passed
            step = given if isinstance(given, Step) else self._dialogue.step(stored, given, now)
            self._step, played.state = step, step.state
            turn.events.extend(step.events)
            turn.effects.extend(step.effects)
            for effect in step.effects:
                if isinstance(effect, Say):
                    turn.events.append(
                        Said(
                            utterance=UtteranceId(f"b{len(turn.events)}"),
                            text=effect.text,
                            response=effect.response,
                            language=effect.language,
                        )
                    )
            match step.effects[-1] if step.awaiting is not None else None:
                case CallAction() as call:
                    given = await self._act(turn, call, step.state.language)
                case HandOff() if "D" not in self._next:
                    given = DeskReply(DeskAnswer.RECORDED)
                case BookCallback(number=number) if "D" not in self._next:
                    given = promise(number)
                case _:
                    return

    async def _act(self, turn: Turn, call: CallAction, language: Language) -> ActionDone:
        done = await self._player._actions.run(
            call, conversation=self._id, tenant=self._play.tenant, language=language, latest_text=self._text
        )
        outcome = "error" if done.failed else str(done.slots.get("outcome", "ok"))
        turn.events.append(ActionCalled(action=call.action, outcome=outcome, took_ms=0))
        return done


def _nothing_secret(state: DialogueState) -> bool:
    return not any(value.sensitive for _, value in state.slots)
