"""Why nobody was reached, and what may be dialled at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.channels.sip import NotReached, Outcome
from voicebot.channels.sip.reaching import checked_address, checked_header, host_of, transport_of
from voicebot.errors import ChannelError


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("486 Busy Here", Outcome.BUSY),
        ("600 Busy Everywhere", Outcome.BUSY),
        ("603 Decline", Outcome.DECLINED),
        ("403 Forbidden", Outcome.DECLINED),
        ("480 Temporarily Unavailable", Outcome.NO_ANSWER),
        ("408 Request Timeout", Outcome.NO_ANSWER),
        ("404 Not Found", Outcome.UNREACHABLE),
        ("503 Service Unavailable", Outcome.UNREACHABLE),
        ("500 Server Error", Outcome.FAILED),
        ("488 Not Acceptable Here", Outcome.FAILED),
        ("Connection refused [111]", Outcome.UNREACHABLE),
        ("", Outcome.UNREACHABLE),
    ],
)
def test_the_outcome_of_a_reason(reason: str, outcome: Outcome) -> None:
    problem = NotReached.of_reason(reason)
    assert isinstance(problem, ChannelError) and problem.outcome is outcome
    assert (problem.status is None) == (not reason[:3].isdigit())


def test_a_phone_that_rang_and_vanished_did_not_answer() -> None:
    assert NotReached.of_reason("Connection timed out [110]", rang=True).outcome is Outcome.NO_ANSWER


@given(st.text(max_size=40))
def test_any_reason_has_an_outcome_and_is_not_repeated(reason: str) -> None:
    problem = NotReached.of_reason(reason)
    assert problem.outcome in Outcome
    assert len(reason) < 8 or reason not in str(problem)


@pytest.mark.parametrize("uri", ["sip:agent@127.0.0.1:5070", "sips:a@pbx.example", "sip:pbx.example;transport=tcp"])
def test_addresses_that_can_be_dialled(uri: str) -> None:
    assert checked_address(uri) == uri


@pytest.mark.parametrize("uri", ["", "agent", "tel:+81312345678", "sip:", "sip:a b@c", "sip:a@b\r\nX: y", "sip:<a@b>"])
def test_addresses_that_cannot(uri: str) -> None:
    with pytest.raises(NotReached) as problem:
        checked_address(uri)
    assert problem.value.outcome is Outcome.UNREACHABLE
    assert len(uri) < 5 or uri not in str(problem.value)


@pytest.mark.parametrize(("name", "value"), [("X-A", "b\r\nC: d"), ("X A", "b"), ("", "b"), ("X:", "b")])
def test_headers_that_would_break_a_message(name: str, value: str) -> None:
    with pytest.raises(NotReached):
        checked_header(name, value)


def test_parts_of_an_address() -> None:
    assert host_of("sip:Agent@PBX.example:5070;transport=tcp?X=1") == "pbx.example:5070"
    assert host_of("sip:pbx.example") == "pbx.example"
    assert transport_of("sip:a@b;transport=TCP") == "tcp"
    assert transport_of("sips:a@b") == "tls"
    assert transport_of("sip:a@b") is None
