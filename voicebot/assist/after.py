"""What an agent finds prepared when the talk is over: summary, disposition, follow-ups, CRM note, problem and cure.

Everything is taken from the log and points to it. The packet's sentences come in as values; nothing here knows the
desk, and nothing waits for a language model.
"""

# ruff: noqa: E501 - patterns and word lists read better on one line

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from voicebot.assist.after_facts import Claim, Sentence, Story, story
from voicebot.assist.after_outcome import Code, Solved, Suggestion, cure, dispositions
from voicebot.assist.after_promises import Kind, Promise, Values, promises
from voicebot.assist.scripts.model import Script, ScriptSet
from voicebot.domain import EN, JA, Language, Recorded

_NO_TIME = timedelta(hours=24)
"""A promise without a time is suggested for a day later."""
_NOTE_CHARS = 400
_WORDS = {
    "promise_callback": {"en": "The agent promised to get back to the customer{by}.", "ja": "担当者が{by}折り返しのご連絡を約束しました。"},
    "promise_send": {"en": "The agent promised to send something{by}: {text}", "ja": "担当者が{by}送付を約束しました：{text}"},
    "promise_find_out": {"en": "The agent promised to find out{by}: {text}", "ja": "担当者が{by}確認を約束しました：{text}"},
    "promise_arrange": {"en": "The agent arranges{by}: {text}", "ja": "担当者が{by}手配します：{text}"},
    "by": {"en": " by {when}", "ja": "{when}までに"},
    "done": {"en": "Done in the talk: {steps}.", "ja": "応対で済んだこと：{steps}。"},
    "cured": {"en": "The customer confirmed that it works.", "ja": "お客様が解決を確認されました。"},
    "result": {"en": "Result: {label}.", "ja": "結果：{label}。"},
    "matter": {"en": "Matter: {label}.", "ja": "用件：{label}。"},
    "follow": {"en": "To do: {what}{by}.", "ja": "対応予定：{by}{what}。"},
    "callback": {"en": "call back", "ja": "折り返し"},
    "send": {"en": "send what was promised", "ja": "送付"},
    "find_out": {"en": "find out and tell the customer", "ja": "確認のうえご連絡"},
    "arrange": {"en": "arrange what was promised", "ja": "手配"},
    "join": {"en": ", ", "ja": "、"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Company:
    """What the wrap-up must know of the company. ``matters``: an intent's name by language; ``slots``: a slot's."""

    zone: ZoneInfo
    codes: Sequence[Code]
    values: Values
    scripts: ScriptSet | None = None
    matters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    slots: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something to be done later. ``kind`` is what a desk's task is called. ``said``: False when no time was told."""

    kind: str
    text: str
    due: datetime
    turn: int
    said: bool


@dataclass(frozen=True, slots=True)
class AfterCall:
    """Everything prepared. ``missing``: slots the script requires and nobody filled."""

    summary: tuple[Sentence, ...]
    dispositions: tuple[Suggestion, ...]
    follow_ups: tuple[FollowUp, ...]
    notes: Mapping[Language, str]
    solved: Solved | None
    missing: tuple[str, ...]
    method: str = "template"


def prepare(
    events: Sequence[Recorded],
    company: Company,
    language: Language,
    sentences: Sequence[Claim] = (),
    script: str = "",
    answered: Collection[str] = (),
) -> AfterCall:
    """All of it in the agent's language; ``script``: the one that guided the talk, and the slots it had ``answered``."""
    told = story(events)
    promised = promises(events, company.values, company.zone)
    suggested = dispositions(told, company.codes, company.scripts, promised)
    solved = cure(told)
    guided = company.scripts.scripts.get(script) if company.scripts is not None else None
    ended_at = events[-1].at.astimezone(company.zone) if events else datetime.now(company.zone)
    follow_ups = tuple(
        FollowUp(
            "callback" if one.kind == "callback" else "follow_up",
            one.text,
            one.due or ended_at + _NO_TIME,
            one.turn,
            one.due is not None,
        )
        for one in promised
    )
    known = {name for name, value in told.slots.items() if value not in (None, "")} | told.hidden | {*answered}
    return AfterCall(
        (*_packet(sentences), *_own(told, promised, solved, guided, company, language)),
        suggested,
        follow_ups,
        {each: _note(told, promised, suggested, company, each) for each in (EN, JA)},
        solved,
        tuple(name for name in (guided.required if guided is not None else ()) if name not in known),
    )


def _packet(sentences: Sequence[Claim]) -> tuple[Sentence, ...]:
    return tuple(Sentence(one.text, tuple(one.turns)) for one in sentences if one.turns)


def _own(
    told: Story,
    promised: Sequence[Promise],
    solved: Solved | None,
    script: Script | None,
    company: Company,
    language: Language,
) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    labels = {
        seq: step.text[language].label
        for seq, owner, name in told.done
        if script is not None
        and company.scripts is not None
        and (step := company.scripts.step((owner, name))) is not None
        and language in step.text
    }
    if labels:
        steps = _word("join", language).join(dict.fromkeys(labels.values()))
        found.append(Sentence(_word("done", language).format(steps=steps), tuple(sorted(labels))))
    if solved is not None:
        found.append(Sentence(_word("cured", language), solved.turns))
    for one in promised:
        text = _word(f"promise_{one.kind}", language).format(by=_by(one, language), text=one.text)
        found.append(Sentence(text, (one.turn,)))
    return tuple(found)


def _note(
    told: Story, promised: Sequence[Promise], suggested: Sequence[Suggestion], company: Company, language: Language
) -> str:
    parts: list[str] = []
    matter = next((names for intent in reversed(told.intents) if (names := company.matters.get(intent))), None)
    if matter and matter.get(language):
        parts.append(_word("matter", language).format(label=matter[language]))
    labels = {one.code: one.labels for one in company.codes}
    if suggested:
        label = labels[suggested[0].code].get(language, suggested[0].code)
        parts.append(_word("result", language).format(label=label))
    for one in promised:
        what = _word(one.kind, language)
        parts.append(_word("follow", language).format(what=what, by=_by(one, language)))
    return ("" if language == JA else " ").join(dict.fromkeys(parts))[:_NOTE_CHARS]


def _by(promise: Promise, language: Language) -> str:
    if promise.due is None:
        return ""
    when = f"{promise.due:%-m月%-d日%-H時%M分}" if language == JA else f"{promise.due:%-d %B %H:%M}"
    return _word("by", language).format(when=when.replace("時00分", "時"))


def _word(key: str, language: Language) -> str:
    texts = _WORDS[key]
    return texts.get(language, texts["en"])


__all__ = ["AfterCall", "Code", "Company", "FollowUp", "Kind", "Sentence", "Solved", "prepare"]
