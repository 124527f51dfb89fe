import pytest

from voicebot.domain import Answer, Entity, Expectation, IntentScore
from voicebot.nlu.merging import only_values, settle

ASKED_NUMBER = Expectation(slot="order_number", entities=("order_number",))
ASKED_YES_NO = Expectation(slot="confirm", answer=True)


def _entity(text: str, words: str, name: str = "order_number") -> Entity:
    start = text.index(words)
    return Entity(name, "A20481137", words, start, start + len(words))


def _settle(text: str, top: tuple[str, float], entities=(), answer=None, expects=Expectation()):  # noqa: B008
    return settle([IntentScore(*top)], 0.4, text, entities, answer, expects)


@pytest.mark.parametrize(
    "text",
    ["VALUE", "it's VALUE", "um my order number is VALUE please", "VALUEです", "注文番号はVALUEになります",
     "えーと、VALUEでお願いします", "VALUEだと思うんですけど", "no sorry it's VALUE", "はい、VALUEです"],
)  # fmt: skip
def test_a_bare_value_is_the_answer_to_the_question(text: str) -> None:
    intent, confidence, in_scope = _settle(
        text, ("billing_question", 0.9), [_entity(text, "VALUE")], expects=ASKED_NUMBER
    )
    assert intent == "inform"
    assert confidence > 0.9
    assert in_scope == 1.0


@pytest.mark.parametrize(
    ("text", "top"),
    [
        ("who pays the postage", ("ask_faq", 0.8)),
        ("agent", ("request_human", 0.95)),
        ("cancel the order VALUE", ("cancel_order", 0.9)),
        ("VALUEはいつ届きますか", ("order_status", 0.8)),
        ("返品って送料かかるの", ("ask_faq", 0.6)),
    ],
)
def test_another_wish_is_not_taken_for_the_value(text: str, top: tuple[str, float]) -> None:
    entities = [_entity(text, "VALUE")] if "VALUE" in text else []
    assert _settle(text, top, entities, expects=ASKED_NUMBER) == (*top, 0.4)


def test_without_a_question_a_value_is_no_answer() -> None:
    assert _settle("VALUE", ("order_status", 0.5), [_entity("VALUE", "VALUE")])[0] == "order_status"


def test_an_expected_value_inside_an_unclear_sentence_is_taken() -> None:
    text = "the thing on the slip reads VALUE"
    intent, confidence, _ = _settle(text, ("how_to_use", 0.3), [_entity(text, "VALUE")], expects=ASKED_NUMBER)
    assert (intent, confidence) == ("inform", 0.7)


def test_a_rejected_value_does_not_fill_the_question() -> None:
    rejected = Entity("order_number", "A1", "VALUE", 4, 9, negated=True)
    assert _settle("not VALUE", ("deny", 0.6), [rejected], expects=ASKED_NUMBER)[0] == "deny"


@pytest.mark.parametrize(
    ("answer", "intent"), [(Answer.YES, "affirm"), (Answer.NO, "deny"), (Answer.AMBIGUOUS, "ambiguous_ok")]
)
def test_a_bare_answer_to_a_yes_no_question(answer: Answer, intent: str) -> None:
    assert _settle("うん、そうです", ("order_status", 0.7), answer=answer, expects=ASKED_YES_NO)[0] == intent


def test_an_answer_with_a_clear_wish_keeps_the_wish() -> None:
    text = "yes but I would rather talk to a person about this please"
    assert _settle(text, ("request_human", 0.8), answer=Answer.YES, expects=ASKED_YES_NO)[0] == "request_human"


def test_values_and_labels_only() -> None:
    assert only_values(
        "the kettle, A1", [Entity("product", "kettle", "kettle", 4, 10), Entity("model", "A1", "A1", 12, 14)]
    )
    assert not only_values("when does A1 come", [Entity("model", "A1", "A1", 10, 12)])
    assert only_values("割れてました", [Entity("damage_kind", "broken", "割れ", 0, 2)])
    assert not only_values("割れたいきさつ", [Entity("damage_kind", "broken", "割れ", 0, 2)])
    assert only_values("it is a one", [Entity("model", "A1", "a one", -1, -1)])
