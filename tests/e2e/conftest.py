from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.desk_agent import add_accounts
from tests.support.product import RunningProduct, running


@pytest.fixture(scope="session")
def running_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProduct]:
    """The product and its demo back end as processes, ready, shared by the tests that only talk to it."""
    with running(tmp_path_factory.mktemp("product")) as product:
        yield product


@pytest.fixture(scope="session")
def staffed_product(running_product: RunningProduct) -> RunningProduct:
    """The same product with two agents who can sign in."""
    add_accounts(running_product)
    return running_product
