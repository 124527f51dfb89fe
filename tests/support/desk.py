"""A desk on a store, with customers who ask and agents who answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from voicebot.clock import SystemClock
from voicebot.desk import Contact, DeskContent, Dialler, DialOutcome, EmbeddedDesk, load_desk
from voicebot.domain import (
    EN,
    JA,
    AgentId,
    Channel,
    ConversationId,
    HandoffId,
    HandoffReason,
    HandoffRequest,
    Language,
    Presence,
    TenantId,
)
from voicebot.sim.clock import VirtualClock
from voicebot.store import SqlStore

FLOWS = Path(__file__).parents[2] / "flows"
SHOP, TELECOM = TenantId("shop"), TenantId("telecom")
MIDDAY = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
"""A Wednesday: noon in Tokyo."""
_numbers = itertools.count(1)


def companies() -> dict[TenantId, DeskContent]:
    return {tenant: load_desk(FLOWS, tenant) for tenant in (SHOP, TELECOM)}


class Ringing:
    """A dialler that gives the outcomes it was told to, and remembers what it rang."""

    def __init__(self, *outcomes: DialOutcome) -> None:
        self.outcomes, self.rung = list(outcomes), list[tuple[HandoffId, str]]()

    async def ring(self, contact: Contact, number: str, ring_s: float) -> DialOutcome:
        self.rung.append((contact.id, number))
        return self.outcomes.pop(0) if self.outcomes else DialOutcome.ANSWERED


class Patient(Ringing):
    """Rings until it is told to stop; ``rings`` is set while it does."""

    def __init__(self, *outcomes: DialOutcome) -> None:
        super().__init__(*outcomes)
        self.rings, self.stop = asyncio.Event(), asyncio.Event()

    async def ring(self, contact: Contact, number: str, ring_s: float) -> DialOutcome:
        self.rings.set()
        await self.stop.wait()
        self.rings.clear()
        self.stop.clear()
        return await super().ring(contact, number, ring_s)


class Floor:
    """The desk of one process, its clock and its people."""

    def __init__(
        self,
        store: SqlStore,
        clock: VirtualClock | SystemClock,
        contents: Mapping[TenantId, DeskContent],
        node: str = "n1",
        dialler: Dialler | None = None,
    ) -> None:
        self.store, self.clock, self.contents, self.node = store, clock, contents, node
        self.desk = EmbeddedDesk(store, clock, contents, node=node, dialler=dialler)

    async def open(self) -> Floor:
        await self.desk.enrol_rosters()
        return self

    async def present(self, *agents: str) -> None:
        """These agents sign in and are available."""
        for name in agents:
            await self.desk.sign_in(AgentId(name), f"s-{name}", self.node)
            await self.desk.set_presence(AgentId(name), Presence.AVAILABLE)

    async def beat(self, *agents: str) -> None:
        for name in agents:
            await self.desk.heartbeat(AgentId(name), f"s-{name}")

    async def pass_s(self, seconds: float, *alive: str) -> None:
        """Time goes by second by second; these agents' consoles beat."""
        for _ in range(int(seconds)):
            assert isinstance(self.clock, VirtualClock)
            await self.clock.advance(1)
            await self.beat(*alive)
            await self.desk.tick()

    async def conversation(
        self, channel: Channel = Channel.VOICE, tenant: TenantId = SHOP, language: Language = JA
    ) -> ConversationId:
        name = ConversationId(f"dk-{next(_numbers)}-{self.node}")
        await self.store.open_conversation(name, tenant, channel, language, "", self.clock.now())
        return name

    async def wish(
        self,
        *skills: str,
        channel: Channel = Channel.VOICE,
        tenant: TenantId = SHOP,
        language: Language = JA,
        priority: int = 5,
        **more: object,
    ) -> HandoffRequest:
        conversation = await self.conversation(channel, tenant, language)
        made = HandoffRequest(
            HandoffId(f"ho-{conversation}-1"),
            tenant,
            conversation,
            channel,
            language,
            skills or ("orders",),
            1,
            priority,
            HandoffReason.CUSTOMER_ASKED,
            node=self.node,
        )
        return replace(made, **more)  # type: ignore[arg-type]


__all__ = ["EN", "JA", "MIDDAY", "SHOP", "TELECOM", "Floor", "Patient", "Ringing", "companies"]
