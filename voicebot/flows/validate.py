"""Cross-checks of a tenant's content; every finding names file, line and mend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from voicebot.domain import Verification
from voicebot.errors import ContentError
from voicebot.flows.conditions import Condition, names
from voicebot.flows.content import (
    Act,
    Call,
    Collect,
    Flow,
    FlowKind,
    Link,
    Noop,
    Place,
    Say_,
    SetSlots,
    TenantFlows,
)
from voicebot.flows.content_files import Domain
from voicebot.flows.handoff import EMERGENCY_FLOW
from voicebot.flows.interpreter import VERIFY_FLOWS
from voicebot.flows.loader import read_tenant_files, tenants
from voicebot.flows.paths import check_paths
from voicebot.flows.responses import CONSTANTS, GIVEN, placeholders
from voicebot.flows.source import Reader
from voicebot.flows.tasks import TASKS

_ANSWERS = frozenset({"affirm", "deny", "ambiguous_ok"})
_CONTEXT = frozenset(
    "language channel caller_known verification crisis_line hours caller_number digression slow texts".split()
)
ENGINE_RESPONSES = tuple(
    "utter_" + key
    for key in """
    welcome welcome_chat recording_notice ask_need how_can_i_help anything_else goodbye goodbye_wrong_number
    no_input_1 no_input_2 no_input_3 hold_check no_match_1 no_match_3 not_caught readback_wrong noise_1 menu_keypad
    keypad_digits keypad_prefixed keypad_yes_no keypad_explicit keypad_none spell_ask disambiguate digression_return
    confirm_slot ack_value correction_ack correction_sorry correction_which ambiguous_check unknown_value
    nevermind_ack oos oos_again finish_first lang_switched lang_unsupported pii_warning danger_check empathy_1
    empathy_2 handoff_reason_ask handoff_ack handoff_hours handoff_next auth_failed error_backend queue_place
    queue_place_only queue_wait queue_next_free queue_stay queue_comfort queue_already queue_noted queue_keep_place
    queue_left queue_long queue_busy queue_or_chat queue_chat_link queue_failed queue_emergency
    queue_emergency_nobody queue_recording_stopped connecting agent_lost agent_lost_soon agent_lost_wait agent_moved
    back_with_bot callback_offer callback_this_number callback_which_number callback_check callback_no_number
    callback_failed callback_kept callback_kept_from callback_kept_there callback_not_dialled callback_by_desk
    unstaffed closed closed_hours closed_until closed_both closed_task chat_link_sent chat_no_texts chat_link_enough
    message_chat_link moved_to_chat reopen_task reopen_task_bare reopen_open reopen_line reopen_line_again
    reopen_unsure reopen_verify
    """.split()
)
"""Responses the engine says by itself; core has all of them."""


def validate(root: Path) -> list[ContentError]:
    """Every problem of every tenant under ``root`` (the folder that holds ``core``)."""
    found: dict[str, ContentError] = {}
    for tenant in tenants(root):
        reader = Reader(root)
        content, domain = read_tenant_files(reader, root, tenant)
        problems = list(reader.problems)
        if content is not None and not problems:
            problems.extend(check_content(content, domain))
        found |= {str(problem): problem for problem in problems}
    return list(found.values())


def check_content(content: TenantFlows, domain: Domain) -> list[ContentError]:
    """Problems that only show when all files are seen together."""
    return [
        *_intents(content, domain),
        *_engine_needs(content),
        *_responses(content, domain),
        *(problem for flow in content.flows.values() for problem in check_flow(content, domain, flow)),
    ]


def _at(place: Place, problem: str, mend: str) -> ContentError:
    return ContentError(place.file, place.line, problem, mend)


def _intents(content: TenantFlows, domain: Domain) -> Iterator[ContentError]:
    owners: dict[str, str] = {}
    for flow in content.flows.values():
        for intent, _ in flow.intents:
            if intent not in domain.intents:
                yield _at(
                    flow.place,
                    f"Flow {flow.id!r} is started by the intent {intent!r}, which no domain.yml lists.",
                    "Add it under `intents:` or mend its name.",
                )
            if intent in owners:
                yield _at(
                    flow.place,
                    f"The intent {intent!r} already starts flow {owners[intent]!r}.",
                    "Let one flow alone have it.",
                )
            owners[intent] = flow.id
    for intent, node in domain.intents.items():
        if intent not in owners and intent not in _ANSWERS:
            yield _at(
                Place(node.file, node.line_of("intents")),
                f"The intent {intent!r} starts no flow.",
                "Give a flow `nlu_trigger: [{intent: " + intent + "}]` or take the intent out.",
            )


def _engine_needs(content: TenantFlows) -> Iterator[ContentError]:
    home = Place("flows.yml", 1)
    if EMERGENCY_FLOW not in content.flows:
        yield _at(home, f"The flow {EMERGENCY_FLOW!r} is missing.", "Restore it in core/flows.yml.")
    for level, name in VERIFY_FLOWS.items():
        user = next((flow for flow in content.flows.values() if flow.auth is level), None)
        if user is not None and name not in content.flows:
            yield _at(
                user.place,
                f"Flow {user.id!r} needs {level} verification, but there is no flow {name!r}.",
                f"Add {name} to core/flows.yml.",
            )
    for language in content.tenant.languages:
        for key in ENGINE_RESPONSES:
            if key not in content.responses[language]:
                yield ContentError(
                    f"core/{language}/responses.yml",
                    None,
                    f"The response {key!r} is missing.",
                    "Write it; the engine says it by itself.",
                )
    for item in content.tenant.menu:
        if item.flow not in content.flows:
            yield ContentError(
                "tenant.yml",
                None,
                f"Menu key {item.key} leads to the unknown flow {item.flow!r}.",
                "Name a flow of flows.yml.",
            )


def _responses(content: TenantFlows, domain: Domain) -> Iterator[ContentError]:
    first, *others = content.tenant.languages
    known = CONSTANTS | GIVEN | set(domain.slots)
    for key in dict.fromkeys(key for language in content.tenant.languages for key in content.responses[language]):
        holders = {language: content.responses[language].get(key) for language in content.tenant.languages}
        place = next(response.place for response in holders.values() if response is not None)
        for language, response in holders.items():
            if response is None:
                yield _at(
                    place,
                    f"The response {key!r} has no wording in {language!r}.",
                    f"Add it to {language}/responses.yml.",
                )
            for name in sorted(placeholders(content, language, key) - known):
                yield _at(
                    response.place if response else place,
                    f"{{{name}}} in {key!r} is no slot and no built-in value.",
                    "Declare the slot in domain.yml or mend the name.",
                )
        for language in others:
            one, other = placeholders(content, first, key), placeholders(content, language, key)
            response = holders[language]
            if response is not None and holders[first] is not None and one != other:
                yield _at(
                    response.place,
                    f"{key!r} has other placeholders in {language!r} than in {first!r}: "
                    f"{', '.join(sorted(one ^ other))}.",
                    "Use the same in every language.",
                )


def check_flow(content: TenantFlows, domain: Domain, flow: Flow) -> Iterator[ContentError]:
    """Problems of one flow."""
    if content.tenant.skills:
        for skill in flow.handoff.skills:
            if skill not in content.tenant.skills:
                yield _at(
                    flow.place,
                    f"Flow {flow.id!r} hands off to the unknown skill {skill!r}.",
                    "Use a skill of tenant.yml or add it there.",
                )
    if flow.guard is not None:
        yield from _condition(domain, flow, flow.guard, flow.place)
    for step in flow.steps.values():
        match step:
            case Say_():
                yield from _said(content, step.response, step.place)
            case Collect():
                yield from _collect(content, domain, flow, step)
            case Act():
                if step.action not in TASKS and step.action not in domain.actions:
                    yield _at(
                        step.place,
                        f"The action {step.action!r} is neither built in nor listed in a domain.yml.",
                        "Add it under `actions:` or mend its name.",
                    )
            case Link() | Call():
                if step.flow not in content.flows:
                    yield _at(step.place, f"There is no flow {step.flow!r}.", "Mend the name.")
            case SetSlots():
                for name, _ in step.values:
                    if name not in domain.slots:
                        yield _at(
                            step.place, f"The slot {name!r} is not declared.", "Add it under `slots:` in domain.yml."
                        )
        if (
            flow.kind is FlowKind.CONTROL
            and not isinstance(step, (Say_, Noop))
            and not (isinstance(step, Act) and step.action in TASKS)
        ):
            yield _at(
                step.place,
                f"The control flow {flow.id!r} may only say responses and run built-in actions.",
                "Make it `kind: task`, or take the step out.",
            )
        if not isinstance(step, Link):
            for branch in step.next.branches:
                if branch.condition is not None:
                    yield from _condition(domain, flow, branch.condition, step.place)
    if flow.auth not in (Verification.NONE, Verification.LIGHT, Verification.STRONG):
        yield _at(flow.place, f"Flow {flow.id!r} cannot ask for {flow.auth!r}.", "Use auth: none, light or strong.")
    yield from check_paths(flow)


def _said(content: TenantFlows, key: str, place: Place) -> Iterator[ContentError]:
    if not any(key in content.responses[language] for language in content.tenant.languages):
        yield _at(place, f"There is no response {key!r}.", "Add it to responses.yml in every language.")


def _collect(content: TenantFlows, domain: Domain, flow: Flow, step: Collect) -> Iterator[ContentError]:
    yield from _said(content, step.utter, step.place)
    for _, utter in step.rejections:
        yield from _said(content, utter, step.place)
    if step.slot not in domain.slots:
        yield _at(step.place, f"The slot {step.slot!r} is not declared.", "Add it under `slots:` in domain.yml.")
    for name in (*step.entities, *step.values):
        if name not in domain.entities:
            yield _at(step.place, f"The entity {name!r} is not declared.", "Add it under `entities:` in domain.yml.")
    for condition, _ in step.rejections:
        yield from _condition(domain, flow, condition, step.place)


def _condition(domain: Domain, flow: Flow, condition: Condition, place: Place) -> Iterator[ContentError]:
    for name in names(condition):
        if name.scope == "slots" and name.name not in domain.slots:
            yield _at(
                place,
                f"A condition of flow {flow.id!r} reads the undeclared slot {name.name!r}.",
                "Declare it in domain.yml or mend the name.",
            )
        if name.scope == "context" and name.name not in _CONTEXT:
            yield _at(
                place,
                f"A condition of flow {flow.id!r} reads the unknown context.{name.name}.",
                f"Use one of {', '.join(sorted(_CONTEXT))}.",
            )
