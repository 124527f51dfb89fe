"""The chat as a visitor has it: a page of its own, or the widget on somebody's site."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.support.browser import new_page
from tests.support.serve import Running, site

ASKED = {"ja": "ご注文番号をお願いします。", "en": "What's your order number?"}
GREETING = {"ja": "AIの自動応答です", "en": "I'm an automated assistant"}


async def chat_page(browser: Browser, server: Running, lang: str = "en", **options: object) -> Page:
    page = await new_page(browser, lang=lang, **options)  # type: ignore[arg-type]
    await page.goto(f"{server.http}/chat/shop?lang={lang}")
    await expect(page.locator(".line.bot")).to_contain_text(GREETING[lang])
    return page


async def site_with_widget(browser: Browser, server: Running, lang: str = "en", **options: object) -> Page:
    """A page of another origin that has the widget's one line."""
    page = await new_page(browser, lang=lang, **options)  # type: ignore[arg-type]
    html = (
        f"<!doctype html><html lang={lang}><title>Shop</title><style>html{{font-size:40px}}"
        f"*{{color:#700;font-size:40px;letter-spacing:5px;text-transform:uppercase}}</style>"
        f"<main><h1>Shop</h1><a href='#a'>A link</a></main>"
        f"<script src='{server.http}/widget.js' data-tenant=shop data-lang={lang} async></script></html>"
    )
    async with site(html) as address:
        await page.goto(address)
        await expect(page.locator(".launch")).to_be_visible()
    return page


async def say(page: Page, text: str) -> None:
    field = page.locator("textarea")
    await field.fill(text)
    await field.press("Enter")


async def said(page: Page, sender: str) -> list[str]:
    return await page.locator(f".line[data-from={sender}] .text").all_inner_texts()
