"""Secrets by keys: never in the log, the state or the words; recording comes back whatever happens."""

from __future__ import annotations

import pytest

from tests.support.talk import Talk
from voicebot.domain import Channel, KeysPressed, SetRecording, SlotSet, Source

CARD = "4111111111111111"


def recording(talk: Talk) -> list[bool]:
    return [effect.on for effect in talk.effects if isinstance(effect, SetRecording)]


def at_the_card() -> Talk:
    talk = Talk()
    talk.say("I want to pay", "lamp_pay")
    assert recording(talk) == [False]
    assert talk.step.expects.sensitive
    return talk


def test_keyed_card_number_reaches_the_action_and_nothing_else():
    talk = at_the_card()
    talk.keys(CARD)
    assert talk.called.slots["card_number"] == CARD
    assert talk.one(KeysPressed).digits == ""
    assert talk.one(SlotSet).value == ""
    assert CARD not in repr(talk.log) + repr(talk.state.to_json()) + " ".join(talk.spoken)
    talk.done()
    assert recording(talk) == [True]
    assert talk.state.value("card_number") is None


@pytest.mark.parametrize("intent", ["nevermind", "start_over"])
def test_leaving_resumes_recording(intent: str):
    talk = at_the_card()
    talk.say("stop that please", intent)
    assert recording(talk) == [True]


def test_failure_of_the_back_end_is_a_person():
    talk = at_the_card()
    talk.keys(CARD)
    talk.broken()
    assert talk.handoff is not None


def test_spoken_digits_are_refused_politely():
    talk = at_the_card()
    talk.say("[CARD]", "pii_card", 1.0)
    assert talk.keys_said == ["utter_pii_warning", "utter_ask_card_number"]


def test_refused_recording_stays_off_after_a_payment():
    talk = Talk()
    talk.say("do not record", "privacy_request")
    talk.say("I want to pay", "lamp_pay")
    talk.keys(CARD)
    talk.done()
    assert True not in recording(talk)
    assert talk.state.recording is False


def test_a_chat_takes_secrets_as_keys_too():
    talk = Talk(channel=Channel.WEB_CHAT, source=Source.TEXT)
    talk.say("I want to pay", "lamp_pay")
    assert talk.step.expects.keypad is not None and talk.step.expects.sensitive


def test_nothing_interrupts_a_payment_but_a_person_can_be_had():
    talk = at_the_card()
    talk.say("how is my lamp", "lamp_status")
    assert talk.keys_said == ["utter_finish_first", "utter_ask_card_number"]
    talk.keys("0")
    assert talk.handoff is not None
