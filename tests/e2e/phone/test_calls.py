"""The telephone with a real phone at the other end."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import loud_ms, loud_spans, phone, share_found, until
from tests.e2e.phone.voices import english

LINE = "Hello, I would like to know where my rice cooker is."


@pytest.mark.parametrize("did", ["shop-ja", "shop-en"])
async def test_a_call_is_answered_and_heard_both_ways(tmp_path: Path, did: str) -> None:
    bot, line = Bot("echo"), english(LINE)
    async with serving(bot) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:{did}@127.0.0.1:{server.settings.port}")
        await caller.say(line)
        await caller.prompt(0, quiet_ms=800)
        (call,) = bot.calls
        assert call.details.called == did
        assert call.details.caller == "caller"
        assert call.line.rate == 8000
        assert share_found(line, call.sound) > 0.6
        assert share_found(line, caller.heard()) > 0.6
        assert server.health.calls == 1
        await caller.hang_up()
        await until(lambda: call.ended, "the end of the call")
        assert call.ended is not None and call.ended.by == "caller"
        await until(lambda: server.health.calls == 0, "no call left")
        clock = [(frame.at_samples, frame.end_samples) for frame in call.heard]
        assert clock[0][0] == 0
        assert all(one[1] == other[0] for one, other in itertools.pairwise(clock))


async def test_an_unknown_number_is_not_found(tmp_path: Path) -> None:
    bot = Bot()
    async with serving(bot) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:nobody@127.0.0.1:{server.settings.port}", answered=False)
        closed = await caller.event("CALL_CLOSED")
        assert "404" in closed["param"]
        assert bot.calls == []


async def test_without_a_list_of_numbers_any_is_answered(tmp_path: Path) -> None:
    bot = Bot()
    async with serving(bot, dids=()) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:493012345@127.0.0.1:{server.settings.port}")
        assert bot.calls[0].details.called == "493012345"


async def test_busy_when_the_leader_refuses_and_when_full(tmp_path: Path) -> None:
    bot = Bot("busy")
    async with serving(bot, max_calls=1) as server, phone(tmp_path / "one") as one, phone(tmp_path / "two") as two:
        address = f"sip:shop-en@127.0.0.1:{server.settings.port}"
        await one.dial(address, answered=False)
        assert "486" in (await one.event("CALL_CLOSED"))["param"]
        bot.manner = "echo"
        await one.dial(address)
        await two.dial(address, answered=False)
        assert "486" in (await two.event("CALL_CLOSED"))["param"]
        assert len(bot.calls) == 2


async def test_draining_refuses_new_calls_and_keeps_the_live_one(tmp_path: Path) -> None:
    bot = Bot("echo")
    async with serving(bot) as server, phone(tmp_path / "one") as one, phone(tmp_path / "two") as two:
        address = f"sip:shop-en@127.0.0.1:{server.settings.port}"
        await one.dial(address)
        assert await server.drain(0.5) is False
        await two.dial(address, answered=False)
        assert "486" in (await two.event("CALL_CLOSED"))["param"]
        assert bot.calls[0].ended is None and server.health.draining
        await one.hang_up()
        assert await server.drain(10) is True


async def test_keys_arrive_once_and_in_order(tmp_path: Path) -> None:
    bot = Bot("tone")
    async with serving(bot) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:shop-ja@127.0.0.1:{server.settings.port}")
        await caller.event("CALL_RTPESTAB")
        await caller.keys("159*00#")
        await until(lambda: len(bot.calls[0].keys) >= 7, "seven keys")
        assert bot.calls[0].keys == "159*00#"


async def test_the_bot_hangs_up_when_everything_is_played(tmp_path: Path) -> None:
    bot = Bot("short")
    async with serving(bot) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:shop-ja@127.0.0.1:{server.settings.port}")
        await caller.event("CALL_CLOSED")
        (call,) = bot.calls
        await until(lambda: call.ended, "the line's end")
        assert call.ended is not None and call.ended.by == "us"
        assert call.played_samples == 8000
        assert loud_ms(caller.heard()) == pytest.approx(1000, abs=80)


async def test_a_caller_who_gives_up_while_it_rings(tmp_path: Path) -> None:
    bot = Bot("ringing")
    async with serving(bot) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:shop-ja@127.0.0.1:{server.settings.port}", answered=False)
        await until(lambda: bot.calls, "the call to ring")
        await caller.event("CALL_RINGING")
        await caller.hang_up()
        await until(lambda: bot.calls[0].ended, "the line's end")
        assert not bot.calls[0].answered


async def test_speaking_over_the_bot_stops_it(tmp_path: Path, record_property: pytest.RecordProperty) -> None:
    """What has left the line by the bot's account is what the phone has heard, to the packet."""
    bot, line = Bot("barge"), english("Stop, stop.")
    async with serving(bot) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}")
        await until(lambda: loud_ms(caller.heard()) > 700, "the bot's tone")
        await caller.say(line)
        await until(lambda: bot.calls[0].flushed_at_ms, "the flush")
        await until(lambda: caller.heard().ms - loud_spans(caller.heard())[-1][1] > 800, "silence after the flush")
        (call,) = bot.calls
        assert call.dropped > 8000
        assert call.played_samples + call.dropped == pytest.approx(48000, abs=160)
        heard_ms = loud_ms(caller.heard())
        assert heard_ms == pytest.approx(call.played_samples / 8, abs=60)
        spoke_at, silent_at = loud_spans(caller.spoken())[0][0], loud_spans(caller.heard())[-1][1]
        record_property("stopped_ms_after_first_sound", silent_at - spoke_at)
        print(f"bot silent {silent_at - spoke_at:.0f} ms after the caller's first sound (both on the phone's clock)")


async def test_a_paused_prompt_goes_on_without_a_missing_sample(tmp_path: Path) -> None:
    """A sawtooth of samples is heard whole although it was held back three times on its way."""
    bot = Bot("listen")
    async with serving(bot) as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}")
        await until(lambda: bot.calls and bot.calls[0].answered, "the answer")
        line = bot.calls[0].line
        time_s = np.arange(3 * 8000) / 8000
        chirp = (8000 * np.sin(2 * np.pi * (300 * time_s + 200 * time_s**2))).astype(np.int16)
        line.play(chirp)
        for held_at in (6000, 12000, 18000):
            await until(lambda at=held_at: line.played_samples >= at, f"{held_at} samples")
            line.pause()
            await until(lambda: line.queued_samples + line.played_samples == 24000, "the account to settle")
            before = len(loud_spans(caller.heard()))
            await until(
                lambda: caller.heard().ms - loud_spans(caller.heard())[-1][1] > 300, f"silence in pause {before}"
            )
            line.resume()
        await until(lambda: line.played_samples == 24000, "the end of the chirp")
        await until(lambda: caller.heard().ms - loud_spans(caller.heard())[-1][1] > 300, "silence at the end")
        heard = caller.heard()
        whole = np.concatenate(
            [heard.samples[int(a * 8) : int(b * 8)] for a, b in loud_spans(heard, bridge_ms=20)]
        ).astype(float)
        assert abs(whole.size - 24000) <= 800
        spectrum_of_parts(chirp.astype(float), whole)


def spectrum_of_parts(sent: np.ndarray, heard: np.ndarray) -> None:
    """The rising tone rises evenly: no part is missing, repeated or out of order."""

    def pitch(wave: np.ndarray, at: int) -> float:
        part = wave[at : at + 400] * np.hanning(400)
        return float(np.argmax(np.abs(np.fft.rfft(part, 4096))) * 8000 / 4096)

    steps = range(400, min(sent.size, heard.size) - 800, 400)
    drift = [pitch(heard, at) - pitch(sent, at) for at in steps]
    assert max(abs(value) for value in drift) < 25, drift


async def test_a_law_only(tmp_path: Path) -> None:
    bot, line = Bot("echo"), english(LINE)
    async with serving(bot) as server, phone(tmp_path / "phone", codecs="PCMA") as caller:
        await caller.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}")
        await caller.say(line)
        await caller.prompt(0, quiet_ms=800)
        assert "PCMA" in caller.log()
        assert share_found(line, caller.heard()) > 0.6


@pytest.mark.parametrize(
    ("transport", "parameters"), [("tcp", ()), ("tls", ("mediaenc=srtp-mand",)), ("udp", ("mediaenc=srtp-mand",))]
)
async def test_other_transports_and_encrypted_sound(
    tmp_path: Path, transport: str, parameters: tuple[str, ...]
) -> None:
    bot, line = Bot("echo"), english(LINE)
    async with serving(bot) as server, phone(tmp_path / "phone", *parameters, transport=transport) as caller:
        port = server.settings.tls_port if transport == "tls" else server.settings.port
        await caller.dial(f"sip:shop-en@127.0.0.1:{port};transport={transport}")
        await caller.say(line)
        await caller.prompt(0, quiet_ms=800)
        assert bot.calls[0].details.transport == transport
        assert share_found(line, bot.calls[0].sound) > 0.6
        assert ("SRTP is Enabled" in caller.log()) is bool(parameters)


async def test_required_encryption_refuses_plain_sound(tmp_path: Path) -> None:
    bot = Bot("echo")
    async with serving(bot, srtp="required") as server, phone(tmp_path / "phone") as caller:
        await caller.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}", answered=False)
        assert "488" in (await caller.event("CALL_CLOSED"))["param"]
        assert bot.calls == []
