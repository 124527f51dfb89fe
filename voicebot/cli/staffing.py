"""``voicebot staffing``: how many agents an interval takes, and what one more or fewer would change."""

from __future__ import annotations

import json
from dataclasses import asdict
from math import isfinite

from rich.console import Console
from rich.table import Table

from voicebot.desk.staffing import Staffed, agents_needed, staffed
from voicebot.errors import SettingsError

_console = Console(highlight=False)
_AROUND = 2


def staffing(
    *,
    calls: float,
    aht_s: float,
    interval_s: float,
    target: float,
    target_s: float,
    patience_s: float | None,
    shrinkage: float,
    max_occupancy: float,
    as_json: bool,
) -> None:
    """Print the answer and its neighbours.

    Raises:
        SettingsError: a number that cannot be.
    """
    try:
        needed = agents_needed(
            calls,
            aht_s,
            target,
            target_s,
            interval_s,
            patience_s=patience_s,
            shrinkage=shrinkage,
            max_occupancy=max_occupancy,
        )
    except ValueError as error:
        raise SettingsError(f"That cannot be planned: {error}.") from error
    if as_json:
        print(json.dumps(asdict(needed)))
        return
    table = Table(title=f"{needed.load_erlangs:.2f} Erlangs; {'Erlang A' if patience_s else 'Erlang C'}")
    for name in ("agents", f"answered in {target_s:g} s", "must wait", "mean wait", "leave", "busy"):
        table.add_column(name, justify="right")
    for agents in range(max(1, needed.agents - _AROUND), needed.agents + _AROUND + 1):
        row = staffed(calls, aht_s, interval_s, agents, target_s, patience_s)
        table.add_row(*_cells(row), style="bold" if agents == needed.agents else "")
    _console.print(table)
    _console.print(f"{needed.agents} at the desk; {needed.rostered} to plan, with {shrinkage:.0%} away from it.")


def _cells(row: Staffed) -> tuple[str, ...]:
    wait = f"{row.mean_wait_s:.1f} s" if isfinite(row.mean_wait_s) else "grows without end"
    shares = (f"{row.abandoned:.1%}", f"{row.occupancy:.1%}")
    return f"{row.agents}", f"{row.service_level:.1%}", f"{row.must_wait:.1%}", wait, *shares
