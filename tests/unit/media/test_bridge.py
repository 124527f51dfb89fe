"""Lines joined on a clock that the test turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from tests.unit.conversation.scripted import ScriptedLine
from voicebot.audio import Samples
from voicebot.media import RATE, Bridge, HoldMusic, Role, hold_sound
from voicebot.sim.clock import VirtualClock

HEIGHTS = {"customer": 1000, "lead": 2000, "third": 4000}
MUSIC = 300


class Talk:
    """A bridge with people who each sound at one height all the time."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.sounds: dict[str, list[tuple[int, Role, int]]] = {}
        self.told: list[tuple[int, int]] = []
        self.left: list[tuple[str, str]] = []
        self.bridge = Bridge(
            self.clock,
            HoldMusic(np.full(RATE, MUSIC, np.int16)),
            on_sound=self._sound,
            on_heard=lambda samples, at_ms: self.told.append((int(samples[-1]), at_ms)),
            on_left=lambda name, reason: self.left.append((name, reason)),
        )
        self.lines: dict[str, ScriptedLine] = {}

    def _sound(self, name: str, role: Role, samples: Samples, at_ms: int) -> None:
        self.sounds.setdefault(name, []).append((int(samples[-1]), role, at_ms))

    def join(self, name: str, role: Role) -> ScriptedLine:
        line = self.lines[name] = ScriptedLine(name)
        self.bridge.join(name, line, role)
        return line

    async def go_on(self, ms: int) -> None:
        for _ in range(ms // 20):
            for name, line in self.lines.items():
                line.utter(HEIGHTS[name], 20)
                line.tick()
            await self.clock.advance(0.02)

    def hears(self, name: str) -> int:
        """The height somebody hears now, to the nearest hundred."""
        return round(int(np.median(self.lines[name].heard[-1])) / 100) * 100


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    made = Talk()
    yield made
    await made.bridge.close()


async def test_two_hear_each_other_and_not_themselves(talk: Talk) -> None:
    talk.join("customer", Role.CUSTOMER)
    talk.join("lead", Role.LEAD)
    await talk.go_on(600)
    assert (talk.hears("customer"), talk.hears("lead")) == (2000, 1000)
    assert talk.told[-1][0] == pytest.approx(2000, abs=60)


async def test_three_hear_the_sum_of_the_others(talk: Talk) -> None:
    for name, role in (("customer", Role.CUSTOMER), ("lead", Role.LEAD), ("third", Role.EXPERT)):
        talk.join(name, role)
    await talk.go_on(600)
    assert [talk.hears(name) for name in talk.lines] == [6000, 5000, 3000]


async def test_on_hold_the_customer_hears_music_and_the_others_consult(talk: Talk) -> None:
    for name, role in (("customer", Role.CUSTOMER), ("lead", Role.LEAD), ("third", Role.EXPERT)):
        talk.join(name, role)
    await talk.go_on(400)
    talk.bridge.hold(True)
    await talk.go_on(400)
    assert [talk.hears(name) for name in talk.lines] == [MUSIC, 4000, 2000]
    assert talk.told[-1][0] == 0
    talk.bridge.hold(False)
    await talk.go_on(400)
    assert [talk.hears(name) for name in talk.lines] == [6000, 5000, 3000]


async def test_a_whisper_reaches_the_lead_alone_until_its_role_changes(talk: Talk) -> None:
    for name, role in (("customer", Role.CUSTOMER), ("lead", Role.LEAD), ("third", Role.WHISPERER)):
        talk.join(name, role)
    await talk.go_on(400)
    assert [talk.hears(name) for name in talk.lines] == [2000, 5000, 3000]
    talk.bridge.role("third", Role.LISTENER)
    await talk.go_on(400)
    assert [talk.hears(name) for name in talk.lines] == [2000, 1000, 3000]
    talk.bridge.role("third", Role.SPEAKER)
    await talk.go_on(400)
    assert [talk.hears(name) for name in talk.lines] == [6000, 5000, 3000]


async def test_who_is_muted_is_neither_heard_nor_tapped(talk: Talk) -> None:
    talk.join("customer", Role.CUSTOMER)
    talk.join("lead", Role.LEAD)
    await talk.go_on(400)
    talk.bridge.mute("lead", True)
    await talk.go_on(400)
    assert talk.hears("customer") == 0
    assert talk.sounds["lead"][-1][0] == 0
    assert talk.sounds["customer"][-1][0] == pytest.approx(1000, abs=60)


async def test_when_the_last_one_is_gone_the_customer_hears_music(talk: Talk) -> None:
    talk.join("customer", Role.CUSTOMER)
    lead = talk.join("lead", Role.LEAD)
    await talk.go_on(400)
    lead.end("caller", "connection lost")
    del talk.lines["lead"]
    await talk.go_on(400)
    assert talk.left == [("lead", "connection lost")]
    assert talk.bridge.roles == {"customer": Role.CUSTOMER}
    assert talk.hears("customer") == MUSIC


async def test_a_line_that_breaks_is_taken_away_and_the_others_go_on(talk: Talk) -> None:
    class Broken(ScriptedLine):
        async def frames(self) -> AsyncIterator[object]:  # type: ignore[override]
            raise RuntimeError("gone")
            yield

    talk.join("customer", Role.CUSTOMER)
    talk.join("lead", Role.LEAD)
    talk.bridge.join("third", Broken(), Role.EXPERT)
    await talk.go_on(400)
    assert talk.left == [("third", "the line broke")]
    assert (talk.hears("customer"), talk.hears("lead")) == (2000, 1000)


async def test_a_party_may_be_fed_and_spoken_to_only_when_wanted(talk: Talk) -> None:
    line = ScriptedLine()
    talk.bridge.join("customer", line, Role.CUSTOMER, fed=True, open=False)
    talk.join("lead", Role.LEAD)
    for _ in range(20):
        talk.bridge.feed("customer", np.full(160, 1000, np.int16))
        await talk.go_on(20)
    assert line.queued_samples == 0
    assert talk.hears("lead") == 1000
    talk.bridge.play_to("customer", True)
    await talk.go_on(40)
    assert line.queued_samples > 0
    talk.bridge.play_to("customer", False)
    assert line.queued_samples == 0


async def test_times_count_from_the_epoch_in_steps_of_a_frame(talk: Talk) -> None:
    talk.join("customer", Role.CUSTOMER)
    await talk.go_on(1000)
    times = [at_ms for *_, at_ms in talk.sounds["customer"]]
    assert times == list(range(0, len(times) * 20, 20))


async def test_after_a_stall_sound_goes_on_from_now(talk: Talk) -> None:
    talk.join("customer", Role.CUSTOMER)
    lead = talk.join("lead", Role.LEAD)
    await talk.go_on(400)
    for _ in range(50):
        lead.utter(HEIGHTS["lead"], 20)
        lead.tick()
    before = len(talk.told)
    stalled = talk.clock.monotonic() + 1.0

    def stall(samples: Samples, at_ms: int) -> None:
        talk.clock._elapsed = stalled
        talk.bridge.on_heard = lambda samples, at_ms: talk.told.append((int(samples[-1]), at_ms))

    talk.bridge.on_heard = stall
    await talk.clock.advance(1.0)
    await talk.go_on(200)
    assert talk.bridge.stalls == 1
    assert len(talk.told) - before <= 12
    assert talk.told[-1][1] >= 1500
    assert talk.lines["customer"].queued_samples <= 8000 * 80 // 1000


async def test_closing_leaves_no_task_and_the_lines_alone(talk: Talk) -> None:
    before = asyncio.all_tasks()
    talk.join("customer", Role.CUSTOMER)
    talk.join("lead", Role.LEAD)
    await talk.go_on(100)
    await talk.bridge.close()
    assert asyncio.all_tasks() <= before
    assert all(line.ended is None for line in talk.lines.values())


def test_the_music_is_soft_and_goes_round_without_a_click() -> None:
    sound = hold_sound()
    wave = sound.astype(np.float64) / 32768
    assert 10 * np.log10(np.mean(wave**2)) == pytest.approx(-26, abs=0.5)
    steps = np.abs(np.diff(np.concatenate([sound, sound[:RATE]]).astype(np.int64)))
    assert steps[len(sound) - 1] <= np.percentile(steps, 99)
    levels = [np.sqrt(np.mean(wave[at : at + RATE] ** 2)) for at in range(0, len(wave) - RATE, RATE)]
    assert min(levels) > 0.2 * max(levels)
    music = HoldMusic(sound)
    parts = np.concatenate([music.take(333) for _ in range(3 * len(sound) // 333 // 2)])
    assert np.array_equal(parts[len(sound) :], sound[: len(parts) - len(sound)])
