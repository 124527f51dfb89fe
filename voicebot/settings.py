"""Everything an operator can set, typed, validated at start and printable with its secrets masked.

Values come from environment variables ``VOICEBOT_<NAME>`` and from a ``KEY=value`` file named by
``VOICEBOT_SETTINGS`` (default ``voicebot.env`` in the working directory); the environment wins.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from voicebot.errors import SettingsError

_ADDRESS = re.compile(r"^(?P<host>\[[0-9a-fA-F:]+\]|[^:]+):(?P<port>\d{1,5})$")
_PASSWORD = re.compile(r"(://[^:/@\s]+):[^/@\s]+@")
_HERE = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Typed settings. Paths are relative to the working directory unless absolute."""

    model_config = SettingsConfigDict(env_prefix="VOICEBOT_", extra="ignore", frozen=True)

    http: str = Field("127.0.0.1:8000", description="address of web pages, chat and API, host:port")
    sip: str = Field("127.0.0.1:5060", description="address of the telephone, host:port; empty switches it off")
    sip_tls: bool = Field(False, description="also answer SIP over TLS, on the next port")
    sip_tls_certificate: Path | None = Field(None, description="PEM file with certificate and key; empty: self-signed")
    sip_trunk: str = Field("", description="register here: sip:user@pbx;transport=udp, several separated by blanks")
    sip_trunk_password: SecretStr = Field(SecretStr(""), description="password of the trunk account")
    rtp_ports: str = Field("20000-29999", description="UDP ports for sound, low-high")
    webrtc_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="addresses browsers send sound to, or public=local, separated by commas; empty: this machine's"
    )
    webrtc_ports: str = Field("", description="UDP ports for browser sound, low-high; empty: any")
    webrtc_ice: SecretStr = Field(
        SecretStr(""), description="STUN and TURN servers, addresses or JSON; browsers get it"
    )
    max_calls: int = Field(50, ge=1, le=500, description="calls at once; the next one hears busy (486)")
    store: str = Field("", description="sqlite+aiosqlite:///file or postgresql+psycopg://...; empty: var/voicebot.db")
    data: Path = Field(Path("var"), description="where the store, caches and recordings live")
    content: Path = Field(_HERE, description="folder that holds flows/, nlu_data/ and models/")
    node_url: str = Field(
        "",
        pattern=r"^$|^https?://\S+$",
        description="address of this process for others on the same store; empty: of pages",
    )
    tenants: Annotated[tuple[str, ...], NoDecode] = Field(
        ("shop", "telecom"), description="company ids to serve, separated by commas"
    )
    actions: str = Field("http://127.0.0.1:5055", description="action server (rasa-sdk webhook protocol)")
    actions_timeout_s: float = Field(5.0, gt=0, le=60, description="seconds until an action counts as failed")
    secret: SecretStr = Field(SecretStr(""), description="signs chat tokens; empty: made once, kept in the data folder")
    recordings: bool = Field(True, description="record calls after the notice")
    transcriber: str = Field("whisper-base", description="model id of the recogniser, or an http(s) address")
    synthesizer: str = Field("", description="http(s) address of a remote voice; empty: the packaged voices")
    transcriber_model: str = Field("whisper-1", description="model asked for at a remote recogniser")
    synthesizer_model: str = Field("tts-1", description="model asked for at a remote voice server")
    synthesizer_voices: str = Field("ja=alloy,en=alloy", description="remote voice of each language, lang=voice,...")
    speech_key: SecretStr = Field(SecretStr(""), description="bearer token of remote speech servers")
    models_dir: Path | None = Field(None, description="folder of your own speech models, one sub-folder a model")
    speech_threads: int = Field(2, ge=1, le=64, description="CPU threads of the recogniser")
    prerender: bool = Field(True, description="render the fixed Japanese prompts with the better voice when idle")
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        ("*",), description="web origins that may embed the widget, separated by commas; * for any"
    )
    desk_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="web origins that may show the agents' console in a frame, separated by commas; none if empty"
    )
    session_idle_h: float = Field(12, gt=0, le=168, description="hours without a request until a sign-in ends")
    session_longest_h: float = Field(24, gt=0, le=720, description="hours until a sign-in ends in any case")
    cookie_cross_site: bool = Field(False, description="the console is framed by another site; takes https")
    oidc_issuer: str = Field("", description="identity provider (OpenID Connect), https address; empty: none")
    oidc_client_id: str = Field("", description="our id at the identity provider")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="our secret there; empty for public clients")
    oidc_roles: str = Field("", description="claim:value=role,... for example groups:desk-leaders=leader")
    oidc_tenant: str = Field("", description="company of its people: a company id, or claim:NAME")
    trusted_proxies: str = Field(
        "", description="addresses or networks of reverse proxies that tell the client's address, separated by commas"
    )
    dial: str = Field("", description="address calls are made to, with {number} in it; empty: at the only trunk")
    hold_music: Path | None = Field(None, description="WAV file for customers who wait; empty: our own")
    desk: str = Field(
        "embedded", description="who has the agents: embedded, https://... of an ACD, inbox+https://..., sip:queue@pbx"
    )
    desk_secret: SecretStr = Field(SecretStr(""), description="signs what we and an outside desk tell each other")
    desk_inbox: str = Field("", description="identifier of the API inbox at an inbox desk")
    desk_account: str = Field("", description="account number at an inbox desk")
    desk_token: SecretStr = Field(SecretStr(""), description="API access token at an inbox desk")
    crm: str = Field("", description="http(s) address of customer records; empty: our own")
    crm_secret: SecretStr = Field(SecretStr(""), description="signs requests for customer records")
    public_url: str = Field("", description="our address as customers reach it, for links; empty: http:// and HTTP")
    messages: str = Field(
        "",
        description="short messages go to an https address, sms+https://gateway, or spool:FILE that a program of yours "
        "empties; a plain file, or empty (DATA/messages.jsonl): nobody gets them and callers are offered none",
    )
    messages_secret: SecretStr = Field(SecretStr(""), description="signs posted messages; an SMS gateway's token")
    messages_account: str = Field("", description="account at the SMS gateway")
    messages_sender: str = Field("", description="number or name that short messages come from")
    assist_llm: str = Field(
        "",
        pattern=r"^$|^https?://\S+$",
        description="OpenAI-compatible address, up to /v1, of a model that words summaries; empty: none",
    )
    assist_llm_model: str = Field("", description="model asked for there")
    assist_llm_key: SecretStr = Field(SecretStr(""), description="bearer token there")
    drain_s: float = Field(30.0, ge=0, description="seconds that calls get to finish at shutdown")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="how much is logged")

    @field_validator("http", "sip")
    @classmethod
    def _address(cls, value: str) -> str:
        if value:
            split_address(value)
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("give an address such as https://desk.example.com, without ? and #")
        return value

    @field_validator("synthesizer_voices")
    @classmethod
    def _voices(cls, value: str) -> str:
        if not all(re.fullmatch(r"[a-z]{2,3}=\S+", part.strip()) for part in value.split(",") if part.strip()):
            raise ValueError("write one voice a language, for example ja=alloy,en=echo")
        return value

    @field_validator("rtp_ports", "webrtc_ports")
    @classmethod
    def _ports(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.field_name == "webrtc_ports":
            return value
        low, _, high = value.partition("-")
        if not (low.isdigit() and high.isdigit() and 1024 <= int(low) < int(high) <= 65535):
            raise ValueError("give two ports as low-high, for example 20000-29999")
        return value

    @field_validator("desk_origins")
    @classmethod
    def _named_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+", origin):
                raise ValueError(f"write origins as https://crm.example, not {origin!r}")
        return value

    @field_validator("tenants", "origins", "desk_origins", "webrtc_hosts", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value

    @property
    def store_url(self) -> str:
        """The store's SQLAlchemy address."""
        return self.store or f"sqlite+aiosqlite:///{self.data / 'voicebot.db'}"

    @classmethod
    def load(cls) -> Settings:
        """Read the environment and the settings file.

        Raises:
            SettingsError: naming each setting that cannot be used, what was wrong and what it is for.
        """
        file = Path(os.environ.get("VOICEBOT_SETTINGS", "voicebot.env"))
        if "VOICEBOT_SETTINGS" in os.environ and not file.is_file():
            raise SettingsError(f"VOICEBOT_SETTINGS names {file}, which is not there. Create it or unset the variable.")
        try:
            return cls(_env_file=file if file.is_file() else None)  # type: ignore[call-arg]
        except ValidationError as error:
            lines = []
            for problem in error.errors():
                name = str(problem["loc"][0]) if problem["loc"] else "?"
                field = cls.model_fields.get(name)
                about = f" ({field.description})" if field is not None else ""
                lines.append(f"VOICEBOT_{name.upper()}: {problem['msg']}{about}")
            raise SettingsError("Settings cannot be used:\n  " + "\n  ".join(lines)) from None

    def shown(self) -> dict[str, str]:
        """Every setting as text, secrets masked."""
        return {
            f"VOICEBOT_{name.upper()}": _PASSWORD.sub(r"\1:**********@", str(getattr(self, name)))
            for name in type(self).model_fields
        }


def split_address(value: str) -> tuple[str, int]:
    """Split ``host:port``.

    Raises:
        ValueError: when it is not of that form.
    """
    match = _ADDRESS.match(value)
    if match is None or int(match["port"]) > 65535:
        raise ValueError(f"{value!r} is not an address of the form host:port, for example 127.0.0.1:8000")
    return match["host"].strip("[]"), int(match["port"])
