"""Public intent sets through our recipe unchanged: BANKING77 at 10 lines an intent, CLINC150 with out-of-scope lines.

``python -m bench.nlu.public <folder with banking77/ and clinc150/> [cache file]`` prints a Markdown table. Training
lines are drawn with a fixed seed; the test lines are the sets' own.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from voicebot.domain import EN, TenantId
from voicebot.nlu.corpus import Corpus
from voicebot.nlu.data import OUT_OF_SCOPE, Example, TrainingData
from voicebot.nlu.encoders import EmbeddingCache, standard_encoders
from voicebot.nlu.evaluate import Judged, judge, summarise
from voicebot.nlu.train import build

_NOWHERE = Path("-")


def _read(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _example(row: dict[str, str]) -> Example:
    intent = OUT_OF_SCOPE if row["intent"] == "oos" else row["intent"]
    return Example(row["text"], intent, EN, _NOWHERE, 0, row["text"])


def _draw(examples: list[Example], lines: int, seed: int) -> list[Example]:
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_intent[example.intent].append(example)
    chance = random.Random(seed)
    return [one for intent in sorted(by_intent) for one in chance.sample(by_intent[intent], lines)]


def _false_accepts_at_95(judged: list[Judged]) -> float:
    inside = [one.in_scope for one in judged if one.example.intent != OUT_OF_SCOPE]
    outside = [one.in_scope for one in judged if one.example.intent == OUT_OF_SCOPE]
    return float(np.mean(np.array(outside) >= np.quantile(inside, 0.05)))


def main() -> None:
    """Run both sets and print one line each."""
    root = Path(sys.argv[1])
    encoders = standard_encoders()
    print("| set | lines an intent | accuracy | macro F1 | oos AUROC | oos FPR95 | fit s (embeddings cached) |")
    print("|---|---|---|---|---|---|---|", flush=True)
    with EmbeddingCache(Path(sys.argv[2]) if len(sys.argv) > 2 else None) as cache:

        def run(name: str, lines: str, train: list[Example], test: list[Example]) -> None:
            corpus = Corpus(TenantId("bench"), TrainingData(tuple(train)))
            build(corpus, encoders, cache)
            began = time.monotonic()
            model = build(corpus, encoders, cache)
            took = time.monotonic() - began
            judged = judge(model, test, encoders, cache)
            found = summarise(judged)
            auroc = "" if found.auroc is None else f"{found.auroc:.3f}"
            fpr = "" if found.auroc is None else f"{_false_accepts_at_95(judged) * 100:.1f}"
            print(
                f"| {name} | {lines} | {found.accuracy * 100:.1f} | {found.macro_f1 * 100:.1f} | {auroc} | {fpr} "
                f"| {took:.1f} |",
                flush=True,
            )

        train = [_example(row) for row in _read(root / "banking77" / "train.jsonl.gz")]
        test = [_example(row) for row in _read(root / "banking77" / "test.jsonl.gz")]
        for seed in (0, 1, 2):
            run(f"BANKING77, draw {seed}", "10", _draw(train, 10, seed), test)
        rows = _read(root / "clinc150" / "data_full.jsonl.gz")
        parts = defaultdict(list)
        for row in rows:
            parts[row["split"]].append(_example(row))
        held_out = _draw(parts["test"], 10, 0) + parts["oos_test"]
        few = _draw(parts["train"], 20, 0)
        run("CLINC150, no out-of-scope line", "20", few, held_out)
        run("CLINC150, 100 out-of-scope lines", "20", few + parts["oos_train"], held_out)


if __name__ == "__main__":
    main()
