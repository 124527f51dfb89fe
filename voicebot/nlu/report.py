"""The evaluation as one HTML page that needs nothing else, in English or Japanese."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from voicebot.domain import EN, JA, Language
from voicebot.nlu.evaluate import Evaluation

_LABELS = {
    EN: {
        "title": "Understanding test",
        "model": "Model",
        "all": "All lines",
        "language": "Language",
        "lines": "Lines",
        "accuracy": "Accuracy (in scope)",
        "within_two": "Right among first two",
        "macro_f1": "Macro F1",
        "calibration_error": "Calibration error",
        "false_rejects": "Rejected although in scope",
        "out_of_scope": "Out-of-scope lines",
        "false_accepts": "Accepted although out of scope",
        "auroc": "Out-of-scope AUROC",
        "per_intent": "Per intent, weakest first",
        "intent": "Intent",
        "precision": "Precision",
        "recall": "Recall",
        "f1": "F1",
        "confusions": "Confusions, most frequent first",
        "truth": "Should be",
        "guess": "Was taken for",
        "count": "Times",
        "line": "Line",
        "place": "File and line",
        "confidence": "Confidence",
        "none": "No line was confused.",
        "ja": "Japanese",
        "en": "English",
    },
    JA: {
        "title": "理解度テスト",
        "model": "モデル",
        "all": "全発話",
        "language": "言語",
        "lines": "発話数",
        "accuracy": "正解率(対象内)",
        "within_two": "上位2件に正解",
        "macro_f1": "マクロF1",
        "calibration_error": "確信度の誤差",
        "false_rejects": "対象内なのに拒否",
        "out_of_scope": "対象外の発話数",
        "false_accepts": "対象外なのに受理",
        "auroc": "対象外検出AUROC",
        "per_intent": "インテント別(弱い順)",
        "intent": "インテント",
        "precision": "適合率",
        "recall": "再現率",
        "f1": "F1",
        "confusions": "取り違え(多い順)",
        "truth": "正解",
        "guess": "判定",
        "count": "回数",
        "line": "発話",
        "place": "ファイルと行",
        "confidence": "確信度",
        "none": "取り違えはありません。",
        "ja": "日本語",
        "en": "英語",
    },
}


def html(evaluation: Evaluation, language: Language = EN) -> str:
    """The page; every text of a customer or author is escaped."""
    pages = Environment(
        loader=PackageLoader("voicebot.nlu", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    pages.filters["percent"] = lambda value: "–" if value is None else f"{value * 100:.1f} %"
    labels = _LABELS.get(language, _LABELS[EN])
    return pages.get_template("report.html").render(
        e=evaluation, t=labels, lang=language if language in _LABELS else EN
    )


def write(evaluation: Evaluation, file: Path, language: Language = EN) -> Path:
    """Write the page, making its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(html(evaluation, language), "utf-8")
    return file
