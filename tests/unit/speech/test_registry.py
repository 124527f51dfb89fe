from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from voicebot.errors import ContentError, ModelError
from voicebot.speech import Place, Registry
from voicebot.speech.catalogue import read_catalogue
from voicebot.speech.models_cli import list_models, verify_models
from voicebot.speech.registry import DEFAULT_CATALOGUE

FIRST, SECOND = b"first half " * 100, b"second half " * 100


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a model in two parts, and a catalogue that knows it."""
    package = tmp_path / "site" / "two_part_model"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "a.bin").write_bytes(FIRST)
    (package / "b.bin").write_bytes(SECOND)
    monkeypatch.syspath_prepend(str(package.parent))
    sys.modules.pop("two_part_model", None)
    write_catalogue(tmp_path / "speech.yml", sha(FIRST + SECOND))
    return package


def write_catalogue(path: Path, digest: str) -> None:
    path.write_text(
        f"""models:
  - id: two-part
    kind: transcriber
    engine: whisper
    title: test
    languages: [en]
    licence: MIT
    packages: [two-part-model==1]
    files:
      - name: model.bin
        size: {len(FIRST + SECOND)}
        sha256: {digest}
        parts: [two_part_model/a.bin, two_part_model/b.bin]
"""
    )


def registry(tmp_path: Path, **options: Path) -> Registry:
    return Registry(tmp_path / "cache", catalogue=tmp_path / "speech.yml", **options)


def test_parts_are_joined_once_and_checked(packaged: Path, tmp_path: Path) -> None:
    folder = registry(tmp_path).resolve("two-part")
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND
    stamp = (folder / "model.bin").stat().st_mtime_ns
    registry(tmp_path).resolve("two-part")
    assert (folder / "model.bin").stat().st_mtime_ns == stamp
    assert [path.name for path in folder.iterdir()] == ["model.bin"]


def test_a_package_with_other_bytes_is_refused_with_both_hashes(packaged: Path, tmp_path: Path) -> None:
    (packaged / "b.bin").write_bytes(b"tampered")
    with pytest.raises(ModelError) as problem:
        registry(tmp_path).resolve("two-part")
    assert sha(FIRST + SECOND) in str(problem.value)
    assert sha(FIRST + b"tampered") in str(problem.value)
    assert "Reinstall two-part-model==1" in str(problem.value)
    assert list((tmp_path / "cache" / "two-part").iterdir()) == []


def test_a_damaged_joined_file_is_made_anew(packaged: Path, tmp_path: Path) -> None:
    folder = registry(tmp_path).resolve("two-part")
    (folder / "model.bin").write_bytes(b"damaged")
    assert (registry(tmp_path).resolve("two-part") / "model.bin").read_bytes() == FIRST + SECOND


def test_a_missing_package_is_named(packaged: Path, tmp_path: Path) -> None:
    (packaged / "b.bin").unlink()
    found = registry(tmp_path)
    with pytest.raises(ModelError, match=r"two_part_model/b\.bin is missing"):
        found.resolve("two-part")
    assert found.list()[0].place is Place.ABSENT
    assert found.list()[0].problem == "install two-part-model==1"


def test_the_operators_folder_comes_first_and_a_wrong_copy_is_named(packaged: Path, tmp_path: Path) -> None:
    own = tmp_path / "own" / "two-part"
    own.mkdir(parents=True)
    (own / "model.bin").write_bytes(FIRST + SECOND)
    found = registry(tmp_path, own_dir=tmp_path / "own")
    assert found.resolve("two-part") == own
    assert found.list()[0].place is Place.OWN_FOLDER
    (own / "model.bin").write_bytes(b"other")
    with pytest.raises(ModelError) as problem:
        found.resolve("two-part")
    assert sha(b"other") in str(problem.value)
    assert sha(FIRST + SECOND) in str(problem.value)
    lines, good = verify_models(found)
    assert not good
    assert lines[0].startswith("BAD")


def test_a_model_of_ones_own_needs_no_entry(packaged: Path, tmp_path: Path) -> None:
    mine = tmp_path / "own" / "my-whisper"
    mine.mkdir(parents=True)
    found = registry(tmp_path, own_dir=tmp_path / "own")
    with pytest.raises(ModelError, match="is empty"):
        found.resolve("my-whisper")
    (mine / "model.bin").write_bytes(b"x")
    assert found.resolve("my-whisper") == mine
    before = found.fingerprint("my-whisper")
    (mine / "model.bin").write_bytes(b"xy")
    assert found.fingerprint("my-whisper") != before
    assert any("my-whisper" in line for line in list_models(found))


@pytest.mark.parametrize("name", ["nothing", "../cache", ".hidden", ""])
def test_an_unknown_model_is_refused_with_those_there_are(packaged: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="two-part"):
        registry(tmp_path, own_dir=tmp_path).resolve(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("models: [", "not valid YAML"),
        ("models:\n  - id: x\n", "kind"),
        ("modles: []", "models"),
    ],
)
def test_a_wrong_catalogue_names_the_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "speech.yml"
    path.write_text(text)
    with pytest.raises(ContentError, match=said) as problem:
        read_catalogue(path)
    assert "speech.yml" in str(problem.value)


def test_the_shipped_catalogue_is_sound_and_its_packaged_models_are_the_pinned_ones(tmp_path: Path) -> None:
    found = Registry(tmp_path, catalogue=DEFAULT_CATALOGUE)
    lines, good = verify_models(found)
    assert good, lines
    assert {status.entry.id for status in found.list() if status.place is Place.PACKAGE} >= {
        "whisper-base",
        "openjtalk-mei",
        "kokoro-ja",
        "silero-vad",
    }
    with pytest.raises(ModelError, match="voicebot models fetch whisper-small"):
        found.resolve("whisper-small")
