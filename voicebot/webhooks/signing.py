"""Signatures of notices: HMAC-SHA256 over the moment and the body, so that neither can be changed or sent again later.

The header reads ``t=<seconds since 1970>,v1=<hex>``; the signed bytes are ``<t>.<body>``. This is the scheme that
Stripe and others use, so receivers have code for it.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from voicebot.errors import Forbidden

HEADER = "X-Voicebot-Signature"
TOLERANCE_S = 300
_REFUSED = "The signature of this notice is missing, wrong or too old. Check the shared secret and the clock."


def sign(secret: str, body: bytes, at: datetime) -> str:
    """The header's value for a body sent at this moment."""
    moment = int(at.timestamp())
    return f"t={moment},v1={_mac(secret, moment, body)}"


def check(secret: str, body: bytes, header: str | None, now: datetime, tolerance_s: int = TOLERANCE_S) -> None:
    """Verify a notice that came in.

    Raises:
        Forbidden: no header, a wrong signature, or a moment more than ``tolerance_s`` away.
    """
    parts = dict(part.strip().partition("=")[::2] for part in (header or "").split(","))
    moment, given = parts.get("t", ""), parts.get("v1", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        raise Forbidden(_REFUSED)
    if not hmac.compare_digest(_mac(secret, int(moment), body).encode(), given.encode("utf-8", "replace")):
        raise Forbidden(_REFUSED)
    if abs(now.timestamp() - int(moment)) > tolerance_s:
        raise Forbidden(_REFUSED)


def _mac(secret: str, moment: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
