"""``voicebot check``: what is missing or wrong, and how to mend it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
from rich.console import Console

from voicebot.cli.serving import registry
from voicebot.clock import SystemClock
from voicebot.errors import VoicebotError
from voicebot.flows import validate
from voicebot.nlu import releases
from voicebot.nlu.lint import Severity, lint
from voicebot.redaction import redact
from voicebot.settings import Settings
from voicebot.speech.models_cli import verify_models
from voicebot.store import SqlStore
from voicebot.web.chat_links import unheard

_console = Console(highlight=False, soft_wrap=True)
Finding = tuple[bool, str]


def check() -> int:
    """Print one line per part; the exit code is 0, or that of the worst part, as ``voicebot serve`` would end with."""
    try:
        settings = Settings.load()
    except VoicebotError as error:
        _console.print(f"[red]no[/red]   settings: {error}")
        return 2
    for name, value in settings.shown().items():
        _console.print(f"     [dim]{name}={value}[/dim]")
    parts: dict[str, tuple[Callable[[Settings], Finding], int]] = {
        "python": (_python, 1),
        "content": (_content, 2),
        "training data": (_training_data, 2),
        "understanding": (_understanding, 1),
        "speech models": (_models, 3),
        "store": (_store, 1),
        "data folder": (_room, 1),
        "action server": (_actions, 1),
        "short messages": (_messages, 2),
    }
    worst = 0
    for name, (test, code) in parts.items():
        try:
            good, text = test(settings)
        except VoicebotError as error:
            good, text = False, str(error)
        worst = worst if good else max(worst, code)
        _console.print(f"{'[green]ok[/green] ' if good else '[red]no[/red] '}  {name}: {text}")
    return worst


def _python(_settings: Settings) -> Finding:
    good = (3, 11) <= sys.version_info < (3, 14)
    return good, sys.version.split()[0] + ("" if good else "; install Python 3.11, 3.12 or 3.13")


def _content(settings: Settings) -> Finding:
    problems = validate(settings.content / "flows")
    if problems:
        return False, f"{len(problems)} problems, the first: {problems[0]} Run 'voicebot lint' for all."
    return True, f"flows of {', '.join(settings.tenants)}"


def _training_data(settings: Settings) -> Finding:
    folders = [settings.content / "nlu_data" / name for name in ("core", *settings.tenants)]
    errors = [finding for finding in lint(folders) if finding.severity is Severity.ERROR]
    if errors:
        first = errors[0]
        place = f"{first.file}:{first.line}" if first.line is not None else str(first.file)
        return (
            False,
            f"{len(errors)} errors, the first: {place}: {first.message} {first.mend} Run 'voicebot lint' for all.",
        )
    return True, "no errors; 'voicebot lint' also tells what could be better"


def _understanding(settings: Settings) -> Finding:
    models = settings.content / "models" / "nlu"
    live = {tenant: releases.current(models, tenant) for tenant in settings.tenants}
    missing = [tenant for tenant, version in live.items() if version is None]
    if missing:
        return False, f"no model for {', '.join(missing)}; run 'voicebot train' ('voicebot serve' does it by itself)"
    return True, ", ".join(f"{tenant} {version}" for tenant, version in live.items())


def _models(settings: Settings) -> Finding:
    lines, good = verify_models(registry(settings))
    bad = [line for line in lines if line.startswith("BAD")]
    return good, "; ".join(bad) or f"{sum(line.startswith('ok') for line in lines)} verified"


def _store(settings: Settings) -> Finding:
    async def open_it() -> None:
        store = await SqlStore.open(settings.store_url, lambda text: redact(text).text)
        await store.ping()
        await store.close()

    asyncio.run(open_it())
    return True, "opens, tables are up to date"


def _room(settings: Settings) -> Finding:
    import shutil

    folder: Path = settings.data
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    good = free > 1_000_000_000
    return good, f"{free / 1e9:.1f} GB free in {folder}" + ("" if good else "; recordings need room, free some")


def _messages(settings: Settings) -> Finding:
    return True, unheard(settings, SystemClock()) or "leave by the gateway that VOICEBOT_MESSAGES names"


def _actions(settings: Settings) -> Finding:
    try:
        answer = httpx.get(f"{settings.actions}/health", timeout=3)
    except httpx.HTTPError as error:
        return False, (
            f"{settings.actions} does not answer ({type(error).__name__}). Start it, or set VOICEBOT_ACTIONS; "
            "callers are handed to a person meanwhile"
        )
    return answer.status_code == 200, f"{settings.actions} answers {answer.status_code}"
