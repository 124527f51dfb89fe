"""Every event survives the way to JSON and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain import Entity, Event, IntentScore, Source, Understood, UtteranceId
from voicebot.errors import StoreError
from voicebot.store import event_from_json, event_to_json
from voicebot.store.codec import EVENT_TYPES, redacted

_json = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8)
st.register_type_strategy(
    Entity, st.builds(Entity, name=st.text(max_size=5), value=st.text(max_size=5), confidence=st.just(0.5))
)
st.register_type_strategy(IntentScore, st.builds(IntentScore, name=st.text(max_size=5), confidence=st.just(0.25)))
EVENTS = st.one_of(
    *(
        st.builds(cls, **({"value": _json, "previous": _json} if name == "SlotSet" else {}))
        for name, cls in EVENT_TYPES.items()
    )
).filter(lambda event: event == event)


@given(EVENTS)
def test_round_trip_through_real_json(event: Event) -> None:
    written = json.loads(json.dumps(event_to_json(event), allow_nan=False)) if _finite(event) else None
    if written is not None:
        assert event_from_json(written) == event


def _finite(event: Event) -> bool:
    try:
        json.dumps(event_to_json(event), allow_nan=False)
    except ValueError:
        return False
    return True


def test_unknown_fields_are_ignored_and_missing_ones_take_their_default() -> None:
    event = event_from_json({"type": "KeysPressed", "digits": "5", "colour": "blue"})
    assert event_to_json(event) == {"type": "KeysPressed", "digits": "5"}
    assert event_from_json({"type": "Repaired", "pattern": "no_match"}) is not None


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(StoreError, match="unknown type"):
        event_from_json({"type": "Telepathy"})


def test_redaction_reaches_nested_text_but_not_our_own_names() -> None:
    event = Understood(
        utterance=UtteranceId("x4111"),
        intent="x4111",
        confidence=1.0,
        in_scope=1.0,
        source=Source.TEXT,
        entities=(Entity("number", "4111", text="4111"),),
        ranking=(IntentScore("pay_bill", 1.0),),
    )
    masked = redacted(event_to_json(event), lambda words: words.replace("4111", "*"))
    assert masked["utterance"] == "x4111"
    assert masked["entities"] == [event_to_json(event)["entities"][0] | {"value": "*", "text": "*"}]  # type: ignore[index, operator]
