"""Several people on one line: mixing, holding, listening in."""

from voicebot.media.ahead import Speech
from voicebot.media.bridge import Bridge
from voicebot.media.jitter import JitterBuffer
from voicebot.media.mixer import FRAME_MS, FRAME_SAMPLES, RATE, Mixer
from voicebot.media.music import HoldMusic, hold_sound
from voicebot.media.outlet import Outlet
from voicebot.media.roles import Role, may_hear
from voicebot.media.segments import Segment, Segmenter, SegmentSettings
from voicebot.media.taps import Tap

__all__ = [
    "FRAME_MS",
    "FRAME_SAMPLES",
    "RATE",
    "Bridge",
    "HoldMusic",
    "JitterBuffer",
    "Mixer",
    "Outlet",
    "Role",
    "Segment",
    "SegmentSettings",
    "Segmenter",
    "Speech",
    "Tap",
    "hold_sound",
    "may_hear",
]
