"""The script of a contact beside the agent who leads it: from what happens to the script's events. No input or output.

As with cards, every method returns the events to append and takes them for written unless :meth:`Guiding.revert` is
called. Events of others (clicks, an earlier connection, whoever led the contact before) come through
:meth:`Guiding.logged`: a script goes on where it was when the contact changes hands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from voicebot.assist.live_known import Known
from voicebot.assist.live_session import Insight, Led
from voicebot.assist.model import Speaker
from voicebot.assist.scripts import (
    Change,
    Guide,
    Script,
    ScriptState,
    SlotKnown,
    choose,
    missing,
    moved,
    over,
    start,
    taken,
)
from voicebot.assist.scripts import Spoken as Words
from voicebot.assist.scripts import step as script_step
from voicebot.assist.scripts.ways import Ways
from voicebot.assist.sources import Spoken, of_event
from voicebot.domain import Event, FlowChanged, Json, Party, Recorded, ScriptMoved, SlotSet, TranscriptionChanged

START_AT, PROPOSE_AT = 0.85, 0.4
"""Confidence in the customer's intent from which its script begins by itself, and from which it is only proposed."""
_LATELY, _REMEMBERED = 30, 400
"""Words since the agent came that a script begun later still listens to; and utterances known to have been heard."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What is known of words besides themselves: their meaning, and likeness to steps of the running script."""

    insight: Insight = field(default_factory=Insight)
    similar: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class _Stand:
    """What a refusal of the log undoes."""

    state: ScriptState | None = None
    begun: frozenset[str] = frozenset()
    proposed: frozenset[str] = frozenset()


class Guiding:
    """See the module. Times are seconds of the day's clock, those of the log included."""

    def __init__(self, led: Led, guide: Guide) -> None:
        self.led, self.guide = led, guide
        self.live = False
        self.outdated = False
        """Another version's script was begun here: this session has to be made anew."""
        self._stand = self._before = _Stand()
        self._slots: dict[str, Json] = {}
        self._context: Mapping[str, Json] = {}
        self._heard: dict[str, None] = {}
        self._lately: list[Words] = []
        self._paused = False
        self._settled: frozenset[str] = frozenset()
        self._mine = False

    @property
    def state(self) -> ScriptState | None:
        """Where the script stands; None before one is begun."""
        return self._stand.state

    @property
    def running(self) -> str:
        """The script whose steps are listened for; empty when there is none."""
        state = self._stand.state
        return "" if state is None or state.ended else state.script

    def revert(self) -> None:
        """What was returned last could not be written."""
        self._stand = self._before

    def up_to_date(self, known: Known, now_s: float) -> list[Event]:
        """The log has been read; what the customer came for may call for its script.

        Once in each agent's hands: a script that was begun before goes on, and another is proposed beside it.
        """
        self.live = True
        self._context = {"channel": known.attributes.get("channel", "")}
        stand = self._stand
        if stand.state is not None:
            self._stand = replace(stand, state=replace(stand.state, context=self._context))
        if self._mine:
            return []
        for script, sureness in self._called_for(known):
            if script is not None and script.id not in stand.begun:
                return self._fits(script, sureness, "", now_s)
        return []

    def logged(self, recorded: Recorded, now_s: float) -> list[Event]:
        """An event of the log that is not this session's own; words of a live talk go to :meth:`said`."""
        event, at_s = recorded.event, now_s if self.live else recorded.at.timestamp()
        match event:
            case ScriptMoved():
                return self._moved_elsewhere(event, at_s)
            case _ if over(event):
                self._before = self._stand = _Stand()
                self._mine = False
            case SlotSet(slot=slot, value=value, sensitive=False):
                self._slots[slot] = value
                return self._given(SlotKnown(slot, value), at_s)
            case FlowChanged(flow=flow, change=change):
                self._settled = self._settled | {flow} if change == "completed" else self._settled - {flow}
            case TranscriptionChanged(on=on):
                self._paused = not on
            case _ if not self.live and at_s >= self.led.since_s and not self._paused:
                spoken = of_event(event)
                if spoken is not None and not spoken.private:
                    self._remember(_words(spoken))
        return []

    def said(self, spoken: Spoken, now_s: float, sense: Sense | None = None, *, sure: bool = True) -> list[Event]:
        """Final words; again with what they mean once that is known. ``sure`` False: that is still to come."""
        if self._paused or spoken.private or not spoken.final:
            return []
        sense = sense or Sense()
        words = replace(_words(spoken), similar=sense.similar, sure=sure, again=self._was_heard(spoken.utterance))
        if not words.again:
            self._remember(words)
        self._before = self._stand
        changes = self._stepped(words, now_s) if self.running else []
        if spoken.party is Party.CUSTOMER and (script := self._wanted(sense.insight)) is not None:
            before = self.running
            changes += self._fitting(script, sense.insight.confidence, spoken.utterance, now_s)
            if self.running != before:
                changes += self._stepped(replace(words, again=False), now_s)
        return changes

    # --- inside -------------------------------------------------------------------------------------------------------

    def _called_for(self, known: Known) -> list[tuple[Script | None, float]]:
        """By the bot's flow, by the intent, by the queue: the first choice first, and how sure that is."""
        scripts = self.guide.scripts
        of_flow, of_intent = choose(scripts, flow=known.flow), choose(scripts, intent=known.intent)
        settled = of_intent is not None and not self._settled.isdisjoint(of_intent.flows)
        sureness = min(known.sureness, PROPOSE_AT) if settled else known.sureness
        return [(of_flow, 1.0), (of_intent, sureness), (choose(scripts, queue=self.led.queue), PROPOSE_AT)]

    def _wanted(self, insight: Insight) -> Script | None:
        return choose(self.guide.scripts, intent=insight.intent) if insight.intent else None

    def _fits(self, script: Script, sureness: float, utterance: str, now_s: float) -> list[Event]:
        self._before = self._stand
        return self._fitting(script, sureness, utterance, now_s)

    def _fitting(self, script: Script, sureness: float, utterance: str, now_s: float) -> list[Event]:
        """Begin a script that fits well enough and disturbs none; else propose it, each once."""
        stand = self._stand
        by: Literal["heard", "script"] = "heard" if utterance else "script"
        if script.id in stand.begun or sureness < PROPOSE_AT:
            return []
        if sureness >= START_AT and self._free():
            words = [one for one in self._lately if one.utterance != utterance]
            state, changes = begun(self.guide, script.id, self._slots, self._context, words, now_s)
            self._stand = replace(stand, state=state, begun=stand.begun | {script.id})
            return [self._event(script.id, "started", by, utterance), *self._events(script.id, changes)]
        if script.id in stand.proposed:
            return []
        self._stand = replace(stand, proposed=stand.proposed | {script.id})
        return [self._event(script.id, "proposed", by, utterance)]

    def _free(self) -> bool:
        """No script is under way: none was begun, or nothing is left to do in it."""
        state = self._stand.state
        if state is None or state.ended:
            return True
        ways = Ways(self.guide.scripts, state)
        left = any(ways.step(key).ticked and key not in state.marks for key in ways.ahead(state.at))
        return not left and not missing(self.guide.scripts, state)

    def _given(self, given: Words | SlotKnown, now_s: float) -> list[Event]:
        self._before = self._stand
        return self._stepped(given, now_s)

    def _stepped(self, given: Words | SlotKnown, now_s: float) -> list[Event]:
        state = self._stand.state
        if state is None or state.ended:
            return []
        state, changes = script_step(self.guide, state, given, now_s)
        self._stand = replace(self._stand, state=state)
        return self._events(state.script, changes) if self.live else []

    def _moved_elsewhere(self, event: ScriptMoved, at_s: float) -> list[Event]:
        self._before = stand = self._stand
        self._mine |= event.agent == self.led.agent
        if event.change == "proposed":
            self._stand = replace(stand, proposed=stand.proposed | {event.script})
            return []
        state = taken(self.guide, stand.state, event, self._slots, at_s)
        began = {event.script} if event.change == "started" else set()
        self._stand = replace(stand, state=state, begun=stand.begun | began)
        self.outdated |= self.live and bool(began) and event.version != self.guide.scripts.version
        return []

    def _was_heard(self, utterance: str) -> bool:
        state = self._stand.state
        marked = state is not None and any(mark.utterance == utterance for mark in state.marks.values())
        return utterance in self._heard or (marked and bool(utterance))

    def _remember(self, words: Words) -> None:
        if self.live:
            self._heard[words.utterance] = None
            while len(self._heard) > _REMEMBERED:
                del self._heard[next(iter(self._heard))]
        if all(one.utterance != words.utterance for one in self._lately):
            self._lately = [*self._lately[1 - _LATELY :], words]

    def _events(self, script: str, changes: Sequence[Change]) -> list[Event]:
        version = self.guide.scripts.version
        return [moved(change, script=script, version=version, agent=self.led.agent) for change in changes]

    def _event(
        self, script: str, change: Literal["started", "proposed"], by: Literal["heard", "script"], utterance: str
    ) -> Event:
        version = self.guide.scripts.version
        return ScriptMoved(
            script=script, version=version, agent=self.led.agent, change=change, by=by, utterance=utterance
        )


def begun(
    guide: Guide,
    script: str,
    slots: Mapping[str, Json],
    context: Mapping[str, Json],
    words: Sequence[Words],
    now_s: float,
) -> tuple[ScriptState, tuple[Change, ...]]:
    """Begin a script that hears what was plainly said already. Raises KeyError for an unknown script."""
    state, changes = start(guide, script, slots, context, now_s)
    for one in words:
        state, more = script_step(guide, state, replace(one, sure=False, again=False, similar=None), now_s)
        changes += more
    return state, changes


def words_since(events: Sequence[Recorded], since: datetime | None) -> list[Words]:
    """What both parties said since the agent came, the latest thirty."""
    found: list[Words] = []
    for recorded in events:
        spoken = of_event(recorded.event)
        if spoken is not None and not spoken.private and (since is None or recorded.at >= since):
            found.append(_words(spoken))
    return found[-_LATELY:]


def _words(spoken: Spoken) -> Words:
    party = Speaker.CUSTOMER if spoken.party is Party.CUSTOMER else Speaker.AGENT
    return Words(party, spoken.text, spoken.language, spoken.utterance)
