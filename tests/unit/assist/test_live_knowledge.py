"""When knowledge comes by itself, and when it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.unit.assist.live_talk import BEGAN, CALL, SATO, led, says
from voicebot.assist.live_knowledge import COOLDOWN_S, Knowing
from voicebot.domain import KnowledgeShown, Party, Recorded, TranscriptionChanged


@dataclass(frozen=True)
class Entry:
    entry: str
    source: str = "FAQ 1"
    score: float = 0.8


FEES, DAYS = Entry("faq/fees"), Entry("faq/days")
NOW_S = BEGAN.timestamp()


def logged(knowing: Knowing, event: KnowledgeShown | TranscriptionChanged, at_s: float = NOW_S) -> None:
    knowing.logged(Recorded(CALL, 1, datetime.fromtimestamp(at_s, UTC), event), at_s)


def shown(entry: str, agent: str = SATO, *, asked: bool = False) -> KnowledgeShown:
    return KnowledgeShown(entry=entry, source="FAQ 1", agent=agent, score=0.9, asked=asked)


def test_an_answer_comes_with_its_source_and_the_words_that_asked() -> None:
    spoken = says("What does leaving cost?")
    (event,) = Knowing(led()).found(spoken, [FEES], NOW_S)
    assert event == KnowledgeShown(
        entry="faq/fees", source="FAQ 1", agent=SATO, score=0.8, asked=False, utterance=spoken.utterance
    )


@pytest.mark.parametrize("more", [{"final": False}, {"private": True}, {"party": Party.AGENT, "agent": SATO}])
def test_only_final_words_of_the_customer_ask(more: dict[str, object]) -> None:
    spoken = says("What does leaving cost?", **more) if "party" not in more else says("What?", Party.AGENT)
    knowing = Knowing(led())
    assert not knowing.wants(spoken, NOW_S) and knowing.found(spoken, [FEES], NOW_S) == []


def test_there_is_a_pause_after_each_and_none_comes_twice() -> None:
    knowing, spoken = Knowing(led()), says("What does leaving cost?")
    assert knowing.found(spoken, [FEES], NOW_S)
    assert not knowing.wants(spoken, NOW_S + COOLDOWN_S - 1)
    assert knowing.found(spoken, [DAYS], NOW_S + COOLDOWN_S - 1) == []
    assert knowing.found(spoken, [FEES], NOW_S + COOLDOWN_S) == []
    (event,) = knowing.found(spoken, [FEES, DAYS], NOW_S + COOLDOWN_S)
    assert isinstance(event, KnowledgeShown) and event.entry == "faq/days"


def test_what_the_agent_looked_up_or_an_earlier_connection_showed_counts_a_colleagues_does_not() -> None:
    knowing, spoken = Knowing(led()), says("What does leaving cost?")
    logged(knowing, shown("faq/fees", "S02"))
    assert knowing.wants(spoken, NOW_S)
    logged(knowing, shown("faq/fees", asked=True))
    assert not knowing.wants(spoken, NOW_S + 1)
    assert knowing.found(spoken, [FEES], NOW_S + COOLDOWN_S) == []


def test_never_while_a_payment_is_made() -> None:
    knowing, spoken = Knowing(led()), says("Which card number do you need?")
    logged(knowing, TranscriptionChanged(on=False))
    assert not knowing.wants(spoken, NOW_S)
    logged(knowing, TranscriptionChanged(on=True))
    assert knowing.wants(spoken, NOW_S)


def test_what_could_not_be_written_was_not_shown() -> None:
    knowing, spoken = Knowing(led()), says("What does leaving cost?")
    assert knowing.found(spoken, [FEES], NOW_S)
    knowing.revert()
    assert knowing.found(spoken, [FEES], NOW_S + 1)


def test_nothing_known_shows_nothing() -> None:
    assert Knowing(led()).found(says("Hm?"), [], NOW_S) == []
