"""Wishes about the conversation itself: repeat, slower, stop, goodbye. They run beside the stack and leave it alone."""

from __future__ import annotations

from voicebot.domain import Answer, NoticeGiven, Understanding
from voicebot.flows.asking import ask_again, pending_collect
from voicebot.flows.collecting import answer_in, take_answer, take_correction, which
from voicebot.flows.conditions import holds
from voicebot.flows.content import Act, Flow, FlowKind, Noop, Say_
from voicebot.flows.interpreter import drop_task, run_flows
from voicebot.flows.repair import fail
from voicebot.flows.run import Run
from voicebot.flows.state import Waiting
from voicebot.flows.tasks import TASKS, builtin
from voicebot.flows.words import says

ANSWERS = frozenset({"affirm", "deny", "ambiguous_ok"})
"""Intents that answer a question rather than steer."""

_LEAVING = frozenset({"goodbye", "nevermind", "start_over"})
_STORY = frozenset({"greet", "correct_info", "out_of_scope", "express_frustration", "ask_wait_time"})
"""What a story told in the customer's own words may sound like; it is still the story."""

_MAX_CONTROL_STEPS = 20


def control_of(run: Run, u: Understanding) -> Flow | None:
    """The control flow the utterance asks for; leaving an open task must be said more clearly."""
    flow = run.content.flow_of(u.intent)
    if flow is None or flow.kind is not FlowKind.CONTROL or u.intent in ANSWERS:
        return None
    collect = pending_collect(run)
    if collect is not None and collect.free_text and u.intent in _STORY:
        return None
    leaving = u.intent in _LEAVING and run.state.top is not None
    return flow if u.confidence >= (run.policy.leave if leaving else run.policy.control) else None


def steer(run: Run, u: Understanding, flow: Flow) -> None:
    """A wish about the conversation itself."""
    match u.intent:
        case "correct_info" if run.state.top is None and run.state.out_of_scope:
            _say_goodbye(run)  # "oh, my mistake": the wrong company was called
            return
        case "correct_info":
            if not take_correction(run, u) and not (pending_collect(run) is not None and take_answer(run, u)):
                if run.state.top is not None:
                    which(run)
                else:
                    fail(run)
            return
        case "nevermind":
            _never_mind(run)
            return
        case "out_of_scope":
            _out_of_scope(run, u)
            return
        case "goodbye":
            _say_goodbye(run)
            return
        case "bot_challenge":
            run.emit(NoticeGiven(notice="ai"))
        case "cant_hear" if says(run, "hard_of_hearing", u.text):
            flow = run.content.flow_of("ask_slower") or flow
    run.repaired(u.intent)
    _run_control(run, flow)


def _say_goodbye(run: Run) -> None:
    nothing_else = run.state.out_of_scope and not (run.state.tasks_done or run.state.answers_given)
    run.say("utter_goodbye_wrong_number" if nothing_else else "utter_goodbye")
    run.end()


def _run_control(run: Run, flow: Flow) -> None:
    """Control flows run beside the stack: they say and set things, then the open question stands again."""
    at, waiting, question = flow.first, run.state.waiting, run.state.question
    for _ in range(_MAX_CONTROL_STEPS):
        step = flow.steps.get(at)
        match step:
            case Say_():
                run.say(step.response)
            case Act() if step.action in TASKS:
                builtin(run, step, flow)
            case Noop():
                pass
            case _:
                break
        if run.state.halted:
            return
        branch = next((b for b in step.next.branches if b.condition is None or holds(b.condition, run.lookup)), None)
        at = branch.target if branch is not None else "END"
    if flow.then_ask and run.state.waiting is waiting and run.state.question == question:
        ask_again(run)


def _never_mind(run: Run) -> None:
    top = run.state.top
    if top is None:
        if run.state.waiting is Waiting.ANYTHING_ELSE:
            run.say("utter_goodbye")
            run.end()
            return
        run.set(declined=run.state.declined + 1)
        run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")
        return
    if not top.changed:
        run.say("utter_nevermind_ack")
    run.repaired("cancel")
    drop_task(run)
    if run.state.top is not None:
        run_flows(run)
    else:
        run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")


def _out_of_scope(run: Run, u: Understanding) -> None:
    count = run.state.out_of_scope + 1
    run.set(out_of_scope=count)
    run.repaired("out_of_scope", count)
    run.say("utter_oos" if count == 1 else "utter_oos_again")
    if run.state.top is not None:
        ask_again(run)
    else:
        run.set(waiting=Waiting.OPEN, question="open")


def close_or_go_on(run: Run, u: Understanding) -> bool:
    """After "anything else?": a loose "I'm good" is a no."""
    answer = answer_in(u, run.policy.act)
    flow = run.content.flow_of(u.intent)
    wants = flow is not None and flow.kind in (FlowKind.TASK, FlowKind.INFO) and u.confidence >= run.policy.act
    if answer is Answer.YES and not wants:
        run.ask("open", Waiting.OPEN, "utter_how_can_i_help")
        return True
    if answer in (Answer.NO, Answer.AMBIGUOUS) and not wants:
        run.say("utter_goodbye")
        run.end()
        return True
    return False
