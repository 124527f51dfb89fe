"""The companies' own models on requests as recognisers write them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from voicebot.domain import Expectation, Language, Source, TenantId, Understanding
from voicebot.nlu import releases
from voicebot.nlu.corpus import is_stale
from voicebot.nlu.entities import ClosedValues
from voicebot.nlu.safety import SafetyScreen
from voicebot.nlu.train import train
from voicebot.nlu.worker import Company, Interpreter, Question

ROOT = Path(__file__).parents[3]
SLIPS = YAML(typ="safe").load(Path(__file__).with_name("spoken_slips.yml").read_text("utf-8"))
COUNTRY = {"shop": "JP", "telecom": "GB"}
FAQ_BORDER = 0.5


class Ear:
    """Understands spoken lines with the models made of the data as it is."""

    def __init__(self, models: Path, encoders) -> None:
        self._models = models
        self._interpreter = Interpreter(SafetyScreen.load(ROOT / "nlu_data" / "core" / "safety.yml"), encoders)
        self._companies = {
            name: Company(TenantId(name), country, ClosedValues.load(ROOT / "flows", name))
            for name, country in COUNTRY.items()
        }

    def hear(self, tenant: str, language: str, text: str) -> Understanding:
        folder = releases.folder_of(self._models, tenant, releases.current(self._models, tenant) or "")
        asked = Question(
            text,
            self._companies[tenant],
            folder,
            Language(language),
            Expectation(),
            Source.SPEECH,
            (),
            date(2026, 11, 22),
        )
        return self._interpreter.understand(asked)


@pytest.fixture(scope="module")
def ear(encoders) -> Ear:
    """Released models when they are current, else trained beside them."""
    released, own, flows = ROOT / "models" / "nlu", ROOT / "var" / "scenario-models", ROOT / "flows"
    stale = [name for name in COUNTRY if is_stale(name, ROOT / "nlu_data", released, flows, encoders)]
    for name in COUNTRY if stale else ():
        train(
            name,
            ROOT / "nlu_data",
            own,
            flows_dir=flows,
            cache_file=ROOT / "var" / "embeddings.db",
            encoders=encoders,
        )
    return Ear(own if stale else released, encoders)


def test_there_are_enough_lines_and_none_is_trained_on() -> None:
    for language in ("en", "ja"):
        lines = [row["text"] for tenant in SLIPS.values() for row in tenant[language]]
        assert len(set(lines)) >= 40
        trained = {
            line.strip().removeprefix("- ")
            for file in (ROOT / "nlu_data").glob(f"*/{language}/nlu.yml")
            for line in file.read_text("utf-8").splitlines()
        }
        assert not trained & set(lines)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_spoken_slips_are_understood(ear: Ear, language: str) -> None:
    rows = [(tenant, row["text"], row["intent"]) for tenant in SLIPS for row in SLIPS[tenant][language]]
    wrong = [
        (tenant, text, intent, found.intent)
        for tenant, text, intent in rows
        if (found := ear.hear(tenant, language, text)).intent != intent
    ]
    assert len(wrong) <= 0.15 * len(rows), wrong


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "And I, where is my rice cooker?"),
        ("en", "I'm high where's my rice cooker"),
        ("en", "Amphai, where is my order"),
        ("ja", "あのお水晩機がまだ届かないんですけど。"),
        ("ja", "注文した炊飯器まだ届かない"),
    ],
)
def test_a_slip_in_front_does_not_hide_the_request(ear: Ear, language: str, text: str) -> None:
    found = ear.hear("shop", language, text)
    assert (found.intent, found.confidence >= 0.5, found.in_scope >= 0.02) == ("order_status", True, True)
    assert all(hit.score < FAQ_BORDER for hit in found.faq)


@pytest.mark.parametrize(
    ("tenant", "language", "text", "entry"),
    [
        ("shop", "en", "how do I set the timer on the rice cooker", "kr30_timer"),
        ("shop", "en", "when do points run out", "points"),
        ("shop", "ja", "返品の送料は誰が払いますか", "return_policy"),
        ("telecom", "en", "what do the lights on the hub mean", "lights"),
        ("telecom", "ja", "点字の請求書はありますか", "accessible"),
    ],
)
def test_questions_still_find_their_answer(ear: Ear, tenant: str, language: str, text: str, entry: str) -> None:
    best = ear.hear(tenant, language, text).faq[0]
    assert (best.id, best.score >= FAQ_BORDER) == (entry, True)
