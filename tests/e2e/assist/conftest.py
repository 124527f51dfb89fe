from __future__ import annotations

from tests.e2e.desk.conftest import desk_product, pytest_runtest_makereport

__all__ = ["desk_product", "pytest_runtest_makereport"]
