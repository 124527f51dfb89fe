"""Both companies with their own held-out lines: accuracy, out of scope, FAQ, latency of the service, worker memory.

``python -m bench.nlu.own [cache file]`` trains into a temporary folder and prints Markdown.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from voicebot.domain import Expectation, TenantId
from voicebot.nlu.corpus import read_corpus
from voicebot.nlu.data import ASK_FAQ, read_tenant
from voicebot.nlu.encoders import EmbeddingCache, standard_encoders
from voicebot.nlu.engine import UnderstandingService
from voicebot.nlu.entities import ClosedValues
from voicebot.nlu.evaluate import Summary, judge, report
from voicebot.nlu.model import Model
from voicebot.nlu.text import normalise
from voicebot.nlu.train import build, train
from voicebot.nlu.worker import Company

ROOT = Path(__file__).resolve().parents[2]
COMPANIES = {"shop": "JP", "telecom": "GB"}


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.1f}"


def _row(name: str, s: Summary) -> str:
    figures = (s.accuracy, s.within_two, s.macro_f1, s.false_rejects, s.false_accepts, s.auroc, s.calibration_error)
    return f"| {name} | {s.lines} | " + " | ".join(_percent(figure) for figure in figures) + " |"


def accuracy(models: Path, cache_file: Path | None) -> None:
    """Train and test both; print the table, the weakest intents and the most frequent confusions."""
    encoders = standard_encoders()
    print(
        "| company, language | lines | accuracy | in first two | macro F1 | rejected though in scope "
        "| accepted though out of scope | AUROC | calibration error |"
    )
    print("|---" * 9 + "|")
    notes = []
    with EmbeddingCache(cache_file) as cache:
        for tenant in COMPANIES:
            folder = train(
                tenant,
                ROOT / "nlu_data",
                models,
                flows_dir=ROOT / "flows",
                cache_file=cache_file,
                encoders=encoders,
            )
            model = Model.load(folder, encoders)
            corpus = read_corpus(tenant, ROOT / "nlu_data", ROOT / "flows")
            began = time.monotonic()
            build(corpus, encoders, cache)
            notes.append(
                f"{tenant}: {len(corpus.data.examples)} lines fitted in {time.monotonic() - began:.1f} s (warm)."
            )
            held_out = read_tenant(ROOT / "nlu_data", tenant, held_out=True).checked().examples
            found = report(tenant, model.version, judge(model, held_out, encoders, cache))
            for name, summary in (("all", found.overall), *found.by_language.items()):
                print(_row(f"{tenant}, {name}", summary))
            weak = ", ".join(f"{row.intent} {_percent(row.f1)}" for row in found.intents[:5])
            notes.append(f"{tenant}: weakest intents by F1: {weak}.")
            asked = [example for example in held_out if example.intent == ASK_FAQ]
            odd = [example for example in held_out if example.intent != ASK_FAQ]
            answered = [_best(model, cache, encoders, example) >= 0.5 for example in asked]
            wrong = [_best(model, cache, encoders, example) >= 0.5 for example in odd]
            notes.append(
                f"{tenant}: FAQ: {_percent(float(np.mean(answered)))} % of {len(asked)} FAQ lines and "
                f"{_percent(float(np.mean(wrong)))} % of {len(odd)} others find an entry at 0.5 or more."
            )
    print("\n" + "\n".join(f"- {note}" for note in notes))


def _best(model: Model, cache: EmbeddingCache, encoders, example) -> float:  # type: ignore[no-untyped-def]
    plain = normalise(example.text)
    dense = model.joined(tuple(cache.embed(encoder, [plain])[0] for encoder in encoders))
    found = model.score(plain, dense, example.language).faq
    return found[0].score if found else 0.0


async def latency(models: Path) -> None:
    """One caller at a time and ten at once through the real service."""
    flows = ROOT / "flows"
    companies = [Company(TenantId(name), place, ClosedValues.load(flows, name)) for name, place in COMPANIES.items()]
    service = UnderstandingService(
        models=models,
        companies=companies,
        safety=ROOT / "nlu_data" / "core" / "safety.yml",
        today=lambda tenant: date(2026, 11, 22),
    )
    began = time.monotonic()
    await service.start()
    print(
        f"\n- worker ready in {time.monotonic() - began:.1f} s, {service.memory_bytes / 2**20:.0f} MiB at its highest"
    )

    async def one(tenant: str, example) -> float:  # type: ignore[no-untyped-def]
        start = time.perf_counter()
        await service.understand(
            example.text, tenant=TenantId(tenant), language=example.language, expects=Expectation()
        )
        return (time.perf_counter() - start) * 1000

    for tenant in COMPANIES:
        held_out = read_tenant(ROOT / "nlu_data", tenant, held_out=True).examples
        for language in ("ja", "en"):
            lines = [example for example in held_out if example.language == language][:150]
            alone = [await one(tenant, example) for example in lines]
            p50, p95 = np.percentile(alone, [50, 95])
            print(f"- {tenant}, {language}: understand() alone p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    lines = read_tenant(ROOT / "nlu_data", "shop", held_out=True).examples[:200]
    together: list[float] = []
    for start in range(0, len(lines), 10):
        together += await asyncio.gather(*(one("shop", example) for example in lines[start : start + 10]))
    p50, p95 = np.percentile(together, [50, 95])
    print(f"- ten at once: p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    await service.close()


def main() -> None:
    """Run everything."""
    cache_file = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as folder:
        accuracy(Path(folder), cache_file)
        asyncio.run(latency(Path(folder)))


if __name__ == "__main__":
    main()
