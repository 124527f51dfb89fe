"""The board in memory: loads are right in whatever order agents and contacts become known, and when read again."""

from __future__ import annotations

from dataclasses import replace

from tests.support.queue_values import agent, contact
from voicebot.desk.board import Board
from voicebot.desk.model import Contact, Medium
from voicebot.domain import AgentId, ContactState, HandoffId

ANN, BEN = AgentId("ann"), AgentId("ben")


def talk(name: str, who: AgentId, version: int = 1) -> Contact:
    return replace(contact(name), agent=who, state=ContactState.ACTIVE, version=version)


def loads(board: Board) -> dict[str, int]:
    return {one.id: one.load.get(Medium.VOICE, 0) for one in board.agents()}


def test_a_load_is_counted_whoever_becomes_known_first() -> None:
    board = Board()
    board.see_contact(talk("one", ANN))
    board.see_agent(agent(ANN))
    board.see_agent(agent(BEN))
    assert loads(board) == {"ann": 1, "ben": 0}


def test_reading_the_same_again_changes_nothing() -> None:
    board = Board()
    people, talks = [agent(ANN), agent(BEN)], [talk(f"{n}", ANN) for n in range(3)]
    for _ in range(2):
        board.replace_all(people, talks, board.mark())
        assert loads(board) == {"ann": 3, "ben": 0}
        assert {one.id for one in board.held_by(ANN)} == {"0", "1", "2"}


def test_a_contact_that_moves_takes_its_load_along_and_the_past_does_not_come_back() -> None:
    board = Board()
    board.replace_all([agent(ANN), agent(BEN)], [talk("one", ANN)])
    board.see_contact(talk("one", BEN, version=2))
    board.see_contact(talk("one", ANN))
    assert loads(board) == {"ann": 0, "ben": 1}
    board.see_contact(replace(talk("one", BEN, version=3), state=ContactState.CLOSED))
    board.see_contact(talk("one", BEN, version=2))
    assert loads(board) == {"ann": 0, "ben": 0}
    assert board.contact(HandoffId("one")) is None
