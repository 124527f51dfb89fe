"""A company's desk for a run of the whole product: its content with other hours, and accounts for its roster."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from voicebot.clock import SystemClock
from voicebot.desk.content import load_desk
from voicebot.domain import TenantId
from voicebot.people import Passwords, People, Role, RosterLine, seed_roster
from voicebot.store import SqlStore

ROOT = Path(__file__).resolve().parent.parent.parent
TENANTS = (TenantId("shop"), TenantId("telecom"))
WORD = "umi no mieru machi"
OPEN, CLOSED = "24x7", "closed"


def content(folder: Path, hours: str = OPEN, times: Mapping[str, float] | None = None, callback: str = "") -> Path:
    """The product's content with opening ``hours`` on every day, other ``times`` and other ``callback`` rules."""
    shutil.copytree(ROOT / "flows", folder / "flows")
    for name in ("models", "nlu_data"):
        (folder / name).symlink_to(ROOT / name)
    for tenant in TENANTS:
        _change(
            folder / "flows" / tenant / "tenant.yml",
            {
                r"(?m)^  (weekdays|weekend): .*$": rf'  \1: "{hours}"',
                r"(public_holidays: \{.*hours: )\"[^\"]*\"": rf'\1"{hours}"',
                r"(?m)^  closed: .*\n": "",
            },
        )
        wanted = {rf"(?m)^  {name}: .*$": f"  {name}: {value:g}" for name, value in (times or {}).items()}
        if callback:
            wanted[r"(?m)^callback: .*$"] = f"callback: {callback}"
        _change(folder / "flows" / tenant / "desk.yml", wanted)
    return folder


def _change(file: Path, wanted: Mapping[str, str]) -> None:
    text = file.read_text()
    for pattern, instead in wanted.items():
        text, count = re.subn(pattern, instead, text)
        assert count, f"{file.name} has nothing like {pattern}"
    file.write_text(text)


def accounts(store_url: str, root: Path) -> None:
    """Everybody on the rosters can sign in with their id in small letters and :data:`WORD`."""

    async def seed() -> None:
        store = await SqlStore.open(store_url, str)
        try:
            roster = [
                RosterLine(agent.id, tenant, agent.name, frozenset(map(Role, agent.roles)), agent.language)
                for tenant in TENANTS
                for agent in load_desk(root / "flows", tenant).agents.values()
            ]
            people = People.on(store, SystemClock(), passwords=Passwords(memory_kib=64, passes=1))
            await seed_roster(people, roster, WORD)
        finally:
            await store.close()

    with ThreadPoolExecutor(1) as own_loop:
        own_loop.submit(asyncio.run, seed()).result()
