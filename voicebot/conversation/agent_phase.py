"""A call while people talk: who is on it, who hears whom, what is written down and what is recorded.

:class:`AgentPhase` stands beside a call from its answer to its end. It costs nothing until somebody joins or music is
asked for. While a lead is there the bridge speaks on the customer's line; otherwise the bot does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, cast, runtime_checkable
from urllib.parse import quote

from voicebot.audio import Samples
from voicebot.channels.line import Frame, VoiceLine
from voicebot.clock import Clock
from voicebot.conversation.desk_words import DeskWords, LogPort
from voicebot.conversation.live import PartyView
from voicebot.conversation.recording import CallRecording
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import (
    AgentId,
    ConversationId,
    Event,
    HoldChanged,
    Language,
    PartyJoined,
    PartyLeft,
    RecordingChanged,
    TranscriptionChanged,
)
from voicebot.errors import ChannelError, SettingsError, StoreError
from voicebot.media import Bridge, HoldMusic, Role, hold_sound

_log = logging.getLogger(__name__)

CUSTOMER = "customer"
_BOT = "bot"
_LAST_WORDS_S = 4.0
_REFER_S = 60.0
_PartyRole = Literal["lead", "expert", "listener", "whisperer", "speaker"]


@runtime_checkable
class Referable(Protocol):
    """A line whose other end can be told to call somebody else."""

    async def transfer(self, uri: str, timeout_s: float = 60.0) -> None:
        """Returns when the other end has reached ``uri``; the line is over then. Raises ChannelError."""
        ...


@dataclass(slots=True)
class _Person:
    """Somebody of the desk who is on the call."""

    agent: AgentId
    name: str
    line: VoiceLine
    role: Role
    joined_ms: int
    muted: bool = False

    @property
    def key(self) -> str:
        return f"agent {self.agent}"


class AgentPhase:
    """A :class:`~voicebot.conversation.live.CallControl`.

    The call gives it every frame of the customer (:meth:`feed`) and of the bot (:meth:`feed_bot`), and is told:

    - ``on_lead()`` before the bridge takes the customer's line: the bot must fall silent and deaf now;
    - ``on_empty(reason)`` when the last person whom the customer heard has gone. The customer hears music until
      :meth:`music` ``(False)`` gives the line back to the bot;
    - :attr:`ended_by_desk` after a person has ended or transferred the call.

    ``answered_at_s``: when the call was answered, by the clock; times in the log count from there. The call itself
    records the customer and the bot; the people of the desk, as the customer hears them, are recorded here.
    """

    def __init__(
        self,
        parts: VoiceServices,
        line: VoiceLine,
        talk: LogPort,
        recording: CallRecording | None,
        clock: Clock,
        *,
        answered_at_s: float | None = None,
        hints: Mapping[Language, str] | None = None,
        hold_music: Path | None = None,
        on_lead: Callable[[], None] = lambda: None,
        on_empty: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._line, self._talk, self._recording, self._clock = line, talk, recording, clock
        self._epoch_s = clock.monotonic() if answered_at_s is None else answered_at_s
        self._hold_music = hold_music
        self.on_lead, self.on_empty = on_lead, on_empty
        self._people: dict[AgentId, _Person] = {}
        self._bridge: Bridge | None = None
        self._words = DeskWords(parts, talk, line.rate, recording, hints or {})
        self._changing = asyncio.Lock()
        self._notes: set[asyncio.Task[None]] = set()
        self._recorded_before = False
        self._paused = False
        self._music_wanted = False
        self._over = False
        self.ended_by_desk = False

    @property
    def conversation(self) -> ConversationId:
        """Whose call it is."""
        return self._talk.id

    @property
    def on_hold(self) -> bool:
        """The customer is on hold."""
        return self._bridge is not None and self._bridge.on_hold

    @property
    def led(self) -> bool:
        """Somebody is there whom the customer hears, so the bot is silent and deaf."""
        return any(person.role.talks for person in self._people.values())

    @property
    def owns_line(self) -> bool:
        """The bridge speaks on the customer's line: people, or music."""
        return self.led or self._music_wanted

    @property
    def ended(self) -> bool:
        """The call is over."""
        return self._over

    def parties(self) -> tuple[PartyView, ...]:
        """The people of the desk who are on the call, in the order they came."""
        return tuple(
            PartyView(person.agent, person.name, person.role, person.muted, person.joined_ms)
            for person in self._people.values()
        )

    def feed(self, frame: Frame) -> None:
        """The customer's sound."""
        if self._bridge is not None:
            self._bridge.feed(CUSTOMER, frame.samples)

    def feed_bot(self, samples: Samples) -> None:
        """The bot's sound as it leaves the line, at the line's rate, for supervisors who listen in."""
        if self._bridge is not None and not self.owns_line:
            self._bridge.feed(_BOT, samples)

    async def start(self) -> None:
        """Get ready, so that nobody waits when the first person joins."""
        await _sound(self._hold_music)

    # --- people -------------------------------------------------------------------------------------------------------

    async def join(self, agent: AgentId, name: str, line: VoiceLine, role: Role) -> None:
        """Let a person in, on an answered line; a person who is there already goes on with the new line.

        Raises:
            ChannelError: the call is over; ``line`` has been hung up.
        """
        async with self._changing:
            try:
                bridge = await self._open()
            except ChannelError:
                await line.hang_up("the call is over")
                raise
            person = _Person(agent, name, line, role, bridge.now_ms)
            await self._talk.note(PartyJoined(agent=agent, name=name, role=_role(role)))
            was_led, before = self.led, self._people.pop(agent, None)
            self._people[agent] = person
            self._words.listen_to(person.key, agent, name, role)
            bridge.join(person.key, line, role)
            if before is not None:
                await before.line.hang_up("taken over by another window")
            if role.talks and not was_led:
                self._connect(bridge)

    async def leave(self, agent: AgentId, reason: str = "") -> None:
        """Let a person go and end their line.

        Raises:
            ChannelError: the person is not on the call.
        """
        person = self._person(agent)
        if self._bridge is not None:
            self._bridge.leave(person.key)
        await self._gone(person, reason)

    async def dismiss(self, reason: str = "") -> None:
        """Let everybody go whom the customer hears, and give the line back to the bot."""
        for person in tuple(self._people.values()):
            if person.role.talks and person.agent in self._people:
                await self.leave(person.agent, reason)
        await self.music(False)

    async def hold(self, on: bool) -> None:
        """The customer hears music and is neither heard nor transcribed.

        Raises:
            ChannelError: nobody is there to hold the call.
        """
        async with self._changing:
            if not self.led or self._bridge is None:
                raise ChannelError("Nobody talks with the customer, so there is nothing to hold.")
            if on == self._bridge.on_hold:
                return
            self._words.held(on, self._bridge.now_ms)
            self._bridge.hold(on)
            await self._talk.note(HoldChanged(on=on))

    async def mute(self, agent: AgentId, on: bool) -> None:
        """Nobody hears this person."""
        person = self._person(agent)
        person.muted = on
        if self._bridge is not None:
            self._bridge.mute(person.key, on)

    async def role(self, agent: AgentId, role: Role) -> None:
        """Give a person another role; logged as if they joined in it."""
        async with self._changing:
            person = self._person(agent)
            if person.role is role or self._bridge is None:
                return
            was_led = self.led
            self._words.listen_to(person.key, agent, person.name, role)
            person.role = role
            self._bridge.role(person.key, role)
            await self._talk.note(PartyJoined(agent=agent, name=person.name, role=_role(role)))
            if self.led and not was_led:
                self._connect(self._bridge)
            if was_led and not self.led:
                await self._note(*self._emptied(f"became a {role}"))

    # --- the customer -------------------------------------------------------------------------------------------------

    async def music(self, on: bool) -> None:
        """Play music to the customer while they wait; off gives the line to the bot. Nothing changes while led."""
        async with self._changing:
            if on == self._music_wanted or self.led:
                return
            if on:
                bridge = await self._open()
                self._music_wanted = True
                bridge.play_to(CUSTOMER, True)
            else:
                self._music_wanted = False
                if self._bridge is not None:
                    self._bridge.play_to(CUSTOMER, False)

    async def pause(self, on: bool) -> None:
        """Neither record nor transcribe until told otherwise: the customer tells a secret."""
        if on == self._paused:
            return
        self._paused = on
        self._words.pause(on)
        events: tuple[Event, ...] = (TranscriptionChanged(on=not on),)
        recording = self._recording
        if recording is not None and (recording.on if on else self._recorded_before):
            self._recorded_before = on
            recording.on = not on
            events += (RecordingChanged(on=not on, reason="payment"),)
        await self._talk.note(*events)

    async def hang_up(self) -> None:
        """End the customer's call."""
        self.ended_by_desk = True
        await self._line.hang_up("ended by an agent")

    async def refer(self, uri: str, headers: Mapping[str, str]) -> None:
        """Have the customer's telephone call ``uri``; ``headers`` travel inside that address.

        Raises:
            ChannelError: the line cannot be referred, or the other side did not get through; the call goes on.
        """
        if not isinstance(self._line, Referable):
            raise ChannelError("This call did not come by telephone, so it cannot be transferred to another number.")
        packed = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in headers.items())
        self.ended_by_desk = True
        try:
            await self._line.transfer(f"{uri}?{packed}" if packed else uri, _REFER_S)
        except ChannelError:
            self.ended_by_desk = False
            raise

    async def close(self, reason: str = "the customer left") -> None:
        """The call is over: everybody leaves, the last words are written down. May be repeated."""
        async with self._changing:
            first, self._over = not self._over, True
        if not first:
            return
        for person in tuple(self._people.values()):
            if self._bridge is not None:
                self._bridge.leave(person.key)
            await self._gone(person, reason, last=True)
        if self._bridge is not None:
            await self._bridge.close()
        await asyncio.gather(*self._notes)
        await self._words.close(_LAST_WORDS_S)

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _open(self) -> Bridge:
        """The bridge, made when the first needs it."""
        if self._over:
            raise ChannelError("The call is over.")
        if self._bridge is None:
            music = HoldMusic(await _sound(self._hold_music))
            bridge = Bridge(
                self._clock,
                music,
                epoch_s=self._epoch_s,
                on_sound=self._words.sound,
                on_heard=self._words.told_customer,
                on_left=self._line_gone,
            )
            bridge.join(CUSTOMER, self._line, Role.CUSTOMER, fed=True, open=False)
            bridge.join(_BOT, None, Role.BOT, fed=True, rate=self._line.rate)
            self._bridge = bridge
        return self._bridge

    def _connect(self, bridge: Bridge) -> None:
        self.on_lead()
        self._words.listen_to_customer(CUSTOMER)
        bridge.play_to(CUSTOMER, True)
        self._music_wanted = True

    def _person(self, agent: AgentId) -> _Person:
        person = self._people.get(agent)
        if person is None:
            raise ChannelError("This person is not on the call.")
        return person

    def _line_gone(self, key: str, reason: str) -> None:
        person = next((person for person in self._people.values() if person.key == key), None)
        if person is not None:
            task = asyncio.create_task(self._gone(person, reason), name=f"a party left {self._talk.id}")
            self._notes.add(task)
            task.add_done_callback(self._notes.discard)

    async def _gone(self, person: _Person, reason: str, *, last: bool = False) -> None:
        if self._people.get(person.agent) is not person:
            return
        was_led = self.led
        del self._people[person.agent]
        self._words.forget(person.key)
        left = PartyLeft(agent=person.agent, role=_role(person.role), reason=reason)
        emptied = self._emptied(reason) if was_led and not self.led and not last else ()
        await person.line.hang_up(reason)
        await self._note(left, *emptied)

    def _emptied(self, reason: str) -> tuple[HoldChanged, ...]:
        """The last person has gone: the customer hears music, and whoever leads the call is told."""
        events: tuple[HoldChanged, ...] = ()
        if self._bridge is not None:
            if self._bridge.on_hold:
                self._words.held(False, self._bridge.now_ms)
                self._bridge.hold(False)
                events = (HoldChanged(on=False),)
            self._words.forget(CUSTOMER)
        self.on_empty(reason)
        return events

    async def _note(self, *events: Event) -> None:
        """Log what has happened already; a store that refuses must not undo it."""
        if events:
            try:
                await self._talk.note(*events)
            except StoreError as error:
                _log.error("call %s: who left was not logged: %s", self._talk.id, error)


async def _sound(file: Path | None) -> Samples:
    """The music; an operator's file that cannot be read is no reason to leave a customer in silence."""
    try:
        return await asyncio.to_thread(hold_sound, file)
    except SettingsError as error:
        _log.error("%s Our own music is played.", error)
        return await asyncio.to_thread(hold_sound)


def _role(role: Role) -> _PartyRole:
    if role in (Role.CUSTOMER, Role.BOT):
        raise ValueError(f"Nobody of the desk can be the {role}.")
    return cast(_PartyRole, role.value)
