from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.support.browser import chromium
from tests.support.serve import Running, serving
from tests.support.web import ScriptedDesk, make_ports
from voicebot.web.ports import WebSettings


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk()


@pytest.fixture
async def server(desk: ScriptedDesk) -> AsyncIterator[Running]:
    async with serving(make_ports(WebSettings(message_burst=50, origins=("*",)), desk=desk)) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running
