"""Calls that we make, to real telephones, registered or not, and to nobody."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

import pytest

from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import free_port, loud_ms, phone, until
from tests.e2e.phone.linphone import linphone
from tests.e2e.phone.registrar import Registrar
from voicebot.audio import Pcm, tone
from voicebot.channels.line import Frame
from voicebot.channels.sip import NotReached, Outcome, SipAccount
from voicebot.conversation.agent_phase import Referable


async def invited(listener: socket.socket) -> tuple[str, str]:
    """The first INVITE that comes to a bare socket, and who sent it."""
    loop = asyncio.get_running_loop()
    while True:
        data, sender = await asyncio.wait_for(loop.sock_recvfrom(listener, 65536), 10)
        text = data.decode()
        if text.startswith("INVITE "):
            head = {name: re.search(rf"^{name}: (.*?)\r$", text, re.M) for name in ("Via", "From", "To", "Call-ID")}
            lines = [f"{name}: {match[1]}" for name, match in head.items() if match is not None]
            lines[2] += ";tag=bare"
            answer = ["SIP/2.0 486 Busy Here", *lines, "CSeq: " + re.search(r"CSeq: (.*?)\r", text)[1], "", ""]  # type: ignore[index]
            answer.insert(-2, "Content-Length: 0")
            await loop.sock_sendto(listener, "\r\n".join(answer).encode(), sender)
            return text, str(sender[1])


def bare() -> tuple[socket.socket, int]:
    """A UDP socket on a free port."""
    listener, port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), free_port(2)
    listener.setblocking(False)
    listener.bind(("127.0.0.1", port))
    return listener, port


async def test_who_answers_is_heard_both_ways(tmp_path: Path) -> None:
    rang: list[bool] = []
    async with serving(Bot()) as server, phone(tmp_path / "a") as there:
        address = f"sip:caller@127.0.0.1:{there.sip_port}"
        dialling = asyncio.create_task(
            server.dial(address, {"X-Handoff-Id": "ho-1"}, 10, shown="shop-en", on_ringing=lambda: rang.append(True))
        )
        incoming = await there.event("CALL_INCOMING")
        assert "shop-en" in incoming["peeruri"]
        await until(lambda: rang, "the ringing")
        await there.command("accept")
        line = await dialling
        assert isinstance(line, Referable) and line.dialled and line.playing
        assert (line.caller, line.called, line.rate) == ("caller", "shop-en", 8000)
        await line.answer()
        line.play(tone((440.0,), 1000, 8000, -20.0).samples)
        await until(lambda: loud_ms(there.heard()) > 900, "our tone")
        await there.say(tone((700.0,), 1000, 8000, -20.0))
        events, loud = line.frames(), 0

        async def listen() -> None:
            nonlocal loud
            async for event in events:
                if isinstance(event, Frame) and (loud := loud + int((abs(event.samples) > 1000).sum())) > 4000:
                    return

        await asyncio.wait_for(listen(), 10)
        await line.hang_up("done")
        await there.event("CALL_CLOSED")
        await until(lambda: server.health.calls == 0, "no call left")


async def test_a_phone_is_held_and_taken_back(tmp_path: Path) -> None:
    """Signalled hold stops our packets; afterwards the phone hears us again."""
    async with serving(Bot()) as server, linphone(tmp_path / "a", Pcm.silence(5000, 8000)) as there:
        line = await server.dial(there.address, {}, 10)
        line.play(tone((440.0,), 1000, 8000, -20.0).samples)
        await until(lambda: loud_ms(there.heard()) > 900, "our tone")
        await line.hold()
        await until(lambda: "paused" in there.log(), "the phone to be paused")
        await line.hold(False)
        await until(lambda: there.log().count("Media streams established") == 2, "the phone to be taken back")
        line.play(tone((440.0,), 1000, 8000, -20.0).samples)
        await until(lambda: loud_ms(there.heard()) > 1800, "our tone after the hold")
        await line.hang_up("done")


async def test_the_reasons_nobody_is_reached_are_told_apart(tmp_path: Path) -> None:
    listener, port = bare()
    async with serving(Bot()) as server, phone(tmp_path / "a") as there:
        address = f"sip:caller@127.0.0.1:{there.sip_port}"

        async def outcome(uri: str, timeout_s: float = 10) -> Outcome:
            with pytest.raises(NotReached) as problem:
                await server.dial(uri, {}, timeout_s)
            return problem.value.outcome

        asking = asyncio.create_task(outcome(address))
        await there.event("CALL_INCOMING")
        await there.hang_up()
        assert await asking in (Outcome.BUSY, Outcome.DECLINED)
        busy = asyncio.create_task(outcome(f"sip:x@127.0.0.1:{port}"))
        text, _ = await invited(listener)
        assert await busy is Outcome.BUSY
        assert "m=video" not in text
        assert await outcome(address, 1.0) is Outcome.NO_ANSWER
        assert await outcome(f"sip:nobody@127.0.0.1:{there.sip_port}") is Outcome.UNREACHABLE
        assert await outcome(f"sip:x@127.0.0.1:{free_port(2)};transport=tcp", 5) is Outcome.UNREACHABLE
        assert await outcome("tel:+81312345678") is Outcome.UNREACHABLE
        await until(lambda: server.health.calls == 0, "no call left")
    listener.close()


async def test_a_dial_that_is_given_up_stops_ringing(tmp_path: Path) -> None:
    async with serving(Bot()) as server, phone(tmp_path / "a") as there:
        dialling = asyncio.create_task(server.dial(f"sip:caller@127.0.0.1:{there.sip_port}", {}, 20))
        await there.event("CALL_INCOMING")
        dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialling
        await there.event("CALL_CLOSED")
        await until(lambda: server.health.calls == 0, "no call left")


async def test_the_packet_travels_by_reference_on_a_call_and_on_a_transfer(tmp_path: Path) -> None:
    listener, port = bare()
    bot = Bot("echo")
    async with serving(bot) as server, phone(tmp_path / "c") as customer:
        dialling = asyncio.create_task(
            server.dial(f"sip:pbx@127.0.0.1:{port}", {"X-Handoff-Id": "ho-7"}, 10, shown="+81355501234")
        )
        text, _ = await invited(listener)
        assert "X-Handoff-Id: ho-7\r\n" in text and "P-Asserted-Identity: <sip:+81355501234@" in text
        with pytest.raises(NotReached):
            await dialling
        await customer.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}")
        line = bot.calls[0].line
        assert isinstance(line, Referable)
        moving = asyncio.create_task(line.transfer(f"sip:pbx@127.0.0.1:{port}?X-Handoff-Id=ho-8", 10))
        text, _ = await invited(listener)
        assert text.startswith(f"INVITE sip:pbx@127.0.0.1:{port}")
        with pytest.raises(NotReached) as problem:
            await moving
        assert problem.value.outcome is Outcome.BUSY
        assert bot.calls[0].ended is None
    listener.close()


async def test_customers_are_not_locked_out_by_the_desks_own_lines(tmp_path: Path) -> None:
    """A limit of one caller leaves room for the person who talks to them, and for no second caller."""
    bot = Bot("echo")
    async with serving(bot, max_calls=1) as server, phone(tmp_path / "c") as one, phone(tmp_path / "a") as there:
        await one.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}")
        dialling = asyncio.create_task(server.dial(f"sip:caller@127.0.0.1:{there.sip_port}", {}, 10))
        await there.event("CALL_INCOMING")
        await there.command("accept")
        await dialling
        await there.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}", answered=False)
        assert "486" in (await there.event("CALL_CLOSED"))["param"]
        assert len(bot.calls) == 1


async def test_a_number_is_dialled_through_the_account(tmp_path: Path) -> None:
    registrar = Registrar({"line": "secret"})
    await registrar.start()
    account = SipAccount("line", f"127.0.0.1:{registrar.port}", "secret")
    try:
        async with serving(Bot(), accounts=(account,)) as server:
            await until(lambda: server.health.registrations[account.name], "the registration")
            seen: list[str] = []
            received = registrar.datagram_received
            registrar.datagram_received = lambda data, addr: (seen.append(data.decode()), received(data, addr))[1]  # type: ignore[method-assign]
            with pytest.raises(NotReached) as problem:
                await server.dial("0355501234", {}, 1.0)
            assert problem.value.outcome is Outcome.NO_ANSWER
            invite = next(text for text in seen if text.startswith("INVITE "))
            assert invite.startswith(f"INVITE sip:0355501234@127.0.0.1:{registrar.port}")
            assert "sip:line@127.0.0.1" in invite
            with pytest.raises(NotReached):
                await server.dial("0355501234", {}, 1.0, account="other@nowhere")
    finally:
        registrar.close()
