"""What browser calls can be told; checked before anything starts."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from voicebot.channels.webrtc.jitter import JitterSettings
from voicebot.errors import SettingsError

_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server, with what it asks for."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = field(default="", repr=False)

    def for_browser(self) -> dict[str, Any]:
        """The shape ``RTCPeerConnection`` takes."""
        shape: dict[str, Any] = {"urls": list(self.urls)}
        if self.username:
            shape |= {"username": self.username, "credential": self.credential}
        return shape


@dataclass(frozen=True, slots=True)
class WebRtcSettings:
    """How browsers reach us.

    ``hosts``: addresses that are offered, empty for those of the machine; ``public=local`` offers the first and listens
    on the second, for machines behind a one-to-one NAT. ``udp_ports``: range to listen in, None for any port.
    ``connect_s``: a caller who is not connected after so long is given up. ``gone_s``: a caller from whom nothing comes
    for so long is gone. ``catch_up_s``: after a longer standstill of ours the clock of what we send is moved instead.
    """

    hosts: tuple[str, ...] = ("127.0.0.1",)
    ice: tuple[IceServer, ...] = ()
    udp_ports: tuple[int, int] | None = None
    max_peers: int = 50
    connect_s: float = 15.0
    gone_s: float = 6.0
    catch_up_s: float = 0.1
    bitrate: int = 28000
    largest_sdp: int = 32 * 1024
    jitter: JitterSettings = field(default_factory=JitterSettings)

    def __post_init__(self) -> None:
        for host in self.hosts:
            for address in host.split("="):
                try:
                    ipaddress.ip_address(address)
                except ValueError:
                    raise SettingsError(
                        f"{host!r} is not an address. Write VOICEBOT_WEBRTC_HOSTS as 192.0.2.7 or public=local, "
                        "several separated by commas."
                    ) from None
        if self.udp_ports is not None:
            low, high = self.udp_ports
            if not 1024 <= low < high <= 65535 or high - low < self.max_peers:
                raise SettingsError(
                    f"The UDP ports {low}-{high} do not carry {self.max_peers} browser calls. "
                    f"Give at least {self.max_peers + 1} ports between 1024 and 65535."
                )
        if not 6000 <= self.bitrate <= 128000:
            raise SettingsError(f"{self.bitrate} bit/s is no speech. Give 24000 to 32000.")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses to listen on."""
        return tuple(host.rpartition("=")[2] for host in self.hosts)

    @property
    def public(self) -> Mapping[str, str]:
        """Local address to the one that is offered in its place."""
        pairs = (host.partition("=") for host in self.hosts)
        return {local: public for public, equals, local in pairs if equals}


def parse_ice(text: str) -> tuple[IceServer, ...]:
    """Read STUN and TURN servers: addresses separated by commas, or JSON as browsers take it.

    Raises:
        SettingsError: when it is neither.
    """
    text = text.strip()
    if not text:
        return ()
    wrong = SettingsError(
        "VOICEBOT_WEBRTC_ICE cannot be used. Write stun:host:3478, or JSON such as "
        '[{"urls": "turn:host:3478", "username": "name", "credential": "password"}].'
    )
    if not text.startswith(("[", "{")):
        urls = [part.strip() for part in text.split(",") if part.strip()]
        if not all(url.startswith(_SCHEMES) for url in urls):
            raise wrong
        return tuple(IceServer((url,)) for url in urls)
    try:
        given = json.loads(text)
        return tuple(_server(one) for one in (given if isinstance(given, list) else [given]))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise wrong from None


def _server(given: Mapping[str, Any]) -> IceServer:
    urls: str | Sequence[str] = given["urls"]
    listed = (urls,) if isinstance(urls, str) else tuple(urls)
    if not listed or not all(isinstance(url, str) and url.startswith(_SCHEMES) for url in listed):
        raise ValueError("urls")
    return IceServer(listed, str(given.get("username", "")), str(given.get("credential", "")))
