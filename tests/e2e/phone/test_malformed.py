"""What nobody should send: the call beside it must not notice, and the next call must be answered."""

from __future__ import annotations

import asyncio
import random
import socket
import sys
import textwrap
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import free_port, phone, rtp_packet, share_found, until
from tests.e2e.phone.raw import RawCaller
from tests.e2e.phone.voices import english
from voicebot.channels.sip import SipServer, SipSettings
from voicebot.errors import SettingsError


def junk(caller: RawCaller) -> list[bytes]:
    """Malformed requests, from empty to hostile."""
    dice = random.Random(1)
    good = caller.request("INVITE", body=caller.sdp())
    head, _, body = good.partition(b"\r\n\r\n")
    return [
        b"\0" * 50,
        b"\r\n\r\n",
        b"INVITE\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nVia: x\r\n\r\n",
        bytes(dice.getrandbits(8) for _ in range(1200)),
        caller.request("INVITE", body="v=0\r\nm=audio x y z\r\n", branch=caller.new_branch()),
        caller.request("INVITE", 2, body="v=0", branch=caller.new_branch()),
        head.replace(b"Content-Length: ", b"Content-Length: 99999") + b"\r\n\r\n" + body,
        head.replace(b"Content-Length: ", b"Content-Length: -") + b"\r\n\r\n" + body,
        head.replace(b"CSeq: 1", b"CSeq: 99999999999999999999") + b"\r\n\r\n" + body,
        head.replace(b"SIP/2.0\r\n", b"SIP/9.9\r\n", 1) + b"\r\n\r\n" + body,
        head.replace(b"Max-Forwards: 70", b"Max-Forwards: 70\r\n" + b"X-Long: " + b"a" * 20000) + b"\r\n\r\n" + body,
        head.replace(b"sip:raw@", b"sip:\xff\xfe%00%0d%0a@") + b"\r\n\r\n" + body,
        caller.request("BYE", 5, to_tag="nobody", branch=caller.new_branch()),
        caller.request("WHATEVER", 6, branch=caller.new_branch()),
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKnone\r\nCSeq: 1 INVITE\r\n\r\n",
    ]


def bad_packets() -> list[bytes]:
    """Malformed RTP."""
    dice = random.Random(2)
    return [
        b"",
        b"\x80",
        b"\0" * 12,
        rtp_packet(0, 1, 0, b"")[:8],
        bytes([0x9F]) + rtp_packet(0, 1, 0, b"x" * 40)[1:],
        bytes([0xA0]) + rtp_packet(0, 1, 0, b"x" * 30)[1:] + b"\xff",
        rtp_packet(77, 65535, 0xFFFFFFFF, bytes(1400)),
        rtp_packet(101, 3, 5, b""),
        rtp_packet(101, 4, 5, bytes([255, 255, 255, 255])),
        bytes(dice.getrandbits(8) for _ in range(1300)),
        *(bytes(dice.getrandbits(8) for _ in range(dice.randint(1, 200))) for _ in range(50)),
    ]


def udp_ports() -> list[int]:
    """Local ports of every UDP socket on the machine."""
    rows = Path("/proc/net/udp").read_text().splitlines()[1:]
    return [int(row.split()[1].split(":")[1], 16) for row in rows]


async def test_junk_beside_a_call(tmp_path: Path) -> None:
    bot, line = Bot("echo"), english("I am still here and I can hear myself very well.")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(bot))
        caller = await stack.enter_async_context(phone(tmp_path / "phone"))
        address = ("127.0.0.1", server.settings.port)
        stranger, intruder, other = (
            stack.enter_context(closing(RawCaller(address, did))) for did in ("shop-en", "shop-ja", "shop-ja")
        )
        await caller.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}")
        await intruder.call()
        await caller.say(line)
        for message in junk(stranger):
            stranger.send(message)
            reader, writer = await asyncio.open_connection(*address)
            writer.write(message)
            await writer.drain()
            writer.close()
            del reader
            await asyncio.sleep(0.02)
        low, high = server.settings.rtp_ports
        media = [port for port in udp_ports() if low <= port <= high]
        assert len(media) >= 4
        for packet in bad_packets():
            assert intruder.bot_rtp is not None
            intruder.rtp.sendto(packet, intruder.bot_rtp)
            for port in media:
                stranger.rtp.sendto(packet, ("127.0.0.1", port))
        await caller.prompt(0, quiet_ms=800)
        assert share_found(line, caller.heard()) > 0.6
        assert server.health.alive
        first = bot.calls[0]
        assert first.ended is None
        await other.call()
        await other.bye()
        await intruder.bye()
        await caller.hang_up()
        await until(lambda: first.ended, "the phone's own hang-up")
        assert first.ended is not None and first.ended.by == "caller"


@pytest.fixture
async def raw_call(tmp_path: Path):  # type: ignore[no-untyped-def]
    bot = Bot("silent")
    async with serving(bot) as server:
        with closing(RawCaller(("127.0.0.1", server.settings.port), "shop-en")) as made:
            yield bot, made


async def test_the_same_invite_twice_is_one_call(raw_call: tuple[Bot, RawCaller]) -> None:
    bot, caller = raw_call
    invite = caller.request("INVITE", body=caller.sdp())
    caller.send(invite)
    caller.send(invite)
    caller.take(await caller.until("SIP/2.0 200"))
    await caller.collect(0.5)
    assert len(bot.calls) == 1
    assert not [text for text in caller.log if text.startswith(("SIP/2.0 4", "SIP/2.0 5"))]
    await caller.bye()


async def test_a_late_acknowledgement(raw_call: tuple[Bot, RawCaller]) -> None:
    bot, caller = raw_call
    caller.send(caller.request("INVITE", body=caller.sdp()))
    answer = await caller.until("SIP/2.0 200")
    repeated = await caller.collect(2.5)
    assert [text for text in repeated if text.startswith("SIP/2.0 200")]
    caller.take(answer)
    await until(lambda: bot.calls[0].answered, "the call to stand")
    await caller.bye()


async def test_bye_twice_and_with_a_wrong_tag(raw_call: tuple[Bot, RawCaller]) -> None:
    bot, caller = raw_call
    await caller.call()
    caller.send(caller.request("BYE", 2, to_tag="evil", branch=caller.new_branch()))
    await caller.until("SIP/2.0 481")
    bye = caller.request("BYE", 3, branch=caller.new_branch())
    caller.send(bye)
    await caller.until("SIP/2.0 200")
    caller.send(bye)
    await caller.until("SIP/2.0 200")
    await until(lambda: bot.calls[0].ended, "the end")


async def test_cancel_while_ringing(tmp_path: Path) -> None:
    bot = Bot("ringing")
    async with serving(bot) as server:
        with closing(RawCaller(("127.0.0.1", server.settings.port), "shop-en")) as caller:
            caller.send(caller.request("INVITE", body=caller.sdp()))
            await caller.until("SIP/2.0 180")
            caller.send(caller.request("CANCEL"))
            await caller.until("SIP/2.0 487")
            await until(lambda: bot.calls and bot.calls[0].ended, "the end")


async def test_hanging_up_before_the_caller_has_acknowledged(tmp_path: Path) -> None:
    bot = Bot("echo")
    async with serving(bot) as server:
        with closing(RawCaller(("127.0.0.1", server.settings.port), "shop-en")) as caller:
            caller.send(caller.request("INVITE", body=caller.sdp()))
            answer = await caller.until("SIP/2.0 200")
            hanging_up = asyncio.create_task(server.lines[0].hang_up("changed its mind"))
            caller.take(answer)
            await caller.until("BYE")
            await hanging_up


async def test_key_packets_repeated_lost_and_late(raw_call: tuple[Bot, RawCaller]) -> None:
    """RFC 4733: three copies make one key; lost ends do not swallow it; a straggler is no second press."""
    bot, caller = raw_call
    await caller.call()
    await until(lambda: bot.calls[0].answered, "the answer")
    for index, (digit, end) in enumerate((("1", True), ("1", True), ("2", False), ("3", True))):
        caller.key(digit, 1000 + index * 2000, end=end)
        await asyncio.sleep(0.1)
    caller.key("4", 20000)
    caller.media(101, 20000, bytes([4, 10, 0, 160]))
    await asyncio.sleep(0.1)
    caller.key("#", 30000)
    await until(lambda: bot.calls[0].keys.endswith("#"), "the last key")
    assert bot.calls[0].keys == "11234#"
    await caller.bye()


async def test_hold_keeps_the_place_in_the_prompt(tmp_path: Path) -> None:
    bot = Bot("tone")
    async with serving(bot) as server:
        with closing(RawCaller(("127.0.0.1", server.settings.port), "shop-en")) as caller:
            await caller.call()
            await until(lambda: bot.calls and bot.calls[0].answered, "the answer")
            call = bot.calls[0]
            await until(lambda: call.line.played_samples > 4000, "half a second of the prompt")
            for cseq, direction in ((2, "sendonly"), (3, "sendrecv")):
                caller.send(
                    caller.request("INVITE", cseq, body=caller.sdp(direction, cseq), branch=caller.new_branch())
                )
                caller.take(await caller.until("SIP/2.0 200"))
                at = call.heard[-1].end_samples
                await until(lambda at=at: call.heard[-1].end_samples > at + 2400, "the clock in hold")
                assert call.line.played_samples + call.line.queued_samples == 48000
            clock = call.heard[-1].end_samples
            await until(lambda: call.heard[-1].end_samples > clock + 4000, "the clock to run on")
            await until(lambda: call.line.played_samples == 48000, "the prompt's end")
            await caller.bye()


async def test_an_address_in_use_says_so() -> None:
    port = free_port(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        server = SipServer(SipSettings(port=port), Bot().lead)
        with pytest.raises(SettingsError, match="VOICEBOT_SIP"):
            await server.start()
        await server.close()


async def test_a_fault_in_one_call_ends_that_call_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Faulty(Bot):
        async def lead(self, line):  # type: ignore[no-untyped-def]
            if line.called == "shop-ja":
                await line.answer()
                raise RuntimeError("broken on purpose")
            await super().lead(line)

    bot = Faulty("echo")
    async with serving(bot) as server, phone(tmp_path / "one") as one, phone(tmp_path / "two") as two:
        await one.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}")
        await two.dial(f"sip:shop-ja@127.0.0.1:{server.settings.port}", answered=False)
        await two.event("CALL_CLOSED")
        assert bot.calls[0].ended is None and server.health.alive
    assert "led into an error" in caplog.text


DEATH = """
    import asyncio
    from baresip._native import ffi, lib
    from tests.e2e.phone.bots import Bot
    from tests.e2e.phone.raw import RawCaller
    from voicebot.channels.sip import SipServer, SipSettings

    async def main():
        bot = Bot("silent")
        server = SipServer(SipSettings(port=PORT, transports=("udp",)), bot.lead)
        await server.start()
        caller = RawCaller(("127.0.0.1", PORT), "shop-en")
        await caller.call()
        while not (bot.calls and bot.calls[0].answered):
            await asyncio.sleep(0.02)
        assert server.health.alive
        lib.bp_cmd(lib.BP_CMD_STOP, 0, ffi.NULL)
        while server.health.alive or bot.calls[0].ended is None:
            await asyncio.sleep(0.02)
        print(bot.calls[0].ended.by, server.health.alive)
        await server.close()

    asyncio.run(asyncio.wait_for(main(), 20))
"""


async def test_the_death_of_the_engine_shows_in_health() -> None:
    """In a process of its own: a dead engine cannot be started again in the same one."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(DEATH).replace("PORT", str(free_port(2))),
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 40)
    assert out.split() == [b"system", b"False"], err.decode()
