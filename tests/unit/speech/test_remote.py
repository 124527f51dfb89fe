from __future__ import annotations

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.support.speech_server import served
from voicebot.audio import tone, wav_bytes
from voicebot.domain import EN, JA
from voicebot.errors import SpeechError
from voicebot.speech import RemoteSynthesizer, RemoteTranscriber

SOUND = tone((300.0,), 800.0, 8000)


def app_that(answer: object) -> FastAPI:
    app = FastAPI()

    @app.post("/v1/audio/{call}")
    async def any_call(call: str, request: Request) -> Response:
        await request.body()
        if answer == "hang":
            while (await request.receive())["type"] != "http.disconnect":
                pass
        if isinstance(answer, Response):
            return answer
        return JSONResponse(answer)

    return app


async def hear(answer: object, **options: float) -> str:
    async with served(app_that(answer)) as url:
        ears = RemoteTranscriber(url, "m", timeout_s=options.get("timeout_s", 5.0))
        try:
            return (await ears.transcribe(SOUND, language=EN)).text
        finally:
            await ears.close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response("<html>", 200, media_type="text/html"), "not JSON"),
        (["a"], "not an object"),
        ({"words": "x"}, "holds no text"),
        ({"text": 5}, "holds no text"),
        (JSONResponse({"error": "secret words"}, 500), "answered 500"),
        (JSONResponse({}, 401), "refused the key"),
        (JSONResponse({}, 429), "answered 429"),
    ],
)
async def test_a_bad_answer_is_a_clear_error(answer: object, said: str) -> None:
    with pytest.raises(SpeechError, match=said) as problem:
        await hear(answer)
    assert "secret words" not in str(problem.value)


async def test_a_slow_server_is_given_up() -> None:
    app = app_that("hang")
    async with served(app) as url:
        ears = RemoteTranscriber(url, "m", timeout_s=0.2)
        voice = RemoteSynthesizer(url, "m", "v", timeout_s=0.2)
        with pytest.raises(SpeechError, match="did not answer in time"):
            await ears.transcribe(SOUND, language=EN)
        with pytest.raises(SpeechError, match="did not answer in time"):
            await voice.synthesize("Hello.", EN)
        await ears.close()
        await voice.close()


async def test_a_dead_server_is_named() -> None:
    ears = RemoteTranscriber("http://127.0.0.1:1/v1", "m")
    with pytest.raises(SpeechError, match=r"127\.0\.0\.1:1.*cannot be reached"):
        await ears.transcribe(SOUND, language=EN)
    await ears.close()


async def test_texts_of_a_server_pass_the_same_gate() -> None:
    segment = {"no_speech_prob": 0.95, "avg_logprob": -0.4}
    assert await hear({"text": "you", "segments": [segment]}) == ""
    assert await hear({"text": "Yes.", "segments": [{"no_speech_prob": 0.1, "avg_logprob": -0.4}]}) == "Yes."
    assert await hear({"text": "Yes.", "segments": [{"no_speech_prob": None, "avg_logprob": "?"}]}) == "Yes."
    assert await hear({"text": "Thank you for watching this video, see you in the next one, bye bye"}) == ""


async def test_the_language_a_server_heard_is_reported() -> None:
    async with served(app_that({"text": "はい", "language": "japanese"})) as url:
        ears = RemoteTranscriber(url, "m")
        assert (await ears.transcribe(SOUND, language=None)).language == JA
        await ears.close()


async def test_a_voice_that_sends_no_sound_is_an_error() -> None:
    for answer, said in (
        (Response(b"garbage", media_type="audio/wav"), "no sound"),
        (Response(wav_bytes(tone((300.0,), 0.0, 8000)), media_type="audio/wav"), "no sound"),
    ):
        async with served(app_that(answer)) as url:
            voice = RemoteSynthesizer(url, "m", "v")
            with pytest.raises(SpeechError, match=said):
                await voice.synthesize("Hello.", EN)
            await voice.close()
