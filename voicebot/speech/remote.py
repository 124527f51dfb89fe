"""Speech over HTTP: a client of OpenAI-compatible ``/v1/audio/transcriptions`` and ``/v1/audio/speech``.

OpenAI, vLLM, speaches, LocalAI and others answer the same two calls, so a GPU server can take over either half.
"""

from __future__ import annotations

import math
import time
from typing import Any

import httpx

from voicebot.audio import Pcm, read_audio, read_wav, trimmed, wav_bytes
from voicebot.domain import Language
from voicebot.errors import SpeechError
from voicebot.speech.gates import Decoding, GateSettings, refused
from voicebot.speech.protocols import Transcript
from voicebot.speech.synthesis import speakable

_NAMES = {"japanese": "ja", "english": "en"}
_MAX_REPLY_BYTES = 64 * 1024 * 1024


class RemoteTranscriber:
    """Recognition by a server. Its texts pass the same gate as ours, as far as it reports scores."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str = "",
        timeout_s: float = 10.0,
        prompts: dict[str, str] | None = None,
        gate: GateSettings | None = None,
        fallback_language: Language | None = None,
    ) -> None:
        self._http = _client(url, key, timeout_s)
        self._model = model
        self._prompts = prompts or {}
        self._gate = gate or GateSettings()
        self._fallback = fallback_language or Language("en")

    async def transcribe(
        self,
        audio: Pcm,
        *,
        language: Language | None,
        digits: bool = False,
        final: bool = True,
        partial: bool = False,
        switchable: bool = False,
        hints: str = "",
    ) -> Transcript:
        """See :class:`~voicebot.speech.protocols.Transcriber`."""
        started = time.monotonic()
        form = {"model": self._model, "response_format": "verbose_json", "temperature": "0"}
        told = None if switchable else language
        if told is not None:
            form["language"] = told
        if prompt := " ".join(part for part in (self._prompts.get(language or "", ""), hints) if part):
            form["prompt"] = prompt
        reply = await _post(
            self._http,
            "audio/transcriptions",
            data=form,
            files={"file": ("speech.wav", wav_bytes(audio.resample(16000)), "audio/wav")},
        )
        said = _object(reply)
        text = said.get("text")
        if not isinstance(text, str):
            raise SpeechError("The recognition server's answer holds no text. Check that it is OpenAI-compatible.")
        segments = [part for part in said.get("segments") or [] if isinstance(part, dict)]
        no_speech = max((_number(part.get("no_speech_prob"), 0.0) for part in segments), default=0.0)
        logprob = min((_number(part.get("avg_logprob"), 0.0) for part in segments), default=0.0)
        decoding = Decoding(text.strip(), logprob, no_speech, audio.ms, ended=True)
        heard = str(said.get("language") or "").casefold()
        return Transcript(
            text="" if refused(decoding, self._gate) else decoding.text,
            language=told or Language(_NAMES.get(heard, heard[:2]) or language or self._fallback),
            language_confidence=1.0,
            no_speech=no_speech,
            avg_logprob=logprob,
            audio_ms=audio.ms,
            decode_ms=(time.monotonic() - started) * 1000.0,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


class RemoteSynthesizer:
    """A voice on a server; asks for WAV and takes any file FFmpeg reads."""

    def __init__(self, url: str, model: str, voice: str, *, key: str = "", timeout_s: float = 10.0) -> None:
        self._http = _client(url, key, timeout_s)
        self._model = model
        self._voice = voice
        self._name = f"remote-{httpx.URL(url).host}-{model}-{voice}"

    @property
    def name(self) -> str:
        """Server, model and voice."""
        return self._name

    async def synthesize(self, text: str, language: Language, pace: float = 1.0, *, ahead: bool = False) -> Pcm:
        """See :class:`~voicebot.speech.protocols.Synthesizer`."""
        if not speakable(text):
            raise SpeechError("There is nothing to say in the text: it holds no letter or digit.")
        reply = await _post(
            self._http,
            "audio/speech",
            json={
                "model": self._model,
                "voice": self._voice,
                "input": text,
                "response_format": "wav",
                "speed": pace,
            },
        )
        try:
            sound = read_wav(reply.content)
        except SpeechError:
            sound = read_audio(reply.content)
        sound = trimmed(sound)
        if len(sound) == 0:
            raise SpeechError(f"The speech server made no sound with the voice {self._voice}.")
        return sound

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _client(url: str, key: str, timeout_s: float) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(
        base_url=url.rstrip("/") + "/", headers=headers, timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 3.0))
    )


async def _post(client: httpx.AsyncClient, path: str, **content: Any) -> httpx.Response:
    """POST, with every way it can fail as one kind of error that quotes nothing of what was sent."""
    try:
        reply = await client.post(path, **content)
    except httpx.TimeoutException as problem:
        raise SpeechError(f"The speech server at {client.base_url} did not answer in time.") from problem
    except httpx.HTTPError as problem:
        raise SpeechError(
            f"The speech server at {client.base_url} cannot be reached ({type(problem).__name__}). Is it running?"
        ) from problem
    if reply.status_code in (401, 403):
        raise SpeechError(f"The speech server at {client.base_url} refused the key ({reply.status_code}).")
    if not reply.is_success:
        raise SpeechError(f"The speech server at {client.base_url} answered {reply.status_code} for {path}.")
    if len(reply.content) > _MAX_REPLY_BYTES:
        raise SpeechError(f"The speech server at {client.base_url} answered too much.")
    return reply


def _object(reply: httpx.Response) -> dict[str, Any]:
    try:
        value = reply.json()
    except ValueError as problem:
        raise SpeechError(
            "The recognition server's answer is not JSON. Check that it is OpenAI-compatible."
        ) from problem
    if not isinstance(value, dict):
        raise SpeechError("The recognition server's answer is not an object. Check that it is OpenAI-compatible.")
    return value


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else default
