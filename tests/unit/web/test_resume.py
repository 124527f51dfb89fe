from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.channels.resume import ResumeTokens
from voicebot.domain import ConversationId, TenantId
from voicebot.errors import Forbidden, SettingsError

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SHOP, TELECOM = TenantId("shop"), TenantId("telecom")
TOKENS = ResumeTokens(b"0123456789abcdef", lifetime=timedelta(hours=1))
GOOD = TOKENS.issue(ConversationId("c-1"), SHOP, NOW)


def test_a_token_opens_its_conversation() -> None:
    assert TOKENS.read(GOOD, SHOP, NOW + timedelta(minutes=59)) == "c-1"


@pytest.mark.parametrize("tenant", [TELECOM, TenantId(""), TenantId("SHOP")])
def test_not_for_another_company(tenant: TenantId) -> None:
    with pytest.raises(Forbidden):
        TOKENS.read(GOOD, tenant, NOW)


def test_not_after_it_expired() -> None:
    with pytest.raises(Forbidden):
        TOKENS.read(GOOD, SHOP, NOW + timedelta(hours=1))


def test_not_under_another_secret_until_it_is_known() -> None:
    other = ResumeTokens(b"fedcba9876543210")
    with pytest.raises(Forbidden):
        other.read(GOOD, SHOP, NOW)
    rotated = ResumeTokens(b"fedcba9876543210", b"0123456789abcdef")
    assert rotated.read(GOOD, SHOP, NOW) == "c-1"
    assert other.read(rotated.issue(ConversationId("c-2"), SHOP, NOW), SHOP, NOW) == "c-2"


def test_a_changed_payload_is_refused() -> None:
    payload, signature = GOOD.split(".")
    body = json.loads(base64.urlsafe_b64decode(payload + "=="))
    for change in ({"c": "c-2"}, {"t": "telecom"}, {"e": body["e"] + 9999}, {"v": 2}):
        forged = base64.urlsafe_b64encode(json.dumps({**body, **change}).encode()).rstrip(b"=").decode()
        with pytest.raises(Forbidden):
            TOKENS.read(f"{forged}.{signature}", TenantId(str({**body, **change}["t"])), NOW)


@given(st.integers(0, len(GOOD) - 1), st.characters())
def test_any_changed_character_is_refused(place: int, character: str) -> None:
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    if changed == GOOD:
        return
    with pytest.raises(Forbidden):
        TOKENS.read(changed, SHOP, NOW)


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(Forbidden):
        TOKENS.read(text, SHOP, NOW)


def test_a_short_secret_is_refused_with_the_mend() -> None:
    with pytest.raises(SettingsError, match="VOICEBOT_SECRET"):
        ResumeTokens(b"short")
    with pytest.raises(SettingsError):
        ResumeTokens()
