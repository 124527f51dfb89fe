"""An agent as one is: a Chromium of their own with the console open, a headset, and hands for its buttons."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Locator, Page, expect

from tests.support.browser import chromium, new_page, speaking
from tests.support.desk_site import WORD
from tests.support.product import command_line, descendants
from tests.support.waiting import eventually
from voicebot.audio import Pcm, concat, write_wav

RATE = 16000
WITHIN_MS = 30_000

_LISTEN = """
(() => {
  const Real = window.RTCPeerConnection;
  window.headphones = { pcm: [], first: null };
  window.RTCPeerConnection = class extends Real {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", (event) => {
        const stream = event.streams[0] ?? new MediaStream([event.track]);
        const context = new AudioContext({ sampleRate: 16000 });
        const tap = context.createScriptProcessor(1024, 1, 1);
        tap.onaudioprocess = ({ inputBuffer }) => {
          const heard = inputBuffer.getChannelData(0);
          const out = new Int16Array(heard.length);
          for (let at = 0; at < heard.length; at += 1) out[at] = 32767 * heard[at];
          if (window.headphones.first === null && heard.some((one) => Math.abs(one) > 0.01)) {
            window.headphones.first = performance.timeOrigin + performance.now();
          }
          window.headphones.pcm.push(out);
        };
        context.createMediaStreamSource(stream).connect(tap);
        tap.connect(context.destination);
      });
    }
  };
})();
"""
_HEARD = """() => {
  const parts = window.headphones.pcm;
  const all = new Int16Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) { all.set(one, at); at += one.length; }
  const bytes = new Uint8Array(all.buffer);
  let text = "";
  for (let from = 0; from < bytes.length; from += 9999)
    text += String.fromCharCode(...bytes.subarray(from, from + 9999));
  return btoa(text);
}"""

_LOUD = "([from, level]) => headphones.pcm.slice(from).some((part) => part.some((one) => Math.abs(one) > level))"
"""Asked of the page itself: bringing all it has heard over here keeps it from its call."""


@dataclass
class Agent:
    """One agent at the console."""

    login: str
    page: Page
    mark: str
    shots: Path | None = None
    alive: bool = True

    @property
    def offer(self) -> Locator:
        return self.page.locator(".offer[data-offer]").first

    async def available(self) -> None:
        """Ready for contacts, as the server says."""
        if not await self.page.locator(".presence.available").count():  # a return goes on with what one was
            await self.page.locator(".presence .act.primary").click()
        await expect(self.page.locator(".presence.available")).to_be_visible(timeout=WITHIN_MS)

    async def offered(self, within_ms: int = WITHIN_MS) -> str:
        """Wait for an offer with its headline on the screen; what it says."""
        await expect(self.offer.locator(".who-line")).to_be_visible(timeout=within_ms)
        return await self.offer.inner_text()

    async def accept(self) -> None:
        await self.offer.locator(".act.go").click()
        await expect(self.page.locator(".talk")).to_be_visible(timeout=WITHIN_MS)

    async def talking(self) -> None:
        """The headset is in the call."""
        await expect(self.page.locator(".call-status.talking")).to_be_visible(timeout=WITHIN_MS)

    async def active(self) -> None:
        await expect(self.page.locator(".talk[data-state=active]")).to_be_visible(timeout=WITHIN_MS)

    def button(self, key: str) -> Locator:
        """A button of the call by its words' name in the texts."""
        return self.page.locator(".bar, .consult").get_by_role("button", name=self.texts[key], exact=True)

    @property
    def texts(self) -> dict[str, str]:
        return self._texts

    async def press(self, key: str) -> None:
        """Click a button of the call."""
        await self.button(key).click()

    async def turns(self) -> list[tuple[str, str]]:
        """The transcript on the screen: who, what."""
        rows = await self.page.locator(".talk .log .turn").evaluate_all(
            "all => all.map(one => [one.dataset.who ?? '', (one.querySelector('.words') ?? one).innerText.trim()])"
        )
        return [(who, text) for who, text in rows]

    async def parts(self) -> list[str]:
        """The transcript's parts, as they stand below one another."""
        return await self.page.locator(".talk .log .part").all_inner_texts()

    async def reply(self, text: str) -> None:
        """Write to the customer of a chat."""
        field = self.page.locator("#reply")
        await field.fill(text)
        await field.press("Enter")

    async def wrapped(self, code: str, note: str = "") -> None:
        """Finish with a disposition."""
        await self.page.locator("#disposition").select_option(code)
        if note:
            await self.page.locator("#wrapup-note").fill(note)
        await self.page.locator(".wrapup button[type=submit]").click()
        await expect(self.page.locator(".wrapup")).to_have_count(0, timeout=WITHIN_MS)

    async def heard(self) -> Pcm:
        """What came to the headset since the page was loaded."""
        raw = base64.b64decode(await self.page.evaluate(_HEARD))
        return Pcm(np.frombuffer(raw, "<i2").astype(np.int16), RATE)

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A request of this session, with its proof against forgery."""
        script = """async ([method, path, body]) => {
          const session = await (await fetch("/api/session")).json();
          const headers = { "Content-Type": "application/json", "X-CSRF-Token": session.csrf };
          const sent = body === null ? undefined : JSON.stringify(body);
          const answer = await fetch(path, { method, headers, body: sent });
          const text = await answer.text();
          return [answer.status, text ? JSON.parse(text) : null];
        }"""
        status, answer = await self.page.evaluate(script, [method, path, body])
        return status, answer

    async def shot(self, name: str) -> None:
        """Keep what the screen shows, where pictures are kept."""
        if self.shots is not None:
            self.shots.mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=self.shots / f"{name}.png")

    def pids(self) -> list[int]:
        """Processes of this browser, the first one first."""
        marked = [pid for pid in descendants(os.getpid()) if self.mark in command_line(pid)]
        return sorted(marked, key=lambda pid: "--type=" in command_line(pid))

    async def die(self) -> None:
        """The browser is killed, as by a crash: nothing is said to anybody."""
        self.alive = False
        for pid in descendants(self.pids()[0]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def sign_out(self) -> None:
        """Leave, having said so to the server."""
        if self.alive:
            await self.call("DELETE", "/api/session")


async def sign_in(page: Page, address: str, login: str, path: str = "/desk") -> None:
    """By the login page, as people do."""
    await page.goto(f"{address}/login?next={path.replace('/', '%2F')}")
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(WORD)
    await page.locator("form button[type=submit]").click()


@contextlib.asynccontextmanager
async def agent(
    address: str,
    login: str,
    says: Pcm | None = None,
    *,
    lang: str = "en",
    pause_s: float = 6.0,
    folder: Path | None = None,
    path: str = "/desk",
    available: bool = True,
) -> AsyncIterator[Agent]:
    """Somebody signed in whose microphone hears ``says`` and then ``pause_s`` of silence, over and over."""
    mark = f"--seat-of={login}-{secrets.token_hex(4)}"
    shots = Path(os.environ["VOICEBOT_SHOTS"]) if "VOICEBOT_SHOTS" in os.environ else None
    wav = None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        wav = folder / f"{login}-says.wav"
        quiet = Pcm.silence(1000, RATE)
        spoken = quiet if says is None else says.resample(RATE)
        write_wav(wav, concat([spoken, Pcm.silence(pause_s * 1000, RATE)], RATE))
    async with contextlib.AsyncExitStack() as browsers:
        browser = await browsers.enter_async_context(_dying(chromium(*speaking(wav), mark)))
        page = await new_page(browser, lang=lang, width=1360, height=850)
        await page.context.grant_permissions(["microphone"])
        await page.add_init_script(_LISTEN)
        await page.add_init_script(f"localStorage.setItem('voicebot.desk.language', '{lang}')")
        await sign_in(page, address, login, path)
        made = Agent(login, page, mark, shots)
        made._texts = await page.evaluate(f"fetch('/static/texts/desk.{lang}.json').then((one) => one.json())")
        if path == "/desk":
            await expect(page.locator(".presence").first).to_be_visible(timeout=WITHIN_MS)
            if available:
                await made.available()
        try:
            yield made
        finally:
            if made.alive:
                with contextlib.suppress(Exception):
                    await made.sign_out()


@contextlib.asynccontextmanager
async def _dying(browser: Any) -> AsyncIterator[Any]:
    """A browser that may be killed meanwhile."""
    made = await browser.__aenter__()
    try:
        yield made
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(browser.__aexit__(None, None, None), 20)


async def hears_more(agent: Agent, level: int = 1500, within_s: float = 30) -> None:
    """Wait until something louder than ``level`` has come to the headset from now on."""
    start = await agent.page.evaluate("headphones.pcm.length")

    async def loud() -> bool:
        return bool(await agent.page.evaluate(_LOUD, [start, level]))

    await eventually(loud, within_s)
