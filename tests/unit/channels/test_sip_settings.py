from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from voicebot.channels.sip import SipAccount, SipSettings, write_self_signed
from voicebot.channels.sip.addresses import user_of
from voicebot.errors import SettingsError


@pytest.mark.parametrize(
    ("address", "user"),
    [
        ("sip:shop-ja@127.0.0.1:5060", "shop-ja"),
        ('"Somebody" <sip:%2B81312345678@pbx>;tag=1', "+81312345678"),
        ("<sips:4930123@bot;transport=tls>", "4930123"),
        ("<tel:+441632960000;phone-context=x>", "+441632960000"),
        ("sip:+44163;cpc=ordinary@pbx", "+44163"),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', None),
        ("sip:127.0.0.1", None),
        ("", None),
        (None, None),
    ],
)
def test_user_part(address: str | None, user: str | None) -> None:
    assert user_of(address) == user


def test_trunk_account() -> None:
    account = SipAccount.parse("sip:bot@pbx.example:5080;transport=tcp", "secret word")
    assert (account.user, account.domain, account.transport) == ("bot", "pbx.example:5080", "tcp")
    assert "secret" not in repr(account)
    with pytest.raises(SettingsError, match="Write it as sip:"):
        SipAccount.parse("bot at pbx", "x")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rtp_ports": (20000, 20100)}, "at least 200 ports"),
        ({"dids": ("shop en",)}, "user part"),
        ({"certificate": Path("/nowhere/sip.pem")}, "is not there"),
        ({"jitter_ms": (60, 20)}, "not a range"),
        ({"ahead_ms": 5}, "40 to 2000"),
    ],
)
def test_wrong_settings_say_what_to_do(change: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        SipSettings(**change)  # type: ignore[arg-type]


def test_engine_text_carries_what_matters() -> None:
    text = SipSettings(port=5070, rtp_ports=(21000, 22000), jitter_ms=(20, 80)).engine_text(None)
    assert "sip_listen 127.0.0.1:5070\n" in text
    assert "rtp_ports 21000-22000\n" in text
    assert "audio_jitter_buffer_type adaptive\naudio_jitter_buffer_ms 20-80\n" in text
    assert "0.0.0.0:5060" in SipSettings(host="").engine_text(None)


def test_self_signed_certificate(tmp_path: Path) -> None:
    path = write_self_signed(tmp_path / "sip.pem", "127.0.0.1")
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert path.stat().st_mode & 0o077 == 0
    assert b"PRIVATE KEY" in path.read_bytes()
