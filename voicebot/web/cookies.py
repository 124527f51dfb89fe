"""The session cookie: never readable by scripts, never sent in the clear where the page was not."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from voicebot.web.signed_in import COOKIE


def set_cookie(
    response: Response, connection: HTTPConnection, secret: str, max_age_s: int, *, cross_site: bool
) -> None:
    """Give the browser a session; an empty ``secret`` takes it away.

    ``cross_site``: the console is shown in a frame on another site, where a browser sends the cookie only when it is
    ``SameSite=None``, and keeps it apart for each site (``Partitioned``).
    """
    parts = [f"{COOKIE}={secret}", "Path=/", f"Max-Age={max_age_s if secret else 0}", "HttpOnly"]
    if cross_site:
        parts += ["Secure", "SameSite=None", "Partitioned"]
    else:
        parts += ["SameSite=Lax"] + (["Secure"] if connection.url.scheme == "https" else [])
    response.headers.append("Set-Cookie", "; ".join(parts))
