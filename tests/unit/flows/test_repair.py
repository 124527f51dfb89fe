"""Ladders, keys, people, language: everything that must work in every state."""

from __future__ import annotations

import pytest

from tests.support.talk import Talk, day, in_repair, lamp, serial, window
from voicebot.domain import (
    EN,
    JA,
    Alerted,
    Answer,
    Channel,
    Disposition,
    Entity,
    FaqScore,
    HandoffReason,
    Hazard,
    IntentScore,
    LanguageChanged,
    NoticeGiven,
    RecordingChanged,
    Repaired,
    SafetyHit,
    SetPace,
    SetRecording,
    Source,
    SwitchLanguage,
    Understood,
)

SMOKE = SafetyHit(Hazard.FIRE_ELECTRIC, "smoke", True)


def test_silence_has_three_prompts_and_an_end():
    talk = Talk()
    heard = []
    for _ in range(3):
        talk.silence()
        heard.append(talk.said)
    assert len(set(heard)) == 3
    assert "What can I help you with?" in heard[0]
    assert "0 for a person" in heard[1]
    assert "link" not in heard[2]
    assert talk.ended.disposition is Disposition.NO_INPUT
    assert talk.step.expects.no_input_ms > 0


def test_third_silence_waits_longer():
    talk = Talk()
    assert talk.step.expects.no_input_ms == 7000
    talk.silence()
    assert talk.step.expects.no_input_ms == 7000
    talk.silence()
    assert talk.step.expects.no_input_ms == 10000


def test_speech_resets_the_silence_ladder():
    talk = Talk()
    talk.silence()
    talk.say("hello", "greet")
    talk.silence()
    assert talk.keys_said == ["utter_no_input_1"]


def test_silence_after_the_work_is_done_is_goodbye():
    talk = Talk()
    talk.say("who pays", "lamp_info", faq=(FaqScore("postage", 0.9),))
    talk.silence()
    talk.silence()
    assert talk.keys_said == ["utter_goodbye"]
    assert talk.ended.disposition is Disposition.RESOLVED_BY_BOT


def test_second_noise_offers_the_menu_and_a_key_starts_the_flow():
    talk = Talk()
    talk.noise()
    assert talk.keys_said == ["utter_no_match_1"]
    talk.noise()
    assert talk.keys_said == ["utter_noise_1", "utter_menu_keypad"]
    assert "1 for a repair, 2 for the state of a repair" in talk.said
    talk.keys("2")
    understood = talk.one(Understood)
    assert (understood.intent, understood.source) == ("lamp_status", Source.KEYPAD)
    talk.keys("1234")
    assert talk.state.value("serial") == "L1234"
    assert talk.keys_said == ["utter_auth_ask_phone4", "utter_keypad_digits"]  # keyed in: not read back


def test_third_failure_is_a_person():
    talk = Talk()
    for _ in range(3):
        talk.say("mumble")
    assert talk.handoff.reason is HandoffReason.NO_MATCH


def test_slot_ladder_offers_its_own_keys():
    talk = Talk()
    talk.say("how is my lamp", "lamp_status")
    talk.say("mumble")
    assert talk.keys_said == ["utter_not_caught", "utter_ask_serial"]
    talk.say("mumble")
    assert talk.keys_said == ["utter_keypad_prefixed"]
    assert "4 digits after the L" in talk.said
    talk.say("mumble")
    assert talk.handoff.reason is HandoffReason.NO_MATCH


def test_failures_add_up_over_the_conversation():
    talk = Talk()
    talk.say("mumble")
    talk.say("how is my lamp", "lamp_status")
    talk.say("mumble")
    talk.values("l1234", serial())
    talk.no()
    assert talk.handoff is not None


@pytest.mark.parametrize("where", ["open", "slot", "readback", "explicit", "menu", "action", "anything_else", "danger"])
@pytest.mark.parametrize("how", ["words", "key", "word_list"])
def test_a_person_is_one_turn_away_from_everywhere(where: str, how: str):
    talk = Talk()
    match where:
        case "slot":
            talk = in_repair()
        case "readback":
            talk.values("how is l1234", serial(), intent="lamp_status")
        case "explicit" | "action":
            talk.values("all", lamp(), day("2026-11-25"), window(), intent="lamp_repair")
            talk.keys("1234")
            if where == "explicit":
                talk.done()
        case "menu":
            talk.noise()
            talk.noise()
        case "anything_else":
            talk.say("who pays", "lamp_info", faq=(FaqScore("postage", 0.9),))
        case "danger":
            talk.say("hm", ranking=(IntentScore("emergency_safety", 0.5),))
    for _ in range(2):
        if talk.handoff is not None:
            break
        match how:
            case "words":
                talk.say("can I speak to somebody", "request_human")
            case "key":
                talk.keys("0")
            case _:
                talk.say("operator")
    assert talk.handoff is not None
    assert talk.handoff.reason in (HandoffReason.CUSTOMER_ASKED, HandoffReason.EMERGENCY)


def test_reason_is_asked_once_and_kept():
    talk = Talk()
    talk.say("agent please", "request_human")
    assert talk.keys_said == ["utter_handoff_reason_ask"]
    talk.say("it is about a broken lamp", "lamp_repair")
    assert talk.state.value("handoff_reason") == "it is about a broken lamp"
    assert talk.handoff.skills == ("repairs",)
    assert talk.ended.disposition is Disposition.HANDED_OFF
    assert "recorded" in talk.said


@pytest.mark.parametrize("words", ["now", "just get me someone"])
def test_urgency_skips_the_question(words: str):
    talk = Talk()
    talk.say("agent please", "request_human")
    talk.say(words)
    assert talk.handoff is not None
    at_once = Talk()
    at_once.say("a person right now", "request_human")
    assert at_once.handoff is not None


def test_bot_challenge_is_answered_and_the_flow_kept():
    talk = in_repair()
    talk.say("are you a robot", "bot_challenge")
    assert talk.texts[0].startswith("Yes, I'm an automated AI")
    assert talk.texts[1:] == ["Which day suits you?"]
    assert talk.one(NoticeGiven).notice == "ai"
    assert talk.state.value("lamp") == "desk"


def test_repeat_slower_and_hold_on():
    talk = in_repair()
    first = talk.texts
    talk.say("pardon", "ask_repeat")
    assert talk.texts == first
    talk.say("slower please, I'm a bit deaf", "ask_slower")
    assert talk.one(SetPace).rate == 0.8
    assert talk.one(Alerted).alert == "hard_of_hearing"
    assert talk.step.expects.slow
    assert talk.step.expects.no_input_ms == 11900
    talk.say("hold on", "hold_on")
    assert talk.step.expects.no_input_ms == 60000
    talk.silence()
    assert talk.keys_said == ["utter_hold_check"]
    talk.silence()
    assert talk.keys_said == ["utter_no_input_1"]


def test_language_switch_keeps_everything_and_repeats_the_question():
    talk = in_repair()
    talk.say("日本語でお願いします", "switch_language", language=JA)
    assert talk.one(SwitchLanguage).language == JA
    assert talk.one(LanguageChanged).language == JA
    assert talk.keys_said == ["utter_lang_switched", "utter_ask_visit_day"]
    assert "ご希望の日" in talk.said
    assert talk.state.value("lamp") == "desk"


def test_going_on_in_another_language_switches_and_answers():
    talk = Talk(language=JA)
    talk.say("my desk lamp is broken", "lamp_repair", entities=(lamp(),), language=EN)
    assert talk.keys_said[0] == "utter_lang_switched"
    assert talk.keys_said[-1] == "utter_ask_visit_day"


@pytest.mark.parametrize("text", ["OK", "A20481137", "L1234", "yes"])
def test_codes_and_short_words_do_not_switch(text: str):
    talk = Talk(language=JA)
    talk.say(text, language=EN)
    assert talk.state.language == JA


def test_unsupported_language_is_said_and_passed_on():
    talk = Talk()
    talk.say("can we speak Portuguese", "switch_language")
    assert talk.keys_said[0] == "utter_lang_unsupported"
    assert "lang:pt" in talk.handoff.skills


def test_out_of_scope_costs_nobody_and_ends_politely():
    talk = Talk()
    talk.say("renew my passport", "out_of_scope", 0.9)
    assert talk.keys_said == ["utter_oos"]
    assert talk.handoff is None
    talk.say("oh sorry wrong number", "goodbye")
    assert talk.keys_said == ["utter_goodbye_wrong_number"]
    assert talk.ended.disposition is Disposition.OUT_OF_SCOPE


def test_card_number_in_chat_is_refused_and_the_question_stands():
    talk = in_repair()
    talk.say("my card is ****", "pii_card", 1.0)
    assert talk.keys_said == ["utter_pii_warning", "utter_ask_visit_day"]


def test_recording_is_stopped_and_erased_and_stays_off():
    talk = in_repair()
    talk.say("don't record this", "privacy_request")
    change = talk.one(SetRecording)
    assert (change.on, change.discard) == (False, True)
    assert talk.one(RecordingChanged).reason == "off_by_request"
    assert talk.texts[-1].startswith("Back to the repair.")


def test_two_close_readings_are_asked_about_once():
    talk = Talk()
    near = (IntentScore("lamp_repair", 0.4), IntentScore("lamp_status", 0.38))
    talk.say("my lamp", "lamp_repair", 0.4, ranking=near)
    assert talk.said == "Is this about the repair, or the state of the repair?"
    talk.say("the second one", ranking=near)
    assert talk.keys_said == ["utter_ask_serial"]


def test_unsure_utterance_with_an_faq_answer_is_answered():
    talk = Talk()
    talk.say("postage?", faq=(FaqScore("postage", 0.7),))
    assert talk.keys_said == ["utter_faq_answer", "utter_anything_else"]


def test_unsure_statement_that_sounds_like_a_task_gets_no_faq_answer():
    talk = Talk()
    talk.say("my lamp has not come", "lamp_repair", 0.3, faq=(FaqScore("postage", 0.7),))
    assert "utter_faq_answer" not in talk.keys_said


def test_unsure_question_that_sounds_a_little_like_a_task_is_answered():
    talk = Talk()
    talk.say("who pays the postage for a lamp", "lamp_repair", 0.3, faq=(FaqScore("postage", 0.7),))
    assert talk.keys_said == ["utter_faq_answer", "utter_anything_else"]


def test_chat_has_no_keys_but_numbers_can_be_typed():
    talk = Talk(channel=Channel.WEB_CHAT, source=Source.TEXT)
    talk.say("mumble")
    talk.say("mumble")
    assert talk.said.startswith("You can type a number: 1 for a repair")
    talk.say("2")
    assert talk.keys_said[-1] == "utter_ask_serial"
    assert talk.step.expects.keypad is None


def test_callback_is_recorded_by_the_back_end():
    talk = Talk()
    talk.say("call me back", "request_callback")
    talk.values("07700900999", Entity("phone_number", "07700900999"))
    talk.yes()
    talk.say("tomorrow morning")
    assert talk.called.action == "action_book_callback"
    talk.done(ticket="T-1")
    assert "07700900999, tomorrow morning" in talk.said
    talk.no()
    assert talk.ended.disposition is Disposition.CALLBACK_BOOKED


def test_ambiguous_is_yes_to_a_readback_only():
    talk = Talk()
    talk.values("how is l1234", serial(), intent="lamp_status")
    talk.say("that's fine", "ambiguous_ok", answer=Answer.AMBIGUOUS)
    assert talk.keys_said == ["utter_auth_ask_phone4"]


def test_keypad_wish_offers_the_keys_of_the_question():
    talk = Talk()
    talk.say("how is my lamp", "lamp_status")
    talk.say("can I type it", "prefer_keypad")
    assert talk.keys_said == ["utter_keypad_prefixed"]
    assert Repaired(pattern="keypad_offered") in talk.log
    assert talk.step.expects.keypad.max_digits == 4
