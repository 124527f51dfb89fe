"""How fast words get across: 500 chats with agents, one message a second in each.

    python -m bench.desk.chats [--chats 500] [--seconds 45] [--store sqlite|postgresql|both]

The product runs as its operators run it (``voicebot serve``, one process, on loopback). Fifty agents with ten chats
each sit at their sockets, every chat has a visitor at its own; both come from this one process. In every ten messages
nine are a visitor's and one an agent's, which is as much as a console may send. Measured is the time from the send at
one socket to the frame with the same words at the other's. Every message has to arrive once, and only once.
``--write`` keeps the report in ``bench/desk/results/chats.md``. Target: 150 ms at the 95th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.support import desk_site
from tests.support.postgres import cluster
from tests.support.product import RunningProduct, descendants, resident_mb, running
from voicebot.web.signed_in import COOKIE, CSRF_HEADER

OUT = Path(__file__).parent / "results" / "chats.md"
EACH = 10
"""Chats of one agent, and messages of which one is the agent's."""
OPENING = "my heater is burning and smells of smoke, I need a person"
SKILLS = '{safety: 5, "lang:en": 5, "lang:ja": 5}'
JOINING_S = 300
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Post:
    """Every message on its way, and what became of it. Times are seconds of the monotonic clock."""

    sent: dict[str, float] = field(default_factory=dict)
    took_ms: dict[str, float] = field(default_factory=dict)
    arrived: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def arrive(self, text: str) -> None:
        """Words came out at the other side."""
        if text in self.sent:
            self.arrived[text] += 1
            self.took_ms.setdefault(text, (time.perf_counter() - self.sent[text]) * 1000)


class Visitor:
    """One chat from the customer's side."""

    def __init__(self, number: int, post: Post) -> None:
        self.number, self.post = number, post
        self.conversation = ""
        self.joined = asyncio.Event()

    async def live(self, address: str, going: asyncio.Event, over: asyncio.Event) -> None:
        """From hello until a few seconds after the end, in which late words still count."""
        async with connect(address, max_size=None, compression=None) as socket:
            reading = asyncio.create_task(self._read(socket))
            await socket.send(json.dumps({"type": "hello", "token": None, "last_seq": 0}))
            await socket.send(json.dumps({"type": "message", "id": f"v{self.number}-open", "text": OPENING}))
            await going.wait()
            period_s = EACH / (EACH - 1)
            await asyncio.sleep(random.random() * period_s)
            due, count = time.perf_counter(), 0
            while not over.is_set():
                text = f"visitor {self.number} line {count}"
                self.post.sent[text] = time.perf_counter()
                await socket.send(json.dumps({"type": "message", "id": f"v{self.number}-{count}", "text": text}))
                count, due = count + 1, due + period_s
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await asyncio.sleep(8)
            reading.cancel()

    async def _read(self, socket: ClientConnection) -> None:
        async for raw in socket:
            frame = json.loads(raw)
            match frame["type"]:
                case "welcome":
                    self.conversation = frame["conversation"]
                case "event" if frame["from"] == "agent":
                    self.post.arrive(frame["text"])
                case "event" if frame["kind"] == "joined":
                    self.joined.set()
                case "error":
                    self.post.refused[frame["code"]] += 1


class Agent:
    """One agent at the console's socket: takes every offer."""

    def __init__(self, login: str, post: Post) -> None:
        self.login, self.post = login, post
        self.contacts: list[str] = []

    async def live(self, http: str, here: asyncio.Event, going: asyncio.Event, over: asyncio.Event) -> None:
        """From signing in until a few seconds after the end."""
        async with httpx.AsyncClient(base_url=http, timeout=60) as client:
            answer = await client.post("/api/session", json={"login": self.login, "password": desk_site.WORD})
            answer.raise_for_status()
            client.headers[CSRF_HEADER] = answer.json()["csrf"]
            cookie = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
        address = http.replace("http", "ws", 1) + "/ws/desk"
        async with connect(address, additional_headers=cookie, max_size=None, compression=None) as socket:
            reading = asyncio.create_task(self._read(socket, here))
            beating = asyncio.create_task(self._beat(socket))
            await socket.send(json.dumps({"type": "hello", "presence": "available"}))
            await going.wait()
            due, count = time.perf_counter() + random.random(), 0
            while not over.is_set():
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                text = f"agent {self.login} line {count}"
                self.post.sent[text] = time.perf_counter()
                contact = self.contacts[count % len(self.contacts)]
                await socket.send(json.dumps({"type": "say", "contact": contact, "id": text, "text": text}))
                count, due = count + 1, due + EACH / len(self.contacts)
            await asyncio.sleep(8)
            reading.cancel()
            beating.cancel()

    async def _beat(self, socket: ClientConnection) -> None:
        while True:
            await asyncio.sleep(5)
            await socket.send('{"type": "heartbeat"}')

    async def _read(self, socket: ClientConnection, here: asyncio.Event) -> None:
        async for raw in socket:
            frame = json.loads(raw)
            match frame["type"]:
                case "state":
                    here.set()
                case "offer":
                    await socket.send(json.dumps({"type": "accept", "contact": frame["contact"]["id"]}))
                case "contact" if frame["contact"]["state"] == "active" and frame["mine"]:
                    if frame["contact"]["id"] not in self.contacts:
                        self.contacts.append(frame["contact"]["id"])
                case "event" if frame["event"]["type"] == "Heard":
                    self.post.arrive(frame["event"]["text"])
                case "error":
                    self.post.refused[frame["code"]] += 1


@dataclass
class Result:
    """What one run told."""

    post: Post
    seconds: float
    server_cpu: float
    client_cpu: float
    memory_mb: float
    memory_before_mb: float
    load: float
    busy: float
    stored: int


def cpu_s(pid: int) -> float:
    """Processor seconds of a process and its descendants so far."""
    total = 0
    for one in descendants(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def machine_s() -> float:
    """Processor seconds that everything on this machine has used."""
    user, nice, system, _idle, _wait, irq, soft, steal, *_ = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + soft + steal) / _TICKS


async def measure(product: RunningProduct, chats: int, seconds: float) -> Result:
    """Everybody in, everybody writing for so long, everybody's words counted."""
    post, going, over = Post(), asyncio.Event(), asyncio.Event()
    before_mb = resident_mb(product.pid)
    agents = [Agent(f"b{number:03}", post) for number in range(-(-chats // EACH))]
    visitors = [Visitor(number, post) for number in range(chats)]
    address = product.http.replace("http", "ws", 1) + "/ws/chat/shop?lang=en"
    async with asyncio.TaskGroup() as group, asyncio.timeout(JOINING_S + seconds + 60):
        for agent in agents:
            here = asyncio.Event()
            group.create_task(agent.live(product.http, here, going, over))
            await here.wait()
        for start in range(0, chats, EACH):
            some = visitors[start : start + EACH]
            for visitor in some:
                group.create_task(visitor.live(address, going, over))
            await asyncio.gather(*(visitor.joined.wait() for visitor in some))
        await asyncio.sleep(3)
        print(f"{sum(len(agent.contacts) for agent in agents)} chats with agents", flush=True)
        post.refused.clear()
        began, server, machine, mine = time.perf_counter(), cpu_s(product.pid), machine_s(), time.process_time()
        going.set()
        await asyncio.sleep(seconds)
        over.set()
        passed = time.perf_counter() - began
        result = Result(
            post=post,
            seconds=passed,
            server_cpu=(cpu_s(product.pid) - server) / passed,
            client_cpu=(time.process_time() - mine) / passed,
            memory_mb=resident_mb(product.pid),
            memory_before_mb=before_mb,
            load=os.getloadavg()[0],
            busy=(machine_s() - machine) / passed,
            stored=0,
        )
    for visitor in visitors:
        texts = [event.get("text", "") for event in product.events(visitor.conversation)]
        result.stored += sum(text in post.sent for text in texts)
    return result


def run(store: str, chats: int, seconds: float) -> Result:
    """One run on one kind of store."""
    with tempfile.TemporaryDirectory() as name, cluster() if store == "postgresql" else nullcontext() as url:
        folder = Path(name)
        root = desk_site.content(folder)
        desk = root / "flows" / "shop" / "desk.yml"
        crowd = "".join(
            f"  - {{id: B{number:03}, name: B{number:03}, team: care, roles: [agent], language: en, "
            f"capacity: {{voice: 0, chat: {EACH}}}, skills: {SKILLS}}}\n"
            for number in range(-(-chats // EACH))
        )
        desk.write_text(desk.read_text().replace("\nagents:\n", f"\nagents:\n{crowd}", 1))
        address = url or f"sqlite+aiosqlite:///{folder / 'data' / 'voicebot.db'}"
        settings = {"VOICEBOT_CONTENT": str(root), "VOICEBOT_STORE": address, "VOICEBOT_SIP": ""}
        with running(folder / "data", **settings) as product:
            desk_site.accounts(address, root)
            print(f"voicebot serve is process {product.pid}", flush=True)
            return asyncio.run(measure(product, chats, seconds))


def percentile(values: list[float], share: float) -> float:
    """The value below which this share lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def report(results: dict[str, Result], chats: int) -> str:
    """The tables."""
    lines = [
        f"# Chats: {chats} with agents, one message a second in each",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), Python "
        f"{platform.python_version()}. One server process; the visitors and agents are one more process on the same "
        "cores.",
        "`python -m bench.desk.chats`. Sent at one socket to seen at the other's, milliseconds. Target: 150 ms at the "
        "95th percentile.",
        "",
        "| store | direction | p50 | p95 | p99 | worst | sent | not within 8 s of the end | twice |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    show: Callable[[float], str] = "{:.0f}".format
    for store, result in results.items():
        for who, other in (("visitor", "agent"), ("agent", "visitor")):
            sent = [text for text in result.post.sent if text.startswith(who)]
            took = [result.post.took_ms[text] for text in sent if text in result.post.took_ms] or [float("nan")]
            lost = sum(not result.post.arrived[text] for text in sent)
            twice = sum(result.post.arrived[text] > 1 for text in sent)
            figures = [show(percentile(took, share)) for share in (0.5, 0.95, 0.99, 1)]
            lines.append(
                f"| {store} | {who} to {other} | "
                + " | ".join([*figures, str(len(sent)), str(lost), str(twice)])
                + " |"
            )
    lines += [
        "",
        "| store | messages/s | in the log, of sent | refused | server CPU | clients' CPU | all of the machine | "
        "server memory, before | load average |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for store, result in results.items():
        sent_all = len(result.post.sent)
        cells: list[Any] = [
            f"{sent_all / result.seconds:.0f}",
            f"{result.stored} of {sent_all}",
            sum(result.post.refused.values()),
            f"{result.server_cpu:.2f} cores",
            f"{result.client_cpu:.2f} cores",
            f"{result.busy:.2f} cores",
            f"{result.memory_mb:.0f} MB, {result.memory_before_mb:.0f} MB",
            f"{result.load:.1f}",
        ]
        lines.append(f"| {store} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    wanted = argparse.ArgumentParser(description="500 chats with agents, one message a second in each")
    wanted.add_argument("--chats", type=int, default=500)
    wanted.add_argument("--seconds", type=float, default=45)
    wanted.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted.add_argument("--write", action="store_true", help="keep the report with the results")
    given = wanted.parse_args()
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    stores = tuple(names) if given.store == "both" else (given.store,)
    results: dict[str, Result] = {}
    for store in stores:
        results[names[store]] = run(store, given.chats, min(given.seconds, 60))
        text = report(results, given.chats)
        if given.write:
            OUT.parent.mkdir(exist_ok=True)
            OUT.write_text(text, encoding="utf-8")
        print(text, flush=True)


if __name__ == "__main__":
    main()
