import json
from pathlib import Path

import pytest

from voicebot.errors import ModelError
from voicebot.nlu import releases


def _model(models: Path, version: str, created: str) -> None:
    folder = models / "shop" / version
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "created": created}), "utf-8")


def test_release_remembers_the_one_before(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        _model(tmp_path, f"v{number}", f"2026-11-2{number}")
    assert releases.current(tmp_path, "shop") is None
    releases.release(tmp_path, "shop", "v1")
    releases.release(tmp_path, "shop", "v3")
    releases.release(tmp_path, "shop", "v3")
    assert releases.current(tmp_path, "shop") == "v3"
    assert releases.previous(tmp_path, "shop") == "v1"
    assert releases.versions(tmp_path, "shop") == ["v1", "v2", "v3"]


@pytest.mark.parametrize("version", ["v9", "../other", "", "."])
def test_an_unknown_version_names_those_there_are(tmp_path: Path, version: str) -> None:
    _model(tmp_path, "v1", "2026-11-21")
    with pytest.raises(ModelError, match="v1"):
        releases.release(tmp_path, "shop", version)


def test_prune_keeps_live_previous_and_pinned(tmp_path: Path) -> None:
    for number in range(1, 8):
        _model(tmp_path, f"v{number}", f"2026-11-2{number}")
    releases.release(tmp_path, "shop", "v1")
    releases.release(tmp_path, "shop", "v2")
    assert releases.prune(tmp_path, "shop", 2, also=["v4"]) == ["v3", "v5"]
    assert releases.versions(tmp_path, "shop") == ["v1", "v2", "v4", "v6", "v7"]
