"""Recognition and voices, measured: accuracy on callers' lines, false texts on noise, latency, memory.

    python bench/speech/measure.py --clips FOLDER [--audio HUMAN_AUDIO_FOLDER] [--out bench/speech/RESULTS.md]

Needs Debian's ``flite`` for the English callers; the Japanese callers are Kokoro voices. Every sound goes through 8 kHz
mu-law first. Nothing the product speaks with is used as a caller.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from lines import ENGLISH_VOICES, JAPANESE_VOICES, Line, right
from voices import clips

from voicebot.audio import Pcm, comfort_noise, concat, dtmf, hold_tone, read_audio, read_wav, through_phone, tone
from voicebot.domain import EN, JA, Language
from voicebot.speech import SpeechService, SpeechSettings, WhisperSettings

HINTS = {"en": "Rice cooker, toaster, broadband, router.", "ja": "炊飯器、トースター、ルーター。"}
PLAIN = WhisperSettings(prompts={}, digit_prompts={}, single_digit_prompts={})
VARIANTS = {
    "chosen (20 s, beam 5, prompts, hints)": (WhisperSettings(), True),
    "no prompts, 20 s, beam 5": (PLAIN, False),
    "chosen without hints": (WhisperSettings(), False),
    "no prompts, 20 s, beam 1": (replace(PLAIN, beams={"*": 1}), False),
    "chosen, 15 s": (WhisperSettings(window_s=15.0), True),
}


def percentile(values: Iterable[float], share: float) -> float:
    return float(np.percentile(list(values), share * 100))


async def accuracy(said: list[tuple[Line, str, Pcm]], folder: Path, only: int) -> list[str]:
    out = [
        "| settings | language | kind | text right | right among alternatives too | of |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    misses: list[str] = []
    for index, (name, (settings, hints)) in enumerate(list(VARIANTS.items())[:only]):
        service = SpeechService(SpeechSettings(cache_dir=folder, whisper=settings, voices={}))
        await service.start()
        good: Counter[tuple[str, str]] = Counter()
        among: Counter[tuple[str, str]] = Counter()
        count: Counter[tuple[str, str]] = Counter()
        took: defaultdict[str, list[float]] = defaultdict(list)
        for line, voice, sound in said:
            heard = await service.transcriber.transcribe(
                sound, language=Language(line.language), digits=line.digits, hints=HINTS[line.language] if hints else ""
            )
            key = (line.language, line.kind)
            count[key] += 1
            good[key] += right(line, heard.text)
            among[key] += any(right(line, text) for text in (heard.text, *heard.alternatives))
            took[line.language].append(heard.decode_ms)
            if name.startswith("chosen (") and not right(line, heard.text):
                misses.append(f"| {voice} | {line.say} | {heard.text or '(refused)'} | {heard.avg_logprob:.2f} |")
        for key in sorted(count):
            out.append(f"| {name} | {key[0]} | {key[1]} | {good[key]} | {among[key]} | {count[key]} |")
        for language in sorted(took):
            total = sum(count[key] for key in count if key[0] == language)
            out.append(
                f"| **{name}** | **{language}** | **all** | **{sum(good[k] for k in count if k[0] == language)}** | "
                f"**{sum(among[k] for k in count if k[0] == language)}** | **{total}**; ms median/p95/worst "
                f"{statistics.median(took[language]):.0f}/{percentile(took[language], 0.95):.0f}/"
                f"{max(took[language]):.0f} |"
            )
        await service.close()
        print(index, name, flush=True)
    return [
        *out,
        "",
        "What the chosen settings got wrong:",
        "",
        "| voice | said | text | score |",
        "| --- | --- | --- | --- |",
        *misses,
    ]


def noises() -> dict[str, Pcm]:
    rng = np.random.default_rng(7)

    def coloured(power: float, level: float) -> Pcm:
        spectrum = np.fft.rfft(rng.standard_normal(8000 * 3))
        spectrum[1:] /= np.arange(1, spectrum.size) ** (power / 2)
        wave = np.fft.irfft(spectrum)
        return Pcm.from_float(wave / np.sqrt(np.mean(wave**2)) * 10 ** (level / 20), 8000)

    cough = rng.standard_normal(2400) * np.exp(-np.arange(2400) / 500) * 0.3
    keys = np.zeros(24000)
    for start in range(1000, 23000, 1700):
        keys[start : start + 60] += rng.standard_normal(60) * 0.2
    made = {
        "silence": Pcm.silence(3000, 8000),
        "hold tone": hold_tone(8000),
        "ringback": tone((440.0, 480.0), 2000.0, 8000, -20.0),
        "hum 50 Hz": tone((50.0, 150.0, 250.0), 3000.0, 8000, -25.0),
        "keypad": concat([concat([dtmf(key, 8000), Pcm.silence(80, 8000)]) for key in "20481137#"]),
        "cough": concat([Pcm.silence(300, 8000), Pcm.from_float(cough, 8000), Pcm.silence(300, 8000)]),
        "typing": Pcm.from_float(keys, 8000),
    }
    for level in (-60.0, -45.0, -30.0, -20.0):
        made[f"white {level:.0f} dBFS"] = comfort_noise(3000.0, 8000, level)
        made[f"pink {level:.0f} dBFS"] = coloured(1.0, level)
        made[f"brown {level:.0f} dBFS"] = coloured(2.0, level)
    return made


async def false_texts(service: SpeechService) -> list[str]:
    given = [
        (name, sound, language, digits)
        for name, sound in noises().items()
        for language in (EN, JA)
        for digits in (False, True)
    ]
    wrong = []
    for name, sound, language, digits in given:
        heard = await service.transcriber.transcribe(through_phone(sound), language=language, digits=digits)
        if heard.text:
            wrong.append(f"- {name}, {language}: {heard.text}")
    return [f"Texts made of {len(given)} pieces of silence, noise and tones: **{len(wrong)}**.", *wrong]


async def people(service: SpeechService, folder: Path) -> list[str]:
    rng = np.random.default_rng(3)
    digits = {(p.stem.split("_")[1], p.stem.split("_")[0]): [] for p in (folder / "fsdd").glob("*.wav")}
    for path in sorted((folder / "fsdd").glob("*.wav")):
        digits[path.stem.split("_")[1], path.stem.split("_")[0]].append(path)
    right_strings = wrong_digits = total = 0
    for number in range(24):
        speaker = ("jackson", "nicolas")[number % 2]
        want = "".join(str(d) for d in rng.integers(0, 10, 6))
        parts = []
        for digit in want:
            parts += [read_wav(rng.choice(digits[speaker, digit])), Pcm.silence(int(rng.integers(100, 300)), 8000)]
        heard = await service.transcriber.transcribe(through_phone(concat(parts)), language=EN, digits=True)
        found = re.sub(r"\D", "", heard.text)
        right_strings += found == want
        wrong_digits += edits(want, found)
        total += len(want)
    jfk = await service.transcriber.transcribe(through_phone(read_audio(folder / "jfk.flac")), language=EN)
    return [
        f"- Human digits (FSDD, two speakers, 24 strings of six, pauses 0.1-0.3 s): {right_strings}/24 strings exact, "
        f"digit error {100 * wrong_digits / total:.1f} %.",
        f'- JFK, 11 s, {jfk.decode_ms:.0f} ms: "{jfk.text}"',
    ]


def edits(want: str, found: str) -> int:
    row = list(range(len(found) + 1))
    for i, a in enumerate(want, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(found, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


async def machine_side(folder: Path) -> tuple[SpeechService, list[str]]:
    service = SpeechService(SpeechSettings(cache_dir=folder))
    started = time.monotonic()
    await service.start()
    ready_s = time.monotonic() - started
    out = [f"- Everything loaded in parallel: {ready_s:.1f} s (models already joined in the cache)."]
    sentences = {
        EN: ["Your order is on its way.", "It will arrive on Tuesday between nine and twelve."],
        JA: ["ご注文の商品は発送済みです。", "火曜日の午前中にお届けいたします。"],
    }
    for language, texts in sentences.items():
        first = []
        for _ in range(5):
            for text in texts:
                begun = time.monotonic()
                await anext(service.voice.speak(text, language, fixed=False))
                first.append((time.monotonic() - begun) * 1000)
        out.append(
            f"- First sentence, {language}, live: median {statistics.median(first):.0f} ms, worst {max(first):.0f} ms."
        )
        begun = time.monotonic()
        await service.voice.prerender([(texts[0], language)])
        out.append(
            f"- Rendering one prompt ahead, {language}, process start included: {time.monotonic() - begun:.1f} s."
        )
        begun = time.monotonic()
        await anext(service.voice.speak(texts[0], language, fixed=True))
        out.append(f"- The same from the prompt cache: {(time.monotonic() - begun) * 1000:.1f} ms.")
    return service, out


def memory(service: SpeechService) -> list[str]:
    lines = ["| worker | MiB resident after the run | load ms |", "| --- | --- | --- |"]
    lines += [f"| {pool.name} | {pool.rss_mb:.0f} | {pool.loaded_ms:.0f} |" for pool in service.health.pools]
    lines.append(f"| together | {sum(pool.rss_mb for pool in service.health.pools):.0f} | |")
    return lines


def processor() -> str:
    """The processor's name, where the system tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown processor")


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", type=Path, required=True, help="folder the callers' sounds are kept in")
    parser.add_argument("--audio", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    parser.add_argument("--variants", type=int, default=len(VARIANTS))
    parser.add_argument("--voices", type=int, default=4, help="voices per language")
    options = parser.parse_args()
    voices = ENGLISH_VOICES[: options.voices] + JAPANESE_VOICES[: options.voices]
    said = [
        (line, voice, through_phone(sound.gain(-3.0))) for line, voice, sound in clips(options.clips) if voice in voices
    ]
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(os.environ.get("VOICEBOT_CACHE", folder))
        before = os.getloadavg()
        service, speed = await machine_side(cache)
        noise = await false_texts(service)
        human = await people(service, options.audio) if options.audio else []
        resident = memory(service)
        await service.close()
        table = await accuracy(said, cache, options.variants)
    cpu = processor()
    options.out.write_text(
        "\n".join(
            [
                "# Speech: measured",
                "",
                f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores ({cpu}), Python {platform.python_version()}; "
                f"load average {before[0]:.1f} at the start, {os.getloadavg()[0]:.1f} at the end "
                "(other work on the same cores counts; times are then upper bounds). "
                "Callers: Debian flite (English), Kokoro (Japanese), through 8 kHz mu-law.",
                "",
                "## Speed",
                *speed,
                "",
                "## Memory",
                *resident,
                "",
                "## Noise",
                *noise,
                "",
                "## People",
                *human,
                "",
                f"## Accuracy on {len(said)} lines of callers",
                *table,
                "",
            ]
        ),
        encoding="utf-8",
    )
    print(options.out)


if __name__ == "__main__":
    asyncio.run(main())
