"""Heads of cards beside the talk: read where they are, learnt in a process of its own where not, tried again later."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import pickle
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.unit.assist.test_heads import CARDS, LATE, LINES, Encoders
from voicebot.assist.fitting import file_of, fit
from voicebot.assist.lines import CardLines, Lines
from voicebot.assist.model import CardSet, Speaker
from voicebot.domain import EN
from voicebot.errors import ContentError
from voicebot.sim.clock import VirtualClock
from voicebot.web.assist import CardHeads

EDITED = replace(CARDS, version="v2")
UNSEEN = "I was told Friday and the package is nowhere to be seen"


@dataclass(frozen=True)
class FromFile:
    """Reads lines from a file, in any process."""

    file: Path

    def __call__(self, cards: CardSet) -> Lines:
        if not self.file.exists():
            return LINES
        if not (held := self.file.read_bytes()):
            raise ContentError("late.yml", 3, "There is no card 'later'.", "Use an id of flows/shop/cards.yml.")
        return pickle.loads(held)  # type: ignore[no-any-return] # the test wrote it


class Place:
    """The folders of one installation and what is made with them."""

    def __init__(self, folder: Path, encoders: Encoders) -> None:
        self.shipped, self.own, self.cache = folder / "models", folder / "own", folder / "cache.db"
        self.lines = FromFile(folder / "lines")
        self.encoders, self.clock = encoders, VirtualClock()

    @asynccontextmanager
    async def heads(self) -> AsyncIterator[CardHeads]:
        made = CardHeads(
            self.encoders,
            self.lines,
            {CARDS.tenant: CARDS},
            shipped=self.shipped,
            own=self.own,
            cache_file=self.cache,
            clock=self.clock,
        )
        try:
            yield made
        finally:
            await made.close()

    def file(self, cards: CardSet) -> Path:
        """Where a version's heads belong: those in files are shipped, others are our own."""
        return file_of(self.shipped if cards is CARDS else self.own, cards, self.lines(cards))

    def says(self, lines: Lines) -> None:
        """An author changed the lines."""
        self.lines.file.write_bytes(pickle.dumps(lines))


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> Encoders:
    return Encoders(tmp_path_factory.mktemp("vectors"))


@pytest.fixture(scope="module")
def learnt(encoders: Encoders, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of heads that can be read."""
    made = tmp_path_factory.mktemp("heads") / "one.npz"
    fit(CARDS, LINES, made, encoders.file, encoders.all)
    return made.read_bytes()


@pytest.fixture
def place(tmp_path: Path, encoders: Encoders) -> Place:
    return Place(tmp_path, encoders)


def learners() -> set[int]:
    """Process ids of those that learn for this process now."""
    return {int(one.pid or 0) for one in multiprocessing.active_children()}


async def until(true: Callable[[], object], within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - bounded polling of another process
            await asyncio.sleep(0.02)


def written(file: Path, content: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


async def likeliest(heads: CardHeads, cards: CardSet) -> str:
    found = heads.of(cards)
    assert found is not None
    scores = await found.scores(UNSEEN, EN, Speaker.CUSTOMER)
    return max(scores, key=lambda card: scores[card])


async def test_there_are_none_until_another_process_has_learnt_them(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = learners()
    async with place.heads() as heads:
        assert heads.of(CARDS) is None
        await until(lambda: learners() - before)
        assert heads.of(CARDS) is None
        assert len(learners() - before) == 1, "asking again begins nothing anew"
        await heads.ready(CARDS)
        assert await likeliest(heads, CARDS) == "late"
    assert place.file(CARDS).is_file() and not place.own.exists()
    told = [record.message for record in caplog.records if "learnt" in record.message]
    assert len(told) == 2 and "until then phrases alone" in told[0]
    await until(lambda: not learners() - before)


@pytest.mark.parametrize("cards", [CARDS, EDITED], ids=["in files", "edited here"])
async def test_what_was_learnt_before_is_read_and_nothing_is_learnt(
    place: Place, learnt: bytes, cards: CardSet
) -> None:
    file, before = written(place.file(cards), learnt), learners()
    changed_ns = file.stat().st_mtime_ns
    async with place.heads() as heads:
        assert heads.of(cards) is None, "it is read beside the talk"
        await heads.ready(cards)
        assert await likeliest(heads, cards) == "late"
        assert learners() == before
    assert file.stat().st_mtime_ns == changed_ns and not place.cache.exists()


async def test_a_broken_file_is_told_once_and_read_again_half_a_minute_later(
    place: Place, learnt: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file = written(place.file(CARDS), learnt[:2000])

    def told() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]

    async with place.heads() as heads:
        await heads.ready(CARDS)
        for _ in range(20):
            assert heads.of(CARDS) is None
            await place.clock.advance(1)
        assert len(told()) == 1
        assert "shop are matched by phrases alone" in told()[0] and "run 'voicebot train'" in told()[0]
        file.write_bytes(learnt)
        await place.clock.advance(11)
        assert heads.of(CARDS) is None
        await heads.ready(CARDS)
        assert await likeliest(heads, CARDS) == "late"
        assert len(told()) == 1


async def test_an_operator_is_told_while_nothing_could_be_learnt(
    place: Place, learnt: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    written(place.file(EDITED), learnt)
    place.lines.file.write_bytes(b"")
    async with place.heads() as heads:
        for _ in range(2):
            assert heads.of(EDITED) is None
            await heads.ready(EDITED)
            assert heads.notes == ("the cards of shop are matched by phrases alone; the log says why",)
            await place.clock.advance(31)
        assert len([one for one in caplog.records if "There is no card 'later'." in one.getMessage()]) == 1
        place.lines.file.unlink()
        await heads.ready(EDITED)
        assert heads.notes == () and await likeliest(heads, EDITED) == "late"


async def test_a_version_that_nobody_asks_for_any_more_is_not_told(place: Place, learnt: bytes) -> None:
    written(place.file(CARDS), learnt)
    async with place.heads() as heads:
        await heads.ready(CARDS)
        place.lines.file.write_bytes(b"")
        await heads.ready(EDITED)
        assert heads.notes
        assert heads.of(CARDS) is not None and heads.notes == ()


async def test_lines_of_a_card_that_the_version_lacks_are_told_once(
    place: Place, learnt: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    place.says(replace(LINES, left_out=("examples/shop/gone.yml",)))
    written(place.file(EDITED), learnt)
    async with place.heads() as heads:
        for _ in range(3):
            await heads.ready(EDITED)
            await place.clock.advance(31)
        assert await likeliest(heads, EDITED) == "late" and heads.notes == ()
    [told] = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert "shop has no card for the lines in examples/shop/gone.yml" in told


async def test_closing_ends_the_process_that_learns(place: Place) -> None:
    before = learners()
    async with place.heads() as heads:
        assert heads.of(CARDS) is None
        await until(lambda: learners() - before)
        (learning,) = [one for one in multiprocessing.active_children() if one.pid not in before]
    await until(lambda: not learning.is_alive())
    assert learning.exitcode is not None and learning.exitcode < 0, "killed, not finished"
    assert not place.file(CARDS).exists()


MORE = CardLines({**LATE, EN: (*LATE[EN], "is it ever going to turn up")})
CHANGED = replace(LINES, cards={**LINES.cards, "late": MORE})


@asynccontextmanager
async def watched(place: Place, cards: CardSet = CARDS) -> AsyncIterator[CardHeads]:
    """Heads in use, with their folders looked at."""
    async with place.heads() as heads:
        await heads.ready(cards)
        watching = asyncio.create_task(heads.watch())
        try:
            yield heads
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def looked(place: Place, true: Callable[[], object]) -> None:
    """Time for looks, and for what comes of them."""
    async with asyncio.timeout(60):
        while not true():
            await place.clock.advance(11)
            await asyncio.sleep(0.05)


async def test_what_is_learnt_while_people_talk_is_taken_over(
    place: Place, learnt: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    written(place.file(CARDS), learnt)
    async with watched(place) as heads:
        before = heads.of(CARDS)
        place.says(CHANGED)
        await place.clock.advance(60)
        assert heads.of(CARDS) is before and before is not None, "lines alone are no heads yet"
        written(place.file(CARDS), learnt)
        await looked(place, lambda: heads.of(CARDS) is not before)
        assert await likeliest(heads, CARDS) == "late" and heads.notes == ()
    assert [one.message for one in caplog.records if "in use" in one.message]


async def test_a_version_edited_here_is_learnt_beside_the_talk_when_the_lines_changed(
    place: Place, learnt: bytes
) -> None:
    written(place.file(EDITED), learnt)
    async with watched(place, EDITED) as heads:
        before = heads.of(EDITED)
        place.says(CHANGED)
        written(place.file(CARDS), learnt)
        await looked(place, lambda: heads.of(EDITED) is not before)
        assert place.file(EDITED).is_file() and await likeliest(heads, EDITED) == "late"


async def test_what_cannot_be_used_changes_nothing_and_is_told_until_it_can(
    place: Place, learnt: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    written(place.file(CARDS), learnt)
    async with watched(place) as heads:
        before = heads.of(CARDS)
        place.says(CHANGED)
        file = written(place.file(CARDS), learnt[:2000])
        await looked(place, lambda: heads.notes)
        (note,) = heads.notes
        assert "shop stay as they were learnt before" in note
        assert heads.of(CARDS) is before and await likeliest(heads, CARDS) == "late"
        for _ in range(5):
            await place.clock.advance(11)
            await asyncio.sleep(0.05)
        told = [one for one in caplog.records if "the earlier stays" in one.getMessage()]
        assert len(told) == 1 and "run 'voicebot train'" in told[0].getMessage()
        written(file, learnt)
        await looked(place, lambda: not heads.notes)
        assert heads.of(CARDS) is not before


async def test_wrong_lines_leave_what_was_learnt_until_they_are_mended(
    place: Place, learnt: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    written(place.file(CARDS), learnt)
    async with watched(place) as heads:
        before = heads.of(CARDS)
        place.lines.file.write_bytes(b"")
        written(place.shipped / "shop" / "another.npz", learnt)
        await looked(place, lambda: heads.notes)
        assert [one for one in caplog.records if "There is no card 'later'." in one.getMessage()]
        assert heads.of(CARDS) is before
        place.lines.file.unlink()
        await looked(place, lambda: not heads.notes)
        assert heads.of(CARDS) is before
