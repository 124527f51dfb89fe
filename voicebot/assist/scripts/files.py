"""``flows/<company>/scripts.yml``: guided scripts in the syntax of flows.yml, read and checked by the same code.

``slots:`` at the top names what only scripts know. ``action: say`` gives words, ``action: check`` must be done,
``collect:`` asks, ``noop:`` branches, ``link:`` leads to another script. Words, phrases and party of a step stand
under its ``metadata``. ``flows/core/scripts.yml`` comes first; a company's script of the same id replaces the core's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from voicebot.assist.model import Speaker
from voicebot.assist.scripts.checks import check_scripts
from voicebot.assist.scripts.model import Script, ScriptSet, ScriptStep, StepKind, StepText, Texts
from voicebot.assist.written import Read, digest_of, from_files, from_sent, wrong_with
from voicebot.domain import Json, Language, TenantId
from voicebot.errors import ContentError
from voicebot.flows.content import END, Act, Branch, Collect, Flow, Link, Next, Noop, Step_, TenantFlows
from voicebot.flows.content_files import Domain
from voicebot.flows.flow_files import Dialect, read_flows
from voicebot.flows.loader import read_tenant_files
from voicebot.flows.source import Node, Reader

FILE = "scripts.yml"
_FLOW_KEYS = frozenset("script queues flows required".split())
_STEP_KEYS = frozenset(
    "mandatory party label say novice phrases examples near without topics asks values answers agrees"
    " disposition".split()
)
_KINDS = {"say": StepKind.SAY, "check": StepKind.CHECK}


def load_scripts(root: Path, tenant: TenantId | str) -> ScriptSet:
    """Read and check a company's scripts; ``root`` is the folder of all flows. No file: no scripts.

    Raises:
        ContentErrors: something is wrong; it names every file, line and mend.
    """
    return from_files(root, str(tenant), FILE, _reading(tenant))


def check_script_files(root: Path, tenant: TenantId | str) -> list[ContentError]:
    """What is wrong with a company's scripts."""
    return wrong_with(lambda: load_scripts(root, tenant))


def scripts_from_json(root: Path, tenant: TenantId | str, data: Json) -> ScriptSet:
    """The scripts of an edited version, in the shape of the file.

    Raises:
        ContentErrors: something is wrong; every problem names its script, none a line.
    """
    return from_sent(root, FILE, data, ("The version holds no scripts.", "Send {flows: {...}}."), _reading(tenant))


def scripts_to_json(scripts: ScriptSet) -> dict[str, Json]:
    """A version as JSON, in the shape of the file."""
    return dict(scripts.source)


def read_scripts(
    reader: Reader, nodes: list[Node], tenant: TenantId, known: tuple[TenantFlows, Domain] | None = None
) -> ScriptSet:
    """Scripts of these files in order; what is wrong is left with the reader. ``known``: the company's, if at hand."""
    quiet = Reader(reader.root)
    content, domain = known if known is not None else read_tenant_files(quiet, reader.root, tenant)
    if content is None:
        reader.problems.extend(quiet.problems[:1])
        return ScriptSet(tenant, "", {})
    flows: dict[str, Flow] = {}
    notes: dict[tuple[str, str], Node] = {}
    source: dict[str, Json] = {}
    slots: dict[str, Node] = {}
    for node in nodes:
        here: dict[tuple[str, str], Node] = {}
        dialect = Dialect(_collector(here), _FLOW_KEYS, _STEP_KEYS)
        slots |= {str(name): node.child("slots") for name in node.child("slots").data}
        flowing = {key: value for key, value in node.data.items() if key != "slots"}
        found = read_flows(Node(reader, node.file, flowing, node.line), dialect)
        flows |= found
        notes |= here
        listed = node.plain("flows")
        source |= listed if isinstance(listed, dict) else {}
    scripts = {flow.id: _script(flow, notes, content.tenant.languages) for flow in flows.values()}
    named: dict[str, Json] = {name: at.plain(name) for name, at in slots.items()}
    whole: dict[str, Json] = {"version": "3.1", "slots": named, "flows": source}
    domain.slots.update({name: at for name, at in slots.items() if name not in domain.slots})
    made = ScriptSet(tenant, "", scripts, whole, frozenset(slots))
    if not reader.problems:
        reader.problems.extend(check_scripts(made, flows, content, domain))
    return replace(made, version=digest_of(whole))


def _reading(tenant: TenantId | str) -> Read[ScriptSet]:
    return lambda reader, nodes: read_scripts(reader, nodes, TenantId(tenant))


def _collector(into: dict[tuple[str, str], Node]) -> Callable[[str, str, Node], None]:
    def take(flow: str, step: str, meta: Node) -> None:
        into[flow, step] = meta

    return take


def _script(flow: Flow, notes: Mapping[tuple[str, str], Node], languages: tuple[Language, ...]) -> Script:
    meta = notes[flow.id, ""]
    steps: dict[str, ScriptStep] = {}
    dispositions: dict[str, str] = {}
    for step in flow.steps.values():
        note = notes[flow.id, step.id]
        made = _step(flow, step, note, languages)
        if made is not None:
            steps[step.id] = made
            if note.text("disposition"):
                dispositions[step.id] = note.text("disposition")
    return Script(
        id=flow.id,
        names=flow.names,
        steps=steps,
        first=flow.first,
        place=flow.place,
        intents=tuple(intent for intent, _ in flow.intents),
        flows=meta.texts("flows"),
        queues=meta.texts("queues"),
        required=meta.texts("required"),
        dispositions=dispositions,
    )


def _step(flow: Flow, step: Step_, meta: Node, languages: tuple[Language, ...]) -> ScriptStep | None:
    match step:
        case Noop(id=name, next=after, place=place):
            return ScriptStep(name, StepKind.BRANCH, place, after)
        case Link(id=name, flow=target, place=place):
            return ScriptStep(name, StepKind.LINK, place, Next((Branch(None, END),)), link=target)
        case Act(id=name, action=action, next=after, place=place) if action in _KINDS:
            return _spoken(ScriptStep(name, _KINDS[action], place, after), meta, languages)
        case Collect(id=name, next=after, place=place):
            made = ScriptStep(
                name, StepKind.ASK, place, after, slot=step.slot, yes_no=step.yes_no, optional=step.optional,
                answers=_answers(meta.child("answers"), languages), agrees=meta.texts("agrees"),
                values=step.entities,
            )  # fmt: skip
            return _spoken(made, meta, languages)
    meta.reader.bad(
        step.place.file,
        step.place.line,
        f"Script {flow.id!r} has a step that no person can follow.",
        "Use action: say, action: check, collect, noop or link.",
    )
    return None


def _spoken(step: ScriptStep, meta: Node, languages: tuple[Language, ...]) -> ScriptStep:
    """Party, words and what is listened for."""
    party = meta.text("party", Speaker.AGENT)
    if party not in set(Speaker):
        meta.bad("party", f"{party!r} is no party.", "Use agent, customer or any.")
        party = Speaker.AGENT
    text: dict[Language, StepText] = {}
    for language in languages:
        label = meta.child("label").text(language)
        if not label:
            key = "label" if "label" in meta else None
            meta.bad(key, f"Step {step.id!r} has no label in {language!r}.", f"Add `label: {{{language}: ...}}`.")
        text[language] = StepText(label, meta.child("say").text(language), meta.child("novice").text(language))
    return replace(
        step,
        party=Speaker(party),
        mandatory=meta.flag("mandatory"),
        text=text,
        phrases=_texts(meta.child("phrases"), languages),
        examples=_texts(meta.child("examples"), languages),
        near=_texts(meta.child("near"), languages),
        without=_texts(meta.child("without"), languages),
        topics=_texts(meta.child("topics"), languages),
        asks=_texts(meta.child("asks"), languages),
        values=meta.texts("values") if step.kind is not StepKind.ASK else step.values,
    )


def _answers(node: Node, languages: tuple[Language, ...]) -> Mapping[str, Texts]:
    return {str(value): _texts(node.child(value), languages) for value in node.data}


def _texts(node: Node, languages: tuple[Language, ...]) -> Texts:
    for key in node.data:
        if key not in ("en", "ja", *languages):
            node.bad(str(key), f"{key!r} is no language.", f"Use {', '.join(languages)}.")
    return {language: node.texts(language) for language in languages if node.texts(language)}


__all__ = ["check_script_files", "load_scripts", "read_scripts", "scripts_from_json", "scripts_to_json"]
