"""What is wrong with scripts once all are read: by the flows' own validator, and what only scripts need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from voicebot.assist.checks import too_short
from voicebot.assist.scripts.model import Script, ScriptSet, ScriptStep, StepKind
from voicebot.domain import Language
from voicebot.errors import ContentError
from voicebot.flows.content import Flow, Response, TenantFlows, Variant
from voicebot.flows.content_files import Domain
from voicebot.flows.responses import CONSTANTS, PLACEHOLDER
from voicebot.flows.validate import check_flow

GIVEN = frozenset(("summary", "name", "brand", "agent"))
"""Placeholders that are no slot, as in cards."""


def check_scripts(
    made: ScriptSet, flows: Mapping[str, Flow], content: TenantFlows, domain: Domain
) -> Iterator[ContentError]:
    """Every problem. The words of a script's question count as the response it names."""
    own = {
        step.utter: Response(step.utter, (Variant(step.slot),), step.place)
        for flow in flows.values()
        for step in flow.collects
    }
    spoken = replace(
        content,
        flows=flows,
        responses={language: {**own, **content.responses[language]} for language in content.responses},
    )
    known = Domain(
        domain.intents, domain.entities | set(made.own_slots), domain.slots, domain.slot_entities, domain.slot_initial,
        {**domain.actions, **dict.fromkeys(("say", "check"), next(iter(domain.slots.values())))},
    )  # fmt: skip
    owners: dict[str, str] = {}
    for script in made.scripts.values():
        yield from check_flow(spoken, known, flows[script.id])
        yield from _starts(script, content, domain, owners)
        for step in script.steps.values():
            yield from _step(script, step, content.tenant.languages, frozenset(domain.slots))


def _starts(script: Script, content: TenantFlows, domain: Domain, owners: dict[str, str]) -> Iterator[ContentError]:
    for intent in script.intents:
        if intent not in domain.intents:
            yield _at(script, f"{script.id!r} is started by the unknown intent {intent!r}.", "Use one of domain.yml.")
        other = owners.setdefault(intent, script.id)
        if other != script.id:
            yield _at(script, f"The intent {intent!r} already starts script {other!r}.", "Let one script have it.")
    for flow in script.flows:
        if flow not in content.flows:
            yield _at(script, f"{script.id!r} belongs to the unknown flow {flow!r}.", "Use a flow of flows.yml.")
    for slot in script.required:
        if slot not in domain.slots:
            yield _at(script, f"{script.id!r} requires the undeclared slot {slot!r}.", "Declare it in domain.yml.")


def _step(
    script: Script, step: ScriptStep, languages: tuple[Language, ...], slots: frozenset[str]
) -> Iterator[ContentError]:
    if not step.ticked:
        return
    for language in languages:
        text = step.text[language]
        heard = (step.phrases.get(language, ()) + step.examples.get(language, ())) or step.values
        if step.kind in (StepKind.SAY, StepKind.ASK) and not text.say:
            yield _at(step, f"Step {step.id!r} gives no words in {language!r}.", f"Add `say: {{{language}: ...}}`.")
        if step.mandatory and step.kind is not StepKind.ASK and not heard:
            yield _at(
                step,
                f"Nothing said in {language!r} can tick the mandatory step {step.id!r}.",
                "Add phrases or examples.",
            )
        for words in (text.say, text.novice):
            for name in sorted(set(PLACEHOLDER.findall(words)) - slots - GIVEN - CONSTANTS):
                yield _at(step, f"{{{name}}} in step {step.id!r} is no slot and no built-in value.", "Mend the name.")
        listed = (step.phrases, step.without, step.topics, step.asks)
        for phrase in (text for texts in listed for text in texts.get(language, ())):
            if why := too_short(phrase, language):
                yield _at(step, f"Step {step.id!r}: the phrase {phrase!r} {why}.", "Add a word that makes it plain.")
        for value, texts in step.answers.items():
            if language not in texts:
                yield _at(step, f"The answer {value!r} of {step.id!r} has no words in {language!r}.", "Add phrases.")
    if step.answers and step.yes_no:
        yield _at(step, f"Step {step.id!r} asks for yes or no and lists answers too.", "Take one of them out.")


def _at(where: Script | ScriptStep, problem: str, mend: str) -> ContentError:
    return ContentError(where.place.file, where.place.line, problem, mend)


__all__ = ["check_scripts"]
