from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.support.browser import chromium
from tests.support.serve import Running, serving
from tests.support.web import ScriptedDesk, make_ports
from voicebot.web.ports import WebSettings


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk()


@pytest_asyncio.fixture(loop_scope="module")
async def server(desk: ScriptedDesk) -> AsyncIterator[Running]:
    async with serving(make_ports(WebSettings(message_burst=50, origins=("*",)), desk=desk)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def one_browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def browser(one_browser: Browser) -> AsyncIterator[Browser]:
    """A browser whose visitors of earlier tests are gone."""
    yield one_browser
    for context in one_browser.contexts:
        await context.close()
