"""Starting, suspending and resuming what an intent stands for; FAQ answers; asking back between two readings."""

from __future__ import annotations

from voicebot.domain import Answer, FlowChanged, Understanding
from voicebot.flows.asking import ask_again, ask_choice
from voicebot.flows.collecting import answer_in, prefill
from voicebot.flows.conditions import holds
from voicebot.flows.content import Flow, FlowKind
from voicebot.flows.control import ANSWERS
from voicebot.flows.interpreter import run_flows, start_flow
from voicebot.flows.keypad import pick
from voicebot.flows.repair import fail
from voicebot.flows.run import Run
from voicebot.flows.state import Frame, Waiting
from voicebot.flows.words import is_question, normal, says


def by_intent(run: Run, u: Understanding) -> None:
    """Do what the intent says, as far as it is sure; else the FAQ, else ask back, else the no-match ladder."""
    flow = run.content.flow_of(u.intent)
    startable = flow is not None and flow.kind in (FlowKind.TASK, FlowKind.INFO) and _allowed(run, flow)
    threshold = _threshold(run, u, flow)
    sure = startable and u.confidence >= threshold and u.in_scope >= run.policy.in_scope_min
    answer = faq_answer(run, u)
    if answer is not None and _prefers_answer(run, u, flow if sure else None):
        _say_faq(run, answer)
    elif sure and flow is not None and not _running(run, flow):
        begin_flow(run, u, flow)
    elif sure and flow is not None:
        _say_running(run, u, flow)
    elif (pair := _close_pair(run, u)) is not None:
        run.repaired("disambiguate")
        run.overlay()
        ask_choice(run, pair)
    elif run.state.top is None and run.state.out_of_scope and answer_in(u, run.policy.act) is Answer.NO:
        run.say("utter_goodbye_wrong_number")
        run.end()
    elif (
        run.state.top is None
        and u.intent in ANSWERS
        and u.confidence >= run.policy.act
        and run.state.waiting is not Waiting.MENU
    ):
        run.ask("open", Waiting.OPEN, "utter_how_can_i_help") if u.intent == "affirm" else _not_now(run)
    else:
        fail(run)


def _prefers_answer(run: Run, u: Understanding, flow: Flow | None) -> bool:
    """An FAQ answer comes before flow ``flow``: unsure utterances, and questions asked in the middle of a task.

    An unsure utterance that sounds most like a task gets an answer only if it is a question and the task is weak.
    """
    if flow is None:
        meant = run.content.flow_of(u.intent)
        task = meant is not None and meant.kind is FlowKind.TASK
        return not task or (is_question(run, u.text) and u.confidence < run.policy.act)
    if run.state.top is None:
        return False
    return flow.kind is FlowKind.INFO or (_running(run, flow) and is_question(run, u.text))


def _allowed(run: Run, flow: Flow) -> bool:
    return flow.guard is None or holds(flow.guard, run.lookup)


def _threshold(run: Run, u: Understanding, flow: Flow | None) -> float:
    if flow is None:
        return run.policy.act
    return next((own for name, own in flow.intents if name == u.intent and own is not None), run.policy.act)


def _not_now(run: Run) -> None:
    if run.state.tasks_done or run.state.answers_given:
        run.say("utter_goodbye")
        run.end()
    else:
        fail(run)


def _running(run: Run, flow: Flow) -> bool:
    return any(frame.flow == flow.id for frame in run.state.stack)


def faq_answer(run: Run, u: Understanding) -> str | None:
    """The best FAQ answer that is good enough."""
    entries = run.content.faq.get(run.state.language, {})
    for score in u.faq:
        if score.score >= run.policy.faq and score.id in entries:
            return entries[score.id].answer
    return None


def _say_faq(run: Run, answer: str) -> None:
    """A digression: answered, then the open question once more."""
    run.say_text(answer, "utter_faq_answer")
    run.set(answers_given=run.state.answers_given + 1, heard_request=True)
    top = run.state.top
    if top is None:
        run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")
        return
    run.repaired("digression")
    visible = next((frame for frame in reversed(run.state.stack) if not frame.quiet), top)
    run.emit(FlowChanged(flow=visible.flow, change="suspended"))
    run.emit_resumed(visible.flow)
    run.returning = run.flow_of(visible)
    ask_again(run)
    run.returning = None


def begin_flow(run: Run, u: Understanding, flow: Flow) -> None:
    """Start a flow; a running task is suspended and comes back afterwards."""
    top = run.state.top
    if top is not None and not all(run.flow_of(frame).interruptible for frame in run.state.stack):
        run.say("utter_finish_first")
        ask_again(run)
        return
    if top is not None:
        run.emit(
            FlowChanged(
                flow=next((f.flow for f in reversed(run.state.stack) if not f.quiet), top.flow), change="suspended"
            )
        )
        run.repaired("digression")
    start_flow(run, flow, digression=top is not None)
    prefill(run, u, flow)
    run_flows(run)


def _say_running(run: Run, u: Understanding, flow: Flow) -> None:
    """The customer names a flow that is already on the way: a suspended one comes to the top."""
    stack = run.state.stack
    index = next(i for i, frame in enumerate(stack) if frame.flow == flow.id)
    if index == len(stack) - 1 or all(frame.quiet for frame in stack[index + 1 :]):
        fail(run)
        return
    moved: tuple[Frame, ...] = (*stack[:index], *stack[index + 1 :], stack[index])
    run.emit(FlowChanged(flow=stack[-1].flow, change="suspended"))
    run.set(stack=moved, waiting=Waiting.NOTHING)
    run.emit_resumed(flow.id)
    run.returning = flow
    run_flows(run)


def _close_pair(run: Run, u: Understanding) -> tuple[str, str] | None:
    """The first two readings, when they are close and both worth asking about; once per question."""
    if run.state.question.startswith("choice:") or run.state.top is not None or len(u.ranking) < 2:
        return None
    if u.in_scope < run.policy.in_scope_min:
        return None
    flows: list[str] = []
    for score in u.ranking[:2]:
        flow = run.content.flow_of(score.name)
        if (
            flow is None
            or flow.kind not in (FlowKind.TASK, FlowKind.INFO)
            or score.confidence < run.policy.disambiguate
        ):
            return None
        flows.append(flow.id)
    close = u.ranking[0].confidence - u.ranking[1].confidence <= run.policy.disambiguate_gap
    return (flows[0], flows[1]) if close and flows[0] != flows[1] else None


def choose(run: Run, u: Understanding) -> bool:
    """Which of two was meant: by number, by label, or by whichever of the two the words fit better."""
    first, second = run.state.choices
    text = normal(u.text)
    if text in ("1", "2"):
        pick(run, first if text == "1" else second)
        return True
    named = [name for name in (first, second) if normal(run.content.flows[name].label(run.state.language)) in text]
    ranked = [
        flow.id for score in u.ranking if (flow := run.content.flow_of(score.name)) and flow.id in (first, second)
    ]
    answer = answer_in(u, run.policy.act)
    if len(named) == 1:
        chosen = named[0]
    elif says(run, "first", u.text) != says(run, "second", u.text):
        chosen = first if says(run, "first", u.text) else second
    elif answer is Answer.YES:
        chosen = first
    elif answer is None and ranked and u.ranking[0].name in {n for n, _ in _intents(run, ranked[0])}:
        chosen = ranked[0]
    else:
        run.set(waiting=run.state.before if run.state.before is not Waiting.NOTHING else Waiting.OPEN, choices=())
        return False
    run.set(choices=(), before=Waiting.NOTHING)
    begin_flow(run, u, run.content.flows[chosen])
    return True


def _intents(run: Run, flow: str) -> tuple[tuple[str, float | None], ...]:
    return run.content.flows[flow].intents
