"""Twenty callers at once on one telephone."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import loud_ms, until
from tests.e2e.phone.sipp import callers
from tests.e2e.phone.voices import english
from voicebot.audio import Pcm, concat


async def test_twenty_callers_are_heard_and_answered_at_once(tmp_path: Path) -> None:
    line = english("Where is my order?")
    spoken = concat([line, Pcm.silence(1000, 8000)])
    most = 0

    class Counting(Bot):
        async def lead(self, line):  # type: ignore[no-untyped-def]
            nonlocal most
            most = max(most, server.health.calls)
            await super().lead(line)

    bot = Counting("echo")
    async with serving(bot) as server:
        target = f"127.0.0.1:{server.settings.port}"
        outcome = await callers(tmp_path, target, "shop-en", spoken, calls=20, rate=10, hold_ms=8000)
        assert (outcome.exit_code, outcome.succeeded, outcome.failed) == (0, 20, 0), outcome.errors
        await until(lambda: all(call.ended for call in bot.calls), "the end of all calls")
        assert most == 20 and len(bot.calls) == 20
        for call in bot.calls:
            assert call.ended is not None and call.ended.by == "caller"
            assert loud_ms(call.sound) > 2 * loud_ms(line)
            assert call.played_samples > 7 * 8000
            stats = call.line._call.final_stats  # type: ignore[attr-defined]
            assert stats.tx_errors == 0 and stats.tx_packets >= 7 * 50
