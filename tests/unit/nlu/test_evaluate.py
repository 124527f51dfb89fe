import html as escaping
import json
from pathlib import Path

import pytest
from rich.console import Console

from voicebot.domain import EN, JA, IntentScore, Language
from voicebot.errors import ContentError, ModelError
from voicebot.nlu import releases
from voicebot.nlu.cli_nlu import evaluate_command, lint_command, train_command
from voicebot.nlu.data import Example
from voicebot.nlu.evaluate import Judged, auroc, evaluate, report
from voicebot.nlu.report import html


def _judged(text: str, truth: str, guess: str, in_scope: float = 0.5, language: str = "en") -> Judged:
    example = Example(text, truth, Language(language), Path("test_nlu.yml"), 7, text)
    return Judged(example, (IntentScore(guess, 0.8), IntentScore("second", 0.1)), in_scope)


JUDGED = [
    _judged("a", "order", "order"),
    _judged("b", "order", "order"),
    _judged("c <b>&", "order", "back"),
    _judged("d", "back", "back", 0.01),
    _judged("e", "out_of_scope", "out_of_scope", 0.0),
    _judged("f", "out_of_scope", "order", 0.6, "ja"),
]


def test_counts() -> None:
    found = report("shop", "v1", JUDGED)
    assert found.overall.accuracy == 0.75
    assert found.overall.false_accepts == 0.5
    assert found.overall.false_rejects == 0.25
    assert found.by_language["ja"].out_of_scope == 1
    scores = {row.intent: row for row in found.intents}
    assert (scores["order"].precision, scores["order"].recall, scores["order"].support) == (0.6667, 0.6667, 3)
    assert (scores["back"].precision, scores["back"].recall) == (0.5, 1.0)
    assert [(c.truth, c.guess) for c in found.confusions] == [("order", "back"), ("out_of_scope", "order")]


def test_auroc_counts_ties_half() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([0.1], [0.9]) == 0.0
    assert auroc([], [0.5]) is None


@pytest.mark.parametrize(("language", "word"), [(EN, "Should be"), (JA, "取り違え")])
def test_the_page_is_self_contained_and_escaped(language: Language, word: str) -> None:
    page = html(report("shop", "v1", JUDGED), language)
    assert word in page
    assert f'<html lang="{language}">' in page
    assert escaping.escape("c <b>&") in page
    assert "c <b>&" not in page
    assert "test_nlu.yml:7" in page
    assert "http" not in page
    assert "<script" not in page
    assert page.count('scope="col"') > 10


def test_a_page_without_confusions() -> None:
    assert "No line was confused." in html(report("shop", "v1", JUDGED[:2]))


def test_commands_train_test_and_lint(company: Path, cache_file: Path, tmp_path: Path) -> None:
    held_out = company / "nlu_data" / "shop" / "en" / "test_nlu.yml"
    held_out.write_text(
        "nlu:\n- intent: order_status\n  examples: |\n    - has it been shipped\n"
        "- intent: out_of_scope\n  examples: |\n    - how tall is the queen\n",
        "utf-8",
    )
    console = Console(file=(tmp_path / "out.txt").open("w", encoding="utf-8"), width=200)
    try:
        places = (["shop"], company / "nlu_data", company / "models")
        flows = company / "flows"
        assert train_command(*places, flows_dir=flows, cache_file=cache_file, only_stale=True, console=console) == 0
        assert evaluate_command(*places, out_dir=tmp_path, cache_file=cache_file, console=console) == 0
        assert lint_command([company / "nlu_data"], console=console) == 0
    finally:
        held_out.unlink()
        console.file.close()
    said = (tmp_path / "out.txt").read_text("utf-8")
    assert "is up to date" in said
    assert "thin_intent" in said
    found = json.loads((tmp_path / "shop.json").read_text("utf-8"))
    assert found["overall"]["lines"] == 2
    assert found["overall"]["accuracy"] == 1.0
    assert "<html" in (tmp_path / "shop.html").read_text("utf-8")


def test_without_held_out_lines_or_model_the_error_says_what_to_do(
    company: Path, encoders, cache, tmp_path: Path
) -> None:
    folder = releases.folder_of(company / "models", "shop", releases.current(company / "models", "shop"))
    with pytest.raises(ContentError, match="test_nlu"):
        evaluate("shop", company / "nlu_data", folder, encoders, cache)
    with pytest.raises(ModelError, match="voicebot train"):
        evaluate_command(["shop"], company / "nlu_data", tmp_path)
