"""Every module is imported and one chat is held, with nothing but the product installed: for other Pythons.

Run as ``python -m tests.support.smoke``; needs trained models (``voicebot train``) and ends with one line.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import voicebot
from tests.support.postgres import free_port
from voicebot.domain import EN, TenantId
from voicebot.settings import Settings
from voicebot.web.app import build

LINES = ("where is my order", "A20481137", "1111", "no thanks, bye")
ENTRY_POINTS = ("voicebot.cli.__main__", "voicebot.demo.__main__", "voicebot.store.migrations")


def import_everything() -> int:
    names = [found.name for found in pkgutil.walk_packages(voicebot.__path__, "voicebot.")]
    names = [name for name in names if not name.startswith(ENTRY_POINTS)]
    for name in names:
        importlib.import_module(name)
    return len(names)


async def chat(actions: str, data: Path) -> list[str]:
    settings = Settings(data=data, actions=actions, recordings=False)
    said: list[str] = []
    async with build(settings) as product:
        await product.warm_text()
        for line in LINES:
            said += [reply.text for reply in await product.desk.exchange(TenantId("shop"), "smoke", line, EN)]
    return said


def main() -> None:
    modules = import_everything()
    port = free_port()
    back_end = subprocess.Popen([sys.executable, "-m", "voicebot.demo", "--host", "127.0.0.1", "--port", str(port)])
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        with tempfile.TemporaryDirectory() as folder:
            said = asyncio.run(chat(f"http://127.0.0.1:{port}", Path(folder)))
    finally:
        back_end.terminate()
        back_end.wait(10)
    if not any("on its way" in text for text in said):
        raise SystemExit(f"smoke: the order was not found: {said}")
    print(f"smoke: Python {sys.version.split()[0]}, {modules} modules imported, chat answered in {len(said)} prompts")


if __name__ == "__main__":
    main()
