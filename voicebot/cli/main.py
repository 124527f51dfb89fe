"""Commands and exit codes: 0 good, 1 found problems, 2 wrong settings or content, 3 a model is missing or wrong."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from voicebot.cli import accounts, assisting, authoring, checking, demo, learning, serving, talking
from voicebot.cli import staffing as staffing_cli
from voicebot.errors import ContentError, ModelError, SettingsError, VoicebotError
from voicebot.people import Role
from voicebot.settings import Settings
from voicebot.speech import Registry
from voicebot.speech.models_cli import fetch_model, list_models, verify_models

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
test_app = typer.Typer(no_args_is_help=True, help="Measure the bot.")
models_app = typer.Typer(no_args_is_help=True, help="Speech models on this machine.")
app.add_typer(test_app, name="test")
app.add_typer(models_app, name="models")
app.add_typer(accounts.app, name="account")

Company = Annotated[str | None, typer.Option("--tenant", "-t", help="Company id; all companies when absent.")]
Lang = Annotated[str | None, typer.Option("--lang", "-l", help="Language, such as ja or en.")]


@app.command()
def serve() -> None:
    """Serve phone, chat and API until stopped (Ctrl-C or SIGTERM drains calls first)."""
    asyncio.run(serving.serve(Settings.load()))


@app.command(name="demo")
def run_demo() -> None:
    """Start the product with its demo back end and say which address to call and which page to open."""
    sys.exit(demo.run(Settings.load()))


@app.command()
def chat(
    tenant: Annotated[str, typer.Option("--tenant", "-t", help="Company id.")] = "",
    lang: Lang = None,
) -> None:
    """Talk to the bot in this terminal. An empty line or Ctrl-D ends the chat."""
    asyncio.run(talking.chat(Settings.load(), tenant or None, lang))


@app.command()
def call(
    wav: Annotated[list[Path], typer.Argument(help="What the caller says: one WAV, or one per turn.", exists=True)],
    did: Annotated[str, typer.Option("--to", help="Dialled number, such as shop-ja.")] = "",
    out: Annotated[Path, typer.Option("--out", "-o", help="What the caller hears.")] = Path("heard.wav"),
) -> None:
    """Run a recorded caller through the whole voice path in real time; print transcript and latencies."""
    asyncio.run(talking.call(Settings.load(), wav, did or None, out))


@app.command()
def lint(tenant: Company = None) -> None:
    """Check training data and flows; every finding names file, line and mend."""
    sys.exit(authoring.lint(Settings.load(), tenant))


class Learner(StrEnum):
    """What is trained."""

    UNDERSTANDING = "understanding"
    CARDS = "cards"


@app.command()
def train(
    tenant: Company = None,
    if_stale: Annotated[bool, typer.Option("--if-stale", help="Only where the data changed.")] = False,
    only: Annotated[Learner | None, typer.Option("--only", help="Only this; both when absent.")] = None,
) -> None:
    """Train the understanding of companies from nlu_data/ and make it live; learn when agents' cards are due."""
    settings = Settings.load()
    if only is not Learner.CARDS:
        authoring.train(settings, tenant, only_stale=if_stale)
    if only is not Learner.UNDERSTANDING:
        learning.learn_cards(settings, authoring.companies(settings, tenant))


@app.command()
def rollback(tenant: Annotated[str, typer.Option("--tenant", "-t", help="Company id.")]) -> None:
    """Make the model live that was live before; a running server takes it over."""
    authoring.rollback(Settings.load(), tenant)


@test_app.command(name="nlu")
def test_nlu(
    tenant: Company = None,
    report: Annotated[Path, typer.Option("--report", help="Folder for the reports.")] = Path("var/reports"),
) -> None:
    """Score understanding on the test lines: per intent, confusions, out of scope; writes an HTML report."""
    authoring.test_nlu(Settings.load(), tenant, report)


@test_app.command(name="assist")
def test_assist(
    tenant: Company = None,
    noise: Annotated[bool, typer.Option("--noise", help="Also with a recogniser's mistakes.")] = False,
) -> None:
    """Score the agents' cards on labelled passages; 1 when precision, recall or restraint miss their targets."""
    sys.exit(asyncio.run(assisting.test_assist(Settings.load(), tenant, noise=noise)))


@app.command()
def check() -> None:
    """Explain what is missing or wrong before you serve, and how to mend it."""
    sys.exit(checking.check())


@app.command()
def token(
    tenant: Company = None,
    role: Annotated[Role, typer.Option(help="What its holder is.")] = Role.AUDITOR,
) -> None:
    """Issue an API token; it is shown once."""
    print(asyncio.run(serving.issue_token(Settings.load(), tenant, role.value)))


@app.command()
def staffing(
    calls: Annotated[float, typer.Option(help="Contacts in the interval.")],
    aht: Annotated[float, typer.Option(help="Mean handling time in seconds, wrap-up included.")],
    interval: Annotated[float, typer.Option(help="Length of the interval in minutes.")] = 30,
    target: Annotated[float, typer.Option(help="Part of contacts answered in time, 0 to 1.")] = 0.8,
    within: Annotated[float, typer.Option(help="In time: within so many seconds.")] = 20,
    patience: Annotated[float | None, typer.Option(help="Mean seconds until callers leave; without: never.")] = None,
    shrinkage: Annotated[float, typer.Option(help="Part of paid time away from the desk, 0 to 1.")] = 0.0,
    max_occupancy: Annotated[float, typer.Option(help="Most that agents may be busy, 0 to 1.")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how many agents an interval takes (Erlang C, or Erlang A with a patience)."""
    staffing_cli.staffing(
        calls=calls,
        aht_s=aht,
        interval_s=interval * 60,
        target=target,
        target_s=within,
        patience_s=patience,
        shrinkage=shrinkage,
        max_occupancy=max_occupancy,
        as_json=as_json,
    )


@models_app.command(name="list")
def models_list() -> None:
    """What can be used, where it is, its size and licence."""
    print("\n".join(list_models(_registry())))


@models_app.command(name="verify")
def models_verify() -> None:
    """Hash every model on this machine."""
    lines, good = verify_models(_registry())
    print("\n".join(lines))
    sys.exit(0 if good else 3)


@models_app.command(name="fetch")
def models_fetch(model: Annotated[str, typer.Argument(help="Model id, as in 'voicebot models list'.")]) -> None:
    """Download a larger model by its pinned revision; needs the internet once."""
    print(f"{model} is at {fetch_model(_registry(), model, print)}")


def _registry() -> Registry:
    return serving.registry(Settings.load())


def main() -> None:
    """Run a command; errors of ours become one clear line and an exit code."""
    try:
        app()
    except ModelError as error:
        _fail(error, 3)
    except (ContentError, SettingsError) as error:
        _fail(error, 2)
    except VoicebotError as error:
        _fail(error, 1)


def _fail(error: VoicebotError, code: int) -> None:
    print(f"voicebot: {error}", file=sys.stderr)
    sys.exit(code)
