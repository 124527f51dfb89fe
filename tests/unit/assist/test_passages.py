"""The labelled set of agent assist keeps its shape: ids, cards, halves, splits."""

import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[3]
SET = ROOT / "nlu_data" / "assist"
COMPANIES = ("shop", "telecom")
LANGUAGES = ("en", "ja")
EACH = [(company, language) for company in COMPANIES for language in LANGUAGES]
LEAST_OF_A_KIND = 50
LEAST_A_CARD_IN_A_HALF = 2
LONG_RUN = {"ja": 10, "en": 5}
KANA = re.compile(r"[぀-ヿ]")
SPOKEN_BY = {"agent": {"agent", "any"}, "customer": {"customer", "any"}}


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def splits(company: str, language: str) -> set[str]:
    """``held`` is missing for as long as nobody has written passages that nothing has learnt from."""
    found = {passage["split"] for passage in passages(company, language)}
    assert "dev" in found
    return found


def passages(company: str, language: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in (SET / company / f"{language}.yml", SET / company / f"{language}.unseen.yml"):
        found += read(path)["passages"] if path.exists() else []
    return found


def cards(company: str) -> list[dict[str, Any]]:
    """The cards of a company: the common ones, and its own."""
    return [card for owner in ("core", company) for card in read(ROOT / "flows" / owner / "cards.yml")["cards"]]


def spoken_cards(company: str) -> set[str]:
    """Cards that words can call for; silence and talk-over are no part of a written passage."""
    words = {"phrases", "examples", "own_speech", "intents"}
    return {card["id"] for card in cards(company) if words & set(card["when"])}


def runs(text: str, language: str) -> set[str]:
    """Every run of words (English) or of characters (Japanese) that is too long to be chance."""
    plain = unicodedata.normalize("NFKC", text).lower()
    units = list(re.sub(r"[\W_]", "", plain)) if language == "ja" else re.findall(r"[\w']+", plain)
    long = LONG_RUN[language]
    return {" ".join(units[start : start + long]) for start in range(len(units) - long + 1)}


@pytest.mark.parametrize(("company", "language"), EACH)
def test_every_passage_is_whole(company: str, language: str) -> None:
    for passage in passages(company, language):
        assert set(passage) <= {"id", "split", "due", "near", "note", "turns"}, passage["id"]
        assert re.fullmatch(rf"{company}-{language}-[fg]?\d{{3}}", passage["id"])
        assert passage["split"] in {"dev", "held"}, passage["id"]
        assert 2 <= len(passage["turns"]) <= 5, passage["id"]
        assert len(passage["due"]) == len(set(passage["due"])) <= 2, passage["id"]
        assert not (passage["due"] and "near" in passage), f"{passage['id']}: near belongs where nothing is due"
        for turn in passage["turns"]:
            assert {"who", "text"} <= set(turn) <= {"who", "text", "calls"}, passage["id"]
            assert turn["who"] in {"customer", "agent"}, passage["id"]
            assert turn["text"].strip() == turn["text"] != "", passage["id"]


@pytest.mark.parametrize(("company", "language"), EACH)
def test_a_turn_calls_for_cards_that_are_due_and_listen_to_it(company: str, language: str) -> None:
    listen = {card["id"]: card.get("speaker", "customer") for card in cards(company)}
    learnt = 0
    for passage in passages(company, language):
        called = [(turn["who"], card) for turn in passage["turns"] for card in turn.get("calls", [])]
        assert {card for _, card in called} <= set(passage["due"]), passage["id"]
        assert all(listen[card] == "any" or who in SPOKEN_BY[listen[card]] for who, card in called), passage["id"]
        assert not called or passage["split"] == "dev", f"{passage['id']}: what judges is not learnt"
        learnt += bool(called)
    assert learnt >= LEAST_OF_A_KIND


@pytest.mark.parametrize(("company", "language"), EACH)
def test_half_of_the_passages_have_no_card(company: str, language: str) -> None:
    cells = Counter((passage["split"], bool(passage["due"])) for passage in passages(company, language))
    for split in splits(company, language):
        assert cells[split, True] == cells[split, False] >= LEAST_OF_A_KIND, cells


@pytest.mark.parametrize(("company", "language"), EACH)
def test_every_card_is_due_in_both_halves_and_every_label_is_a_card(company: str, language: str) -> None:
    found = passages(company, language)
    known = spoken_cards(company)
    due = Counter((passage["split"], card) for passage in found for card in passage["due"])
    near = {passage["near"] for passage in found if "near" in passage}
    assert ({card for _, card in due} | near) <= known
    thin = [(s, c) for s in splits(company, language) for c in sorted(known) if due[s, c] < LEAST_A_CARD_IN_A_HALF]
    assert not thin


def test_ids_and_texts_are_said_once() -> None:
    everything = [passage for pair in EACH for passage in passages(*pair)]
    assert len({passage["id"] for passage in everything}) == len(everything)
    talks = Counter(tuple(turn["text"] for turn in passage["turns"]) for passage in everything)
    assert [talk for talk, times in talks.items() if times > 1] == []


@pytest.mark.parametrize(("company", "language"), EACH)
def test_the_halves_share_no_customer_sentence(company: str, language: str) -> None:
    said: dict[str, set[str]] = {"dev": set(), "held": set()}
    for passage in passages(company, language):
        said[passage["split"]] |= {
            turn["text"] for turn in passage["turns"] if turn["who"] == "customer" and len(turn["text"]) > 12
        }
    assert not said["dev"] & said["held"]


@pytest.mark.parametrize(("company", "language"), EACH)
def test_held_passages_are_not_worded_like_the_examples_of_their_cards(company: str, language: str) -> None:
    examples: dict[str, set[str]] = {}
    for card in cards(company):
        for example in card["when"].get("examples", {}).get(language, []):
            examples.setdefault(card["id"], set()).update(runs(example, language))
    for passage in passages(company, language):
        if passage["split"] == "held":
            for turn in passage["turns"]:
                for card_id in passage["due"]:
                    assert not runs(turn["text"], language) & examples.get(card_id, set()), passage["id"]


@pytest.mark.parametrize(("company", "language"), EACH)
def test_no_card_learns_from_a_passage_that_judges(company: str, language: str) -> None:
    lines: set[str] = set()
    for owner in ("core", company):
        for path in (SET / "examples" / owner).glob("*.yml"):
            for texts in (read(path).get(language) or {}).values():
                lines |= {text for text in texts if len(text) > 12}
    for passage in (one for one in passages(company, language) if one["split"] == "held"):
        assert not lines & {turn["text"] for turn in passage["turns"]}, passage["id"]


@pytest.mark.parametrize(("company", "language"), EACH)
def test_passages_are_in_their_language(company: str, language: str) -> None:
    for passage in passages(company, language):
        text = "".join(turn["text"] for turn in passage["turns"])
        assert bool(KANA.search(text)) == (language == "ja"), passage["id"]


def test_checklists_have_ten_steps_and_twenty_passages_a_language() -> None:
    content = read(SET / "checklists.yml")
    for checklist in content["checklists"]:
        assert len({step["id"] for step in checklist["steps"]}) == len(checklist["steps"]) == 10
        assert {step["by"] for step in checklist["steps"]} <= {"agent", "customer", "any"}
        assert all(step["en"] and step["ja"] for step in checklist["steps"])
    assert {checklist["tenant"] for checklist in content["checklists"]} == set(COMPANIES)
    counts = Counter((passage["language"], passage["split"]) for passage in content["passages"])
    assert counts == {(language, split): 10 for language in LANGUAGES for split in ("dev", "held")}
    assert len({passage["id"] for passage in content["passages"]}) == len(content["passages"])


def test_every_step_is_done_once_by_the_right_party_and_often_enough() -> None:
    content = read(SET / "checklists.yml")
    steps = {each["id"]: {step["id"]: step["by"] for step in each["steps"]} for each in content["checklists"]}
    times: Counter[tuple[str, str, str]] = Counter()
    open_ones: Counter[tuple[str, str, str]] = Counter()
    for passage in content["passages"]:
        by = steps[passage["checklist"]]
        done = [(step, turn["who"]) for turn in passage["turns"] for step in turn.get("done", [])]
        assert len({step for step, _ in done}) == len(done), f"{passage['id']}: a step is done twice"
        for step, who in done:
            assert by[step] in SPOKEN_BY[who], f"{passage['id']}: {step} is not for the {who}"
        for turn in passage["turns"]:
            assert set(turn.get("near", [])) <= set(by) - set(turn.get("done", [])), passage["id"]
        for step in by:
            counted = times if step in dict(done) else open_ones
            counted[passage["language"], passage["checklist"], step] += 1
    for language in LANGUAGES:
        for checklist, by in steps.items():
            for step in by:
                assert times[language, checklist, step] >= 3, (language, checklist, step)
                assert open_ones[language, checklist, step] >= 2, (language, checklist, step)
