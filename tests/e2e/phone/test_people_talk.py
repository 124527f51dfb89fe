"""A customer and an agent on real phones, listened to with the real detector and the real recogniser."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import Phone, phone, until
from tests.e2e.phone.voices import english
from voicebot.audio import Pcm, read_wav
from voicebot.channels.line import Frame, VoiceLine
from voicebot.clock import SystemClock
from voicebot.conversation.agent_phase import AgentPhase
from voicebot.conversation.recording import CallRecording
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import (
    EN,
    AgentId,
    AgentSaid,
    ConversationId,
    Event,
    Heard,
    Language,
    Party,
    PartyJoined,
    PartyLeft,
)
from voicebot.errors import RecordingError
from voicebot.media import Role
from voicebot.redaction import redact
from voicebot.speech import SpeechService, SpeechSettings
from voicebot.store import Recordings

ASKS = "I want to cancel my order, my card number is 4111 1111 1111 1111."
ANSWERS = "Of course, I will cancel the order for you."
SATO = AgentId("sato")


class Redacting:
    """Of all services, people talking need this one."""

    redact = staticmethod(redact)


@dataclass
class Talk:
    """The log of one call."""

    id: ConversationId
    language: Language = EN
    events: list[Event] = field(default_factory=list)

    async def note(self, *events: Event) -> None:
        self.events += events

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class Led:
    """One call from its answer to its end, with people on it."""

    def __init__(self, speech: SpeechService, folder: Path) -> None:
        self.talk, self.folder, self.speech = Talk(ConversationId("c-1")), folder, speech
        self.phase: AgentPhase | None = None
        self.over = asyncio.Event()

    async def take(self, line: VoiceLine) -> None:
        parts = VoiceServices(cast(Any, Redacting()), self.speech.transcriber, self.speech.voice, self.speech.detector)
        await line.answer()
        recording = CallRecording(Recordings(self.folder), self.talk.id, line.rate, self._failed)
        await recording.begin()
        phase = AgentPhase(parts, line, self.talk, recording, SystemClock())
        await phase.start()
        self.phase = phase
        async for event in line.frames():
            if isinstance(event, Frame):
                recording.add(Party.CUSTOMER, event.samples)
                recording.add(Party.BOT, np.zeros_like(event.samples))
                phase.feed(event)
        await phase.close()
        await recording.close()
        self.over.set()

    async def _failed(self, error: RecordingError) -> None:
        raise AssertionError(error)


async def ring(server: Any, there: Phone) -> VoiceLine:
    dialling = asyncio.create_task(server.dial(f"sip:caller@127.0.0.1:{there.sip_port}", {"X-Handoff-Id": "ho-1"}, 10))
    await there.event("CALL_INCOMING")
    await there.command("accept")
    return cast(VoiceLine, await dialling)


def loud(sound: Pcm) -> bool:
    return len(sound) > 0 and int(np.abs(sound.samples.astype(int)).max()) > 2000


async def test_both_sides_are_written_down_masked_and_recorded_apart(tmp_path: Path) -> None:
    speech = SpeechService(SpeechSettings(cache_dir=tmp_path / "speech"))
    await speech.start()
    try:
        led = Led(speech, tmp_path / "recordings")
        async with serving(Bot()) as server, phone(tmp_path / "c") as customer, phone(tmp_path / "a") as agent:
            server.on_call = led.take
            await customer.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}")
            await until(lambda: led.phase is not None, "the call to be led")
            assert led.phase is not None
            await led.phase.join(SATO, "Sato", await ring(server, agent), Role.LEAD)
            await customer.say(english(ASKS))
            await until(lambda: led.talk.of(Heard), "the customer's words", 30)
            await agent.say(english(ANSWERS))
            await until(lambda: led.talk.of(AgentSaid), "the agent's words", 30)
            await led.phase.hold(True)
            await agent.say(english("I will ask a colleague about the refund."))
            await until(lambda: len(led.talk.of(AgentSaid)) == 2, "the words on hold", 30)
            await customer.hang_up()
            await asyncio.wait_for(led.over.wait(), 20)
            await agent.event("CALL_CLOSED")
        heard = " ".join(event.text for event in led.talk.of(Heard)).casefold()
        assert "cancel my order" in heard and "4111" not in heard
        said = led.talk.of(AgentSaid)
        assert "cancel the order" in said[0].text.casefold() and "refund" in said[1].text.casefold()
        assert [event.private for event in said] == [False, True]
        assert led.talk.of(Heard)[-1].ended_ms < said[0].started_ms < said[0].ended_ms < said[1].started_ms
        assert [type(event) for event in (led.talk.events[0], led.talk.events[-1])] == [PartyJoined, PartyLeft]
        tracks = {name: read_wav(led.folder / "c-1" / f"{name}.wav") for name in ("customer", "agent")}
        assert loud(tracks["customer"]) and loud(tracks["agent"])
        assert not loud(tracks["agent"].cut(said[1].started_ms - 100, said[1].ended_ms + 100))
    finally:
        await speech.close()
