"""Guided scripts: real ones of both companies heard step by step, and promises kept whatever anybody says or clicks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.assist.guided import FLOWS, ready
from voicebot.assist.model import Speaker
from voicebot.assist.scripts import (
    Change,
    Clicked,
    Ending,
    Entered,
    Finished,
    Given,
    Guide,
    ScriptState,
    SlotKnown,
    Spoken,
    Ticked,
    Warned,
    choose,
    load_scripts,
    missing,
    moved,
    replayed,
    scripts_from_json,
    scripts_to_json,
    start,
    step,
)
from voicebot.domain import EN, JA, ContactChanged, ConversationId, Event, Language, Recorded, ScriptMoved
from voicebot.flows import ContentErrors

AGENT, CUSTOMER = Speaker.AGENT, Speaker.CUSTOMER


def run(tenant: str, script: str, *lines: tuple[Speaker, str], language: Language = EN):
    prepared = ready(tenant)
    state, changes = start(prepared, script, {}, {}, 0.0)
    every = list(changes)
    for at, (party, text) in enumerate(lines):
        state, changes = step(prepared, state, Spoken(party, text, language, f"u{at}"), at * 5.0)
        every += changes
    return state, every


def done(changes: list[Change]) -> list[str]:
    return [one.key[1] for one in changes if isinstance(one, Ticked) and one.what == "done"]


def test_steps_tick_themselves_and_branch_on_the_customers_answer() -> None:
    state, changes = run(
        "shop", "shop_complaint",
        (CUSTOMER, "The kettle came with a crack in it."),
        (AGENT, "I'm so sorry about that. Has anybody been hurt?"),
        (CUSTOMER, "No, nobody was hurt."),
        (AGENT, "So what happened is that the kettle came cracked. We can send a replacement or a refund."),
        (CUSTOMER, "I'd like my money back."),
    )  # fmt: skip
    assert done(changes) == ["apology", "hurt", "sum_up", "remedy"]
    assert state.slots == {"hurt": "no", "resolution": "refund"}
    assert state.at == ("shop_complaint", "refund_day")


def test_the_other_partys_words_tick_nothing() -> None:
    _, changes = run("shop", "shop_complaint", (CUSTOMER, "I'm sorry, but this is not good enough."))
    assert done(changes) == []
    _, changes = run("telecom", "telecom_cancel", (CUSTOMER, "Is there an exit charge of forty-two pounds?"))
    assert "exit_fee" not in done(changes)


def test_japanese_order_with_its_terms() -> None:
    state, changes = run(
        "shop", "shop_order",
        (AGENT, "炊飯器のKR30をお二つでございますね。"),
        (AGENT, "未開封でしたら十四日以内は返品を承ります。"),
        (AGENT, "合計は後ほどお伝えいたします。"),
        (AGENT, "税込み送料込みで三万九千六百円でございます。"),
        (CUSTOMER, "代引きでお願いします。"),
        (CUSTOMER, "うーん、家族と相談してから、またかけ直します。"),
        language=JA,
    )  # fmt: skip
    assert done(changes) == ["item", "quantity", "returns", "total", "payment"]
    assert state.slots["wants_order"] == "no"
    assert state.at is not None and state.at[1] == "delivery_date", "what is mandatory is never passed by itself"


def test_goodbye_names_what_was_left_out_and_wrap_up_always_does() -> None:
    state, changes = run(
        "shop", "shop_complaint", (AGENT, "I'm so sorry."), (CUSTOMER, "Right. Goodbye."), (AGENT, "Goodbye then.")
    )
    warned = [one.key[1] for one in changes if isinstance(one, Warned)]
    assert warned == ["hurt", "sum_up", "remedy", "deadline"], "once, although both said goodbye"
    state, changes = step(ready("shop"), state, Ending(), 60.0)
    assert [one.key[1] for one in changes if isinstance(one, Warned)] == ["hurt", "sum_up", "remedy", "deadline"]
    assert changes[-1] == Finished()


def test_a_mere_yes_counts_only_after_the_question() -> None:
    _, changes = run("shop", "shop_order", (CUSTOMER, "Yes, that's right."))
    assert done(changes) == []
    _, changes = run(
        "shop", "shop_order", (AGENT, "Is it the same address as before?"), (CUSTOMER, "Yes, that's right.")
    )
    assert done(changes) == ["address"]


def test_known_slots_answer_their_questions_and_scripts_are_chosen() -> None:
    prepared = ready("shop")
    state, changes = start(prepared, "shop_fault", {"product": "kettle"}, {}, 0.0)
    assert changes == (Entered(("shop_fault", "danger")), Ticked(("shop_fault", "which"), "done", "script"))
    assert state.at == ("shop_fault", "danger")
    scripts = prepared.scripts
    assert choose(scripts, intent="place_order").id == "shop_order"  # type: ignore[union-attr]
    assert choose(scripts, flow="complaint_service", intent="place_order").id == "shop_complaint"  # type: ignore[union-attr]
    assert choose(scripts, queue="q_tech").id == "shop_fault"  # type: ignore[union-attr]
    assert choose(scripts, intent="ask_faq") is None


def test_the_log_brings_a_script_back() -> None:
    prepared = ready("shop")
    state, changes = start(prepared, "shop_complaint", {}, {}, 0.0)
    events = [ScriptMoved(script="shop_complaint", version="v", agent="a", change="started")]
    lines = [(AGENT, "I'm very sorry."), (AGENT, "Was anybody hurt?"), (CUSTOMER, "We're fine.")]
    for at, (party, text) in enumerate(lines):
        state, changes = step(prepared, state, Spoken(party, text, EN, f"u{at}"), float(at))
        events += [moved(one, script="shop_complaint", version="v", agent="a") for one in changes]
    log = [
        Recorded(ConversationId("c"), seq, datetime(2026, 6, 1, tzinfo=UTC) + timedelta(seconds=seq), event)
        for seq, event in enumerate(events, 1)
    ]
    back = replayed(prepared, log, {})
    assert back is not None and back.at == state.at and set(back.marks) == set(state.marks)
    assert missing(prepared.scripts, back) == missing(prepared.scripts, state)
    assert back.slots == state.slots == {"hurt": "no"}
    assert {mark.agent for mark in back.marks.values()} == {"a"}


@pytest.mark.parametrize(("change", "goes_on"), [("transferred", True), ("returned", True), ("closed", False)])
def test_a_script_goes_along_with_its_contact_and_not_into_the_next(change: str, goes_on: bool) -> None:
    prepared = ready("shop")
    of_a = {"script": "shop_complaint", "version": "v", "agent": "a"}
    events: list[Event] = [
        ScriptMoved(**of_a, change="started"),
        ScriptMoved(**of_a, change="done", step="apology", by="heard"),
        ScriptMoved(**of_a, change="skipped", step="hurt", by="clicked"),
        ContactChanged(handoff="h1", change=change),  # type: ignore[arg-type]
        ScriptMoved(**{**of_a, "agent": "b"}, change="done", step="sum_up", by="clicked"),
    ]
    at = datetime(2026, 6, 1, tzinfo=UTC)
    log = [Recorded(ConversationId("c"), seq, at, event) for seq, event in enumerate(events, 1)]
    back = replayed(prepared, log, {})
    assert (back is not None) is goes_on
    if back is not None:
        who = {key[1]: (mark.what, mark.agent) for key, mark in back.marks.items()}
        assert who == {"apology": ("done", "a"), "hurt": ("skipped", "a"), "sum_up": ("done", "b")}
        assert ("shop_complaint", "hurt") in missing(prepared.scripts, back), "what was skipped is still named"


def test_a_question_for_a_value_is_answered_by_it_and_an_answer_that_declines_is_not_missing() -> None:
    state, changes = run("telecom", "telecom_fault", (CUSTOMER, "My broadband and my telly are both off."))
    assert done(changes) == [], "two services settle nothing"
    state, changes = run("telecom", "telecom_fault", (CUSTOMER, "It's my broadband."))
    assert done(changes) == ["service"] and state.slots["service"] == "broadband"
    prepared = ready("shop")
    moves = [ScriptMoved(script="shop_order", version="v", agent="a", change="started")]
    state, changes = run("shop", "shop_order", (AGENT, "Shall I place this order?"), (CUSTOMER, "I'll think about it."))
    moves += [moved(one, script="shop_order", version="v", agent="a") for one in changes]
    at = datetime(2026, 6, 1, tzinfo=UTC)
    log = [Recorded(ConversationId("c"), seq, at, event) for seq, event in enumerate(moves, 1)]
    back = replayed(prepared, log, {})
    assert back is not None and ("shop_order", "consent") not in missing(prepared.scripts, back)


def test_words_come_again_with_their_meaning_and_change_nothing_but_what_it_tells() -> None:
    prepared = ready("telecom")
    state, _ = start(prepared, "telecom_fault", {"service": "broadband"}, {}, 0.0)
    asked = Spoken(AGENT, "Does anybody rely on the line?", EN, "u1", sure=False)
    state, _ = step(prepared, state, asked, 1.0)
    state, changes = step(prepared, state, Spoken(CUSTOMER, "No, none of us. Bye.", EN, "u2", sure=False), 2.0)
    assert done(list(changes)) == ["depends"] and not any(isinstance(one, Warned) for one in changes)
    again = Spoken(CUSTOMER, "No, none of us. Bye.", EN, "u2", similar={"telecom_fault/works=still": 0.9}, again=True)
    state, changes = step(prepared, state, again, 3.0)
    assert done(list(changes)) == [], "one answer for one utterance"
    assert [one.key[1] for one in changes if isinstance(one, Warned)] == ["outage", "works"]
    state, _ = step(prepared, state, Spoken(AGENT, "Does anybody rely on the line?", EN, "u1", again=True), 4.0)
    assert state.asked is None


@pytest.mark.parametrize("tenant", ["shop", "telecom"])
def test_files_and_json_are_the_same_scripts(tenant: str) -> None:
    scripts = load_scripts(FLOWS, tenant)
    again = scripts_from_json(FLOWS, tenant, scripts_to_json(scripts))
    assert again.version == scripts.version and set(again.scripts) == set(scripts.scripts)
    for script in scripts.scripts.values():
        assert again.scripts[script.id].steps.keys() == script.steps.keys()
        assert any(one.mandatory for one in script.steps.values())


def branch(condition: str):  # type: ignore[no-untyped-def]
    """Put a branch with this condition before everything else."""
    step_ = {"id": "x", "noop": True, "next": [{"if": condition, "then": "END"}, {"else": "apology"}]}
    return lambda steps: steps.insert(0, step_)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda steps: steps[0].pop("metadata"), "no label in 'ja'"),
        (lambda steps: steps[0].update(next="nowhere"), "Step 'nowhere' does not exist"),
        (lambda steps: steps[0]["metadata"].update(colour="red"), "does not know the key 'colour'"),
        (lambda steps: steps[0]["metadata"].update(phrases={}), "can tick the mandatory step"),
        (lambda steps: steps[0]["metadata"].update(party="robot"), "'robot' is no party"),
        (lambda steps: steps[0]["metadata"]["say"].update(en="{nothing}"), "is no slot"),
        (lambda steps: steps[0].update(action="action_handoff"), "no person can follow"),
        (branch("slots.a =="), "cannot be read"),
        (branch("slots.unheard"), "undeclared slot 'unheard'"),
    ],
)  # fmt: skip
def test_mistakes_are_told_as_those_of_flows_are(change, says: str) -> None:  # type: ignore[no-untyped-def]
    body = scripts_to_json(load_scripts(FLOWS, "shop"))
    change(body["flows"]["shop_complaint"]["steps"])  # type: ignore[index,call-overload]
    with pytest.raises(ContentErrors) as caught:
        scripts_from_json(FLOWS, "shop", body)
    assert says in str(caught.value)


SAID = st.sampled_from(
    "hello|I'm sorry|goodbye|anybody hurt|nobody hurt|I cut my hand|refund or replacement|my money back|a new one"
    "|your reference is four|yes|no|refunded by friday|safety team|so what happened is it broke|thanks".split("|")
)
KEYS = [(script.id, one.id) for script in load_scripts(FLOWS, "shop").scripts.values() for one in script.steps.values()]
GIVEN = st.one_of(
    st.builds(Spoken, st.sampled_from([AGENT, CUSTOMER]), SAID, st.just(EN), st.just("u")),
    st.builds(Clicked, st.sampled_from(KEYS), st.sampled_from(["done", "undone", "skipped"])),
    st.builds(
        SlotKnown, st.sampled_from(["hurt", "resolution", "kept", "fixed"]), st.sampled_from(["yes", "no", "refund"])
    ),
    st.just(Ending()),
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(load_scripts(FLOWS, "shop").scripts)), st.lists(GIVEN, max_size=25))
def test_nothing_mandatory_is_lost_whatever_happens(script: str, given_: list[Given]) -> None:
    prepared = ready("shop")
    state, _ = start(prepared, script, {}, {}, 0.0)
    for at, one in enumerate(given_):
        before = state
        state, changes = step(prepared, state, one, at * 7.0)
        _ticks_stay(before, state, one)
        _nothing_is_passed_over(prepared, state)
        if isinstance(one, Ending):
            assert {each.key for each in changes if isinstance(each, Warned)} == set(missing(prepared.scripts, state))
    state, changes = step(prepared, state, Ending(), 1e4)
    assert {one.key for one in changes if isinstance(one, Warned)} == set(missing(prepared.scripts, state))
    if state.at is not None:
        here = prepared.scripts.step(state.at)
        assert here is not None
        assert not here.mandatory or state.at in missing(prepared.scripts, state) or state.at in state.marks


def _ticks_stay(before: ScriptState, after: ScriptState, given_: Given) -> None:
    gone = {key for key in before.marks if key not in after.marks}
    assert gone <= ({given_.key} if isinstance(given_, Clicked) and given_.what == "undone" else set())
    if not (isinstance(given_, Clicked) and given_.what == "undone"):
        assert all(after.done(key) for key in before.marks if before.done(key))


def _nothing_is_passed_over(prepared: Guide, state: ScriptState) -> None:
    """Every mandatory step that the agent was led past is done, declined, or named as missing."""
    for key in state.passed:
        one = prepared.scripts.step(key)
        if one is not None and one.mandatory and key != state.at and not state.done(key):
            declined = one.agrees and state.slots.get(one.slot) is not None
            assert declined or key in missing(prepared.scripts, state)
