"""Sound: PCM, G.711, resampling, WAV, voice activity, background noise, loudness, tones."""

from voicebot.audio.g711 import alaw_decode, alaw_encode, through_phone, ulaw_decode, ulaw_encode
from voicebot.audio.loudness import active_dbfs, normalised, trimmed
from voicebot.audio.noise import NoiseEstimate, NoiseSettings
from voicebot.audio.pcm import Pcm, Samples, concat, level_dbfs, samples_of
from voicebot.audio.resample import StreamResampler
from voicebot.audio.tones import beep, comfort_noise, dtmf, hold_tone, tone
from voicebot.audio.vad import FRAME_MS, SpeechDetector, VoiceActivity
from voicebot.audio.wav import read_audio, read_wav, wav_bytes, write_wav

__all__ = [
    "FRAME_MS",
    "NoiseEstimate",
    "NoiseSettings",
    "Pcm",
    "Samples",
    "SpeechDetector",
    "StreamResampler",
    "VoiceActivity",
    "active_dbfs",
    "alaw_decode",
    "alaw_encode",
    "beep",
    "comfort_noise",
    "concat",
    "dtmf",
    "hold_tone",
    "level_dbfs",
    "normalised",
    "read_audio",
    "read_wav",
    "samples_of",
    "through_phone",
    "tone",
    "trimmed",
    "ulaw_decode",
    "ulaw_encode",
    "wav_bytes",
    "write_wav",
]
