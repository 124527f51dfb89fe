"""Commands for a call that another process holds: sent there by HTTP, signed, and taken once.

Processes that share a store share ``VOICEBOT_SECRET``. The signature is HMAC-SHA256 over method, path, time, nonce and
the body's SHA-256; it is good for 30 s and its nonce for one use.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import httpx

from voicebot.clock import Clock
from voicebot.domain import ConversationId
from voicebot.errors import BackendError, ChannelError, NotFound, VoicebotError
from voicebot.web.desk.commands import COMMAND, Command, Outcome, Refer
from voicebot.web.desk.ports import DeskPorts
from voicebot.web.desk.switchboard import Switchboard
from voicebot.web.problems import Problem

_log = logging.getLogger(__name__)
WINDOW_S = 30.0
_NONCES = 100_000
_FORWARD_S = 8.0
_REFER_S = 65.0
_PURPOSE = b"voicebot node commands v1"


def address_of(conversation: ConversationId) -> str:
    """Where a process takes commands for its calls."""
    return f"/api/node/calls/{conversation}"


class Signer:
    """Signs and checks requests between processes. Times are those of the clock; nonces are remembered in memory."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key = hmac.digest(secret, _PURPOSE, "sha256")
        self._clock = clock
        self._seen: OrderedDict[str, float] = OrderedDict()

    def headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """What to send along."""
        at, nonce = f"{self._clock.now().timestamp():.3f}", secrets.token_urlsafe(18)
        signature = self._sign(method, path, at, nonce, body)
        return {"X-Voicebot-Time": at, "X-Voicebot-Nonce": nonce, "X-Voicebot-Signature": signature}

    def check(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Take a request once.

        Raises:
            Problem: 401, saying what is wrong with it.
        """
        at, nonce = headers.get("x-voicebot-time", ""), headers.get("x-voicebot-nonce", "")
        given = headers.get("x-voicebot-signature", "")
        wanted = self._sign(method, path, at, nonce, body)
        if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
            detail = "The signature is wrong. Give every server process the same VOICEBOT_SECRET."
            raise Problem(401, "bad_signature", detail)
        now = self._clock.now().timestamp()
        try:
            age = abs(now - float(at))
        except ValueError:
            raise Problem(401, "bad_signature", "The time of the request cannot be read.") from None
        if not age <= WINDOW_S:
            detail = f"The request is {age:.0f} s away from our clock. Keep the servers' clocks together."
            raise Problem(401, "stale_request", detail)
        self._forget(now)
        if nonce in self._seen:
            raise Problem(401, "replayed", "This request was taken before.")
        self._seen[nonce] = now + 2 * WINDOW_S
        if len(self._seen) > _NONCES:
            self._seen.popitem(last=False)

    def _sign(self, method: str, path: str, at: str, nonce: str, body: bytes) -> str:
        words = "\n".join((method.upper(), path, at, nonce, hashlib.sha256(body).hexdigest()))
        return hmac.new(self._key, words.encode("utf-8", "replace"), "sha256").hexdigest()

    def _forget(self, now: float) -> None:
        while self._seen and next(iter(self._seen.values())) < now:
            self._seen.popitem(last=False)


class Calls:
    """Live calls wherever they are held."""

    def __init__(self, ports: DeskPorts, here: Switchboard, signer: Signer, http: httpx.AsyncClient) -> None:
        self._ports, self._here, self._signer, self._http = ports, here, signer, http

    async def do(self, conversation: ConversationId, node: str, command: Command) -> Outcome:
        """Carry a command out where the call is. ``node`` empty: ask every process that is alive.

        Raises:
            NotFound: the call is over.
            ChannelError: it cannot be done with this call now.
            BackendError: the process that holds it does not answer.
        """
        if self._here.holds(conversation):
            return await self._here.do(conversation, command)
        for other in await self._others(node):
            try:
                return await self._forward(other, conversation, command)
            except NotFound:
                continue
        raise NotFound("This call is over.")

    async def _others(self, node: str) -> Sequence[str]:
        alive = [other for other in await self._ports.nodes() if other != self._ports.settings.node]
        return [other for other in alive if not node or other == node]

    async def _forward(self, node: str, conversation: ConversationId, command: Command) -> Outcome:
        path, body = address_of(conversation), command.model_dump_json().encode()
        headers = {"Content-Type": "application/json", **self._signer.headers("POST", path, body)}
        patience_s = _REFER_S if isinstance(command, Refer) else _FORWARD_S
        try:
            answer = await self._http.post(
                f"{node.rstrip('/')}{path}", content=body, headers=headers, timeout=patience_s
            )
        except httpx.HTTPError as error:
            _log.error("server %s does not answer: %s", node, type(error).__name__)
            raise BackendError("The server that holds this call does not answer. Try again in a moment.") from None
        if answer.is_success:
            return Outcome.model_validate_json(answer.content)
        raise _refusal(node, answer)


async def take(here: Switchboard, signer: Signer, method: str, path: str, body: bytes, headers: Mapping[str, str],
               conversation: str) -> Outcome:  # fmt: skip
    """A command that another process sent us."""
    signer.check(method, path, body, headers)
    return await here.do(ConversationId(conversation), COMMAND.validate_json(body))


def _refusal(node: str, answer: httpx.Response) -> VoicebotError:
    """The other process's error as our own."""
    try:
        problem = json.loads(answer.content)
        code, detail = str(problem.get("code", "")), str(problem.get("detail", ""))
    except (ValueError, AttributeError):
        code, detail = "", ""
    if answer.status_code == 404:
        return NotFound(detail or "This call is over.")
    if answer.status_code == 401:
        _log.error("server %s refuses our commands (%s): give both the same VOICEBOT_SECRET", node, code)
        return BackendError("The servers do not trust each other. The operator gives all the same VOICEBOT_SECRET.")
    if answer.status_code in (400, 409, 503) and detail:
        return ChannelError(detail)
    _log.error("server %s failed with %d", node, answer.status_code)
    return BackendError("The server that holds this call failed. Try again in a moment.")
