"""Rules that hold whatever the caller and the bot do."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

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

sound = st.tuples(st.just("sound"), st.integers(1, 60), st.sampled_from([0.0, 0.1, 0.4, 0.55, 0.75, 1.0]))
told = st.tuples(
    st.sampled_from(["bot_started", "bot_stopped", "keys", "words", "no_words", "wait_again", "stop_waiting"]),
    st.just(0),
    st.just(0.0),
)
question = st.tuples(st.just("expect"), st.integers(0, 15), st.just(0.0))
scripts = st.lists(sound | sound | told | question, max_size=60)


def run(script: list[tuple[str, int, float]], frame_ms: int) -> tuple[TurnTaking, list[tuple[int, float, Action]]]:
    turns, now, seen = TurnTaking(), 0, []
    for what, number, probability in script:
        actions: tuple[Action, ...] = ()
        match what:
            case "sound":
                for _ in range(number):
                    now += frame_ms
                    seen += [(now, probability, action) for action in turns.hear(now, probability)]
            case "expect":
                turns.expect(
                    Listening(bool(number & 1), bool(number & 2), 1500 if number & 4 else 7000, not number & 8)
                )
            case "words" | "no_words":
                actions = turns.judge(now, words=what == "words")
            case "stop_waiting":
                turns.stop_waiting()
            case _:
                actions = getattr(turns, what)(now)
        seen += [(now, -1.0, action) for action in actions]
    seen += [(now, -1.0, action) for action in turns.line_ended(now)]
    return turns, seen


@settings(max_examples=300, deadline=None)
@given(scripts, st.sampled_from([10, 20, 32, 96]))
def test_turns_open_and_close_in_order(script: list[tuple[str, int, float]], frame_ms: int) -> None:
    turns, seen = run(script, frame_ms)
    is_open, speculated, last_to = False, False, 0
    for at_ms, _, action in seen:
        match action:
            case SpeechStarted():
                assert not is_open
                assert action.at_ms <= at_ms
                is_open, speculated = True, False
            case Speculate():
                assert is_open and not speculated
                assert 0 <= action.from_ms < action.to_ms == at_ms
                speculated = True
            case SpeculationVoid():
                assert is_open and speculated
                speculated = False
            case SpeechTooLong():
                assert is_open
            case TurnEnded():
                assert is_open
                assert last_to <= action.from_ms <= action.speech_end_ms <= action.to_ms == at_ms
                assert action.speculated is speculated
                is_open, last_to = False, action.speech_end_ms
            case SpeechDropped():
                assert is_open and not speculated
                is_open = False
            case NoInput():
                assert not is_open
            case _:
                pass
    assert not is_open and not turns.caller_speaking


@settings(max_examples=300, deadline=None)
@given(scripts)
def test_no_input_only_in_silence(script: list[tuple[str, int, float]]) -> None:
    _, seen = run(script, 32)
    for _, probability, action in seen:
        if isinstance(action, NoInput):
            assert probability < 0.5
            assert action.silent_ms >= 1500


@settings(max_examples=300, deadline=None)
@given(scripts)
def test_a_pause_is_resolved_once(script: list[tuple[str, int, float]]) -> None:
    turns, seen = run(script, 32)
    held = False
    for _, _, action in seen:
        match action:
            case PausePlayback():
                held = True
            case ResumePlayback():
                assert held
                held = False
            case StopPlayback():
                held = False
            case _:
                pass
    if turns.held:
        assert held
