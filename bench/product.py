"""How soon the product is ready and how much memory it holds, with both companies and languages loaded.

    python -m bench.product

Starts the demo back end and ``voicebot serve`` on free loopback ports, twice: the second start has a warm disk. Writes
``bench/results/product.md``. Memory is the proportional set size (shared pages counted once) and the plain sum of
resident sizes, over every process of the product.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.support.product import RunningProduct, descendants, resident_mb, running

OUT = Path(__file__).parent / "results" / "product.md"
LINES = (
    ("shop", "en", ("where is my order", "A20481137", "1111", "no thanks")),
    ("shop", "ja", ("注文した炊飯器がまだ届きません", "A20481137", "1111", "いいえ、ありがとう")),
    ("telecom", "en", ("my internet is down", "broadband", "SE15 3QF", "yes")),
    ("telecom", "ja", ("請求について聞きたい", "410027781", "はい", "0123")),
)


def resident_sum_mb(pid: int) -> float:
    """Plain sum of resident sizes; counts shared pages once per process."""
    total = 0.0
    for one in descendants(pid):
        try:
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
        total += pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return total


def exercise(product: RunningProduct) -> list[float]:
    """One chat per company and language; seconds of each answer."""
    took = []
    for tenant, language, lines in LINES:
        for line in lines:
            began = time.monotonic()
            body = {"sender": f"bench-{tenant}-{language}", "message": line, "metadata": {"language": language}}
            product.post(f"/t/{tenant}/webhooks/rest/webhook", body)
            took.append(time.monotonic() - began)
    return took


def main() -> None:
    """Measure and write."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first start (models joined, prompts not rendered)", "second start (warm disk)"):
            with running(Path(folder) / "data") as product:
                idle = resident_mb(product.pid)
                took = sorted(exercise(product))
                used = resident_mb(product.pid)
                summed = resident_sum_mb(product.pid)
                count = len(descendants(product.pid))
            rows.append(
                f"| {name} | {product.ready_s:.1f} | {idle:.0f} | {used:.0f} | {summed:.0f} | {count} | "
                f"{took[len(took) // 2] * 1000:.0f} / {took[-1] * 1000:.0f} |"
            )
            print(rows[-1])
    load = os.getloadavg()[0]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(
        f"# The whole product: ready and resident\n\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores "
        f"({platform.machine()}), Python {platform.python_version()}, load average {load:.1f} at the end.\n"
        "Seconds from `voicebot serve` to `/readyz` answering 200; memory of the server and its workers.\n"
        "Targets: 20 s, 2,500 MB.\n\n"
        "| start | ready s | PSS MB idle | PSS MB used | sum of RSS MB | processes | chat answer ms, median / worst |\n"
        "|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
