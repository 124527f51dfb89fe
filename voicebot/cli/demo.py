"""``voicebot demo``: the whole product and its demo back end on this machine."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from voicebot.cli.serving import serve
from voicebot.clock import Clock, SystemClock
from voicebot.desk.content import load_desk
from voicebot.people import Role, RosterLine, generated_password, seed_roster
from voicebot.settings import Settings
from voicebot.web.chat_links import outbox_file, unheard
from voicebot.web.product import Product

_console = Console()
_LOOK_S = 0.5


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


def shown_here(settings: Settings) -> Settings:
    """The settings of a demonstration: short messages that would reach nobody are read by whoever runs it."""
    if not unheard(settings, SystemClock()):
        return settings
    return settings.model_copy(update={"messages": f"spool:{outbox_file(settings)}"})


async def _serve(settings: Settings) -> None:
    _console.print("Loading models (about ten seconds) ...")
    here = shown_here(settings)
    beside: list[asyncio.Task[None]] = []
    if here is not settings:
        beside.append(asyncio.create_task(show_texts(outbox_file(here), SystemClock(), _print_text)))
    try:
        await serve(here, lambda product: beside.append(asyncio.create_task(_tell(product, here is not settings))))
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


def about_texts(file: Path) -> str:
    """What whoever runs a demonstration has to know of short messages."""
    return (
        "No message gateway is set: texts to callers, such as links into the chat, are printed here and kept in "
        f"{file}; no telephone gets them.\n  Set VOICEBOT_MESSAGES to an https address, or to sms+https:// and an SMS "
        "gateway, before you take real calls. 'voicebot serve' offers no links until then."
    )


async def show_texts(file: Path, clock: Clock, show: Callable[[str, str], None]) -> None:
    """Hand number and words of every short message that is put into the outbox from now on to ``show``."""
    seen = len(await asyncio.to_thread(_after, file, 0))
    while True:
        await clock.sleep(_LOOK_S)
        added = await asyncio.to_thread(_after, file, seen)
        *lines, begun = added.split(b"\n")
        seen += len(added) - len(begun)
        for line in lines:
            message = json.loads(line)
            show(message["to"], message["text"])


def _after(file: Path, seen: int) -> bytes:
    if not file.is_file():
        return b""
    with file.open("rb") as outbox:
        outbox.seek(seen)
        return outbox.read()


def _print_text(number: str, words: str) -> None:
    _console.print(f"\nText to {number}:\n  {words}", highlight=False, soft_wrap=True, markup=False)


async def _tell(product: Product, texts_here: bool) -> None:
    """Say what to do now."""
    settings = product.settings
    _say("[bold]voicebot is ready.[/bold] Call with any SIP phone, or open in a browser:")
    for flows in product.content.values():
        tenant = flows.tenant
        for number, what in tenant.sip.items():
            language = what.get("language", tenant.default_language)
            _say(f"\n  {tenant.brand.get(language, tenant.id)} ({language})")
            if settings.sip:
                _say(f"    sip:{number}@{settings.sip}")
            _say(f"    http://{settings.http}/chat/{tenant.id}?lang={language}")
    token = await product.tokens.issue(None, "admin")
    _say(f"\nAPI token: {token}")
    company = next(iter(product.content))
    _say(f"  curl -H 'Authorization: Bearer {token}' 'http://{settings.http}/api/conversations?tenant={company}'")
    await _accounts(product)
    if texts_here:
        _say(f"\n{about_texts(outbox_file(settings))}")
    _say("\nTry order A20481137; the phone on file ends in 1111. Stop with Ctrl-C.")


async def _accounts(product: Product) -> None:
    """Let everybody whom a company's desk names sign in.

    All under one password of this run; where somebody has made accounts of their own, passwords that are there stay.
    """
    flows = product.settings.content / "flows"
    desks = [load_desk(flows, tenant) for tenant in product.content if (flows / tenant / "desk.yml").is_file()]
    roster = [
        RosterLine(agent.id, desk.tenant, agent.name, frozenset(map(Role, agent.roles)), agent.language)
        for desk in desks
        for agent in desk.agents.values()
    ]
    if not roster:
        return
    roster.append(RosterLine("admin", None, "Administrator", frozenset((Role.ADMIN,))))
    password = generated_password()
    ours = {line.id for line in roster}
    renew = all(person.id in ours for person in await product.people.accounts.list(None, every=True))
    logins = await seed_roster(product.people, roster, password, renew=renew)
    _say(f"\nThe desk: http://{product.settings.http}/desk")
    if not logins:
        _say("  with the accounts that are there; 'voicebot account list' shows them")
        return
    for tenant in (*(desk.tenant for desk in desks), None):
        names = [line.id.lower() for line in roster if line.tenant == tenant and line.id.lower() in logins]
        if names:
            _say(f"  {tenant or 'everything'}: {', '.join(names)}")
    _say(f"  password of all of them, for this run: {password}")


def _say(text: str) -> None:
    _console.print(text, highlight=False, soft_wrap=True)
