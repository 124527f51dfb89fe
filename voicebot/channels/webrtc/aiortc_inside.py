"""Everything that reaches into aiortc and aioice, in one place, for the versions it was written for.

- Their audio jitter buffer is fixed (16 packets, a gap stops everything until they have piled up) and cannot be chosen:
  :func:`receive_packets` puts ours in its place, for one receiver.
- aioice leaves loopback out and takes any free port: :func:`listen_on` makes the host candidates itself.
- Key presses (RFC 4733) are not among the codecs: they are added, so that browsers may send them.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Sequence
from random import randrange
from typing import Any, Protocol

import aioice.ice
from aiortc import RTCPeerConnection, RTCRtpReceiver
from aiortc.codecs import CODECS
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

_WRITTEN_FOR = {"aiortc": "1.16.0", "aioice": "0.13.0"}
for _name, _version in _WRITTEN_FOR.items():
    if importlib.metadata.version(_name) != _version:
        raise ImportError(
            f"Browser calls reach into {_name} and know version {_version}, not {importlib.metadata.version(_name)}. "
            f"Install {_name}=={_version}."
        )

KEY_PRESSES = "audio/telephone-event"
_TRIES = 50


class Packet(Protocol):
    """An RTP packet of aiortc, as far as we look at it."""

    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes


class PacketTaker(Protocol):
    """Takes packets as they arrive."""

    def __call__(self, packet: Packet) -> None:
        """One packet, of any negotiated kind."""
        ...


class _PassedOn:
    """Has the shape of aiortc's jitter buffer and keeps nothing."""

    def __init__(self, take: PacketTaker) -> None:
        self._take = take

    def add(self, packet: Packet) -> tuple[bool, None]:
        self._take(packet)
        return False, None


def receive_packets(receiver: RTCRtpReceiver, take: PacketTaker) -> None:
    """Hand every RTP packet of this receiver to ``take``; statistics and reports stay aiortc's."""
    assert hasattr(receiver, "_RTCRtpReceiver__jitter_buffer")
    receiver._RTCRtpReceiver__jitter_buffer = _PassedOn(take)


def listen_on(peer: RTCPeerConnection, addresses: Sequence[str], ports: tuple[int, int] | None) -> None:
    """Gather host candidates on these addresses and ports only; between the two descriptions."""
    transports = {transceiver.receiver.transport.transport for transceiver in peer.getTransceivers()}
    if peer.sctp is not None:
        transports.add(peer.sctp.transport.transport)
    for transport in transports:
        _listen_on(transport.iceGatherer._connection, addresses, ports)


def host_addresses() -> list[str]:
    """The machine's addresses as aioice finds them; loopback where there is no other."""
    found = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    return found or ["127.0.0.1"]


def _listen_on(connection: Any, addresses: Sequence[str], ports: tuple[int, int] | None) -> None:
    original, own = connection.get_component_candidates, list(addresses)

    async def gather(component: int, **_: Any) -> list[Any]:
        if ports is None:
            return list(await original(component=component, addresses=own))
        return [*await _hosts(connection, component, own, ports), *await original(component=component, addresses=[])]

    connection.get_component_candidates = gather


async def _hosts(connection: Any, component: int, addresses: Sequence[str], ports: tuple[int, int]) -> list[Any]:
    """Host candidates in a range of ports (aioice binds to port 0 only). Without server-reflexive ones."""
    loop = asyncio.get_running_loop()
    found = []
    for address in addresses:
        for _ in range(_TRIES):
            try:
                _, protocol = await loop.create_datagram_endpoint(
                    lambda: aioice.ice.StunProtocol(connection),
                    local_addr=(address, randrange(ports[0], ports[1] + 1)),
                )
            except OSError:
                continue
            host, port = protocol.transport.get_extra_info("sockname")[:2]
            protocol.local_candidate = aioice.Candidate(
                foundation=aioice.candidate.candidate_foundation("host", "udp", host),
                component=component,
                transport="udp",
                priority=aioice.candidate.candidate_priority(component, "host"),
                host=host,
                port=port,
                type="host",
            )
            connection._protocols.append(protocol)
            found.append(protocol.local_candidate)
            break
    return found


def _add_key_presses() -> None:
    for rate, kind in ((48000, 100), (8000, 101)):
        if not any(codec.mimeType == KEY_PRESSES and codec.clockRate == rate for codec in CODECS["audio"]):
            CODECS["audio"].append(
                RTCRtpCodecParameters(mimeType=KEY_PRESSES, clockRate=rate, channels=1, payloadType=kind)
            )


_add_key_presses()
