"""Going on in the chat after a call: where we were, what is known, and what is never asked or done again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.talk import Talk, day, lamp, serial, window
from voicebot.domain import (
    JA,
    ActionDone,
    BookCallback,
    CallAction,
    Channel,
    ChannelChanged,
    DeskAnswer,
    DeskNews,
    DeskReply,
    HandOff,
    HandoffId,
    HandoffReason,
    HungUp,
    NewsKind,
    OfferChat,
    Source,
    Texts,
    Verification,
    Verified,
)
from voicebot.flows import DialogueState, LinePhase, Waiting, reopened

QUEUED = DeskReply(DeskAnswer.QUEUED, HandoffId("ho-1"), position=2)


def leave(talk: Talk) -> Talk:
    """The line breaks; the log and the stored state are all that is left."""
    talk.take(HungUp())
    talk.state = DialogueState.from_json(talk.state.to_json())
    return talk


def come_back(talk: Talk, *, fresh: bool = True, in_line: bool = False) -> Talk:
    """The link is opened."""
    talk.state, talk.events = reopened(talk.state, Channel.WEB_CHAT, fresh=fresh, in_line=in_line)
    talk.log += talk.events
    talk.state = DialogueState.from_json(talk.state.to_json())
    step = talk.dialogue.go_on(talk.state, talk.now)
    assert step is not None
    talk.state, talk.effects, talk.source, talk.step = step.state, step.effects, Source.TEXT, step
    talk.log += step.events
    return talk


def test_in_the_middle_of_a_task_the_open_question_is_asked_and_nothing_else() -> None:
    talk = Talk()
    talk.values("the desk lamp on the 25th", lamp(), day("2026-11-25"), intent="lamp_repair")
    come_back(leave(talk))
    assert talk.texts == [
        "Picking up the repair from your call. So far I have: desk, 2026-11-25.",
        "Morning or afternoon?",
    ]
    assert talk.logged(ChannelChanged) == [ChannelChanged(channel=Channel.WEB_CHAT)]
    assert talk.state.ended is None and talk.state.waiting is Waiting.SLOT
    talk.values("mornings", window())
    assert talk.texts == ["morning, got it.", "What is the serial number?"]


def test_in_japanese_too() -> None:
    talk = Talk(language=JA)
    talk.values("25日に", lamp(), day("2026-11-25"), intent="lamp_repair")
    come_back(leave(talk))
    assert talk.texts[0] == "先ほどの修理の続きですね。desk、2026-11-25と承っております。"


def test_an_open_read_back_is_read_back_again() -> None:
    talk = Talk()
    talk.values("desk lamp, 25th, morning", lamp(), day("2026-11-25"), window(), intent="lamp_repair")
    talk.values("l one two three four", serial())
    come_back(leave(talk))
    assert talk.texts == [
        "Picking up the repair from your call. So far I have: desk, 2026-11-25, morning.",
        "L1234, is that right?",
    ]
    talk.yes()
    assert talk.called is not None and talk.called.action == "action_check_visit"


def test_what_changes_something_and_had_no_answer_is_not_done_again() -> None:
    talk = Talk(desk=QUEUED)
    talk.values("desk lamp, 25th, morning", lamp(), day("2026-11-25"), window(), intent="lamp_repair")
    talk.values("l one two three four", serial())
    talk.yes()
    talk.done()
    talk.yes()
    assert talk.called is not None and talk.called.action == "action_book_visit"
    come_back(leave(talk))
    assert not [effect for effect in talk.effects if isinstance(effect, CallAction)]
    assert talk.keys_said == ["utter_reopen_unsure"]
    assert talk.handoff is not None and talk.handoff.reason is HandoffReason.BACKEND_ERROR


def booking() -> Talk:
    """A change is under way."""
    talk = Talk(desk=QUEUED)
    talk.values("desk lamp, 25th, morning", lamp(), day("2026-11-25"), window(), intent="lamp_repair")
    talk.values("l one two three four", serial())
    talk.yes()
    talk.done()
    talk.yes()
    assert talk.called is not None and talk.called.changes
    return talk


def test_a_change_that_was_done_when_the_caller_had_gone_is_told_and_not_done_again() -> None:
    talk = booking()
    talk.state = talk.dialogue.answered_late(talk.state, ActionDone("action_book_visit", {"outcome": "ok"}))
    come_back(leave(talk))
    assert talk.handoff is None and talk.called is None
    assert talk.texts[0].startswith("Picking up the repair from your call.")
    assert talk.texts[1] == "The visit is booked for 2026-11-25."
    assert talk.state.late is None and talk.state.cut_off is None and talk.state.awaiting is None


def test_a_change_that_failed_when_the_caller_had_gone_is_told_too() -> None:
    talk = booking()
    talk.state = talk.dialogue.answered_late(talk.state, ActionDone("action_book_visit", failed=True))
    come_back(leave(talk))
    assert "utter_error_backend" in talk.keys_said and "utter_reopen_unsure" not in talk.keys_said
    assert talk.handoff is not None and talk.handoff.reason is HandoffReason.BACKEND_ERROR


def test_a_change_of_which_nobody_knows_stays_unsure() -> None:
    talk = booking()
    lost = ActionDone("action_book_visit", failed=True, unanswered=True)
    assert talk.dialogue.answered_late(talk.state, lost) == talk.state
    come_back(leave(talk))
    assert talk.keys_said == ["utter_reopen_unsure"]


def test_a_look_up_that_had_no_answer_is_made_again() -> None:
    talk = Talk()
    talk.values("desk lamp, 25th, morning", lamp(), day("2026-11-25"), window(), intent="lamp_repair")
    talk.values("l one two three four", serial())
    talk.yes()
    come_back(leave(talk))
    assert talk.called is not None and talk.called.action == "action_check_visit"
    assert "L1234" in talk.said
    talk.done()
    assert talk.keys_said == ["utter_confirm_visit"]


def test_nothing_under_way_is_an_open_question() -> None:
    talk = come_back(leave(Talk()))
    assert talk.keys_said == ["utter_reopen_open", "utter_ask_need"]


def test_a_secret_that_was_keyed_in_is_not_kept_and_asked_for_again_where_it_was_not_used() -> None:
    talk = Talk()
    talk.say("I want to pay", "lamp_pay")
    talk.keys("4111111111111111")
    assert talk.called is not None and talk.called.action == "action_take_card"
    leave(talk)
    assert "4111" not in repr(talk.state.to_json())
    come_back(talk)
    assert "4111" not in talk.said and talk.called is None
    assert talk.keys_said[-1] == "utter_ask_card_number"
    assert talk.step.expects.sensitive


def test_strong_verification_is_kept_for_a_fresh_link_and_lost_with_a_late_one() -> None:
    def verified() -> Talk:
        talk = Talk(customer={"name": "A"})
        talk.say("how is my lamp", "lamp_status")
        talk.values("l one two three four", serial())
        talk.yes()
        assert talk.state.waiting is Waiting.SLOT
        return talk

    fresh = verified()
    fresh.state = replace(fresh.state, verification=Verification.STRONG)
    come_back(leave(fresh))
    assert fresh.state.verification is Verification.STRONG and not fresh.logged(Verified)
    late = verified()
    late.state = replace(late.state, verification=Verification.STRONG)
    come_back(leave(late), fresh=False)
    assert late.state.verification is Verification.NONE
    assert [event.level for event in late.logged(Verified)] == [Verification.NONE]
    assert late.keys_said[0] == "utter_reopen_verify"
    assert late.state.caller_number is None and late.state.customer == ()


def test_after_a_late_link_a_task_asks_who_it_is_before_it_acts() -> None:
    talk = Talk()
    talk.say("how is my lamp", "lamp_status")
    talk.state = replace(
        talk.state,
        verification=Verification.LIGHT,
        stack=tuple(replace(frame, checked=True) for frame in talk.state.stack),
    )
    come_back(leave(talk), fresh=False)
    talk.values("L1234", serial(verbatim=True))
    assert talk.keys_said == ["utter_auth_ask_phone4"] and talk.handoff is None


def test_a_place_in_line_that_is_kept_is_told_and_one_that_was_lost_is_asked_for_again() -> None:
    def waiting() -> Talk:
        talk = Talk(desk=QUEUED)
        talk.say("a person please", "request_human")
        talk.say("about the lamp", "lamp_repair")
        assert talk.state.waiting is Waiting.QUEUE
        return talk

    kept = waiting()
    come_back(kept, in_line=True)
    assert kept.keys_said[0] == "utter_reopen_line" and kept.handoff is None
    assert kept.state.line is not None and kept.state.line.contact == "ho-1"
    lost = come_back(leave(waiting()))
    assert lost.keys_said == ["utter_reopen_line_again"]
    assert isinstance(lost.effects[-1], HandOff) and lost.step.awaiting is not None


def test_with_a_person_the_bot_says_nothing() -> None:
    talk = Talk(desk=QUEUED)
    talk.say("a person please now", "request_human")
    talk.say("about the lamp", "lamp_repair")
    talk.take(DeskNews(HandoffId("ho-1"), NewsKind.TAKEN, agent_name="Mika"))
    assert talk.state.line is not None and talk.state.line.phase is LinePhase.AGENT
    assert not talk.dialogue.unfinished(talk.state)
    come_back(talk, in_line=True)
    assert talk.texts == []


@pytest.mark.parametrize(
    ("texts", "key", "sent"),
    [
        (Texts.ARRIVE, "utter_chat_link_sent", 1),
        (Texts.LANDLINE, "utter_chat_landline", 0),
        (Texts.NONE, "utter_chat_no_link", 0),
        (Texts.OFF, "utter_chat_no_texts", 0),
    ],
)
def test_a_link_is_sent_on_the_phone_when_asked_for_and_it_can_arrive(texts: Texts, key: str, sent: int) -> None:
    talk = Talk(texts=texts)
    talk.values("the desk lamp", lamp(), intent="lamp_repair")
    talk.say("can we go on by chat", "continue_on_chat")
    assert talk.keys_said[0] == key
    assert len([effect for effect in talk.effects if isinstance(effect, OfferChat)]) == sent
    assert talk.state.waiting is Waiting.SLOT


def test_links_are_not_sent_without_end_and_not_from_a_chat() -> None:
    talk = Talk(texts=Texts.ARRIVE)
    for _ in range(3):
        talk.say("by chat please", "continue_on_chat")
        assert talk.keys_said[0] == "utter_chat_link_sent"
    talk.say("by chat please", "continue_on_chat")
    assert talk.keys_said[0] == "utter_chat_link_enough"
    assert not [effect for effect in talk.effects if isinstance(effect, OfferChat)]
    chat = Talk(channel=Channel.WEB_CHAT)
    chat.say("by chat please", "continue_on_chat")
    assert chat.keys_said[0] == "utter_chat_here"


def test_in_line_a_link_is_sent_when_it_can_arrive() -> None:
    for texts, key in (
        (Texts.ARRIVE, "utter_queue_chat_link"),
        (Texts.LANDLINE, "utter_chat_landline"),
        (Texts.OFF, "utter_chat_no_texts"),
    ):
        talk = Talk(desk=QUEUED, texts=texts)
        talk.say("a person please", "request_human")
        talk.say("about the lamp", "lamp_repair")
        talk.say("by chat please", "continue_on_chat")
        assert talk.keys_said == [key] and talk.state.waiting is Waiting.QUEUE


def test_what_counts_as_unfinished() -> None:
    talk = Talk()
    assert not talk.dialogue.unfinished(talk.state)
    talk.values("the desk lamp", lamp(), intent="lamp_repair")
    assert talk.dialogue.unfinished(talk.state)
    leave(talk)
    assert not talk.dialogue.unfinished(talk.state)


def test_a_promise_that_was_being_booked_is_asked_for_again_as_the_same_one() -> None:
    talk = Talk(desk=QUEUED)
    talk.say("a person please", "request_human")
    talk.say("about the lamp", "lamp_repair")
    talk.say("call me back please", "request_callback")
    talk.yes()
    assert isinstance(talk.effects[-1], BookCallback)
    come_back(talk, in_line=True)
    assert isinstance(talk.effects[-1], BookCallback) and talk.step.awaiting is not None
