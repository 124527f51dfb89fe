import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from tests.unit.nlu.conftest import write_company
from voicebot.domain import EN, JA, Answer, Expectation, TenantId
from voicebot.errors import ModelError, UnderstandingError
from voicebot.nlu import releases
from voicebot.nlu.engine import UnderstandingService
from voicebot.nlu.entities import ClosedValues
from voicebot.nlu.train import train
from voicebot.nlu.worker import Company

SHOP = TenantId("shop")
SAFETY = Path(__file__).resolve().parents[3] / "nlu_data" / "core" / "safety.yml"
ANYTHING = Expectation()
CLOSED = ClosedValues.of({"product": {"kettle": {"en": ["kettle"], "ja": ["ケトル"]}}})


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, encoders, cache_file: Path) -> Path:
    """Two versions, the second one live."""
    root = tmp_path_factory.mktemp("versions")
    for more in ("", "    - sing me a sea shanty\n"):
        write_company(root, more)
        train(
            "shop",
            root / "nlu_data",
            root / "models",
            flows_dir=root / "flows",
            cache_file=cache_file,
            encoders=encoders,
        )
    return root / "models"


@pytest.fixture(autouse=True)
def _as_trained(models: Path) -> None:
    newest = releases.versions(models, "shop")
    live = releases.current(models, "shop")
    if live != newest[-1] and live is not None:
        releases.release(models, "shop", newest[-1])


def _service(models: Path, **more) -> UnderstandingService:
    return UnderstandingService(
        models=models,
        companies=[Company(SHOP, "GB", CLOSED)],
        safety=SAFETY,
        today=lambda tenant: date(2026, 11, 22),
        deadline_s=more.pop("deadline_s", 120.0),
        **more,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(models: Path) -> AsyncIterator[UnderstandingService]:
    service = _service(models)
    await service.start()
    yield service
    await service.close()


async def _say(service: UnderstandingService, text: str, language=EN, expects=ANYTHING, **more):
    return await service.understand(text, tenant=SHOP, language=language, expects=expects, **more)


@pytest.mark.asyncio(loop_scope="module")
class TestUnderstanding:
    async def test_everything_comes_together(self, shared: UnderstandingService) -> None:
        found = await _say(shared, "where is my kettle, order A20481137")
        assert found.intent == "order_status"
        assert {(e.name, e.value) for e in found.entities} >= {("order_number", "A20481137"), ("product", "kettle")}
        assert found.model == shared.live(SHOP)
        assert found.ranking[0].name == "order_status"
        assert found.in_scope > 0
        assert len(found.faq) == 3
        assert found.safety is None

    async def test_a_bare_value_informs_and_a_question_digresses(self, shared: UnderstandingService) -> None:
        asked = Expectation(slot="order_number", entities=("order_number",), digits=True)
        value = await _say(shared, "um it's a two oh four eight double one three seven", expects=asked)
        assert (value.intent, value.entities[0].value) == ("inform", "A20481137")
        assert (await _say(shared, "who pays the postage", expects=asked)).intent == "ask_faq"
        assert (await _say(shared, "agent", expects=asked)).intent == "request_human"
        assert (await _say(shared, "担当者", JA, asked)).intent == "request_human"
        spoken = await _say(shared, "Aの2048の1137です", JA, asked)
        assert (spoken.intent, spoken.entities[0].value) == ("inform", "A20481137")

    async def test_yes_and_no(self, shared: UnderstandingService) -> None:
        asked = Expectation(slot="confirm", answer=True)
        assert (await _say(shared, "うん、お願いします", JA, asked)).answer is Answer.YES
        said = await _say(shared, "nope", EN, asked)
        assert (said.intent, said.answer) == ("deny", Answer.NO)
        unclear = await _say(shared, "いいです", JA, asked)
        assert (unclear.intent, unclear.answer) == ("ambiguous_ok", Answer.AMBIGUOUS)

    async def test_danger_is_seen(self, shared: UnderstandingService) -> None:
        assert (await _say(shared, "there is smoke coming out of the socket and it is on fire")).safety is not None

    @pytest.mark.parametrize("text", ["", "   ", "。。。", "?!", "\x00", "\ud83d"])
    async def test_text_without_words_has_no_intent(self, shared: UnderstandingService, text: str) -> None:
        found = await _say(shared, text)
        assert found.confidence < 0.9
        assert (found.intent == "" and found.ranking == ()) or found.ranking

    async def test_very_long_text_is_survived(self, shared: UnderstandingService) -> None:
        assert (await _say(shared, "where is my order " * 600)).intent == "order_status"

    async def test_language_by_script(self, shared: UnderstandingService) -> None:
        assert await shared.detect_language("日本語でお願いします", (JA, EN)) == JA
        assert await shared.detect_language("A20481137", (JA, EN)) is None

    async def test_unknown_company(self, shared: UnderstandingService) -> None:
        with pytest.raises(UnderstandingError, match="nobody"):
            await shared.understand("hello", tenant=TenantId("nobody"), language=EN, expects=ANYTHING)


async def test_a_conversation_keeps_its_model_through_a_swap_and_a_rollback(models: Path) -> None:
    old, new = releases.versions(models, "shop")
    releases.release(models, "shop", old)
    service = _service(models)
    await service.start()
    try:
        mine = service.pin(SHOP)
        assert mine == old
        running = [asyncio.create_task(_say(service, "where is my order", model=mine)) for _ in range(5)]
        assert await service.swap(SHOP, models / "shop" / new) == new
        running += [asyncio.create_task(_say(service, "where is my order", model=mine)) for _ in range(5)]
        assert {found.model for found in await asyncio.gather(*running)} == {old}
        assert (await _say(service, "where is my order")).model == new
        assert releases.current(models, "shop") == new
        assert service.pinned(SHOP) == {old: 1}
        assert await service.rollback(SHOP) == old
        assert (await _say(service, "where is my order")).model == old
        assert (await _say(service, "where is my order", model=new)).model == new
        service.unpin(SHOP, mine)
        assert service.pinned(SHOP) == {}
        releases.release(models, "shop", new)
        assert await service.refresh() == {SHOP: new}
        assert await service.refresh() == {}
        assert (await _say(service, "where is my order", model="gone")).model == new
    finally:
        await service.close()


async def test_a_model_that_cannot_be_used_changes_nothing(models: Path, tmp_path: Path) -> None:
    service = _service(models)
    await service.start()
    try:
        live = service.live(SHOP)
        broken = tmp_path / "broken"
        broken.mkdir()
        with pytest.raises(ModelError, match="manifest"):
            await service.swap(SHOP, broken)
        assert service.live(SHOP) == live
        assert (await _say(service, "where is my order")).model == live
    finally:
        await service.close()


async def test_a_dead_worker_fails_one_call_and_is_replaced(models: Path) -> None:
    service = _service(models)
    await service.start()
    try:
        mine = service.pin(SHOP)
        for process in list(service._pool._processes.values()):
            os.kill(process.pid, signal.SIGSTOP)
        caught = asyncio.create_task(_say(service, "where is my order", model=mine))
        await asyncio.sleep(0)
        for process in list(service._pool._processes.values()):
            os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(UnderstandingError, match="died"):
            await caught
        found = await _say(service, "where is my order", model=mine)
        assert (found.intent, found.model) == ("order_status", mine)
        assert service.restarts == 1
    finally:
        await service.close()


async def test_a_worker_that_died_while_idle_costs_no_call(models: Path) -> None:
    service = _service(models)
    await service.start()
    try:
        pool = service._pool
        for process in list(pool._processes.values()):
            os.kill(process.pid, signal.SIGKILL)
            process.join()
        await asyncio.to_thread(pool._executor_manager_thread.join)
        assert (await _say(service, "where is my order")).intent == "order_status"
        assert service.restarts == 1
    finally:
        await service.close()


async def test_a_hung_worker_is_replaced(models: Path) -> None:
    service = _service(models, deadline_s=0.5)
    await service.start()
    try:
        for process in list(service._pool._processes.values()):
            os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(UnderstandingError, match="hung"):
            await _say(service, "where is my order")
        service._deadline_s = 120.0
        assert (await _say(service, "where is my order")).intent == "order_status"
    finally:
        await service.close()


async def test_without_a_model_start_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="voicebot train"):
        await _service(tmp_path).start()
    with pytest.raises(UnderstandingError):
        await _say(_service(tmp_path), "hello")
