from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.e2e.desk.talks import in_short
from tests.e2e.phone.clients import free_port
from tests.support import desk_site
from tests.support.product import RunningProduct, running

CUSTOMER_PORT = free_port(2)
"""Where customers are rung back."""


@pytest.fixture(scope="package")
def desk_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProduct]:
    """The product with its desk staffed around the clock, shared by these tests."""
    folder = tmp_path_factory.mktemp("desk")
    root = desk_site.content(
        folder, callback='{attempts: 3, spacing_min: [0.1, 0.1], calling_hours: "24x7", ring_s: 8}'
    )
    with running(
        folder / "data",
        VOICEBOT_CONTENT=str(root),
        VOICEBOT_DIAL=f"sip:{{number}}@127.0.0.1:{CUSTOMER_PORT}",
        VOICEBOT_WEBRTC_HOSTS="127.0.0.1",
    ) as product:
        desk_site.accounts(f"sqlite+aiosqlite:///{folder / 'data' / 'voicebot.db'}", root)
        yield product


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failure comes with what the product wrote down meanwhile."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    given = getattr(item, "funcargs", {})
    product = given.get("desk_product") or given.get("closed_product")
    if "pair" in given:
        product = given["pair"].here
    if report.when == "call" and report.failed and product is not None:
        began = datetime.fromtimestamp(call.start, UTC).isoformat()
        for tenant in desk_site.TENANTS:
            for row in product.conversations(tenant):
                if row["started_at"] >= began:
                    report.sections.append((f"{tenant} {row['id']}", in_short(product.events(row["id"]))))
        report.sections.append(("log of the server", product.log()[-3000:]))
