"""Passages and examples of steps are embedded beside the talk: nobody waits, and what failed is tried again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.unit.assist.guided import AGENT, ready
from tests.unit.assist.live_talk import says
from voicebot.assist.knowledge_files import Passage
from voicebot.domain import EN, TenantId
from voicebot.errors import UnderstandingError
from voicebot.nlu.encoders import Float32
from voicebot.web.assist import StepLikeness
from voicebot.web.assist.shelves import Shelves

SHOP = TenantId("shop")
QUESTION = "How long does a refund take to arrive?"
PASSAGES = [
    Passage("faq/refund", EN, QUESTION, "Five working days.", "shop/en/faq.yml", "", (QUESTION, "Five working days.")),
    Passage(
        "faq/hours", EN, "When are you open?", "From nine to five.", "shop/en/faq.yml", "", ("When are you open?",)
    ),
]


class Encoder:
    """One vector for each text, the same whenever it comes; waits while it is held."""

    def __init__(self) -> None:
        self.free, self.broken, self.calls = asyncio.Event(), False, 0
        self.free.set()

    async def embed(self, texts: Sequence[str], *, cache_file: Path | None = None) -> list[Float32]:
        self.calls += 1
        await self.free.wait()
        if self.broken:
            raise UnderstandingError("away")
        return [np.stack([_vector(text) for text in texts])]


def _vector(text: str) -> Float32:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    made = np.random.default_rng(seed).normal(size=64).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made), np.float32)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - bounded polling of work in a thread
            await asyncio.sleep(0.01)


@pytest.fixture
async def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
async def shelves(encoder: Encoder) -> AsyncIterator[Shelves]:
    made = Shelves({SHOP: PASSAGES}, encoder)
    yield made
    await made.close()


@pytest.fixture
async def steps(encoder: Encoder) -> AsyncIterator[StepLikeness]:
    made = StepLikeness(encoder)
    yield made
    await made.close()


async def test_a_talk_makes_the_passages_ready_and_only_questions_wait_for_them(
    encoder: Encoder, shelves: Shelves
) -> None:
    encoder.free.clear()
    shelves.begin(SHOP)
    assert await shelves.unasked(SHOP, "I see, thank you very much indeed.", EN) == ()
    asked = asyncio.create_task(shelves.unasked(SHOP, QUESTION, EN))
    searching = asyncio.create_task(shelves.search(SHOP, QUESTION, EN))
    await until(lambda: encoder.calls == 1)
    encoder.free.set()
    assert (await searching)[0].entry == "faq/refund"
    (found,) = await asked
    assert (found.entry, found.source) == ("faq/refund", "shop/en/faq.yml") and found.score >= 0.6


async def test_passages_that_could_not_be_embedded_are_tried_again(encoder: Encoder, shelves: Shelves) -> None:
    encoder.broken = True
    with pytest.raises(UnderstandingError):
        await shelves.search(SHOP, QUESTION, EN)
    encoder.broken = False
    assert await shelves.search(SHOP, QUESTION, EN)


async def test_a_search_that_is_given_up_does_not_stop_the_work(encoder: Encoder, shelves: Shelves) -> None:
    encoder.free.clear()
    searching = asyncio.create_task(shelves.search(SHOP, QUESTION, EN))
    await until(lambda: encoder.calls == 1)
    searching.cancel()
    await asyncio.gather(searching, return_exceptions=True)
    encoder.free.set()
    assert await shelves.search(SHOP, QUESTION, EN) and encoder.calls == 2, "passages once, and the question"


async def test_steps_are_likened_once_their_examples_are_weighed(encoder: Encoder, steps: StepLikeness) -> None:
    guide = ready("telecom")
    spoken = says("There's an exit charge of forty-two pounds.", AGENT)
    encoder.free.clear()
    assert await steps.similar(guide, "telecom_cancel", spoken) is None
    encoder.free.set()
    await steps.ready(guide, "telecom_cancel")
    found = await steps.similar(guide, "telecom_cancel", spoken)
    assert found is not None and max(found, key=lambda name: found[name]) == "telecom_cancel/exit_fee"


async def test_words_of_a_party_that_no_example_is_for_have_no_likeness(steps: StepLikeness) -> None:
    guide = ready("telecom")
    bare = guide.scripts.scripts["telecom_fault"]
    assert not any(step.examples for step in bare.steps.values())
    await steps.ready(guide, "telecom_fault")
    found = await steps.similar(guide, "telecom_fault", says("It is working now", AGENT))
    assert not found
