from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from voicebot.domain import EN, JA, Entity, Language
from voicebot.nlu.entities import ClosedValues, find_entities

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 18)
"""A Wednesday."""

Find = Callable[..., tuple[Entity, ...]]


@pytest.fixture(scope="session")
def closed() -> dict[str, ClosedValues]:
    return {tenant: ClosedValues.load(ROOT / "flows", tenant) for tenant in ("shop", "telecom")}


@pytest.fixture(scope="session")
def find(closed: dict[str, ClosedValues]) -> Find:
    """Entities of a text; Japanese is taken for text with any Japanese in it."""

    def run(
        text: str,
        *expects: str,
        language: Language | None = None,
        country: str | None = None,
        tenant: str = "shop",
        today: date = TODAY,
        alternatives: tuple[str, ...] = (),
    ) -> tuple[Entity, ...]:
        spoken = language or (EN if text.isascii() else JA)
        return find_entities(
            text,
            spoken,
            today=today,
            country=country or ("GB" if spoken == EN else "JP"),
            expects=expects,
            closed=closed[tenant],
            alternatives=alternatives,
        )

    return run


@pytest.fixture(scope="session")
def value(find: Find) -> Callable[..., str | None]:
    """The one value of a name that is not negated; None when there is none."""

    def run(name: str, text: str, *expects: str, **options) -> str | None:
        found = (e for e in find(text, *expects, **options) if e.name == name and not e.negated)
        values = list(dict.fromkeys(entity.value for entity in found))
        assert len(values) <= 1, values
        return values[0] if values else None

    return run
