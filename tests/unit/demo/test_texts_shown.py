"""The demonstration shows what it texts, since no telephone gets it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from voicebot.cli.demo import about_texts, show_texts, shown_here
from voicebot.cli.serving import serve
from voicebot.domain import TenantId
from voicebot.errors import VoicebotError
from voicebot.messages import FileGateway, Message
from voicebot.settings import Settings
from voicebot.sim.clock import VirtualClock
from voicebot.web.chat_links import gateway_of, outbox_file


class Watched(VirtualClock):
    """Tells when whoever uses it has gone to sleep."""

    def __init__(self) -> None:
        super().__init__()
        self._asleep = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self._asleep.set()
        await super().sleep(seconds)

    async def slept(self) -> None:
        await self._asleep.wait()
        self._asleep.clear()


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


def test_whoever_runs_it_is_told_what_to_set(tmp_path: Path) -> None:
    told = about_texts(tmp_path / "messages.jsonl")
    assert "No message gateway is set" in told and "VOICEBOT_MESSAGES" in told and "messages.jsonl" in told


@pytest.mark.parametrize(("messages", "warned"), [("", True), ("out/sms.jsonl", True), ("spool:out/sms.jsonl", False)])
async def test_a_server_without_a_gateway_says_so_in_its_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, messages: str, warned: bool
) -> None:
    settings = Settings(data=tmp_path, content=tmp_path, http="127.0.0.1:0", messages=messages)
    with caplog.at_level("WARNING"), pytest.raises(VoicebotError):
        await serve(settings)  # there is no content here: it stops right after it began
    assert any("VOICEBOT_MESSAGES" in record.message for record in caplog.records) is warned


async def test_every_new_text_is_shown_once(tmp_path: Path) -> None:
    clock, file = Watched(), tmp_path / "messages.jsonl"
    gateway = FileGateway(file, emptied=True)

    async def text(name: str, words: str) -> None:
        await gateway.send(Message(name, TenantId("shop"), "+819012345678", words, clock.now()))

    await text("m-0", "of yesterday")
    shown: list[tuple[str, str]] = []
    showing = asyncio.create_task(show_texts(file, clock, lambda number, words: shown.append((number, words))))
    async with asyncio.timeout(20):
        await clock.slept()
        for words in ("続きはこちら https://x/c/1", "続きはこちら [again] https://x/c/2", ""):
            if words:
                await text(words, words)
            await clock.advance(0.5)
            await clock.slept()
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)
    assert shown == [
        ("+819012345678", "続きはこちら https://x/c/1"),
        ("+819012345678", "続きはこちら [again] https://x/c/2"),
    ]
