"""Speech: sound to words, words to sound, in worker processes or on a remote server."""

from voicebot.speech.cache import PromptCache
from voicebot.speech.catalogue import ModelEntry, ModelFile
from voicebot.speech.pool import PoolHealth, WorkerPool
from voicebot.speech.process import WorkerSpec
from voicebot.speech.protocols import Synthesizer, Transcriber, Transcript
from voicebot.speech.registry import ModelStatus, Place, Registry
from voicebot.speech.remote import RemoteSynthesizer, RemoteTranscriber
from voicebot.speech.sentences import Piece, pieces
from voicebot.speech.service import RemoteSpeech, SpeechHealth, SpeechService, SpeechSettings
from voicebot.speech.voice import Rendered, Voice
from voicebot.speech.whisper import WhisperTranscriber, whisper_pool
from voicebot.speech.whisper_settings import WhisperSettings

__all__ = [
    "ModelEntry",
    "ModelFile",
    "ModelStatus",
    "Piece",
    "Place",
    "PoolHealth",
    "PromptCache",
    "Registry",
    "RemoteSpeech",
    "RemoteSynthesizer",
    "RemoteTranscriber",
    "Rendered",
    "SpeechHealth",
    "SpeechService",
    "SpeechSettings",
    "Synthesizer",
    "Transcriber",
    "Transcript",
    "Voice",
    "WhisperSettings",
    "WhisperTranscriber",
    "WorkerPool",
    "WorkerSpec",
    "pieces",
    "whisper_pool",
]
