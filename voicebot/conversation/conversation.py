"""One conversation from hello to goodbye: what is heard is understood, what is decided is done, all of it is logged.

A conversation handles one turn at a time. It knows no channel: words go to a :class:`Mouth`, and whoever owns the
channel calls :meth:`Conversation.hear`, :meth:`~Conversation.keys`, :meth:`~Conversation.silence` and
:meth:`~Conversation.hang_up`.
"""

from __future__ import annotations

import asyncio
import unicodedata
import uuid
from collections.abc import Mapping
from typing import Literal, Protocol

from voicebot.conversation.services import Services
from voicebot.conversation.snapshot import from_snapshot, snapshot
from voicebot.domain import (
    ActionCalled,
    ActionDone,
    Begun,
    CallAction,
    Contact,
    ConversationId,
    Disposition,
    End,
    Ended,
    Event,
    Expectation,
    Faulted,
    Given,
    HandOff,
    Heard,
    HungUp,
    Json,
    Keys,
    Language,
    Owner,
    Played,
    Said,
    Say,
    SetPace,
    SetRecording,
    Silence,
    Source,
    Started,
    SwitchLanguage,
    Understanding,
    Understood,
    Unintelligible,
    Utterance,
    UtteranceId,
)
from voicebot.errors import BackendError, UnderstandingError, VoicebotError
from voicebot.flows import DialogueState, Step

SECRET_KINDS = frozenset({"card", "cvv", "pin", "password", "one_time_code"})
"""Kinds of redaction that mean: a secret was given where none belongs."""

_IDENTIFY = "action_identify_caller"


def typed_digits(text: str) -> str:
    """A number typed on its own, spaces and hyphens left out; empty when there is anything else."""
    bare = unicodedata.normalize("NFKC", text).translate({ord(" "): None, ord("-"): None}).strip()
    return bare if bare.isascii() and bare.isdigit() else ""


def new_id(prefix: str = "") -> str:
    """A short random id that cannot be guessed."""
    return f"{prefix}{uuid.uuid4().hex}"


class Mouth(Protocol):
    """Where the bot's words go. ``instant``: delivered at once, so what was said was also received."""

    @property
    def instant(self) -> bool:
        """Whether words arrive as a whole the moment they are handed over."""
        ...

    async def say(self, utterance: UtteranceId, prompt: Say) -> None:
        """Deliver one prompt, behind those before it; a voice returns before the prompt has been played."""
        ...

    async def follow(self, change: SwitchLanguage | SetPace | SetRecording) -> None:
        """Change how the channel hears and speaks from the next prompt on."""
        ...


class Conversation:
    """A contact of one customer with one company."""

    def __init__(
        self,
        services: Services,
        contact: Contact,
        mouth: Mouth,
        *,
        id: ConversationId,
        model: str,
        state: DialogueState | None = None,
        answered: UtteranceId | None = None,
    ) -> None:
        self.id = id
        self.contact = contact
        self.language: Language = contact.language
        self.expects = Expectation()
        self.ending: Disposition | None = None
        self.ended = False
        self._services = services
        self._dialogue = services.dialogues[contact.tenant]
        self._mouth = mouth
        self._model = model
        self._state = state if state is not None else self._dialogue.opening_state(Begun(contact))
        self._turn = asyncio.Lock()
        self._latest_text = ""
        self._answered = answered
        if state is not None:
            self.expects = self._dialogue.expects(state, services.clock.now())
            self.language = state.language

    @classmethod
    async def begin(
        cls, services: Services, contact: Contact, mouth: Mouth, *, id: ConversationId | None = None
    ) -> Conversation:
        """Open the log, find out who calls, and greet.

        Raises:
            StoreError: the conversation cannot be logged, so it must not be held.
        """
        conversation = await cls.open(services, contact, mouth, id=id)
        await conversation.greet()
        return conversation

    @classmethod
    async def open(
        cls, services: Services, contact: Contact, mouth: Mouth, *, id: ConversationId | None = None
    ) -> Conversation:
        """Open the log without greeting yet; a phone does this while it still rings."""
        name = id or ConversationId(new_id("c-"))
        now = services.clock.now()
        await services.store.open_conversation(
            name, contact.tenant, contact.channel, contact.language, contact.entry_point, now
        )
        model = services.understander.pin(contact.tenant)
        started = Started(
            tenant=contact.tenant,
            channel=contact.channel,
            language=contact.language,
            entry_point=contact.entry_point,
            caller_known=contact.caller_number is not None,
            versions={"nlu": model},
        )
        await services.store.append(name, [started], now)
        services.telemetry.conversations.labels(contact.tenant, contact.channel.value, contact.language).inc()
        services.telemetry.live.labels(contact.channel.value).inc()
        return cls(services, contact, mouth, id=name, model=model)

    @classmethod
    def resume(
        cls,
        services: Services,
        contact: Contact,
        mouth: Mouth,
        *,
        id: ConversationId,
        kept: Json,
        ended: bool,
    ) -> Conversation:
        """Take up a conversation of the store from its snapshot, with the model that is live now."""
        model = "" if ended else services.understander.pin(contact.tenant)
        state, answered = from_snapshot(kept)
        talk = cls(services, contact, mouth, id=id, model=model, state=state, answered=answered)
        talk.ended = ended
        if not ended:
            services.telemetry.live.labels(contact.channel.value).inc()
        return talk

    async def greet(self) -> None:
        """Say hello; a caller whose number the back end knows is recognised."""
        async with self._turn:
            begun = Begun(self.contact, await self._identify())
            state = self._dialogue.opening_state(begun)
            await self._run(self._dialogue.begin(state, begun, self._services.clock.now()), [])

    async def hear(
        self,
        text: str,
        source: Source,
        *,
        utterance: UtteranceId | None = None,
        confidence: float = 1.0,
        alternatives: tuple[str, ...] = (),
        language: Language | None = None,
        started_ms: int = 0,
        ended_ms: int = 0,
        key: str | None = None,
    ) -> int:
        """Log words of the customer. Returns the number of the event; :meth:`answer` then answers them.

        ``key`` makes it idempotent (see the store); ``language`` is what the recogniser heard, if it can tell.
        """
        name = utterance or UtteranceId(new_id("u-"))
        masked, found = self._masked(text)
        event = Heard(
            utterance=name,
            text=masked,
            language=language or self.language,
            source=source,
            confidence=confidence,
            alternatives=tuple(self._services.redact(other).text for other in alternatives),
            started_ms=started_ms,
            ended_ms=ended_ms,
            redacted=found,
        )
        written = await self._services.store.append(self.id, [event], self._services.clock.now(), key=key)
        self._services.telemetry.turns.labels(self.contact.tenant, source.value).inc()
        return written[0].seq

    async def answer(
        self,
        text: str,
        source: Source,
        *,
        utterance: UtteranceId,
        alternatives: tuple[str, ...] = (),
        language: Language | None = None,
    ) -> None:
        """Understand words that :meth:`hear` has logged, and reply."""
        async with self._turn:
            if self.ended:
                return
            self._answered = utterance
            if self.expects.sensitive and source is Source.TEXT and (digits := typed_digits(text)):
                await self._run(await self._step(Keys(digits)), [])
                return
            try:
                understanding = await self._understand(text, source, alternatives, language)
            except UnderstandingError as error:
                await self._run(await self._step(Unintelligible()), [self._fault(error, "understanding")])
                return
            self._latest_text, _ = self._masked(text)
            events: list[Event] = [
                Understood(
                    utterance=utterance,
                    intent=understanding.intent,
                    confidence=understanding.confidence,
                    in_scope=understanding.in_scope,
                    source=source,
                    ranking=understanding.ranking[:5],
                    entities=understanding.entities,
                    answer=understanding.answer,
                    model=understanding.model,
                )
            ]
            await self._run(await self._step(Utterance(understanding)), events)

    @property
    def answered(self) -> UtteranceId | None:
        """The last utterance that was answered to its end; later ones are still open."""
        return self._answered

    async def keys(self, digits: str) -> None:
        """The customer keyed in ``digits`` (terminator removed)."""
        await self._give(Keys(digits))

    async def silence(self) -> None:
        """The customer said nothing for as long as the bot was ready to wait."""
        await self._give(Silence())

    async def unintelligible(self, *, noisy: bool = False) -> None:
        """Something was said that could not be made out."""
        await self._give(Unintelligible(noisy=noisy))

    async def danger(self, text: str, language: Language) -> bool:
        """Screen a partial text; act at once when it tells of danger. Returns whether it did."""
        hit = self._services.screen.screen(text, language)
        if hit is None or not hit.certain:
            return False
        await self._give(hit)
        return True

    async def hang_up(self) -> None:
        """The customer left."""
        async with self._turn:
            if self.ended:
                return
            if self.ending is None:
                await self._run(await self._step(HungUp()), [], deliver=False)
            await self._close("customer")

    async def abandon(self, by: Literal["bot", "system"], disposition: Disposition = Disposition.FAILED) -> None:
        """End whatever the state: the server stops, or something broke."""
        async with self._turn:
            if not self.ended:
                self.ending = self.ending or disposition
                await self._close(by)

    async def played(
        self, utterance: UtteranceId, text: str, *, complete: bool, played_ms: int, first_audio_ms: int | None
    ) -> None:
        """Log what the customer got of a prompt that was handed to the mouth."""
        event = Played(
            utterance=utterance, text=text, complete=complete, played_ms=played_ms, first_audio_ms=first_audio_ms
        )
        await self.note(event)

    async def note(self, *events: Event) -> None:
        """Log something the channel saw."""
        await self._services.store.append(self.id, events, self._services.clock.now())

    async def fault(self, error: VoicebotError, where: str, *also: Event) -> None:
        """Log a fault of ours that the conversation survives, and what follows from it."""
        await self.note(self._fault(error, where), *also)

    def let_go(self) -> None:
        """Give back what this process holds of a conversation that goes on in the store."""
        if not self.ended:
            self.ended = True
            self._release()

    async def finish(self) -> None:
        """Close the log once the last words are out. Does nothing while the dialogue still goes on."""
        async with self._turn:
            if self.ending is not None and not self.ended:
                await self._close("bot")

    # --- one turn -----------------------------------------------------------------------------------------------------

    async def _give(self, given: Given) -> None:
        async with self._turn:
            if not self.ended and self.ending is None:
                await self._run(await self._step(given), [])

    async def _step(self, given: Given) -> Step:
        return self._dialogue.step(self._state, given, self._services.clock.now())

    async def _run(self, step: Step, events: list[Event], *, deliver: bool = True) -> None:
        while True:
            self._state, self.expects = step.state, step.expects
            events += step.events
            prompts = self._prepare(step, events)
            state = None if step.awaiting is not None else snapshot(self._state, self._answered)
            await self._services.store.append(self.id, events, self._services.clock.now(), state=state)
            if deliver:
                await self._deliver(step, prompts)
            if step.awaiting is None:
                break
            call = step.effects[-1]
            assert isinstance(call, CallAction), "a step that awaits an action ends in it"
            done, events = await self._act(call)
            step = await self._step(done)
        if self.ending is not None and self._mouth.instant and deliver:
            await self._close("bot")

    def _prepare(self, step: Step, events: list[Event]) -> list[UtteranceId]:
        names = []
        for effect in step.effects:
            match effect:
                case Say():
                    name = UtteranceId(new_id("b-"))
                    names.append(name)
                    events.append(
                        Said(
                            utterance=name,
                            text=effect.text,
                            response=effect.response,
                            language=effect.language,
                            buttons=effect.buttons,
                        )
                    )
                    if self._mouth.instant:
                        events.append(Played(utterance=name, text=effect.text, complete=True))
                case SwitchLanguage(language=language):
                    self.language = language
                case End(disposition=disposition):
                    self.ending = disposition
                case _:
                    pass
        return names

    async def _deliver(self, step: Step, names: list[UtteranceId]) -> None:
        waiting = iter(names)
        for effect in step.effects:
            match effect:
                case Say():
                    await self._mouth.say(next(waiting), effect)
                case SwitchLanguage() | SetPace() | SetRecording():
                    await self._mouth.follow(effect)
                case HandOff():
                    await self._services.store.change_owner(self.id, Owner.BOT, Owner.QUEUE)
                case _:
                    pass

    async def _act(self, call: CallAction) -> tuple[ActionDone, list[Event]]:
        clock = self._services.clock
        began = clock.monotonic()
        events: list[Event] = []
        try:
            done = await self._services.actions.run(
                call,
                conversation=self.id,
                tenant=self.contact.tenant,
                language=self.language,
                latest_text=self._latest_text,
            )
        except BackendError as error:
            done = ActionDone(call.action, failed=True)
            events.append(self._fault(error, call.action))
        took_ms = round((clock.monotonic() - began) * 1000)
        self._services.telemetry.stage_s.labels("action").observe(took_ms / 1000)
        outcome = "error" if done.failed else str(done.slots.get("outcome", "ok"))
        events.append(ActionCalled(action=call.action, outcome=outcome, took_ms=took_ms))
        return done, events

    async def _identify(self) -> Mapping[str, Json]:
        if self.contact.caller_number is None:
            return {}
        call = CallAction(_IDENTIFY, {"caller_number": self.contact.caller_number})
        done, events = await self._act(call)
        await self.note(*events)
        return {} if done.failed else done.slots

    async def _understand(
        self, text: str, source: Source, alternatives: tuple[str, ...], language: Language | None
    ) -> Understanding:
        masked, found = self._masked(text)
        spoken = language or self.language
        if SECRET_KINDS & set(found):
            return Understanding(masked, spoken, "pii_card", 1.0, 1.0, source=source, model=self._model)
        if language is None:
            known = self._services.languages[self.contact.tenant]
            spoken = await self._services.understander.detect_language(text, known) or self.language
        with self._services.telemetry.stage_s.labels("understand").time():
            return await self._services.understander.understand(
                text,
                tenant=self.contact.tenant,
                language=spoken,
                expects=self.expects,
                source=source,
                alternatives=alternatives,
                model=self._model,
            )

    def _masked(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Words fit for the log; while a secret is asked for, every digit may be part of it."""
        masked = self._services.redact(text)
        if not self.expects.sensitive or not any(character.isdigit() for character in masked.text):
            return masked.text, masked.found
        hidden = "".join("*" if character.isdigit() else character for character in masked.text)
        return hidden, (*masked.found, "one_time_code")

    def _fault(self, error: VoicebotError, where: str) -> Faulted:
        code = type(error).__name__
        self._services.telemetry.faults.labels(code).inc()
        return Faulted(code=code, where=where)

    async def _close(self, by: Literal["customer", "bot", "agent", "system"]) -> None:
        disposition = self.ending or Disposition.FAILED
        await self.note(Ended(disposition=disposition, by=by))
        self.ended = True
        self._services.telemetry.endings.labels(self.contact.tenant, disposition.value).inc()
        self._release()

    def _release(self) -> None:
        self._services.understander.unpin(self.contact.tenant, self._model)
        self._services.telemetry.live.labels(self.contact.channel.value).dec()
