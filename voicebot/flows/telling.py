"""What a customer who wants a person is told and asked: place and wait, call back, the next opening."""

from __future__ import annotations

from dataclasses import replace

from voicebot.domain import Channel, OfferChat, Texts, WaitTold
from voicebot.flows.run import Run
from voicebot.flows.standing import InLine
from voicebot.flows.state import Waiting
from voicebot.flows.waits import place_words, wait_words

Pair = tuple[str, str]
MOST_LINKS = 3
"""Links to the chat in one conversation."""


def line_of(run: Run) -> InLine:
    """The wish for a person that is open."""
    line = run.state.line
    assert line is not None, "there is a wish for a person"
    return line


def change_line(run: Run, **changes: object) -> InLine:
    """Replace fields of the wish."""
    line = replace(line_of(run), **changes)  # type: ignore[arg-type]
    run.set(line=line)
    return line


def tell_place(run: Run, *, opening: str | None = None) -> None:
    """Place and range, as far as there is something honest to say; a place worse than told before is left out."""
    line = line_of(run)
    if opening is not None:
        run.say(opening)
    worse = line.position is not None and line.told_position is not None and line.position > line.told_position
    position = None if worse else line.position
    place = None if position is None else place_words(position, run.state.language)
    wait = _wait(run, line)
    if place is not None and wait is not None:
        run.say("utter_queue_place", {"place": (place, place), "wait": wait})
    elif place is not None:
        run.say("utter_queue_place_only", {"place": (place, place)})
    elif wait is not None and not worse:
        run.say("utter_queue_wait", {"wait": wait})
    elif opening is None:
        run.say("utter_queue_next_free")
    if place is not None or (wait is not None and not worse):
        _told(run, line, position, wait is not None)
    change_line(run, told_at=run.now, told_position=line.told_position if position is None else position)
    run.set(waiting=Waiting.QUEUE, question="queue", fails=0)


def ask_callback_offer(run: Run) -> None:
    """Keep the place and be called back? On the phone, where a link can be sent, a chat is offered too."""
    line = line_of(run)
    wait = _wait(run, line)
    if not line.held:
        run.ask("callback_offer", Waiting.CALLBACK_OFFER, "utter_callback_offer")
    elif wait is None:
        run.ask("callback_offer", Waiting.CALLBACK_OFFER, "utter_queue_busy")
    else:
        run.ask("callback_offer", Waiting.CALLBACK_OFFER, "utter_queue_long", {"wait": wait})
        _told(run, line, None, True)
    if line.chat_offered and can_text(run):
        run.say("utter_queue_or_chat")
    change_line(run, told_at=run.now)


def can_text(run: Run) -> bool:
    """A link to the chat can be sent to this caller."""
    return run.state.channel is Channel.VOICE and run.state.texts is Texts.ARRIVE


def send_chat_link(run: Run, key: str) -> None:
    """Send a link to go on by chat, to the number that calls and no other; ``key`` says so. Not without end."""
    if run.state.links >= MOST_LINKS:
        run.say("utter_chat_link_enough")
        return
    run.set(links=run.state.links + 1)
    run.effects.append(OfferChat())
    run.say(key)


def ask_callback_number(run: Run) -> None:
    """On which number; the one that calls is only asked about."""
    own = run.state.caller_number
    if own is not None and line_of(run).number is None:
        number = run.readout("phone_number", own, run.state.language)
        run.ask("callback_own", Waiting.CALLBACK_OWN, "utter_callback_this_number", {"number": number})
        return
    ask_other_number(run)


def ask_other_number(run: Run) -> None:
    """A number by voice or keys."""
    change_line(run, number="")
    run.ask("callback_number", Waiting.CALLBACK_NUMBER, "utter_callback_which_number")


def ask_callback_check(run: Run) -> None:
    """Read a number back that was heard."""
    number = run.readout("phone_number", line_of(run).number or "", run.state.language)
    run.ask("callback_check", Waiting.CALLBACK_CHECK, "utter_callback_check", {"number": number})


def ask_after_hours(run: Run) -> None:
    """What can be done without people: the task itself, a call back, or both."""
    line = line_of(run)
    label = run.content.flows[line.flow].label(run.state.language) if line.flow in run.content.flows else ""
    if label and line.callback_offered:
        run.ask("after_hours", Waiting.AFTER_HOURS, "utter_closed_both", {"task": (label, label)})
    elif label:
        run.ask("after_hours", Waiting.AFTER_HOURS, "utter_closed_task", {"task": (label, label)})
    elif line.callback_offered:
        run.ask("callback_offer", Waiting.CALLBACK_OFFER, "utter_callback_offer")
    else:
        run.set(line=None)
        run.ask("anything_else", Waiting.ANYTHING_ELSE, "utter_anything_else")


def line_again(run: Run) -> None:
    """Put the open question of somebody in line once more."""
    match run.state.waiting:
        case Waiting.CALLBACK_OFFER:
            ask_callback_offer(run)
        case Waiting.CALLBACK_OWN:
            ask_callback_number(run)
        case Waiting.CALLBACK_NUMBER:
            ask_other_number(run)
        case Waiting.CALLBACK_CHECK:
            ask_callback_check(run)
        case Waiting.AFTER_HOURS:
            ask_after_hours(run)
        case Waiting.QUEUE:
            tell_place(run)
        case _:
            pass


def due(run: Run, line: InLine) -> bool:
    """Long enough since the bot last said anything to somebody who waits."""
    return line.told_at is None or (run.now - line.told_at).total_seconds() * 1000 >= run.policy.comfort_ms


def told_now(run: Run) -> None:
    """Something was said: the next comfort message is due a whole interval later."""
    if run.state.line is not None:
        change_line(run, told_at=run.now)


def quiet_in_line(run: Run) -> bool:
    """Silence while waiting is no failure: a comfort message when one is due. False: the ordinary ladder."""
    line = line_of(run)
    if not line.waiting:
        return False
    if run.state.waiting is not Waiting.QUEUE:
        tell_place(run, opening="utter_queue_stay")
    elif due(run, line) and line.emergency:
        run.say("utter_queue_emergency")
        told_now(run)
    elif due(run, line):
        tell_place(run, opening="utter_queue_comfort")
    return True


def _wait(run: Run, line: InLine) -> Pair | None:
    if line.low_min is None or line.high_min is None:
        return None
    words = wait_words(line.low_min, line.high_min, run.state.language)
    return words, words


def _told(run: Run, line: InLine, position: int | None, wait: bool) -> None:
    low, high = (line.low_min, line.high_min) if wait else (None, None)
    run.emit(WaitTold(handoff=line.contact or "", position=position, low_min=low, high_min=high))
