"""A small speech server with OpenAI's two calls, in front of any Transcriber and Synthesizer, on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from voicebot.audio import read_wav, wav_bytes
from voicebot.domain import EN, JA, Language
from voicebot.errors import SpeechError
from voicebot.speech import Synthesizer, Transcriber

KEY = "test-key"


def speech_app(transcriber: Transcriber, voices: dict[str, tuple[Synthesizer, Language]]) -> FastAPI:
    """The API as speaches and vLLM offer it."""
    app = FastAPI()

    @app.post("/v1/audio/transcriptions")
    async def transcriptions(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return JSONResponse({"error": {"message": "no key"}}, 401)
        body = await request.body()
        start = body.index(b"RIFF")
        language = None
        for known in (EN, JA):
            if b'name="language"\r\n\r\n' + known.encode() in body:
                language = known
        heard = await transcriber.transcribe(read_wav(body[start:]), language=language)
        segment = {"text": heard.text, "no_speech_prob": heard.no_speech, "avg_logprob": heard.avg_logprob}
        names = {"en": "english", "ja": "japanese"}
        return JSONResponse(
            {"text": heard.text, "language": names[heard.language], "segments": [segment] if heard.text else []}
        )

    @app.post("/v1/audio/speech")
    async def speech(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return JSONResponse({"error": {"message": "no key"}}, 401)
        asked = await request.json()
        voice, language = voices[asked["voice"]]
        try:
            sound = await voice.synthesize(asked["input"], language, asked.get("speed", 1.0))
        except SpeechError as problem:
            return JSONResponse({"error": {"message": str(problem)}}, 400)
        return Response(wav_bytes(sound), media_type="audio/wav")

    return app


class ReadyServer(uvicorn.Server):
    """A server that says when it takes connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextlib.asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The app on a free port of this machine; yields its URL up to ``/v1``."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = ReadyServer(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve([listening]))
    await server.ready.wait()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        await task
        listening.close()
