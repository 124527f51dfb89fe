"""The course of a task: filling, confirming, correcting, digressing, verifying."""

from __future__ import annotations

from tests.support.talk import Talk, day, lamp, serial, window
from voicebot.domain import (
    Answer,
    Channel,
    Disposition,
    FaqScore,
    FlowChanged,
    HandoffReason,
    HungUp,
    NoticeGiven,
    SlotSet,
    SlotStatus,
    Source,
    Verified,
)

FAQ = (FaqScore("postage", 0.8),)


def repair(talk: Talk) -> Talk:
    """Up to the explicit question."""
    talk.values("the desk lamp on the 25th in the morning", lamp(), day("2026-11-25"), window(), intent="lamp_repair")
    talk.values("l one two three four", serial())
    talk.yes()
    talk.done()
    return talk


def test_notices_come_before_the_first_question():
    talk = Talk()
    assert [event.notice for event in talk.events if isinstance(event, NoticeGiven)] == ["ai", "recording"]
    assert talk.keys_said == ["utter_welcome", "utter_recording_notice", "utter_ask_need"]
    assert talk.texts[-1].endswith("?")
    assert not any("?" in text for text in talk.texts[:-1])


def test_several_values_from_the_first_sentence_are_not_asked_again():
    talk = Talk()
    talk.values("fix the desk lamp on the 25th", lamp(), day("2026-11-25"), intent="lamp_repair")
    assert talk.said == "desk, 2026-11-25, got it. Morning or afternoon?"
    talk.values("mornings", window())
    assert talk.keys_said == ["utter_ack_value", "utter_ask_serial"]
    confirmed = {e.slot for e in talk.logged(SlotSet) if e.status is SlotStatus.CONFIRMED}
    assert confirmed == {"lamp", "visit_day"}


def test_spoken_value_is_read_back_once_and_typed_one_is_not():
    talk = Talk()
    talk.say("how is my lamp", "lamp_status")
    talk.values("l one two three four", serial())
    assert talk.said == "L1234, is that right?"
    talk.yes()
    assert talk.keys_said == ["utter_auth_ask_phone4"]
    typed = Talk(channel=Channel.WEB_CHAT, source=Source.TEXT)
    typed.say("how is my lamp", "lamp_status")
    typed.values("L1234", serial(verbatim=True))
    assert typed.keys_said == ["utter_auth_ask_phone4"]
    assert typed.state.slot("serial").status is SlotStatus.CONFIRMED


def test_wrong_readback_with_the_right_value_in_the_same_breath():
    talk = Talk()
    talk.say("how is my lamp", "lamp_status")
    talk.values("l one two three four", serial())
    talk.values("no, one two three five", serial("L1235"), answer=Answer.NO)
    assert talk.texts == ["Sorry about that.", "L1235, is that right?"]
    assert [(e.value, e.previous) for e in talk.logged(SlotSet) if e.status is SlotStatus.CORRECTED] == [
        ("L1235", "L1234")
    ]


def test_verification_is_asked_before_the_first_lookup_and_never_again():
    talk = Talk()
    talk.values("how is l1234", serial(), intent="lamp_status")
    talk.yes()
    talk.values("one one one one", type(serial())("phone_last4", "1111"))
    assert talk.called.action == "action_verify_light"
    talk.done(verification="light")
    assert talk.one(Verified).level == "light"
    assert talk.called.action == "action_get_repair"
    talk.done(state="ready")
    assert talk.texts == ["Your lamp is ready.", "Is there anything else I can help with?"]
    talk.values("and l5678", serial("L5678"), intent="lamp_status")
    talk.yes()
    assert talk.called.action == "action_get_repair"


def test_failed_verification_ends_with_a_person_after_one_more_try():
    talk = Talk()
    talk.values("how is l1234", serial(), intent="lamp_status")
    talk.yes()
    for _ in range(2):
        assert talk.keys_said[-1] == "utter_auth_ask_phone4"
        talk.keys("9999")
        talk.done("mismatch", verification="failed")
    assert talk.handoff.reason is HandoffReason.AUTH_FAILED
    assert talk.handoff.skills == ("repairs",)


def test_explicit_question_takes_only_a_plain_yes():
    talk = repair(Talk())
    assert talk.said == "desk, 2026-11-25, morning, L1234. Shall I book it?"
    talk.maybe()
    assert talk.keys_said == ["utter_ambiguous_check"]
    assert talk.called is None
    talk.maybe()
    assert talk.keys_said == ["utter_keypad_explicit"]
    talk.keys("1")
    assert talk.called.action == "action_book_visit"
    talk.done()
    assert talk.texts[0] == "The visit is booked for 2026-11-25."


def test_no_to_the_explicit_question_changes_nothing():
    talk = repair(Talk())
    talk.no()
    assert talk.called is None
    assert talk.keys_said == ["utter_nevermind_ack", "utter_anything_else"]


def test_correction_in_the_final_question():
    talk = repair(Talk())
    talk.values("no, the 26th", day("2026-11-26"), answer=Answer.NO)
    assert talk.called.action == "action_check_visit"  # what was looked up with the old day is looked up again
    talk.done()
    assert talk.said == "desk, 2026-11-26, morning, L1234. Shall I book it?"
    corrected = [e for e in talk.logged(SlotSet) if e.status is SlotStatus.CORRECTED]
    assert [(e.slot, e.value, e.previous) for e in corrected] == [("visit_day", "2026-11-26", "2026-11-25")]
    talk.yes()
    assert talk.called.slots["visit_day"] == "2026-11-26"


def test_correction_of_an_earlier_slot_while_another_is_asked():
    talk = Talk()
    talk.values("the desk lamp on the 15th", lamp(), day("2026-12-15"), intent="lamp_repair")
    talk.values(
        "sorry not the 15th, the 25th, in the morning", day("2026-12-15", negated=True), day("2026-12-25"), window()
    )
    assert talk.state.value("visit_day") == "2026-12-25"
    assert talk.state.value("window") == "morning"
    assert talk.texts[0].startswith("Sorry about that.")
    assert talk.keys_said[-1] == "utter_ask_serial"


def test_unclear_correction_is_asked_about_once():
    talk = repair(Talk())
    talk.say("that is wrong", "correct_info", answer=None)
    assert talk.keys_said == ["utter_correction_which"]
    talk.values("the floor lamp", lamp("floor"))
    talk.done()
    assert talk.said == "floor, 2026-11-25, morning, L1234. Shall I book it?"


def test_digression_is_answered_and_the_question_comes_back_once():
    talk = Talk()
    talk.values("mend my desk lamp", lamp(), intent="lamp_repair")
    talk.say("who pays the postage", "lamp_repair", faq=FAQ)
    assert talk.texts == ["We pay the postage if it is faulty.", "Back to the repair. Which day suits you?"]
    assert [(e.flow, e.change) for e in talk.events if isinstance(e, FlowChanged)] == [
        ("lamp_repair", "suspended"),
        ("lamp_repair", "resumed"),
    ]
    assert talk.state.value("lamp") == "desk"


def test_task_inside_a_task_comes_back():
    talk = Talk()
    talk.values("mend my desk lamp", lamp(), intent="lamp_repair")
    talk.say("I want bulbs", "lamp_buy")
    assert talk.said == "How many bulbs?"
    talk.values("three", type(lamp())("number", "3"))
    talk.maybe()  # a loose answer declines an offer
    assert talk.texts == ["3 bulbs noted.", "Back to the repair. Which day suits you?"]
    assert talk.state.value("gift") is None
    assert [e.change for e in talk.logged(FlowChanged)] == ["started", "suspended", "started", "completed", "resumed"]


def test_free_text_is_taken_as_it_is():
    talk = Talk()
    talk.say("I want to complain", "lamp_complaint")
    talk.say("my lamp has been broken for a week", "lamp_repair")
    assert talk.state.value("what_happened") == "my lamp has been broken for a week"
    assert talk.handoff.skills == ("complaints",)


def test_control_words_are_no_free_text():
    talk = Talk()
    talk.say("I want to complain", "lamp_complaint")
    talk.say("hold on", "hold_on")
    assert talk.keys_said == ["utter_hold_ack"]
    assert talk.state.value("what_happened") is None


def test_optional_value_may_be_refused():
    talk = Talk()
    talk.values("desk lamp, 25th", lamp(), day("2026-11-25"), intent="lamp_repair")
    talk.say("I don't know", "deny", 0.3)
    assert talk.keys_said[-1] == "utter_ask_serial"


def test_value_nobody_knows_goes_to_a_person():
    talk = Talk()
    talk.say("how is my lamp", "lamp_status")
    talk.say("I don't know it")
    assert talk.handoff.reason is HandoffReason.FLOW_REQUIRES_HUMAN


def test_unreachable_back_end_is_a_person_even_if_the_flow_forgot_it():
    talk = Talk()
    talk.values("how is l1234", serial(), intent="lamp_status")
    talk.yes()
    talk.keys("1111")
    talk.done(verification="light")
    talk.broken()
    assert talk.handoff.reason is HandoffReason.BACKEND_ERROR
    assert "can't reach our system" in talk.said


def test_hang_up_in_a_task():
    talk = Talk()
    talk.values("mend my desk lamp", lamp(), intent="lamp_repair")
    talk.take(HungUp())
    assert talk.ended.disposition is Disposition.ABANDONED_IN_FLOW
    assert talk.take(HungUp()).effects == ()


def test_hang_up_without_a_request():
    talk = Talk()
    talk.take(HungUp())
    assert talk.ended.disposition is Disposition.ABANDONED_NO_REQUEST


def test_loose_answer_after_anything_else_is_a_no():
    talk = Talk()
    talk.say("who pays the postage", "lamp_info", faq=FAQ)
    assert talk.keys_said[-1] == "utter_anything_else"
    talk.maybe()
    assert talk.keys_said == ["utter_goodbye"]
    assert talk.ended.disposition is Disposition.RESOLVED_BY_BOT


def test_never_mind_leaves_the_task_and_says_so():
    talk = Talk()
    talk.values("mend my desk lamp", lamp(), intent="lamp_repair")
    talk.say("never mind", "nevermind")
    assert talk.keys_said == ["utter_nevermind_ack", "utter_anything_else"]
    talk.no()
    assert talk.ended.disposition is Disposition.DECLINED_BY_CUSTOMER


def test_start_over_keeps_nothing_of_the_task():
    talk = Talk()
    talk.values("mend my desk lamp", lamp(), intent="lamp_repair")
    talk.say("start again", "start_over")
    assert talk.state.stack == ()
    assert talk.state.value("lamp") is None
    assert talk.keys_said == ["utter_start_over_ack", "utter_ask_need"]


def test_words_during_an_action_are_heard_afterwards():
    talk = Talk()
    talk.values("how is l1234", serial(), intent="lamp_status")
    talk.yes()
    talk.keys("1111")
    talk.say("who pays the postage", "lamp_info", faq=FAQ)
    assert talk.effects == ()
    talk.done(verification="light")
    talk.done(state="ready")
    assert "We pay the postage if it is faulty." in talk.texts


def test_known_caller_is_not_asked_what_our_records_say():
    from dataclasses import replace

    from tests.support.talk import lamps

    content = lamps()
    flow = content.flows["lamp_status"]
    steps = {k: replace(s, default_from_caller=True) if k == "s1" else s for k, s in flow.steps.items()}
    known = replace(content, flows={**content.flows, "lamp_status": replace(flow, steps=steps)})
    talk = Talk(known, customer={"serial": "L7777"})
    talk.say("how is my lamp", "lamp_status")
    assert talk.keys_said == ["utter_auth_ask_phone4"]
