"""A call while people talk: what is written down, recorded and told while it is said, and what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.unit.conversation.people_on_a_call import (
    CUSTOMER_SAYS,
    KATO,
    LEADER,
    OTHER_SAYS,
    SATO,
    SATO_SAYS,
    WORDS,
    Scene,
    call_with_people,
)
from voicebot.audio import read_wav
from voicebot.domain import (
    AgentSaid,
    Heard,
    Party,
    PartyJoined,
    RecordingChanged,
    TranscriptionChanged,
)
from voicebot.errors import StoreError
from voicebot.media import Role


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with call_with_people(tmp_path) as made:
        yield made


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


async def test_words_across_the_beginning_of_a_hold_are_told_apart(scene: Scene) -> None:
    sato = await scene.join(SATO)
    sato.utter(SATO_SAYS, 3000)
    await scene.wait(1500)
    await scene.phase.hold(True)
    await scene.wait(2500)
    assert [said.private for said in scene.log.of(AgentSaid)] == [False, True]


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
    assert [change.on for change in scene.log.of(TranscriptionChanged)] == [False, True]
    await scene.say(scene.customer, CUSTOMER_SAYS)
    assert len(scene.log.of(Heard)) == 1
    await scene.end()
    track = read_wav(scene.folder / "c-1" / "customer.wav").samples
    assert not track[: 1900 * 8].any() and track[1900 * 8 :].any()


async def test_a_refused_recording_stays_off_and_whoever_reads_along_still_learns_of_the_pause(scene: Scene) -> None:
    await scene.recording.refuse()
    sato = await scene.join(SATO)
    await scene.phase.pause(True)
    assert scene.log.of(TranscriptionChanged) == [TranscriptionChanged(on=False)]
    await scene.phase.pause(False)
    assert scene.log.of(TranscriptionChanged)[-1] == TranscriptionChanged(on=True) and not scene.recording.on
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
