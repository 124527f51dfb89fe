from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.conversation.calls import PhoneCall, phone_call
from voicebot.domain import Answer, Entity
from voicebot.redaction import redact
from voicebot.store import SqlStore

Ring = Callable[..., Awaitable[PhoneCall]]

KNOWN: dict[str, dict[str, Any]] = {
    "I want to buy bulbs": {"intent": "lamp_buy"},
    "three": {"entities": (Entity("number", "3", "three"),)},
    "yes": {"intent": "affirm", "answer": Answer.YES},
    "はい": {"intent": "affirm", "answer": Answer.YES},
    "my lamp is broken": {"intent": "lamp_repair"},
    "how is my lamp": {"intent": "lamp_status"},
    "let me pay": {"intent": "lamp_pay"},
    "照明が壊れました": {"intent": "lamp_repair"},
    "卓上の照明です": {"entities": (Entity("lamp", "desk", "卓上"),)},
    "do not record": {"intent": "privacy_request"},
    "goodbye": {"intent": "goodbye"},
}


@pytest.fixture
async def ring(tmp_path: Path) -> AsyncIterator[Ring]:
    """A call to the lamp shop that has begun to greet; ``quiet`` false: right at its beginning."""
    store = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/calls.db", lambda text: redact(text).text)

    calls: list[PhoneCall] = []

    async def begin(*, quiet: bool = True, prepare: Callable[[PhoneCall], None] | None = None, **how: Any) -> PhoneCall:
        call = phone_call(store, tmp_path / "recordings", KNOWN, **how)
        calls.append(call)
        if prepare is not None:
            prepare(call)
        await call.ring()
        if quiet:
            await call.quiet()
        return call

    yield begin
    for call in calls:
        await call.drop()
    await store.close()
