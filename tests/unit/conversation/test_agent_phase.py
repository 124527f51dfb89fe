"""A call while people talk: who hears whom, what is logged, and what is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from tests.unit.conversation.scripted import RATE, TICK_MS, AtOnce, ScriptedLine
from voicebot.audio import Pcm, Samples, read_wav
from voicebot.channels.line import Frame
from voicebot.conversation.agent_phase import AgentPhase
from voicebot.conversation.live import CallControl, LiveCalls
from voicebot.conversation.recording import CallRecording
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import (
    EN,
    AgentId,
    AgentSaid,
    ConversationId,
    Event,
    Heard,
    HoldChanged,
    Language,
    Party,
    PartyJoined,
    PartyLeft,
    RecordingChanged,
)
from voicebot.errors import ChannelError, NotFound, RecordingError, StoreError
from voicebot.media import Role
from voicebot.redaction import redact
from voicebot.sim.clock import VirtualClock
from voicebot.speech import Transcript
from voicebot.store import Recordings
from voicebot.store.overheard import Overheard, from_notice, topic

SATO, KATO, LEADER = AgentId("sato"), AgentId("kato"), AgentId("leader")
CUSTOMER_SAYS, SATO_SAYS, OTHER_SAYS = 9000, 12000, 15000
WORDS = {9: "my card is 4111 1111 1111 1111", 12: "how may I help", 15: "ask for the serial number"}


class Loudness:
    """Loud is speech; at 16 kHz."""

    frame_samples = 512

    def __init__(self) -> None:
        self._left = np.zeros(0, np.int16)

    def open(self, rate: int) -> Loudness:
        return Loudness()

    def reset(self) -> None:
        self._left = np.zeros(0, np.int16)

    def feed(self, samples: Samples) -> tuple[float, ...]:
        joined = np.concatenate([self._left, samples])
        whole = len(joined) // 512 * 512
        self._left = joined[whole:]
        return tuple(0.9 if np.abs(frame).mean() > 4000 else 0.02 for frame in joined[:whole].reshape(-1, 512))


class Ears:
    """Tells words by the height of the sound."""

    async def transcribe(self, audio: Pcm, *, language: Language | None, **_asked: Any) -> Transcript:
        loud = audio.samples[np.abs(audio.samples) > 4000]
        return Transcript(WORDS[round(float(np.median(loud)) / 1000)], language or EN)


@dataclass
class Log:
    """A conversation's log."""

    id: ConversationId
    language: Language = EN
    events: list[Event] = field(default_factory=list)
    breaks: Callable[[Event], bool] = lambda event: False

    async def note(self, *events: Event) -> None:
        if any(self.breaks(event) for event in events):
            raise StoreError("The store is away.")
        self.events += events

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class _Services:
    redact = staticmethod(redact)


class Scene:
    """A call with people; everybody sounds at one height while they speak."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.log, self.folder = VirtualClock(), Log(ConversationId("c-1")), folder
        self.announced: list[tuple[str, str]] = []
        parts = VoiceServices(
            cast(Any, _Services()),
            cast(Any, Ears()),
            cast(Any, None),
            cast(Any, Loudness()),
            announce=self._announce,
        )
        self.customer = ScriptedLine("+81312345678")
        self.recording = CallRecording(Recordings(folder), self.log.id, RATE, self._failed)
        self.told: list[str] = []
        self.phase = AgentPhase(
            parts,
            self.customer,
            self.log,
            self.recording,
            self.clock,
            on_lead=lambda: self.told.append("lead"),
            on_empty=lambda reason: self.told.append(f"empty: {reason}"),
        )
        self.lines: dict[AgentId, ScriptedLine] = {}
        self.reading: asyncio.Task[None] | None = None
        self.writing: asyncio.Task[None] | None = None

    async def _announce(self, under: str, notice: str) -> None:
        self.announced.append((under, notice))

    def overheard(self, moment: str = "said") -> list[Overheard]:
        """What was announced of words that were not over, each under this call's topic."""
        assert {under for under, _ in self.announced} <= {topic(self.log.id)}
        read = [from_notice(notice) for _, notice in self.announced]
        return [one for one in read if one is not None and one.moment == moment]

    async def _failed(self, error: RecordingError) -> None:
        raise AssertionError(error)

    async def begin(self) -> None:
        await self.recording.begin()
        self.reading = asyncio.create_task(self._read())
        self.writing = asyncio.create_task(self.recording.run())

    async def _read(self) -> None:
        async for event in self.customer.frames():
            if isinstance(event, Frame):
                self.recording.add(Party.CUSTOMER, event.samples)
                self.recording.add(Party.BOT, np.zeros_like(event.samples))
                self.phase.feed(event)

    async def end(self) -> None:
        await self.phase.close()
        for task in (self.reading, self.writing):
            assert task is not None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self.recording.close()

    async def join(self, agent: AgentId, role: Role = Role.LEAD) -> ScriptedLine:
        line = self.lines[agent] = ScriptedLine(agent)
        await self.phase.join(agent, agent.title(), line, role)
        return line

    async def wait(self, ms: int) -> None:
        for _ in range(ms // TICK_MS):
            for line in (self.customer, *self.lines.values()):
                line.tick()
            await self.clock.advance(TICK_MS / 1000)

    async def say(self, line: ScriptedLine, height: int, ms: int = 1000) -> None:
        line.utter(height, ms)
        await self.wait(ms + 900)

    def level(self, line: ScriptedLine, ms: int = 100) -> int:
        """How loud somebody has heard lately."""
        return int(np.abs(np.concatenate(line.heard[-ms // TICK_MS :]).astype(int)).max())


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    asyncio.get_running_loop().set_default_executor(AtOnce())
    made = Scene(tmp_path)
    await made.begin()
    yield made
    await made.end()


async def test_both_sides_are_logged_with_their_times_and_masked(scene: Scene) -> None:
    await scene.wait(1000)
    sato = await scene.join(SATO)
    assert scene.told == ["lead"] and scene.phase.led and scene.phase.owns_line
    await scene.say(sato, SATO_SAYS)
    await scene.say(scene.customer, CUSTOMER_SAYS)
    (said,), (heard,) = scene.log.of(AgentSaid), scene.log.of(Heard)
    assert (said.agent, said.name, said.text, said.private) == (SATO, "Sato", "how may I help", False)
    assert said.started_ms == pytest.approx(1060, abs=80) and said.ended_ms == pytest.approx(2060, abs=80)
    assert "4111" not in heard.text and heard.redacted == ("card",)
    assert heard.started_ms == pytest.approx(2960, abs=80)
    assert scene.log.of(PartyJoined)[0] == PartyJoined(agent=SATO, name="Sato", role="lead")


async def test_on_hold_the_customer_hears_music_and_is_not_written_down(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.wait(200)
    await scene.phase.hold(True)
    assert scene.phase.on_hold
    scene.customer.utter(CUSTOMER_SAYS, 1000)
    await scene.say(sato, SATO_SAYS)
    assert scene.log.of(Heard) == []
    assert scene.log.of(AgentSaid)[0].private
    assert 0 < scene.level(scene.customer, 1000) < 8000
    kato = await scene.join(KATO, Role.EXPERT)
    await scene.wait(200)
    kato.utter(OTHER_SAYS, 400)
    await scene.wait(200)
    assert scene.level(sato) == pytest.approx(OTHER_SAYS, rel=0.05)
    await scene.wait(1000)
    await scene.phase.hold(False)
    await scene.say(scene.customer, CUSTOMER_SAYS)
    assert len(scene.log.of(Heard)) == 1
    assert scene.log.of(HoldChanged) == [HoldChanged(on=True), HoldChanged(on=False)]
    assert all(said.private for said in scene.log.of(AgentSaid))


async def test_words_across_the_beginning_of_a_hold_are_told_apart(scene: Scene) -> None:
    sato = await scene.join(SATO)
    sato.utter(SATO_SAYS, 3000)
    await scene.wait(1500)
    await scene.phase.hold(True)
    await scene.wait(2500)
    assert [said.private for said in scene.log.of(AgentSaid)] == [False, True]


async def test_a_whisper_is_heard_by_the_lead_and_private(scene: Scene) -> None:
    sato, leader = await scene.join(SATO), await scene.join(LEADER, Role.WHISPERER)
    await scene.wait(200)
    leader.utter(OTHER_SAYS, 1000)
    await scene.wait(400)
    assert scene.level(sato) > 14_000 and scene.level(scene.customer) == 0
    await scene.wait(1500)
    (said,) = scene.log.of(AgentSaid)
    assert said.private and said.agent == LEADER
    await scene.phase.role(LEADER, Role.SPEAKER)
    await scene.wait(200)
    leader.utter(OTHER_SAYS, 1000)
    await scene.wait(400)
    assert scene.level(scene.customer) > 14_000
    await scene.wait(1500)
    assert [said.private for said in scene.log.of(AgentSaid)] == [True, False]
    assert [joined.role for joined in scene.log.of(PartyJoined)] == ["lead", "whisperer", "speaker"]


async def test_who_listens_in_is_silent_and_leaves_the_bot_its_line(scene: Scene) -> None:
    leader = await scene.join(LEADER, Role.LISTENER)
    assert scene.told == [] and not scene.phase.led and not scene.phase.owns_line
    scene.customer.play(np.full(4000, 77, np.int16))
    for _ in range(20):
        scene.phase.feed_bot(np.full(160, 6000, np.int16))
        await scene.wait(20)
    assert scene.level(leader) == pytest.approx(6000, rel=0.05)
    assert scene.level(scene.customer, 200) == 77
    leader.utter(OTHER_SAYS, 1000)
    await scene.wait(2000)
    assert scene.log.of(AgentSaid) == []
    await scene.join(SATO)
    await scene.wait(200)
    assert scene.told == ["lead"]


async def test_the_last_to_leave_is_told_and_the_customer_hears_music_until_the_bot_takes_over(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.wait(300)
    await scene.phase.hold(True)
    sato.end("caller", "connection lost")
    await scene.wait(1000)
    assert scene.told == ["lead", "empty: connection lost"]
    assert scene.log.of(PartyLeft) == [PartyLeft(agent=SATO, role="lead", reason="connection lost")]
    assert scene.log.of(HoldChanged) == [HoldChanged(on=True), HoldChanged(on=False)]
    assert scene.level(scene.customer, 1000) > 0 and scene.phase.parties() == ()
    await scene.phase.music(False)
    assert scene.customer.queued_samples == 0 and not scene.phase.owns_line
    await scene.join(KATO)
    await scene.wait(200)
    assert scene.told[-1] == "lead"
    await scene.say(scene.customer, CUSTOMER_SAYS)
    assert len(scene.log.of(Heard)) == 1


async def test_music_while_waiting_in_the_queue(scene: Scene) -> None:
    await scene.phase.music(True)
    await scene.wait(1000)
    assert scene.level(scene.customer, 600) > 100
    await scene.phase.music(False)
    await scene.wait(200)
    assert scene.level(scene.customer) == 0
    assert scene.told == []


async def test_music_that_is_not_wanted_any_more_never_begins(scene: Scene) -> None:
    await asyncio.gather(scene.phase.music(True), scene.phase.music(False))
    await scene.wait(400)
    assert scene.level(scene.customer, 400) == 0 and not scene.phase.owns_line


async def test_while_people_talk_the_bot_cannot_have_the_line(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.phase.music(False)
    assert scene.phase.owns_line
    sato.end()
    await scene.wait(600)
    assert scene.phase.owns_line and scene.level(scene.customer, 400) > 0


async def test_a_warm_transfer(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.phase.hold(True)
    await scene.join(KATO, Role.EXPERT)
    await scene.wait(500)
    await scene.phase.hold(False)
    await scene.phase.role(KATO, Role.LEAD)
    await scene.phase.leave(SATO, "transferred")
    await scene.wait(200)
    assert sato.ended is not None and scene.told == ["lead"]
    assert [(view.agent, view.role) for view in scene.phase.parties()] == [(KATO, Role.LEAD)]
    await scene.say(scene.lines[KATO], OTHER_SAYS)
    assert not scene.log.of(AgentSaid)[-1].private


async def test_muted_people_are_not_written_down(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.phase.mute(SATO, True)
    await scene.say(sato, SATO_SAYS)
    assert scene.log.of(AgentSaid) == [] and scene.phase.parties()[0].muted
    await scene.phase.mute(SATO, False)
    await scene.say(sato, SATO_SAYS)
    assert len(scene.log.of(AgentSaid)) == 1


async def test_a_secret_is_neither_written_nor_recorded(scene: Scene) -> None:
    await scene.join(SATO)
    await scene.phase.pause(True)
    await scene.say(scene.customer, CUSTOMER_SAYS)
    await scene.phase.pause(False)
    assert scene.log.of(Heard) == []
    assert [change.on for change in scene.log.of(RecordingChanged)] == [False, True]
    await scene.say(scene.customer, CUSTOMER_SAYS)
    assert len(scene.log.of(Heard)) == 1
    await scene.end()
    track = read_wav(scene.folder / "c-1" / "customer.wav").samples
    assert not track[: 1900 * 8].any() and track[1900 * 8 :].any()


async def test_a_refused_recording_stays_off(scene: Scene) -> None:
    await scene.recording.refuse()
    sato = await scene.join(SATO)
    await scene.phase.pause(True)
    await scene.phase.pause(False)
    await scene.say(sato, SATO_SAYS)
    await scene.end()
    assert scene.log.of(RecordingChanged) == []
    assert not (scene.folder / "c-1").exists()


async def test_the_desk_has_a_track_of_its_own_beside_the_customers(scene: Scene) -> None:
    await scene.wait(3000)
    sato, leader = await scene.join(SATO), await scene.join(LEADER, Role.WHISPERER)
    await scene.say(leader, OTHER_SAYS)
    await scene.say(sato, SATO_SAYS)
    await scene.phase.hold(True)
    await scene.say(sato, OTHER_SAYS)
    await scene.end()
    tracks = {party: read_wav(scene.folder / "c-1" / f"{party}.wav").samples for party in ("customer", "agent")}
    assert len(tracks["agent"]) == pytest.approx(len(tracks["customer"]), abs=8 * 160)
    loud = np.flatnonzero(np.abs(tracks["agent"]) > 4000)
    assert loud[0] == pytest.approx(4940 * 8, abs=8 * 160)
    assert loud[-1] - loud[0] == pytest.approx(8000, abs=400)


async def test_another_window_takes_the_place_of_the_first(scene: Scene) -> None:
    first = await scene.join(SATO)
    await scene.wait(200)
    second = await scene.join(SATO)
    await scene.wait(200)
    del scene.lines[SATO]
    assert first.ended is not None and second.ended is None
    assert scene.told == ["lead"] and len(scene.phase.parties()) == 1
    assert scene.log.of(PartyLeft) == []


async def test_dismissing_gives_the_line_back_to_the_bot(scene: Scene) -> None:
    sato, leader = await scene.join(SATO), await scene.join(LEADER, Role.LISTENER)
    await scene.wait(200)
    await scene.phase.dismiss("returned to the bot")
    assert sato.ended is not None and leader.ended is None
    assert not scene.phase.owns_line and scene.customer.queued_samples == 0


async def test_the_end_of_the_call_lets_everybody_go_and_keeps_the_last_words(scene: Scene) -> None:
    sato = await scene.join(SATO)
    sato.utter(SATO_SAYS, 800)
    await scene.wait(900)
    await scene.phase.close()
    assert sato.ended is not None and scene.told == ["lead"]
    assert len(scene.log.of(AgentSaid)) == 1
    assert scene.log.of(PartyLeft)[0].reason == "the customer left"
    late = ScriptedLine()
    with pytest.raises(ChannelError):
        await scene.phase.join(KATO, "Kato", late, Role.EXPERT)
    assert late.ended is not None


async def test_a_store_that_is_away_stops_nobody_from_talking(scene: Scene) -> None:
    sato = await scene.join(SATO)
    scene.log.breaks = lambda event: True
    await scene.say(scene.customer, CUSTOMER_SAYS)
    with pytest.raises(StoreError):
        await scene.join(KATO, Role.EXPERT)
    del scene.lines[KATO]
    scene.customer.utter(CUSTOMER_SAYS, 400)
    await scene.wait(300)
    assert scene.level(sato) == pytest.approx(CUSTOMER_SAYS, rel=0.05)
    scene.log.breaks = lambda event: False
    await scene.say(scene.customer, CUSTOMER_SAYS)
    assert scene.log.of(Heard)


async def test_what_cannot_be_done_is_said(scene: Scene) -> None:
    with pytest.raises(ChannelError, match="hold"):
        await scene.phase.hold(True)
    for work in (scene.phase.leave(SATO), scene.phase.mute(SATO, True), scene.phase.role(SATO, Role.LEAD)):
        with pytest.raises(ChannelError, match="not on the call"):
            await work
    with pytest.raises(ChannelError, match="telephone"):
        await scene.phase.refer("sip:pbx@example.com", {})


async def test_hanging_up_is_known_to_be_the_desks_doing(scene: Scene) -> None:
    await scene.join(SATO)
    assert not scene.phase.ended_by_desk
    await scene.phase.hang_up()
    assert scene.customer.ended is not None and scene.phase.ended_by_desk


def test_live_calls_are_found_by_conversation(tmp_path: Path) -> None:
    class Call:
        conversation = ConversationId("c-9")

    calls, call = LiveCalls(), cast(CallControl, Call())
    calls.add(call)
    assert calls.find(ConversationId("c-9")) is call and len(calls) == 1
    calls.remove(ConversationId("c-9"))
    with pytest.raises(NotFound):
        calls.find(ConversationId("c-9"))


async def test_words_are_announced_before_they_are_over_masked_and_under_the_name_they_keep(scene: Scene) -> None:
    sato = await scene.join(SATO)
    await scene.say(sato, SATO_SAYS)
    await scene.say(scene.customer, CUSTOMER_SAYS)
    (said,), (heard,) = scene.log.of(AgentSaid), scene.log.of(Heard)
    agent, customer = (
        [one for one in scene.overheard() if one.party is party] for party in (Party.AGENT, Party.CUSTOMER)
    )
    assert agent[-1].text == said.text and {one.utterance for one in agent} == {said.utterance}
    assert {one.agent for one in agent} == {SATO} and not agent[-1].private
    assert {one.utterance for one in customer} == {heard.utterance}
    assert {one.started_ms for one in customer} == {heard.started_ms}
    assert not any("4111" in one.text for one in customer)
    assert len(scene.overheard("began")) == len(scene.overheard("ended")) == 2


async def test_words_to_a_colleague_are_announced_as_private(scene: Scene) -> None:
    await scene.join(SATO)
    leader = await scene.join(LEADER, Role.WHISPERER)
    await scene.say(leader, OTHER_SAYS)
    assert scene.overheard() and all(one.private and one.agent == LEADER for one in scene.overheard())


async def test_while_a_secret_is_told_nothing_is_announced(scene: Scene) -> None:
    await scene.join(SATO)
    scene.customer.utter(CUSTOMER_SAYS, 2000)
    await scene.wait(600)
    await scene.phase.pause(True)
    before = len(scene.announced)
    await scene.wait(3000)
    assert not any(one.text for one in scene.overheard())
    assert len(scene.announced) - before <= 2
    await scene.phase.pause(False)
    await scene.say(scene.customer, OTHER_SAYS)
    assert [one.text for one in scene.overheard() if one.text][-1] == WORDS[15]
