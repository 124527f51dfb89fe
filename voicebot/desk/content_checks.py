"""Whether a company's desk can keep what its flows promise: every handoff has a queue, and people who can take it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from voicebot.desk.company import DeskContent
from voicebot.desk.model import Agent, Contact
from voicebot.desk.relax import ANYONE, demand_at, first_possible, meets, serves
from voicebot.domain import Channel, ConversationId, HandoffId, Language, Presence
from voicebot.errors import ContentError
from voicebot.flows.content import HandoffSpec
from voicebot.flows.source import Reader

FEWEST_HOLDERS = 2
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def asked(reader: Reader, core: str, tenant: str) -> Iterator[tuple[HandoffSpec, str, int]]:
    """Every handoff that flows of the core and the company may ask for, with file and line."""
    for folder in (core, tenant):
        for name in ("flows.yml", "troubleshooting.yml", "policy.yml"):
            path = reader.root / folder / name
            if path.exists() and (node := reader.read(path)) is not None:
                yield from _specs(node.data, node.file, 1)


def _specs(data: object, file: str, line: int) -> Iterator[tuple[HandoffSpec, str, int]]:
    mark = getattr(data, "lc", None)
    here = int(mark.line) + 1 if mark is not None and mark.line is not None else line
    if isinstance(data, dict):
        skills = data.get("skills")
        if isinstance(skills, list) and "priority" in data:
            level = data.get("min_level", 1)
            yield HandoffSpec(tuple(map(str, skills)), level if isinstance(level, int) else 1), file, here
        for value in data.values():
            yield from _specs(value, file, here)
    elif isinstance(data, list):
        for value in data:
            yield from _specs(value, file, here)


def refusals(content: DeskContent, wanted: Iterable[tuple[HandoffSpec, str, int]]) -> Iterator[ContentError]:
    """Handoffs that nobody on the roster could ever take, or that name a skill the desk does not know."""
    roster = _roster(content)
    for spec, file, line in wanted:
        for skill in spec.skills:
            if skill != ANYONE and skill not in content.skills:
                yield ContentError(file, line, f"The desk has no skill {skill!r}.", "Add it to desk.yml, with holders.")
        for language in content.languages:
            for channel in (Channel.VOICE, Channel.WEB_CHAT):
                contact = _contact(content, spec, language, channel)
                if first_possible(contact, content.queues[contact.queue], roster) is None:
                    yield ContentError(
                        file,
                        line,
                        f"Nobody can take {', '.join(spec.skills)} ({spec.min_level}) in {language} by {channel}.",
                        "Give somebody of desk.yml these skills and the language together, or ask for less.",
                    )


def warnings(content: DeskContent, wanted: Iterable[tuple[HandoffSpec, str, int]]) -> Iterator[ContentError]:
    """Handoffs that hang on one person, and skills of flows that no queue of their own serves."""
    roster = _roster(content)
    covered = {skill for queue in content.queues.values() for skill in queue.skills}
    for spec, file, line in wanted:
        for skill in spec.skills:
            if skill != ANYONE and skill in content.skills and skill not in covered:
                yield ContentError(file, line, f"No queue is for {skill!r}.", "Add one to desk.yml.")
        for language in content.languages:
            contact = _contact(content, spec, language, Channel.VOICE)
            queue = content.queues[contact.queue]
            demand = demand_at(contact, queue, len(queue.relax))
            able = [agent.id for agent in roster if serves(agent, contact) and meets(agent, demand)]
            if len(able) == 1:
                yield ContentError(
                    file,
                    line,
                    f"Only {able[0]} can take {', '.join(spec.skills)} (level {spec.min_level}) in {language}.",
                    f"Let at least {FEWEST_HOLDERS} people of desk.yml do it.",
                )


def _roster(content: DeskContent) -> list[Agent]:
    people = (entry.as_agent(content.tenant) for entry in content.agents.values())
    return [replace(agent, presence=Presence.AVAILABLE) for agent in people]


def _contact(content: DeskContent, spec: HandoffSpec, language: Language, channel: Channel) -> Contact:
    route = content.route(spec.skills, spec.min_level, language)
    return Contact(
        HandoffId("check"),
        content.tenant,
        ConversationId("check"),
        channel,
        language,
        route.queue.id,
        route.required,
        route.queue.priority,
        _SOME_DAY,
    )
