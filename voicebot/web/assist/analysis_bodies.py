"""The analysis as JSON: shares with their intervals, and nothing without the number of talks behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from voicebot.assist.analysis import (
    About,
    Average,
    Clip,
    Finding,
    Line,
    Outcome,
    Report,
    ScriptFunnel,
    Share,
    Suggestion,
    Talk,
    lost,
    talks_needed,
    verdict,
)
from voicebot.domain import Language
from voicebot.web.assist.analysis_looks import Analysed


class ShareView(BaseModel):
    """``hits`` of ``of`` talks; the true share lies between ``low`` and ``high`` in 95 of 100 such cases."""

    hits: int
    of: int
    rate: float | None
    low: float
    high: float


class AverageView(BaseModel):
    """A mean over ``of`` talks; half of the talks lie between ``low`` and ``high``."""

    of: int
    mean: float
    low: float
    high: float


class FindingView(BaseModel):
    """A comparison. ``verdict``: found (more than luck), hint (watch it), none (no difference seen), few (too few)."""

    about: str
    name: str
    label: str
    with_it: ShareView
    without: ShareView
    by: float | None
    low: float | None
    high: float | None
    verdict: str
    talks_needed: int | None = Field(description="both sides together, to be sure of a difference of this size")


class StepView(BaseModel):
    """A step of a script; ``lost`` of the talks that reached it ended there before it was done."""

    step: str
    label: str
    reached: int
    lost: ShareView


class FunnelView(BaseModel):
    """Where one script loses people."""

    script: str
    label: str
    begun: int
    steps: list[StepView]


class SuggestionView(BaseModel):
    """Something to try; ``edit`` is the address of the editor at that place."""

    kind: str
    share: ShareView
    edit: str
    script: str
    step: str
    card: str
    phrase: str
    with_it: ShareView | None
    without: ShareView | None


class ReportView(BaseModel):
    """A look at a company's talks."""

    tenant: str
    since: datetime
    until: datetime
    outcome: Outcome
    talks: int
    complete: bool
    outcomes: dict[str, ShareView]
    measures: dict[str, AverageView | None]
    findings: list[FindingView]
    funnels: list[FunnelView]
    suggestions: list[SuggestionView]
    matters: dict[str, int]
    agents: dict[str, str] = Field(description="names by id, for those who lead people; empty for others")
    may: dict[str, bool] = Field(description="what else this person may do: conversations, clips, export")


class OwnView(BaseModel):
    """An agent's own figures, beside those of everybody together."""

    since: datetime
    until: datetime
    talks: int
    outcomes: dict[str, ShareView]
    measures: dict[str, AverageView | None]
    everybody: dict[str, ShareView]
    everybody_measures: dict[str, AverageView | None]


class TalkView(BaseModel):
    """A talk in a list."""

    conversation: str
    contact: str
    at: datetime
    agent: str
    channel: str
    matter: str
    code: str
    won: bool
    length_ms: int
    marks: list[str]


class TalkList(BaseModel):
    """Talks in which the outcome happened, or did not; latest first. ``of``: how many there are."""

    talks: list[TalkView]
    of: int


class LineView(BaseModel):
    """Words of a talk, redacted."""

    ours: bool
    text: str
    from_ms: int
    to_ms: int


class ClipView(BaseModel):
    """A moment worth listening to."""

    kind: str
    from_ms: int
    to_ms: int
    lines: list[LineView]


class CoachedView(BaseModel):
    """A conversation for coaching. ``sound``: whether it was recorded with the caller's knowledge and is kept."""

    conversation: str
    agent: str
    at: datetime
    sound: bool
    clips: list[ClipView]
    lines: list[LineView]


def share_view(one: Share) -> ShareView:
    """A share."""
    return ShareView(hits=one.hits, of=one.of, rate=one.rate, low=one.low, high=one.high)


def _maybe(one: Share | None) -> ShareView | None:
    return None if one is None else share_view(one)


def shares_view(shares: Mapping[Outcome, Share]) -> dict[str, ShareView]:
    """Outcomes by name."""
    return {outcome.value: share_view(one) for outcome, one in shares.items()}


def averages_view(measures: Mapping[str, Average | None]) -> dict[str, AverageView | None]:
    """Measures by name."""
    return {
        name: None if one is None else AverageView(of=one.of, mean=one.mean, low=one.low, high=one.high)
        for name, one in measures.items()
    }


def finding_view(one: Finding, company: Analysed, language: Language, agents: Mapping[str, str]) -> FindingView:
    """A comparison with the words for what it is about."""
    effect, between = one.effect, one.effect.difference
    match one.about:
        case About.AGENT:
            label = agents.get(one.name, one.name)
        case About.STEP:
            script = company.label("script", one.name.partition("/")[0], language)
            label = f"{script}: {company.label('step', one.name, language)}"
        case _:
            label = company.label(one.about.value, one.name, language)
    return FindingView(
        about=one.about.value,
        name=one.name,
        label=label,
        with_it=share_view(effect.with_it),
        without=share_view(effect.without),
        by=None if between is None else between.by,
        low=None if between is None else between.low,
        high=None if between is None else between.high,
        verdict=verdict(effect),
        talks_needed=talks_needed(effect),
    )


def funnel_view(one: ScriptFunnel, company: Analysed, language: Language) -> FunnelView:
    """A script's funnel with the names of its steps."""
    steps = [
        StepView(
            step=step.step,
            label=company.label("step", f"{one.script}/{step.step}", language),
            reached=step.reached,
            lost=share_view(lost(step)),
        )
        for step in one.steps
    ]
    return FunnelView(
        script=one.script, label=company.label("script", one.script, language), begun=one.begun, steps=steps
    )


def suggestion_view(one: Suggestion, company: Analysed, language: Language) -> SuggestionView:
    """A suggestion with names instead of ids; the address keeps the ids."""
    return SuggestionView(
        kind=one.kind.value,
        share=share_view(one.share),
        edit=one.edit,
        script=company.label("script", one.script, language) if one.script else "",
        step=company.label("step", f"{one.script}/{one.step}", language) if one.step else "",
        card=company.label("card", one.card, language) if one.card else "",
        phrase=one.phrase,
        with_it=_maybe(one.with_it),
        without=_maybe(one.without),
    )


def report_parts(made: Report, company: Analysed, language: Language, agents: Mapping[str, str]) -> dict[str, object]:
    """The fields of :class:`ReportView` that come from the figures."""
    return {
        "talks": made.talks,
        "outcomes": shares_view(made.outcomes),
        "measures": averages_view(made.measures),
        "findings": [finding_view(one, company, language, agents) for one in made.found],
        "funnels": [funnel_view(one, company, language) for one in made.funnels],
        "suggestions": [suggestion_view(one, company, language) for one in made.suggestions],
        "matters": dict(made.matters),
        "agents": dict(agents),
    }


def talk_view(talk: Talk, outcome: Outcome, agent: str) -> TalkView:
    """A line of a list."""
    talked = talk.talked
    return TalkView(
        conversation=talked.conversation,
        contact=talk.contact,
        at=talk.at,
        agent=agent,
        channel=talk.channel,
        matter=talked.stratum,
        code=talk.code,
        won=outcome in talked.outcomes,
        length_ms=talk.measures.length_ms,
        marks=sorted(mark for mark in talked.marks if mark.startswith(("used:", "card:"))),
    )


def line_view(line: Line) -> LineView:
    """Words."""
    return LineView(ours=line.ours, text=line.text, from_ms=line.from_ms, to_ms=line.to_ms)


def clip_view(clip: Clip) -> ClipView:
    """A moment with the words around."""
    lines = [line_view(line) for line in clip.lines]
    return ClipView(kind=clip.kind, from_ms=clip.from_ms, to_ms=clip.to_ms, lines=lines)
