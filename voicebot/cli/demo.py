"""``voicebot demo``: the whole product and its demo back end on this machine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from voicebot.cli.serving import serve
from voicebot.settings import Settings
from voicebot.web.product import Product

_console = Console()


def run(settings: Settings) -> int:
    """Start the back end as a process of its own, then serve; both end together."""
    address = urlsplit(settings.actions)
    command = [sys.executable, "-m", "voicebot.demo", "--host", address.hostname or "127.0.0.1"]
    command += ["--port", str(address.port or 80)]
    back_end = subprocess.Popen(command)
    try:
        asyncio.run(_serve(settings))
    except KeyboardInterrupt:
        pass
    finally:
        back_end.terminate()
        try:
            back_end.wait(10)
        except subprocess.TimeoutExpired:
            back_end.kill()
    return 0


async def _serve(settings: Settings) -> None:
    _console.print("Loading models (about ten seconds) ...")
    told: list[asyncio.Task[None]] = []
    await serve(settings, lambda product: told.append(asyncio.create_task(_tell(product))))


async def _tell(product: Product) -> None:
    """Say what to do now."""
    settings = product.settings
    table = Table(title="voicebot is ready", title_justify="left", show_lines=False)
    for column in ("company", "language", "call with any SIP phone", "open in a browser"):
        table.add_column(column)
    for flows in product.content.values():
        tenant = flows.tenant
        for number, what in tenant.sip.items():
            language = what.get("language", tenant.default_language)
            page = f"http://{settings.http}/chat/{tenant.id}?lang={language}"
            phone = f"sip:{number}@{settings.sip}" if settings.sip else "off"
            table.add_row(tenant.brand.get(language, tenant.id), language, phone, page)
    _console.print(table)
    token = await product.tokens.issue(None, "admin")
    _console.print(f"API token: {token}", highlight=False, soft_wrap=True)
    _console.print(
        f"  curl -H 'Authorization: Bearer {token}' http://{settings.http}/api/conversations?tenant="
        f"{next(iter(product.content))}",
        highlight=False,
        soft_wrap=True,
    )
    _console.print("Order A20481137 belongs to phone 090-0000-1111. Stop with Ctrl-C.", highlight=False)
