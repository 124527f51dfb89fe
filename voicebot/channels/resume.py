"""Resume tokens: what lets a visitor come back to a chat, and nobody else.

A token is ``payload.signature``; the payload is base64url JSON ``{"v": 1, "c": conversation, "t": tenant, "e": expiry
in seconds since 1970}``, the signature HMAC-SHA256 over it with a key derived for this one purpose. Nothing is stored.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime, timedelta

from voicebot.domain import ConversationId, TenantId
from voicebot.errors import Forbidden, SettingsError

_PURPOSE = b"voicebot chat resume v1"
_MIN_SECRET_BYTES = 16
DEFAULT_LIFETIME = timedelta(hours=24)


class ResumeTokens:
    """Issues and reads tokens. The first secret signs; every secret is accepted, so that one can be rotated out."""

    def __init__(self, *secrets: bytes, lifetime: timedelta = DEFAULT_LIFETIME) -> None:
        if not secrets or any(len(secret) < _MIN_SECRET_BYTES for secret in secrets):
            raise SettingsError(
                f"VOICEBOT_SECRET must have at least {_MIN_SECRET_BYTES} bytes; it signs chat tokens. "
                "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
        self._keys = tuple(hmac.digest(secret, _PURPOSE, hashlib.sha256) for secret in secrets)
        self._lifetime = lifetime

    def issue(self, conversation: ConversationId, tenant: TenantId, now: datetime) -> str:
        """A token for this conversation of this company, good for the lifetime from ``now``."""
        expires = int((now + self._lifetime).timestamp())
        payload = _pack(json.dumps({"v": 1, "c": conversation, "t": tenant, "e": expires}).encode())
        return f"{payload}.{_pack(self._sign(self._keys[0], payload))}"

    def read(self, token: str, tenant: TenantId, now: datetime) -> ConversationId:
        """The conversation a token is for.

        Raises:
            Forbidden: forged, damaged, expired, or issued for another company; all four look alike from outside.
        """
        refused = Forbidden("This chat token cannot be used. Start a new chat.")
        payload, _, signature = token.partition(".")
        given = _unpack(signature)
        if given is None or not any(hmac.compare_digest(self._sign(key, payload), given) for key in self._keys):
            raise refused
        try:
            body = json.loads(_unpack(payload) or b"")
            version, conversation, owner, expires = body["v"], body["c"], body["t"], body["e"]
        except (ValueError, KeyError, TypeError):
            raise refused from None
        if version != 1 or owner != tenant or not isinstance(expires, int) or expires <= now.timestamp():
            raise refused
        return ConversationId(conversation)

    @staticmethod
    def _sign(key: bytes, payload: str) -> bytes:
        return hmac.digest(key, payload.encode("utf-8", "surrogatepass"), hashlib.sha256)


def _pack(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpack(text: str) -> bytes | None:
    """Decode only the one canonical spelling, so that a signature has no second form."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError):
        return None
    return data if _pack(data) == text else None
