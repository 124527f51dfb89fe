"""A guided script beside a live talk: begun by itself, ticked, branched, warned of, taken back, taken up again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.assist.guided import AGENT, BEGAN_S, CUSTOMER, GuidedTalk, ready
from tests.unit.assist.live_talk import CALL, SATO, says
from voicebot.assist.live_known import Known
from voicebot.assist.live_scripts import PROPOSE_AT, START_AT, Sense, words_since
from voicebot.assist.live_session import Insight
from voicebot.assist.scripts import missing
from voicebot.domain import (
    EN,
    JA,
    AgentSaid,
    ContactChanged,
    Event,
    FlowChanged,
    Heard,
    Recorded,
    ScriptMoved,
    SlotSet,
    SlotStatus,
    Source,
    TranscriptionChanged,
    UtteranceId,
)


def heard(text: str, name: str) -> Heard:
    return Heard(utterance=UtteranceId(name), text=text, language=EN, source=Source.SPEECH)


def clicked(step: str, change: str = "done", agent: str = SATO) -> ScriptMoved:
    version = ready("telecom").scripts.version
    return ScriptMoved(
        script="telecom_fault", version=version, agent=agent, change=change, step=step, by="clicked"  # type: ignore[arg-type]
    )  # fmt: skip


def begun(change: str = "started", agent: str = SATO, version: str = "") -> ScriptMoved:
    version = version or ready("telecom").scripts.version
    return ScriptMoved(script="telecom_fault", version=version, agent=agent, change=change)  # type: ignore[arg-type]


def test_the_customers_matter_begins_its_script_with_the_words_that_tell_it() -> None:
    talk = GuidedTalk()
    first, *more = talk.hears("My broadband has been down since this morning", intent="report_outage")
    assert (first.change, first.script, first.by) == ("started", "telecom_fault", "heard") and first.utterance
    assert [(one.change, one.step) for one in more] == [
        ("entered", "service"),
        ("done", "service"),
        ("entered", "depends"),
    ]
    assert more[1].value is None, "what the customer said of themselves stays where it was said"


@pytest.mark.parametrize(
    ("confidence", "change"), [(START_AT, ["started"]), (START_AT - 0.05, ["proposed"]), (PROPOSE_AT - 0.05, [])]
)
def test_a_matter_that_is_less_sure_is_proposed_once_or_left(confidence: float, change: list[str]) -> None:
    talk = GuidedTalk()
    for _ in range(2):
        talk.hears("Nothing is going through here", intent="slow_internet", confidence=confidence)
    assert [one.change for one in talk.events if one.change in ("started", "proposed")] == change


def test_what_the_bot_understood_begins_it_when_the_agent_comes_and_a_queue_only_proposes() -> None:
    of_flow = GuidedTalk(known=Known(EN, flow="report_outage"))
    assert of_flow.of("started") == ["telecom_fault"] and of_flow.events[0].by == "script"
    assert GuidedTalk(known=Known(EN, intent="cancel_service", sureness=0.9)).of("started") == ["telecom_cancel"]
    assert GuidedTalk(known=Known(EN, intent="cancel_service", sureness=0.5)).of("proposed") == ["telecom_cancel"]
    of_queue = GuidedTalk(queue="q_network")
    assert (of_queue.of("proposed"), of_queue.of("started")) == (["telecom_fault"], [])
    assert GuidedTalk(queue="q_general").events == []


def test_what_the_bot_settled_already_is_only_proposed() -> None:
    talk = GuidedTalk(live=False)
    for change in ("started", "completed"):
        talk.happens(FlowChanged(flow="report_outage", change=change))  # type: ignore[arg-type]
    talk.goes_live(Known(EN, intent="report_outage", sureness=0.95))
    assert (talk.of("started"), talk.of("proposed")) == ([], ["telecom_fault"])


def test_another_matter_in_the_middle_is_proposed_and_after_the_end_begun() -> None:
    talk = GuidedTalk(known=Known(EN, flow="report_outage"))
    talk.hears("Actually, I'd rather cancel", intent="cancel_service")
    assert (talk.of("started"), talk.of("proposed")) == (["telecom_fault"], ["telecom_cancel"])
    done = GuidedTalk(known=Known(EN, flow="report_outage"))
    for step in ("service", "depends", "outage", "restart", "works", "engineer", "owed"):
        done.happens(clicked(step))
        if step in ("depends", "works"):
            done.happens(clicked("outage" if step == "depends" else "engineer", "entered"))
    assert missing(done.guiding.guide.scripts, done.guiding.state) == ()  # type: ignore[arg-type]
    done.hears("I want to cancel my contract", intent="cancel_service")
    assert done.of("started") == ["telecom_fault", "telecom_cancel"]


def test_steps_tick_by_the_right_party_and_branches_follow_the_answer() -> None:
    talk = GuidedTalk(known=Known(EN, flow="report_outage"))
    talk.hears("It's the broadband.")
    talk.hears("There's no known fault in your area, is there?", CUSTOMER)
    assert talk.of("done") == ["service"]
    talk.hears("Does anybody at home rely on the line?", AGENT)
    talk.hears("No, none of us.")
    talk.hears("There's no known fault in your area. Please switch the hub off for thirty seconds.", AGENT)
    talk.hears("Is it working now?", AGENT)
    talk.hears("It's back on now, thank you.")
    assert talk.of("done") == ["service", "depends", "outage", "restart", "works"]
    assert {one.step: one.value for one in talk.events if one.change == "done"}["works"] == "works"
    assert talk.of("entered")[-1] == "close" and "engineer" not in talk.of("entered")


def test_japanese_words_tick_too() -> None:
    talk = GuidedTalk(known=Known(JA, flow="report_outage"))
    talk.hears("緊急通報や医療機器など、この回線に頼っておられる方はいらっしゃいますか。", AGENT, language=JA)
    talk.hears("母が使っている緊急通報があります。", language=JA)
    assert "depends" in talk.of("done") and talk.of("entered")[-1] in ("priority", "service")
    assert next(one.value for one in talk.events if one.step == "depends" and one.change == "done") == "yes"


def test_meaning_ticks_what_phrases_did_not_and_answers_are_taken_once() -> None:
    talk = GuidedTalk(known=Known(EN, intent="cancel_service", sureness=0.9))
    spoken = says("Twelve pounds would see you out of it", AGENT)
    assert talk.keep(talk.guiding.said(spoken, talk.now_s, sure=False)) == []
    similar = {"telecom_cancel/written": 0.9}
    talk.keep(talk.guiding.said(spoken, talk.now_s, Sense(similar=similar)))
    assert talk.of("done") == ["written"]
    assert talk.keep(talk.guiding.said(spoken, talk.now_s, Sense(similar=similar))) == []


def test_goodbye_names_what_is_missing_once_and_only_when_sure() -> None:
    talk = GuidedTalk(known=Known(EN, flow="report_outage"))
    talk.hears("Thanks for calling today, goodbye.", AGENT)
    talk.hears("Bye.")
    assert talk.of("warned") == ["service", "depends", "outage", "works"]
    done = {one.utterance for one in talk.events if one.change == "warned"}
    assert len(done) == 1


def test_private_and_unfinished_words_and_those_of_a_payment_tick_nothing() -> None:
    talk = GuidedTalk(known=Known(EN, flow="report_outage"))
    talk.hears("It's the broadband.", private=True)
    talk.hears("It's the broadband.", final=False)
    talk.happens(TranscriptionChanged(on=False))
    talk.hears("It's the broadband.")
    assert talk.of("done") == []
    talk.happens(TranscriptionChanged(on=True))
    talk.hears("It's the broadband.")
    assert talk.of("done") == ["service"]


def test_what_could_not_be_written_did_not_happen() -> None:
    talk = GuidedTalk()
    insight = Sense(Insight("report_outage", 0.9))
    assert talk.guiding.said(says("My broadband is down"), talk.now_s, insight)
    talk.guiding.revert()
    assert talk.guiding.state is None and talk.guiding.running == ""
    first = talk.hears("My broadband is down, I said", intent="report_outage")[0]
    assert first.change == "started"
    assert talk.guiding.said(says("Does anybody rely on the line? No known fault in your area.", AGENT), talk.now_s)
    talk.guiding.revert()
    assert not talk.guiding.state.done(("telecom_fault", "outage"))  # type: ignore[union-attr]


def test_clicks_move_it() -> None:
    talk = GuidedTalk(known=Known(EN, flow="report_outage"))
    assert talk.happens(clicked("outage")) == []
    state = talk.guiding.state
    assert state is not None and set(state.marks) == {("telecom_fault", "outage")}
    talk.happens(clicked("outage", "undone"))
    assert talk.guiding.state is not None and not talk.guiding.state.marks
    talk.hears("There's no known fault in your area.", AGENT)
    assert talk.of("done") == ["outage"]


def test_a_value_that_becomes_known_does_its_question() -> None:
    talk = GuidedTalk(known=Known(EN, flow="report_outage"))
    came = talk.happens(SlotSet(flow="f", slot="service", value="broadband", status=SlotStatus.CONFIRMED))
    assert [(one.change, one.step, one.by) for one in came if one.change == "done"] == [("done", "service", "script")]


def test_a_connection_that_comes_back_goes_on_where_the_script_was() -> None:
    first = GuidedTalk(known=Known(EN, flow="report_outage"))
    first.hears("It's the broadband.")
    first.hears("Does anybody at home rely on the line?", AGENT)
    first.hears("No, none of us.")
    again = GuidedTalk(live=False)
    for event in first.events:
        again.happens(event)
    assert again.goes_live(Known(EN, flow="report_outage")) == [], "it is not begun twice"
    before, after = first.guiding.state, again.guiding.state
    assert before is not None and after is not None
    assert (after.at, set(after.marks), after.slots["careful"]) == (before.at, set(before.marks), "no")
    again.hears("There's no known fault in your area.", AGENT)
    assert again.of("done") == ["outage"]


def passed_on(queue: str = "", known: Known | None = None, *more: Event) -> GuidedTalk:
    """A colleague got as far as the known fault, skipped the question before it, and passed the contact on."""
    talk = GuidedTalk(queue=queue, live=False)
    moves: list[Event] = [
        begun(agent="S02"),
        clicked("service", "entered", agent="S02"),
        clicked("service", agent="S02"),
        clicked("depends", "entered", agent="S02"),
        clicked("depends", "skipped", agent="S02"),
        clicked("outage", "entered", agent="S02"),
    ]
    for event in (*moves, *more):
        talk.happens(event)
    talk.goes_live(known or Known(EN, intent="report_outage", sureness=0.95))
    return talk


def test_the_next_agent_goes_on_where_the_script_was() -> None:
    talk = passed_on()
    assert talk.events == [], "it is not begun afresh"
    state = talk.guiding.state
    assert state is not None and state.at == ("telecom_fault", "outage")
    assert {mark.agent for mark in state.marks.values()} == {"S02"}
    assert ("telecom_fault", "depends") in missing(talk.guiding.guide.scripts, state)
    talk.hears("There's no known fault in your area.", AGENT)
    talk.hears("Thanks for calling today, goodbye.", AGENT)
    assert talk.of("done") == ["outage"] and "depends" in talk.of("warned")
    assert {one.agent for one in talk.events} == {SATO}


def test_the_next_agent_may_begin_it_again() -> None:
    talk = passed_on()
    talk.happens(begun())
    state = talk.guiding.state
    assert state is not None and not state.marks and state.at != ("telecom_fault", "outage")


def test_another_matter_of_the_next_queue_is_proposed_beside_the_script_that_goes_on() -> None:
    assert passed_on().of("proposed") == []
    other = passed_on(known=Known(EN, intent="cancel_service", sureness=0.95))
    assert (other.of("started"), other.of("proposed")) == ([], ["telecom_cancel"])
    again = GuidedTalk(live=False)
    again.happens(begun(agent="S02"))
    for event in (*other.events, clicked("outage")):
        again.happens(event)
    assert again.goes_live(Known(EN, intent="cancel_service", sureness=0.95)) == [], "a connection that comes back"


def test_a_contact_that_is_finished_takes_its_script_with_it() -> None:
    closed = ContactChanged(handoff="h1", change="closed")
    talk = passed_on("", Known(EN), closed)
    assert talk.guiding.state is None
    talk.hears("My broadband has been down since this morning", intent="report_outage")
    assert talk.of("started") == ["telecom_fault"]


def test_a_script_begun_by_hand_in_another_version_asks_for_a_new_session() -> None:
    talk = GuidedTalk()
    talk.happens(begun())
    assert not talk.guiding.outdated and talk.guiding.running == "telecom_fault"
    talk.happens(begun(version="other"))
    assert talk.guiding.outdated
    replay = GuidedTalk(live=False)
    replay.happens(begun(version="other"))
    assert not replay.guiding.outdated, "a version that is gone must not make sessions anew for ever"


def test_a_script_that_begins_late_hears_what_was_said_since_the_agent_came() -> None:
    talk = GuidedTalk()
    talk.hears("There's no known fault in your area, I've looked.", AGENT)
    talk.hears("So my internet is dead", intent="report_outage")
    assert "outage" in talk.of("done") and "warned" not in [one.change for one in talk.events]
    at = datetime.fromtimestamp(BEGAN_S, UTC)
    said = AgentSaid(
        utterance=UtteranceId("a"), agent=SATO, name="Sato", text="Hello", language=EN, source=Source.TEXT
    )  # fmt: skip
    log: list[Event] = [heard("before", "u0"), said, heard("after", "u1")]
    events = [Recorded(CALL, seq, at + timedelta(seconds=seq), event) for seq, event in enumerate(log)]
    assert [one.utterance for one in words_since(events, at + timedelta(seconds=1))] == ["a", "u1"]
