"""What the SIP headers say of a party: the user part, as dialled or shown."""

from __future__ import annotations

import re
from urllib.parse import unquote

_URI = re.compile(r"(?:sips?:(?P<user>[^@>\s]+)@|tel:(?P<number>[^;>\s]+))", re.IGNORECASE)
_WITHHELD = frozenset({"anonymous", "unavailable", "unknown", "restricted", "private"})


def user_of(address: str | None) -> str | None:
    """User part of a SIP or tel address, with or without a display name; None when there is none or it is withheld.

    >>> user_of('"A" <sip:%2B81312345678@pbx:5060>;tag=1')
    '+81312345678'
    """
    match = _URI.search(address or "")
    if match is None:
        return None
    user = unquote(match["user"] or match["number"]).partition(":")[0].partition(";")[0]
    return None if user.lower() in _WITHHELD or not user else user
