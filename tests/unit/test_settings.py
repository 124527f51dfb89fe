"""Settings: bad values are named with what they are for, secrets are masked."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicebot.errors import SettingsError
from voicebot.settings import Settings, split_address
from voicebot.web.parts import speech_settings


def test_every_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_HTTP", "eight thousand")
    monkeypatch.setenv("VOICEBOT_MAX_CALLS", "0")
    monkeypatch.setenv("VOICEBOT_RTP_PORTS", "30000-20000")
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    for name in ("VOICEBOT_HTTP", "VOICEBOT_MAX_CALLS", "VOICEBOT_RTP_PORTS"):
        assert name in str(caught.value)
    assert "for example 127.0.0.1:8000" in str(caught.value)


def test_a_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "my.env"
    file.write_text("VOICEBOT_MAX_CALLS=7\nVOICEBOT_TENANTS=shop\nVOICEBOT_HTTP=127.0.0.1:1\n")
    monkeypatch.setenv("VOICEBOT_SETTINGS", str(file))
    monkeypatch.setenv("VOICEBOT_HTTP", "127.0.0.1:2")
    settings = Settings.load()
    assert (settings.max_calls, settings.tenants, settings.http) == (7, ("shop",), "127.0.0.1:2")


def test_a_named_file_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_SETTINGS", "nowhere.env")
    with pytest.raises(SettingsError, match=r"nowhere\.env"):
        Settings.load()


def test_secrets_are_masked_when_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_SECRET", "open sesame")
    assert "sesame" not in str(Settings.load().shown())


@pytest.mark.parametrize("bad", ["", "host", "host:", ":1", "host:99999", "a:b:c"])
def test_addresses(bad: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        split_address(bad)


def test_remote_speech_is_set_per_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_TRANSCRIBER", "http://127.0.0.1:9000/v1")
    monkeypatch.setenv("VOICEBOT_SYNTHESIZER", "http://127.0.0.1:9001/v1")
    monkeypatch.setenv("VOICEBOT_SYNTHESIZER_VOICES", "ja=nova, en=echo")
    speech = speech_settings(Settings.load())
    assert speech.hear is not None and speech.hear.url == "http://127.0.0.1:9000/v1"
    assert speech.say is not None and dict(speech.say.voices) == {"ja": "nova", "en": "echo"}


def test_voices_without_a_language_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_SYNTHESIZER_VOICES", "nova")
    with pytest.raises(SettingsError, match="ja=alloy"):
        Settings.load()
