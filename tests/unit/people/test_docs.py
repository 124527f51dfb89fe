"""The page about roles says what the table says."""

from __future__ import annotations

from pathlib import Path

from voicebot.people import Capability, Role
from voicebot.people.roles import MAY

PAGE = Path(__file__).parents[3] / "docs" / "people.md"


def test_the_documented_table_is_the_table() -> None:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    head = next(line for line in lines if "agent | leader" in line)
    roles = [Role(word.strip()) for word in head.strip("|").split("|") if word.strip()]
    told: dict[Role, set[Capability]] = {role: set() for role in Role}
    for line in lines:
        name, *ticks = [cell.strip() for cell in line[1:-1].split("|")]
        if name.partition(":")[0] in tuple(Capability):
            for role, tick in zip(roles, ticks, strict=True):
                if tick:
                    told[role].add(Capability(name.partition(":")[0]))
    assert told == {role: set(MAY[role]) for role in Role}
