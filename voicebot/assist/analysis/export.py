"""Tables as CSV: RFC 4180, UTF-8 with a byte order mark for Excel, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from voicebot.assist.analysis.findings import Finding, ScriptFunnel, lost
from voicebot.assist.analysis.intervals import Share
from voicebot.assist.analysis.outcomes import Outcome
from voicebot.assist.analysis.talks import Talk

BOM = "\ufeff"
Cell = str | int | float | None
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # also full width, as Excel reads them


def safe(cell: Cell) -> str:
    """A cell as it may stand in a file: text that would start a formula gets an apostrophe in front, numbers do not."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return f"{cell:.4f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell)
    return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS_FORMULA) else cell


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The file's text; encode it as UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return BOM + out.getvalue()


def findings_csv(found: Iterable[Finding], outcome: Outcome) -> str:
    """Every comparison."""
    head = (
        "outcome about name with_hits with_of with_share with_low with_high without_hits without_of without_share"
        " without_low without_high difference difference_low difference_high p more_than_chance enough_talks"
    ).split()
    return csv_text(head, (_finding(one, outcome) for one in found))


def _finding(one: Finding, outcome: Outcome) -> list[Cell]:
    effect, between = one.effect, one.effect.difference
    gap: list[Cell] = [None] * 4 if between is None else [between.by, between.low, between.high, between.p]
    sides = [*_share(effect.with_it), *_share(effect.without)]
    return [outcome.value, one.about.value, one.name, *sides, *gap, _yes(effect.found), _yes(effect.enough)]


def funnels_csv(scripts: Iterable[ScriptFunnel]) -> str:
    """Every step of every script, with how many went no further."""
    head = "script step reached went_on lost_hits lost_of lost_share lost_low lost_high".split()
    return csv_text(head, _funnel_rows(scripts))


def _funnel_rows(scripts: Iterable[ScriptFunnel]) -> Iterator[list[Cell]]:
    for script in scripts:
        for step in script.steps:
            yield [script.script, step.step, step.reached, step.went_on.hits, *_share(lost(step))]


def talks_csv(talks: Iterable[Talk]) -> str:
    """One line a talk: facts and measures, no words of anybody."""
    names = [outcome.value for outcome in Outcome]
    measures = (
        "talk_ms listen_ms talk_share monologue_ms silence_ms silences interruptions_by_agent"
        " interruptions_by_customer hold_ms answer_ms length_ms"
    ).split()
    head = [
        "conversation",
        "contact",
        "at",
        "agent",
        "channel",
        "language",
        "matter",
        "code",
        *names,
        *measures,
        "marks",
    ]
    return csv_text(head, (_talk(one, measures) for one in talks))


def _talk(one: Talk, measures: Sequence[str]) -> list[Cell]:
    talked = one.talked
    told = [_yes(outcome in talked.outcomes) if outcome in one.judged else None for outcome in Outcome]
    values: list[Cell] = [getattr(one.measures, name) for name in measures]
    marks = " ".join(sorted(mark for mark in talked.marks if not mark.startswith(("phrase:", "at:"))))
    facts = [talked.conversation, one.contact, one.at.isoformat(), talked.agent, one.channel, one.language]
    return [*facts, talked.stratum, one.code, *told, *values, marks]


def _share(one: Share) -> list[Cell]:
    return [one.hits, one.of, one.rate, one.low, one.high]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
