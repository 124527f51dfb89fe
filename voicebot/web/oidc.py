"""Signing in by OpenID Connect: authorization code with PKCE, state bound to the browser, nonce, signed tokens.

What the provider says is used once and not kept; the session that follows is an ordinary one of ours.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Mapping
from typing import Any, cast

import httpx
from authlib.integrations.base_client.errors import OAuthError as ClientError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc6749.errors import OAuth2Error
from fastapi import APIRouter, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.responses import RedirectResponse, Response

from voicebot.clock import Clock
from voicebot.domain import Json, TenantId
from voicebot.errors import BackendError, PeopleError, SettingsError, SignInRefused
from voicebot.people import ClaimRules, Outside, Provider, Role
from voicebot.people.rows import digest
from voicebot.settings import Settings
from voicebot.web.cookies import set_cookie
from voicebot.web.login import safe_next
from voicebot.web.signed_in import COOKIE, people_of, where_of

_log = logging.getLogger(__name__)
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_STATE_COOKIE = "voicebot_oidc"
_CALLBACK = "/oidc/callback"
_LEEWAY_S = 60
_TIMEOUT_S = 10.0
_ROLE_ENTRY = re.compile(r"([^:=]+):(.+)=([a-z]+)")


def provider_of(settings: Settings) -> Provider | None:
    """The identity provider of these settings, if there is one.

    Raises:
        SettingsError: it cannot be used as it is described.
    """
    if not settings.oidc_issuer:
        return None
    roles = {}
    for entry in filter(None, (part.strip() for part in settings.oidc_roles.split(","))):
        match = _ROLE_ENTRY.fullmatch(entry)
        if match is None or match[3] not in tuple(Role):
            raise SettingsError(
                f"VOICEBOT_OIDC_ROLES: {entry!r} cannot be read. Write claim:value=role, for example "
                f"groups:desk-leaders=leader; roles are {', '.join(Role)}."
            )
        roles[(match[1], match[2])] = Role(match[3])
    known = tuple(TenantId(name) for name in settings.tenants)
    named = settings.oidc_tenant or (settings.tenants[0] if len(settings.tenants) == 1 else "")
    claim = named.removeprefix("claim:") if named.startswith("claim:") else ""
    if named and not claim and named not in known:
        raise SettingsError(f"VOICEBOT_OIDC_TENANT names {named}, which VOICEBOT_TENANTS does not.")
    rules = ClaimRules(roles, TenantId(named) if named and not claim else None, claim, known)
    return Provider(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret.get_secret_value(), rules
    )


class Oidc:
    """Talks to the provider. Its addresses and keys are fetched when first needed and again when a key is unknown."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        self.provider, self._clock = provider, clock
        self._found: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    async def address(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser. Raises BackendError."""
        endpoint = str((await self._metadata())["authorization_endpoint"])
        async with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(endpoint, state=state, code_verifier=verifier, nonce=nonce)
        return str(url)

    async def claims(self, redirect_uri: str, code: str, nonce: str, verifier: str) -> dict[str, Json]:
        """Redeem a code; the verified claims of the ID token.

        Raises:
            SignInRefused: the provider refuses the code, or its token is not for this sign-in.
            BackendError: the provider does not answer.
        """
        endpoint = str((await self._metadata())["token_endpoint"])
        async with self._client(redirect_uri) as client:
            try:
                answer = await client.fetch_token(endpoint, code=code, code_verifier=verifier)
            except (ClientError, OAuth2Error) as error:
                raise SignInRefused(f"The identity provider refused the code: {error.error}") from None
            except (httpx.HTTPError, ValueError) as error:
                raise BackendError(f"The identity provider does not answer: {type(error).__name__}") from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused("The identity provider sent no ID token.")
        return await self._verified(token, nonce)

    async def _verified(self, token: str, nonce: str) -> dict[str, Json]:
        """What the token says, if this provider signed it, for us, now, in answer to this sign-in."""
        wanted = {
            "iss": {"essential": True, "value": self.provider.issuer},
            "aud": {"essential": True, "value": self.provider.client_id},
            "nonce": {"essential": True, "value": nonce},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
        }
        try:
            try:
                decoded = jwt.decode(token, await self._key_set(), algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                self._keys = None  # the provider may have changed its keys
                decoded = jwt.decode(token, await self._key_set(), algorithms=_ALGORITHMS)
            now = int(self._clock.now().timestamp())
            jwt.JWTClaimsRegistry(now=now, leeway=_LEEWAY_S, **cast(Any, wanted)).validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise SignInRefused(f"The identity provider's token is not valid here: {type(error).__name__}") from None
        claims = cast(dict[str, Json], decoded.claims)
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.provider.client_id) != self.provider.client_id:
            raise SignInRefused("The identity provider's token was made for somebody else.")
        return claims

    async def _metadata(self) -> Mapping[str, Any]:
        if self._found is None:
            found = await self._get(self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self.provider.issuer:
                raise BackendError("The identity provider calls itself otherwise than VOICEBOT_OIDC_ISSUER.")
            self._found = found
        return self._found

    async def _key_set(self) -> KeySet:
        if self._keys is None:
            self._keys = KeySet.import_key_set(cast(Any, await self._get(str((await self._metadata())["jwks_uri"]))))
        return self._keys

    async def _get(self, url: str) -> Mapping[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
                answer = (await client.get(url)).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise BackendError(f"The identity provider does not answer: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            raise BackendError("The identity provider answers something else than JSON objects.")
        return answer

    def _client(self, redirect_uri: str) -> AsyncOAuth2Client:
        secret = self.provider.client_secret
        return AsyncOAuth2Client(
            self.provider.client_id,
            secret or None,
            scope="openid profile email",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            timeout=_TIMEOUT_S,
        )


def router(oidc: Oidc, outside: Outside, *, cross_site: bool) -> APIRouter:
    """``/oidc/start`` and ``/oidc/callback``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/oidc/start")
    async def start(request: Request) -> Response:
        state, started = await outside.start(safe_next(request.query_params.get("next")))
        try:
            url = await oidc.address(_back(request), state, started.nonce, started.verifier)
        except BackendError as error:
            return _failed(error)
        response = RedirectResponse(url, 303)
        # Lax: the provider sends the browser back with a top-level GET, and a page of another site cannot plant it.
        response.set_cookie(
            _STATE_COOKIE,
            digest(state),
            max_age=600,
            path=_CALLBACK,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="lax",
        )
        return response

    @routes.get(_CALLBACK)
    async def callback(request: Request) -> Response:
        given = request.query_params
        state, kept = given.get("state", ""), request.cookies.get(_STATE_COOKIE, "")
        try:
            if not state or not hmac.compare_digest(digest(state).encode(), kept.encode()):
                raise SignInRefused("This sign-in was begun in another browser.")
            started = await outside.take(state)
            if "error" in given or not given.get("code"):
                raise SignInRefused("The identity provider refused.")
            if given.get("iss", oidc.provider.issuer) != oidc.provider.issuer:
                raise SignInRefused("The answer came from another identity provider.")
            claims = await oidc.claims(_back(request), given["code"], started.nonce, started.verifier)
            begun = await outside.sign_in(claims, oidc.provider.rules, where_of(request), request.cookies.get(COOKIE))
        except (PeopleError, BackendError) as error:
            return _failed(error)
        response = RedirectResponse(started.onward, 303)
        longest_s = int(people_of(request).sessions.rules.longest.total_seconds())
        set_cookie(response, request, begun.secret, longest_s, cross_site=cross_site)
        response.delete_cookie(_STATE_COOKIE, path=_CALLBACK)
        return response

    return routes


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', '')}{_CALLBACK}"


def _failed(error: Exception) -> Response:
    _log.warning("sign-in by the identity provider failed: %s", error)
    response = RedirectResponse("/login?problem=outside", 303)
    response.delete_cookie(_STATE_COOKIE, path=_CALLBACK)
    return response
