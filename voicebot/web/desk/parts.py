"""The parts of the console's server side, built once around its ports."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from voicebot.domain import TenantId
from voicebot.people import SignedIn
from voicebot.web.desk.access import Access, tenants_of
from voicebot.web.desk.floors import Floors
from voicebot.web.desk.handling import Handling
from voicebot.web.desk.headlines import Headlines
from voicebot.web.desk.invites import Invitations
from voicebot.web.desk.nodes import Calls, Signer
from voicebot.web.desk.ports import DeskPorts
from voicebot.web.desk.signs import Signs
from voicebot.web.desk.switchboard import Switchboard


class DeskParts:
    """One per process; :meth:`close` ends what runs beside requests."""

    def __init__(self, ports: DeskPorts) -> None:
        self.ports = ports
        self.headlines = Headlines(ports)
        self.access = Access(ports)
        self.signs = Signs(ports.log, ports.clock)
        self.invitations = Invitations(ports.settings.secret, ports.clock)
        self.signer = Signer(ports.settings.secret, ports.clock)
        self.switchboard = Switchboard(
            ports.calls, ports.headset, ports.dialler, ports.desk, self.signs, ports.settings.ring_s
        )
        self._http = httpx.AsyncClient(trust_env=False)
        self.calls = Calls(ports, self.switchboard, self.signer, self._http)
        self.handling = Handling(ports, self.access, self.calls)
        self.floors = Floors(ports)

    def tenants(self, signed: SignedIn) -> Sequence[TenantId]:
        """The companies this person sees."""
        return tenants_of(signed.person, tuple(self.ports.companies))

    async def close(self) -> None:
        """Give up what is still coming in, and the connections to other processes."""
        await self.switchboard.close()
        await self._http.aclose()
