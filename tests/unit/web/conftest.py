from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.web import make_ports
from voicebot.web.api import create_app
from voicebot.web.ports import Ports


@pytest.fixture
async def ports() -> Ports:
    return make_ports()


@pytest.fixture
async def web(ports: Ports) -> AsyncIterator[httpx.AsyncClient]:
    """The application without a network."""
    transport = httpx.ASGITransport(create_app(ports), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
