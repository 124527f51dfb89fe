"""What a call tells of itself: how promptly it answered, what the caller got of each prompt, how its recording goes."""

from __future__ import annotations

import logging
from collections.abc import Callable

from voicebot.conversation.conversation import Conversation
from voicebot.conversation.recording import CallRecording
from voicebot.conversation.speaking import Heardness
from voicebot.conversation.voice_services import VoiceServices
from voicebot.domain import RecordingChanged, SetPace, SetRecording, SwitchLanguage
from voicebot.errors import RecordingError, SpeechError
from voicebot.telemetry import Waterfall

_log = logging.getLogger(__name__)


class Accounts:
    """``talk`` and ``recording`` are set when the call has them; ``answered_at_s`` is when the line was answered."""

    def __init__(self, parts: VoiceServices, talk: Callable[[], Conversation]) -> None:
        self._parts, self._talk = parts, talk
        self._waterfall: Waterfall | None = None
        self.answered_at_s = 0.0
        self.recording: CallRecording | None = None

    def answering(self, waterfall: Waterfall) -> None:
        """The next sound of the bot answers the turn of ``waterfall``."""
        self._waterfall = waterfall

    def bot_sounds(self, now_ms: int) -> None:
        """The bot has begun to be heard."""
        waterfall, self._waterfall = self._waterfall, None
        if waterfall is None:
            return
        talk = self._talk()
        waterfall.mark("first_audio", now_ms)
        took_s = waterfall.marks["first_audio"] / 1000
        self._parts.services.telemetry.response_s.labels(talk.contact.tenant, talk.language).observe(took_s)
        if self._parts.on_turn is not None:
            self._parts.on_turn(talk.id, waterfall)

    async def played(self, heard: Heardness) -> None:
        """A prompt is over."""
        first_s = heard.first_audio_s
        if heard.played_ms > 0 and not self._talk().elsewhere:
            await self._talk().played(
                heard.utterance,
                heard.text,
                complete=heard.complete,
                played_ms=heard.played_ms,
                first_audio_ms=None if first_s is None else round((first_s - self.answered_at_s) * 1000),
            )
        if heard.failed:
            await self._talk().fault(SpeechError("A prompt could not be spoken."), "voice")

    async def follow(self, change: SwitchLanguage | SetPace | SetRecording) -> None:
        """Recording stops, goes on, or is deleted, as the dialogue decided."""
        if isinstance(change, SetRecording) and self.recording is not None:
            if change.discard:
                await self.recording.refuse()
            else:
                self.recording.on = change.on

    async def recording_failed(self, error: RecordingError) -> None:
        """The disk takes no more; the call goes on."""
        talk = self._talk()
        _log.warning("call %s goes on without recording: %s", talk.id, error)
        await talk.fault(error, "recording", RecordingChanged(on=False, reason="disk"))
