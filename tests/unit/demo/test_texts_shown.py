"""The demonstration shows what it texts, since no telephone gets it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pydantic import SecretStr

from voicebot.cli.demo import show_texts, shown_here
from voicebot.domain import TenantId
from voicebot.messages import FileGateway, Message
from voicebot.settings import Settings
from voicebot.sim.clock import VirtualClock
from voicebot.web.chat_links import gateway_of, outbox_file


def test_a_demonstration_delivers_by_showing(tmp_path: Path) -> None:
    plain = Settings(data=tmp_path, messages="")
    shown = shown_here(plain)
    assert gateway_of(shown, VirtualClock()).delivers
    assert outbox_file(shown) == tmp_path / "messages.jsonl"
    real = Settings(
        data=tmp_path,
        messages="sms+https://sms.example/Messages",
        messages_account="AC1",
        messages_secret=SecretStr("token"),
        messages_sender="LAMPS",
    )
    assert shown_here(real) is real, "a gateway that is set is used"


async def test_every_new_text_is_shown_once(tmp_path: Path) -> None:
    clock, file = VirtualClock(), tmp_path / "messages.jsonl"
    gateway = FileGateway(file, emptied=True)

    async def text(name: str, words: str) -> None:
        await gateway.send(Message(name, TenantId("shop"), "+819012345678", words, clock.now()))

    await text("m-0", "of yesterday")
    shown: list[tuple[str, str]] = []
    arrived = asyncio.Event()

    def show(number: str, words: str) -> None:
        shown.append((number, words))
        arrived.set()

    showing = asyncio.create_task(show_texts(file, clock, show))
    await asyncio.sleep(0)
    for words in ("続きはこちら https://x/c/1", "続きはこちら [again] https://x/c/2"):
        await text(words, words)
        async with asyncio.timeout(20):
            await clock.advance(1)
            await arrived.wait()
        arrived.clear()
    await clock.advance(5)
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)
    assert shown == [
        ("+819012345678", "続きはこちら https://x/c/1"),
        ("+819012345678", "続きはこちら [again] https://x/c/2"),
    ]
