"""The commands as an operator runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.phone import voices
from tests.support.product import RunningProduct
from voicebot.audio import Pcm, concat, read_wav, write_wav


def voicebot(
    *arguments: str | Path, product: RunningProduct | None = None, data: Path, typed: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "VOICEBOT_DATA": str(data), "COLUMNS": "200", **more}
    if product is not None:
        environment["VOICEBOT_ACTIONS"] = product.actions
    command = [sys.executable, "-m", "voicebot.cli", *map(str, arguments)]
    return subprocess.run(command, env=environment, input=typed, capture_output=True, text=True, timeout=280)


@pytest.mark.parametrize(
    ("lang", "lines", "answer"),
    [
        ("en", ("where is my order", "A20481137", "1111", "no thank you, bye"), "It's on its way"),
        ("ja", ("注文した炊飯器が届きません", "A20481137", "1111", "いいえ、ありがとうございました"), "発送済み"),
    ],
)
def test_a_chat_in_the_terminal(
    running_product: RunningProduct, tmp_path: Path, lang: str, lines: tuple[str, ...], answer: str
) -> None:
    done = voicebot(
        "chat", "-t", "shop", "-l", lang, product=running_product, data=tmp_path, typed="\n".join(lines) + "\n"
    )
    assert done.returncode == 0, done.stderr
    assert answer in done.stdout


def test_a_recorded_caller_goes_through_the_whole_voice_path(running_product: RunningProduct, tmp_path: Path) -> None:
    lines = (
        "where is my rice cooker?",
        "A two oh four eight double one three seven",
        "yes",
        "one one one one",
        "no thanks",
    )
    pause = Pcm.silence(2000, 8000)
    caller, heard = tmp_path / "caller.wav", tmp_path / "heard.wav"
    write_wav(caller, concat([part for line in lines for part in (voices.english(line), pause)], 8000))
    done = voicebot("call", caller, "--to", "shop-en", "--out", heard, product=running_product, data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "caller" in done.stdout and "order_status" in done.stdout
    assert "first audio" in done.stdout, "the waterfall of each turn"
    assert "ended by" in done.stdout
    assert read_wav(heard).ms > 15_000


def test_check_explains_what_is_there_and_what_is_missing(running_product: RunningProduct, tmp_path: Path) -> None:
    good = voicebot("check", product=running_product, data=tmp_path)
    assert good.returncode == 0, good.stdout
    for part in ("settings", "content", "understanding", "speech models", "store", "action server"):
        assert part in good.stdout or part == "settings"
    bad = voicebot("check", data=tmp_path, VOICEBOT_ACTIONS="http://127.0.0.1:9")
    assert bad.returncode == 1
    assert "does not answer" in bad.stdout and "VOICEBOT_ACTIONS" in bad.stdout


def test_a_wrong_setting_is_one_clear_line(tmp_path: Path) -> None:
    done = voicebot("serve", data=tmp_path, VOICEBOT_HTTP="nonsense")
    assert done.returncode == 2
    assert "VOICEBOT_HTTP" in done.stderr and "host:port" in done.stderr and "Traceback" not in done.stderr


def test_lint_passes_on_what_is_shipped_and_models_verify(tmp_path: Path) -> None:
    assert voicebot("lint", data=tmp_path).returncode == 0
    verified = voicebot("models", "verify", data=tmp_path)
    assert verified.returncode == 0 and "whisper-base" in verified.stdout
    listed = voicebot("models", "list", data=tmp_path)
    assert "whisper-large-v3-turbo" in listed.stdout
