"""``voicebot train --only cards`` and ``voicebot test assist`` as an operator types them, on content of their own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from tests.support.desk_site import ROOT
from tests.unit.assist.test_heads import DEAR, LATE, QUIET
from voicebot.cli.main import app
from voicebot.flows import ContentErrors

SHOP = "shop"


def written(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(content, file)


def plain(texts: Mapping[Any, Any]) -> dict[str, list[str]]:
    return {str(language): list(some) for language, some in texts.items()}


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation's folder; its content is still empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOICEBOT_CONTENT", str(tmp_path))
    monkeypatch.setenv("VOICEBOT_DATA", str(tmp_path / "var"))
    monkeypatch.delenv("VOICEBOT_STORE", raising=False)
    return tmp_path


def a_company(place: Path) -> None:
    """One small company with two cards and their lines."""
    card = {
        "kind": "script", "priority": 5, "cooldown_s": 60,
        "en": {"title": "A title", "talk": "Words to say."}, "ja": {"title": "見出し", "talk": "お伝えする言葉です。"},
    }  # fmt: skip
    left_out = shutil.ignore_patterns("cards.yml", "scripts.yml", "documents", "faq.yml")
    for owner in ("core", SHOP):
        shutil.copytree(ROOT / "flows" / owner, place / "flows" / owner, ignore=left_out)
    phrases = {"late": {"en": ["no van"], "ja": ["配達が来ない"]}, "dear": {"en": ["bit steep"], "ja": ["手が出ない"]}}
    cards = [{"id": name, "when": {"phrases": some}} | card for name, some in phrases.items()]
    written(place / "flows/core/cards.yml", {"version": "1", "neutral": plain(QUIET), "cards": []})
    written(place / f"flows/{SHOP}/cards.yml", {"version": "1", "cards": cards})
    examples = place / "nlu_data/assist/examples"
    for name, lines in (("late", LATE), ("dear", DEAR)):
        written(
            examples / SHOP / f"{name}.yml", {"card": name} | {at: {"due": some} for at, some in plain(lines).items()}
        )


def test_cards_are_learnt_once_and_again_when_a_line_changes(place: Path) -> None:
    a_company(place)
    first = typed("train", "--only", "cards", "--if-stale", "--tenant", SHOP)
    assert first.exit_code == 0, first.output
    assert "shop: cards learnt: 2 from the customer's words" in first.output
    (file,) = (place / "models/assist" / SHOP).glob("*.npz")
    again = typed("train", "--only", "cards", "--if-stale", "--tenant", SHOP)
    assert again.exit_code == 0 and f"learnt already ({file.name})" in again.output
    written(place / f"nlu_data/assist/examples/{SHOP}/late.yml", {"card": "late", "en": {"due": ["no van all day"]}})
    changed = typed("train", "--only", "cards", "--if-stale", "--tenant", SHOP)
    assert changed.exit_code == 0 and "cards learnt" in changed.output
    assert len(list(file.parent.glob("*.npz"))) == 2
    written(place / f"nlu_data/assist/examples/{SHOP}/lost.yml", {"card": "lost", "en": {"due": ["no van all day"]}})
    wrong = typed("train", "--only", "cards", "--if-stale", "--tenant", SHOP)
    assert wrong.exit_code != 0 and isinstance(wrong.exception, ContentErrors)
    assert "There is no card 'lost'" in str(wrong.exception)


PASSAGES = {
    "No van again today and the tracking has not moved.": "late",
    "That is more than I can spend, it is a bit steep.": "dear",
    "Thank you, goodbye.": "",
}


@pytest.mark.parametrize(("labels", "code"), [(PASSAGES, 0), (dict.fromkeys(PASSAGES, "gone"), 1)])
def test_the_score_of_passages_decides_the_exit_code(place: Path, labels: Mapping[str, str], code: int) -> None:
    a_company(place)
    cards = YAML(typ="safe").load(place / f"flows/{SHOP}/cards.yml")
    gone = cards["cards"][0] | {"id": "gone", "when": {"phrases": {"en": ["my cat is gone"], "ja": ["猫がいない"]}}}
    written(place / f"flows/{SHOP}/cards.yml", cards | {"cards": [*cards["cards"], gone]})
    (place / "models").mkdir()
    for name in ("models/nlu", "nlu_data/core", f"nlu_data/{SHOP}"):
        (place / name).symlink_to(ROOT / name)
    passages = [
        {
            "id": f"held-{at}",
            "split": "held",
            "due": [card] if card else [],
            "turns": [{"who": "customer", "text": text}],
        }
        for at, (text, card) in enumerate(labels.items())
    ]
    for language, some in (("en", passages), ("ja", [])):
        written(place / f"nlu_data/assist/{SHOP}/{language}.yml", {"passages": some})
    told = typed("test", "assist", "--tenant", SHOP)
    assert told.exit_code == code, told.output
    assert "Targets: precision" in told.output
    if code:
        assert "gone: 0 right, 0 wrong, 3 missed" in told.output
