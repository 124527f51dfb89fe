"""What a step of the dialogue leaves in the log: its own events, the words it says, and who came or went."""

from __future__ import annotations

from dataclasses import replace

from voicebot.conversation.mouth import new_id
from voicebot.domain import (
    Contact,
    DeskNews,
    Event,
    HandoffId,
    HandoffRequested,
    NewsKind,
    PartyJoined,
    PartyLeft,
    Played,
    Said,
    Say,
    Started,
    UtteranceId,
)
from voicebot.flows import InLine, LinePhase, Step


def started(contact: Contact, model: str) -> Started:
    """The first event of every log."""
    return Started(
        tenant=contact.tenant,
        channel=contact.channel,
        language=contact.language,
        entry_point=contact.entry_point,
        caller_known=contact.caller_number is not None,
        versions={"nlu": model},
    )


def write_down(step: Step, events: list[Event], *, instant: bool, handoff: HandoffId | None) -> list[UtteranceId]:
    """Add what a step says to ``events``; returns the names of its prompts in order.

    ``instant``: words are received as they are said. ``handoff`` names the request for a person, if one is in the step.
    """
    if handoff is not None:
        for at, event in enumerate(events):
            if isinstance(event, HandoffRequested):
                events[at] = replace(event, handoff=handoff)
    names = []
    for effect in step.effects:
        if not isinstance(effect, Say):
            continue
        name = UtteranceId(new_id("b-"))
        names.append(name)
        events.append(
            Said(
                utterance=name,
                text=effect.text,
                response=effect.response,
                language=effect.language,
                buttons=effect.buttons,
            )
        )
        if instant:
            events.append(Played(utterance=name, text=effect.text, complete=True))
    return names


def comings_and_goings(before: InLine | None, after: InLine | None, news: DeskNews) -> list[Event]:
    """In a chat an agent is there from the moment the contact was taken."""
    events: list[Event] = []
    was = before.agent if before is not None and before.phase is LinePhase.AGENT else ""
    now = after.agent if after is not None and after.phase is LinePhase.AGENT else ""
    if was and (was != now or news.kind is NewsKind.OVER):
        events.append(PartyLeft(agent=was, role="lead", reason=news.kind.value))
    if now and now != was:
        events.append(PartyJoined(agent=now, name=news.agent_name, role="lead"))
    return events
