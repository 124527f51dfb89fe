"""How fast a customer is answered: from offer to screen, and from the agent's click to sound both ways.

    python -m bench.desk.answering [--chats 10] [--calls 5] [--write]

The whole product (``voicebot serve``, SQLite), one agent at the console in Chromium, visitors at the chat's socket and
a SIP telephone, all on this machine. An offer counts as painted at the second frame that finds its headline in the
page. Half of the calls are taken by a browser that was not asked to allow the microphone before, so that nothing is
ready when the agent clicks. The telephone sends a tone of 1 kHz and the headset bursts of 3 kHz, so that neither is
taken for the bot or its music. ``--write`` keeps the report in ``bench/desk/results/answering.md``.
Targets: 500 ms from frame to picture and from click to sound.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np

from tests.e2e.desk.talks import Case, asks_for_a_person
from tests.e2e.phone.clients import Phone, phone
from tests.support import desk_site
from tests.support.agent_browser import Agent, agent
from tests.support.product import RunningProduct, running
from tests.support.visitor import visitor
from tests.support.waiting import eventually
from voicebot.audio import Pcm

OUT = Path(__file__).parent / "results" / "answering.md"
RATE = 16000
_WATCH = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  window.marks = {};
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (String(data).includes('"type":"offer"') || String(data).includes('"type": "offer"')) window.marks.frame = now();
      });
    }
  };
  const headline = () => [document, ...[...(document.body?.children ?? [])].map((one) => one.shadowRoot)].some((root) => root?.querySelector(".offer[data-offer] .who-line"));
  let shown = 0;
  const look = () => {
    shown = headline() ? shown + 1 : 0;
    if (shown === 2) window.marks.painted = now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  addEventListener("click", (event) => { if (event.composedPath().some((one) => one.classList?.contains("go"))) window.marks.click = now(); }, true);
})();
"""  # noqa: E501
_ASK_FIRST = "navigator.permissions.query = () => Promise.resolve({ state: 'prompt' });"


@dataclass
class Times:
    """Milliseconds of every offer, by what they are of."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    def add(self, what: str, ms: float) -> None:
        """One measurement."""
        self.taken.setdefault(what, []).append(ms)


def tone(hertz: float, seconds: float, on_ms: int = 1000, off_ms: int = 0) -> Pcm:
    """Bursts of a tone that wavers a little, as steady ones are taken for noise."""
    at = np.arange(int(seconds * RATE)) / RATE
    wave = 12000 * np.sin(2 * np.pi * hertz * at + 3 * np.sin(2 * np.pi * 6 * at))
    wave[(at * 1000) % (on_ms + off_ms) >= on_ms] = 0
    return Pcm(wave.astype(np.int16), RATE)


def at_ms(stamp: str) -> float:
    """Milliseconds since the epoch of a time in the log."""
    return datetime.fromisoformat(stamp).timestamp() * 1000


def change_ms(case: Case, change: str) -> float:
    return next(at_ms(event["at"]) for event in case.events("ContactChanged") if event["change"] == change)


def first_high_ms(heard: Pcm, from_ms: float) -> float:
    """Where 20 ms whose sound lies around 3 kHz begin, NaN when nowhere."""
    step = heard.rate // 50
    hertz = np.fft.rfftfreq(step, 1 / heard.rate)
    band = (hertz > 2600) & (hertz < 3400)
    for start in range(int(max(0.0, from_ms) * heard.rate / 1000), len(heard) - step, step // 2):
        power = np.abs(np.fft.rfft(heard.samples[start : start + step].astype(np.float64))) ** 2
        if power.sum() > 1e8 and power[band].sum() > 0.6 * power.sum():
            return start * 1000 / heard.rate
    return float("nan")


async def chats(product: RunningProduct, seat: Agent, count: int, times: Times) -> None:
    """Chats, one after the other."""
    for number in range(count):
        case = Case(product, "shop")
        async with visitor(product, "en") as customer:
            await customer.next_of_bot(await customer.send("agent"))
            if not case.changes():
                await customer.send("just get me someone")
            await taken(product, seat, case, "chat", times)
            await seat.active()
            await seat.press("wrap_up")
            await seat.wrapped("order_answered")
        print(f"chat {number + 1}", flush=True)


async def taken(product: RunningProduct, seat: Agent, case: Case, medium: str, times: Times) -> float:
    """An offer from its making to its acceptance; when the button was clicked, ms since the epoch."""
    await seat.offered()
    await eventually(lambda: seat.page.evaluate("window.marks.painted !== undefined"))
    await seat.accept()
    marks = await seat.page.evaluate("(() => { const all = window.marks; window.marks = {}; return all; })()")
    made = change_ms(case, "offered")
    (sent,) = re.findall(rf"offer of {re.escape(case.contact)} was sent (\d+) ms", product.log())[-1:]
    times.add(f"{medium}: offer to frame sent", float(sent))
    times.add(f"{medium}: frame in the page to painted", marks["painted"] - marks["frame"])
    times.add(f"{medium}: offer to painted", marks["painted"] - made)
    times.add(f"{medium}: click to accepted", change_ms(case, "accepted") - marks["click"])
    return float(marks["click"])


async def calls(product: RunningProduct, seat: Agent, caller: Phone, count: int, times: Times, how: str) -> None:
    """Calls, one after the other."""
    for number in range(count):
        case = Case(product, "shop")
        await asks_for_a_person(caller, product, "shop-en", case)
        await caller.say(tone(1000, 60))
        await seat.page.evaluate("window.headphones.first = null")
        click = await taken(product, seat, case, how, times)
        begun, until_s = float("inf"), time.monotonic() + 4
        while time.monotonic() < until_s:
            begun = min(begun, time.time() * 1000 - caller.heard().ms)
            await asyncio.sleep(0.02)
        await seat.talking()
        joined = at_ms(case.events("PartyJoined")[0]["at"])
        first = await seat.page.evaluate("window.headphones.first")
        high = first_high_ms(caller.heard(), change_ms(case, "accepted") - begun)
        times.add(f"{how}: accepted to joined", joined - change_ms(case, "accepted"))
        times.add(f"{how}: click to joined", joined - click)
        times.add(f"{how}: click to caller heard in the headset", (first or float("nan")) - click)
        times.add(f"{how}: click to agent heard at the telephone", begun + high - click)
        await seat.press("hang_up")
        await caller.event("CALL_CLOSED")
        await seat.wrapped("order_answered")
        print(f"call {number + 1}", flush=True)


async def measure(product: RunningProduct, folder: Path, chat_count: int, call_count: int) -> Times:
    """Everything, on a product that runs."""
    times, says = Times(), tone(3000, 10, 180, 20)
    async with phone(folder / "phone") as caller:
        for count, chatting, how, more in (
            ((call_count + 1) // 2, chat_count, "call, ready", _WATCH),
            (call_count // 2, 0, "call, microphone not allowed before", _WATCH + _ASK_FIRST),
        ):
            async with agent(product.http, "s03", says, folder=folder, pause_s=0, available=False) as seat:
                await seat.page.add_init_script(more)
                await seat.page.reload()
                await seat.page.locator(".presence").first.wait_for()
                await seat.available()
                await chats(product, seat, chatting, times)
                await calls(product, seat, caller, count, times, how)
    return times


def report(times: Times, load: float) -> str:
    """The table."""
    lines = [
        "# Answering: from offer to screen, from click to sound",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), Python "
        f"{platform.python_version()}; server, speech, Chromium and telephone on the same cores; load average "
        f"{load:.1f} at the end.",
        "`python -m bench.desk.answering`. Milliseconds. Targets: 500 from frame to painted and from click to sound.",
        "",
        "| what | median | worst | n |",
        "|---|---|---|---|",
    ]
    for what, all_ms in times.taken.items():
        known = [ms for ms in all_ms if ms == ms]
        shown = f"{median(known):.0f} | {max(known):.0f}" if known else "- | -"
        lines.append(f"| {what} | {shown} | {len(known)} of {len(all_ms)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    wanted = argparse.ArgumentParser(description="from offer to screen, from click to sound")
    wanted.add_argument("--chats", type=int, default=10)
    wanted.add_argument("--calls", type=int, default=5)
    wanted.add_argument("--write", action="store_true", help="keep the report with the results")
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = desk_site.content(folder)
        with running(folder / "data", VOICEBOT_CONTENT=str(root), VOICEBOT_WEBRTC_HOSTS="127.0.0.1") as product:
            desk_site.accounts(f"sqlite+aiosqlite:///{folder / 'data' / 'voicebot.db'}", root)
            times = asyncio.run(measure(product, folder, given.chats, given.calls))
            text = report(times, os.getloadavg()[0])
    if given.write:
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
