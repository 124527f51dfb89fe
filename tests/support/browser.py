"""A real Chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
_ARGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=15_000)
"""As long as a click may take: a busy machine draws late, and a test that holds waits no longer for it."""


def speaking(wav: Path | None, *, allowed: bool = True) -> tuple[str, ...]:
    """Flags of a browser with a made-up microphone: ``wav`` over and over, beeps when None."""
    return (
        "--use-fake-device-for-media-stream",
        *(["--use-fake-ui-for-media-stream"] if allowed else []),
        *([f"--use-file-for-fake-audio-capture={wav}"] if wav is not None else []),
        "--autoplay-policy=no-user-gesture-required",
        "--allow-loopback-in-peer-connection",
        "--force-webrtc-ip-handling-policy=default",
    )


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """A browser without any profile. ``more``: further flags, such as those of :func:`speaking`."""
    if CHROMIUM is None:
        raise RuntimeError("Chromium is missing. Install it: apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=[*_ARGS, *more])
        try:
            yield browser
        finally:
            await browser.close()


async def new_page(
    browser: Browser, *, lang: str = "en", width: int = 1100, height: int = 760, dark: bool = False, zoom: float = 1
) -> Page:
    """A page of a fresh visitor. ``zoom`` 2 is what a 200 % zoomed window of twice the size looks like."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        locale="ja-JP" if lang == "ja" else "en-GB",
        device_scale_factor=zoom,
        timezone_id="Asia/Tokyo",
    )
    context.set_default_timeout(15_000)
    return await context.new_page()
