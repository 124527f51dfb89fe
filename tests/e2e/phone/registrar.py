"""A PBX's door on a plain socket: asks for a digest, keeps contacts, and calls a registered contact.

It speaks RFC 3261 registration and RFC 2617 digest as far as a registrar has to, checked by computation, not by
comparison with the client; it stands in for no product, and Asterisk or kamailio may be put in its place.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from dataclasses import dataclass, field


@dataclass
class Registrar(asyncio.DatagramProtocol):
    """UDP registrar for one realm. ``passwords`` by user; ``contacts`` of those who proved themselves."""

    passwords: dict[str, str]
    realm: str = "pbx"
    contacts: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    port: int = 0
    _nonces: set[str] = field(default_factory=set)
    _transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", self.port))
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode("utf-8", "replace")
        if not text.startswith("REGISTER "):
            return
        head = dict(re.findall(r"^([A-Za-z-]+):\s*(.*?)\r?$", text, re.MULTILINE))
        user = re.search(r"sip:([^@>;]+)@", head["To"])
        assert user is not None and self._transport is not None
        given = dict(re.findall(r'(\w+)="?([^",\s]+)"?', head.get("Authorization", "")))
        if not given:
            status, extra = "401 Unauthorized", self._challenge()
        elif self._proves(user[1], given):
            expires = re.search(r"expires[=:]\s*(\d+)", text, re.IGNORECASE)
            contact = re.search(r"<([^>]+)>", head["Contact"])
            assert contact is not None
            self.contacts[user[1]] = contact[1]
            if expires is not None and int(expires[1]) == 0:
                del self.contacts[user[1]]
            status, extra = "200 OK", f"Contact: {head['Contact']};expires=600\r\n"
        else:
            self.refused.append(user[1])
            status, extra = "403 Forbidden", ""
        answer = (
            f"SIP/2.0 {status}\r\nVia: {head['Via']};received={addr[0]}\r\nFrom: {head['From']}\r\n"
            f"To: {head['To']};tag={secrets.token_hex(4)}\r\nCall-ID: {head['Call-ID']}\r\nCSeq: {head['CSeq']}\r\n"
            f"{extra}Content-Length: 0\r\n\r\n"
        )
        self._transport.sendto(answer.encode(), addr)

    def _challenge(self) -> str:
        nonce = secrets.token_hex(8)
        self._nonces.add(nonce)
        return f'WWW-Authenticate: Digest realm="{self.realm}", nonce="{nonce}", algorithm=MD5, qop="auth"\r\n'

    def _proves(self, user: str, given: dict[str, str]) -> bool:
        def md5(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        if given.get("nonce") not in self._nonces or given.get("username") != user:
            return False
        secret = md5(f"{user}:{self.realm}:{self.passwords.get(user, '')}")
        middle = f"{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}"
        return given["response"] == md5(f"{secret}:{middle}:{md5('REGISTER:' + given['uri'])}")
