"""A company's desk from its files: ``flows/<company>/desk.yml``, and the hours of ``tenant.yml``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from voicebot.desk import content_checks, content_files, hours_file
from voicebot.desk.company import (
    CallbackRules,
    CannedReply,
    Choice,
    DeskContent,
    DeskTimes,
    DispositionCode,
    Resolved,
    RosterEntry,
    Route,
    Team,
)
from voicebot.desk.relax import ANYONE, LANGUAGE_PREFIX
from voicebot.domain import AgentId, Language, QueueId, Skill, TenantId
from voicebot.errors import ContentError
from voicebot.flows.source import ContentErrors, Node, Reader

CORE = "core"
FILE = "desk.yml"
_KEYS = frozenset("version skills teams agents queues general_queue dispositions breaks replies times callback".split())


def load_desk(root: Path, tenant: TenantId | str) -> DeskContent:
    """Read and check one company's desk. ``root`` is the folder of all flows.

    Raises:
        ContentErrors: something is wrong; it names every file, line and mend.
    """
    reader = Reader(root)
    content = _read(reader, TenantId(tenant))
    reader.stop_if_bad()
    if content is None:
        raise ContentError(reader.shown(root / tenant / FILE), None, "The desk cannot be read.", "Mend the file.")
    wanted = list(content_checks.asked(reader, CORE, tenant))
    reader.problems.extend(content_checks.refusals(content, wanted))
    reader.stop_if_bad()
    return content


def check_desk(root: Path, tenant: TenantId | str) -> tuple[list[ContentError], list[ContentError]]:
    """What is wrong with a company's desk, and what is risky about it; both empty for a company without one."""
    if not (root / tenant / FILE).exists():
        return [], []
    try:
        content = load_desk(root, tenant)
    except ContentErrors as errors:
        return list(errors.problems), []
    return [], list(content_checks.warnings(content, content_checks.asked(Reader(root), CORE, tenant)))


def _read(reader: Reader, tenant: TenantId) -> DeskContent | None:
    node = reader.read(reader.root / tenant / FILE)
    company = reader.read(reader.root / tenant / "tenant.yml")
    if node is None or company is None:
        return None
    node.only(_KEYS, FILE)
    languages = tuple(Language(item) for item in company.texts("languages"))
    skills = content_files.read_skills(node, languages)
    known = frozenset(skills)
    for skill in company.texts("skills"):
        if skill != ANYONE and skill not in known:
            node.bad("skills", f"tenant.yml has the skill {skill!r}, the desk has not.", "Add it with its words.")
    for language in languages:
        if LANGUAGE_PREFIX + language not in known:
            node.bad("skills", f"The language {language!r} is no skill.", f'Add "{LANGUAGE_PREFIX}{language}".')
    entries = content_files.unique(node.children("agents"), "id", "agent")
    agents = {AgentId(name): content_files.read_agent(item, name, known, languages) for name, item in entries}
    times = content_files.read_times(node)
    queues = {
        QueueId(name): replace(content_files.read_queue(item, name, tenant, known, languages), age_s=times.age_s)
        for name, item in content_files.unique(node.children("queues"), "id", "queue")
    }
    content = DeskContent(
        tenant,
        languages,
        hours_file.read_hours(company, known, languages),
        queues,
        QueueId(node.text("general_queue")),
        skills,
        _teams(node, entries, agents, languages),
        agents,
        content_files.read_dispositions(node, languages),
        content_files.read_breaks(node, languages),
        content_files.read_replies(node, languages),
        times,
        content_files.read_callback(node),
    )
    _whole(node, content, known)
    return content


def _teams(
    node: Node, entries: list[tuple[str, Node]], agents: dict[AgentId, RosterEntry], languages: tuple[Language, ...]
) -> dict[str, Team]:
    teams = content_files.read_teams(node, languages)
    for team, item in teams.values():
        leader = agents.get(team.leader)
        if leader is None or "leader" not in leader.roles:
            item.bad(
                "leader", f"The leader {team.leader!r} is no leader on the roster.", "Name an agent with that role."
            )
    for name, item in entries:
        if (team_id := agents[AgentId(name)].team) not in teams:
            item.bad("team", f"There is no team {team_id!r}.", "Use one of `teams`, or add it there.")
    return {name: team for name, (team, _) in teams.items()}


def _whole(node: Node, content: DeskContent, known: frozenset[Skill]) -> None:
    general = content.queues.get(content.general)
    if general is None or general.skills:
        node.bad(
            "general_queue",
            f"{content.general!r} is no queue for everybody.",
            "Name a queue without skills; it takes what no other queue covers.",
        )
    for key, found in (("dispositions", content.dispositions), ("breaks", content.breaks), ("agents", content.agents)):
        if not found:
            node.bad(key, f"There are no {key}.", f"Add `{key}:` with at least one entry.")
    for skill in sorted(content.hours.always - known):
        node.bad("skills", f"{skill!r} is staffed around the clock and is no skill.", "Add it.")


__all__ = [
    "CallbackRules",
    "CannedReply",
    "Choice",
    "DeskContent",
    "DeskTimes",
    "DispositionCode",
    "Resolved",
    "RosterEntry",
    "Route",
    "Team",
    "check_desk",
    "load_desk",
]
