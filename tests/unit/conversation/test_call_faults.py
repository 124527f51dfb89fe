"""What a call does when the caller leaves or something of ours fails: it ends, and nothing of it is left."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.unit.conversation.calls import PhoneCall
from tests.unit.conversation.conftest import Ring
from tests.unit.conversation.scripted import RATE, TICK_MS
from voicebot.domain import (
    Disposition,
    Ended,
    Event,
    Faulted,
    HandoffReason,
    HandoffRequested,
    Heard,
    Played,
    RecordingChanged,
    Repaired,
    Said,
    Started,
)
from voicebot.errors import BackendError, SpeechError, StoreError, UnderstandingError


def refusing(*kinds: type[Event], after: int = 0) -> Callable[[tuple[Event, ...]], Exception | None]:
    """A store that cannot write these any more once it has written ``after`` of them."""
    seen = 0

    def refuses(events: tuple[Event, ...]) -> Exception | None:
        nonlocal seen
        seen += sum(isinstance(event, kinds) for event in events)
        return StoreError("The store cannot be written.") if seen > after else None

    return refuses


def recorded(call: PhoneCall) -> dict[str, np.ndarray]:
    tracks = {}
    for file in call.folder.rglob("*.wav"):
        with wave.open(str(file)) as sound:
            assert sound.getframerate() == RATE
            tracks[file.stem] = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    return tracks


async def test_a_caller_who_leaves_in_the_middle_of_a_prompt_got_a_part_of_it(ring: Ring) -> None:
    call = await ring(quiet=False)
    await call.wait(1500)
    await call.hang_up()
    played = await call.logged(Played)
    assert [event.complete for event in played] == [True, False]
    assert played[1].played_ms == call.got_ms(2) > 0
    assert (await call.logged(Said))[1].text.startswith(played[1].text)
    assert (await call.log())[-1] == Ended(disposition=Disposition.ABANDONED_NO_REQUEST, by="customer")


async def test_a_caller_who_leaves_a_task_abandons_it(ring: Ring) -> None:
    call = await ring()
    await call.say("I want to buy bulbs")
    await call.hang_up()
    assert (await call.log())[-1] == Ended(disposition=Disposition.ABANDONED_IN_FLOW, by="customer")


async def test_a_caller_who_leaves_while_words_are_decoded_leaves_nothing_running(ring: Ring) -> None:
    call = await ring()
    call.ears.takes_s = lambda final: 5.0
    await call.say("I want to buy bulbs", pause_ms=200)
    await call.hang_up()
    call = await ring()
    call.ears.takes_s = lambda final: 5.0
    await call.say("I want to buy bulbs", pause_ms=2000)
    await call.hang_up()
    assert call.ears.cancelled == 1


async def test_a_caller_who_gives_up_before_the_answer_is_logged(ring: Ring) -> None:
    call = await ring(quiet=False, answers=False)
    await call.over(1000)
    assert [type(event) for event in await call.log()] == [Started, Ended]


@pytest.mark.parametrize("kinds", [(Played,), (Said,), (Heard,)], ids=lambda kinds: kinds[0].__name__)
async def test_a_store_that_fails_in_mid_call_ends_it(ring: Ring, kinds: tuple[type[Event], ...]) -> None:
    call = await ring(quiet=False, prepare=lambda call: setattr(call.store, "refuses", refusing(*kinds, after=1)))
    await call.wait(3600)
    if call.line.ended is None:
        await call.say("I want to buy bulbs", 600)
    if call.line.ended is None:
        await call.say("three", 600)
    with pytest.raises(StoreError):
        await call.over(5000)
    assert call.line.ended is not None and call.line.ended.by == "us"


async def test_a_store_that_fails_once_ends_the_call_as_failed(ring: Ring) -> None:
    call = await ring()
    call.store.refuses = lambda events: StoreError("busy") if isinstance(events[0], Heard) else None
    await call.say("I want to buy bulbs")
    await call.over(5000)
    assert (await call.log())[-1] == Ended(disposition=Disposition.FAILED, by="system")
    call = await ring()
    call.store.refuses = lambda events: StoreError("busy") if isinstance(events[0], Played) else None
    await call.say("I want to buy bulbs")
    await call.over(5000)
    assert (await call.log())[-1] == Ended(disposition=Disposition.FAILED, by="system")


async def test_a_store_that_fails_before_the_answer_refuses_the_call(ring: Ring) -> None:
    call = await ring(quiet=False, prepare=lambda call: setattr(call.store, "refuses", refusing(Started)))
    with pytest.raises(StoreError):
        await call.over(1000)
    assert call.line.played_samples == 0


async def test_a_voice_that_fails_for_one_prompt_is_noted_and_the_call_goes_on(ring: Ring) -> None:
    def prepare(call: PhoneCall) -> None:
        call.voice.breaks = lambda text: SpeechError("no voice") if "recorded" in text else None

    call = await ring(prepare=prepare)
    assert await call.played() == [("utter_welcome", True), ("utter_ask_need", True)]
    assert await call.logged(Faulted) == [Faulted(code="SpeechError", where="voice")]
    await call.say("I want to buy bulbs")
    await call.quiet()
    assert (await call.played())[-1] == ("utter_ask_bulbs", True)
    await call.hang_up()


@pytest.mark.parametrize("problem", [SpeechError("no voice"), RuntimeError("bug")], ids=["speech", "bug"])
async def test_a_call_without_any_voice_comes_to_an_end(ring: Ring, problem: Exception) -> None:
    call = await ring(quiet=False, prepare=lambda call: setattr(call.voice, "breaks", lambda text: problem))
    await call.over(40_000)
    assert (await call.log())[-1] == Ended(disposition=Disposition.NO_INPUT, by="bot")
    assert len(await call.logged(Faulted)) == len(await call.logged(Said))


async def test_a_prompt_that_is_not_wanted_any_more_is_no_fault_and_holds_nobody_up(ring: Ring) -> None:
    call = await ring(prepare=lambda call: setattr(call.voice, "never", lambda text: "bulbs" in text))
    await call.say("I want to buy bulbs")
    await call.wait(2000)
    assert call.line.queued_samples == 0
    await call.press("0")
    await call.over(20_000)
    assert (await call.played())[3:] == [("utter_handoff_ack", True), ("utter_handoff_hours", True)]
    assert await call.logged(Faulted) == []


async def test_a_back_end_that_fails_leads_to_a_person(ring: Ring) -> None:
    def prepare(call: PhoneCall) -> None:
        call.back_end.answers["action_take_card"] = BackendError("down")

    call = await ring(prepare=prepare)
    await call.say("let me pay")
    await call.quiet()
    await call.press("4111111111111111#")
    await call.over()
    assert (await call.logged(HandoffRequested))[0].reason is HandoffReason.BACKEND_ERROR
    assert all(complete for _, complete in (await call.played())[-3:])
    assert (await call.log())[-1] == Ended(disposition=Disposition.HANDED_OFF, by="bot")


async def test_an_unknown_caller_is_served_when_the_back_end_is_down(ring: Ring) -> None:
    def prepare(call: PhoneCall) -> None:
        call.back_end.answers["action_identify_caller"] = BackendError("down")

    call = await ring(prepare=prepare, caller="07700900123")
    assert len(await call.played()) == 3
    await call.hang_up()


async def test_an_understanding_that_fails_is_a_repair(ring: Ring) -> None:
    call = await ring()
    call.meaning.breaks = UnderstandingError("no worker")
    await call.say("I want to buy bulbs")
    await call.quiet()
    assert [event.pattern for event in await call.logged(Repaired)] == ["no_match"]
    assert await call.logged(Faulted) == [Faulted(code="UnderstandingError", where="understanding")]
    await call.hang_up()


async def test_a_bug_in_our_own_parts_ends_the_call_as_failed(ring: Ring) -> None:
    call = await ring()
    call.ears.breaks = lambda final: RuntimeError("bug")
    await call.say("I want to buy bulbs")
    await call.over(5000)
    assert (await call.log())[-1] == Ended(disposition=Disposition.FAILED, by="system")


async def test_both_parties_are_recorded_for_as_long_as_the_call(ring: Ring) -> None:
    call = await ring()
    await call.say("I want to buy bulbs", 1000)
    await call.quiet()
    await call.hang_up()
    tracks = recorded(call)
    samples = call.line.now_ms * RATE // 1000
    assert {name: len(track) for name, track in tracks.items()} == {"customer": samples, "bot": samples}
    heard = np.concatenate(call.line.heard)
    assert [int((tracks["bot"] == prompt).sum()) for prompt in (1, 2, 3, 4)] == [RATE] * 4
    late = np.flatnonzero(tracks["bot"])[0] - np.flatnonzero(heard)[0]
    assert abs(late) <= TICK_MS * RATE // 1000
    assert int((tracks["customer"] > 0).sum()) == RATE


async def test_nothing_is_left_of_a_recording_that_the_caller_refuses(ring: Ring) -> None:
    call = await ring()
    await call.say("do not record")
    await call.quiet()
    assert recorded(call) == {}
    assert [event.on for event in await call.logged(RecordingChanged)] == [False]
    await call.wait(2000)
    await call.hang_up()
    assert recorded(call) == {}


async def test_what_is_said_while_recording_pauses_is_silence_in_it(ring: Ring) -> None:
    call = await ring()
    await call.say("let me pay", 1000)
    await call.quiet()
    await call.say("four one one one", 1000)
    await call.press("4111111111111111#", every_ms=100)
    await call.quiet()
    await call.hang_up()
    tracks = recorded(call)
    assert len(tracks["customer"]) == call.line.now_ms * RATE // 1000
    assert int((tracks["customer"] > 0).sum()) == RATE


async def test_a_full_disk_ends_the_recording_and_not_the_call(ring: Ring) -> None:
    def prepare(call: PhoneCall) -> None:
        call.recordings.full_after = 1

    call = await ring(prepare=prepare)
    await call.say("I want to buy bulbs")
    await call.quiet()
    assert await call.logged(RecordingChanged) == [RecordingChanged(on=False, reason="disk")]
    assert await call.logged(Faulted) == [Faulted(code="RecordingError", where="recording")]
    assert (await call.played())[-1] == ("utter_ask_bulbs", True)
    await call.hang_up()
    assert (await call.log())[-1] == Ended(disposition=Disposition.ABANDONED_IN_FLOW, by="customer")


async def test_a_folder_that_cannot_be_written_is_no_reason_to_refuse_a_call(ring: Ring, tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("in the way")
    call = await ring()
    assert len(await call.played()) == 3
    assert await call.logged(RecordingChanged) == [RecordingChanged(on=False, reason="disk")]
    await call.hang_up()
