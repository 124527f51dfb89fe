"""Browsers that call: offers in, answers and voice lines out."""

from __future__ import annotations

import logging
import re

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription

from voicebot.channels.line import CallDetails
from voicebot.channels.webrtc.aiortc_inside import KEY_PRESSES, host_addresses, listen_on, receive_packets
from voicebot.channels.webrtc.line import WebRtcLine
from voicebot.channels.webrtc.settings import WebRtcSettings
from voicebot.clock import Clock, SystemClock
from voicebot.errors import BadMessage, ChannelError

log = logging.getLogger("voicebot.webrtc")

_MOST_CANDIDATES = 60
_OPUS = re.compile(r"^a=rtpmap:(\d+) opus/48000/2\r\n", re.MULTILINE | re.IGNORECASE)


class LinesTaken(ChannelError):
    """As many browsers are calling as may."""

    http_status = 503


class WebRtcServer:
    """Answers offers; keeps the lines until nothing is left of them."""

    def __init__(self, settings: WebRtcSettings | None = None, clock: Clock | None = None) -> None:
        self.settings = settings or WebRtcSettings()
        self._clock = clock or SystemClock()
        self._lines: set[WebRtcLine] = set()

    @property
    def calls(self) -> int:
        """Browsers connected or connecting."""
        self._lines = {line for line in self._lines if not line.closed}
        return len(self._lines)

    async def answer(self, sdp: str, details: CallDetails) -> tuple[WebRtcLine, str]:
        """Take an offer. The line connects by itself; :meth:`WebRtcLine.answer` waits for that.

        Raises:
            BadMessage: the offer cannot be used; the text says what to offer.
            LinesTaken: there are too many calls.
        """
        _check(sdp, self.settings.largest_sdp)
        if self.calls >= self.settings.max_peers:
            raise LinesTaken("All lines are taken. Try again in a moment.")
        peer = RTCPeerConnection(RTCConfiguration(iceServers=self._ice()))
        line = WebRtcLine(peer, details, self.settings, self._clock)
        self._lines.add(line)
        try:
            return line, await self._negotiate(peer, line, sdp)
        except BaseException as problem:
            await line.hang_up("offer refused")
            if isinstance(problem, ChannelError) or not isinstance(problem, Exception):
                raise
            log.info("an offer was refused: %s", type(problem).__name__)
            raise BadMessage(
                "The offer cannot be used. Send the SDP of an offer with one audio section that has Opus."
            ) from None

    async def close(self) -> None:
        """End every call."""
        for line in tuple(self._lines):
            await line.hang_up("shutting down")
        self._lines.clear()

    async def _negotiate(self, peer: RTCPeerConnection, line: WebRtcLine, sdp: str) -> str:
        voice = peer.addTransceiver(line.track, direction="sendrecv")
        known = RTCRtpReceiver.getCapabilities("audio")
        assert known is not None
        voice.setCodecPreferences([codec for codec in known.codecs if codec.mimeType in ("audio/opus", KEY_PRESSES)])
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        agreed = voice._codecs
        if not agreed or agreed[0].mimeType != "audio/opus":
            raise BadMessage("The offer has no Opus. Offer opus/48000/2; every browser knows it.")
        line.key_types = frozenset(codec.payloadType or 0 for codec in agreed if codec.mimeType == KEY_PRESSES)
        receive_packets(voice.receiver, line.packet)
        listen_on(peer, self.settings.addresses or host_addresses(), self.settings.udp_ports)
        await peer.setLocalDescription(await peer.createAnswer())
        return self._worded(peer.localDescription.sdp)

    def _worded(self, sdp: str) -> str:
        """Our answer as the browser gets it: what its encoder should do, and addresses as seen from outside."""
        wish = f"minptime=10;useinbandfec=1;stereo=0;maxaveragebitrate={self.settings.bitrate}"
        sdp = _OPUS.sub(rf"\g<0>a=fmtp:\g<1> {wish}\r\n", sdp)
        for local, public in self.settings.public.items():
            sdp = re.sub(rf"(?m)(?<= ){re.escape(local)}(?= |\r?$)", public, sdp)
        return sdp

    def _ice(self) -> list[RTCIceServer]:
        return [
            RTCIceServer(list(server.urls), server.username or None, server.credential or None)
            for server in self.settings.ice
        ]


def _check(sdp: str, largest: int) -> None:
    """Refuse what would cost more than a look. Raises BadMessage."""
    if len(sdp) > largest:
        raise BadMessage(f"The offer is larger than {largest} bytes. Offer one audio section and a data channel.")
    sections = re.findall(r"(?m)^m=(\S+)", sdp)
    if not sdp.startswith("v=0") or sections.count("audio") != 1 or set(sections) - {"audio", "application"}:
        raise BadMessage("The offer needs exactly one audio section; beside it a data channel at most.")
    if len(re.findall(r"(?m)^a=candidate:", sdp)) > _MOST_CANDIDATES:
        raise BadMessage(f"The offer has more than {_MOST_CANDIDATES} candidates. Offer fewer.")
