"""A small OpenID Connect provider on loopback: real codes, PKCE, and JWTs signed with a real RSA key."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "voicebot-console", "a secret of the tests"


@dataclass
class Person:
    """Who is sitting at the browser, as the provider knows them."""

    sub: str = "subject-1"
    claims: dict[str, Any] = field(default_factory=lambda: {"preferred_username": "aoki", "name": "青木 遥"})


class Provider:
    """Everybody who comes is signed in as ``person``. ``twist`` changes the claims of the next tokens."""

    def __init__(self) -> None:
        self.issuer = ""
        self.person = Person()
        self.twist: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, parameters={"kid": "k1", "use": "sig", "alg": "RS256"})
        self.signing = self.key
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self._codes: dict[str, dict[str, str]] = {}

    def change_key(self, kid: str) -> None:
        """New keys, as providers have now and then."""
        self.key = self.signing = RSAKey.generate_key(2048, parameters={"kid": kid, "use": "sig", "alg": "RS256"})
        self.header = {"alg": "RS256", "kid": kid}

    def authorize(self, url: str) -> str:
        """What a browser at the provider's page is sent back to after signing in there."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, dict[str, Any]]:
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                ends = {name: f"{self.issuer}/{name}" for name in ("authorize", "token", "jwks")}
                return 200, {
                    "issuer": self.issuer,
                    "authorization_endpoint": ends["authorize"],
                    "token_endpoint": ends["token"],
                    "jwks_uri": ends["jwks"],
                }
            case "GET", "/jwks":
                return 200, {"keys": [self.key.as_dict(private=False)]}
            case "POST", "/token":
                return self._token(headers, {name: values[0] for name, values in parse_qs(body).items()})
        return 404, {}

    def _token(self, headers: dict[str, str], given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if headers.get("authorization") != f"Basic {known}":
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(given.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or given["redirect_uri"] != asked["redirect_uri"]
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.person.sub,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person.claims,
            **self.twist,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(self.header, claims, self.signing)
        return 200, {"access_token": "unused", "token_type": "Bearer", "expires_in": 300, "id_token": token}


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """Serve on a free port of this machine."""
    made = Provider()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        status, answer = made.answer(method, path, headers, body.decode())
        sent = json.dumps(answer).encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + sent
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        made.issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made
