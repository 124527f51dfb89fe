"""One speech service for every contract test of hearing and speaking."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from voicebot.speech import SpeechService, SpeechSettings


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def speech(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SpeechService]:
    """The real workers with the packaged models."""
    service = SpeechService(SpeechSettings(cache_dir=tmp_path_factory.mktemp("speech")))
    await service.start()
    yield service
    await service.close()
