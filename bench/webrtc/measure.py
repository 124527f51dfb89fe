"""Delay, barge-in and cost of browser calls, with real Chromium pages. ``python -m bench.webrtc.measure``.

Each page sends short tones every 0.8 s and notes, on the clock of its own sound, when they come back through the
server: microphone to speaker, both Opus directions, our jitter buffer and the browser's. Results are written beside.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.support.browser import chromium, new_page, speaking
from tests.support.postgres import free_port

RESULTS = Path(__file__).parent / "results"
_BEGIN = """async () => {
  const { Softphone } = await import("/static/phone/softphone.js");
  const { EchoTest } = await import("/static/check/echo.js");
  const context = new AudioContext({ sampleRate: 48000 });
  const echo = new EchoTest(context);
  await echo.start();
  window.told = [];
  window.lastLoud = 0;
  const phone = new Softphone({
    exchange: async (sdp) => {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch("/api/call/check", { method: "POST", headers, body: JSON.stringify({ sdp }) });
      return (await answer.json()).sdp;
    },
    onMessage: (message) => window.told.push([performance.now(), message]),
  });
  phone.speaker.muted = true;
  Object.assign(window, { phone, echo });
  await phone.start({ stream: echo.stream });
  while (phone.state !== "talking" || !phone.far) await new Promise((done) => setTimeout(done, 20));
  echo.listen(phone.far);
  const meter = context.createScriptProcessor(256, 1, 1);
  meter.onaudioprocess = ({ inputBuffer }) => {
    if (inputBuffer.getChannelData(0).some((sample) => Math.abs(sample) > 0.02)) window.lastLoud = performance.now();
  };
  context.createMediaStreamSource(phone.far).connect(meter).connect(context.destination);
}"""
_BARGE_IN = """async () => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  echo.stop();
  phone.send({ type: "play" });
  await pause(2000);
  const asked = performance.now();
  phone.send({ type: "flush" });
  await pause(1500);
  const flushed = window.told.findLast(([, message]) => message.type === "flushed");
  return { silent_ms: window.lastLoud - asked, told_ms: flushed[0] - asked, dropped_ms: flushed[1].samples / 16 };
}"""
_STATS = """async () => {
  phone.send({ type: "stats" });
  const last = () => window.told.findLast(([, message]) => message.type === "stats");
  while (!last()) await new Promise((done) => setTimeout(done, 50));
  const server = last()[1];
  return { delays: echo.delays, sent: echo.sent.length, browser: await phone.stats(), server };
}"""


@contextmanager
def server(loss: float) -> Any:
    port = free_port()
    command = [sys.executable, "-m", "bench.webrtc.server", "--port", str(port), "--loss", str(loss)]
    process = subprocess.Popen(command)
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(10)


def cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def of(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 1) if ordered else float("nan")


async def measured(sessions: int, loss: float, seconds: float) -> dict[str, Any]:
    """One run: all pages in one browser."""
    with server(loss) as (address, pid):
        async with chromium(*speaking(None), "--disable-features=IntensiveWakeUpThrottling") as browser:
            pages: list[Page] = []
            for _ in range(sessions):
                page = await new_page(browser)
                await page.goto(f"{address}/check?lang=en")
                await page.evaluate(_BEGIN)
                pages.append(page)
            await asyncio.sleep(3)
            before, began = cpu_s(pid), time.monotonic()
            await asyncio.sleep(seconds)
            used = (cpu_s(pid) - before) / (time.monotonic() - began)
            found = [await page.evaluate(_STATS) for page in pages]
            barge = [await pages[0].evaluate(_BARGE_IN) for _ in range(3)]
            memory = rss_mb(pid)
    delays = [delay for one in found for delay in one["delays"]]
    return {
        "sessions": sessions,
        "loss_percent": loss * 100,
        "seconds": seconds,
        "echo_ms": {"p50": of(delays, 0.5), "p95": of(delays, 0.95), "max": of(delays, 1.0), "n": len(delays)},
        "tones_sent": sum(one["sent"] for one in found),
        "server_delay_ms": [one["server"]["delay_ms"] for one in found],
        "server": found[0]["server"],
        "browser_buffer_ms": [one["browser"]["bufferMs"] for one in found],
        "barge_in_silent_ms": [round(one["silent_ms"], 1) for one in barge],
        "barge_in_dropped_ms": [round(one["dropped_ms"]) for one in barge],
        "cpu_percent_of_a_core_each": round(100 * used / sessions, 2),
        "server_rss_mb": memory,
    }


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    seconds = parser.parse_args().seconds
    before = os.getloadavg()[0]
    runs = [await measured(count, loss, seconds) for count, loss in ((1, 0.0), (1, 0.02), (4, 0.0), (4, 0.02))]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "browser-calls.json").write_text(json.dumps(runs, indent=1) + "\n")
    rows = [
        f"| {run['sessions']} | {run['loss_percent']:g} % | {run['echo_ms']['p50']} | {run['echo_ms']['p95']} "
        f"| {max(run['server_delay_ms'])} | {max(run['browser_buffer_ms'])} | {max(run['barge_in_silent_ms'])} "
        f"| {run['cpu_percent_of_a_core_each']} % | {run['server_rss_mb']} |"
        for run in runs
    ]
    head = (
        "| sessions | loss into the server | echo p50 ms | echo p95 ms | waiting in our buffer ms "
        "| waiting in the browser ms | silence after a flush ms | CPU a session | server MB |"
    )
    about = (
        "# Browser calls\n\nReal Chromium on loopback, server in a process of its own, on a machine of "
        f"{os.cpu_count()} cores; {seconds:g} s a run.\nMade by `python -m bench.webrtc.measure` on "
        f"{datetime.now(UTC):%Y-%m-%d}, scheduling policy {os.sched_getscheduler(0)} (0 is the ordinary one), "
        f"load of the machine before the runs {before:.1f}.\n"
    )
    text = "\n".join([about, head, "|" + " --- |" * 9, *rows, ""])
    (RESULTS / "browser-calls.md").write_text(text)
    print(text)


if __name__ == "__main__":
    asyncio.run(main())
