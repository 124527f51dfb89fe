"""Agreeing on a call back: the offer, the number, the promise."""

from __future__ import annotations

import re

from voicebot.domain import (
    NOT_DIALLED,
    Answer,
    BookCallback,
    CallbackBooked,
    Disposition,
    Source,
    Understanding,
)
from voicebot.flows.collecting import answer_in
from voicebot.flows.handoff import CALLBACK, end_of_line
from voicebot.flows.run import Run
from voicebot.flows.state import Waiting
from voicebot.flows.telling import (
    ask_callback_check,
    ask_callback_number,
    ask_other_number,
    change_line,
    line_of,
    tell_place,
)
from voicebot.flows.words import normal, says

_NUMBER = re.compile(r"\+?\d{9,15}")
_TRIES = 3


def wants_callback(run: Run, u: Understanding) -> bool:
    """A call back is asked for."""
    return says(run, "queue_callback", u.text) or (
        u.intent == "request_callback" and u.confidence >= run.policy.act and not u.answer
    )


def callback_answer(run: Run, u: Understanding) -> bool:
    """Answers to the open question about a call back; False when the words are about something else."""
    answer = answer_in(u, run.policy.act)
    waiting = run.state.waiting
    number = _number_in(u)
    if waiting is Waiting.CALLBACK_OFFER:
        if wants_callback(run, u) or answer is Answer.YES:
            ask_callback_number(run)
        elif answer in (Answer.NO, Answer.AMBIGUOUS):
            decline(run)
        else:
            return False
        return True
    if waiting in (Waiting.CALLBACK_OWN, Waiting.CALLBACK_NUMBER, Waiting.CALLBACK_CHECK) and number is not None:
        change_line(run, number=number)
        if u.source is Source.SPEECH:
            ask_callback_check(run)
        else:
            book(run, number)
        return True
    match waiting:
        case Waiting.CALLBACK_OWN if answer is Answer.YES and run.state.caller_number is not None:
            book(run, run.state.caller_number)
        case Waiting.CALLBACK_CHECK if answer is Answer.YES:
            book(run, line_of(run).number or "")
        case Waiting.CALLBACK_OWN | Waiting.CALLBACK_CHECK if answer is Answer.NO or says(run, "another", u.text):
            ask_other_number(run)
        case Waiting.CALLBACK_NUMBER if answer is None and u.confidence < run.policy.act:
            not_a_number(run)
        case _:
            return False
    return True


def callback_keys(run: Run, digits: str) -> bool:
    """The same with keys: 1 is yes, 2 is no, a long number is the number."""
    match run.state.waiting:
        case Waiting.CALLBACK_OFFER if digits in ("1", "2"):
            ask_callback_number(run) if digits == "1" else decline(run)
        case Waiting.CALLBACK_OWN if digits == "1" and run.state.caller_number is not None:
            book(run, run.state.caller_number)
        case Waiting.CALLBACK_CHECK if digits == "1":
            book(run, line_of(run).number or "")
        case Waiting.CALLBACK_OWN | Waiting.CALLBACK_CHECK if digits == "2":
            ask_other_number(run)
        case Waiting.CALLBACK_OWN | Waiting.CALLBACK_NUMBER | Waiting.CALLBACK_CHECK if _NUMBER.fullmatch(digits):
            change_line(run, number=digits)
            book(run, digits)
        case Waiting.CALLBACK_NUMBER:
            not_a_number(run)
        case _:
            return False
    return True


def not_a_number(run: Run) -> None:
    """The number was not caught: asked again, and after the third time given up without losing the place."""
    fails = run.state.fails + 1
    if fails >= _TRIES:
        run.say("utter_callback_no_number")
        decline(run)
        return
    run.say("utter_not_caught")
    ask_other_number(run)
    run.set(fails=fails)


def decline(run: Run) -> None:
    """No call back: the customer stays in line, or the bot goes on."""
    change_line(run, number=None)
    if line_of(run).held:
        tell_place(run, opening="utter_queue_stay")
    else:
        run.set(line=None)
        run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")


def book(run: Run, number: str) -> None:
    """Ask the desk to keep the place and ring ``number``."""
    change_line(run, number=number)
    run.set(awaiting=CALLBACK, waiting=Waiting.NOTHING)
    run.effects.append(BookCallback(number))


def booked(run: Run, promise: CallbackBooked) -> None:
    """The desk has promised: the reference, then goodbye."""
    if run.state.awaiting != CALLBACK:
        return
    run.set(awaiting=None, callback=True)
    language = run.state.language
    reference = run.readout("ticket", promise.reference, language)
    extra = {"number": (promise.number_shown, promise.number_shown), "reference": reference}
    if promise.from_at is None:
        run.say("utter_callback_kept", extra, interruptible=False)
    else:
        moment = promise.from_at.strftime("%Y-%m-%dT%H:%M")
        opens = run.readout("datetime_there" if promise.abroad else "datetime", moment, language)
        key = "utter_callback_kept_there" if promise.abroad else "utter_callback_kept_from"
        run.say(key, {**extra, "opens": opens}, interruptible=False)
    run.say("utter_goodbye")
    run.end(end_of_line(run, Disposition.CALLBACK_BOOKED))


def not_booked(run: Run, why: str) -> None:
    """The desk could not promise: said plainly, and nothing is lost. A number that cannot be rung may be replaced."""
    run.set(awaiting=None)
    refused = line_of(run).refused + 1
    if why == NOT_DIALLED and refused < _TRIES:
        change_line(run, refused=refused)
        run.say("utter_callback_not_dialled")
        ask_other_number(run)
        return
    run.say("utter_callback_failed")
    decline(run)


def _number_in(u: Understanding) -> str | None:
    found = [e.value for e in u.entities if e.name == "phone_number" and not e.negated and _NUMBER.fullmatch(e.value)]
    if found:
        return found[-1]
    typed = re.sub(r"[\s()-]", "", normal(u.text))
    return typed if u.source is Source.TEXT and _NUMBER.fullmatch(typed) else None
