"""People joined on real telephones: a customer who calls (baresip), an agent we ring (linphonec), a supervisor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from bench.calls.capture import streams
from bench.calls.load import capturing
from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import Phone, phone, until
from tests.e2e.phone.linphone import Linphone, linphone
from voicebot.audio import Pcm, tone
from voicebot.channels.line import VoiceLine
from voicebot.channels.sip import SipLine, SipServer
from voicebot.clock import SystemClock
from voicebot.media import Bridge, HoldMusic, Role, hold_sound

CUSTOMER_HZ, AGENT_HZ, LEADER_HZ = 440.0, 1000.0, 1700.0
HEARD_DBFS, SILENT_DBFS = -30.0, -55.0


def level(sound: Pcm, hz: float, last_ms: int = 700) -> float:
    """Level of one tone in the end of a recording, in dBFS."""
    wave = sound.cut(sound.ms - last_ms).to_float().astype(np.float64)
    turned = np.exp(-2j * np.pi * hz * np.arange(len(wave)) / sound.rate)
    return float(20 * np.log10(np.sqrt(2) * abs(np.mean(wave * turned)) + 1e-9))


def steady(hz: float) -> Pcm:
    return tone((hz,), 120_000, 8000, -20.0)


@dataclass
class Desk:
    """One call whose customer is put on a bridge."""

    server: SipServer
    bridge: Bridge
    customer: SipLine | None = None
    left: list[str] = field(default_factory=list)
    lines: list[SipLine] = field(default_factory=list)

    async def take(self, line: VoiceLine) -> None:
        assert isinstance(line, SipLine)
        await line.answer()
        self.customer = line
        self.bridge.join("customer", line, Role.CUSTOMER)
        await line.over()

    async def ring(self, name: str, address: str, role: Role) -> SipLine:
        line = await self.server.dial(address, {"X-Handoff-Id": "ho-c-1-1"}, 10)
        self.lines.append(line)
        self.bridge.join(name, line, role)
        return line


@contextlib.asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    async with serving(Bot()) as server:
        made = Desk(server, Bridge(SystemClock(), HoldMusic(hold_sound())))
        made.bridge.on_left = lambda name, reason: made.left.append(name)
        server.on_call = made.take
        try:
            yield made
        finally:
            await made.bridge.close()


async def call_in(caller: Phone, made: Desk, hz: float = CUSTOMER_HZ) -> None:
    await caller.dial(f"sip:shop-ja@127.0.0.1:{made.server.settings.port}")
    await caller.say(steady(hz))
    await until(lambda: made.customer is not None, "the customer on the bridge")


async def ring_by_hand(made: Desk, there: Phone, name: str, role: Role, hz: float) -> SipLine:
    ringing = asyncio.create_task(made.ring(name, f"sip:caller@127.0.0.1:{there.sip_port}", role))
    await there.event("CALL_INCOMING")
    await there.command("accept")
    line = await ringing
    await there.say(steady(hz))
    return line


async def hears(who: Phone | Linphone, *hz: float, not_: tuple[float, ...] = ()) -> None:
    """Wait until somebody hears these tones and none of the others."""

    def so() -> bool:
        sound = who.heard()
        return (
            sound.ms > 700
            and all(level(sound, one) > HEARD_DBFS for one in hz)
            and all(level(sound, one) < SILENT_DBFS for one in not_)
        )

    await until(so, f"{type(who).__name__} to hear {hz} Hz and not {not_} Hz", 15)


async def test_a_whole_talk(tmp_path: Path) -> None:
    """Talk, hold, a third party, a whisper, and the end, heard at every end."""
    async with desk() as made, phone(tmp_path / "c") as customer, phone(tmp_path / "s") as leader:
        async with linphone(tmp_path / "a", steady(AGENT_HZ)) as agent:
            await call_in(customer, made)
            await made.ring("agent", agent.address, Role.LEAD)
            await hears(customer, AGENT_HZ, not_=(CUSTOMER_HZ,))
            await hears(agent, CUSTOMER_HZ, not_=(AGENT_HZ,))

            made.bridge.hold(True)
            await hears(agent, not_=(CUSTOMER_HZ, AGENT_HZ))
            await hears(customer, not_=(AGENT_HZ,))
            assert customer.heard().cut(customer.heard().ms - 700).dbfs == pytest.approx(-26, abs=6)

            await ring_by_hand(made, leader, "expert", Role.EXPERT, LEADER_HZ)
            await hears(agent, LEADER_HZ, not_=(CUSTOMER_HZ,))
            await hears(leader, AGENT_HZ, not_=(CUSTOMER_HZ,))
            await hears(customer, not_=(AGENT_HZ, LEADER_HZ))

            made.bridge.hold(False)
            await hears(customer, AGENT_HZ, LEADER_HZ, not_=(CUSTOMER_HZ,))
            await hears(agent, CUSTOMER_HZ, LEADER_HZ, not_=(AGENT_HZ,))
            await hears(leader, CUSTOMER_HZ, AGENT_HZ, not_=(LEADER_HZ,))

            made.bridge.role("expert", Role.WHISPERER)
            await hears(customer, AGENT_HZ, not_=(LEADER_HZ,))
            await hears(agent, CUSTOMER_HZ, LEADER_HZ)
            made.bridge.role("expert", Role.LISTENER)
            await hears(agent, CUSTOMER_HZ, not_=(LEADER_HZ,))
            await hears(leader, CUSTOMER_HZ, AGENT_HZ)

            await customer.hang_up()
            await until(lambda: made.left == ["customer"], "the customer's end")
            for line in made.lines:
                await line.hang_up("the customer left")
            await leader.event("CALL_CLOSED")
            await until(lambda: "ended" in agent.log(), "the agent's end")
            await until(lambda: made.server.health.calls == 0, "no call left")


async def test_when_the_agent_is_gone_the_customer_hears_music(tmp_path: Path) -> None:
    async with desk() as made, phone(tmp_path / "c") as customer, phone(tmp_path / "a") as agent:
        await call_in(customer, made)
        await ring_by_hand(made, agent, "agent", Role.LEAD, AGENT_HZ)
        await hears(customer, AGENT_HZ)
        await agent.hang_up()
        await until(lambda: made.left == ["agent"], "the agent's end")
        await hears(customer, not_=(AGENT_HZ,))
        assert customer.heard().cut(customer.heard().ms - 700).dbfs > -45


async def test_packets_keep_coming_at_both_ends(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """While the bridge runs, both phones get every packet; the gaps are reported."""
    capture = tmp_path / "bridge.pcap"
    async with desk() as made, phone(tmp_path / "c") as customer, phone(tmp_path / "a") as agent:
        async with capturing(capture, tmp_path / "tcpdump.log") as running:
            if not running:
                pytest.fail((tmp_path / "tcpdump.log").read_text())
            await call_in(customer, made)
            await ring_by_hand(made, agent, "agent", Role.LEAD, AGENT_HZ)
            await hears(customer, AGENT_HZ)
            before = customer.heard().ms
            await until(lambda: customer.heard().ms > before + 8000, "eight seconds of talk", 30)
        for name, there in (("customer", customer), ("agent", agent)):
            (sent,) = [one for one in streams(capture) if one.target[1] in there.rtp_ports and len(one.times) > 200]
            gaps = sent.gaps_ms
            record_property(f"{name}_max_gap_ms", round(float(gaps.max()), 1))
            record_property(f"{name}_over_60_ms", int((gaps > 60).sum()))
            assert sent.missing == 0
            span_s = sent.times[-1] - sent.times[0]
            assert len(sent.times) == pytest.approx(span_s * 50, rel=0.02)


async def test_a_blind_transfer_brings_the_customer_to_somebody_else(tmp_path: Path) -> None:
    async with desk() as made, phone(tmp_path / "c") as customer, phone(tmp_path / "b") as branch:
        await call_in(customer, made)
        assert made.customer is not None
        moving = asyncio.create_task(
            made.customer.transfer(f"sip:caller@127.0.0.1:{branch.sip_port}?X-Handoff-Id=ho-c-1-1", 15)
        )
        await branch.event("CALL_INCOMING")
        await branch.command("accept")
        await moving
        assert made.customer.ended is not None
        assert (made.customer.ended.by, made.customer.ended.reason) == ("us", "transferred")
        await branch.say(steady(AGENT_HZ))
        await hears(customer, AGENT_HZ)
        await until(lambda: made.server.health.calls == 0, "our leg to be gone")


async def test_a_transfer_that_fails_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    async with desk() as made, phone(tmp_path / "c") as customer, phone(tmp_path / "b") as branch:
        await call_in(customer, made)
        assert made.customer is not None
        moving = asyncio.create_task(made.customer.transfer(f"sip:caller@127.0.0.1:{branch.sip_port}", 15))
        await branch.event("CALL_INCOMING")
        await branch.hang_up()
        with pytest.raises(Exception, match="Nobody was reached"):
            await moving
        assert made.customer.ended is None
        await ring_by_hand(made, branch, "agent", Role.LEAD, AGENT_HZ)
        await hears(customer, AGENT_HZ)


async def test_an_attended_transfer_joins_the_two_others(tmp_path: Path) -> None:
    """Both telephones know Replaces; afterwards they talk without us."""
    async with desk() as made:
        async with linphone(tmp_path / "c", steady(CUSTOMER_HZ)) as customer:
            async with linphone(tmp_path / "a", steady(AGENT_HZ)) as agent:
                await customer.command(f"call sip:shop-ja@127.0.0.1:{made.server.settings.port}")
                await until(lambda: made.customer is not None, "the customer on the bridge")
                line = await made.ring("agent", agent.address, Role.LEAD)
                await hears(agent, CUSTOMER_HZ)
                assert made.customer is not None
                await made.customer.transfer_to(line, 20)
                await until(lambda: made.server.health.calls == 0, "both our legs to be gone")
                await until(lambda: "Call 2" in customer.log() or "Call 2" in agent.log(), "a call between the two")
