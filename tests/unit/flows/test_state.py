"""The state survives being stored, without what must not be stored."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain import EN, JA, Channel, Disposition, SlotStatus, Source, TenantId, Verification
from voicebot.flows import DialogueState, Frame, SlotValue, Waiting
from voicebot.flows.state import Prompt

names = st.text("abcdefgh_", min_size=1, max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
slot_values = st.builds(
    SlotValue,
    value=values,
    status=st.sampled_from(SlotStatus),
    source=st.sampled_from(Source),
    verbatim=st.booleans(),
    flow=names,
    asked=st.booleans(),
    sensitive=st.just(False),
)
frames = st.builds(
    Frame,
    flow=names,
    at=names,
    filled=st.lists(names, max_size=3).map(tuple),
    ran=st.lists(names, max_size=2).map(tuple),
    changed=st.booleans(),
    agreed=st.lists(names, max_size=2).map(tuple),
    digression=st.booleans(),
    quiet=st.booleans(),
)
prompts = st.builds(Prompt, response=names, text=st.text(max_size=20), spoken=st.text(max_size=20))
states = st.builds(
    DialogueState,
    tenant=names.map(TenantId),
    language=st.sampled_from([EN, JA]),
    channel=st.sampled_from(Channel),
    caller_number=st.none() | st.text(max_size=12),
    customer=st.lists(st.tuples(names, values), max_size=2).map(tuple),
    stack=st.lists(frames, max_size=3).map(tuple),
    slots=st.dictionaries(names, slot_values, max_size=4).map(lambda d: tuple(d.items())),
    waiting=st.sampled_from(Waiting),
    before=st.sampled_from(Waiting),
    last_question=st.lists(prompts, max_size=1).map(tuple),
    last_prompts=st.lists(prompts, max_size=3).map(tuple),
    fails=st.integers(0, 5),
    verification=st.sampled_from(Verification),
    ended=st.none() | st.sampled_from(Disposition),
)


@given(states)
def test_round_trip(state: DialogueState):
    assert DialogueState.from_json(state.to_json()) == state


def test_sensitive_values_are_not_stored():
    secret = SlotValue("123456", sensitive=True)
    state = DialogueState(TenantId("lamps"), EN, slots=(("one_time_code", secret), ("serial", SlotValue("L1"))))
    assert "123456" not in str(state.to_json())
    assert DialogueState.from_json(state.to_json()).value("serial") == "L1"
