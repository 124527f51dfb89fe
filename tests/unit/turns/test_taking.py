from __future__ import annotations

import pytest

from voicebot.turns import (
    Action,
    Listening,
    NoInput,
    PausePlayback,
    ResumePlayback,
    Speculate,
    SpeculationVoid,
    SpeechDropped,
    SpeechStarted,
    SpeechTooLong,
    StopPlayback,
    TurnEnded,
    TurnTaking,
)

FRAME = 32


class Call:
    """Feeds frames and keeps what came back with the time it came at."""

    def __init__(self, listening: Listening | None = None) -> None:
        self.turns = TurnTaking()
        self.turns.expect(listening or Listening())
        self.now = 0
        self.seen: list[tuple[int, Action]] = []

    def hear(self, ms: int, probability: float) -> list[Action]:
        start = len(self.seen)
        for _ in range(ms // FRAME):
            self.now += FRAME
            self.seen += [(self.now, action) for action in self.turns.hear(self.now, probability)]
        return [action for _, action in self.seen[start:]]

    def speak(self, ms: int, probability: float = 0.95) -> list[Action]:
        return self.hear(ms, probability)

    def quiet(self, ms: int) -> list[Action]:
        return self.hear(ms, 0.02)


def kinds(actions: list[Action]) -> list[type]:
    return [type(action) for action in actions]


def test_a_plain_turn() -> None:
    call = Call()
    call.quiet(640)
    assert kinds(call.speak(960)) == [SpeechStarted]
    assert call.turns.caller_speaking
    seen = call.quiet(960)
    assert kinds(seen) == [Speculate, TurnEnded]
    ended = seen[-1]
    assert isinstance(ended, TurnEnded)
    assert ended.from_ms == 640 - 300
    assert ended.speech_end_ms == 1600
    assert 600 <= ended.to_ms - ended.speech_end_ms < 600 + FRAME
    assert ended.speculated and not ended.barge_in
    assert not call.turns.caller_speaking


def test_a_click_is_no_turn() -> None:
    call = Call()
    assert call.speak(160) == [] and call.quiet(960) == []


def test_the_turn_begins_where_the_sound_began() -> None:
    call = Call()
    call.quiet(960)
    (started,) = call.speak(320)
    assert started == SpeechStarted(960)


def test_going_on_after_a_pause_voids_the_speculation() -> None:
    call = Call()
    call.speak(640)
    assert kinds(call.quiet(320)) == [Speculate]
    assert kinds(call.speak(320)) == [SpeculationVoid]
    seen = call.quiet(960)
    assert kinds(seen) == [Speculate, TurnEnded]
    assert isinstance(seen[0], Speculate) and seen[0].from_ms == 0


def test_a_blip_in_the_silence_changes_nothing() -> None:
    call = Call()
    call.speak(640)
    call.quiet(320)
    assert call.speak(FRAME) == []
    assert kinds(call.quiet(480)) == [TurnEnded]


def test_speculation_is_bounded() -> None:
    call = Call(Listening(slow=True))
    for _ in range(9):
        call.speak(320)
        call.quiet(1280)
    assert kinds([a for _, a in call.seen]).count(Speculate) == call.turns.settings.speculations
    (ended,) = call.quiet(640)
    assert isinstance(ended, TurnEnded) and not ended.speculated


@pytest.mark.parametrize(
    ("listening", "stop_ms"),
    [
        (Listening(), 600),
        (Listening(digits=True), 1000),
        (Listening(slow=True), 1500),
        (Listening(digits=True, slow=True), 1500),
    ],
)
def test_patience_follows_the_question(listening: Listening, stop_ms: int) -> None:
    call = Call(listening)
    call.speak(640)
    before = stop_ms // FRAME * FRAME
    assert TurnEnded not in kinds(call.quiet(before - FRAME))
    assert TurnEnded in kinds(call.quiet(3 * FRAME))


def test_between_the_thresholds_the_state_holds() -> None:
    call = Call()
    call.speak(640)
    assert call.hear(2000, 0.42) == []
    assert TurnEnded in kinds(call.quiet(960))
    call = Call()
    assert call.hear(4000, 0.42) == []


def test_barge_in_with_words() -> None:
    call = Call()
    call.turns.bot_started(0)
    call.quiet(640)
    seen = call.speak(960)
    assert kinds(seen) == [PausePlayback, SpeechStarted]
    assert seen[1] == SpeechStarted(640, barge_in=True)
    (_, ended) = call.quiet(960)
    assert isinstance(ended, TurnEnded) and ended.barge_in
    assert call.turns.held
    assert call.turns.judge(call.now, words=True) == (StopPlayback(),)
    assert not call.turns.bot_speaking
    assert call.turns.judge(call.now, words=True) == ()


def test_a_cough_resumes_without_decoding() -> None:
    call = Call()
    call.turns.bot_started(0)
    call.speak(288)
    assert call.turns.held
    assert kinds(call.quiet(640)) == [SpeechDropped, ResumePlayback]
    assert call.turns.bot_speaking and not call.turns.held


def test_a_backchannel_found_early_resumes() -> None:
    call = Call()
    call.turns.bot_started(0)
    call.speak(448)
    assert kinds(call.quiet(320)) == [Speculate]
    actions = list(call.turns.judge(call.now, words=False))
    assert kinds(actions) == [SpeculationVoid, SpeechDropped, ResumePlayback]
    assert call.quiet(2000) == []


def test_a_backchannel_found_late_resumes() -> None:
    call = Call()
    call.turns.bot_started(0)
    call.speak(448)
    call.quiet(960)
    assert call.turns.judge(call.now, words=False) == (ResumePlayback(),)
    assert call.turns.bot_speaking


def test_echo_of_the_bot_does_not_interrupt_it() -> None:
    call = Call()
    call.turns.bot_started(0)
    assert call.hear(3000, 0.65) == []
    call.turns.bot_stopped(call.now)
    assert kinds(call.hear(640, 0.65)) == [SpeechStarted]


def test_a_prompt_that_may_not_be_cut_off() -> None:
    call = Call(Listening(barge_in=False))
    call.turns.bot_started(0)
    assert call.speak(960)[0] == SpeechStarted(0)
    assert PausePlayback not in kinds([a for _, a in call.seen])
    assert isinstance(call.quiet(960)[-1], TurnEnded)
    assert not call.turns.held
    assert call.turns.keys(call.now) == ()


def test_the_bot_does_not_talk_over_a_caller() -> None:
    call = Call()
    call.speak(640)
    assert call.turns.bot_started(call.now) == (PausePlayback(),)
    ended = call.quiet(960)[-1]
    assert isinstance(ended, TurnEnded) and ended.barge_in


def test_no_input_counts_from_the_end_of_the_prompt() -> None:
    call = Call(Listening(no_input_ms=3000))
    call.turns.bot_started(0)
    assert call.quiet(20000) == []
    stopped = call.now
    call.turns.bot_stopped(stopped)
    (noted,) = call.quiet(9000)
    assert isinstance(noted, NoInput) and 3000 <= noted.silent_ms < 3000 + FRAME
    assert call.seen[-1][0] - stopped == noted.silent_ms


def test_no_input_waits_for_speech_and_is_over_after_a_turn() -> None:
    call = Call(Listening(no_input_ms=3000))
    call.turns.bot_stopped(0)
    call.quiet(2900)
    assert kinds(call.speak(2000)) == [SpeechStarted]
    assert NoInput not in kinds(call.quiet(9000))


def test_keys_restart_the_wait_and_stop_the_prompt() -> None:
    call = Call(Listening(no_input_ms=3000))
    call.turns.bot_stopped(0)
    call.quiet(2900)
    assert call.turns.keys(call.now) == ()
    pressed = call.now
    assert call.quiet(2000) == []
    call.quiet(2000)
    assert call.seen[-1][0] - pressed >= 3000
    call.turns.bot_started(call.now)
    assert call.turns.keys(call.now) == (StopPlayback(),)


def test_speech_without_end_is_cut() -> None:
    call = Call()
    seen = call.speak(18500)
    assert kinds(seen)[:3] == [SpeechStarted, SpeechTooLong, TurnEnded]
    ended = seen[2]
    assert isinstance(ended, TurnEnded) and ended.forced


def test_a_turn_open_when_the_line_ends_is_closed() -> None:
    call = Call()
    call.speak(640)
    assert kinds(list(call.turns.line_ended(call.now))) == [TurnEnded]
    assert call.turns.line_ended(call.now) == ()


def test_a_prompt_that_begins_before_a_barge_in_is_judged_is_held_back_too() -> None:
    call = Call()
    call.turns.bot_started(0)
    call.speak(960)
    assert kinds(call.quiet(960))[-1] is TurnEnded
    assert kinds(list(call.turns.bot_started(call.now))) == [PausePlayback]
    assert call.turns.held
    assert kinds(list(call.turns.judge(call.now, words=False))) == [ResumePlayback]
