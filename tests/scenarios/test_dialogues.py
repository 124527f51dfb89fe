"""The acceptance dialogues, played in text in both languages; keys and silence are events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from voicebot.domain import TenantId
from voicebot.flows import TenantFlows
from voicebot.sim.expect import failures
from voicebot.sim.scenario import Play, Player, load_plays

PLAYS = [play for path in sorted(Path(__file__).parent.glob("D*.yml")) for play in load_plays(path)]


def tables(play: Play, back_end: str) -> dict[str, Any]:
    """The back end's tables that the play must leave alone."""
    names = [name for item in play.expect for name in item.get("unchanged", [])]
    return {name: httpx.get(f"{back_end}/{play.tenant}/{name}").json() for name in names}


@pytest.mark.parametrize("play", PLAYS, ids=[f"{play.scenario}-{play.name}" for play in PLAYS])
@pytest.mark.asyncio(loop_scope="session")
async def test_dialogue(play: Play, player: Player, content: dict[TenantId, TenantFlows], back_end: str) -> None:
    before = tables(play, back_end)
    played = await player.play(play)
    problems = failures(played, content[play.tenant])
    problems += [f"{name} changed" for name, rows in tables(play, back_end).items() if rows != before[name]]
    assert not problems, "\n".join([*problems, played.transcript()])


def test_every_acceptance_dialogue_of_this_stage_is_here() -> None:
    wanted = {
        "D01",
        "D02",
        "D03",
        "D05",
        "D06",
        "D08",
        "D09",
        "D10",
        "D12",
        "D13",
        "D14",
        "D15",
        "D17",
        "D20",
        "D21",
        "D22",
        "D25",
    }
    for number in wanted:
        assert {play.language for play in PLAYS if play.scenario.startswith(number)} == {"ja", "en"}, number
