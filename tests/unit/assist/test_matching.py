"""What an utterance, or a circumstance, calls for."""

from dataclasses import replace
from pathlib import Path

import pytest

from voicebot.assist.content import load_assist
from voicebot.assist.matching import (
    Context,
    Matcher,
    Spoken,
    filled,
    matcher,
    missing,
    silent,
    talked_over,
)
from voicebot.assist.model import Card, CardKind, CardSet, CardText, OwnSpeech, Reason, Speaker, Triggers
from voicebot.domain import EN, JA, Language, TenantId

FLOWS = Path(__file__).parents[3] / "flows"


@pytest.fixture(scope="module")
def shop() -> Matcher:
    return matcher(load_assist(FLOWS, "shop"))


def _found(ready: Matcher, spoken: Spoken) -> dict[str, Reason]:
    return {one.card: one.reason for one in ready.candidates(spoken, Context())}


def test_the_customers_words(shop: Matcher) -> None:
    said = Spoken(Speaker.CUSTOMER, "荷物がまだ届かないんです", JA, "u1")
    assert _found(shop, said) == {"card_late_delivery": Reason.PHRASE}


def test_the_other_partys_words_call_for_nothing(shop: Matcher) -> None:
    assert not _found(shop, Spoken(Speaker.AGENT, "お荷物が届かないとのことですね", JA))


def test_a_veto(shop: Matcher) -> None:
    assert not _found(shop, Spoken(Speaker.CUSTOMER, "I did ask my wife and she said yes", EN))


def test_the_agents_forbidden_promise(shop: Matcher) -> None:
    said = Spoken(Speaker.AGENT, "It's absolutely guaranteed to be there tomorrow", EN)
    assert _found(shop, said) == {"card_forbidden_promise": Reason.OWN_SPEECH}
    assert not _found(shop, Spoken(Speaker.CUSTOMER, said.text, EN))


def test_meaning_alone_must_be_very_like(shop: Matcher) -> None:
    said = Spoken(
        Speaker.CUSTOMER, "The van went past and nothing for us again", EN, meaning={"card_late_delivery": 0.999}
    )
    assert _found(shop, said) == {"card_late_delivery": Reason.MEANING}
    weak = Spoken(Speaker.CUSTOMER, said.text, EN, meaning={"card_late_delivery": 0.6})
    assert not _found(shop, weak)


def test_unfinished_words_bring_no_meaning(shop: Matcher) -> None:
    said = Spoken(
        Speaker.CUSTOMER, "The van went past and nothing", EN, final=False, meaning={"card_late_delivery": 0.999}
    )
    assert not _found(shop, said)


def test_upset_words(shop: Matcher) -> None:
    said = Spoken(Speaker.CUSTOMER, "I'm furious, this is a waste of time", EN)
    assert shop.sentiment(said) < -0.5
    assert _found(shop, said).get("card_complaint_listen") is Reason.SENTIMENT
    assert shop.sentiment(Spoken(Speaker.CUSTOMER, "助かりました、ありがとうございます", JA)) > 0
    assert shop.sentiment(Spoken(Speaker.CUSTOMER, "I'm not angry at all", EN)) == 0


def test_circumstances() -> None:
    cards = load_assist(FLOWS, "shop")
    assert [one.card for one in silent(cards, 21, JA, Context())] == ["card_silence"]
    assert not silent(cards, 19, JA, Context())
    assert [one.card for one in talked_over(cards, 1600, EN, Context())] == ["card_talk_over"]


def test_a_missing_notice() -> None:
    own = OwnSpeech(missing={EN: ("call is recorded",)}, within_s=30, before=("place_order",))
    card = Card("c", CardKind.COMPLIANCE, Triggers(own_speech=own), {EN: CardText("Notice", "...")}, Speaker.AGENT)
    cards = CardSet(TenantId("shop"), "1", {"c": card})
    assert not missing(cards, frozenset(), 29, EN, Context())
    assert missing(cards, frozenset(), 30, EN, Context())
    assert missing(cards, frozenset(), 1, EN, Context(), entering="place_order")
    given = matcher(cards).notices(Spoken(Speaker.AGENT, "Just so you know, this call is recorded", EN))
    assert given == {"c"}
    assert not missing(cards, given, 60, EN, Context())


def test_a_sentence_without_its_value_is_left_out() -> None:
    text = CardText("T", "I'm sorry. The new date is {eta}. I'll ring you.", ("tell {eta}", "listen"))
    assert filled(text, {}).talk == "I'm sorry. I'll ring you."
    assert filled(text, {}).do == ("listen",)
    assert filled(text, {"eta": "12.5."}).talk == "I'm sorry. The new date is 12.5.. I'll ring you."
    japanese = CardText("題", "お待たせしました。お届けは{eta}です。確認します。")
    assert filled(japanese, {}).talk == "お待たせしました。確認します。"


def test_values_of_a_card(shop: Matcher) -> None:
    said = Spoken(Speaker.CUSTOMER, "my parcel hasn't arrived", EN, "u")
    (found,) = shop.candidates(said, Context(slots={"eta": "Friday", "amount": "5"}))
    assert found.values == {"eta": "Friday"}


def test_a_phrase_that_means_something_else_calls_for_nothing(shop: Matcher) -> None:
    said = Spoken(Speaker.CUSTOMER, "荷物がまだ届かないんです", JA, "u1", meaning={"card_late_delivery": 0.2})
    assert not _found(shop, said)
    meant = replace(said, meaning={"card_late_delivery": 0.7})
    assert _found(shop, meant) == {"card_late_delivery": Reason.PHRASE}
    unlearnt = replace(said, meaning={"card_think_about_it": 0.2})
    assert _found(shop, unlearnt) == {"card_late_delivery": Reason.PHRASE}


def test_upset_words_that_mean_something_else_call_for_nothing(shop: Matcher) -> None:
    said = Spoken(Speaker.CUSTOMER, "もう最悪、本当に腹が立つ、ふざけないでください", JA, "u1")
    assert _found(shop, said).get("card_complaint_listen") is Reason.SENTIMENT
    assert "card_complaint_listen" not in _found(shop, replace(said, meaning={"card_complaint_listen": 0.2}))


def test_phrases_wait_for_a_meaning_that_is_on_its_way(shop: Matcher) -> None:
    said = Spoken(Speaker.CUSTOMER, "荷物がまだ届かないんです", JA, "u1", final=False)
    assert _found(shop, said)
    assert not _found(shop, replace(said, waits=True))
    promise = Spoken(Speaker.AGENT, "It's absolutely guaranteed to be there tomorrow", EN, waits=True)
    assert _found(shop, promise) == {"card_forbidden_promise": Reason.OWN_SPEECH}


ALOUD = "card_card_number_aloud"


@pytest.mark.parametrize(
    ("text", "language", "due"),
    [
        ("It's a Visa, ready? Five five two...", EN, True),
        ("Sixteen digits, isn't it? Right: four nine two nine", EN, True),
        ("the long number, so that's 4929 11", EN, True),
        ("It's [CARD].", EN, True),
        ("ビザです、いきますよ、五五二の……", JA, True),
        ("[カード番号]です。", JA, True),
        ("the three on the back of my visa are six two five", EN, True),
        ("マスターカードで、五五一〇、えーと次が", JA, True),
        ("My card was billed five thousand two hundred, three of us saw it", EN, False),
        ("SIMカードの番号は八九八一です", JA, False),
        ("My Visa was charged 3000 yen twice", EN, False),
        ("I paid £300 with my debit card", EN, False),
        ("The number on the SIM card is eight nine four four", EN, False),
        ("My member number is three double oh one, one eight seven.", EN, False),
        ("My number is [PHONE].", EN, False),
        ("カードで払った三千円が戻っていません", JA, False),
        ("会員番号を言いますね、三〇〇一一八七です。", JA, False),
    ],
)
def test_a_payment_cards_number_read_aloud(shop: Matcher, text: str, language: Language, due: bool) -> None:
    for final in (True, False):
        spoken = Spoken(Speaker.CUSTOMER, text, language, final=final, waits=not final)
        assert (ALOUD in _found(shop, spoken)) is due


def test_a_sure_meaning_outweighs_a_veto(shop: Matcher) -> None:
    said = Spoken(Speaker.CUSTOMER, "I did ask my wife and I need to think about it", EN)
    assert not _found(shop, said)
    assert not _found(shop, replace(said, meaning={"card_think_about_it": 0.93}))
    assert _found(shop, replace(said, meaning={"card_think_about_it": 0.98}))


def test_unfinished_words_are_worth_asking_about_when_a_phrase_is_in_them(shop: Matcher) -> None:
    assert shop.has_phrase(Spoken(Speaker.CUSTOMER, "荷物がまだ届かないんです", JA, final=False))
    assert not shop.has_phrase(Spoken(Speaker.CUSTOMER, "もしもし", JA, final=False))
