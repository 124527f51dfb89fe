"""Request bodies have a limit, held while they arrive: a large upload is refused, not collected."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicebot.web.problems import problem_response

DISCARD_BYTES = 64 * 1024 * 1024
"""How much of a refused body is still taken off the line and thrown away. Most clients read the answer only after they
have sent everything; closing at once would show them a broken connection instead of the reason."""
DISCARD_S = 10.0


class _TooLarge(Exception):
    """The body went over the limit while it was being read."""


class BodyLimit:
    """Answers 413 to bodies above ``max_bytes``: by Content-Length where there is one, else at the first byte over."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting ``receive``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if declared.isdigit() and (len(declared) > 18 or int(declared) > self._max_bytes):
            await self._refuse(scope, receive, send)
            return
        seen, over, started = 0, False, False

        async def counted() -> Message:
            nonlocal seen, over
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > self._max_bytes:
                    over = True
                    raise _TooLarge
            return message

        async def guarded(message: Message) -> None:
            nonlocal started
            if over and not started:
                return
            started = True
            await send(message)

        try:
            await self._app(scope, counted, guarded)
        except _TooLarge:
            pass
        if over and not started:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._discard(receive)
        detail = f"The body is larger than {self._max_bytes} bytes. Send less in one request."
        response = problem_response(413, "body_too_large", detail, headers={"Connection": "close"})
        await response(scope, receive, send)

    @staticmethod
    async def _discard(receive: Receive) -> None:
        """Take what still comes, keep nothing of it, and give up on what is endless or slow."""
        left = DISCARD_BYTES
        try:
            async with asyncio.timeout(DISCARD_S):
                while left > 0:
                    message = await receive()
                    if message["type"] != "http.request" or not message.get("more_body", False):
                        return
                    left -= max(1, len(message.get("body", b"")))
        except TimeoutError:
            return
