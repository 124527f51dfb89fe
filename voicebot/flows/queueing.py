"""Waiting for a person: the desk's answer and its news, keys, silence, and the ways back to the bot."""

from __future__ import annotations

from dataclasses import replace

from voicebot.domain import (
    Channel,
    DeskAnswer,
    DeskNews,
    DeskReply,
    Disposition,
    HandoffReason,
    NewsKind,
    PassOn,
)
from voicebot.flows.callbacks import callback_keys, not_booked
from voicebot.flows.handoff import CALLBACK, end_of_line, out_of_line, put_down
from voicebot.flows.interpreter import run_flows, start_flow
from voicebot.flows.run import Run
from voicebot.flows.standing import InLine, LinePhase
from voicebot.flows.state import Waiting
from voicebot.flows.telling import (
    ask_after_hours,
    ask_callback_number,
    ask_callback_offer,
    change_line,
    due,
    line_of,
    tell_place,
)


def desk_replied(run: Run, reply: DeskReply) -> None:
    """What the desk did with the request, said honestly."""
    line = run.state.line
    if line is None or line.phase is not LinePhase.ASKED:
        return
    run.set(awaiting=None)
    match reply.answer:
        case DeskAnswer.QUEUED | DeskAnswer.LONG | DeskAnswer.ELSEWHERE:
            _queued(run, line, reply)
        case DeskAnswer.CLOSED | DeskAnswer.UNSTAFFED:
            _nobody_there(run, line, reply)
        case DeskAnswer.RECORDED:
            _recorded(run, line)


def _queued(run: Run, line: InLine, reply: DeskReply) -> None:
    address = _address(run, reply)
    change_line(
        run,
        phase=LinePhase.QUEUED,
        contact=reply.contact,
        position=reply.position,
        low_min=reply.wait.low_min if reply.wait else None,
        high_min=reply.wait.high_min if reply.wait else None,
        callback_offered=reply.callback_offered,
        chat_offered=reply.chat_offered,
        passed_to=address,
    )
    run.set(waiting=Waiting.QUEUE, question="queue", fails=0, silences=0, holding=False)
    if line.emergency:
        run.say("utter_queue_emergency")
        change_line(run, told_at=run.now)
    elif line.promise:
        run.say(line.promise)
    if address:
        run.say("utter_passing_on")
        change_line(run, told_at=run.now)
        run.effects.append(PassOn(address))
    elif line.emergency:
        return
    elif reply.answer is DeskAnswer.LONG and reply.callback_offered:
        ask_callback_offer(run)
    else:
        tell_place(run)


def _address(run: Run, reply: DeskReply) -> str:
    """Where an outside queue is reached by telephone; empty when it comes to us, or the customer does not call."""
    by_phone = run.state.channel is Channel.VOICE and reply.answer is DeskAnswer.ELSEWHERE
    address = reply.queue or ""
    return address if by_phone and address.partition(":")[0] in ("sip", "sips") else ""


def _nobody_there(run: Run, line: InLine, reply: DeskReply) -> None:
    """Closed, or nobody at work could take it: never into an empty queue; the bot goes on with what it can do."""
    run.set(line=replace(out_of_line(line), callback_offered=reply.callback_offered))
    if line.emergency:
        run.say("utter_queue_emergency_nobody")
    elif reply.answer is DeskAnswer.UNSTAFFED:
        run.say("utter_unstaffed")
    elif reply.opens_at is not None:
        moment = reply.opens_at.strftime("%Y-%m-%dT%H:%M")
        run.say("utter_closed_until", {"opens": run.readout("datetime", moment, run.state.language)})
    else:
        run.say("utter_closed_hours" if run.lookup("context", "hours") else "utter_closed")
    put_down(run)
    ask_after_hours(run)


def _recorded(run: Run, line: InLine) -> None:
    if line.promise:
        run.say(line.promise)
    if not line.emergency:
        run.say("utter_handoff_hours" if run.lookup("context", "hours") else "utter_handoff_next")
    run.end(end_of_line(run, Disposition.HANDED_OFF))


# --- news of the desk ---


def desk_news(run: Run, news: DeskNews) -> None:
    """Something changed for the contact. News of another contact than the customer's own is nobody's business here."""
    line = run.state.line
    if run.state.awaiting == CALLBACK and news.kind is NewsKind.FAILED:
        not_booked(run, news.detail)
        return
    if news.kind is NewsKind.TAKEN and (line is None or not line.held):
        _taken_over(run, news)
        return
    if line is None or not line.held or line.contact != news.contact:
        return
    if news.kind in (NewsKind.WAITING, NewsKind.LOST, NewsKind.MOVED):
        run.set(line=line.placed(news))
    match news.kind:
        case NewsKind.WAITING:
            _waiting(run, line)
        case NewsKind.TAKEN if line.phase is LinePhase.QUEUED or line.agent != news.agent:
            _taken(run, news)
        case NewsKind.LOST if line.phase is LinePhase.AGENT:
            _wait_again(run, _lost(news.position))
        case NewsKind.MOVED:
            _wait_again(run, "utter_agent_moved")
        case NewsKind.RETURNED:
            put_down(run)
            run.set(line=None, awaiting=None)
            run.say("utter_back_with_bot")
            run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")
        case NewsKind.OVER if line.passed_to:
            run.end(end_of_line(run, Disposition.HANDED_OFF))
        case NewsKind.OVER if line.phase is LinePhase.AGENT or news.agent is not None:
            run.end(end_of_line(run, Disposition.HANDLED_BY_AGENT))
        case NewsKind.CALLBACK:
            run.say("utter_callback_by_desk")
            run.say("utter_goodbye")
            run.end(end_of_line(run, Disposition.CALLBACK_BOOKED))
        case NewsKind.OVER | NewsKind.FAILED:
            _failed(run, line)
        case _:
            pass


def _failed(run: Run, line: InLine) -> None:
    """Nobody was reached: the bot goes on. An outside queue that books no calls leaves none to be offered."""
    books = line.callback_offered or not line.passed_to
    put_down(run)
    run.say("utter_queue_failed")
    if books:
        run.set(line=replace(out_of_line(line_of(run)), callback_offered=True))
        ask_callback_offer(run)
    else:
        run.set(line=None)
        run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")


def _waiting(run: Run, before: InLine) -> None:
    """A better place is told, but not oftener than comfort messages come."""
    line = line_of(run)
    if before.phase is LinePhase.AGENT:
        _wait_again(run, _lost(line.position))
        return
    better = line.position is not None and (line.told_position is None or line.position < line.told_position)
    if better and run.state.waiting is Waiting.QUEUE and not line.emergency and due(run, line):
        tell_place(run)


def _taken(run: Run, news: DeskNews) -> None:
    change_line(run, phase=LinePhase.AGENT, number=None, agent=str(news.agent or ""), agent_name=news.agent_name)
    run.set(waiting=Waiting.AGENT, before=Waiting.NOTHING, awaiting=None, deferred=None, silences=0, holding=False)
    if run.state.channel is not Channel.VOICE and news.agent_name:
        run.say("utter_connecting", {"agent": (news.agent_name, news.agent_name)})


def _taken_over(run: Run, news: DeskNews) -> None:
    """A supervisor steps in while the bot still leads."""
    spec = run.policy.default_handoff
    line = run.state.line or InLine(
        LinePhase.QUEUED, spec.skills, spec.min_level, spec.priority, HandoffReason.SUPERVISOR_TAKEOVER
    )
    run.set(line=replace(line, phase=LinePhase.QUEUED, contact=news.contact))
    _taken(run, news)


def _lost(position: int | None) -> str:
    """The agent is gone: with the place in line, as far as it is known."""
    if position is None:
        return "utter_agent_lost_wait"
    return "utter_agent_lost" if position == 1 else "utter_agent_lost_soon"


def _wait_again(run: Run, key: str) -> None:
    change_line(run, phase=LinePhase.QUEUED, told_position=None, told_at=run.now, agent="", agent_name="")
    run.set(waiting=Waiting.QUEUE, question="queue", silences=0)
    run.say(key)


def keys_in_line(run: Run, digits: str) -> bool:
    """Keys of somebody who waits; False when they go the ordinary way."""
    line = line_of(run)
    if callback_keys(run, digits):
        return True
    if run.state.waiting is Waiting.AFTER_HOURS and digits in ("1", "2"):
        if digits == "1" and line.flow in run.content.flows:
            do_alone(run, line)
        elif line.callback_offered:
            ask_callback_number(run)
        else:
            run.set(line=None)
            run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")
        return True
    if not line.waiting:
        return False
    tell_place(run, opening="utter_queue_already" if digits == "0" else None)
    return True


def do_alone(run: Run, line: InLine) -> None:
    """The task goes on without people; what was said for it before is known."""
    run.set(line=None, waiting=Waiting.NOTHING)
    start_flow(run, run.content.flows[line.flow])
    run_flows(run)


def hang_up(run: Run) -> None:
    """The customer left: before an agent answered, while one talked, or with the bot alone."""
    run.set(left=run.state.waiting, cut_off=run.state.awaiting)
    line = run.state.line
    if line is None or line.phase is LinePhase.OUT:
        run.end()
        return
    with_agent = line.phase is LinePhase.AGENT
    run.end(end_of_line(run, Disposition.HANDLED_BY_AGENT if with_agent else Disposition.ABANDONED_IN_QUEUE))
