"""One conversation from hello to goodbye: what is heard is understood, what is decided is done, all of it is logged.

A conversation handles one turn at a time. It knows no channel: words go to a :class:`Mouth`, and whoever owns the
channel calls :meth:`Conversation.hear`, :meth:`~Conversation.keys`, :meth:`~Conversation.silence` and
:meth:`~Conversation.hang_up`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from voicebot.conversation.backend import BackEnd, CutOff, faulted
from voicebot.conversation.handover import Handover
from voicebot.conversation.journal import Journal
from voicebot.conversation.mouth import Mouth, new_id
from voicebot.conversation.services import Services
from voicebot.conversation.snapshot import from_snapshot, snapshot
from voicebot.conversation.steps import comings_and_goings, started, write_down
from voicebot.conversation.words import comprehend, masked, typed_digits, understood
from voicebot.domain import (
    Begun,
    BookCallback,
    CallAction,
    Channel,
    Contact,
    ConversationId,
    DeskNews,
    Disposition,
    End,
    Ended,
    Event,
    Given,
    HandOff,
    HandoffId,
    HungUp,
    Json,
    Keys,
    Language,
    LeaveQueue,
    NewsKind,
    OfferChat,
    Owner,
    PassOn,
    Say,
    SetPace,
    SetRecording,
    Silence,
    Source,
    SwitchLanguage,
    Unintelligible,
    Utterance,
    UtteranceId,
)
from voicebot.errors import StoreError, UnderstandingError
from voicebot.flows import DialogueState, LinePhase, Step


class Conversation(Journal):
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
        super().__init__(services, id, contact)
        self.ending: Disposition | None = None
        self.ended = False
        self.elsewhere = False
        self.passing: str | None = None
        self._dialogue = services.dialogues[contact.tenant]
        self._mouth = mouth
        self._back_end = BackEnd(services, id, contact)
        self._model = model
        self._state = state if state is not None else self._dialogue.opening_state(Begun(contact))
        self._turn = asyncio.Lock()
        self._latest_text = ""
        self._answered = answered
        self._by: Literal["agent"] | None = None
        self.on_news: Callable[[DeskNews], Awaitable[None]] = self.news
        self._handover = Handover(services, id, contact, lambda news: self.on_news(news))
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
        try:
            await services.store.append(name, [started(contact, model)], now)
        except StoreError:
            services.understander.unpin(contact.tenant, model)
            raise
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
        self._handover.watch()
        async with self._turn:
            customer, events = await self._back_end.identify(self.language)
            begun = Begun(self.contact, customer, self._handover.texts)
            state = self._dialogue.opening_state(begun)
            await self._run(self._dialogue.begin(state, begun, self._services.clock.now()), events)

    async def take_up(self) -> None:
        """Go on where the conversation was left with the desk: a question to it that was cut off is put again."""
        async with self._turn:
            if self.ended:
                return
            first = self._dialogue.go_on(self._state, self._services.clock.now())
            if (again := first or self._dialogue.asks_desk(self._state)) is not None:
                await self._run(again, [])
            self._handover.watch()
            await self._handover.take_up(self._state)

    @property
    def handoff(self) -> HandoffId | None:
        """The contact of the desk that is open, if any."""
        return self._handover.contact

    @property
    def owner(self) -> Owner:
        """Who leads, as far as this process has heard."""
        line = self._state.line
        if line is None or line.phase is LinePhase.OUT:
            return Owner.BOT
        return Owner.AGENT if line.phase is LinePhase.AGENT else Owner.QUEUE

    async def news(self, news: DeskNews) -> None:
        """The desk has news of the contact. Whoever owns the channel may take them first, by :attr:`on_news`."""
        async with self._turn:
            if self.ended or self.ending is not None:
                return
            if news.kind is NewsKind.OVER:
                self._by = "agent"
            if news.kind in (NewsKind.OVER, NewsKind.RETURNED, NewsKind.FAILED, NewsKind.CALLBACK):
                self._handover.over()
            before = self._state.line
            step = await self._step(news)
            events: list[Event] = []
            if self.contact.channel is not Channel.VOICE:
                events = comings_and_goings(before, step.state.line, news)
            await self._run(step, events)

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
            if self.owner is Owner.AGENT:
                return
            if self.expects.sensitive and source is Source.TEXT and (digits := typed_digits(text)):
                await self._run(await self._step(Keys(digits)), [])
                return
            try:
                tenant, model = self.contact.tenant, self._model
                meaning = await comprehend(
                    self._services, tenant, model, self.expects, self.language, text, source, alternatives, language
                )
            except UnderstandingError as error:
                fault = faulted(self._services, error, "understanding")
                await self._run(await self._step(Unintelligible()), [fault])
                return
            self._latest_text, _ = masked(self._services, self.expects, text)
            await self._run(await self._step(Utterance(meaning)), [understood(utterance, meaning, source)])

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

    def ended_by_agent(self) -> None:
        """Whatever ends the conversation now was an agent's doing."""
        self._by = "agent"

    async def hang_up(self, by: Literal["customer", "system"] = "customer") -> None:
        """The customer left; ``by`` the system: the line was lost, which nobody wanted."""
        async with self._turn:
            if self.ended:
                return
            if self.ending is None:
                await self._run(await self._step(HungUp()), [], deliver=False)
            await self._close(by)

    async def lose_line(self) -> None:
        """The line was lost: a customer in the middle of something gets a link to go on by chat."""
        unfinished = not self.ended and self._dialogue.unfinished(self._state)
        await self.hang_up(by="system")
        if unfinished:
            await self._note_all(await self._handover.offer_chat(self.language))

    async def passed_on(self, reached: bool) -> None:
        """The caller's telephone has reached the outside queue at :attr:`passing`, or has not and is ours still."""
        async with self._turn:
            address, self.passing = self.passing, None
            contact = self._handover.contact
            if address is None or contact is None or self.ended:
                return
            events = await self._handover.passed_on(contact, reached)
            news = DeskNews(contact, NewsKind.OVER if reached else NewsKind.FAILED)
            await self._run(await self._step(news), events, deliver=not reached)

    async def give_way(self) -> None:
        """The conversation goes on by another channel: a last word on this one, and nothing more is logged from it."""
        async with self._turn:
            if not self.ended:
                last = self._dialogue.farewell(self._state)
                self.elsewhere = True
                self.let_go()
                await self._mouth.say(UtteranceId(new_id("b-")), last)

    async def abandon(self, by: Literal["bot", "system"], disposition: Disposition = Disposition.FAILED) -> None:
        """End whatever the state: the server stops, or something broke."""
        async with self._turn:
            if not self.ended:
                self.ending = self.ending or disposition
                await self._close(by)

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
                if self._dialogue.unfinished(self._state):
                    await self._note_all(await self._handover.offer_chat(self.language))

    # --- one turn -----------------------------------------------------------------------------------------------------

    async def _give(self, given: Given) -> None:
        async with self._turn:
            if not self.ended and self.ending is None:
                await self._run(await self._step(given), [])

    async def _step(self, given: Given) -> Step:
        if isinstance(given, Utterance | Keys):
            self._state = await self._handover.placed(self._state)
        return self._dialogue.step(self._state, given, self._services.clock.now())

    async def _run(self, step: Step, events: list[Event], *, deliver: bool = True) -> None:
        while True:
            self._state, self.expects = step.state, step.expects
            events += step.events
            handoff = self._handover.name(step.state) if self._services.desk is not None else None
            prompts = write_down(step, events, instant=self._mouth.instant, handoff=handoff)
            self._heed(step)
            action = step.effects[-1] if step.awaiting is not None else None
            state = None if isinstance(action, CallAction) else snapshot(self._state, self._answered)
            await self._services.store.append(self.id, events, self._services.clock.now(), state=state)
            if deliver:
                await self._deliver(step, prompts)
            given: Given
            match action:
                case CallAction():
                    try:
                        given, events = await self._back_end.run(action, self.language, self._latest_text)
                    except CutOff as late:
                        await self._came_late(late)
                        raise
                case HandOff():
                    given, events = await self._handover.request(self._state, self.language)
                case BookCallback(number=number):
                    line = self._state.line
                    assert line is not None, "a call back comes of a wish for a person"
                    given, events = await self._handover.keep_place(line, number, self.language)
                case _:
                    break
            step = await self._step(given)
        if self.ending is not None and self._mouth.instant and deliver:
            await self._close("bot")

    async def _came_late(self, late: CutOff) -> None:
        """A change ended when the customer had gone: written down, and kept for when they come back."""
        self._state, now = self._dialogue.answered_late(self._state, late.done), self._services.clock.now()
        await self._services.store.append(self.id, late.events, now, state=snapshot(self._state, self._answered))

    def _heed(self, step: Step) -> None:
        for effect in step.effects:
            match effect:
                case SwitchLanguage(language=language):
                    self.language = language
                case End(disposition=disposition):
                    self.ending = disposition
                case PassOn(address=address):
                    self.passing = address
                case _:
                    pass

    async def _deliver(self, step: Step, names: list[UtteranceId]) -> None:
        waiting = iter(names)
        for effect in step.effects:
            match effect:
                case Say():
                    await self._mouth.say(next(waiting), effect)
                case SwitchLanguage() | SetPace() | SetRecording():
                    await self._mouth.follow(effect)
                case LeaveQueue():
                    await self._note_all(await self._handover.leave("customer"))
                case OfferChat():
                    await self._note_all(await self._handover.offer_chat(self.language))
                case _:
                    pass

    async def _close(self, by: Literal["customer", "bot", "agent", "system"]) -> None:
        disposition = self.ending or Disposition.FAILED
        await self._note_all(await self._handover.leave(by))
        await self.note(Ended(disposition=disposition, by=self._by or by))
        self.ended = True
        self._services.telemetry.endings.labels(self.contact.tenant, disposition.value).inc()
        self._release()

    def _release(self) -> None:
        self._handover.close()
        self._services.understander.unpin(self.contact.tenant, self._model)
        self._services.telemetry.live.labels(self.contact.channel.value).dec()
