"""Anger and danger, in every state: who is told, what is asked, what goes on."""

from __future__ import annotations

import pytest

from tests.support.talk import Talk, day, in_repair, lamp
from voicebot.domain import (
    JA,
    Alerted,
    DangerSeen,
    DeskAnswer,
    DeskReply,
    Disposition,
    HandoffId,
    HandoffReason,
    Hazard,
    IntentScore,
    SafetyHit,
)

SMOKE = SafetyHit(Hazard.FIRE_ELECTRIC, "smoke", True)


def test_anger_goes_to_a_person_on_the_first_turn_without_a_question():
    talk = in_repair()
    talk.say("how many times do I have to tell you", "express_frustration", 0.9)
    assert talk.one(Alerted).alert == "angry"
    assert talk.handoff.reason is HandoffReason.FRUSTRATION
    assert talk.handoff.priority == 2
    assert sum("sorry" in text for text in talk.texts) == 1
    assert "?" not in talk.said


def test_mild_frustration_gets_one_sentence_then_a_person():
    talk = in_repair()
    talk.say("this is a bit annoying", "express_frustration", 0.6)
    assert talk.keys_said == ["utter_empathy_1", "utter_ask_visit_day"]
    talk.say("really annoying", "express_frustration", 0.6)
    assert talk.handoff is not None


RIDICULOUS = "this is ridiculous, I want my lamp mended, sort it out now"


def test_anger_beside_a_matter_is_told_on_and_the_matter_goes_on():
    talk = Talk()
    talk.say(RIDICULOUS, "lamp_repair")
    assert talk.one(Alerted).alert == "angry"
    assert talk.keys_said == ["utter_empathy_1", "utter_ask_lamp"]
    assert talk.handoff is None
    talk.say("an agent", "request_human")
    assert talk.handoff.priority == 2, "two above what the matter has"
    assert talk.handoff.intent == "lamp_repair"
    assert len(talk.logged(Alerted)) == 1


def test_anger_in_an_answer_counts_and_the_answer_too():
    talk = in_repair()
    talk.values("いい加減にしてください、25日です", day("2026-11-25"))
    assert talk.one(Alerted).alert == "angry"
    assert talk.keys_said[0] == "utter_empathy_1"
    assert talk.state.value("visit_day") == "2026-11-25"


def test_anger_beside_a_matter_the_second_time_is_for_a_person():
    talk = Talk()
    talk.say("you lot are useless, mend my lamp", "lamp_repair")
    talk.say("how many times do I have to say it, the desk lamp", entities=(lamp(),))
    assert talk.handoff.reason is HandoffReason.FRUSTRATION
    assert talk.keys_said[0] == "utter_empathy_2"
    assert len(talk.logged(Alerted)) == 1


@pytest.mark.parametrize("words", ["言わせるな。もう2週間だぞ。", "you lot, what a joke"])
def test_angry_words_of_which_nothing_else_is_understood_are_anger_alone(words: str):
    talk = Talk()
    talk.say(words, "ask_repeat", 0.33)
    assert talk.handoff.reason is HandoffReason.FRUSTRATION
    assert talk.keys_said[0] == "utter_empathy_2"
    assert talk.one(Alerted).alert == "angry"


def test_an_angry_wish_for_a_person_is_passed_on_without_a_question():
    talk = Talk()
    talk.say("this is ridiculous, get me a person", "request_human")
    assert talk.handoff is not None
    assert talk.one(Alerted).alert == "angry"
    assert talk.handoff.priority < talk.content.policy.default_handoff.priority


def test_anger_in_the_line_is_for_whoever_answers():
    talk = Talk(desk=DeskReply(DeskAnswer.QUEUED, HandoffId("ho-1"), position=2))
    talk.say("a person right now", "request_human")
    talk.say("this is unacceptable")
    assert talk.one(Alerted).alert == "angry"
    assert talk.keys_said == ["utter_queue_noted"]


@pytest.mark.parametrize(
    "words", ["tell me a joke", "I'm not angry, I'd like my lamp mended", "怒っていませんが、修理をお願いします"]
)
def test_words_without_anger_raise_nothing(words: str):
    talk = Talk()
    talk.say(words, "lamp_repair")
    assert not talk.logged(Alerted)


@pytest.mark.parametrize("hazard", list(Hazard))
def test_danger_beats_everything(hazard: Hazard):
    talk = in_repair()
    talk.take(SafetyHit(hazard, "x", True))
    assert talk.one(DangerSeen).partial
    assert talk.handoff.bypass_caps
    assert (talk.handoff.priority, talk.handoff.reason) == (1, HandoffReason.EMERGENCY)
    assert talk.ended.disposition is Disposition.EMERGENCY
    assert "?" not in talk.said
    assert "999" in talk.said


def test_emergency_number_follows_the_country():
    talk = Talk(language=JA)
    talk.say("煙が出ています", safety=SMOKE)
    assert "<999>" in "".join(e.spoken for e in talk.effects if hasattr(e, "spoken"))
    assert "119" not in talk.said


def test_classifier_alone_asks_one_question():
    talk = in_repair()
    talk.say("something odd", ranking=(IntentScore("lamp_info", 0.4), IntentScore("emergency_safety", 0.35)))
    assert talk.keys_said == ["utter_danger_check"]
    talk.no()
    assert talk.keys_said == ["utter_ask_visit_day"]
    talk.say("something odd", ranking=(IntentScore("emergency_safety", 0.5),))
    assert "utter_danger_check" not in talk.keys_said


@pytest.mark.parametrize("reply", ["yes", "silence", "noise"])
def test_yes_or_silence_to_the_danger_question_is_danger(reply: str):
    talk = Talk()
    talk.say("hm", safety=SafetyHit(Hazard.SELF_HARM, "x", False))
    assert talk.keys_said == ["utter_danger_check_self_harm"]
    assert "smoke" not in talk.said
    getattr(talk, reply)()
    assert talk.ended.disposition is Disposition.EMERGENCY
