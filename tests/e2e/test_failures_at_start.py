"""Wrong content, wrong models and a store that is away keep the server from starting, and say what to mend."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.postgres import free_port
from voicebot.speech import Registry

ROOT = Path(__file__).parents[2]


def run(data: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command as an operator types it; both outputs together."""
    environment = {
        **os.environ,
        "VOICEBOT_DATA": str(data),
        "VOICEBOT_TENANTS": "shop",
        "VOICEBOT_HTTP": f"127.0.0.1:{free_port()}",
        "VOICEBOT_SIP": f"127.0.0.1:{free_port()}",
        "COLUMNS": "400",
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "voicebot.cli", *command],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=120, cwd=ROOT, check=False,
    )  # fmt: skip


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content that an author can break."""
    for folder in ("flows", "nlu_data"):
        shutil.copytree(ROOT / folder, tmp_path / "content" / folder)
    return tmp_path / "content"


def break_line(file: Path, text: str) -> int:
    """Put a line in the middle of a file that makes it no YAML any more; its number."""
    lines = file.read_text("utf-8").splitlines()
    at = len(lines) // 2
    file.write_text("\n".join([*lines[:at], text, *lines[at:]]) + "\n", "utf-8")
    return at + 1


@pytest.mark.parametrize("command", ["serve", "check", "lint"])
@pytest.mark.parametrize("file", ["flows/shop/flows.yml", "nlu_data/shop/en/nlu.yml"])
def test_broken_yaml_is_named_with_file_and_line(content: Path, tmp_path: Path, file: str, command: str) -> None:
    line = break_line(content / file, "\t- nobody: [knows")
    found = run(tmp_path / "data", command, VOICEBOT_CONTENT=str(content))
    assert found.returncode == 2, found.stdout
    assert "Traceback" not in found.stdout
    places = re.findall(rf"{re.escape(file)}:(\d+): (.+)", found.stdout)
    assert places, found.stdout
    assert any(abs(int(number) - line) <= 1 and len(text) > 20 for number, text in places), found.stdout


def test_a_model_that_is_not_the_pinned_one_is_refused_with_both_hashes(tmp_path: Path) -> None:
    own = tmp_path / "models"
    right = Registry(tmp_path / "joined").resolve("whisper-base")
    shutil.copytree(right, own / "whisper-base")
    weights = max((own / "whisper-base").iterdir(), key=lambda file: file.stat().st_size)
    with weights.open("r+b") as file:
        file.seek(weights.stat().st_size // 2)
        file.write(b"somebody was here")
    for command in ("serve", "check"):
        found = run(tmp_path / "data", command, VOICEBOT_MODELS_DIR=str(own))
        assert found.returncode == 3, found.stdout
        hashes = re.search(rf"{re.escape(str(weights))}.*expected sha256 (\w{{64}}), found (\w{{64}})", found.stdout)
        assert hashes is not None and hashes[1] != hashes[2], found.stdout
        assert "Correct or remove" in found.stdout and "Traceback" not in found.stdout


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_store_that_is_away_is_named(tmp_path: Path, command: str) -> None:
    address = f"127.0.0.1:{free_port()}"
    url = f"postgresql+psycopg://voicebot:very-secret@{address}/voicebot"
    found = run(tmp_path, command, VOICEBOT_STORE=url)
    assert found.returncode == 1, found.stdout
    assert re.search(r"The store \S+ cannot be opened", found.stdout) and address in found.stdout
    assert "very-secret" not in found.stdout
    assert "Traceback" not in found.stdout
