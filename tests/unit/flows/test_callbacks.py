"""Agreeing on a call back with numbers of other countries, and with numbers that cannot be rung."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.talk import Talk
from voicebot.domain import (
    JA,
    NOT_DIALLED,
    BookCallback,
    CallbackBooked,
    DeskAnswer,
    DeskNews,
    DeskReply,
    Entity,
    HandoffId,
    NewsKind,
    Wait,
)
from voicebot.flows import Waiting

LONG = DeskReply(DeskAnswer.LONG, HandoffId("ho-1"), position=9, wait=Wait(18, 25), callback_offered=True)
REFUSED = DeskNews(HandoffId("ho-1"), NewsKind.FAILED, detail=NOT_DIALLED)
NIGHT_THERE = datetime(2026, 11, 18, 9, tzinfo=UTC)


def accepted(**how: object) -> Talk:
    talk = Talk(desk=LONG, **how)  # type: ignore[arg-type]
    talk.say("a person right now", "request_human")
    talk.yes()
    talk.yes()
    assert talk.one(BookCallback)
    return talk


def test_a_number_that_cannot_be_rung_is_said_and_another_one_asked_for() -> None:
    talk = accepted()
    talk.take(REFUSED)
    assert talk.keys_said == ["utter_callback_not_dialled", "utter_callback_which_number"]
    assert talk.state.waiting is Waiting.CALLBACK_NUMBER
    talk.keys("07700900456")
    assert talk.one(BookCallback).number == "07700900456"
    talk.take(CallbackBooked("T-1", "07700 900***"))
    assert talk.ended is not None


def test_numbers_that_cannot_be_rung_do_not_go_on_without_end() -> None:
    talk = accepted()
    talk.take(REFUSED)
    for _ in range(2):
        talk.keys("000000000")
        talk.take(REFUSED)
    assert talk.keys_said[0] == "utter_callback_failed"
    assert talk.state.waiting is Waiting.QUEUE, "the place is kept"


def test_a_call_back_that_cannot_be_booked_at_all_is_not_asked_about_again() -> None:
    talk = accepted()
    talk.take(DeskNews(HandoffId("ho-1"), NewsKind.FAILED))
    assert talk.keys_said[0] == "utter_callback_failed"


@pytest.mark.parametrize(("language", "there"), [("en", "local time"), ("ja", "現地の時刻")])
def test_a_time_at_another_place_is_said_to_be_one(language: str, there: str) -> None:
    talk = accepted(**({"language": JA} if language == "ja" else {}))
    talk.take(CallbackBooked("T-1", "+44 7700 900***", NIGHT_THERE, None, abroad=True))
    assert talk.keys_said[0] == "utter_callback_kept_there" and there in talk.said
    home = accepted(**({"language": JA} if language == "ja" else {}))
    home.take(CallbackBooked("T-1", "+44 7700 900***", NIGHT_THERE))
    assert home.keys_said[0] == "utter_callback_kept_from" and there not in home.said


def test_a_foreign_number_is_taken_outside_of_the_line_too() -> None:
    talk = Talk()
    talk.say("call me back", "request_callback")
    talk.values("plus eight one ...", Entity("phone_number", "+819012345678", "+81 90 1234 5678"))
    assert talk.state.value("callback_number") == "+819012345678"
