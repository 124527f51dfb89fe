import pytest

from voicebot.domain import IntentScore
from voicebot.nlu.model import Scores
from voicebot.nlu.readings import better, readings, unsure


def _scores(in_scope: float, *ranking: tuple[str, float]) -> Scores:
    return Scores(tuple(IntentScore(name, confidence) for name, confidence in ranking), in_scope)


@pytest.mark.parametrize(
    ("text", "spoken", "found"),
    [
        ("And I, where is my kettle?", False, ("and i where is my kettle", "where is my kettle")),
        ("I'm high where's my kettle", True, ("i'm high where's my kettle", "where's my kettle")),
        ("I'm high where's my kettle", False, ("i'm high where's my kettle",)),
        ("もしも、荷物がまだ来ません。", True, ("もしも 荷物がまだ来ません", "荷物がまだ来ません")),
        ("where is it", True, ("where is it",)),
        ("it costs 1,200 yen", False, ("it costs 1 200 yen",)),
        ("No. Yes.", True, ("no yes",)),
        ("", True, ("",)),
    ],
)
def test_what_can_be_read_out_of_words(text: str, spoken: bool, found: tuple[str, ...]) -> None:
    assert readings(text, spoken=spoken) == found


def test_further_hypotheses_are_readings_too() -> None:
    others = (
        "where is my kettle please",
        "and I",
        "wear is my kettle",
        "where is my kettle please",
        "a b c d",
        "e f g h",
    )
    found = readings("wear is mike ettle", others)
    assert found == ("wear is mike ettle", "where is my kettle please", "wear is my kettle", "a b c d")


def test_only_an_unsure_utterance_is_read_again() -> None:
    assert unsure(_scores(0.5, ("order_status", 0.3)))
    assert unsure(_scores(0.01, ("order_status", 0.9)))
    assert not unsure(_scores(0.5, ("order_status", 0.6)))


def test_the_surest_reading_of_the_same_request_wins() -> None:
    whole = _scores(0.1, ("request_repair", 0.3), ("order_status", 0.28), ("place_order", 0.1))
    clear, clearer = _scores(0.5, ("order_status", 0.7)), _scores(0.8, ("order_status", 0.9))
    assert better(whole, [clear, clearer]) == 1
    assert better(whole, [clearer, clear]) == 0


@pytest.mark.parametrize(
    "other",
    [
        _scores(0.9, ("place_order", 0.9)),
        _scores(0.9, ("deny", 0.99)),
        _scores(0.9, ("order_status", 0.4)),
        _scores(0.05, ("order_status", 0.9)),
    ],
    ids=["another request", "a bare answer", "unsure itself", "less in scope"],
)
def test_the_whole_stays_when_a_reading_is_no_better(other: Scores) -> None:
    whole = _scores(0.1, ("order_status", 0.3), ("deny", 0.29), ("place_order", 0.1))
    assert better(whole, [other]) is None
