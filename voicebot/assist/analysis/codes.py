"""``flows/<company>/outcomes.yml``: which disposition codes mean that something was sold, kept or passed on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from voicebot.assist.analysis.talks import Codes
from voicebot.domain import TenantId
from voicebot.flows.source import Reader

FILE = "outcomes.yml"
_KEYS = ("sold", "kept", "escalated")


def load_codes(root: Path, tenant: TenantId, known: Mapping[str, bool | None]) -> Codes:
    """Read and check a company's file; without one nothing is sold, kept or passed on by a code.

    Args:
        root: the folder of all flows.
        tenant: whose.
        known: the company's disposition codes, with what each says of the customer's matter being resolved.

    Raises:
        ContentErrors: an unknown key or code; it names the line and the mend.
    """
    reader = Reader(root)
    node = reader.read(root / tenant / FILE, required=False)
    if node is None:
        return Codes(resolved=known)
    node.only(frozenset(_KEYS), "outcomes.yml")
    named = {key: frozenset(node.texts(key)) for key in _KEYS}
    for key, codes in named.items():
        for code in sorted(codes - known.keys()):
            node.bad(key, f"There is no disposition {code!r}.", "Write a code of desk.yml, or add it there.")
    reader.stop_if_bad()
    return Codes(named["sold"], named["kept"], named["escalated"], known)
