"""Delay, packet gaps and processor time of bridged telephone calls, on loopback with real phones.

    python -m bench.bridge.measure --calls 2 --seconds 15

Every call is a customer's phone that calls us and an agent's phone that we ring (both Debian's baresip), joined by a
bridge. The customer beeps about once a second. All figures but processor time are from a capture (tcpdump): the delay
is from the packet with which a beep leaves the customer's phone to the packet with which it leaves us for the agent's,
so it holds our jitter buffers, mixing and queues; a phone adds its own packet of 20 ms and its own jitter buffer.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.calls.capture import Stream, streams
from bench.calls.load import capturing
from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import Phone, phone, until
from voicebot.audio import Pcm, SpeechDetector, concat, tone, write_wav
from voicebot.channels.line import VoiceLine
from voicebot.channels.sip import SipLine, SipServer
from voicebot.clock import SystemClock
from voicebot.domain import EN, Language
from voicebot.media import Bridge, HoldMusic, Role, Tap, hold_sound
from voicebot.speech import Transcript

_EVERY_MS = 1013
_LATEST_S = 0.6


class Unheard:
    """No recogniser: it runs in processes of its own, so its cost is not the bridge's."""

    async def transcribe(self, audio: Pcm, *, language: Language | None, **_asked: Any) -> Transcript:
        """Nothing was understood."""
        return Transcript("", language or EN)


class Call:
    """One customer and one agent."""

    def __init__(self, customer: Phone, agent: Phone) -> None:
        self.customer, self.agent = customer, agent
        self.bridge = Bridge(SystemClock(), HoldMusic(hold_sound()))
        self.lines: list[SipLine] = []
        self.taps: dict[str, Tap] = {}

    async def begin(self, server: SipServer, sound: Path) -> None:
        """Call in, ring the agent, join both, and beep."""
        await self.customer.dial(f"sip:shop-ja@127.0.0.1:{server.settings.port}")
        await until(lambda: self.lines, "the customer's call")
        dialling = asyncio.create_task(server.dial(f"sip:caller@127.0.0.1:{self.agent.sip_port}", {}, 10))
        await self.agent.event("CALL_INCOMING")
        await self.agent.command("accept")
        self.lines.append(await dialling)
        self.bridge.join("customer", self.lines[0], Role.CUSTOMER)
        self.bridge.join("agent", self.lines[1], Role.LEAD)
        await self.customer.play(sound)

    def listen(self, detector: SpeechDetector) -> None:
        """Tap both sides."""

        async def words(*_said: object) -> None:
            pass

        self.taps = {name: Tap(detector, Unheard(), words, language=EN) for name in self.bridge.roles}
        self.bridge.on_sound = lambda name, role, samples, at_ms: self.taps[name].feed(samples, at_ms)

    async def close(self) -> None:
        """Hang up."""
        for tap in self.taps.values():
            await tap.close()
        await self.bridge.close()
        for line in self.lines:
            await line.hang_up()


async def main() -> None:
    """Measure and print."""
    given = _arguments()
    beeps = concat([tone((700.0,), 150, 8000, -16.0), Pcm.silence(_EVERY_MS - 150, 8000)])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound = folder / "beeps.wav"
        write_wav(sound, concat([beeps] * int(given.seconds * 4)))
        async with contextlib.AsyncExitStack() as stack:
            server = await stack.enter_async_context(serving(Bot()))
            phones = [await stack.enter_async_context(phone(folder / f"p{n}")) for n in range(2 * given.calls)]
            calls = [Call(*phones[2 * n : 2 * n + 2]) for n in range(given.calls)]
            coming = iter(calls)

            async def take(line: VoiceLine) -> None:
                assert isinstance(line, SipLine)
                await line.answer()
                next(coming).lines.append(line)
                await line.over()

            server.on_call = take
            for call in calls:
                await call.begin(server, sound)
            plain = await stage(folder / "plain", calls, given.seconds)
            detector = SpeechDetector()
            for call in calls:
                call.listen(detector)
            tapped = await stage(folder / "tapped", calls, given.seconds)
            for call in calls:
                await call.close()
    figures = json.dumps(
        {
            "at": time.strftime("%Y-%m-%d %H:%M"),
            "machine": f"{os.cpu_count()} cores, {platform.machine()}",
            "load": os.getloadavg()[0],
            "calls": given.calls,
            "seconds": given.seconds,
            "without_taps": plain,
            "with_taps_on_both": tapped,
        },
        indent=1,
    )
    print(figures)
    if given.write is not None:
        await asyncio.to_thread(given.write.write_text, figures + "\n")


async def stage(folder: Path, calls: list[Call], seconds: float) -> dict[str, Any]:
    """Let the calls go on for a while."""
    await asyncio.to_thread(folder.mkdir)
    async with capturing(folder / "calls.pcap", folder / "log") as running:
        if not running:
            raise SystemExit((folder / "log").read_text())
        began, used = time.monotonic(), _cpu_s()
        await asyncio.sleep(seconds)
        share = (_cpu_s() - used) / (time.monotonic() - began)
    found = [stream for stream in streams(folder / "calls.pcap") if len(stream.times) > 100]
    ours = [s for s in found if any(s.target[1] in p.rtp_ports for c in calls for p in (c.customer, c.agent))]
    gaps = np.concatenate([stream.gaps_ms for stream in ours])
    delays = np.concatenate([_delays_ms(found, call) for call in calls])
    return {
        "mouth_to_ear_ms": {
            "beeps": len(delays),
            "p50": round(float(np.percentile(delays, 50)), 1),
            "p95": round(float(np.percentile(delays, 95)), 1),
            "max": round(float(delays.max()), 1),
        },
        "packets": {
            "streams": len(ours),
            "sent": sum(len(stream.times) for stream in ours),
            "missing": sum(stream.missing for stream in ours),
            "gap_p99_ms": round(float(np.percentile(gaps, 99)), 1),
            "gap_max_ms": round(float(gaps.max()), 1),
            "over_60_ms": int((gaps > 60).sum()),
        },
        "percent_of_a_core_per_call": round(100 * share / len(calls), 2),
    }


def _delays_ms(found: list[Stream], call: Call) -> np.ndarray:
    """From each beep that leaves the customer's phone to the same beep leaving us for the agent's."""
    spoken = next(s for s in found if s.source[1] in call.customer.rtp_ports)
    heard = next(s for s in found if s.target[1] in call.agent.rtp_ports)
    starts = np.array([begin for begin, _ in heard.loud_spans(0.3)])
    delays = []
    for begin, _ in spoken.loud_spans(0.3):
        after = starts[(starts > begin) & (starts < begin + _LATEST_S)]
        if len(after):
            delays.append((after[0] - begin) * 1000)
    return np.array(delays)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--write", type=Path, help="a file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
