"""The ``lint``, ``train`` and ``test nlu`` commands as plain functions; each returns the process's exit status."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from voicebot.domain import EN, Language, TenantId
from voicebot.nlu import releases, report
from voicebot.nlu.corpus import is_stale
from voicebot.nlu.encoders import EmbeddingCache, Encoder, standard_encoders
from voicebot.nlu.evaluate import Evaluation, Summary, evaluate
from voicebot.nlu.features import Float32, joined
from voicebot.nlu.lint import Severity, lint
from voicebot.nlu.train import train

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def lint_command(
    paths: Sequence[Path],
    *,
    entities: frozenset[str] | None = None,
    meanings: bool = False,
    cache_file: Path | None = None,
    console: Console | None = None,
) -> int:
    """Print findings; 2 if any is an error. ``meanings`` also compares lines by their embeddings."""
    out = console or Console()
    if meanings:
        encoders = standard_encoders()
        with EmbeddingCache(cache_file) as cache, Bar(out) as bar:

            def embed(texts: Sequence[str]) -> Float32:
                parts = [cache.embed(encoder, texts, bar.show) for encoder in encoders]
                return joined(parts, [part.mean(axis=0) for part in parts])

            findings = lint(paths, entities=entities, embed=embed)
    else:
        findings = lint(paths, entities=entities)
    for finding in findings:
        place = f"{finding.file}:{finding.line}" if finding.line is not None else str(finding.file)
        colour = _COLOURS[finding.severity]
        text = escape(f"{finding.message} {finding.mend} [{finding.code}]")
        out.print(f"{escape(place)}: [{colour}]{finding.severity}[/]: {text}", soft_wrap=True, highlight=False)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    out.print(f"{len(findings)} findings, {errors} of them errors.", highlight=False)
    return 2 if errors else 0


def train_command(
    tenants: Sequence[TenantId | str],
    data_dir: Path,
    models: Path,
    *,
    flows_dir: Path | None = None,
    cache_file: Path | None = None,
    only_stale: bool = False,
    console: Console | None = None,
) -> int:
    """Train and release; ``only_stale`` leaves alone what is live and made of the data as it is."""
    out = console or Console()
    encoders: tuple[Encoder, ...] = ()
    for tenant in tenants:
        if only_stale and not is_stale(tenant, data_dir, models, flows_dir):
            out.print(f"{tenant}: {releases.current(models, tenant)} is up to date.", highlight=False)
            continue
        began = time.monotonic()
        encoders = encoders or standard_encoders()
        with Bar(out) as bar:
            folder = train(
                tenant,
                data_dir,
                models,
                flows_dir=flows_dir,
                cache_file=cache_file,
                encoders=encoders,
                progress=bar.show,
            )
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        lines = ", ".join(f"{language} {count}" for language, count in manifest["languages"].items())
        accuracy = manifest["scores"]["accuracy"] * 100
        out.print(
            f"{tenant}: {folder.name} is live; {len(manifest['intents'])} intents, lines: {lines}; "
            f"cross-validated accuracy {accuracy:.1f} %; {time.monotonic() - began:.1f} s.",
            highlight=False,
        )
    return 0


def evaluate_command(
    tenants: Sequence[TenantId | str],
    data_dir: Path,
    models: Path,
    *,
    out_dir: Path | None = None,
    language: Language = EN,
    cache_file: Path | None = None,
    console: Console | None = None,
) -> int:
    """Test the live models on the held-out lines; writes ``<tenant>.html`` and ``<tenant>.json`` into ``out_dir``."""
    out = console or Console()
    encoders = standard_encoders()
    for tenant in tenants:
        folder = releases.folder_of(models, tenant, releases.current(models, tenant) or "")
        with EmbeddingCache(cache_file) as cache, Bar(out) as bar:
            found = evaluate(tenant, data_dir, folder, encoders, cache, bar.show)
        out.print(_table(found))
        for confusion in found.confusions[:10]:
            first = confusion.lines[0].example
            out.print(
                f"{len(confusion.lines)}x {confusion.truth} taken for {confusion.guess}: "
                + escape(f"{first.text} ({first.file}:{first.line})"),
                highlight=False,
                soft_wrap=True,
            )
        if out_dir is not None:
            page = report.write(found, out_dir / f"{tenant}.html", language)
            data = out_dir / f"{tenant}.json"
            data.write_text(json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
            out.print(f"Report: {page}", highlight=False, soft_wrap=True)
    return 0


def _table(found: Evaluation) -> Table:
    table = Table(title=f"{found.tenant} ({found.model})")
    for heading in ("", "lines", "accuracy", "first two", "macro F1", "rejected in scope", "accepted oos", "AUROC"):
        table.add_column(heading, justify="right" if heading else "left")
    rows: list[tuple[str, Summary]] = [("all", found.overall), *found.by_language.items()]
    for name, summary in rows:
        figures = (
            summary.accuracy,
            summary.within_two,
            summary.macro_f1,
            summary.false_rejects,
            summary.false_accepts,
            summary.auroc,
        )
        table.add_row(name, str(summary.lines), *("–" if f is None else f"{f * 100:.1f}" for f in figures))
    return table


class Bar:
    """A progress bar fed by ``(what, done, total)``."""

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("reading", total=None)

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, what: str, done: int, total: int) -> None:
        """Show where the work stands."""
        self._bar.update(self._task, description=what, completed=done, total=total)
