"""From what is said and happens to the events of cards."""

from __future__ import annotations

import pytest

from tests.unit.assist.live_talk import EDITION, SATO, Talk, says, without
from voicebot.assist.engine import GAP_S, Candidate
from voicebot.assist.kept import KEPT_S, Kept
from voicebot.assist.live_session import Insight
from voicebot.assist.model import Reason
from voicebot.assist.ranking import Record, Usefulness
from voicebot.assist.sources import Speaking
from voicebot.domain import (
    EN,
    CardEnded,
    CardShown,
    FlowChanged,
    Heard,
    HoldChanged,
    Party,
    SlotSet,
    SlotStatus,
    Source,
    TranscriptCorrected,
    TranscriptionChanged,
    Understood,
    UtteranceId,
)


def heard(text: str, name: str) -> Heard:
    return Heard(utterance=UtteranceId(name), text=text, language=EN, source=Source.SPEECH)


def slot(name: str, value: object, **more: object) -> SlotSet:
    return SlotSet(flow="f", slot=name, value=value, status=SlotStatus.CONFIRMED, **more)  # type: ignore[arg-type]


def test_an_objection_brings_its_card_with_the_words_that_called_for_it() -> None:
    talk = Talk()
    spoken = says("Well, I can get a better deal with another company.")
    (shown,) = talk.keep(talk.session.said(spoken, talk.now_s))
    assert shown == CardShown(
        card="rival", version="v1", agent=SATO, reason="phrase", utterance=spoken.utterance, place="prominent"
    )


def test_words_that_are_not_over_show_it_early_and_the_final_ones_do_not_again() -> None:
    talk = Talk()
    first = talk.hears("I can get a better deal with another company and", final=False, utterance="u-x")
    assert [type(event) for event in first] == [CardShown]
    assert talk.hears("I can get a better deal with another company and I will.", utterance="u-x") == []
    assert talk.passes(200) and talk.shown() == ["rival"]


def test_words_announced_late_do_not_come_after_the_final_ones() -> None:
    talk = Talk()
    talk.hears("No thank you, goodbye.", utterance="u-x")
    assert talk.hears("it's too expensive", final=False, utterance="u-x") == []


def test_only_the_right_party_calls_for_a_card() -> None:
    talk = Talk()
    assert talk.hears("Some say it is too expensive.", Party.AGENT) == []
    assert talk.hears("It is too expensive.") != []


@pytest.mark.parametrize("party", [Party.AGENT, Party.CUSTOMER])
def test_private_words_never_do(party: Party) -> None:
    talk = Talk()
    assert talk.hears("It is too expensive, I promise.", party, private=True) == []


def test_the_agents_own_promise_is_noticed() -> None:
    talk = Talk()
    talk.hears("I promise it comes tomorrow.", Party.AGENT)
    assert talk.shown() == ["no_promise"]
    assert next(event.reason for event in talk.events if isinstance(event, CardShown)) == "own_speech"


def test_what_words_mean_comes_later_and_counts_then() -> None:
    talk = Talk()
    spoken = says("Honestly I have been waiting for my money for weeks")
    assert talk.session.said(spoken, talk.now_s, sure=False) == []
    (shown,) = talk.session.said(spoken, talk.now_s, Insight("refund_status", 0.9))
    assert isinstance(shown, CardShown) and (shown.card, shown.reason) == ("refund", "intent")
    other = Talk()
    spoken = says("This whole thing makes me see red")
    (shown,) = other.session.said(spoken, other.now_s, Insight(meaning={"cross": 0.97}))
    assert isinstance(shown, CardShown) and (shown.card, shown.reason) == ("cross", "meaning")


def test_what_came_too_soon_after_another_card_is_shown_a_little_later() -> None:
    talk = Talk()
    talk.hears("I can get a better deal with another company.")
    talk.passes(5)
    assert talk.hears("And it is too expensive.") == []
    talk.passes(8)
    assert talk.shown() == ["rival", "price"]
    at_once = Talk()
    at_once.hears("I can get a better deal with another company.")
    at_once.hears("And it is too expensive.")
    at_once.passes(GAP_S - 1)
    assert at_once.shown() == ["rival"]
    at_once.passes(2)
    assert at_once.shown() == ["rival", "price"]


def test_what_waits_for_its_turn_waits_no_longer_than_it_is_news() -> None:
    first, second, again = (Candidate(card, Reason.PHRASE, 1.0) for card in ("rival", "price", "rival"))
    kept = Kept().plus([first], 0.0).plus([second], 5.0)
    assert kept.at(KEPT_S - 0.5) == [first, second]
    assert kept.at(KEPT_S) == [second]
    assert kept.at(KEPT_S + 5.0) == []
    assert kept.plus([again], 6.0).at(KEPT_S + 5.5) == [again]


def test_a_card_expires_and_what_nobody_wants_is_not_shown() -> None:
    talk = Talk()
    talk.hears("It is too expensive.")
    talk.passes(61)
    assert talk.ended() == [("price", "expired")]
    weary = Talk()
    weary.session.usefulness = Usefulness(cards={"price": Record(good=0, bad=30)})
    assert weary.hears("It is too expensive.") == []


def test_during_a_payment_nothing_is_shown_and_what_is_there_goes() -> None:
    talk = Talk()
    talk.hears("It is too expensive.")
    talk.happens(TranscriptionChanged(on=False))
    assert talk.ended() == [("price", "replaced")]
    talk.now_s += 200
    assert talk.hears("I can get a better deal with another company.") == []
    assert talk.passes(5) == []
    talk.happens(TranscriptionChanged(on=True))
    assert talk.hears("I can get a better deal with another company.") != []


def test_values_the_conversation_knows_are_filled_in_and_secrets_are_not() -> None:
    talk = Talk()
    talk.happens(slot("product_name", "the kettle"))
    talk.hears("It is too expensive.")
    assert talk.events[-1].values == {"product_name": "the kettle"}  # type: ignore[union-attr]
    other = Talk()
    other.happens(slot("product_name", "", sensitive=True))
    other.hears("It is too expensive.")
    assert other.events[-1].values == {}  # type: ignore[union-attr]


def test_slots_flows_and_silence_call_for_cards() -> None:
    edition = without("say_recorded")
    talk = Talk(edition)
    talk.happens(slot("order_id", "A12345678"))
    assert talk.shown() == ["has_order"]
    talk = Talk(edition)
    talk.happens(FlowChanged(flow="return_product", change="started"))
    assert talk.shown() == ["in_returns"]
    talk = Talk(edition)
    talk.hears("Let me see.", Party.AGENT, ended_ms=1000)
    talk.passes(7)
    assert talk.shown() == []
    talk.passes(2)
    assert talk.shown() == ["quiet"]


def begins(talk: Talk, name: str, *, on: bool = True, private: bool = False) -> None:
    one = Speaking(party=Party.AGENT, agent=SATO, utterance=UtteranceId(name), on=on, at_ms=0, private=private)
    talk.keep(talk.session.speaking(one, talk.now_s))


@pytest.mark.parametrize("live", [True, False])
def test_a_hold_is_no_silence_and_after_it_silence_begins_anew(live: bool) -> None:
    talk = Talk(without("say_recorded"), live=live)
    if live:
        talk.hears("One moment, please.", Party.AGENT, ended_ms=1000)
    talk.happens(HoldChanged(on=True))
    if not live:
        talk.keep(talk.session.up_to_date(talk.now_s))
    talk.passes(20)
    begins(talk, "a-private", private=True)
    talk.hears("What do we do about this?", Party.AGENT, private=True)
    begins(talk, "a-private", on=False, private=True)
    begins(talk, "a-late", on=False)
    talk.hears("One moment, please.", Party.AGENT, ended_ms=1000)
    talk.passes(20)
    talk.happens(HoldChanged(on=False))
    talk.passes(7)
    assert talk.shown() == []
    talk.passes(2)
    assert talk.shown() == ["quiet"]


def test_a_hold_from_before_the_agent_came_begins_no_silence() -> None:
    talk = Talk(without("say_recorded"), live=False)
    talk.happens(HoldChanged(on=True))
    talk.happens(HoldChanged(on=False))
    talk.now_s += 20
    talk.keep(talk.session.up_to_date(talk.now_s))
    talk.passes(1)
    assert talk.shown() == []


def test_speech_that_a_hold_cut_off_and_speech_that_goes_on_after_it() -> None:
    talk = Talk(without("say_recorded"))
    begins(talk, "a-1")
    talk.happens(HoldChanged(on=True))
    begins(talk, "a-1", on=False, private=True)
    begins(talk, "a-2")
    talk.happens(HoldChanged(on=False))
    talk.passes(20)
    assert talk.shown() == []
    begins(talk, "a-2", on=False)
    talk.passes(9)
    assert talk.shown() == ["quiet"]


def test_words_to_a_colleague_alone_do_not_end_the_customers_silence() -> None:
    talk = Talk(without("say_recorded"))
    talk.hears("Let me see.", Party.AGENT, ended_ms=1000)
    talk.passes(5)
    talk.hears("Do you know this one?", Party.AGENT, private=True)
    talk.passes(4)
    assert talk.shown() == ["quiet"]


def test_written_words_and_a_talk_nobody_began_are_no_silence() -> None:
    talk = Talk(without("say_recorded"))
    talk.hears("Let me see.", Party.AGENT, written=True)
    talk.passes(60)
    assert talk.shown() == []


def test_a_notice_that_is_due_is_asked_for_until_it_was_given() -> None:
    talk = Talk(EDITION)
    talk.passes(29)
    assert talk.shown() == []
    talk.passes(2)
    assert talk.shown() == ["say_recorded"]
    other = Talk(EDITION)
    other.hears("Just so you know, the call is recorded.", Party.AGENT, written=True)
    other.passes(60)
    assert other.shown() == []


def test_talking_over_each_other_is_noticed_once() -> None:
    talk = Talk()
    both = ((Party.AGENT, SATO, "a-1", 0), (Party.CUSTOMER, "", "u-1", 1000))
    for party, agent, name, at_ms in both:
        one = Speaking(party=party, agent=agent, utterance=UtteranceId(name), on=True, at_ms=at_ms)
        talk.keep(talk.session.speaking(one, talk.now_s))
    talk.hears("so what you do is", Party.AGENT, utterance="a-1", final=False, started_ms=0, ended_ms=2000)
    talk.hears("no listen", utterance="u-1", final=False, started_ms=1000, ended_ms=2000)
    assert talk.shown() == []
    talk.hears("so what you do is press", Party.AGENT, utterance="a-1", final=False, started_ms=0, ended_ms=3000)
    talk.hears("no listen to me", utterance="u-1", final=False, started_ms=1000, ended_ms=3000)
    assert talk.shown() == ["let_them_finish"]
    talk.now_s += 300
    talk.hears("no listen to me please", utterance="u-1", started_ms=1000, ended_ms=3500)
    assert talk.shown() == ["let_them_finish"]


def test_what_stands_open_when_the_agent_comes_calls_for_its_card() -> None:
    talk = Talk(without("say_recorded", "has_order"), live=False)
    talk.happens(FlowChanged(flow="return_product", change="started"))
    talk.happens(FlowChanged(flow="return_product", change="suspended"))
    assert talk.events == []
    talk.keep(talk.session.up_to_date(talk.now_s))
    assert talk.shown() == ["in_returns"]


def test_words_from_before_the_agent_came_call_for_nothing_those_since_then_do() -> None:
    talk = Talk(live=False)
    talk.now_s -= 1
    talk.happens(heard("It is too expensive.", "u-1"))
    talk.now_s += 2
    talk.happens(heard("I can get a better deal with another company.", "u-2"))
    talk.keep(talk.session.up_to_date(talk.now_s))
    assert talk.events == [] and talk.passes(1) == []
    assert [spoken.utterance for spoken in talk.session.just_said(talk.now_s)] == ["u-2"]
    assert talk.session.just_said(talk.now_s) == []
    late = Talk(live=False)
    late.happens(heard("I can get a better deal with another company.", "u-2"))
    assert late.session.just_said(late.now_s + 11) == []


def test_a_connection_that_comes_back_goes_on_with_what_is_on_the_screen() -> None:
    first = Talk()
    first.hears("It is too expensive.", utterance="u-7")
    again = Talk(live=False)
    for event in first.events:
        again.happens(event)
    again.now_s += 30
    again.keep(again.session.up_to_date(again.now_s))
    assert [one.card for one in again.session.state.screen] == ["price"]
    assert again.hears("It is too expensive, I said.") == []
    again.passes(31)
    assert again.ended() == [("price", "expired")]


def test_what_the_agent_does_with_a_card_is_heard_from_the_log_and_learnt() -> None:
    talk = Talk()
    before = talk.session.usefulness.expected("price")
    talk.hears("It is too expensive.")
    assert talk.happens(CardEnded(card="price", agent=SATO, how="used")) == []
    assert talk.session.state.screen == ()
    assert talk.session.usefulness.expected("price") > before
    talk.passes(120)
    assert talk.ended() == []


def test_a_card_asked_for_takes_its_place_on_the_screen() -> None:
    talk = Talk()
    talk.hears("It is too expensive.")
    talk.now_s += 20
    talk.hears("I can get a better deal with another company.")
    taken = talk.happens(CardShown(card="refund", version="v1", agent=SATO, reason="asked"))
    assert [(event.card, event.how) for event in taken if isinstance(event, CardEnded)] == [("price", "replaced")]
    assert [one.card for one in talk.session.state.screen] == ["rival", "refund"]


def test_cards_of_a_colleague_are_none_of_ours() -> None:
    talk = Talk()
    talk.happens(CardShown(card="price", version="v1", agent="S02", reason="phrase"))
    assert talk.session.state.screen == ()


def test_what_could_not_be_written_was_not_shown() -> None:
    talk = Talk()
    assert talk.session.said(says("It is too expensive."), talk.now_s)
    talk.session.revert()
    assert talk.session.state.screen == ()
    assert talk.hears("It is too expensive.")


def test_the_wish_and_its_words_are_known_also_when_mended() -> None:
    talk = Talk(live=False)
    talk.happens(heard("my monkey has not come", "u-1"))
    talk.happens(TranscriptCorrected(utterance=UtteranceId("u-1"), text="my money has not come", agent=SATO))
    for name, intent in (("u-1", "refund_status"), ("u-2", "request_human")):
        talk.happens(
            Understood(utterance=UtteranceId(name), intent=intent, confidence=1, in_scope=1, source=Source.SPEECH)
        )
    assert (talk.session.known.intent, talk.session.known.summary) == ("refund_status", "my money has not come")
