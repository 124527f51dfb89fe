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


PASSAGES = [
    ("I can get a better deal with another company.", "card_competitor"),
    ("To be honest it is too expensive for what I get.", "card_price_objection"),
    ("Thank you, that's a great help.", ""),
]


@pytest.mark.parametrize(("labels", "code"), [(dict(PASSAGES), 0), ({text: "card_fraud" for text, _ in PASSAGES}, 1)])
def test_the_score_of_passages_decides_the_exit_code(place: Path, labels: Mapping[str, str], code: int) -> None:
    for name in ("flows", "models"):
        (place / name).symlink_to(ROOT / name)
    (place / "nlu_data/assist").mkdir(parents=True)
    for name in ("core", "telecom", "assist/examples"):
        (place / "nlu_data" / name).symlink_to(ROOT / "nlu_data" / name)
    passages = [
        {
            "id": f"{split}-{at}",
            "split": split,
            "due": [card] if card else [],
            "turns": [{"who": "customer", "text": text}],
        }
        for split in ("dev", "held")
        for at, (text, card) in enumerate(labels.items())
    ]
    for language, some in (("en", passages), ("ja", [])):
        written(place / f"nlu_data/assist/telecom/{language}.yml", {"passages": some})
    told = typed("test", "assist", "--tenant", "telecom")
    assert told.exit_code == code, told.output
    assert "Targets: precision" in told.output
    if code:
        assert "card_fraud: 0 right, 0 wrong, 3 missed" in told.output
