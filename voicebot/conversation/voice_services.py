"""What a call needs beside the services of every conversation, as ports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from voicebot.audio import SpeechDetector
from voicebot.conversation.live import LiveCalls
from voicebot.conversation.services import Services
from voicebot.conversation.speaking import SpeakingVoice
from voicebot.domain import Language, TenantId
from voicebot.speech import Transcriber
from voicebot.store import Recordings
from voicebot.telemetry import Waterfall
from voicebot.turns import TurnSettings


@dataclass(frozen=True, slots=True)
class VoiceServices:
    """Ears and voice of calls. ``hints``: words of a company that callers use.

    ``live`` is where calls are found by people who join them; ``hold_music`` a file played in place of our own.
    ``announce`` tells whoever listens under a topic what people say while they speak; without it nobody is told.
    """

    services: Services
    transcriber: Transcriber
    voice: SpeakingVoice
    detector: SpeechDetector
    recordings: Recordings | None = None
    turns: TurnSettings = field(default_factory=TurnSettings)
    on_turn: Callable[[str, Waterfall], None] | None = None
    hints: Mapping[TenantId, Mapping[Language, str]] = field(default_factory=dict)
    live: LiveCalls | None = None
    hold_music: Path | None = None
    announce: Callable[[str, str], Awaitable[None]] | None = None
