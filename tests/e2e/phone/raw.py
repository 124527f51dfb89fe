"""A SIP caller on plain sockets, for what real phones never send."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import socket

from tests.e2e.phone.clients import rtp_packet


class RawCaller:
    """One UDP dialog. ``log`` holds every message received."""

    def __init__(self, server: tuple[str, int], did: str) -> None:
        self.server = server
        self.did = did
        self.sip = self._socket()
        self.rtp = self._socket()
        self.call_id = f"{secrets.token_hex(6)}@raw"
        self.tag = secrets.token_hex(4)
        self.branch = self.new_branch()
        self.to_tag = ""
        self.log: list[str] = []
        self.bot_rtp: tuple[str, int] | None = None
        self.seq = 100

    @staticmethod
    def _socket() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        return made

    @staticmethod
    def new_branch() -> str:
        return f"z9hG4bK{secrets.token_hex(6)}"

    def close(self) -> None:
        self.sip.close()
        self.rtp.close()

    def sdp(self, direction: str = "sendrecv", version: int = 1) -> str:
        port = self.rtp.getsockname()[1]
        lines = [
            "v=0",
            f"o=- 1 {version} IN IP4 127.0.0.1",
            "s=-",
            "c=IN IP4 127.0.0.1",
            "t=0 0",
            f"m=audio {port} RTP/AVP 0 101",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:101 telephone-event/8000",
            f"a={direction}",
        ]
        return "\r\n".join(lines) + "\r\n"

    def request(
        self, method: str, cseq: int = 1, *, body: str = "", branch: str = "", to_tag: str | None = None
    ) -> bytes:
        port = self.sip.getsockname()[1]
        tag = self.to_tag if to_tag is None else to_tag
        lines = [
            f"{method} sip:{self.did}@{self.server[0]}:{self.server[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch={branch or self.branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:+4420@127.0.0.1:{port}>;tag={self.tag}",
            f"To: <sip:{self.did}@{self.server[0]}:{self.server[1]}>" + (f";tag={tag}" if tag else ""),
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:raw@127.0.0.1:{port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def send(self, message: bytes) -> None:
        self.sip.sendto(message, self.server)

    async def until(self, start: str, timeout_s: float = 10.0) -> str:
        """The next message that begins so. Fails with what came instead."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    text = (await loop.sock_recv(self.sip, 65536)).decode("utf-8", "replace")
                    self.log.append(text)
                    if text.startswith(start):
                        return text
        except TimeoutError:
            raise AssertionError(f"no {start!r}; came: {[line.splitlines()[0] for line in self.log]}") from None

    async def collect(self, seconds: float) -> list[str]:
        """Every message of the next seconds."""
        seen: list[str] = []
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    seen.append((await loop.sock_recv(self.sip, 65536)).decode("utf-8", "replace"))
        self.log += seen
        return seen

    async def call(self) -> None:
        """INVITE and ACK."""
        self.send(self.request("INVITE", body=self.sdp()))
        self.take(await self.until("SIP/2.0 200"))

    def take(self, answer: str) -> None:
        """Acknowledge a 200 to INVITE."""
        found = re.search(r"^To:.*?;tag=([^\s;]+)", answer, re.MULTILINE | re.IGNORECASE)
        assert found is not None
        self.to_tag = found[1]
        media = re.search(r"^m=audio (\d+)", answer, re.MULTILINE)
        if media is not None:
            self.bot_rtp = ("127.0.0.1", int(media[1]))
        cseq = re.search(r"^CSeq: (\d+)", answer, re.MULTILINE | re.IGNORECASE)
        assert cseq is not None
        self.send(self.request("ACK", int(cseq[1]), branch=self.new_branch()))

    async def bye(self, cseq: int = 9) -> None:
        self.send(self.request("BYE", cseq, branch=self.new_branch()))
        await self.until("SIP/2.0 200")

    def media(self, kind: int, stamp: int, payload: bytes, *, marker: bool = False) -> None:
        """Send one RTP packet with the next sequence number."""
        assert self.bot_rtp is not None
        self.seq += 1
        self.rtp.sendto(rtp_packet(kind, self.seq, stamp, payload, marker=marker), self.bot_rtp)

    def key(self, digit: str, stamp: int, *, end: bool = True, start: bool = True) -> None:
        """One RFC 4733 key press as gateways send it: the first packet three times, the last three times."""
        code = "0123456789*#ABCD".index(digit)
        for index in range(3 if start else 0):
            self.media(101, stamp, bytes([code, 10, 0, 160]), marker=index == 0)
        for _ in range(3 if end else 0):
            self.media(101, stamp, bytes([code, 0x80 | 10, 3, 32]))
