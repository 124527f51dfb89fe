"""Scripts, their state and what is prepared after the call, as the addresses answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast

from voicebot.assist.after import AfterCall
from voicebot.assist.scripts import Guide, Key, Script, ScriptState, missing
from voicebot.assist.scripts.shape import branches
from voicebot.store.assist_proposals import Proposal
from voicebot.web.assist.guidance_bodies import (
    AfterView,
    DispositionView,
    FollowUpView,
    MarkView,
    ProposalView,
    RunView,
    ScriptView,
    Sentence,
    SolvedView,
    StepRef,
    StepTextView,
    StepView,
)


def script_view(script: Script, *, suggested: bool) -> ScriptView:
    """A script as it is drawn; branches and links only lead on and are left out."""
    depends = branches(script)
    return ScriptView(
        id=script.id,
        names=dict(script.names),
        suggested=suggested,
        required=list(script.required),
        steps=[
            StepView(
                id=step.id,
                kind=cast(Literal["say", "ask", "check"], step.kind.value),
                party=step.party.value,
                mandatory=step.mandatory,
                branch=step.id in depends,
                depends=depends.get(step.id, ""),
                settles=list(step.settles),
                text={
                    str(language): StepTextView(label=text.label, say=text.say, novice=text.novice)
                    for language, text in step.text.items()
                },
            )
            for step in script.steps.values()
            if step.ticked
        ],
    )


def slot_names(scripts: Iterable[Script], named: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What may be asked for, in words by language; a script's slot that the company has no words for by its id."""
    required = (slot for script in scripts for slot in script.required)
    return {slot: {"en": slot.replace("_", " ")} for slot in required} | {
        slot: dict(words) for slot, words in named.items()
    }


def run_view(prepared: Guide, state: ScriptState) -> RunView:
    """Where a script stands."""
    return RunView(
        script=state.script,
        at=None if state.at is None else _ref(state.at),
        ended=state.ended,
        passed=[_ref(key) for key in state.passed],
        marks=[
            MarkView(
                script=key[0],
                step=key[1],
                change=cast(Literal["done", "skipped"], mark.what),
                by=mark.by,
                utterance=mark.utterance,
                agent=mark.agent,
            )
            for key, mark in state.marks.items()
        ],
        missing=[_ref(key) for key in missing(prepared.scripts, state)],
    )


def after_view(made: AfterCall, left: Sequence[Key]) -> AfterView:
    """What is prepared; ``left``: mandatory steps that were not done."""
    return AfterView(
        method=made.method,
        summary=[Sentence(text=one.text, turns=list(one.turns)) for one in made.summary],
        dispositions=[
            DispositionView(code=one.code, weight=one.weight, turns=list(one.turns)) for one in made.dispositions
        ],
        follow_ups=[
            FollowUpView(kind=one.kind, text=one.text, due_at=one.due, said=one.said, turns=[one.turn])
            for one in made.follow_ups
        ],
        notes={str(each): text for each, text in made.notes.items()},
        solved=None
        if made.solved is None
        else SolvedView(
            problem=made.solved.problem,
            solution=made.solved.solution,
            turns=list(made.solved.turns),
            language=made.solved.language,
        ),
        missing_slots=list(made.missing),
        missing_steps=[_ref(key) for key in left],
    )


def proposal_view(one: Proposal) -> ProposalView:
    """A proposal."""
    return ProposalView(
        id=one.id,
        conversation=one.conversation,
        language=one.language,
        problem=one.problem,
        solution=one.solution,
        turns=list(one.turns),
        author=one.author,
        state=one.state,
        created_at=one.created_at,
    )


def _ref(key: Key) -> StepRef:
    return StepRef(script=key[0], step=key[1])
