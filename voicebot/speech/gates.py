"""When to believe a recogniser: pure rules over one decoding.

Whisper writes fluent sentences for noise and repeats itself when it loses its way. No list of phrases is kept: what
gives such text away is that it does not fit the sound it came from.
"""

from __future__ import annotations

import unicodedata
import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GateSettings:
    """Limits; see ``bench/speech`` for what they were measured on.

    ``no_speech``/``no_speech_sure``: the recogniser's own probability of no words, with and without a weak score;
    ``weak_logprob``: mean log probability under which a text is doubtful; ``hopeless_logprob``: under which it is
    dropped; ``fastest``: characters a second of voiced sound nobody speaks faster than, by kind of script;
    ``free_chars``: what may come from the shortest voiced sound.
    """

    min_voiced_ms: float = 60.0
    no_speech: float = 0.6
    no_speech_sure: float = 0.9
    weak_logprob: float = -0.8
    hopeless_logprob: float = -1.6
    fastest_latin: float = 32.0
    fastest_kana: float = 17.0
    free_latin: int = 10
    free_kana: int = 6
    compression: float = 2.4


@dataclass(frozen=True, slots=True)
class Decoding:
    """One hypothesis with what is known of the sound. ``ended``: the recogniser itself stopped, not the length cap."""

    text: str
    avg_logprob: float
    no_speech: float
    voiced_ms: float
    ended: bool


def refused(decoding: Decoding, settings: GateSettings) -> str:
    """Why the text must not be believed, or an empty string."""
    if not any(character.isalnum() for character in decoding.text):
        return "no_words"
    if decoding.voiced_ms < settings.min_voiced_ms:
        return "no_voice"
    if decoding.no_speech > settings.no_speech_sure:
        return "no_speech"
    if decoding.no_speech > settings.no_speech and decoding.avg_logprob < settings.weak_logprob:
        return "no_speech"
    if decoding.avg_logprob < settings.hopeless_logprob:
        return "score"
    if too_much_text(decoding.text, decoding.voiced_ms, settings):
        return "too_fast"
    if looping(decoding, settings):
        return "loop"
    return ""


def doubtful(decoding: Decoding, settings: GateSettings) -> bool:
    """Whether decoding again with the full window may give something better; for a single word it does not."""
    return looping(decoding, settings) or (decoding.avg_logprob < -1.0 and decoding.voiced_ms >= 1000.0)


def looping(decoding: Decoding, settings: GateSettings) -> bool:
    """The text ran to its cap or repeats itself far beyond what anybody says."""
    if not decoding.ended:
        return True
    raw = decoding.text.encode()
    return len(raw) > 60 and len(raw) / len(zlib.compress(raw)) > settings.compression


def too_much_text(text: str, voiced_ms: float, settings: GateSettings) -> bool:
    """More characters than can be said in the voiced time; kanji count double because each is about two morae."""
    seconds = voiced_ms / 1000.0
    latin = sum(1.0 for character in text if character.isalnum() and character.isascii() and not character.isdigit())
    other = sum(_morae(character) for character in text if character.isalnum() and not character.isascii())
    return (
        latin > settings.free_latin + settings.fastest_latin * seconds
        or other > settings.free_kana + settings.fastest_kana * seconds
    )


def _morae(character: str) -> float:
    return 1.7 if "CJK UNIFIED" in unicodedata.name(character, "") else 1.0
