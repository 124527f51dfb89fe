"""From an utterance to what happens: safety, people and language first, then the open question, then intents."""

from __future__ import annotations

from voicebot.domain import Answer, FlowChanged, NoticeGiven, Understanding
from voicebot.flows import language as languages
from voicebot.flows.asking import ask_again, ask_choice, pending_collect
from voicebot.flows.collecting import answer_in, prefill, take_answer, take_correction, which
from voicebot.flows.conditions import holds
from voicebot.flows.content import Act, Flow, FlowKind, Noop, Say_
from voicebot.flows.emergency import cleared, danger, script, suspected
from voicebot.flows.handoff import hand_off, person_asked
from voicebot.flows.interpreter import drop_task, run_flows, start_flow
from voicebot.flows.keypad import keys, pick
from voicebot.flows.repair import back, fail
from voicebot.flows.run import Run
from voicebot.flows.state import Frame, Waiting
from voicebot.flows.tasks import TASKS, builtin
from voicebot.flows.words import is_just, normal, says

_ANSWERS = frozenset({"affirm", "deny", "ambiguous_ok"})
_MAX_CONTROL_STEPS = 20


def utterance(run: Run, u: Understanding) -> None:
    """Handle what the customer said."""
    run.understanding = u
    if run.state.waiting is Waiting.DANGER:
        _danger_answer(run, u)
        return
    if u.safety is not None and (u.safety.certain or u.safety.hazard.value not in run.state.danger_cleared):
        danger(run, u.safety.hazard, u.safety.phrase, certain=u.safety.certain)
        return
    run.set(silences=0, holding=False)
    urgent = is_just(run, "urgent", u.text) or (run.state.waiting is Waiting.REASON and says(run, "urgent", u.text))
    if _wants_person(run, u):
        person_asked(run, urgent=urgent or says(run, "urgent", u.text))
        return
    if run.state.waiting is Waiting.REASON:
        _reason(run, u)
        return
    if run.state.awaiting is not None:
        run.set(deferred=u)
        return
    if u.intent == "pii_card":
        run.say("utter_pii_warning")
        ask_again(run)
        return
    if _language(run, u):
        return
    _meaning(run, u)


def _meaning(run: Run, u: Understanding) -> None:
    if run.state.waiting is Waiting.MENU and normal(u.text).isdigit() and len(normal(u.text)) == 1:
        keys(run, normal(u.text))
        return
    if run.state.waiting is Waiting.CHOICE and _choice(run, u):
        return
    if run.state.waiting is Waiting.WHICH:
        if take_correction(run, u):
            return
        run.set(waiting=run.state.before, before=Waiting.NOTHING)
    if suspected(run, u):
        return
    control = _control(run, u)
    collect = pending_collect(run)
    interrupting = control is not None and (collect is None or not _answers(run, u))
    if control is not None and interrupting:
        steer(run, u, control)
        return
    if collect is not None and not _asks(run, u) and take_answer(run, u):
        return
    if run.state.waiting is Waiting.ANYTHING_ELSE and _closing(run, u):
        return
    _by_intent(run, u)


def _answers(run: Run, u: Understanding) -> bool:
    """The utterance answers the open question, so a control intent is only an echo of its words."""
    collect = pending_collect(run)
    if collect is None:
        return False
    if (collect.yes_no or run.state.waiting is Waiting.READBACK) and u.answer is not None:
        return True
    names = (*collect.entities, *collect.values)
    return any(e.name in names and not e.negated for e in u.entities)


def _asks(run: Run, u: Understanding) -> bool:
    """An open free-text question gets a question of general knowledge instead of an answer."""
    collect = pending_collect(run)
    return (
        collect is not None
        and collect.free_text
        and _faq(run, u) is not None
        and (
            u.text.rstrip().endswith(("?", "?", "か", "の"))
            or u.text.lower().startswith(("who", "what", "how", "do ", "can "))
        )
    )


def _wants_person(run: Run, u: Understanding) -> bool:
    if is_just(run, "person", u.text) or normal(u.text) == "0":
        return normal(u.text) != "0" or not _answers(run, u)
    return u.intent == "request_human" and u.confidence >= run.policy.human


def _reason(run: Run, u: Understanding) -> None:
    """Whatever comes is the reason; only "never mind" takes the request back."""
    from voicebot.domain import HandoffReason, SlotStatus

    if u.intent in ("nevermind", "start_over") and u.confidence >= run.policy.act:
        run.say("utter_nevermind_ack")
        run.set(waiting=Waiting.OPEN)
        ask_again(run)
        return
    run.set_slot("handoff_reason", u.text.strip(), SlotStatus.HEARD, u.source)
    flow = run.content.flow_of(u.intent)
    known = flow is not None and flow.kind in (FlowKind.TASK, FlowKind.INFO) and u.confidence >= run.policy.act
    hand_off(run, HandoffReason.CUSTOMER_ASKED, flow=flow if known else None)


def _danger_answer(run: Run, u: Understanding) -> None:
    """Yes, silence or anything unclear is danger; a clear no leads back."""
    run.set(silences=0, holding=False)
    if u.safety is not None and u.safety.certain:
        danger(run, u.safety.hazard, u.safety.phrase, certain=True)
        return
    if answer_in(u, run.policy.act) is Answer.NO or answer_in(u, run.policy.act) is Answer.AMBIGUOUS:
        cleared(run)
        back(run)
        return
    if _wants_person(run, u):
        person_asked(run, urgent=True)
        return
    script(run)


def _language(run: Run, u: Understanding) -> bool:
    """Follow the customer's language; True when that was all there was to do."""
    if u.intent == languages.INTENT and u.confidence >= run.policy.control:
        code = languages.wanted(run, u)
        if code is None:
            return False
        if code not in run.content.tenant.languages:
            languages.unsupported(run, code)
            return True
        languages.change(run, next(lang for lang in run.content.tenant.languages if lang == code))
        ask_again(run)
        return True
    other = languages.drifted(run, u)
    if other is not None:
        languages.change(run, other)
    return False


# --- control ---


def _control(run: Run, u: Understanding) -> Flow | None:
    flow = run.content.flow_of(u.intent)
    if flow is None or flow.kind is not FlowKind.CONTROL or u.intent in _ANSWERS:
        return None
    return flow if u.confidence >= run.policy.control else None


def steer(run: Run, u: Understanding, flow: Flow) -> None:
    """A wish about the conversation itself."""
    match u.intent:
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
            run.say("utter_goodbye_wrong_number" if run.state.out_of_scope else "utter_goodbye")
            run.end()
            return
        case "bot_challenge":
            run.emit(NoticeGiven(notice="ai"))
    run.repaired(u.intent)
    _run_control(run, flow)


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
        if run.state.ended is not None:
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


def _closing(run: Run, u: Understanding) -> bool:
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


# --- intents ---


def _by_intent(run: Run, u: Understanding) -> None:
    flow = run.content.flow_of(u.intent)
    startable = flow is not None and flow.kind in (FlowKind.TASK, FlowKind.INFO) and _allowed(run, flow)
    threshold = _threshold(run, u, flow)
    sure = startable and u.confidence >= threshold and u.in_scope >= run.policy.in_scope_min
    answer = _faq(run, u)
    top = run.state.top
    if answer is not None and (
        not sure or (top is not None and flow is not None and (flow.kind is FlowKind.INFO or _running(run, flow)))
    ):
        _say_faq(run, answer)
    elif sure and flow is not None and not _running(run, flow):
        _start(run, u, flow)
    elif sure and flow is not None:
        _say_running(run, u, flow)
    elif (pair := _close_pair(run, u)) is not None:
        run.repaired("disambiguate")
        run.overlay()
        ask_choice(run, pair)
    elif (
        top is None
        and u.intent in _ANSWERS
        and u.confidence >= run.policy.act
        and run.state.waiting is not Waiting.MENU
    ):
        run.ask("open", Waiting.OPEN, "utter_how_can_i_help") if u.intent == "affirm" else _not_now(run)
    else:
        fail(run)


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


def _faq(run: Run, u: Understanding) -> str | None:
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


def _start(run: Run, u: Understanding, flow: Flow) -> None:
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


def _choice(run: Run, u: Understanding) -> bool:
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
    _start(run, u, run.content.flows[chosen])
    return True


def _intents(run: Run, flow: str) -> tuple[tuple[str, float | None], ...]:
    return run.content.flows[flow].intents
