"""How long the router takes to offer: 1,000 contacts queued, 200 agents signed in.

    python -m bench.desk.offers

An agent becomes free; measured is the choice alone, and the choice with its committed offer. A request is measured
too, with its place and range. Once on SQLite and once on a PostgreSQL started for it (both on this machine's disk).
Writes ``bench/desk/results/offers.md``. Target: 20 ms at the 95th percentile.
"""

from __future__ import annotations

import asyncio
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.support.desk import SHOP, Floor, companies
from tests.support.postgres import cluster
from voicebot.clock import SystemClock
from voicebot.desk import Agent, Medium
from voicebot.desk.choose import assignments
from voicebot.domain import AgentId, Channel, Presence, Skill
from voicebot.store import SqlStore

OUT = Path(__file__).parent / "results" / "offers.md"
CONTACTS, AGENTS = 1000, 200
SKILLS = ("orders", "tech", "billing", "returns", "complaints", "sales")


def staff() -> list[Agent]:
    """Two hundred people with two to four skills each; a third also speaks English."""
    chance = random.Random(7)
    made = []
    for number in range(AGENTS):
        skills = {Skill(name): chance.randint(2, 5) for name in chance.sample(SKILLS, chance.randint(2, 4))}
        skills[Skill("lang:ja")] = 5
        if number % 3 == 0:
            skills[Skill("lang:en")] = 4
        capacity = {Medium.VOICE: 1, Medium.CHAT: 2}
        made.append(Agent(AgentId(f"B{number:03}"), SHOP, f"B{number:03}", skills=skills, capacity=capacity))
    return made


async def measure(address: str) -> dict[str, list[float]]:
    """Milliseconds by what was measured."""
    store = await SqlStore.open(address, lambda words: words)
    shop = companies()[SHOP]
    queues = {name: replace(queue, always_open=True, cap=None) for name, queue in shop.queues.items()}
    floor = Floor(store, SystemClock(), {SHOP: replace(shop, queues=queues, agents={})})
    core, offers = floor.desk._core, floor.desk._offers
    agents = staff()
    await floor.desk._attendance._enrol(agents)
    await core.load()
    core.following = True
    for agent in agents:
        await floor.desk.sign_in(agent.id, f"s-{agent.id}", "n1")
    chance = random.Random(11)
    took: dict[str, list[float]] = {"choice": [], "choice and committed offer": [], "request": []}

    async def ask() -> None:
        channel = Channel.VOICE if chance.random() < 0.6 else Channel.WEB_CHAT
        wish = await floor.wish(chance.choice(SKILLS), channel=channel, priority=chance.choice((3, 4, 5)))
        started = time.perf_counter()
        await floor.desk.request(wish)
        took["request"].append((time.perf_counter() - started) * 1000)

    for _ in range(CONTACTS):
        await ask()
    took["request"].clear()
    for agent in chance.sample(agents, AGENTS):
        held = await floor.desk.agent(agent.id)
        capacity = {Medium.VOICE: 1, Medium.CHAT: 0} if len(took["choice"]) % 2 else {Medium.VOICE: 0, Medium.CHAT: 1}
        await floor.desk.set_capacity(held.id, capacity)
        await floor.desk.set_presence(held.id, Presence.AVAILABLE)
        started = time.perf_counter()
        made = assignments(core.board.agents(), core.board.contacts(), core.queues, core.clock.now())
        took["choice"].append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        won = await offers.route()
        took["choice and committed offer"].append((time.perf_counter() - started) * 1000)
        assert won == len(made) == 1
        await ask()
    await store.close()
    return took


def percentile(values: list[float], share: float) -> float:
    """The value below which this share lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def report(results: dict[str, dict[str, list[float]]]) -> str:
    """The table."""
    lines = [
        "# Offers: 1,000 contacts queued, 200 agents",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), Python "
        f"{platform.python_version()}, load average {os.getloadavg()[0]:.1f} at the end.",
        "Milliseconds, one process; `python -m bench.desk.offers`. Target: 20 ms at the 95th percentile for an offer.",
        "",
        "| store | what | median | p95 | worst | n |",
        "|---|---|---|---|---|---|",
    ]
    show: Callable[[float], str] = "{:.1f}".format
    for store, took in results.items():
        for what, values in took.items():
            cells = (show(percentile(values, 0.5)), show(percentile(values, 0.95)), show(max(values)), str(len(values)))
            lines.append(f"| {store} | {what} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        results = {"SQLite": asyncio.run(measure(f"sqlite+aiosqlite:///{folder}/desk.db"))}
    with cluster() as address:
        results["PostgreSQL"] = asyncio.run(measure(address))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(report(results), encoding="utf-8")
    print(OUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
