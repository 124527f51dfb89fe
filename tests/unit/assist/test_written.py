"""What is shared by everything that people write for the assist: files in order, and the same sent as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicebot.assist.written import digest_of, from_files, from_sent, wrong_with
from voicebot.flows.source import ContentErrors, Node, Reader


def _words(reader: Reader, nodes: list[Node]) -> list[str]:
    for node in nodes:
        node.only(frozenset({"word"}), "words.yml")
    return [node.text("word") for node in nodes]


def _write(root: Path, folder: str, text: str) -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / folder / "words.yml").write_text(text, encoding="utf-8")


def test_the_core_comes_first_and_either_file_may_be_missing(tmp_path: Path) -> None:
    assert from_files(tmp_path, "bakery", "words.yml", _words) == []
    _write(tmp_path, "bakery", "word: bread\n")
    assert from_files(tmp_path, "bakery", "words.yml", _words) == ["bread"]
    _write(tmp_path, "core", "word: hello\n")
    assert from_files(tmp_path, "bakery", "words.yml", _words) == ["hello", "bread"]


def test_everything_wrong_in_both_files_is_told_with_its_line(tmp_path: Path) -> None:
    _write(tmp_path, "core", "word: hello\nwrod: x\n")
    _write(tmp_path, "bakery", "wodr: y\n")
    with pytest.raises(ContentErrors) as caught:
        from_files(tmp_path, "bakery", "words.yml", _words)
    assert [one.line for one in caught.value.problems] == [2, 1]
    told = wrong_with(lambda: from_files(tmp_path, "bakery", "words.yml", _words))
    assert [str(one) for one in told] == [str(one) for one in caught.value.problems]


def test_what_is_sent_is_read_by_the_same_rules_and_its_problems_have_no_line(tmp_path: Path) -> None:
    empty = ("There is nothing.", "Send a mapping.")
    assert from_sent(tmp_path, "words.yml", {"word": "bread"}, empty, _words) == ["bread"]
    assert wrong_with(lambda: from_sent(tmp_path, "words.yml", {"word": "bread"}, empty, _words)) == []
    wrong = wrong_with(lambda: from_sent(tmp_path, "words.yml", {"wrod": "x"}, empty, _words))
    assert [(one.file, one.line) for one in wrong] == [("words.yml", None)]
    nothing = wrong_with(lambda: from_sent(tmp_path, "words.yml", ["bread"], empty, _words))
    assert [(one.problem, one.mend) for one in nothing] == [empty]


def test_the_name_of_content_is_what_it_holds_not_how_it_is_ordered() -> None:
    assert digest_of({"a": 1, "b": ["は"]}) == digest_of({"b": ["は"], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})
    assert len(digest_of({})) == 12
