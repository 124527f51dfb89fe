"""Many customers at once on a running telephone: failed calls, packet gaps, response times, cost.

    python -m bench.calls.load --target 127.0.0.1:5060 --did shop-en --calls 20 --seconds 60 --pid PID

Each customer is a real phone (Debian's baresip) that speaks recorded lines when the bot's prompt is over. Packet
figures come from a capture on loopback (tcpdump, which needs the right to capture); response time is from the last
loud packet of the caller to the first loud packet of the bot.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.calls.capture import Stream, streams
from bench.calls.dialogue import Customer, with_length
from tests.e2e.phone.clients import need, phone, with_silence
from tests.e2e.phone.voices import english, japanese
from voicebot.audio import write_wav

LINES = {
    "en": (
        "Hello, where is my order?",
        "The number is A two zero four eight one one three seven.",
        "Yes, that is right.",
        "What are your opening hours?",
        "Can you say that again please?",
    ),
    "ja": (
        "注文した商品はいつ届きますか。",
        "はい、そうです。",
        "営業時間を教えてください。",
        "もう一度お願いします。",
    ),
}
_ANSWER_WITHIN_S = 15.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--target", default="127.0.0.1:5060", help="address of the telephone")
    parser.add_argument("--did", action="append", help="number to call; give several to mix them (default shop-en)")
    parser.add_argument("--calls", type=int, default=20, help="callers at once")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they talk")
    parser.add_argument("--ramp", type=float, default=5.0, help="seconds over which the callers begin")
    parser.add_argument("--pid", type=int, help="process of the server, to measure its processors and memory")
    parser.add_argument("--out", type=Path, default=Path("bench/calls/results"), help="folder of the report")
    parser.add_argument("--capture", type=Path, help="keep the packet capture here")
    parser.add_argument("--name", default="load", help="name of the report")
    return parser.parse_args()


async def main() -> None:
    given = arguments()
    dids = given.did or ["shop-en"]
    with tempfile.TemporaryDirectory(prefix="voicebot-load-") as folder:
        result = await run(given, dids, Path(folder))
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / f"{given.name}.json").write_text(json.dumps(result, indent=2) + "\n")
    text = markdown(result)
    (given.out / f"{given.name}.md").write_text(text)
    print(text)


async def run(given: argparse.Namespace, dids: list[str], folder: Path) -> dict[str, Any]:
    lines = {language: await asyncio.to_thread(render, folder, language) for language in {language_of(d) for d in dids}}
    async with contextlib.AsyncExitStack() as stack:
        customers = []
        for index in range(given.calls):
            did = dids[index % len(dids)]
            made = await stack.enter_async_context(phone(folder / f"phone{index}"))
            turned = lines[language_of(did)]
            start = index % len(turned) if given.calls > 1 else 0
            customers.append(Customer(made, f"sip:{did}@{given.target}", turned[start:] + turned[:start]))
        capture = given.capture or folder / "calls.pcap"
        captured = await stack.enter_async_context(capturing(capture, folder / "tcpdump.log"))
        cost = asyncio.create_task(costs(given.pid, given.ramp, given.seconds))
        begin = time.monotonic()
        await asyncio.gather(*(late(c, i * given.ramp / given.calls, given.seconds) for i, c in enumerate(customers)))
        took = time.monotonic() - begin
        cost.cancel()
        used = (await asyncio.gather(cost, return_exceptions=True))[0]
    found = streams(capture) if captured else []
    ports = {port for customer in customers for port in customer.phone.rtp_ports}
    sent = [s for s in found if s.target[1] in ports and s.source[1] not in ports and len(s.times) > 50]
    theirs = [s for s in found if s.source[1] in ports and len(s.times) > 50]
    return {
        "at": time.strftime("%Y-%m-%d %H:%M"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_before_and_after": os.getloadavg()[:2],
        "dids": dids,
        "callers": given.calls,
        "seconds": round(took, 1),
        "calls": sum(c.calls for c in customers),
        "failed": sum(c.failed for c in customers),
        "failures": [text for c in customers for text in c.failures][:5],
        "ended_by_bot": sum(c.ended_by_bot for c in customers),
        "lines_spoken": sum(c.spoken for c in customers),
        "captured": captured,
        "packets": packet_figures(sent) | {"over_60_ms_while_phones_were_steady": alone(sent, theirs)},
        "packets_of_the_phones": packet_figures(theirs),
        "response_ms": response_figures(found, sent),
        "server": used if isinstance(used, dict) else {},
    }


async def late(customer: Customer, wait_s: float, seconds: float) -> None:
    await asyncio.sleep(wait_s)
    await customer.talk(seconds)


def language_of(did: str) -> str:
    return "ja" if did.endswith("ja") else "en"


def render(folder: Path, language: str) -> list[Path]:
    paths = []
    for index, text in enumerate(LINES[language]):
        sound = japanese(text) if language == "ja" else english(text)
        (folder / language).mkdir(exist_ok=True)
        paths.append(with_length(folder / language, index, sound))
        write_wav(paths[-1], with_silence(sound))
    return paths


@contextlib.asynccontextmanager
async def capturing(path: Path, log: Path) -> AsyncIterator[bool]:
    """A capture of loopback; False when this user may not capture."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(need("tcpdump"), "-i", "lo", "-B", "65536", "-s", "240", "-U", "-w", str(path), "udp"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=output,
        )
    await asyncio.sleep(0.7)
    running = process.returncode is None
    try:
        yield running
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await process.wait()


def packet_figures(sent: list[Stream]) -> dict[str, Any]:
    """What the bot sent: every gap of every stream together."""
    if not sent:
        return {}
    gaps = np.concatenate([stream.gaps_ms for stream in sent])
    return {
        "streams": len(sent),
        "packets": int(sum(len(stream.times) for stream in sent)),
        "missing": int(sum(stream.missing for stream in sent)),
        "gap_p50_ms": round(float(np.percentile(gaps, 50)), 2),
        "gap_p99_ms": round(float(np.percentile(gaps, 99)), 2),
        "gap_p99_worst_stream_ms": round(max(float(np.percentile(s.gaps_ms, 99)) for s in sent), 2),
        "gap_max_ms": round(float(gaps.max()), 1),
        "over_40_ms": int((gaps > 40).sum()),
        "over_60_ms": int((gaps > 60).sum()),
        "over_100_ms": int((gaps > 100).sum()),
    }


def alone(sent: list[Stream], theirs: list[Stream], over_ms: float = 60.0) -> int:
    """Gaps of the bot during which no phone had one, too: the others are stalls of the whole machine."""
    stalls = np.array(
        [(s.times[i], s.times[i + 1]) for s in theirs for i in np.flatnonzero(s.gaps_ms > 40.0)], float
    ).reshape(-1, 2)
    ours = [(s.times[i], s.times[i + 1]) for s in sent for i in np.flatnonzero(s.gaps_ms > over_ms)]
    return sum(not bool(((stalls[:, 0] < end) & (stalls[:, 1] > begin)).any()) for begin, end in ours)


def response_figures(found: list[Stream], sent: list[Stream]) -> dict[str, Any]:
    """From the caller's last loud packet to the bot's first one, per line that no prompt overlapped."""
    waits: list[float] = []
    greetings: list[float] = []
    unanswered = talked_over = 0
    for bot in sent:
        caller = next((s for s in found if s.source == bot.target and s.target == bot.source), None)
        said = [at for at, loud in zip(bot.times, bot.loud, strict=True) if loud]
        if said:
            greetings.append((said[0] - bot.times[0]) * 1000)
        if caller is None:
            continue
        spans = caller.loud_spans(0.8)
        for index, (begin, end) in enumerate(spans):
            limit = min(spans[index + 1][0] if index + 1 < len(spans) else bot.times[-1], end + _ANSWER_WITHIN_S)
            if any(begin - 0.3 < at < end for at in said):
                talked_over += 1
                continue
            answer = next((at for at in said if end <= at <= limit), None)
            if answer is not None:
                waits.append((answer - end) * 1000)
            elif limit - end > 8:
                unanswered += 1
    return {
        "greeting": spread(greetings),
        "answers": spread(waits),
        "unanswered": unanswered,
        "talked_over": talked_over,
    }


def spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {"n": 0}
    marks = {f"p{q}": round(float(np.percentile(values, q))) for q in (10, 50, 90, 95, 99)}
    return {"n": len(values), **marks, "max": round(max(values))}


async def costs(pid: int | None, wait_s: float, seconds: float) -> dict[str, float]:
    """Processor cores and memory of a process and its children, while the callers talk."""
    if pid is None:
        return {}
    await asyncio.sleep(wait_s)
    first, begin, most = ticks(pid), time.monotonic(), 0.0
    with contextlib.suppress(asyncio.CancelledError):
        while time.monotonic() - begin < seconds:
            most = max(most, sum(resident(p) for p in family(pid)))
            await asyncio.sleep(1)
    took = time.monotonic() - begin
    return {"cores": round((ticks(pid) - first) / os.sysconf("SC_CLK_TCK") / took, 2), "resident_mb": round(most)}


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def ticks(pid: int) -> int:
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total


def resident(pid: int) -> float:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return 0.0


def markdown(result: dict[str, Any]) -> str:
    """The report."""
    rows = [
        ("callers at once", result["callers"]),
        ("seconds", result["seconds"]),
        (
            "calls made / failed / ended by the bot",
            f"{result['calls']} / {result['failed']} / {result['ended_by_bot']}",
        ),
        ("lines spoken", result["lines_spoken"]),
        *((f"packets: {name}", value) for name, value in result["packets"].items()),
        *((f"packets of the phones: {name}", value) for name, value in result["packets_of_the_phones"].items()),
        *((f"response: {name}", value) for name, value in result["response_ms"].items()),
        *((f"server: {name}", value) for name, value in result["server"].items()),
    ]
    head = f"# Calls at once: {', '.join(result['dids'])}\n\n{result['at']}, {result['machine']}\n\n| | |\n|---|---|\n"
    return head + "".join(f"| {name} | {value} |\n" for name, value in rows)


if __name__ == "__main__":
    asyncio.run(main())
