"""Cards are read with their lines, checked against the flows, and survive the way through JSON."""

import copy
from pathlib import Path
from typing import Any

import pytest

from voicebot.assist.content import FILE, check_assist, from_json, load_assist, to_json
from voicebot.assist.model import CardKind, Speaker
from voicebot.domain import EN, JA
from voicebot.flows.source import ContentErrors

FLOWS = Path(__file__).parents[3] / "flows"


@pytest.mark.parametrize("tenant", ["shop", "telecom"])
def test_the_companies_cards_are_good_and_whole(tenant: str) -> None:
    cards = load_assist(FLOWS, tenant)
    assert not check_assist(FLOWS, tenant)
    assert {"card_customer_harassment", "card_silence", "card_talk_over"} <= set(cards.cards)
    for card in cards.cards.values():
        assert card.text[JA].title and card.text[EN].title
    assert any(card.speaker is Speaker.AGENT for card in cards.cards.values())
    assert cards.cards["card_bereavement"].kind is CardKind.SCRIPT


def test_json_and_back() -> None:
    cards = load_assist(FLOWS, "shop")
    again = from_json(FLOWS, "shop", to_json(cards))
    assert again == cards


def _mended(problem_of: str, change: Any) -> str:
    data: Any = copy.deepcopy(to_json(load_assist(FLOWS, "shop")))
    card = next(item for item in data["cards"] if item["id"] == problem_of)
    change(card)
    with pytest.raises(ContentErrors) as raised:
        from_json(FLOWS, "shop", data)
    assert all(problem.line is None and problem.mend for problem in raised.value.problems)
    return str(raised.value)


def _phrase(text: str) -> Any:
    def change(card: Any) -> None:
        card["when"].setdefault("phrases", {}).setdefault("en", []).append(text)

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda card: card.update(kind="poem"), "there is no kind 'poem'"),
        (lambda card: card.update(cooldown_s=1), "cooldown_s is 1"),
        (lambda card: card.update(expires_s=10_000), "expires_s is 10000"),
        (lambda card: card.pop("en"), "no wording in 'en'"),
        (lambda card: card["when"].update(intents=["fly_to_moon"]), "no intent 'fly_to_moon'"),
        (lambda card: card["when"].update(slots={"wings": "*"}), "no slot 'wings'"),
        (lambda card: card["when"].update(flow_steps=["order_status.nowhere"]), "no flow step"),
        (lambda card: card["when"].update(attributes={"moon": "full"}), "no attribute 'moon'"),
        (lambda card: card["en"].update(talk="About your {wings}."), "{wings} is no slot"),
        (lambda card: card["en"].update(talk="Please calm down."), "company's voice forbids"),
        (lambda card: card["when"]["examples"].update(en=["One only."]), "has 1 examples in 'en'"),
        (lambda card: card["when"].pop("phrases") and card["when"]["examples"].pop("ja"), "no examples in 'ja'"),
        (_phrase("a"), "has no word of its own"),
        (_phrase("opening hours"), "fires on the everyday sentence"),
        (_phrase("charged twice"), "Let one card alone have it"),
        (lambda card: card.update(mandatory=True), "only a compliance card"),
    ],
)
def test_what_is_wrong_is_named(change: Any, words: str) -> None:
    assert words in _mended("card_late_delivery", change)


def test_files_name_the_line(tmp_path: Path) -> None:
    import shutil

    root = tmp_path / "flows"
    shutil.copytree(FLOWS, root)
    path = root / "shop" / FILE
    text = path.read_text(encoding="utf-8").replace("kind: rebuttal", "kind: poem", 1)
    path.write_text(text, encoding="utf-8")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "kind: poem" in row)
    (problem,) = check_assist(root, "shop")
    assert (problem.file, problem.line) == ("flows/shop/cards.yml", line)
