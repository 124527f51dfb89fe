"""Lines that cards learn from: reading them, and saying what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.assist.content import load_assist
from voicebot.assist.lines import check_lines, read_lines
from voicebot.assist.model import CardSet, Speaker
from voicebot.domain import EN, JA
from voicebot.errors import ContentError

ROOT = Path(__file__).parents[3]
QUIET = "en:\n  agent: [one moment]\n  customer: [yes please]\nja:\n  agent: [少々お待ちください]\n  customer: [はい]\n"


@pytest.fixture(scope="module")
def shop() -> CardSet:
    return load_assist(ROOT / "flows", "shop")


def _data(folder: Path, **files: str) -> Path:
    """A copy of the company's training data with these files of lines: ``company__card`` and what it holds."""
    for part in ("core", "shop"):
        (folder / part).symlink_to(ROOT / "nlu_data" / part)
    for name, text in files.items():
        path = folder / "assist" / "examples" / f"{name.replace('__', '/')}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("tenant", ["shop", "telecom"])
def test_the_lines_of_both_companies_are_sound(tenant: str) -> None:
    cards = load_assist(ROOT / "flows", tenant)
    assert check_lines(ROOT / "nlu_data", cards) == []
    lines = read_lines(ROOT / "nlu_data", cards)
    for card in lines.cards.values():
        for language in (JA, EN):
            assert len(card.due[language]) >= 20 and len(card.near[language]) >= 15
    assert lines.requests[JA] and lines.quiet[Speaker.AGENT][EN]


def test_due_near_and_quiet(tmp_path: Path, shop: CardSet) -> None:
    body = "card: card_late_delivery\nen:\n  due: [still nothing]\n  not: [it came]\n"
    lines = read_lines(_data(tmp_path, shop__card_late_delivery=body, core__quiet=QUIET), shop)
    assert lines.cards["card_late_delivery"].due[EN] == ("still nothing",)
    assert lines.cards["card_late_delivery"].near[EN] == ("it came",)
    assert lines.quiet[Speaker.CUSTOMER][EN] == ("yes please",)


def test_lines_of_one_card_in_several_files_count_together(tmp_path: Path, shop: CardSet) -> None:
    first = "card: card_late_delivery\nja: {due: [遅い], not: []}\nen: {due: [It is late.], not: [It came.]}\n"
    data = _data(tmp_path, shop__card_late_delivery=first, core__quiet=QUIET, core__quiet_agent=QUIET)
    more = data / "assist" / "examples" / "shop" / "card_late_delivery.en.yml"
    more.write_text("card: card_late_delivery\nen: {due: [Where is it], not: [All here.]}\n", encoding="utf-8")
    lines = read_lines(data, shop)
    card = lines.cards["card_late_delivery"]
    assert card.due == {JA: ("遅い",), EN: ("Where is it", "It is late.")}
    assert card.near[EN] == ("All here.", "It came.")
    assert lines.quiet[Speaker.CUSTOMER][EN] == ("yes please", "yes please")
    more.write_text("card: card_late_delivery\nen: {due: [], not: [It is late.]}\n", encoding="utf-8")
    assert any("both due and not" in str(problem) for problem in check_lines(data, shop))


PASSAGES = """passages:
- id: shop-en-001
  split: {split}
  due: [card_late_delivery]
  turns:
  - {{who: customer, text: "hello", calls: []}}
  - {{who: customer, text: "where is my kettle", calls: [{calls}]}}
  - {{who: agent, text: "let me look"}}
- id: shop-en-002
  split: {split}
  due: []
  turns:
  - {{who: customer, text: "it came on Monday"}}
"""


def _talk(folder: Path, calls: str = "card_late_delivery", split: str = "dev") -> Path:
    data = _data(folder, core__quiet=QUIET)
    path = data / "assist" / "shop" / "en.yml"
    path.parent.mkdir(parents=True)
    path.write_text(PASSAGES.format(calls=calls, split=split), encoding="utf-8")
    return data


def test_passages_for_tuning_are_lines_too(tmp_path: Path, shop: CardSet) -> None:
    lines = read_lines(_talk(tmp_path), shop)
    due, quiet = ("where is my kettle", ("card_late_delivery",)), ("it came on Monday", ())
    assert lines.talks[Speaker.CUSTOMER][EN] == [due, quiet]
    assert lines.talks[Speaker.AGENT][EN] == [("let me look", ())]


def test_a_version_without_a_card_learns_without_its_lines(tmp_path: Path, shop: CardSet) -> None:
    late, kept = "card_late_delivery", "card: card_double_charge\nen: {due: [money back]}\n"
    assert "card_double_charge" in shop.cards
    body = f"card: {late}\nen: {{due: [still nothing], not: [it came]}}\n"
    data = _data(tmp_path, shop__card_late_delivery=body, shop__card_double_charge=kept, core__quiet=QUIET)
    without = replace(shop, version="v2", cards={name: card for name, card in shop.cards.items() if name != late})
    assert f"There is no card {late!r}" in str(check_lines(data, without)[0])
    lines = read_lines(data, without, leave_out=True)
    assert set(lines.cards) == {"card_double_charge"}
    [left_out] = lines.left_out
    assert left_out.endswith("examples/shop/card_late_delivery.yml")
    assert read_lines(data, shop, leave_out=True).left_out == []


def test_passages_that_judge_are_not(tmp_path: Path, shop: CardSet) -> None:
    lines = read_lines(_talk(tmp_path, split="held"), shop)
    assert not any(lines.talks.values())
    plain = tmp_path / "plain"
    plain.mkdir()
    assert lines.digest == read_lines(_data(plain, core__quiet=QUIET), shop).digest


def test_a_turn_calls_only_for_what_is_due(tmp_path: Path, shop: CardSet) -> None:
    [problem] = check_lines(_talk(tmp_path, "card_bereavement"), shop)
    assert "'card_bereavement' is not due" in str(problem) and problem.line == 7


def test_the_name_of_the_lines_changes_with_them(tmp_path: Path, shop: CardSet) -> None:
    body = "card: card_late_delivery\nen:\n  due: [{}]\n"
    made = [
        read_lines(_data(tmp_path / text, shop__card_late_delivery=body.format(text)), shop).digest
        for text in ("one", "two", "one ")
        if not (tmp_path / text).mkdir()
    ]
    assert made[0] != made[1] and made[0] == made[2]


@pytest.mark.parametrize(
    ("name", "text", "line", "problem"),
    [
        ("shop__card_late", "card: card_late\nen:\n  due: [a]\n", 1, "There is no card 'card_late'"),
        ("shop__card_late_delivery", "card: card_late\nen:\n  due: [a]\n", 1, "named 'card_late_delivery'"),
        ("shop__card_late_delivery", "card: card_late_delivery\nen:\n  duo: [a]\n", 3, "does not know the key 'duo'"),
        ("shop__card_late_delivery", "card: card_late_delivery\nen:\n  due: [a]\n  not: [a]\n", 4, "both due and not"),
        ("shop__card_late_delivery", "card: card_late_delivery\nen: [a\n", 3, "This is not YAML"),
    ],
)
def test_what_is_wrong_names_file_line_and_mend(
    tmp_path: Path, shop: CardSet, name: str, text: str, line: int, problem: str
) -> None:
    with pytest.raises(ContentError) as raised:
        read_lines(_data(tmp_path, **{name: text}), shop)
    assert problem in str(raised.value) and f"{name.replace('__', '/')}.yml" in raised.value.file
    assert raised.value.line == line and raised.value.mend
