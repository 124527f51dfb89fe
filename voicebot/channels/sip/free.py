"""Whether an address can be listened on."""

from __future__ import annotations

import asyncio

from voicebot.channels.sip.settings import SipSettings
from voicebot.errors import SettingsError


async def check_free(settings: SipSettings) -> None:
    """The engine does not say which address it could not take, so it is tried beforehand.

    Raises:
        SettingsError: another program has the address.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=("0.0.0.0" if settings.any_host else settings.host, settings.port)
        )
    except OSError as problem:
        raise SettingsError(
            f"The telephone cannot listen on {settings.host}:{settings.port} ({problem.strerror}). "
            "Stop the other program or set VOICEBOT_SIP to a free address."
        ) from problem
    transport.close()
