"""What the telephone side can be told; checked before anything starts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from voicebot.errors import SettingsError

Transport = Literal["udp", "tcp", "tls"]
_USER = re.compile(r"^[^@:;<>\"?\s]+$")
_TRUNK = re.compile(r"^sip:(?P<user>[^@;]+)@(?P<domain>[^;@\s]+)(?:;transport=(?P<transport>udp|tcp|tls))?$")


@dataclass(frozen=True, slots=True)
class SipAccount:
    """A registration at a PBX or trunk. ``registrar`` is the outbound proxy when it is not the domain itself."""

    user: str
    domain: str
    password: str = field(default="", repr=False)
    registrar: str | None = None
    auth_user: str | None = None
    transport: Transport = "udp"
    expires_s: int = 600

    @property
    def name(self) -> str:
        """The address of record, for logs and health."""
        return f"{self.user}@{self.domain}"

    @classmethod
    def parse(cls, text: str, password: str) -> SipAccount:
        """Read ``sip:user@pbx;transport=udp``.

        Raises:
            SettingsError: when it is not of that form.
        """
        match = _TRUNK.match(text)
        if match is None:
            raise SettingsError(f"{text!r} is not a trunk account. Write it as sip:user@pbx.example;transport=udp.")
        transport = match["transport"] or "udp"
        return cls(match["user"], match["domain"], password, transport=transport)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class SipSettings:
    """One listening address and what is answered there.

    ``host`` ``0.0.0.0`` listens on every address of the machine but loopback; ``127.0.0.1`` on loopback alone.
    ``dids``: user parts that are answered, any other gets 404; empty answers all. ``transports``: TLS listens on
    ``port + 1``. ``certificate``: PEM file with certificate and key; without one a self-signed certificate is made at
    start. ``srtp``: ``optional`` encrypts when the caller offers SDES keys. ``max_calls``: the next caller gets 486.
    ``jitter_ms``: bounds of the adaptive jitter buffer. ``rtp_timeout_s``: a caller from whom nothing comes for so long
    counts as gone, 0 never. ``ahead_ms``: sound handed to the native queue ahead of time, so that a busy interpreter
    is not heard.
    """

    host: str = "127.0.0.1"
    port: int = 5060
    transports: tuple[Transport, ...] = ("udp", "tcp")
    dids: tuple[str, ...] = ()
    accounts: tuple[SipAccount, ...] = ()
    certificate: Path | None = None
    verify_ca: Path | None = None
    srtp: Literal["off", "optional", "required"] = "optional"
    codecs: tuple[str, ...] = ("pcmu", "pcma")
    rtp_ports: tuple[int, int] = (20000, 29999)
    max_calls: int = 50
    jitter_ms: tuple[int, int] = (20, 60)
    rtp_timeout_s: int = 60
    ahead_ms: int = 300
    headers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        low, high = self.rtp_ports
        if not 1024 <= low < high <= 65535 or high - low < 4 * self.max_calls:
            raise SettingsError(
                f"RTP ports {low}-{high} do not carry {self.max_calls} calls. Give a range of at least "
                f"{4 * self.max_calls} ports between 1024 and 65535."
            )
        if not 0 <= self.jitter_ms[0] <= self.jitter_ms[1]:
            raise SettingsError(f"The jitter buffer {self.jitter_ms} ms is not a range. Write it as (20, 60).")
        if not 40 <= self.ahead_ms <= 2000:
            raise SettingsError(f"ahead_ms is {self.ahead_ms}; the native queue holds 40 to 2000 ms.")
        for user in self.dids:
            if not _USER.match(user):
                raise SettingsError(f"{user!r} cannot be the user part of a SIP address. Use letters, digits, - . + _.")
        for file in (self.certificate, self.verify_ca):
            if file is not None and not file.is_file():
                raise SettingsError(f"{file} is not there. Give a PEM file with certificate and key.")

    @property
    def any_host(self) -> bool:
        """Listens on every address of the machine but loopback."""
        return self.host in ("", "0.0.0.0", "::", "*")

    @property
    def tls_port(self) -> int:
        """Where TLS is answered."""
        return self.port + 1

    def engine_text(self, certificate: Path | None) -> str:
        """Directives of the native engine that have no field of their own."""
        host = "0.0.0.0" if self.any_host else self.host
        lines = [
            f"sip_listen {f'[{host}]' if ':' in host else host}:{self.port}",
            f"rtp_ports {self.rtp_ports[0]}-{self.rtp_ports[1]}",
            "audio_jitter_buffer_type adaptive",
            f"audio_jitter_buffer_ms {self.jitter_ms[0]}-{self.jitter_ms[1]}",
        ]
        wanted = set(self.transports) | {account.transport for account in self.accounts}
        lines.append(f"sip_transports {','.join(sorted(wanted))}")
        if certificate is not None:
            lines.append(f"sip_certificate {certificate}")
        if self.verify_ca is not None:
            lines += [f"sip_cafile {self.verify_ca}", "sip_verify_server yes"]
        return "\n".join(lines) + "\n"
