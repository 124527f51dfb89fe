"""Response headers that keep browsers from doing what our pages never ask for."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def content_security_policy(frame_origins: Sequence[str]) -> str:
    """The policy of our pages: own files only, nothing inline; ``frame_origins`` may show them in a frame."""
    ancestors = "*" if "*" in frame_origins else " ".join(["'self'", *frame_origins])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {ancestors}"
    )


_STAFF = ("/desk", "/assist", "/login", "/oidc/", "/api/")
"""Where the people of the centre work; visitors' pages are everything else."""


class SecurityHeaders:
    """Adds the headers to every HTTP response; static files may be used from other origins, for the widget.

    ``frame_origins`` may show visitors' pages in a frame. Pages of the desk may be framed by ``desk_origins`` alone,
    which are named one by one: whoever frames a console can lead its clicks.
    """

    def __init__(self, app: ASGIApp, frame_origins: Sequence[str], desk_origins: Sequence[str] = ()) -> None:
        self._app = app
        self._visitors = content_security_policy(frame_origins)
        self._staff = content_security_policy([origin for origin in desk_origins if origin != "*"])
        self._fixed = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        shared = path.startswith("/static/") or path == "/widget.js" or path.startswith("/widget/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = self._staff if path.startswith(_STAFF) else self._visitors
                headers.setdefault("Content-Security-Policy", policy)
                for name, value in self._fixed.items():
                    headers.setdefault(name, value)
                if shared:
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
                elif path.startswith(("/api/", "/t/", "/webhooks/", "/model/")):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)
