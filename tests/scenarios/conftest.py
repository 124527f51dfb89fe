"""The real understanding, back end and content that the scenarios are played against."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import uvicorn

from voicebot.actions import ActionClient
from voicebot.demo.server import create_app
from voicebot.domain import TenantId
from voicebot.flows import Dialogue, TenantFlows, load_flows
from voicebot.nlu.corpus import is_stale
from voicebot.nlu.encoders import standard_encoders
from voicebot.nlu.engine import UnderstandingService
from voicebot.nlu.entities import ClosedValues
from voicebot.nlu.safety import SafetyScreen
from voicebot.nlu.train import train
from voicebot.nlu.worker import Company
from voicebot.readout import Readout
from voicebot.redaction import redact
from voicebot.sim.scenario import Player

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 18)
TENANTS = ("shop", "telecom")
SAFETY = ROOT / "nlu_data" / "core" / "safety.yml"


def dialogue(flows: TenantFlows) -> Dialogue:
    closed = ClosedValues.load(ROOT / "flows", str(flows.tenant.id))
    return Dialogue(flows, Readout(closed.labels, flows.tenant.country, lambda: TODAY), lambda: TODAY)


@pytest.fixture(scope="session")
def content() -> dict[TenantId, TenantFlows]:
    return {TenantId(name): load_flows(ROOT / "flows", name) for name in TENANTS}


@pytest.fixture(scope="session")
def back_end() -> Iterator[str]:
    """The demo back end over HTTP, its clock standing still."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_app(ROOT / "flows", None, lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def models() -> Path:
    """Models of both companies made of the data at hand: the released ones, or ones trained beside them now."""
    released, own = ROOT / "models" / "nlu", ROOT / "var" / "scenario-models"
    encoders = standard_encoders()
    data, flows = ROOT / "nlu_data", ROOT / "flows"
    if not any(is_stale(tenant, data, released, flows, encoders) for tenant in TENANTS):
        return released
    for tenant in TENANTS:
        train(tenant, data, own, flows_dir=flows, cache_file=ROOT / "var" / "embeddings.db", encoders=encoders)
    return own


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def understanding(content: dict[TenantId, TenantFlows], models: Path) -> AsyncIterator[UnderstandingService]:
    service = UnderstandingService(
        models=models,
        companies=[
            Company(name, flows.tenant.country, ClosedValues.load(ROOT / "flows", str(name)))
            for name, flows in content.items()
        ],
        safety=SAFETY,
        today=lambda tenant: TODAY,
    )
    await service.start()
    yield service
    await service.close()


@pytest_asyncio.fixture(loop_scope="session")
async def player(
    content: dict[TenantId, TenantFlows], back_end: str, understanding: UnderstandingService
) -> AsyncIterator[Player]:
    def masked(text: str) -> tuple[str, tuple[str, ...]]:
        found = redact(text)
        return found.text, found.found

    async with httpx.AsyncClient() as http:
        await http.post(f"{back_end}/reset")
    actions = ActionClient(back_end, 5)
    yield Player(
        {name: dialogue(flows) for name, flows in content.items()},
        understanding,
        actions,
        masked,
        SafetyScreen.load(SAFETY).screen,
        lambda: NOW,
    )
    await actions.close()
