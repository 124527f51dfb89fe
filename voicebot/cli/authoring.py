"""``voicebot lint``, ``train``, ``rollback`` and ``test nlu``: what trainers and flow authors use."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from voicebot.assist.content import check_assist, load_assist
from voicebot.assist.lines import check_lines
from voicebot.desk.content import check_desk
from voicebot.errors import ModelError, SettingsError
from voicebot.flows import validate
from voicebot.nlu import releases
from voicebot.nlu.cli_nlu import evaluate_command, lint_command, train_command
from voicebot.settings import Settings

_console = Console(highlight=False, soft_wrap=True)


def lint(settings: Settings, tenant: str | None) -> int:
    """Check training data, flows, desks and cards; 2 if any finding is an error."""
    data = settings.content / "nlu_data"
    problems = validate(settings.content / "flows")
    for company in companies(settings, tenant):
        wrong, risky = check_desk(settings.content / "flows", company)
        problems.extend(wrong)
        wrong_cards = check_assist(settings.content / "flows", company)
        problems.extend(wrong_cards or check_lines(data, load_assist(settings.content / "flows", company)))
        for warning in risky:
            _console.print(f"warning: {warning}", markup=False)
    for problem in problems:
        _console.print(str(problem), markup=False)
    lines = lint_command([data / name for name in ("core", *companies(settings, tenant))])
    return 2 if problems else lines


def train(settings: Settings, tenant: str | None, *, only_stale: bool) -> None:
    """Train and make live."""
    status = train_command(
        companies(settings, tenant),
        settings.content / "nlu_data",
        _models(settings),
        flows_dir=settings.content / "flows",
        cache_file=_cache(settings),
        only_stale=only_stale,
    )
    if status:
        sys.exit(status)


def rollback(settings: Settings, tenant: str) -> None:
    """Make the version before live.

    Raises:
        ModelError: there is none.
    """
    before = releases.previous(_models(settings), tenant)
    if before is None:
        raise ModelError(f"{tenant} has no earlier model to go back to.")
    releases.release(_models(settings), tenant, before)
    _console.print(f"{tenant}: {before} is live again; a running server takes it over within seconds.")


def test_nlu(settings: Settings, tenant: str | None, report: Path) -> None:
    """Score the live models on the test lines."""
    report.mkdir(parents=True, exist_ok=True)
    status = evaluate_command(
        companies(settings, tenant),
        settings.content / "nlu_data",
        _models(settings),
        out_dir=report,
        cache_file=_cache(settings),
    )
    if status:
        sys.exit(status)


def companies(settings: Settings, tenant: str | None) -> tuple[str, ...]:
    """The company that was named, or all.

    Raises:
        SettingsError: there is no such company.
    """
    if tenant is not None and tenant not in settings.tenants:
        raise SettingsError(f"There is no company {tenant}. There are: {', '.join(settings.tenants)}.")
    return settings.tenants if tenant is None else (tenant,)


def _models(settings: Settings) -> Path:
    return settings.content / "models" / "nlu"


def _cache(settings: Settings) -> Path:
    settings.data.mkdir(parents=True, exist_ok=True)
    return settings.data / "embeddings.db"
