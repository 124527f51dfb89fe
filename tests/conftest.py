"""Fixtures that several parts share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL for this run of the suite."""
    with postgres.cluster() as url:
        yield url
