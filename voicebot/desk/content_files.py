"""Reading ``desk.yml``, key by key; everything wrong is reported with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from voicebot.desk.company import (
    CallbackRules,
    CannedReply,
    Choice,
    DeskTimes,
    DispositionCode,
    Label,
    Resolved,
    RosterEntry,
    Team,
)
from voicebot.desk.hours_file import spans
from voicebot.desk.model import Medium, QueueSpec, RelaxStep
from voicebot.desk.relax import LANGUAGE_PREFIX, never_relaxed
from voicebot.domain import AgentId, Language, QueueId, Skill, TenantId
from voicebot.flows.source import Node

ROLES = frozenset("agent leader manager trainer admin auditor".split())
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def label(node: Node, key: str, languages: tuple[Language, ...]) -> Label:
    """Words for every language; a missing one is reported."""
    inner = node.child(key)
    for language in languages:
        if not inner.text(language):
            node.bad(key, f"{key!r} has no wording in {language!r}.", f"Add `{language}: ...`.")
    return {language: inner.text(language) for language in languages}


def unique(nodes: list[Node], key: str, what: str) -> list[tuple[str, Node]]:
    """Entries with their ids; a missing or repeated id is reported and left out."""
    found: dict[str, Node] = {}
    for node in nodes:
        name = node.text(key)
        if not name:
            node.bad(None, f"This {what} has no {key!r}.", f"Add `{key}: ...`.")
        elif name in found:
            node.bad(key, f"The {what} {name!r} stands twice.", "Give it another name or take one away.")
        else:
            found[name] = node
    return list(found.items())


def whole(node: Node, key: str, default: int, low: int, high: int | None = None) -> int:
    """A whole number within bounds."""
    value = node.number(key, default)
    if value != int(value) or value < low or (high is not None and value > high):
        bounds = f"from {low} up" if high is None else f"from {low} to {high}"
        node.bad(key, f"{key!r} is {value:g}.", f"Write a whole number {bounds}.")
        return default
    return int(value)


def levels(node: Node, key: str, known: frozenset[Skill], *, low: int = 1) -> Mapping[Skill, int]:
    """Skills with levels; unknown skills and levels outside 1..5 are reported."""
    inner = node.child(key)
    found: dict[Skill, int] = {}
    for name in inner.data:
        skill = Skill(str(name))
        if skill not in known:
            inner.bad(str(name), f"There is no skill {name!r}.", "Use one of `skills`, or add it there.")
        else:
            found[skill] = whole(inner, str(name), low, low, 5)
    return found


def read_skills(node: Node, languages: tuple[Language, ...]) -> Mapping[Skill, Label]:
    """``skills``: each with its words; languages are skills too."""
    inner = node.child("skills")
    return {Skill(str(name)): label(inner, str(name), languages) for name in inner.data}


def read_teams(node: Node, languages: tuple[Language, ...]) -> Mapping[str, tuple[Team, Node]]:
    """``teams``; whether the leader exists is checked later."""
    found: dict[str, tuple[Team, Node]] = {}
    for name, item in unique(node.children("teams"), "id", "team"):
        item.only(frozenset({"id", "leader", "label"}), "a team")
        found[name] = Team(name, AgentId(item.text("leader")), label(item, "label", languages)), item
    return found


def read_agent(node: Node, name: str, known: frozenset[Skill], languages: tuple[Language, ...]) -> RosterEntry:
    """One entry of ``agents``."""
    node.only(frozenset("id name team roles skills capacity endpoint language".split()), "an agent")
    roles = frozenset(node.texts("roles")) or frozenset({"agent"})
    for role in sorted(roles - ROLES):
        node.bad("roles", f"There is no role {role!r}.", f"Use {', '.join(sorted(ROLES))}.")
    capacity = node.child("capacity")
    capacity.only(frozenset(Medium), "capacity")
    language = Language(node.text("language", languages[0] if languages else "en"))
    endpoint = node.text("endpoint", "browser")
    if endpoint != "browser" and not endpoint.startswith(("sip:", "sips:")):
        node.bad("endpoint", f"{endpoint!r} is no place to answer.", "Write browser or a SIP address (sip:...).")
    if not node.text("name"):
        node.bad(None, f"Agent {name} has no name.", "Add `name: ...`.")
    places = {medium: whole(capacity, medium.value, 0, 0, 1 if medium is Medium.VOICE else None) for medium in Medium}
    skills = levels(node, "skills", known)
    return RosterEntry(AgentId(name), node.text("name"), node.text("team"), roles, skills, places, endpoint, language)


def read_queue(
    node: Node, name: str, tenant: TenantId, known: frozenset[Skill], languages: tuple[Language, ...]
) -> QueueSpec:
    """One entry of ``queues``."""
    node.only(frozenset("id label skills priority cap target relax always_open".split()), "a queue")
    skills = levels(node, "skills", known)
    target = node.child("target")
    target.only(frozenset({"share", "within_s"}), "target")
    share = target.number("share", 0.8)
    if not 0 < share <= 1:
        target.bad("share", f"A share of {share:g} is not possible.", "Write a part of one, such as 0.8.")
    return QueueSpec(
        QueueId(name),
        tenant,
        skills,
        priority=whole(node, "priority", 5, 1, 10),
        cap=whole(node, "cap", 1, 1) if node.data.get("cap") is not None else None,
        relax=tuple(_relax(step, skills, known) for step in node.children("relax")),
        target_s=target.number("within_s", 20.0),
        target=share,
        always_open=node.flag("always_open"),
        label=label(node, "label", languages),
    )


def _relax(node: Node, own: Mapping[Skill, int], known: frozenset[Skill]) -> RelaxStep:
    node.only(frozenset({"after_s", "levels", "any_of"}), "a step of relax")
    lowered = levels(node, "levels", known)
    substitutes = tuple(Skill(skill) for skill in node.texts("any_of"))
    after_s = node.number("after_s", 0)
    if after_s <= 0:
        node.bad("after_s", "A step of relax needs a time.", "Write `after_s: 60`, in seconds of waiting.")
    for skill, level in lowered.items():
        if never_relaxed(skill):
            node.bad("levels", f"{skill!r} never relaxes.", "Take it out; safety, fraud, privacy and languages stay.")
        elif skill not in own:
            node.bad("levels", f"{skill!r} is not asked by this queue.", "Relax a skill of the queue's `skills`.")
        elif level >= own[skill]:
            node.bad("levels", f"Level {level} of {skill!r} relaxes nothing.", f"Write less than {own[skill]}.")
    for skill in substitutes:
        if skill not in known or skill.startswith(LANGUAGE_PREFIX):
            node.bad("any_of", f"{skill!r} cannot stand in.", "Use one of `skills` that is not a language.")
    if substitutes and any(never_relaxed(skill) for skill in own):
        node.bad("any_of", "Nothing can stand in for safety, fraud or privacy.", "Take any_of away from this queue.")
    return RelaxStep(after_s, lowered, substitutes)


def read_dispositions(node: Node, languages: tuple[Language, ...]) -> tuple[DispositionCode, ...]:
    """``dispositions``."""
    found: list[DispositionCode] = []
    for code, item in unique(node.children("dispositions"), "code", "disposition"):
        item.only(frozenset({"code", "label", "resolved"}), "a disposition")
        resolved = item.text("resolved")
        if resolved not in tuple(Resolved):
            item.bad("resolved", f"resolved cannot be {resolved!r}.", 'Write "yes", "no" or unknown.')
            resolved = Resolved.UNKNOWN
        found.append(DispositionCode(code, label(item, "label", languages), Resolved(resolved)))
    return tuple(found)


def read_breaks(node: Node, languages: tuple[Language, ...]) -> tuple[Choice, ...]:
    """``breaks``."""
    found: list[Choice] = []
    for code, item in unique(node.children("breaks"), "code", "break"):
        item.only(frozenset({"code", "label"}), "a break")
        found.append(Choice(code, label(item, "label", languages)))
    return tuple(found)


def read_replies(node: Node, languages: tuple[Language, ...]) -> tuple[CannedReply, ...]:
    """``replies``; the same placeholders in every language."""
    found: list[CannedReply] = []
    for key, item in unique(node.children("replies"), "key", "reply"):
        item.only(frozenset({"key", "text"}), "a reply")
        text = label(item, "text", languages)
        names = {language: frozenset(_PLACEHOLDER.findall(words)) for language, words in text.items()}
        if len(set(names.values())) > 1:
            item.bad("text", f"{key!r} has other placeholders in one language than in another.", "Use the same.")
        found.append(CannedReply(key, text, tuple(sorted(frozenset().union(*names.values())))))
    return tuple(found)


def read_times(node: Node) -> DeskTimes:
    """``times``: any of the fields of :class:`DeskTimes`."""
    inner, plain = node.child("times"), DeskTimes()
    fields = {name: getattr(plain, name) for name in DeskTimes.__slots__}
    inner.only(frozenset(fields), "times")
    values = {name: inner.number(name, default) for name, default in fields.items()}
    for name, value in values.items():
        if value < 0 or (value == 0 and name not in ("rest_s", "hold_s", "short_abandon_s")):
            inner.bad(name, f"{name!r} is {value:g}.", "Write seconds above 0.")
    return DeskTimes(**values)


def read_callback(node: Node) -> CallbackRules:
    """``callback``."""
    inner, plain = node.child("callback"), CallbackRules()
    inner.only(frozenset({"attempts", "spacing_min", "calling_hours", "ring_s"}), "callback")
    spacing = plain.spacing_s
    if "spacing_min" in inner:
        given = inner.plain("spacing_min")
        minutes = [m for m in given if isinstance(m, (int, float)) and m > 0] if isinstance(given, list) else []
        if minutes and minutes == given:
            spacing = tuple(m * 60.0 for m in minutes)
        else:
            inner.bad("spacing_min", "spacing_min must be minutes above 0.", "Write [15, 60].")
    return CallbackRules(
        whole(inner, "attempts", plain.attempts, 1, 10),
        spacing,
        spans(inner, "calling_hours", plain.hours),
        inner.number("ring_s", plain.ring_s),
    )
