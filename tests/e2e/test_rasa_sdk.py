"""The action client against the real rasa-sdk, which lives in an environment of its own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.demo_backend import ROOT, free_port, serving
from voicebot.actions import ActionClient
from voicebot.domain import EN, CallAction, ConversationId, TenantId
from voicebot.errors import BackendError

ENVIRONMENT = Path(os.environ.get("VOICEBOT_RASA_SDK_VENV", ROOT / ".venv-rasa-sdk"))
PYTHON = ENVIRONMENT / "bin" / "python"


@pytest.fixture(scope="module")
def rasa_sdk() -> Iterator[str]:
    if not PYTHON.is_file():
        pytest.fail(
            f"rasa-sdk is not at {ENVIRONMENT}. Make it with: python3.11 -m venv .venv-rasa-sdk && "
            ".venv-rasa-sdk/bin/pip install --require-hashes -r tests/rasa_sdk/requirements.txt"
        )
    port = free_port()
    command = [str(PYTHON), "-m", "rasa_sdk", "--actions", "actions", "-p", str(port)]
    with serving(command, f"http://127.0.0.1:{port}", folder=ROOT / "tests" / "rasa_sdk") as url:
        yield url


@pytest.fixture
async def client(rasa_sdk: str) -> AsyncIterator[ActionClient]:
    client = ActionClient(rasa_sdk, 20.0)
    yield client
    await client.close()


async def run(client: ActionClient, action: str, **slots: str):
    return await client.run(
        CallAction(action, dict(slots)),
        conversation=ConversationId("c-7"),
        tenant=TenantId("shop"),
        language=EN,
        latest_text="where is my order",
    )


async def test_an_action_reads_slots_and_words_and_sets_slots(client: ActionClient) -> None:
    done = await run(client, "action_get_order", order_number="A20481137")
    assert done.slots == {"outcome": "ok", "order_status": "shipped", "seen": {"tenant": "shop", "language": "en"}}
    assert done.responses == ("c-7 where is my order",)
    assert (await run(client, "action_get_order", order_number="A99999999")).slots["outcome"] == "not_found"


async def test_an_action_that_sets_nothing_went_well(client: ActionClient) -> None:
    done = await run(client, "action_say_nothing")
    assert done.slots == {"outcome": "ok"}
    assert done.responses == ()


async def test_an_unknown_action_is_a_backend_error(client: ActionClient) -> None:
    with pytest.raises(BackendError, match="HTTP status 404"):
        await run(client, "action_nobody_wrote")


async def test_an_action_that_breaks_is_a_backend_error_and_the_server_goes_on(client: ActionClient) -> None:
    with pytest.raises(BackendError, match="HTTP status"):
        await run(client, "action_break")
    assert (await run(client, "action_say_nothing")).slots == {"outcome": "ok"}
