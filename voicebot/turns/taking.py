"""Who has the floor: a pure state machine over voice-activity frames.

The leader of the conversation tells it what the bot does (:meth:`TurnTaking.bot_started`, ``bot_stopped``), feeds it
one probability per frame of the caller's sound, and carries out the actions that come back, in order.
"""

from __future__ import annotations

from dataclasses import dataclass

from voicebot.turns.actions import (
    Action,
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
)
from voicebot.turns.settings import Listening, TurnSettings

Actions = tuple[Action, ...]

_LONGEST_FRAME_MS = 100


@dataclass(slots=True)
class _Turn:
    """The caller's open turn."""

    from_ms: int
    started_ms: int
    speech_end_ms: int
    voiced_ms: int
    barge_in: bool
    waited_from_ms: int | None
    silent: bool = False
    blip_ms: int = 0
    speculations: int = 0
    speculated: bool = False


class TurnTaking:
    """One call's turn-taking.

    At most one turn is open; every :class:`SpeechStarted` is followed by exactly one :class:`TurnEnded` or
    :class:`SpeechDropped`; :class:`NoInput` never comes while somebody speaks.
    """

    def __init__(self, settings: TurnSettings | None = None) -> None:
        self.settings = settings or TurnSettings()
        self._listening = Listening()
        self._turn: _Turn | None = None
        self._at_ms = 0
        self._onset_ms = 0
        self._run_ms = 0
        self._bot = False
        self._held = False
        self._wait_from_ms: int | None = None
        self._floor_ms = 0

    @property
    def caller_speaking(self) -> bool:
        """A turn of the caller is open."""
        return self._turn is not None

    @property
    def bot_speaking(self) -> bool:
        """A prompt is being played or held back."""
        return self._bot

    @property
    def held(self) -> bool:
        """A prompt is held back until :meth:`judge`."""
        return self._held

    @property
    def stop_ms(self) -> int:
        """Silence that ends a turn now."""
        settings, listening = self.settings, self._listening
        digits = settings.digits_stop_ms if listening.digits else 0
        return max(settings.stop_ms, digits, settings.slow_stop_ms if listening.slow else 0)

    def expect(self, listening: Listening) -> None:
        """What the question now being asked needs; holds until the next call."""
        self._listening = listening

    def bot_started(self, at_ms: int) -> Actions:
        """A prompt begins to leave the line.

        It is held back at once if the caller is in the middle of a turn, or if one that cut in is not judged yet.
        """
        unjudged = self._held and self._turn is None
        self._bot, self._held, self._wait_from_ms = True, unjudged, None
        if unjudged:
            return (PausePlayback(),)
        if self._turn is None or not self._listening.barge_in:
            return ()
        self._turn.barge_in, self._turn.waited_from_ms = True, None
        self._held = True
        return (PausePlayback(),)

    def bot_stopped(self, at_ms: int) -> Actions:
        """The prompt has been played to its end; from now on silence counts."""
        self._bot = self._held = False
        return self.wait_again(at_ms)

    def wait_again(self, at_ms: int) -> Actions:
        """Count silence from now on: after a turn that led to nothing said."""
        if not self._bot and self._turn is None:
            self._wait_from_ms = at_ms
        return ()

    def stop_waiting(self) -> None:
        """Silence does not count: the bot is at work, or the call is with a person."""
        self._wait_from_ms = None

    def keys(self, at_ms: int) -> Actions:
        """A key was pressed: it stops an interruptible prompt and restarts the wait."""
        self._run_ms = 0
        if self._wait_from_ms is not None:
            self._wait_from_ms = at_ms
        if self._bot and self._listening.barge_in:
            self._bot = self._held = False
            if self._turn is not None:
                self._turn.barge_in = False
            return (StopPlayback(),)
        return ()

    def judge(self, at_ms: int, *, words: bool) -> Actions:
        """What a barge-in was worth. ``words``: it says something; otherwise (backchannel, noise) the prompt goes on.

        May come before the turn has ended, from a speculative decode; a backchannel then ends the turn.
        """
        if not self._held:
            return ()
        self._held = False
        if words:
            self._bot = False
            if self._turn is not None:
                self._turn.barge_in = False
            return (StopPlayback(),)
        if self._turn is None:
            return (ResumePlayback(),)
        return (*self._drop(at_ms), ResumePlayback())

    def hear(self, at_ms: int, probability: float) -> Actions:
        """One frame of the caller's sound that ends at ``at_ms``, with the probability that it is speech."""
        frame_ms = min(max(0, at_ms - self._at_ms), _LONGEST_FRAME_MS)
        self._at_ms = max(at_ms, self._at_ms)
        if self._turn is None:
            return self._idle(self._at_ms, frame_ms, probability)
        return self._in_turn(self._turn, self._at_ms, frame_ms, probability)

    def line_ended(self, at_ms: int) -> Actions:
        """The line is gone: an open turn is closed as it stands."""
        self._wait_from_ms = None
        self._run_ms = 0
        return self._end(self._turn, at_ms) if self._turn is not None else ()

    # --- inside ----------------------------------------------------------------------------------------------------

    @property
    def _bot_audible(self) -> bool:
        return self._bot and not self._held

    def _is_speech(self, probability: float) -> bool | None:
        """True, False, or None between the thresholds."""
        margin = self.settings.echo_margin if self._bot_audible else 0.0
        if probability >= min(0.98, self.settings.speech_on + margin):
            return True
        return False if probability < self.settings.speech_off + margin else None

    def _idle(self, at_ms: int, frame_ms: int, probability: float) -> Actions:
        match self._is_speech(probability):
            case True:
                if self._run_ms == 0:
                    self._onset_ms = at_ms - frame_ms
                self._run_ms += frame_ms
            case False:
                self._run_ms = max(0, self._run_ms - 2 * frame_ms)
            case None:
                pass
        needed = self.settings.barge_in_ms if self._bot_audible else self.settings.start_ms
        if self._run_ms >= needed:
            return self._start(at_ms)
        waited_from = self._wait_from_ms
        if waited_from is not None and self._run_ms == 0 and at_ms - waited_from >= self._listening.no_input_ms:
            self._wait_from_ms = None
            return (NoInput(at_ms - waited_from),)
        return ()

    def _start(self, at_ms: int) -> Actions:
        cuts_in = self._bot_audible and self._listening.barge_in
        from_ms = max(self._floor_ms, self._onset_ms - self.settings.pre_roll_ms, 0)
        self._turn = _Turn(from_ms, self._onset_ms, at_ms, self._run_ms, cuts_in or self._held, self._wait_from_ms)
        self._run_ms = 0
        self._wait_from_ms = None
        started = SpeechStarted(self._onset_ms, barge_in=cuts_in)
        if not cuts_in:
            return (started,)
        self._held = True
        return (PausePlayback(), started)

    def _in_turn(self, turn: _Turn, at_ms: int, frame_ms: int, probability: float) -> Actions:
        speech = self._is_speech(probability)
        if turn.silent:
            turn.blip_ms = turn.blip_ms + frame_ms if speech else (0 if speech is False else turn.blip_ms)
            if turn.blip_ms >= self.settings.blip_ms:
                return self._went_on(turn, at_ms) + self._too_long(turn, at_ms)
        elif speech is False:
            turn.silent, turn.blip_ms = True, 0
        else:
            turn.speech_end_ms = at_ms
            turn.voiced_ms += frame_ms
            return self._too_long(turn, at_ms)
        return self._in_silence(turn, at_ms)

    def _went_on(self, turn: _Turn, at_ms: int) -> Actions:
        turn.silent = False
        turn.speech_end_ms = at_ms
        turn.voiced_ms += turn.blip_ms
        turn.blip_ms = 0
        void, turn.speculated = turn.speculated, False
        return (SpeculationVoid(),) if void else ()

    def _in_silence(self, turn: _Turn, at_ms: int) -> Actions:
        settings = self.settings
        silent_ms = at_ms - turn.speech_end_ms
        cough = turn.barge_in and self._held and turn.voiced_ms < settings.cough_ms
        if cough and silent_ms >= settings.cough_silence_ms:
            self._held = False
            return (*self._drop(at_ms), ResumePlayback())
        if silent_ms >= self.stop_ms:
            return self._end(turn, at_ms)
        due_ms = settings.speculate_ms + turn.speculations * settings.speculate_step_ms
        if not turn.speculated and not cough and turn.speculations < settings.speculations and silent_ms >= due_ms:
            turn.speculated = True
            turn.speculations += 1
            return (Speculate(turn.from_ms, at_ms),)
        return self._too_long(turn, at_ms)

    def _too_long(self, turn: _Turn, at_ms: int) -> Actions:
        if at_ms - turn.started_ms < self.settings.max_utterance_ms:
            return ()
        return (SpeechTooLong(turn.from_ms, at_ms), *self._end(turn, at_ms, forced=True))

    def _end(self, turn: _Turn, at_ms: int, *, forced: bool = False) -> Actions:
        self._turn = None
        self._floor_ms = turn.speech_end_ms
        return (
            TurnEnded(
                turn.from_ms,
                at_ms,
                turn.speech_end_ms,
                speculated=turn.speculated,
                barge_in=turn.barge_in and self._held,
                forced=forced,
            ),
        )

    def _drop(self, at_ms: int) -> Actions:
        turn, self._turn = self._turn, None
        assert turn is not None
        self._floor_ms = turn.speech_end_ms
        if turn.waited_from_ms is not None and not self._bot:
            self._wait_from_ms = at_ms
        void = (SpeculationVoid(),) if turn.speculated else ()
        return (*void, SpeechDropped(turn.from_ms, at_ms))
