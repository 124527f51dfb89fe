"""What the demo back end remembers: records per company, who was verified, what was sent, what was booked."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from voicebot.demo.dates import resolve

Record = dict[str, Any]
DATA = Path(__file__).parent / "data"
TENANTS = ("shop", "telecom")
_FIRST_REFERENCE = 5521


@cache
def _read(file: Path) -> Record:
    content: Record = YAML(typ="safe").load(file.read_text("utf-8"))
    return content


class DemoState:
    """All records in memory; with ``path`` every change is also written to that JSON file and read back at start.

    ``now`` gives the present as an aware datetime. ``guides`` are the troubleshooting trees per company.
    """

    def __init__(self, now: Callable[[], datetime], flows_dir: Path, path: Path | None = None) -> None:
        self._now, self._path = now, path
        self._seed: dict[str, Record] = {tenant: _read(DATA / f"{tenant}.yml") for tenant in TENANTS}
        self.guides: dict[str, list[Record]] = {}
        for tenant in TENANTS:
            file = flows_dir / tenant / "troubleshooting.yml"
            self.guides[tenant] = _read(file)["trees"] if file.is_file() else []
        self.data: Record = {}
        if path is not None and path.is_file():
            self.data = json.loads(path.read_text("utf-8"))
        else:
            self.reset()

    def reset(self) -> None:
        """Forget every change and resolve the relative dates anew."""
        self.data = {tenant: resolve(copy.deepcopy(seed), self.now(tenant)) for tenant, seed in self._seed.items()}
        for tenant in TENANTS:
            for table in ("returns", "repairs", "tickets", "callbacks", "payments", "documents"):
                self.data[tenant].setdefault(table, [])
        self.data |= {"outbox": [], "verified": {}, "codes": {}, "failures": {}, "reference": _FIRST_REFERENCE}
        self.save()

    def now(self, tenant: str) -> datetime:
        """The present in the company's time zone."""
        return self._now().astimezone(ZoneInfo(self._seed[tenant]["timezone"]))

    def table(self, tenant: str, name: str) -> list[Record]:
        """The live rows of a table; changing a row changes the state."""
        rows: list[Record] = self.data[tenant][name]
        return rows

    def find(self, tenant: str, table: str, **equal: Any) -> Record | None:
        """The first row whose fields equal these, or None."""
        for row in self.table(tenant, table):
            if all(row.get(field) == value for field, value in equal.items()):
                return row
        return None

    def reference(self, letter: str) -> str:
        """A fresh reference such as ``R-5522``; never given twice before a reset."""
        number: int = self.data["reference"]
        self.data["reference"] = number + 1
        return f"{letter}-{number}"

    def send(self, tenant: str, kind: str, to: str, body: str) -> None:
        """Put a message for a customer's own phone or mailbox into the outbox."""
        at = self.now(tenant).isoformat(timespec="seconds")
        self.data["outbox"].append({"tenant": tenant, "kind": kind, "to": to, "body": body, "at": at})

    def save(self) -> None:
        """Write everything to the JSON file, if there is one, replacing it in one step."""
        if self._path is None:
            return
        draft = self._path.with_suffix(".tmp")
        draft.write_text(json.dumps(self.data, ensure_ascii=False, indent=1), "utf-8")
        os.replace(draft, self._path)
